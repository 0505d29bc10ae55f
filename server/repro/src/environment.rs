//! CI's environment as the script's exports: what can matter here is set, the rest is named with its reason.

use text::{Origin, OriginKind, Value, Variable, is_secret_name};

use crate::Evidence;
use crate::command;
use crate::places::Places;
use crate::quote::{CommentText, ShellWord, is_name};

/// What the script does about a variable.
#[derive(Debug, Clone)]
pub(crate) struct Export<'a> {
    pub(crate) variable: &'a Variable,
    pub(crate) state: State,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum State {
    /// The line of the script.
    Set(String),
    /// The line of the script that asks for it.
    Asked(String),
    /// Why it is not set.
    LeftOut(&'static str),
}

/// A variable of the CI job, and what a generated script does about it.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub name: String,
    /// `export NAME=value`, quoted; `None` where it is left out or asked of the person.
    pub line: Option<String>,
    /// Where it was read, for a comment: `path:line (kind)`.
    pub origin: String,
    /// Why it is left out.
    pub left_out: Option<&'static str>,
}

/// What a generated script does about each variable of the CI job. `code` is the test, which can name some of them.
pub fn wanted(evidence: &Evidence, code: &str) -> Vec<Wanted> {
    let exports = exports(evidence, code, &Places::of(evidence)).into_iter();
    exports
        .map(|export| Wanted {
            name: export.variable.name.clone(),
            left_out: match export.state {
                State::LeftOut(why) => Some(why),
                State::Set(_) | State::Asked(_) => None,
            },
            line: match export.state {
                State::Set(line) => Some(line),
                State::Asked(_) | State::LeftOut(_) => None,
            },
            origin: origin_comment(&export.variable.origin, &evidence.log_path)
                .as_str()
                .to_owned(),
        })
        .collect()
}

/// Names that the script needs for itself; none of them is exported.
const OWN: [&str; 6] = [
    "SCRIPT_DIR",
    "WORKSPACE_DIR",
    "venv_dir",
    "pytest_command",
    "time_limit",
    "test_status",
];

/// Names that bash does not let be set, or that change how it reads the script itself.
const OF_BASH: [&str; 22] = [
    "BASHOPTS",
    "BASH_ARGC",
    "BASH_ARGV",
    "BASH_ENV",
    "BASH_LINENO",
    "BASH_SOURCE",
    "BASH_VERSINFO",
    "CDPATH",
    "DIRSTACK",
    "ENV",
    "EUID",
    "FUNCNAME",
    "GLOBIGNORE",
    "GROUPS",
    "HISTFILE",
    "IFS",
    "PIPESTATUS",
    "POSIXLY_CORRECT",
    "PPID",
    "PROMPT_COMMAND",
    "SHELLOPTS",
    "UID",
];

/// What belongs to the machine and not to the job.
const OF_MACHINE: [&str; 14] = [
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
    "TMPDIR",
    "VIRTUAL_ENV",
    "REPRO_TIMEOUT_SECONDS",
];

pub(crate) fn exports<'a>(evidence: &'a Evidence, code: &str, places: &Places) -> Vec<Export<'a>> {
    let mut exports: Vec<Export<'a>> = variables(evidence, code)
        .into_iter()
        .map(|variable| Export {
            state: state(variable, code, places),
            variable,
        })
        .collect();
    exports.sort_by(|a, b| a.variable.name.cmp(&b.variable.name));
    exports.dedup_by(|a, b| a.variable.name == b.variable.name);
    exports
}

/// `path:line (kind)`.
pub(crate) fn origin(origin: &Origin, log_path: &str) -> String {
    let path = if origin.path.is_empty() {
        log_path
    } else {
        &origin.path
    };
    format!("{path}:{} ({})", origin.line, origin.kind.name())
}

pub(crate) fn origin_comment(of: &Origin, log_path: &str) -> CommentText {
    CommentText::new(&origin(of, log_path), 200)
}

/// The variables that the test could see, and of the CI service's own those that programs are known to ask for.
fn variables<'a>(evidence: &'a Evidence, code: &str) -> Vec<&'a Variable> {
    let Some(configuration) = evidence.configurations.first() else {
        let step = evidence.step.iter().flat_map(|step| &step.env);
        let names: Vec<&str> = step.clone().map(|it| it.name.as_str()).collect();
        let container = &evidence.job.container_env;
        let container = container
            .iter()
            .filter(|it| !names.contains(&it.name.as_str()));
        return step
            .chain(container)
            .filter(|it| !is_of_service(it) || mentions(code, &it.name))
            .collect();
    };
    let noise = configuration.noise.iter().filter(|variable| {
        let known = variable.value.known().is_some();
        // `CI` alone changes how pytest shortens messages, and profiles of Hypothesis.
        known && (variable.name == "CI" || mentions(code, &variable.name))
    });
    configuration.variables.iter().chain(noise).collect()
}

fn is_of_service(variable: &Variable) -> bool {
    let prefixes = ["GITHUB_", "RUNNER_", "ACTIONS_"];
    prefixes
        .iter()
        .any(|prefix| variable.name.starts_with(prefix))
        || variable.origin.kind == OriginKind::CiDefault && variable.name != "CI"
}

fn state(variable: &Variable, code: &str, places: &Places) -> State {
    let name = variable.name.as_str();
    if !is_name(name) {
        return State::LeftOut("bash cannot set a variable of that name");
    }
    if OWN.contains(&name) {
        return State::LeftOut("the script needs the name itself");
    }
    if OF_BASH.contains(&name) {
        return State::LeftOut("it would change how bash runs the script");
    }
    if OF_MACHINE.contains(&name) {
        return State::LeftOut("it belongs to CI's machine");
    }
    let value = match &variable.value {
        Value::Unresolved(text) if !is_secret_name(name) && !text.contains("secrets.") => {
            return State::LeftOut("its value is not known");
        }
        Value::Known(value) if !is_secret_name(name) => value,
        _ => {
            if !mentions(code, name) {
                return State::LeftOut(
                    "CI had a secret here; export it yourself if the test needs it",
                );
            }
            let word = ShellWord::required(name, "CI had a secret here");
            return match word {
                Some(word) => State::Asked(format!("export {name}={word}")),
                None => State::LeftOut("CI had a secret here"),
            };
        }
    };
    match name {
        "PYTHONPATH" | "LD_LIBRARY_PATH" => search_path(name, value, places),
        "PYTEST_ADDOPTS" => additional_options(value, places),
        "PYTEST_PLUGINS" => set(name, places.word(value).before_callers(name, ',')),
        _ if is_tool_path(value) && variable.origin.kind == OriginKind::SetupAction => {
            State::LeftOut("it points into CI's tool cache")
        }
        _ if value.contains("hostedtoolcache") && is_machine_path(value) => {
            State::LeftOut("it points into CI's tool cache")
        }
        _ => {
            let word = places.mapped(value).or_else(|| {
                is_machine_path(value)
                    .then(|| ShellWord::default_of(name, value))
                    .flatten()
            });
            set(name, word.unwrap_or_else(|| ShellWord::new(value)))
        }
    }
}

fn set(name: &str, word: ShellWord) -> State {
    State::Set(format!("export {name}={word}"))
}

/// A list of folders: CI's tool cache is not here, and what the caller has comes after.
fn search_path(name: &str, value: &str, places: &Places) -> State {
    let parts: Vec<&str> = value
        .split(':')
        .filter(|part| !is_tool_path(part))
        .collect();
    if parts.iter().all(|part| part.is_empty()) && !value.is_empty() {
        return State::LeftOut("it points into CI's tool cache");
    }
    let value = parts.join(":");
    if value.is_empty() {
        return State::LeftOut("it was empty, which sets no folder");
    }
    set(name, places.word(&value).before_callers(name, ':'))
}

/// `PYTEST_ADDOPTS` without what chooses tests, reports or starts workers.
fn additional_options(value: &str, places: &Places) -> State {
    let words = shlex::split(value).unwrap_or_default();
    let Some(options) = command::classify(words) else {
        return State::LeftOut("its value cannot be read as options");
    };
    let kept: Vec<&str> = options
        .outcome_flags
        .iter()
        .filter(|flag| command::why_not(flag).is_none())
        .flatten()
        .map(String::as_str)
        .collect();
    let Ok(kept) = shlex::try_join(kept) else {
        return State::LeftOut("its value cannot be read as options");
    };
    if kept.is_empty() {
        return State::LeftOut("nothing in it decides the outcome of one test");
    }
    set(
        "PYTEST_ADDOPTS",
        places.word(&kept).before_callers("PYTEST_ADDOPTS", ' '),
    )
}

/// Absolute paths, `:` between them: what may give way to the caller's value.
pub fn is_machine_path(value: &str) -> bool {
    value
        .split(':')
        .all(|part| part.starts_with('/') && part.len() > 1)
}

fn is_tool_path(value: &str) -> bool {
    ["hostedtoolcache", "/_tool/", "miniconda", "micromamba"]
        .iter()
        .any(|folder| value.contains(folder))
}

/// Whether the name stands in the text as a whole word.
pub(crate) fn mentions(text: &str, name: &str) -> bool {
    if name.is_empty() {
        return false;
    }
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        !text[..at].chars().next_back().is_some_and(is_word)
            && !text[at + name.len()..].chars().next().is_some_and(is_word)
    })
}
