//! What expressions can refer to (`github`, `inputs`, ...), as far as the log and the configuration tell it.

use log::{Ci, Log};

use crate::data::Data;
use crate::expression::{self, Contexts};
use crate::files::YamlFile;
use crate::yaml::Node;

/// What the log itself says for `github`, `inputs`, ...
pub(crate) fn of_log(log: &Log) -> Contexts {
    let mut contexts = Contexts::default();
    let mut github = Vec::new();
    let mut put = |name: &str, text: String| github.push((name.to_owned(), Data::text(text)));
    if let Some(workflow) = &log.job.workflow {
        let repository: Vec<&str> = workflow.text.split('/').take(2).collect();
        put("repository", repository.join("/"));
    }
    if let Some(reference) = &log.job.reference {
        put("ref", reference.text.clone());
        if let Some(branch) = reference.text.strip_prefix("refs/heads/") {
            put("ref_name", branch.to_owned());
        }
    }
    if let Some(commit) = &log.job.commit {
        put("sha", commit.text.clone());
    }
    if let Some(checkout) = checkout(log) {
        put("workspace", checkout);
    }
    contexts.set("github", Data::map(github, true));
    for name in [
        "secrets", "vars", "needs", "steps", "runner", "env", "strategy", "job",
    ] {
        contexts.set(name, Data::map(Vec::new(), true));
    }
    let inputs = log
        .job
        .inputs
        .iter()
        .map(|(name, fact)| (name.clone(), input(&fact.text)))
        .collect();
    contexts.set("inputs", Data::map(inputs, true));
    contexts
}

/// The folder that the repository was checked out to: as the log says it, or the runner's `.../name/name` that pytest's root
/// is in.
pub(crate) fn checkout(log: &Log) -> Option<String> {
    if let Some(fact) = &log.job.checkout {
        return Some(fact.text.clone());
    }
    if log.ci != Ci::GitHub {
        return None;
    }
    let roots = log
        .sessions
        .iter()
        .filter_map(|session| session.rootdir.as_ref());
    roots.map(|fact| fact.text.as_str()).find_map(|root| {
        let prefix = ["/__w/", "/home/runner/work/", "/Users/runner/work/"]
            .into_iter()
            .find(|prefix| root.starts_with(prefix))?;
        let mut parts = root[prefix.len()..].split('/');
        let (outer, inner) = (parts.next()?, parts.next()?);
        (outer == inner).then(|| format!("{prefix}{outer}/{inner}"))
    })
}

/// Inputs that the caller leaves out have their defaults.
pub(crate) fn with_defaults(file: &YamlFile, contexts: &Contexts) -> Contexts {
    let mut contexts = contexts.clone();
    let declared = file
        .root()
        .and_then(|root| root.get("on").or_else(|| root.get("true")))
        .and_then(|on| on.at(&["workflow_call", "inputs"]).cloned());
    let (Some(declared), Some(Data::Map(given))) = (declared, contexts.get("inputs").cloned())
    else {
        return contexts;
    };
    let mut inputs = given.entries.clone();
    for entry in declared.entries() {
        if given.get(&entry.key).is_none() {
            let default = entry
                .value
                .get("default")
                .map_or(Data::text(""), |node| Data::from_node(node));
            inputs.push((entry.key.clone(), default));
        }
    }
    contexts.set("inputs", Data::map(inputs, given.open));
    contexts
}

/// What a called workflow sees: its inputs, those of the log first; none of the caller's environment or matrix.
pub(crate) fn of_call(node: &Node, contexts: &Contexts, log: &Log) -> Contexts {
    let mut inner = of_log(log);
    let mut inputs: Vec<(String, Data)> = log
        .job
        .inputs
        .iter()
        .map(|(name, fact)| (name.clone(), input(&fact.text)))
        .collect();
    for entry in node.get("with").map_or(&[][..], |with| with.entries()) {
        if !inputs.iter().any(|(name, _)| *name == entry.key) {
            inputs.push((
                entry.key.clone(),
                expression::fill(&Data::from_node(&entry.value), contexts),
            ));
        }
    }
    inner.set("inputs", Data::map(inputs, false));
    inner
}

/// An input as the log prints it: a flag is one again.
fn input(text: &str) -> Data {
    match text {
        "true" => Data::Bool(true),
        "false" => Data::Bool(false),
        _ => Data::text(text),
    }
}
