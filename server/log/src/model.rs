//! What a log holds: the values that the stage returns. All spans are byte ranges of the raw log, prefixes and escape
//! sequences included; all line numbers are 1-based lines of the raw log; all texts are without prefix, BOM, CR and escape
//! sequences.

use shell::PytestCommand;
use text::{Problem, Span, Variable};

/// One job's log.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Log {
    pub ci: Ci,
    /// The log's job. Where it holds several (`gh run view --log` of a whole run, files put together): the first that has a
    /// failure, else the first of which a step failed, else the first.
    pub job: Job,
    /// All its jobs, where it holds several; else empty.
    pub jobs: Vec<Job>,
    /// In the order of the log.
    pub steps: Vec<Step>,
    pub sessions: Vec<Session>,
    /// In the order of the log, one for each test and phase.
    pub failures: Vec<Failure>,
    pub problems: Vec<Problem>,
    /// Lines of the raw log.
    pub lines: u32,
    /// Whether the log looks like one at all: CI marks, or something of pytest's or Python's.
    pub recognised: bool,
}

/// The service or program whose format the log has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ci {
    GitHub,
    GitLab,
    Azure,
    Buildkite,
    CircleCi,
    Jenkins,
    /// No CI's marks: a terminal's output.
    #[default]
    Plain,
}

impl Ci {
    /// The name in JSON and in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::GitHub => "github",
            Self::GitLab => "gitlab",
            Self::Azure => "azure",
            Self::Buildkite => "buildkite",
            Self::CircleCi => "circleci",
            Self::Jenkins => "jenkins",
            Self::Plain => "plain",
        }
    }
}

/// What the log says of its job.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Job {
    /// `Complete job name: caller / callee (matrix)`, or the CI's like of it.
    pub name: Option<Fact>,
    /// `owner/repo/.github/workflows/f.yml`, of `Uses:` or `Job defined at:`, without the reference.
    pub workflow: Option<Fact>,
    /// `refs/heads/main`, of the same line.
    pub reference: Option<Fact>,
    /// The commit that was checked out.
    pub commit: Option<Fact>,
    pub inputs: Vec<(String, Fact)>,
    pub runner_labels: Vec<Fact>,
    /// The container's or executor's image.
    pub image: Option<Fact>,
    /// The `docker create` of the container that the job's steps run in.
    pub container: Option<Fact>,
    /// Its `-e` options: the container's environment.
    pub container_env: Vec<Variable>,
    /// Operating system and its version, as the runner printed them.
    pub os: Option<Fact>,
    /// The folder that the repository was checked out to on the CI machine.
    pub checkout: Option<Fact>,
    /// When the job ran: the first timestamp, as printed.
    pub started: Option<Fact>,
}

/// A text of the log and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub text: String,
    pub span: Span,
    pub line: u32,
}

/// One CI step.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Step {
    /// As the log shows it: the step's name, or `Run <first line of its script>`.
    pub name: String,
    /// Index into [`Log::jobs`], where the log holds several.
    pub job: Option<usize>,
    /// The script as echoed, line ends `\n`; `None` for a `uses:` step or where the log does not show it.
    pub script: Option<String>,
    /// `owner/action@ref` and its `with:` values, for a `uses:` step.
    pub uses: Option<Uses>,
    /// `/usr/bin/bash -e {0}`.
    pub shell: Option<String>,
    pub working_directory: Option<Fact>,
    /// The environment that the log shows for the step's commands: `env:` block, exports and inline variables of the script,
    /// `set -x` traces, dumps; one entry a name, the value in effect when pytest ran.
    pub env: Vec<Variable>,
    /// The pytest command of the step as the log shows it, with what it runs through. Where it shows only a script that runs
    /// pytest somehow, that line is the `source`, and `argv` is empty.
    pub command: Option<PytestCommand>,
    /// Heading and output.
    pub span: Span,
    pub line: u32,
    /// The output alone.
    pub output: Span,
    pub exit_code: Option<i32>,
}

/// An action's name and inputs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Uses {
    pub action: String,
    pub with: Vec<(String, String)>,
}

/// One run of pytest in a step.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Session {
    /// Index into [`Log::steps`].
    pub step: Option<usize>,
    pub platform: Option<String>,
    pub python: Option<String>,
    pub pytest: Option<String>,
    pub rootdir: Option<Fact>,
    pub configfile: Option<Fact>,
    pub testpaths: Option<String>,
    pub plugins: Vec<String>,
    /// `-p randomly`'s or the header's own seed.
    pub seed: Option<Fact>,
    /// Where the log names it (xtrace, tox's `commands[0]>`), the command of this very session.
    pub command: Option<PytestCommand>,
    /// The counts of the last line: `("failed", 3)`, ...
    pub totals: Vec<(String, u64)>,
    /// `3 failed, 12 passed in 4.50s`, as printed.
    pub summary: Option<Fact>,
    /// The last test that was started and has no outcome: where a killed run stood.
    pub unfinished: Option<Fact>,
    pub span: Span,
    pub line: u32,
}

/// One failed item or collection, in one phase.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Failure {
    /// The node id; where the log does not print it, the name that it does print (`TestClass.test_name[param-id]`).
    pub id: String,
    /// Whether `id` is a whole node id: a path, and not cut.
    pub id_complete: bool,
    /// `path/test_x.py` of the id.
    pub path: Option<String>,
    /// What stands in the id's brackets.
    pub param_id: Option<String>,
    pub phase: Phase,
    pub kind: Kind,
    pub exception: Option<Exception>,
    /// Where the assertion shows them.
    pub expected: Option<String>,
    pub actual: Option<String>,
    /// The frame that raised.
    pub location: Option<Frame>,
    /// Outermost first, the raising one last.
    pub frames: Vec<Frame>,
    /// Exceptions before this one (`__cause__`, `__context__`), the first raised first.
    pub chain: Vec<Link>,
    /// `name = value` of `--showlocals`, and the arguments that pytest prints above a function's source.
    pub locals: Vec<Local>,
    pub captured: Vec<Captured>,
    pub seed: Option<Fact>,
    /// Hypothesis' falsifying example, as printed.
    pub falsifying_example: Option<Fact>,
    pub duration_seconds: Option<f64>,
    /// xdist's worker.
    pub worker: Option<String>,
    /// Index into [`Log::sessions`].
    pub session: Option<usize>,
    /// Index into [`Log::steps`].
    pub step: Option<usize>,
    /// The failure's section; where there is none, the line that tells of it.
    pub span: Span,
    pub line: u32,
    /// The other lines that tell of it: progress, short summary, annotation.
    pub mentions: Vec<Span>,
}

/// When the item failed, in pytest's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, PartialOrd, Ord)]
pub enum Phase {
    Collect,
    Setup,
    #[default]
    Call,
    Teardown,
}

impl Phase {
    /// pytest's word for it (`report.when`).
    pub fn name(self) -> &'static str {
        match self {
            Self::Collect => "collect",
            Self::Setup => "setup",
            Self::Call => "call",
            Self::Teardown => "teardown",
        }
    }
}

/// What sort of failure it is; decides what a repro must keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, PartialOrd, Ord)]
pub enum Kind {
    Assertion,
    ShapeMismatch,
    TypeError,
    IndexError,
    Exception,
    /// The test passed, and a mark expects it to fail.
    UnexpectedPass,
    FixtureError,
    CollectionError,
    Timeout,
    Crash,
    /// pytest itself broke (`INTERNALERROR>`), or was used wrongly.
    InternalError,
    /// Python's traceback outside pytest.
    Traceback,
    /// The log says that it failed, and no more.
    #[default]
    Unknown,
}

impl Failure {
    /// The deepest frame in the test's own file: where the test called what raised, or raised itself.
    pub fn test_frame(&self) -> Option<&Frame> {
        let path = self.path.as_deref()?;
        let of_test = |frame: &&Frame| crate::pytest::same_file(&frame.path, path);
        self.frames.iter().rev().find(of_test)
    }

    /// The id, or what failed where the log names no test.
    pub fn title(&self) -> &str {
        match (self.id.as_str(), self.kind) {
            ("", Kind::InternalError) => "pytest itself",
            ("", Kind::Traceback) => "a traceback outside of pytest",
            ("", _) => "a test that the log does not name",
            (id, _) => id,
        }
    }
}

impl Kind {
    /// The name in JSON and in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Assertion => "assertion",
            Self::ShapeMismatch => "shape-mismatch",
            Self::TypeError => "type-error",
            Self::IndexError => "index-error",
            Self::Exception => "exception",
            Self::UnexpectedPass => "unexpected-pass",
            Self::FixtureError => "fixture-error",
            Self::CollectionError => "collection-error",
            Self::Timeout => "timeout",
            Self::Crash => "crash",
            Self::InternalError => "internal-error",
            Self::Traceback => "traceback",
            Self::Unknown => "unknown",
        }
    }
}

/// An exception as printed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exception {
    /// `ValueError`, `pkg.errors.Wrong`: qualified as the log has it.
    pub type_name: String,
    /// The whole message, line ends `\n`, without the type.
    pub message: String,
    /// Whether the log cuts the message (`...`).
    pub cut: bool,
    pub span: Span,
}

impl Exception {
    /// The first line of the message that says something.
    pub fn first_line(&self) -> Option<&str> {
        let mut lines = self.message.lines().map(str::trim);
        lines.find(|line| !line.is_empty())
    }

    /// `ValueError: bad`: the type and the first line of the message, as far as the log has them. Of a doctest, what was expected and
    /// what came: `DocTestFailure: Expected: 4 Got: 3`.
    pub fn headline(&self) -> String {
        if self.type_name == "DocTestFailure" {
            let words: Vec<&str> = self.message.split_whitespace().collect();
            return self.after_type(&words.join(" "));
        }
        self.after_type(self.first_line().unwrap_or_default())
    }

    /// `ValueError: message`, or what there is of the two.
    pub fn after_type(&self, message: &str) -> String {
        match (self.type_name.as_str(), message) {
            ("", message) => message.to_owned(),
            (name, "") => name.to_owned(),
            (name, message) => format!("{name}: {message}"),
        }
    }
}

impl Log {
    /// Whether the session's output ends before pytest did: no last line, and nothing that tells why pytest printed none.
    pub fn is_cut(&self, session: &Session) -> bool {
        let prints_no_summary = |failure: &Failure| {
            // Of a conftest that cannot be imported pytest prints no more than the traceback.
            let of_conftest = failure.kind == Kind::CollectionError
                && failure
                    .path
                    .as_deref()
                    .unwrap_or(&failure.id)
                    .ends_with("conftest.py");
            of_conftest
                || matches!(
                    failure.kind,
                    Kind::Crash | Kind::Timeout | Kind::InternalError
                )
        };
        // Where CI's own lines follow, it is pytest that did not come to its end.
        let step = session.step.and_then(|step| self.steps.get(step));
        session.summary.is_none()
            && step.is_none_or(|it| it.exit_code.is_none())
            && !self.failures.iter().any(prints_no_summary)
    }
}

/// An exception before the last one, with the frames that it went through.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Link {
    pub exception: Exception,
    pub frames: Vec<Frame>,
    /// Whether the next one was raised `from` it.
    pub is_cause: bool,
}

/// One frame of a traceback.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frame {
    /// As printed.
    pub path: String,
    /// 1-based.
    pub line: u32,
    /// Empty where the traceback does not tell.
    pub function: String,
    /// The failing source line, trimmed; `None` where the log does not show it.
    pub source: Option<String>,
    /// Where the log names this frame.
    pub span: Span,
}

/// A local variable or argument, as pytest printed its repr.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Local {
    pub name: String,
    pub value: String,
    /// Index into [`Failure::frames`].
    pub frame: Option<usize>,
}

/// The name of a section that pytest did not capture (`-s`): what stands between the test's name and its outcome. It begins
/// behind the name, in the same line.
pub const UNCAPTURED: &str = "Output";

/// A captured section: `Captured stdout call`; or [`UNCAPTURED`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Captured {
    pub name: String,
    pub span: Span,
}

/// How much is kept of a log, whatever its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one line that are looked at; the rest of a longer line is passed over.
    pub line: usize,
    /// Bytes of text kept over all failures and steps; past it failures keep id, phase, type, first message line and span.
    pub kept: usize,
}

impl Limits {
    /// [`Limits::line`], or as much as the beginning of any line needs.
    pub(crate) fn line_looked_at(self) -> usize {
        self.line.max(64)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            line: 1 << 20,
            kept: 24 << 20,
        }
    }
}
