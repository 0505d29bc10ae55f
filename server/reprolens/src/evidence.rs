//! All that is known of one failure: the log's, the CI configuration's and the original test's part, joined.

use log::{Failure, Kind, Log, Phase};
use python::{Criterion, CriterionFrame, CriterionPhase};
use repro::{Conftest, Evidence};
use text::Workspace;

use crate::config::Config;
use crate::local_python;
use crate::places::Places;
use crate::reading::Reading;

/// Joins what is known of `log.failures[failure]`. `log_path` is how the log is named to a person.
pub(crate) fn of_failure(
    workspace: &dyn Workspace,
    config: &Config,
    log_path: &str,
    log: &Log,
    failure: usize,
) -> Option<Evidence> {
    of_failure_in(&Reading::new(workspace), config, log_path, log, failure)
}

/// The same in a workspace that is read already: for many failures at once.
pub(crate) fn of_failure_in(
    reading: &Reading<'_>,
    config: &Config,
    log_path: &str,
    log: &Log,
    failure: usize,
) -> Option<Evidence> {
    let workspace = reading.workspace;
    let failure = log.failures.get(failure)?;
    let session = failure
        .session
        .and_then(|session| log.sessions.get(session));
    let step = failure.step.and_then(|step| log.steps.get(step));
    let places = Places::new(Box::new(|path| reading.python.is_file(path)), log, session);
    let mut configurations = workflow::join_in(
        &reading.configuration,
        log,
        failure.step,
        &workflow_config(config),
    );
    name_log(&mut configurations, log_path);
    let mut roots = places.roots().to_vec();
    let command = configurations
        .first()
        .and_then(|configuration| configuration.command.as_ref());
    if let Some(cwd) = command.and_then(|(command, _)| command.cwd.as_deref()) {
        roots.insert(0, relative_to_checkout(cwd, log));
    }
    let location = failure.location.as_ref();
    let workspace_source = location.and_then(|frame| {
        let text = workspace.read(&places.find(&frame.path)?)?;
        let line = text
            .lines()
            .nth(usize::try_from(frame.line).ok()?.checked_sub(1)?)?;
        Some(line.trim().to_owned())
    });
    let group = repro::Group::of(failure);
    let same = log
        .failures
        .iter()
        .filter(|other| other.id != failure.id && repro::Group::of(other) == group)
        .filter(|_| group.is_told());
    let project = python::project::Project::new(&reading.python, &roots);
    let test = python::find_in(&project, &failure.id);
    let ini = ini(workspace, session, &roots);
    let import_root = import_root(workspace, test.as_ref().ok(), ini.as_ref());
    let conftests = test
        .as_ref()
        .map_or_else(|_| Vec::new(), |test| conftests(workspace, &test.path));
    let mut evidence = Evidence {
        log_path: log_path.to_owned(),
        job: log.job.clone(),
        failure: failure.clone(),
        session: session.cloned(),
        step: step.cloned(),
        configurations,
        test,
        workspace_source,
        printed: Vec::new(),
        same_failure: same.map(|other| other.id.clone()).collect(),
        ini,
        import_root,
        conftests,
    };
    leave_out_obstacles(
        &mut evidence,
        local_python::version(workspace, config).as_deref(),
    );
    Some(evidence)
}

/// Takes out the obstacles that are none here. `python` is the version that the repro runs with, where it is known.
pub(crate) fn leave_out_obstacles(evidence: &mut Evidence, python: Option<&str>) {
    let left = repro::obstacles(evidence, python);
    if let Some(configuration) = evidence.configurations.first_mut() {
        configuration.obstacles = left;
    }
}

/// What the slice must keep. `destination` is the folder that the sliced test will stand in, relative to the workspace.
pub(crate) fn criterion(
    reading: &Reading<'_>,
    log: &Log,
    failure: &Failure,
    destination: &str,
    name: &str,
) -> Criterion {
    let session = failure
        .session
        .and_then(|session| log.sessions.get(session));
    let places = Places::new(Box::new(|path| reading.python.is_file(path)), log, session);
    let mut frames: Vec<&log::Frame> = failure.frames.iter().collect();
    if let Some(location) = &failure.location
        && !frames
            .iter()
            .any(|frame| frame.path == location.path && frame.line == location.line)
    {
        frames.push(location);
    }
    Criterion {
        frames: frames
            .into_iter()
            .map(|frame| CriterionFrame {
                path: places
                    .find(&frame.path)
                    .unwrap_or_else(|| frame.path.clone()),
                line: frame.line,
                function: frame.function.clone(),
                source: frame.source.clone(),
            })
            .collect(),
        phase: match failure.phase {
            Phase::Collect => CriterionPhase::Collect,
            Phase::Setup => CriterionPhase::Setup,
            Phase::Call => CriterionPhase::Call,
            Phase::Teardown => CriterionPhase::Teardown,
        },
        exception: failure
            .exception
            .as_ref()
            .map(|exception| exception.type_name.clone()),
        message: failure
            .exception
            .as_ref()
            .map(|exception| exception.message.clone()),
        hung_or_crashed: matches!(failure.kind, Kind::Timeout | Kind::Crash),
        passed: failure.kind == Kind::UnexpectedPass,
        falsifying_example: failure
            .falsifying_example
            .as_ref()
            .map(|fact| fact.text.clone()),
        locals: failure
            .locals
            .iter()
            .map(|local| (local.name.clone(), local.value.clone(), local.frame))
            .collect(),
        destination: destination.to_owned(),
        workspaces: log.job.checkout.iter().map(|it| it.text.clone()).collect(),
        name: name.to_owned(),
    }
}

/// The stage's own part of the configuration.
pub(crate) fn workflow_config(config: &Config) -> workflow::Config {
    let labels = config.env.runner_labels.iter();
    workflow::Config {
        ignore: config.env.ignore.clone(),
        runner_labels: labels
            .map(|(label, variables)| (label.clone(), variables.clone().into_iter().collect()))
            .collect(),
    }
}

/// A stage that reads a log knows no path of it: facts that stand in it get its name here.
fn name_log(configurations: &mut [workflow::JobConfiguration], log_path: &str) {
    let name = |origin: &mut text::Origin| {
        if origin.path.is_empty() {
            log_path.clone_into(&mut origin.path);
        }
    };
    for configuration in configurations {
        for variable in configuration
            .variables
            .iter_mut()
            .chain(&mut configuration.noise)
        {
            name(&mut variable.origin);
            for (_, origin) in &mut variable.overridden {
                name(origin);
            }
        }
        for (_, _, origin) in configuration
            .inputs
            .iter_mut()
            .chain(&mut configuration.matrix)
        {
            name(origin);
        }
        for (_, origin) in configuration
            .runner_labels
            .iter_mut()
            .chain(&mut configuration.activates)
        {
            name(origin);
        }
        if let Some((_, origin)) = &mut configuration.command {
            name(origin);
        }
        if let Some(container) = &mut configuration.container {
            name(&mut container.origin);
        }
        for obstacle in &mut configuration.obstacles {
            name(&mut obstacle.origin);
        }
    }
}

fn relative_to_checkout(cwd: &str, log: &Log) -> String {
    let checkout = log
        .job
        .checkout
        .as_ref()
        .map(|fact| fact.text.trim_end_matches('/'));
    let below = checkout.and_then(|checkout| cwd.strip_prefix(checkout));
    below
        .unwrap_or(cwd)
        .trim_start_matches("./")
        .trim_matches('/')
        .to_owned()
}

/// The file of pytest's configuration that CI used: the one that the session names, or else the one that pytest would find.
fn ini(
    workspace: &dyn Workspace,
    session: Option<&log::Session>,
    roots: &[String],
) -> Option<(String, String)> {
    let named = session
        .and_then(|session| session.configfile.as_ref())
        .map(|fact| fact.text.as_str());
    // pytest's own order, and what makes each of them count.
    let usual = [
        ("pytest.ini", ""),
        (".pytest.ini", "[pytest]"),
        ("pyproject.toml", "[tool.pytest"),
        ("tox.ini", "[pytest]"),
        ("setup.cfg", "[tool:pytest]"),
    ];
    let candidates: Vec<(&str, &str)> = match named {
        Some(name) => vec![(name, "")],
        None if session.is_some_and(|session| session.rootdir.is_some()) => return None,
        None => usual.to_vec(),
    };
    roots.iter().find_map(|root| {
        candidates.iter().find_map(|(name, section)| {
            let path = python::project::normalize(&python::project::join(root, name))?;
            let text = workspace.read(&path)?;
            text.contains(section).then(|| (path, text.to_string()))
        })
    })
}

/// The conftest files above a test that define options of pytest.
fn conftests(workspace: &dyn Workspace, test: &str) -> Vec<Conftest> {
    let folders = test.match_indices('/').map(|(at, _)| &test[..at]);
    std::iter::once("")
        .chain(folders)
        .filter_map(|folder| {
            let text = workspace.read(python::project::join(folder, "conftest.py").as_str())?;
            let options = repro::options_of(&text);
            if options.is_empty() {
                return None;
            }
            let import_root = without_package(workspace, folder);
            let below = folder.strip_prefix(import_root).unwrap_or(folder);
            let package = below.trim_start_matches('/').replace('/', ".");
            Some(Conftest {
                folder: folder.to_owned(),
                import_root: import_root.to_owned(),
                module: [package.as_str(), "conftest"]
                    .into_iter()
                    .filter(|part| !part.is_empty())
                    .collect::<Vec<_>>()
                    .join("."),
                options,
            })
        })
        .collect()
}

/// The nearest folder, from this one up, that is no package.
fn without_package<'a>(workspace: &dyn Workspace, mut folder: &'a str) -> &'a str {
    while !folder.is_empty() && workspace.read(&format!("{folder}/__init__.py")).is_some() {
        folder = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
    }
    folder
}

/// The folder that pytest puts on `sys.path` for a test: the nearest one above it that is no package.
fn import_root(
    workspace: &dyn Workspace,
    test: Option<&python::Test>,
    ini: Option<&(String, String)>,
) -> Option<String> {
    let imports_by_importlib =
        ini.is_some_and(|(_, text)| text.contains("--import-mode=importlib"));
    let (folder, _) = test
        .filter(|_| !imports_by_importlib)?
        .path
        .rsplit_once('/')?;
    Some(without_package(workspace, folder).to_owned())
}
