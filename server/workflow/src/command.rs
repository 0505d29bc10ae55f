//! The pytest command of the failing session, and the variables that its scripts set.

use log::{Log, Session, Step};
use shell::{Command, Evaluation, PytestCommand};
use text::{Origin, OriginKind, Span, Value, Variable};

use crate::JobConfiguration;
use crate::environment::Environment;
use crate::files::Files;
use crate::wrapper;

/// A script of the configuration that the log does not show, and where it stands.
pub(crate) struct Written {
    pub(crate) text: String,
    pub(crate) place: Origin,
}

/// How many wrappers may lie around each other.
const MAX_WRAPPERS: usize = 4;

/// A pytest command that a script runs.
struct Run {
    command: Command,
    pytest: PytestCommand,
    /// Where it stands; the step itself where that is `None`.
    origin: Option<Origin>,
    /// Where the variables stand that it sees.
    settings: Vec<Setting>,
    /// Patterns of the variables that a wrapper hands on; all where it is `None`.
    passes: Option<Vec<String>>,
}

#[derive(Clone)]
struct Setting {
    name: String,
    value: Value,
    origin: Option<Origin>,
    kind: OriginKind,
}

/// Follows the step's script into the workspace.
pub(crate) fn follow(
    answer: &mut JobConfiguration,
    environment: &mut Environment,
    log: &Log,
    step: (usize, &Step),
    files: &Files<'_>,
    folder: Option<&str>,
    written: Option<&Written>,
) {
    let (idx, step) = step;
    let checkout = crate::contexts::checkout(log);
    let folder = step
        .working_directory
        .as_ref()
        .map(|fact| fact.text.as_str())
        .or(folder)
        .unwrap_or_default();
    let cwd = match (checkout.as_deref(), folder) {
        (_, folder) if folder.starts_with('/') => Some(folder.to_owned()),
        (Some(checkout), "" | ".") => Some(checkout.to_owned()),
        (Some(checkout), folder) => Some(format!("{checkout}/{}", folder.trim_start_matches("./"))),
        (None, _) => None,
    };
    let here = match written {
        Some(written) => written.place.clone(),
        None => Origin {
            kind: OriginKind::LogHeader,
            path: String::new(),
            line: step.line,
            span: step.span,
        },
    };
    let folder_here = match (&checkout, folder) {
        (Some(checkout), folder) if folder.starts_with('/') => folder
            .strip_prefix(checkout.as_str())
            .unwrap_or_default()
            .trim_start_matches('/'),
        _ => folder,
    };
    let mut runs = Vec::new();
    let text = written
        .map(|it| it.text.as_str())
        .or(step.script.as_deref());
    if let Some(text) = text {
        let env = environment.pairs();
        let read = |name: &str| files.script(name, folder_here);
        let ctx = shell::Context {
            env: &env,
            arguments: &[],
            cwd: cwd.as_deref(),
            read: &read,
        };
        let evaluation = shell::evaluate(text, &ctx);
        activations(answer, &evaluation, files, &here);
        gather(
            &evaluation,
            files,
            folder_here,
            cwd.as_deref(),
            0,
            None,
            &mut runs,
        );
        answer.problems.extend(evaluation.problems);
    }
    let sessions: Vec<&Session> = log
        .sessions
        .iter()
        .filter(|session| session.step == Some(idx))
        .collect();
    let session = failing(log, idx, &sessions);
    let chosen = choose(&runs, log, session, &sessions);
    if let Some(run) = chosen {
        take(run, environment, &here, &step.env);
        answer.command = Some((
            run.pytest.clone(),
            run.origin.clone().unwrap_or_else(|| here.clone()),
        ));
    }
    // What the log itself says of the very session is better than any script.
    let traced = session.and_then(|session| session.command.clone());
    let logged = traced.or_else(|| {
        let only = sessions.len() < 2 || answer.command.is_none();
        step.command
            .clone()
            .filter(|command| only && !command.argv.is_empty())
    });
    if let Some(logged) = logged.filter(|command| !command.argv.is_empty()) {
        let differs = answer.command.as_ref().is_none_or(|(own, _)| {
            own.argv != logged.argv && session.is_some_and(|it| it.command.is_some())
        });
        if differs {
            let place = Origin {
                kind: OriginKind::LogHeader,
                path: String::new(),
                line: session.map_or(step.line, |session| session.line),
                span: logged.span,
            };
            answer.command = Some((logged, place));
        }
    }
    if chosen.is_none() {
        // No script to follow: what the log read of it is all there is.
        for (name, value, origin) in layers(&step.env, is_of_script) {
            environment.observe(name, value, origin);
        }
    }
    if answer.command.is_none() {
        answer.command = step.command.clone().map(|command| (command, here));
    }
    if let Some((command, _)) = &mut answer.command {
        match (&command.cwd, &cwd) {
            (None, _) => command.cwd = cwd,
            (Some(own), Some(cwd)) if !own.starts_with('/') => {
                command.cwd = Some(format!("{cwd}/{own}"));
            }
            _ => {}
        }
    }
}

/// The session of the step's first failure, else its last one: a script that ends at a failure ends with the failing session.
fn failing<'l>(log: &'l Log, step: usize, sessions: &[&'l Session]) -> Option<&'l Session> {
    log.failures
        .iter()
        .filter(|failure| failure.step == Some(step))
        .find_map(|failure| log.sessions.get(failure.session?))
        .or_else(|| sessions.last().copied())
}

/// The run that is the session: the traced words, then the paths of its failures, then its place among the sessions.
fn choose<'r>(
    runs: &'r [Run],
    log: &Log,
    session: Option<&Session>,
    sessions: &[&Session],
) -> Option<&'r Run> {
    let at = session.and_then(|session| {
        sessions
            .iter()
            .position(|known| std::ptr::eq(*known, session))
    });
    let own = session.and_then(|session| {
        log.sessions
            .iter()
            .position(|known| std::ptr::eq(known, session))
    });
    let failed: Vec<&str> = log
        .failures
        .iter()
        .filter(|failure| failure.session.is_some() && failure.session == own)
        .filter_map(|failure| failure.path.as_deref())
        .take(50)
        .collect();
    let mut best: Option<(i64, &Run)> = None;
    for (idx, run) in runs.iter().enumerate() {
        let mut score = 0_i64;
        if let Some(traced) = session.and_then(|session| session.command.as_ref()) {
            let same = traced.argv == run.pytest.argv;
            let alike = traced.paths == run.pytest.paths;
            score += if same {
                1_000
            } else if alike {
                200
            } else {
                0
            };
        }
        for path in &failed {
            score += if covers(&run.pytest.paths, path) {
                10
            } else {
                -100
            };
        }
        if at == Some(idx) {
            score += 5;
        } else if idx + 1 == runs.len() && at.is_some_and(|at| at > idx) {
            score += 1;
        }
        if best.as_ref().is_none_or(|(known, _)| score > *known) {
            best = Some((score, run));
        }
    }
    best.map(|(_, run)| run)
}

/// Whether a command with these paths can have run the test file. Paths that hold what is not known can be any.
fn covers(paths: &[String], file: &str) -> bool {
    let file = file.trim_start_matches("./");
    paths.is_empty()
        || paths.iter().any(|path| {
            let path = path.split("::").next().unwrap_or_default();
            let path = path.trim_start_matches("./").trim_end_matches('/');
            path.is_empty()
                || path == "."
                || path.contains(['$', '*'])
                || file == path
                || file
                    .strip_prefix(path)
                    .is_some_and(|rest| rest.starts_with('/'))
                // Seen from another folder.
                || file.ends_with(&format!("/{path}"))
                || path.ends_with(&format!("/{file}"))
                || file.contains(&format!("/{path}/"))
                || path.starts_with('/') && path.split('/').any(|part| file.starts_with(&format!("{part}/")))
        })
}

/// The pytest commands of a script and of the wrappers that it calls.
fn gather(
    evaluation: &Evaluation,
    files: &Files<'_>,
    folder: &str,
    cwd: Option<&str>,
    depth: usize,
    recipe: Option<&wrapper::Recipe>,
    runs: &mut Vec<Run>,
) {
    // A script's place: its own file, or the recipe that it was read from.
    let place = |path: &str, span: Span, kind: OriginKind| -> Option<Origin> {
        if !path.is_empty() {
            return Some(files.source(path)?.origin(kind, span));
        }
        recipe?.origin(files, span, kind)
    };
    for command in &evaluation.commands {
        if runs.len() >= 200 {
            return;
        }
        if let Some(pytest) = shell::pytest_command(command) {
            let settings = command
                .environment
                .iter()
                .map(|(name, value)| {
                    let inline = command.env.iter().any(|set| set.name == *name);
                    let set = command
                        .env
                        .iter()
                        .chain(&evaluation.assignments)
                        .rfind(|set| set.name == *name && set.value == *value);
                    let kind = if inline {
                        OriginKind::Inline
                    } else {
                        OriginKind::Export
                    };
                    let tool = recipe.and_then(|it| {
                        it.env
                            .iter()
                            .find(|(known, own, _)| known == name && own == value)
                    });
                    let (origin, kind) = match (set, tool) {
                        (None, Some((_, _, Some(origin)))) => {
                            (Some(origin.clone()), OriginKind::ToolConfig)
                        }
                        (None, Some(_)) => (None, OriginKind::Inline),
                        _ => (set.and_then(|set| place(&set.path, set.span, kind)), kind),
                    };
                    Setting {
                        name: name.clone(),
                        value: value.clone(),
                        origin,
                        kind,
                    }
                })
                .collect();
            runs.push(Run {
                command: command.clone(),
                origin: place(&command.path, command.span, OriginKind::Inline),
                pytest,
                settings,
                passes: recipe.and_then(|it| it.passes.clone()),
            });
        } else if depth < MAX_WRAPPERS {
            for mut inner in wrapper::recipes(command, files, folder, cwd) {
                inner.settle(&command.environment);
                let mut env = command.environment.to_vec();
                for (name, value, _) in &inner.env {
                    env.retain(|(known, _)| known != name);
                    env.push((name.clone(), value.clone()));
                }
                let read = |name: &str| files.script(name, folder);
                let ctx = shell::Context {
                    env: &env,
                    arguments: &[],
                    cwd: command.cwd.as_deref().or(cwd),
                    read: &read,
                };
                let evaluation = shell::evaluate(&inner.text, &ctx);
                let inner = Some(&inner);
                gather(&evaluation, files, folder, cwd, depth + 1, inner, runs);
            }
        }
    }
}

/// The environment that the run had.
fn take(run: &Run, environment: &mut Environment, here: &Origin, logged: &[Variable]) {
    for setting in &run.settings {
        let known = environment.get(&setting.name);
        let is_settled = known.is_some_and(|known| {
            // A trace or a list of variables tells the value that a script computed.
            let is_seen = matches!(known.origin.kind, OriginKind::Xtrace | OriginKind::Dump);
            known.value == setting.value || (is_seen && setting.value.known().is_none())
        });
        if is_settled {
            continue;
        }
        let in_log = || {
            layers(logged, is_of_script)
                .filter(|(name, value, _)| *name == setting.name && **value == setting.value)
                .map(|(_, _, origin)| origin.clone())
                .last()
        };
        let origin = setting.origin.clone().or_else(in_log).unwrap_or(Origin {
            kind: setting.kind,
            ..here.clone()
        });
        environment.set(&setting.name, setting.value.clone(), origin);
    }
    // What the script unset, or a wrapper did not hand on, the test did not see.
    let inside = |name: &str| {
        run.command
            .environment
            .iter()
            .any(|(known, _)| known == name)
    };
    environment.variables.retain(|variable| {
        let passed = run.passes.as_ref().is_none_or(|passes| {
            variable.origin.kind == OriginKind::ToolConfig
                || matches!(
                    variable.origin.kind,
                    OriginKind::Inline | OriginKind::Xtrace | OriginKind::Dump
                )
                || passes
                    .iter()
                    .any(|pattern| crate::environment::matches_pattern(pattern, &variable.name))
        });
        inside(&variable.name) && passed
    });
}

/// Whether the log stage read it from the step's script, for the command that it took to be the failing one.
pub(crate) fn is_of_script(kind: OriginKind) -> bool {
    matches!(kind, OriginKind::Export | OriginKind::Inline)
}

/// What the log says of a step's variables, the earliest first.
pub(crate) fn layers(
    variables: &[Variable],
    wanted: fn(OriginKind) -> bool,
) -> impl Iterator<Item = (&str, &Value, &Origin)> {
    variables.iter().flat_map(move |variable| {
        let earlier = variable
            .overridden
            .iter()
            .rev()
            .map(|(value, origin)| (value, origin));
        earlier
            .chain([(&variable.value, &variable.origin)])
            .filter(move |(_, origin)| wanted(origin.kind))
            .map(|(value, origin)| (variable.name.as_str(), value, origin))
    })
}

fn activations(
    answer: &mut JobConfiguration,
    evaluation: &Evaluation,
    files: &Files<'_>,
    here: &Origin,
) {
    for command in &evaluation.commands {
        let words: Vec<&str> = command.argv.iter().map(shell::Word::text).collect();
        let script = match words[..] {
            ["source" | ".", script] if script.ends_with("/activate") => script,
            ["conda" | "mamba" | "micromamba", "activate", name] => name,
            _ => continue,
        };
        let origin = if command.path.is_empty() {
            None
        } else {
            files
                .source(&command.path)
                .map(|source| source.origin(OriginKind::Export, command.span))
        };
        answer
            .activates
            .push((script.to_owned(), origin.unwrap_or_else(|| here.clone())));
    }
}
