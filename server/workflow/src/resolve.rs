//! A candidate and the log to one answer: the environment, the command, what cannot be had here.

use log::{Ci, Log, Step};
use shell::PytestCommand;
use text::{Origin, OriginKind, Problem, Span, Value};

use crate::candidates::{Candidate, fits};
use crate::data::Data;
use crate::environment::{Environment, split};
use crate::expression::{self, Contexts};
use crate::files::{Files, YamlFile};
use crate::yaml::Node;
use crate::{Config, Container, JobConfiguration, Obstacle, ObstacleKind};

/// The step that ran the tests: of the first failure, else of the first session, else the last that names pytest.
pub(crate) fn test_step(log: &Log) -> Option<usize> {
    let failed = log.failures.iter().find_map(|failure| failure.step);
    let session = || log.sessions.iter().find_map(|session| session.step);
    let command = || log.steps.iter().rposition(|step| step.command.is_some());
    failed
        .or_else(session)
        .or_else(command)
        .filter(|&idx| idx < log.steps.len())
}

/// What the log says without any configuration.
pub(crate) fn log_alone(
    log: &Log,
    step: Option<usize>,
    files: &Files<'_>,
    config: &Config,
) -> JobConfiguration {
    let mut answer = JobConfiguration {
        path: None,
        job: None,
        line: None,
        why: vec![
            "no configuration of the workspace fits the log; this is what the log says alone"
                .to_owned(),
        ],
        variables: Vec::new(),
        noise: Vec::new(),
        inputs: inputs(log),
        matrix: Vec::new(),
        runner_labels: labels(log),
        container: None,
        shell: None,
        activates: Vec::new(),
        command: None,
        obstacles: Vec::new(),
        problems: Vec::new(),
    };
    finish(
        &mut answer,
        Environment::default(),
        log,
        step,
        files,
        config,
        None,
    );
    answer
}

pub(crate) fn resolve(
    candidate: &Candidate,
    log: &Log,
    step: Option<usize>,
    files: &Files<'_>,
    config: &Config,
) -> JobConfiguration {
    let file = &candidate.file;
    let mut problems = file.problems.clone();
    problems.extend(candidate.problems.iter().cloned());
    let mut answer = JobConfiguration {
        path: Some(file.source.path.clone()),
        job: Some(candidate.job.clone()),
        line: Some(candidate.line),
        why: candidate.why.clone(),
        variables: Vec::new(),
        noise: Vec::new(),
        inputs: inputs(log),
        matrix: Vec::new(),
        runner_labels: labels(log),
        container: None,
        shell: None,
        activates: Vec::new(),
        command: None,
        obstacles: Vec::new(),
        problems,
    };
    for (key, value, span) in &candidate.leg {
        flatten(
            key,
            value,
            &file.source.origin(OriginKind::Matrix, *span),
            &mut answer.matrix,
        );
    }
    let mut environment = Environment::default();
    let found = if log.ci == Ci::GitLab {
        gitlab(candidate, &mut environment, &mut answer);
        None
    } else {
        github(candidate, log, step, &mut environment, &mut answer)
    };
    finish(&mut answer, environment, log, step, files, config, found);
    answer
}

/// The layers of a GitHub job, lowest first, and the folder that its step runs in.
fn github(
    candidate: &Candidate,
    log: &Log,
    step: Option<usize>,
    environment: &mut Environment,
    answer: &mut JobConfiguration,
) -> Option<String> {
    let (file, job) = (&candidate.file, &candidate.node);
    let mut contexts = candidate.contexts.clone();
    if answer.runner_labels.is_empty()
        && let Some(node) = job.get("runs-on")
    {
        let labels = expression::fill(
            &Data::from_node(node.get("labels").unwrap_or(node)),
            &contexts,
        );
        let origin = file.source.origin(OriginKind::JobEnv, node.span);
        let mut leaves = Vec::new();
        labels.leaves(&mut leaves);
        answer.runner_labels.extend(
            leaves
                .into_iter()
                .flatten()
                .map(|label| (label, origin.clone())),
        );
    }
    if let Some(node) = job.get("container").filter(|node| !node.is_null()) {
        container(file, node, &contexts, environment, answer);
    }
    for entry in job
        .get("services")
        .map_or(&[][..], |services| services.entries())
    {
        let image = entry
            .value
            .get("image")
            .unwrap_or(&entry.value)
            .text()
            .unwrap_or_default();
        answer.obstacles.push(Obstacle {
            kind: ObstacleKind::Service,
            what: format!("service {} ({image})", entry.key),
            why: "tests that connect to it fail without it".to_owned(),
            stand_in: format!("start it before the test: `docker run {image}`"),
            origin: file.source.origin(OriginKind::JobEnv, entry.key_span),
        });
    }
    let layers = [
        (
            file.root().and_then(|root| root.get("env")),
            OriginKind::WorkflowEnv,
        ),
        (job.get("env"), OriginKind::JobEnv),
    ];
    for (node, kind) in layers {
        if let Some(node) = node {
            layer(file, node, kind, &mut contexts, environment);
        }
    }
    let logged = step.map(|idx| &log.steps[idx]);
    let steps = job.get("steps").map_or(&[][..], |steps| steps.items());
    let own = steps.iter().find(|node| is_step(node, logged, &contexts));
    let defaults = |key: &str| {
        let at_job = job.at(&["defaults", "run", key]).cloned();
        at_job.or_else(|| file.root()?.at(&["defaults", "run", key]).cloned())
    };
    let own_key = |key: &str| {
        own.and_then(|node| node.get(key))
            .cloned()
            .or_else(|| defaults(key))
    };
    if let Some(node) = own.and_then(|node| node.get("env")) {
        layer(file, node, OriginKind::StepEnv, &mut contexts, environment);
    }
    answer.shell = own_key("shell").and_then(|node| Some(node.text()?.to_owned()));
    own_key("working-directory").and_then(|node| expanded(&node, &contexts))
}

fn expanded(node: &Node, contexts: &Contexts) -> Option<String> {
    let text = expression::expand(node.text()?, contexts);
    text.is_known().then(|| text.text())
}

/// Whether a step of the configuration is the log's: the same script, action or name.
fn is_step(node: &Node, logged: Option<&Step>, contexts: &Contexts) -> bool {
    let Some(logged) = logged else { return false };
    let same = |key: &str, text: &str| {
        node.get(key)
            .and_then(|node| node.text())
            .is_some_and(|template| {
                fits(
                    expression::expand(template, contexts).text().trim_end(),
                    text.trim_end(),
                )
            })
    };
    let by_script = logged
        .script
        .as_deref()
        .is_some_and(|script| same("run", script));
    let by_action = logged
        .uses
        .as_ref()
        .is_some_and(|uses| same("uses", &uses.action));
    by_script || by_action || same("name", &logged.name)
}

/// One `env:` block over what is set so far. Its values see the environment below it.
fn layer(
    file: &YamlFile,
    node: &Node,
    kind: OriginKind,
    contexts: &mut Contexts,
    environment: &mut Environment,
) {
    let mut values = Vec::new();
    if let (Some(text), Data::Map(map)) = (
        node.text(),
        expression::fill(&Data::from_node(node), contexts),
    ) {
        // `env: ${{ fromJSON(...) }}`
        debug_assert!(!text.is_empty());
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
    let known = environment.variables.iter().map(|variable| {
        let data = match &variable.value {
            Value::Known(text) => Data::text(text),
            other => Data::unknown(other.text()),
        };
        (variable.name.clone(), data)
    });
    contexts.set("env", Data::map(known.collect(), true));
}

fn container(
    file: &YamlFile,
    node: &Node,
    contexts: &Contexts,
    environment: &mut Environment,
    answer: &mut JobConfiguration,
) {
    let value = |node: &Node| expression::expand(node.text().unwrap_or_default(), contexts).value();
    let origin = file.source.origin(OriginKind::Container, node.span);
    let options = node.get("options").map(|options| value(options));
    if let Some(text) = options.as_ref().map(Value::text) {
        let words: Vec<&str> = text.split_whitespace().collect();
        for (flag, argument) in words
            .iter()
            .zip(words.iter().skip(1).map(Some).chain([None]))
        {
            let pair = match (*flag, argument) {
                ("-e" | "--env", Some(pair)) => *pair,
                (flag, _) => flag.strip_prefix("--env=").unwrap_or_default(),
            };
            let device = match (*flag, argument) {
                ("--device" | "--gpus", Some(device)) => *device,
                (flag, _) => flag
                    .strip_prefix("--device=")
                    .or_else(|| flag.strip_prefix("--gpus="))
                    .unwrap_or_default(),
            };
            let place = node.get("options").map_or(origin.clone(), |node| {
                file.source.origin(OriginKind::Container, node.span)
            });
            if let Some((name, value)) = pair.split_once('=') {
                environment.set(name, Value::printed(value), place);
            } else if !pair.is_empty() {
                environment.set(
                    pair,
                    Value::Unresolved(format!("{pair} of the CI machine")),
                    place,
                );
            } else if !device.is_empty() {
                answer.obstacles.push(Obstacle {
                    kind: ObstacleKind::Hardware,
                    what: format!("device {device}"),
                    why:
                        "the container was given this device; a test that opens it fails elsewhere"
                            .to_owned(),
                    stand_in: "run where the device is, through `runner`".to_owned(),
                    origin: place,
                });
            }
        }
    }
    if let Some(env) = node.get("env") {
        layer(
            file,
            env,
            OriginKind::Container,
            &mut contexts.clone(),
            environment,
        );
    }
    let volumes = node.get("volumes").map_or(Vec::new(), |volumes| {
        volumes
            .strings()
            .into_iter()
            .map(|(text, _)| expression::expand(text, contexts).text())
            .collect()
    });
    let image = value(node.get("image").map_or(node, |image| image));
    answer.container = Some(Container {
        image,
        options,
        volumes,
        origin,
    });
}

/// `variables:` of the file, of what the job extends, and of the job.
fn gitlab(candidate: &Candidate, environment: &mut Environment, answer: &mut JobConfiguration) {
    let file = &candidate.file;
    let global = file.roots.iter().find_map(|root| root.get("variables"));
    let mut layers: Vec<(&Node, OriginKind)> = global
        .map(|node| (&**node, OriginKind::WorkflowEnv))
        .into_iter()
        .collect();
    let mut chain = vec![&*candidate.node];
    let mut seen = vec![candidate.job.as_str()];
    while let Some(parent) = chain
        .last()
        .and_then(|node| node.get("extends"))
        .and_then(|node| node.strings().pop())
    {
        let Some(node) = file.roots.iter().find_map(|root| root.get(parent.0)) else {
            break;
        };
        if seen.contains(&parent.0) {
            answer.problems.push(Problem {
                message: format!("`{}` extends itself", parent.0),
                path: file.source.path.clone(),
                span: parent.1,
            });
            break;
        }
        seen.push(parent.0);
        chain.push(node);
    }
    layers.extend(
        chain
            .iter()
            .rev()
            .filter_map(|node| Some((&**node.get("variables")?, OriginKind::JobEnv))),
    );
    for (node, kind) in layers {
        for entry in node.entries() {
            let value = entry.value.get("value").unwrap_or(&entry.value);
            let origin = file
                .source
                .origin(kind, entry.key_span.cover(entry.value.span));
            environment.set(&entry.key, Data::from_node(value).to_value(), origin);
        }
    }
    let image = chain.iter().find_map(|node| node.get("image")).or_else(|| {
        file.roots
            .iter()
            .find_map(|root| root.at(&["default", "image"]).or_else(|| root.get("image")))
    });
    if let Some(node) = image {
        let name = node.get("name").unwrap_or(node);
        answer.container = Some(Container {
            image: Value::printed(name.text().unwrap_or_default()),
            options: None,
            volumes: Vec::new(),
            origin: file.source.origin(OriginKind::Container, node.span),
        });
    }
}

/// What log and configuration have in common from here on: the log's own values, the script, noise, obstacles.
fn finish(
    answer: &mut JobConfiguration,
    mut environment: Environment,
    log: &Log,
    step: Option<usize>,
    files: &Files<'_>,
    config: &Config,
    folder: Option<String>,
) {
    for variable in &log.job.container_env {
        environment.observe(&variable.name, &variable.value, &variable.origin);
    }
    let step = step.map(|idx| &log.steps[idx]);
    let printed = |kind: OriginKind| kind == OriginKind::LogEnvBlock;
    for variable in step.map_or(&[][..], |step| &step.env) {
        let mut layers: Vec<(&Value, &Origin)> = variable
            .overridden
            .iter()
            .rev()
            .map(|(value, origin)| (value, origin))
            .collect();
        layers.push((&variable.value, &variable.origin));
        for (value, origin) in layers {
            let mut origin = origin.clone();
            if printed(origin.kind)
                && environment.get(&variable.name).is_none()
                && is_setup(&variable.name, value)
            {
                origin.kind = OriginKind::SetupAction;
            }
            environment.observe(&variable.name, value, &origin);
        }
    }
    if let Some(step) = step {
        answer.shell = step.shell.clone().or(answer.shell.take());
        script(
            answer,
            &mut environment,
            log,
            step,
            files,
            folder.as_deref(),
        );
    }
    for (label, origin) in &answer.runner_labels {
        for (_, variables) in config
            .runner_labels
            .iter()
            .filter(|(known, _)| known == label)
        {
            for (name, value) in variables {
                if environment.get(name).is_none() {
                    let origin = Origin {
                        kind: OriginKind::RunnerLabel,
                        ..origin.clone()
                    };
                    environment.set(name, Value::Known(value.clone()), origin);
                }
            }
        }
    }
    let (variables, noise) = split(environment, log.ci, config);
    answer.variables = variables;
    answer.noise = noise;
    obstacles(answer);
}

/// Follows the step's script into the workspace.
fn script(
    answer: &mut JobConfiguration,
    environment: &mut Environment,
    log: &Log,
    step: &Step,
    files: &Files<'_>,
    folder: Option<&str>,
) {
    let checkout = log.job.checkout.as_ref().map(|fact| fact.text.as_str());
    let folder = step
        .working_directory
        .as_ref()
        .map(|fact| fact.text.as_str())
        .or(folder)
        .unwrap_or_default();
    let cwd = match (checkout, folder) {
        (_, folder) if folder.starts_with('/') => Some(folder.to_owned()),
        (Some(checkout), "") => Some(checkout.to_owned()),
        (Some(checkout), folder) => Some(format!("{checkout}/{}", folder.trim_start_matches("./"))),
        (None, _) => None,
    };
    let here = Origin {
        kind: OriginKind::LogHeader,
        path: String::new(),
        line: step.line,
        span: step.span,
    };
    if let Some(text) = &step.script {
        let env = environment.pairs();
        let read = |name: &str| files.script(name, folder);
        let ctx = shell::Context {
            env: &env,
            arguments: &[],
            cwd: cwd.as_deref(),
            read: &read,
        };
        let evaluation = shell::evaluate(text, &ctx);
        let mut commands = evaluation
            .commands
            .iter()
            .filter_map(|command| Some((command, shell::pytest_command(command)?)));
        if let Some((command, pytest)) = commands.next() {
            for (name, value) in &command.environment {
                let set = command
                    .env
                    .iter()
                    .chain(&evaluation.assignments)
                    .rfind(|set| set.name == *name && set.value == *value);
                if environment
                    .get(name)
                    .is_some_and(|known| known.value == *value)
                {
                    continue;
                }
                let inline = command.env.iter().any(|set| set.name == *name);
                let kind = if inline {
                    OriginKind::Inline
                } else {
                    OriginKind::Export
                };
                let origin = set
                    .and_then(|set| place(files, &set.path, set.span, kind))
                    .unwrap_or(Origin {
                        kind,
                        ..here.clone()
                    });
                environment.set(name, value.clone(), origin);
            }
            let origin = place(files, &command.path, command.span, OriginKind::Inline)
                .unwrap_or_else(|| here.clone());
            answer.command = Some((pytest, origin));
        }
        for command in &evaluation.commands {
            let words: Vec<&str> = command.argv.iter().map(shell::Word::text).collect();
            if let ["source" | ".", script] | ["conda" | "mamba" | "micromamba", "activate", script] =
                words[..]
                && (script.ends_with("/activate")
                    || words[0].ends_with('a')
                    || words[0].ends_with("mamba"))
            {
                let origin = place(files, &command.path, command.span, OriginKind::Export)
                    .unwrap_or_else(|| here.clone());
                answer.activates.push((script.to_owned(), origin));
            }
        }
        answer.problems.extend(evaluation.problems);
    }
    let logged = log
        .sessions
        .iter()
        .find_map(|session| session.command.clone())
        .or_else(|| step.command.clone());
    if answer.command.is_none() {
        answer.command = logged.map(|command| (command, here));
    }
    if let Some((command, _)) = &mut answer.command {
        settle_cwd(command, cwd.as_deref());
    }
}

fn settle_cwd(command: &mut PytestCommand, cwd: Option<&str>) {
    if command.cwd.is_none() {
        command.cwd = cwd.map(str::to_owned);
    }
}

fn place(files: &Files<'_>, path: &str, span: Span, kind: OriginKind) -> Option<Origin> {
    if path.is_empty() {
        return None;
    }
    Some(files.source(path)?.origin(kind, span))
}

/// What setup-python writes for its own interpreter.
fn is_setup(name: &str, value: &Value) -> bool {
    const NAMES: [&str; 6] = [
        "pythonLocation",
        "PKG_CONFIG_PATH",
        "Python_ROOT_DIR",
        "Python2_ROOT_DIR",
        "Python3_ROOT_DIR",
        "LD_LIBRARY_PATH",
    ];
    NAMES.contains(&name) && value.text().contains("hostedtoolcache")
}

fn inputs(log: &Log) -> Vec<(String, Value, Origin)> {
    let origin = |fact: &log::Fact| Origin {
        kind: OriginKind::Input,
        path: String::new(),
        line: fact.line,
        span: fact.span,
    };
    log.job
        .inputs
        .iter()
        .map(|(name, fact)| (name.clone(), Value::printed(&fact.text), origin(fact)))
        .collect()
}

fn labels(log: &Log) -> Vec<(String, Origin)> {
    let origin = |fact: &log::Fact| Origin {
        kind: OriginKind::LogHeader,
        path: String::new(),
        line: fact.line,
        span: fact.span,
    };
    log.job
        .runner_labels
        .iter()
        .map(|fact| (fact.text.clone(), origin(fact)))
        .collect()
}

fn flatten(key: &str, value: &Data, origin: &Origin, into: &mut Vec<(String, Value, Origin)>) {
    match value {
        Data::Map(map) => map
            .entries
            .iter()
            .for_each(|(name, item)| flatten(&format!("{key}.{name}"), item, origin, into)),
        other => into.push((key.to_owned(), other.to_value(), origin.clone())),
    }
}

fn obstacles(answer: &mut JobConfiguration) {
    let mut found = Vec::new();
    for (label, origin) in &answer.runner_labels {
        let lower = label.to_ascii_lowercase();
        const PLAIN: [&str; 8] = [
            "ubuntu",
            "windows",
            "macos",
            "self-hosted",
            "linux",
            "x64",
            "arm64",
            "in-service",
        ];
        if !PLAIN.iter().any(|plain| {
            lower == *plain || (lower.starts_with(&format!("{plain}-")) && *plain != "in-service")
        }) {
            found.push(Obstacle {
                kind: ObstacleKind::Hardware,
                what: format!("runner label {label}"),
                why: "the job asked for a machine of its own kind; a test that needs its hardware fails elsewhere".to_owned(),
                stand_in: "run on such a machine, through `runner`".to_owned(),
                origin: origin.clone(),
            });
        }
    }
    if let Some(container) = &answer.container {
        found.push(Obstacle {
            kind: ObstacleKind::Container,
            what: format!("image {}", container.image.text()),
            why: "its system libraries and tools are not this machine's".to_owned(),
            stand_in: format!(
                "run in it: `docker run --rm -it {}`",
                container.image.text()
            ),
            origin: container.origin.clone(),
        });
        for volume in &container.volumes {
            found.push(Obstacle {
                kind: ObstacleKind::Mount,
                what: format!("mount {volume}"),
                why: "files under it are not here".to_owned(),
                stand_in: "mount the same folder, or give the test's data another place".to_owned(),
                origin: container.origin.clone(),
            });
        }
    }
    for variable in &answer.variables {
        let text = variable.value.text();
        let from_secret = std::iter::once((&variable.value, &variable.origin))
            .chain(
                variable
                    .overridden
                    .iter()
                    .map(|(value, origin)| (value, origin)),
            )
            .any(|(value, _)| value.text().contains("secrets."));
        if matches!(variable.value, Value::Masked(_)) || from_secret {
            found.push(Obstacle {
                kind: ObstacleKind::Secret,
                what: format!("secret {}", variable.name),
                why: "CI does not show its value".to_owned(),
                stand_in: format!("set {} yourself before the run", variable.name),
                origin: variable.origin.clone(),
            });
        } else if text.starts_with('/') && variable.value.known().is_some() {
            found.push(Obstacle {
                kind: ObstacleKind::Path,
                what: format!("{}={text}", variable.name),
                why: "a path of the CI machine".to_owned(),
                stand_in: format!("set {} to the same place here", variable.name),
                origin: variable.origin.clone(),
            });
        }
    }
    answer.obstacles.extend(found);
}
