//! The command line's JSON. The stages' types know nothing of it.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use text::{Origin, Value};

/// One log of `failures --format json`.
#[derive(Debug, Serialize)]
pub(crate) struct Log<'a> {
    pub(crate) path: &'a str,
    pub(crate) ci: &'static str,
    pub(crate) job: Option<&'a str>,
    pub(crate) workflow: Option<&'a str>,
    pub(crate) reference: Option<&'a str>,
    pub(crate) commit: Option<&'a str>,
    pub(crate) inputs: BTreeMap<&'a str, &'a str>,
    pub(crate) runner_labels: Vec<&'a str>,
    pub(crate) image: Option<&'a str>,
    pub(crate) container_env: Vec<Variable<'a>>,
    pub(crate) lines: u32,
    pub(crate) steps: Each<'a, log::Step>,
    pub(crate) sessions: Each<'a, log::Session>,
    pub(crate) failures: Each<'a, log::Failure>,
    pub(crate) problems: Vec<&'a str>,
    /// With `--env`: one for each failing step.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) environments: Vec<Environment<'a>>,
}

/// The environment of a failing step, joined with the CI configuration.
#[derive(Debug, Serialize)]
pub(crate) struct Environment<'a> {
    pub(crate) step: Option<&'a str>,
    pub(crate) path: Option<&'a str>,
    pub(crate) job: Option<&'a str>,
    pub(crate) line: Option<u32>,
    pub(crate) why: &'a [String],
    pub(crate) command: Option<Command<'a>>,
    pub(crate) variables: Vec<Variable<'a>>,
    pub(crate) noise: Vec<Variable<'a>>,
    pub(crate) obstacles: Vec<Obstacle<'a>>,
}

/// A pytest command in its parts.
#[derive(Debug, Serialize)]
pub(crate) struct Command<'a> {
    pub(crate) source: &'a str,
    pub(crate) argv: &'a [String],
    pub(crate) wrapper: &'a [String],
    pub(crate) outcome_flags: &'a [Vec<String>],
    pub(crate) reporting_flags: &'a [Vec<String>],
    pub(crate) selection_flags: &'a [Vec<String>],
    pub(crate) paths: &'a [String],
    pub(crate) cwd: Option<&'a str>,
    pub(crate) origin: Place<'a>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Obstacle<'a> {
    pub(crate) kind: &'static str,
    pub(crate) what: &'a str,
    pub(crate) why: &'a str,
    pub(crate) stand_in: &'a str,
    pub(crate) origin: Place<'a>,
}

impl<'a> Environment<'a> {
    pub(crate) fn new(
        step: Option<&'a str>,
        job: &'a workflow::JobConfiguration,
        log: &'a str,
    ) -> Self {
        let variables = |variables: &'a [text::Variable]| {
            variables.iter().map(|it| Variable::new(it, log)).collect()
        };
        Self {
            step,
            path: job.path.as_deref(),
            job: job.job.as_deref(),
            line: job.line,
            why: &job.why,
            command: job.command.as_ref().map(|(command, origin)| Command {
                source: &command.source,
                argv: &command.argv,
                wrapper: &command.wrapper,
                outcome_flags: &command.outcome_flags,
                reporting_flags: &command.reporting_flags,
                selection_flags: &command.selection_flags,
                paths: &command.paths,
                cwd: command.cwd.as_deref(),
                origin: Place::new(origin, log),
            }),
            variables: variables(&job.variables),
            noise: variables(&job.noise),
            obstacles: job
                .obstacles
                .iter()
                .map(|it| Obstacle {
                    kind: it.kind.name(),
                    what: &it.what,
                    why: &it.why,
                    stand_in: &it.stand_in,
                    origin: Place::new(&it.origin, log),
                })
                .collect(),
        }
    }
}

/// Parts of a log, each made when it is written: a log can have many.
#[derive(Debug)]
pub(crate) struct Each<'a, T>(&'a [T], &'a str, &'a log::Log);

impl Serialize for Each<'_, log::Step> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|it| Step::new(it, self.1)))
    }
}

impl Serialize for Each<'_, log::Session> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|it| Session::new(it, self.2)))
    }
}

impl Serialize for Each<'_, log::Failure> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|it| Failure::new(it, self.2)))
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct Step<'a> {
    pub(crate) name: &'a str,
    pub(crate) command: Option<&'a str>,
    pub(crate) script: Option<&'a str>,
    pub(crate) uses: Option<&'a str>,
    pub(crate) shell: Option<&'a str>,
    pub(crate) working_directory: Option<&'a str>,
    pub(crate) exit_code: Option<i32>,
    pub(crate) line: u32,
    pub(crate) env: Vec<Variable<'a>>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Session<'a> {
    pub(crate) step: Option<&'a str>,
    pub(crate) line: u32,
    pub(crate) platform: Option<&'a str>,
    pub(crate) python: Option<&'a str>,
    pub(crate) pytest: Option<&'a str>,
    pub(crate) rootdir: Option<&'a str>,
    pub(crate) configfile: Option<&'a str>,
    pub(crate) plugins: &'a [String],
    pub(crate) seed: Option<&'a str>,
    pub(crate) totals: BTreeMap<&'a str, u64>,
    pub(crate) summary: Option<&'a str>,
}

/// A variable with its value, or the expression that its value depends on.
#[derive(Debug, Serialize)]
pub(crate) struct Variable<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a str,
    pub(crate) masked: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) unresolved: bool,
    pub(crate) origin: Place<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) overridden: Vec<Overridden<'a>>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Overridden<'a> {
    pub(crate) value: &'a str,
    pub(crate) origin: Place<'a>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Place<'a> {
    pub(crate) kind: &'static str,
    pub(crate) path: &'a str,
    pub(crate) line: u32,
}

#[derive(Debug, Serialize)]
pub(crate) struct Failure<'a> {
    pub(crate) id: &'a str,
    pub(crate) phase: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) exception: Option<Exception<'a>>,
    pub(crate) expected: Option<&'a str>,
    pub(crate) actual: Option<&'a str>,
    pub(crate) location: Option<Frame<'a>>,
    pub(crate) frames: Vec<Frame<'a>>,
    pub(crate) chain: Vec<Link<'a>>,
    /// The id's part in brackets, and the parameters by name where the log shows their values.
    pub(crate) param_id: Option<&'a str>,
    pub(crate) params: BTreeMap<&'a str, &'a str>,
    pub(crate) captured: Vec<&'a str>,
    pub(crate) command: Option<&'a str>,
    pub(crate) step: Option<&'a str>,
    pub(crate) log_line: u32,
    pub(crate) seed: Option<&'a str>,
    pub(crate) duration_seconds: Option<f64>,
    pub(crate) worker: Option<&'a str>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Exception<'a> {
    #[serde(rename = "type")]
    pub(crate) type_name: &'a str,
    pub(crate) message: &'a str,
}

#[derive(Debug, Serialize)]
pub(crate) struct Link<'a> {
    #[serde(flatten)]
    pub(crate) exception: Exception<'a>,
    pub(crate) frames: Vec<Frame<'a>>,
    pub(crate) is_cause: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct Frame<'a> {
    pub(crate) path: &'a str,
    pub(crate) line: u32,
    pub(crate) function: &'a str,
    pub(crate) source: Option<&'a str>,
}

impl<'a> From<&'a log::Frame> for Frame<'a> {
    fn from(frame: &'a log::Frame) -> Self {
        Self {
            path: &frame.path,
            line: frame.line,
            function: &frame.function,
            source: frame.source.as_deref(),
        }
    }
}

impl<'a> From<&'a log::Exception> for Exception<'a> {
    fn from(exception: &'a log::Exception) -> Self {
        Self {
            type_name: &exception.type_name,
            message: &exception.message,
        }
    }
}

impl<'a> Place<'a> {
    /// An origin; one without a path stands in the log itself, whose path is `log`.
    pub(crate) fn new(origin: &'a Origin, log: &'a str) -> Self {
        let path = if origin.path.is_empty() {
            log
        } else {
            &origin.path
        };
        Self {
            kind: origin.kind.name(),
            path,
            line: origin.line,
        }
    }
}

impl<'a> Variable<'a> {
    pub(crate) fn new(variable: &'a text::Variable, log: &'a str) -> Self {
        let overridden = variable.overridden.iter();
        Self {
            name: &variable.name,
            value: variable.value.text(),
            masked: matches!(variable.value, Value::Masked(_)),
            unresolved: matches!(variable.value, Value::Unresolved(_)),
            origin: Place::new(&variable.origin, log),
            overridden: overridden
                .map(|(value, origin)| Overridden {
                    value: value.text(),
                    origin: Place::new(origin, log),
                })
                .collect(),
        }
    }
}

fn text_of(fact: Option<&log::Fact>) -> Option<&str> {
    fact.map(|fact| fact.text.as_str())
}

impl<'a> Log<'a> {
    pub(crate) fn new(path: &'a str, log: &'a log::Log) -> Self {
        let job = &log.job;
        let variables = |variables: &'a [text::Variable]| {
            variables.iter().map(|it| Variable::new(it, path)).collect()
        };
        Self {
            path,
            ci: log.ci.name(),
            job: text_of(job.name.as_ref()),
            workflow: text_of(job.workflow.as_ref()),
            reference: text_of(job.reference.as_ref()),
            commit: text_of(job.commit.as_ref()),
            inputs: job
                .inputs
                .iter()
                .map(|(name, value)| (name.as_str(), value.text.as_str()))
                .collect(),
            runner_labels: job
                .runner_labels
                .iter()
                .map(|label| label.text.as_str())
                .collect(),
            image: text_of(job.image.as_ref()),
            container_env: variables(&job.container_env),
            lines: log.lines,
            steps: Each(&log.steps, path, log),
            sessions: Each(&log.sessions, path, log),
            failures: Each(&log.failures, path, log),
            problems: log
                .problems
                .iter()
                .map(|problem| problem.message.as_str())
                .collect(),
            environments: Vec::new(),
        }
    }
}

impl<'a> Step<'a> {
    fn new(step: &'a log::Step, path: &'a str) -> Self {
        Self {
            name: &step.name,
            command: step.command.as_ref().map(|command| command.source.as_str()),
            script: step.script.as_deref(),
            uses: step.uses.as_ref().map(|uses| uses.action.as_str()),
            shell: step.shell.as_deref(),
            working_directory: text_of(step.working_directory.as_ref()),
            exit_code: step.exit_code,
            line: step.line,
            env: step.env.iter().map(|it| Variable::new(it, path)).collect(),
        }
    }
}

impl<'a> Session<'a> {
    fn new(session: &'a log::Session, log: &'a log::Log) -> Self {
        Self {
            step: step_name(log, session.step),
            line: session.line,
            platform: session.platform.as_deref(),
            python: session.python.as_deref(),
            pytest: session.pytest.as_deref(),
            rootdir: text_of(session.rootdir.as_ref()),
            configfile: text_of(session.configfile.as_ref()),
            plugins: &session.plugins,
            seed: text_of(session.seed.as_ref()),
            totals: session
                .totals
                .iter()
                .map(|(word, count)| (word.as_str(), *count))
                .collect(),
            summary: text_of(session.summary.as_ref()),
        }
    }
}

impl<'a> Failure<'a> {
    fn new(failure: &'a log::Failure, log: &'a log::Log) -> Self {
        let exception = failure.exception.as_ref();
        let locals = failure.locals.iter();
        Self {
            id: &failure.id,
            phase: failure.phase.name(),
            kind: failure.kind.name(),
            exception: exception.map(Exception::from),
            expected: failure.expected.as_deref(),
            actual: failure.actual.as_deref(),
            location: failure.location.as_ref().map(Frame::from),
            frames: failure.frames.iter().map(Frame::from).collect(),
            chain: failure
                .chain
                .iter()
                .map(|link| Link {
                    exception: Exception::from(&link.exception),
                    frames: link.frames.iter().map(Frame::from).collect(),
                    is_cause: link.is_cause,
                })
                .collect(),
            param_id: failure.param_id.as_deref(),
            params: locals
                .map(|local| (local.name.as_str(), local.value.as_str()))
                .collect(),
            captured: failure
                .captured
                .iter()
                .map(|section| section.name.as_str())
                .collect(),
            command: super::failures::command_of(failure, log),
            step: step_name(log, failure.step),
            log_line: failure.line,
            seed: text_of(failure.seed.as_ref()),
            duration_seconds: failure.duration_seconds,
            worker: failure.worker.as_deref(),
        }
    }
}

pub(crate) fn step_name(log: &log::Log, step: Option<usize>) -> Option<&str> {
    step.and_then(|step| log.steps.get(step))
        .map(|step| step.name.as_str())
}
