//! The environment as it is put together, layer by layer, and what of it is noise.

use log::Ci;
use text::{Origin, OriginKind, Value, Variable};

use crate::Config;
use crate::data::Data;
use crate::expression::{self, Contexts};
use crate::files::YamlFile;
use crate::yaml::Node;

/// Variables in the order in which they were first set; a later value overrides, and the earlier one is kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Environment {
    pub(crate) variables: Vec<Variable>,
}

impl Environment {
    pub(crate) fn get(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|variable| variable.name == name)
    }

    pub(crate) fn set(&mut self, name: &str, value: Value, origin: Origin) {
        let Some(old) = self
            .variables
            .iter_mut()
            .find(|variable| variable.name == name)
        else {
            self.variables.push(Variable {
                name: name.to_owned(),
                value,
                origin,
                overridden: Vec::new(),
            });
            return;
        };
        if old.origin == origin && old.value == value {
            return;
        }
        let value = std::mem::replace(&mut old.value, value);
        let origin = std::mem::replace(&mut old.origin, origin);
        old.overridden.insert(0, (value, origin));
    }

    /// What the log shows of a variable. Where it agrees with the configuration, the configuration's place stays the origin:
    /// that is where a person would change it.
    pub(crate) fn observe(&mut self, name: &str, value: &Value, origin: &Origin) {
        let agrees = self.get(name).is_some_and(|known| {
            known.value == *value
                || matches!((&known.value, value), (Value::Known(_), Value::Masked(_)))
        });
        if !agrees {
            self.set(name, value.clone(), origin.clone());
        }
    }

    /// The same variable with its value filled in.
    pub(crate) fn replace(&mut self, name: &str, value: Value) {
        if let Some(variable) = self.variables.iter_mut().find(|it| it.name == name) {
            variable.value = value;
        }
    }

    /// Lets expressions see it as `env`.
    pub(crate) fn show(&self, contexts: &mut Contexts) {
        let of_job = |variable: &&Variable| variable.origin.kind != OriginKind::Container;
        let known = self.variables.iter().filter(of_job).map(|variable| {
            let data = match &variable.value {
                Value::Known(text) => Data::text(text),
                other => Data::unknown(other.text()),
            };
            (variable.name.clone(), data)
        });
        contexts.set("env", Data::map(known.collect(), true));
    }

    pub(crate) fn pairs(&self) -> Vec<(String, Value)> {
        self.variables
            .iter()
            .map(|variable| (variable.name.clone(), variable.value.clone()))
            .collect()
    }
}

/// One `env:` block over what is set so far. Its values see the environment below it.
pub(crate) fn layer(
    file: &YamlFile,
    node: &Node,
    kind: OriginKind,
    contexts: &mut Contexts,
    environment: &mut Environment,
) {
    let mut values = Vec::new();
    if let (Some(_), Data::Map(map)) = (
        node.text(),
        expression::fill(&Data::from_node(node), contexts),
    ) {
        // `env: ${{ fromJSON(...) }}`
        for (name, value) in &map.entries {
            values.push((
                name.clone(),
                value.to_value(),
                file.source.origin(kind, node.span),
            ));
        }
    }
    for entry in node.entries() {
        let value = match &entry.value.scalar() {
            Some(scalar) if scalar.text.contains("${{") => {
                expression::expand(&scalar.text, contexts).value()
            }
            _ => Data::from_node(&entry.value).to_value(),
        };
        values.push((
            entry.key.clone(),
            value,
            file.source
                .origin(kind, entry.key_span.cover(entry.value.span)),
        ));
    }
    for (name, value, origin) in values {
        environment.set(&name, value, origin);
    }
    environment.show(contexts);
}

/// Splits into what a test can see and noise, both sorted by name.
pub(crate) fn split(
    environment: Environment,
    ci: Ci,
    config: &Config,
) -> (Vec<Variable>, Vec<Variable>) {
    let mut all = environment.variables;
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all.into_iter()
        .partition(|variable| !is_noise(variable, ci, config))
}

fn is_noise(variable: &Variable, ci: Ci, config: &Config) -> bool {
    let name = variable.name.as_str();
    if config
        .ignore
        .iter()
        .any(|pattern| matches_pattern(pattern, name))
    {
        return true;
    }
    if variable.origin.kind == OriginKind::SetupAction {
        return is_tool_path(variable.value.text());
    }
    const NEVER: [&str; 5] = [
        "PYTEST_ADDOPTS",
        "PYTHONPATH",
        "PYTHONHASHSEED",
        "PYTHONWARNINGS",
        "LD_LIBRARY_PATH",
    ];
    if NEVER.contains(&name) {
        return false;
    }
    const SYSTEM: [&str; 15] = [
        "HOME",
        "PATH",
        "PWD",
        "OLDPWD",
        "SHLVL",
        "SHELL",
        "USER",
        "LOGNAME",
        "HOSTNAME",
        "TERM",
        "_",
        "ImageOS",
        "ImageVersion",
        "INVOCATION_ID",
        "JOURNAL_STREAM",
    ];
    const PREFIXES: [&str; 3] = ["GITHUB_", "RUNNER_", "ACTIONS_"];
    let of_service: &[&str] = match ci {
        Ci::GitHub | Ci::Plain => &[],
        Ci::GitLab => &["CI_", "GITLAB_", "FF_", "GIT_"],
        Ci::Azure => &["SYSTEM_", "BUILD_", "AGENT_", "TF_BUILD"],
        Ci::Buildkite => &["BUILDKITE"],
        Ci::CircleCi => &["CIRCLE"],
        Ci::Jenkins => &["JENKINS_", "BUILD_", "JOB_", "HUDSON_"],
    };
    SYSTEM.contains(&name)
        || PREFIXES
            .iter()
            .chain(of_service)
            .any(|prefix| name.starts_with(prefix))
        || variable.origin.kind == OriginKind::CiDefault
}

/// Whether a value points into the machine's tools, as what set-up actions write does.
fn is_tool_path(value: &str) -> bool {
    const FOLDERS: [&str; 6] = [
        "hostedtoolcache",
        "/_tool/",
        "/_tool",
        "miniconda",
        "micromamba",
        "\\_tool",
    ];
    FOLDERS.iter().any(|folder| value.contains(folder))
}

/// `*` stands for any run of characters.
pub(crate) fn matches_pattern(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}
