//! A candidate and the log to one answer: the environment, the command, what cannot be had here.

mod docker_action;

use log::{Ci, Log, Step};
use text::{Origin, OriginKind, Problem, Span, Value};

use crate::candidates::Candidate;
use crate::command::{self, Written};
use crate::contexts;
use crate::data::Data;
use crate::environment::{Environment, layer, split};
use crate::expression::{self, Contexts};
use crate::files::Files;
use crate::yaml::Node;
use crate::{Config, JobConfiguration, Obstacle, ObstacleKind};
use crate::{container, gitlab, obstacles, other, steps};

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
        runner_labels: match labels(log) {
            shown if !shown.is_empty() => shown,
            _ => labels_of_inputs(log),
        },
        container: None,
        shell: None,
        activates: Vec::new(),
        command: None,
        obstacles: Vec::new(),
        problems: Vec::new(),
    };
    let mut environment = Environment::default();
    let mut found = Found::default();
    if let Some(idx) = step.filter(|_| log.ci == Ci::GitHub) {
        let logged = &log.steps[idx];
        docker_action::apply(logged, None, &mut environment, &mut answer, &mut found);
    }
    finish(&mut answer, environment, log, step, files, config, &found);
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
    let found = if log.ci == Ci::Jenkins {
        other::jenkins_environment(candidate, &mut environment);
        Found::default()
    } else if matches!(log.ci, Ci::Azure | Ci::Buildkite | Ci::CircleCi) {
        other::resolve(candidate, log.ci, &mut environment);
        Found::default()
    } else if log.ci == Ci::GitLab {
        let text = gitlab::resolve(candidate, log, files, &mut environment, &mut answer);
        let shown = step.and_then(|idx| log.steps[idx].script.as_deref());
        // The log shows the first line of a longer command alone.
        let is_cut = shown.is_none_or(|shown| shown.contains("# collapsed multi-line command"))
            || text.as_deref().is_some_and(|text| {
                text.contains('\n')
                    && text.lines().count() > shown.map_or(0, |it| it.lines().count())
            });
        let place = file.source.origin(OriginKind::JobEnv, candidate.node.span);
        Found {
            script: text.filter(|_| is_cut).map(|text| Written { text, place }),
            ..Found::default()
        }
    } else {
        github(candidate, log, step, files, &mut environment, &mut answer)
    };
    finish(&mut answer, environment, log, step, files, config, &found);
    answer
}

/// The layers of a GitHub job, lowest first, and the folder that its step runs in.
fn github(
    candidate: &Candidate,
    log: &Log,
    step: Option<usize>,
    files: &Files<'_>,
    environment: &mut Environment,
    answer: &mut JobConfiguration,
) -> Found {
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
        container::read(file, node, &contexts, environment, answer);
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
    let mut found = Found::default();
    let flats = steps::flatten(file, job, &contexts, files);
    let logged = step.map(|idx| &log.steps[idx]);
    let own = logged.and_then(|logged| steps::own(&flats, logged, &contexts));
    let checkout = contexts::checkout(log);
    if let Some(own) = own {
        let before = &flats[..own];
        steps::written(
            before,
            &mut contexts,
            environment,
            files,
            checkout.as_deref(),
        );
        let flat = &flats[own];
        flat.layers(&mut contexts, environment);
        let inner = flat.contexts(&contexts);
        let defaults = |key: &str| {
            let at_job = job.at(&["defaults", "run", key]).cloned();
            at_job.or_else(|| file.root()?.at(&["defaults", "run", key]).cloned())
        };
        let key = |key: &str| flat.node.get(key).cloned().or_else(|| defaults(key));
        answer.shell = key("shell").and_then(|node| expanded(&node, &inner));
        found.folder = key("working-directory").and_then(|node| expanded(&node, &inner));
        // A copied log may not show the script, or the action around it has it.
        if let (Some(run), None) = (
            flat.node.get("run"),
            logged.and_then(|it| it.script.as_ref()),
        ) {
            found.script = run.text().map(|text| Written {
                text: expression::expand(text, &inner).text(),
                place: flat.file.source.origin(OriginKind::StepEnv, run.span),
            });
        }
    }
    if let Some(logged) = logged {
        against_log(logged, &file.source.path, environment, answer);
        let flat = own.map(|own| (&flats[own], flats[own].contexts(&contexts)));
        docker_action::apply(logged, flat, environment, answer, &mut found);
    }
    found
}

/// What the configuration says of the step.
#[derive(Default)]
struct Found {
    folder: Option<String>,
    /// The script, where the log does not show it.
    script: Option<Written>,
    /// Whether the step's commands run in a container of their own, so that the step's environment is not theirs.
    is_inside: bool,
}

/// The log prints the environment of a step whole: what it does not print was not set, whatever a configuration of another
/// commit says.
fn against_log(
    logged: &Step,
    path: &str,
    environment: &mut Environment,
    answer: &mut JobConfiguration,
) {
    let Some(printed) = steps::printed(logged) else {
        return;
    };
    environment.variables.retain(|variable| {
        let is_printed_kind = matches!(
            variable.origin.kind,
            OriginKind::WorkflowEnv
                | OriginKind::JobEnv
                | OriginKind::StepEnv
                | OriginKind::GithubEnv
        );
        let stays = !is_printed_kind || printed.iter().any(|(name, _)| *name == variable.name);
        // A line in `$GITHUB_ENV` on a condition that did not hold is nothing strange.
        if !stays && variable.origin.kind != OriginKind::GithubEnv && answer.problems.len() < 50 {
            answer.problems.push(Problem {
                message: format!(
                    "the log's environment has no `{}`: the job ran another version of this configuration",
                    variable.name
                ),
                path: if variable.origin.path.is_empty() { path.to_owned() } else { variable.origin.path.clone() },
                span: variable.origin.span,
            });
        }
        stays
    });
}

fn expanded(node: &Node, contexts: &Contexts) -> Option<String> {
    let text = expression::expand(node.text()?, contexts);
    text.is_known().then(|| text.text())
}

/// What log and configuration have in common from here on: the log's own values, the script, noise, obstacles.
fn finish(
    answer: &mut JobConfiguration,
    mut environment: Environment,
    log: &Log,
    step: Option<usize>,
    files: &Files<'_>,
    config: &Config,
    found: &Found,
) {
    for variable in &log.job.container_env {
        let mut origin = variable.origin.clone();
        // The runner gives every container these, whatever the workflow says.
        if matches!(variable.name.as_str(), "CI" | "GITHUB_ACTIONS" | "HOME")
            && environment.get(&variable.name).is_none()
        {
            origin.kind = OriginKind::CiDefault;
        }
        environment.observe(&variable.name, &variable.value, &origin);
    }
    let index = step;
    let step = step.map(|idx| &log.steps[idx]);
    let printed = |kind: OriginKind| kind == OriginKind::LogEnvBlock;
    let logged = step.map_or(&[][..], |step| &step.env);
    for (name, value, origin) in command::layers(logged, |kind| !command::is_of_script(kind)) {
        if found.is_inside && (printed(origin.kind) || origin.kind == OriginKind::Container) {
            continue;
        }
        let mut origin = origin.clone();
        if printed(origin.kind) && environment.get(name).is_none() && is_setup(name, value) {
            origin.kind = OriginKind::SetupAction;
        }
        environment.observe(name, value, &origin);
    }
    if let (Some(step), Some(idx)) = (step, index) {
        answer.shell = step.shell.clone().or(answer.shell.take());
        command::follow(
            answer,
            &mut environment,
            log,
            (idx, step),
            files,
            found.folder.as_deref(),
            found.script.as_ref(),
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
    if has_ci(log.ci) && environment.get("CI").is_none() {
        let origin = Origin {
            kind: OriginKind::CiDefault,
            path: String::new(),
            line: 1,
            span: Span::at(0),
        };
        environment.set("CI", Value::Known("true".to_owned()), origin);
    }
    container::of_log(&log.job, answer);
    let (variables, noise) = split(environment, log.ci, config);
    answer.variables = variables;
    answer.noise = noise;
    obstacles::add(answer, log);
}

/// Whether a service documents that all of its jobs have `CI=true`. pytest then cuts no line of its summary.
fn has_ci(ci: Ci) -> bool {
    match ci {
        Ci::GitHub | Ci::GitLab | Ci::CircleCi | Ci::Buildkite => true,
        Ci::Azure | Ci::Jenkins | Ci::Plain => false,
    }
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

/// Where the log does not tell for which runner the job asked: the input of a reusable workflow that is named like it.
fn labels_of_inputs(log: &Log) -> Vec<(String, Origin)> {
    const NAMES: [&str; 5] = [
        "runner-label",
        "runner-labels",
        "runner",
        "runs-on",
        "runner-type",
    ];
    let named = inputs(log)
        .into_iter()
        .filter(|(name, _, _)| NAMES.contains(&name.replace('_', "-").as_str()));
    let labels = |(_, value, origin): (String, Value, Origin)| {
        let text = value.text();
        // One label, or a list of them as JSON.
        let labels = serde_json::from_str(text).unwrap_or_else(|_| vec![text.trim().to_owned()]);
        labels.into_iter().map(move |label| (label, origin.clone()))
    };
    named
        .flat_map(labels)
        .filter(|(label, _)| !label.is_empty())
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
