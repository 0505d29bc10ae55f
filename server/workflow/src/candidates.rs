//! Which jobs of the configuration a log can be of, best first.

use std::rc::Rc;
use std::sync::Arc;

use log::{Ci, Log};
use text::{Problem, Span};

use crate::data::Data;
use crate::expression::{self, Contexts};
use crate::files::{Files, YamlFile, normal};
use crate::matrix::{self, Leg};
use crate::yaml::Node;

/// How deep reusable workflows may call each other, as GitHub bounds it.
const MAX_CALLS: usize = 10;
/// How many candidates are told.
const MAX_CANDIDATES: usize = 5;

/// A job that may be the log's.
pub(crate) struct Candidate {
    pub(crate) file: Rc<YamlFile>,
    pub(crate) job: String,
    pub(crate) line: u32,
    pub(crate) node: Arc<Node>,
    pub(crate) leg: Leg,
    pub(crate) contexts: Contexts,
    pub(crate) why: Vec<String>,
    pub(crate) problems: Vec<Problem>,
    score: usize,
}

pub(crate) fn find(log: &Log, step: Option<usize>, files: &Files<'_>) -> Vec<Candidate> {
    let mut found = match log.ci {
        Ci::GitHub => github(log, step, files),
        Ci::GitLab => gitlab(log, step, files),
        _ => Vec::new(),
    };
    found.sort_by_key(|candidate| std::cmp::Reverse(candidate.score));
    found.truncate(MAX_CANDIDATES);
    found
}

/// `.github/workflows/f.yml` of `owner/repo/.github/workflows/f.yml@ref`, or of `./.github/workflows/f.yml`.
pub(crate) fn workflow_path(uses: &str) -> Option<String> {
    let uses = uses.split('@').next()?;
    let at = uses.find(".github/workflows/")?;
    normal(&uses[at..])
}

fn github(log: &Log, step: Option<usize>, files: &Files<'_>) -> Vec<Candidate> {
    let named = log
        .job
        .workflow
        .as_ref()
        .and_then(|fact| workflow_path(&fact.text));
    let name = log.job.name.as_ref().map(|fact| fact.text.trim());
    let mut paths: Vec<String> = files
        .workspace
        .list(".github/workflows")
        .into_iter()
        .filter(|file| file.ends_with(".yml") || file.ends_with(".yaml"))
        .map(|file| format!(".github/workflows/{file}"))
        .collect();
    if let Some(named) = &named
        && paths.contains(named)
    {
        paths = vec![named.clone()];
    }
    let words: Vec<&str> = name
        .unwrap_or_default()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| word.len() > 2)
        .collect();
    let script = step.and_then(|idx| log.steps[idx].script.as_deref());
    let mut found = Vec::new();
    for path in &paths {
        let Some(text) = files.workspace.read(path) else {
            continue;
        };
        let may_match = named.as_ref() == Some(path)
            || words.is_empty()
            || text.contains("matrix")
            || words.iter().any(|word| text.contains(word));
        if !may_match {
            continue;
        }
        let mut search = Search {
            log,
            files,
            script,
            is_named: named.as_ref() == Some(path),
            found: &mut found,
        };
        search.workflow(path, name, &base_contexts(log), &mut Vec::new(), &[]);
    }
    found
}

/// What the log itself says for `github`, `inputs`, ...
fn base_contexts(log: &Log) -> Contexts {
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
    if let Some(checkout) = &log.job.checkout {
        put("workspace", checkout.text.clone());
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

/// An input as the log prints it: a flag is one again.
fn input(text: &str) -> Data {
    match text {
        "true" => Data::Bool(true),
        "false" => Data::Bool(false),
        _ => Data::text(text),
    }
}

struct Search<'s, 'w> {
    log: &'s Log,
    files: &'s Files<'w>,
    script: Option<&'s str>,
    is_named: bool,
    found: &'s mut Vec<Candidate>,
}

impl Search<'_, '_> {
    fn workflow(
        &mut self,
        path: &str,
        name: Option<&str>,
        contexts: &Contexts,
        chain: &mut Vec<String>,
        notes: &[String],
    ) {
        if chain.len() >= MAX_CALLS || chain.iter().any(|seen| seen == path) {
            return;
        }
        let Some(file) = self.files.yaml(path) else {
            return;
        };
        let Some(jobs) = file.root().and_then(|root| root.get("jobs")).cloned() else {
            return;
        };
        chain.push(path.to_owned());
        let contexts = with_defaults(&file, contexts);
        for entry in jobs.entries() {
            self.job(
                &file,
                &entry.key,
                entry.key_span,
                &entry.value,
                name,
                &contexts,
                chain,
                notes,
            );
        }
        chain.pop();
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "they are one place in the walk; a struct would only be taken apart again"
    )]
    fn job(
        &mut self,
        file: &Rc<YamlFile>,
        id: &str,
        id_span: Span,
        node: &Arc<Node>,
        name: Option<&str>,
        contexts: &Contexts,
        chain: &mut Vec<String>,
        notes: &[String],
    ) {
        let line = file.source.line(id_span.start);
        let matrix_node = node.at(&["strategy", "matrix"]);
        let (legs, cut) = matrix::legs(matrix_node, contexts);
        let mut problems = Vec::new();
        if cut && let Some(matrix_node) = matrix_node {
            problems.push(Problem {
                message: format!(
                    "the matrix has more than {} legs; the rest is left out",
                    matrix::MAX_LEGS
                ),
                path: file.source.path.clone(),
                span: matrix_node.span,
            });
        }
        let called = node
            .get("uses")
            .and_then(|uses| uses.text())
            .and_then(workflow_path);
        let mut best: Option<(usize, Candidate)> = None;
        for leg in legs {
            let mut contexts = contexts.clone();
            let is_open = matrix_node.is_some() && leg.is_empty();
            contexts.set(
                "matrix",
                if is_open {
                    Data::map(Vec::new(), true)
                } else {
                    matrix::context(&leg)
                },
            );
            let shown = display_names(id, node, &leg, &contexts);
            if let Some(called) = &called {
                let rest = name.and_then(|name| {
                    shown
                        .iter()
                        .find_map(|shown| name.strip_prefix(shown.as_str())?.strip_prefix(" / "))
                });
                if let Some(rest) = rest {
                    let inner = call_contexts(node, &contexts, self.log);
                    let mut notes = notes.to_vec();
                    notes.push(format!("job `{id}` of {} calls {called}", file.source.path));
                    self.workflow(called, Some(rest), &inner, chain, &notes);
                }
                continue;
            }
            // A workflow that the log names as the one called: its jobs have the last part of the name.
            let last = name
                .and_then(|name| name.split_once(" / "))
                .map(|(_, last)| last);
            let by_name = name.is_some_and(|name| {
                shown.iter().any(|shown| {
                    fits(shown, name)
                        || (self.is_named && last.is_some_and(|last| fits(shown, last)))
                })
            });
            let steps = node.get("steps").map_or(&[][..], |steps| steps.items());
            let by_script = self.script.is_some_and(|script| {
                steps.iter().any(|step| {
                    step.get("run")
                        .and_then(|run| run.text())
                        .is_some_and(|run| {
                            fits(
                                expression::expand(run, &contexts).text().trim_end(),
                                script.trim_end(),
                            )
                        })
                })
            });
            if !by_name && !by_script {
                continue;
            }
            let mut why = notes.to_vec();
            if self.is_named {
                why.push("the log names the workflow file".to_owned());
            }
            if by_name {
                why.push(format!(
                    "the job's name gives \"{}\"",
                    name.unwrap_or_default()
                ));
            }
            if by_script {
                why.push("a step of it has the log's script".to_owned());
            }
            let score = usize::from(self.is_named) * 8
                + usize::from(by_name) * 4
                + usize::from(by_script) * 2;
            if best.as_ref().is_none_or(|(known, _)| score > *known) {
                best = Some((
                    score,
                    Candidate {
                        file: Rc::clone(file),
                        job: id.to_owned(),
                        line,
                        node: Arc::clone(node),
                        leg,
                        contexts,
                        why,
                        problems: problems.clone(),
                        score,
                    },
                ));
            }
        }
        self.found.extend(best.map(|(_, candidate)| candidate));
    }
}

/// Whether a text with expressions left in it can have become the other one. A cut name (`...`) fits by its start.
pub(crate) fn fits(template: &str, text: &str) -> bool {
    if let Some(start) = text.strip_suffix("...")
        && template.starts_with(start)
    {
        return true;
    }
    let mut rest = text;
    let mut is_anchored = true;
    let pieces = expression::pieces(template);
    let ends_open = matches!(pieces.last(), Some(expression::Piece::Expression { .. }));
    let count = pieces.len();
    for (idx, piece) in pieces.into_iter().enumerate() {
        let expression::Piece::Literal(literal, _) = piece else {
            is_anchored = false;
            continue;
        };
        if !is_anchored && idx + 1 == count {
            return rest.ends_with(literal);
        }
        match rest.find(literal) {
            Some(0) => rest = &rest[literal.len()..],
            Some(at) if !is_anchored => rest = &rest[at + literal.len()..],
            _ => return false,
        }
        is_anchored = true;
    }
    rest.is_empty() || ends_open
}

/// The names under which GitHub may show a leg.
fn display_names(id: &str, node: &Node, leg: &Leg, contexts: &Contexts) -> Vec<String> {
    let mut leaves = Vec::new();
    leg.iter()
        .for_each(|(_, value, _)| value.leaves(&mut leaves));
    let leaves: Vec<String> = leaves
        .into_iter()
        .flatten()
        .filter(|leaf| !leaf.is_empty())
        .collect();
    let base = match node.get("name").and_then(|name| name.text()) {
        Some(template) => expression::expand(template, contexts)
            .text()
            .trim()
            .to_owned(),
        None => id.to_owned(),
    };
    let with_leg = format!("{base} ({})", leaves.join(", "));
    if leaves.is_empty() {
        vec![base]
    } else {
        vec![base, with_leg]
    }
}

/// Inputs that the caller leaves out have their defaults.
fn with_defaults(file: &YamlFile, contexts: &Contexts) -> Contexts {
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
fn call_contexts(node: &Node, contexts: &Contexts, log: &Log) -> Contexts {
    let mut inner = base_contexts(log);
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

/// GitLab's log does not name its job: the one whose commands the log shows.
fn gitlab(log: &Log, step: Option<usize>, files: &Files<'_>) -> Vec<Candidate> {
    let Some(file) = files.yaml(".gitlab-ci.yml") else {
        return Vec::new();
    };
    let shown = step
        .and_then(|idx| log.steps[idx].script.clone())
        .unwrap_or_default();
    let lines: Vec<&str> = shown.lines().map(str::trim).collect();
    let mut found = Vec::new();
    for entry in file.roots.iter().flat_map(|root| root.entries()) {
        let script: Vec<&str> = entry
            .value
            .get("script")
            .map_or(Vec::new(), |script| script.strings())
            .into_iter()
            .flat_map(|(text, _)| text.lines())
            .collect();
        let hits = script
            .iter()
            .filter(|line| lines.contains(&line.trim()))
            .count();
        if hits == 0 {
            continue;
        }
        found.push(Candidate {
            file: Rc::clone(&file),
            job: entry.key.clone(),
            line: file.source.line(entry.key_span.start),
            node: Arc::clone(&entry.value),
            leg: Leg::new(),
            contexts: Contexts::default(),
            why: vec![format!(
                "{hits} of its {} script lines stand in the log",
                script.len()
            )],
            problems: Vec::new(),
            score: hits * 100 / script.len().max(1),
        });
    }
    found
}
