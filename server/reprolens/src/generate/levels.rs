//! Which slice it will be: from small to safe, each run until one fails like CI did, within a few runs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use python::project::Project;
use python::{Level, Observed, Slice};
use repro::{Comparison, Evidence, Files, Signature, Verdict};

use super::{GenerateError, Job, Kept, Repro, Request, place};
use crate::checked::Checked;
use crate::files::{folders, write_staged};
use crate::reduce::{Reduced, Reduction};
use crate::{evidence, places, trial};

mod name;
mod shorter;
mod state;

/// Runs of pytest that one repro may take, that of the original test among them.
const MOST_RUNS: u32 = 4;

/// What generating one repro is made with.
pub(super) struct Plan<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) config: repro::Config,
    pub(super) evidence: Evidence,
    /// The folder of repro folders.
    pub(super) root: PathBuf,
    /// The output of the run that decided.
    pub(super) output: Option<Vec<u8>>,
    job: Job<'a>,
    expected: Signature,
    /// The test function's name.
    function: String,
    /// The folder of the test, relative to the workspace.
    destination: String,
    notes: Vec<String>,
    /// What the original test's own run failed with, where CI's log tells no line.
    seen_here: Option<(log::Log, log::Failure)>,
    runs: u32,
    /// How long parts of the test were tried.
    reducing: Duration,
    /// What is left of the test was tried, part by part: the failure needs it.
    each_part_tried: bool,
}

/// A slice that was decided for.
pub(super) struct Chosen {
    pub(super) slice: Slice,
    pub(super) files: Files,
    verified: Option<bool>,
    comparison: Option<Comparison>,
}

/// A run of one slice.
struct Attempt {
    files: Files,
    comparison: Comparison,
    good: bool,
    reduced: Option<Reduced>,
    output: Vec<u8>,
    states: Vec<runner::State>,
    /// The test's file.
    test: String,
}

/// What the original test's own run told.
struct Original {
    verdict: Verdict,
    /// It fails like CI did, as far as the log can tell.
    reproduced: bool,
    /// It did not end in time, though CI's did.
    hangs: bool,
    signature: Option<Signature>,
    observed: Option<Observed>,
    states: Vec<runner::State>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(
        request: &'a Request<'a>,
        job: Job<'a>,
        evidence: Evidence,
        root: &Path,
        name: &str,
    ) -> Self {
        Self {
            request,
            job,
            config: place::repro_config(request, root, name),
            expected: repro::signature(&evidence.failure),
            function: name::of_function(
                evidence.test.as_ref().ok(),
                evidence.failure.exception.as_ref(),
                name,
            ),
            evidence,
            destination: place::destination(request.workspace, &root.join(name)),
            root: root.to_owned(),
            notes: Vec::new(),
            output: None,
            seen_here: None,
            runs: 0,
            reducing: Duration::ZERO,
            each_part_tried: false,
        }
    }

    /// The conservative slice, not run.
    pub(super) fn unverified(&mut self) -> Chosen {
        self.notes
            .push("not run, so it is not known whether it fails like CI did".to_owned());
        self.not_run()
    }

    fn not_run(&self) -> Chosen {
        let slice = self.slice(Level::Conservative, None);
        let files = repro::generate(&self.evidence, &slice, &self.config);
        let room = self.room(&files, &slice);
        let slice = self.inlined(slice, room);
        Chosen {
            files: repro::generate(&self.evidence, &slice, &self.config),
            slice,
            verified: None,
            comparison: None,
        }
    }

    /// The smallest slice that fails like CI did.
    pub(super) fn verified(&mut self) -> Result<Chosen, GenerateError> {
        if repro::is_of_files(&self.evidence) {
            return self.tried(Slice::default(), None);
        }
        if self.evidence.test.is_err() {
            self.notes.push(match self.evidence.failure.id.as_str() {
                "" => format!(
                    "what failed is {}: no test to make smaller",
                    self.evidence.failure.title()
                ),
                _ => "the original test is not in the workspace, so there is nothing to run"
                    .to_owned(),
            });
            return Ok(self.not_run());
        }
        (self.job.progress)("running the original test");
        let original = self.original()?;
        if original.verdict == Verdict::Blocked {
            // No slice can tell more than that: one run shows the person what is missing.
            let careful = self.slice(Level::Conservative, None);
            return self.tried(careful, None);
        }
        if original.hangs {
            // No slice is like CI's failure as long as the whole is not, and each would take its time.
            return Ok(self.not_run());
        }
        let observed = original.observed.as_ref();
        let mut tried: Vec<String> = Vec::new();
        let mut last = None;
        for level in Level::ALL {
            let left = MOST_RUNS.saturating_sub(self.runs);
            // The last run is for what is the safest.
            if left == 0 || left == 1 && level == Level::Body {
                continue;
            }
            let slice = self.slice(level, observed);
            if slice.code.is_empty() || tried.contains(&slice.code) {
                continue;
            }
            tried.push(slice.code.clone());
            (self.job.progress)(&format!("running the repro at level {}", level.number()));
            let mut attempt = self.attempt(&slice, original.signature.as_ref(), true)?;
            self.reducing += attempt
                .reduced
                .as_ref()
                .map_or(Duration::ZERO, |it| it.took);
            let good = attempt.good && !original.differs(&attempt, level);
            let reduced = attempt.reduced.take().filter(|_| good);
            let mut chosen = self.chosen(slice, attempt);
            if let Some(reduced) = reduced {
                self.reduce(&mut chosen, reduced, original.signature.as_ref())?;
            }
            last = Some(chosen);
            if good {
                break;
            }
        }
        let Some(mut last) = last else {
            return Ok(self.unverified());
        };
        if !original.reproduced && last.verified != Some(true) {
            // Nothing tells which slice is right: the careful one stays.
            last.slice = self.slice(Level::Conservative, observed);
            last.files = repro::generate(&self.evidence, &last.slice, &self.config);
        }
        Ok(last)
    }

    fn tried(
        &mut self,
        slice: Slice,
        known_good: Option<&Signature>,
    ) -> Result<Chosen, GenerateError> {
        let attempt = self.attempt(&slice, known_good, false)?;
        Ok(self.chosen(slice, attempt))
    }

    fn chosen(&mut self, slice: Slice, attempt: Attempt) -> Chosen {
        self.output = Some(attempt.output);
        let verified = match attempt.comparison.verdict {
            Verdict::InsufficientEvidence | Verdict::Blocked => None,
            verdict => Some(verdict == Verdict::Same),
        };
        Chosen {
            slice,
            files: attempt.files,
            verified,
            comparison: Some(attempt.comparison),
        }
    }

    fn slice(&self, level: Level, observed: Option<&Observed>) -> Slice {
        let test = self.evidence.test.as_ref();
        let Some(test) = test.ok().filter(|_| !repro::is_of_files(&self.evidence)) else {
            return Slice::default();
        };
        let (log, failure) = match &self.seen_here {
            Some((log, failure)) => (log, failure),
            None => (&*self.request.log.log, &self.evidence.failure),
        };
        let mut criterion = evidence::criterion(
            self.request.reading,
            log,
            failure,
            &self.destination,
            &self.function,
        );
        let here = self.request.workspace.root().display().to_string();
        criterion.workspaces.push(here);
        let sources = &self.request.reading.python;
        let mut slice = python::slice(sources, test, &criterion, observed, level);
        if self.seen_here.is_some() {
            let note = "CI's log does not tell the failing line; it is that of the original test's run here";
            slice.notes.push(note.to_owned());
        }
        slice
    }

    /// Writes the slice beside its place, runs it, and compares; if it is to be reduced, the run finds out how.
    fn attempt(
        &mut self,
        slice: &Slice,
        known_good: Option<&Signature>,
        reducing: bool,
    ) -> Result<Attempt, GenerateError> {
        let files = repro::generate(&self.evidence, slice, &self.config);
        let folder = folders::sibling(&self.root, &self.config.name)?;
        place::write_files(folder.path(), &files)?;
        let output = folder.path().join("output.log");
        let script = folder.path().join("run_test.sh");
        let reduction = match reducing {
            true => self.reduction(folder.path(), slice, &files)?,
            false => None,
        };
        let mut env = trial::quiet_python();
        let mut arguments = Vec::new();
        let scratch = folders::scratch()?;
        let mut plugins = scratch.path();
        if let Some(reduction) = &reduction {
            env.extend(reduction.env());
            arguments.extend(Reduction::arguments());
            plugins = reduction.folder();
        } else {
            env.push(trial::python_path(plugins));
        }
        env.push(state::prepare(plugins, scratch.path())?);
        arguments.extend(state::arguments());
        let trial = self.run(&script, &arguments, env, &output)?;
        let (comparison, good) = trial::compare(&self.expected, known_good, &trial.outcome);
        let staged = folder.path().file_name().unwrap_or_default();
        let staged = staged.to_string_lossy();
        let output = trial::renamed(&folders::bytes(&output)?, &staged, &self.config.name);
        let test = folder.path().join("tests").join(&files.test_name);
        Ok(Attempt {
            files,
            comparison,
            good,
            reduced: reduction.and_then(|it| it.reduced()),
            output,
            states: state::read(scratch.path()),
            test: folders::full(&test),
        })
    }

    /// Runs the original test alone, in the environment of the repro's script, watched by the trace plugin.
    fn original(&mut self) -> Result<Original, GenerateError> {
        let id = match &self.evidence.test {
            Ok(test) => test.id.clone(),
            Err(_) => String::new(),
        };
        let checkout = self.evidence.job.checkout.as_ref();
        let checkout = checkout.map(|it| it.text.as_str());
        let here = self.request.workspace.root().display().to_string();
        let here = places::id_here(&id, checkout, &here);
        let script = script_of_original(&self.evidence, &here, &self.config);
        let folder = folders::sibling(&self.root, &self.config.name)?;
        let scratch = folders::scratch()?;
        let path = folder.path().join("run_test.sh");
        write_staged(&path, script.as_bytes())?;
        let plugin = scratch
            .path()
            .join(format!("{}.py", runner::TRACE_PLUGIN_NAME));
        write_staged(&plugin, runner::TRACE_PLUGIN.as_bytes())?;
        let record = scratch.path().join("record.json");
        let root = self.request.workspace.root();
        let mut env = trial::quiet_python();
        let mut set = |name: &str, value: String| env.push((name.to_owned(), value));
        set(runner::TRACE_VARIABLE, record.display().to_string());
        set("REPROLENS_TRACE_ROOT", root.display().to_string());
        env.push(trial::python_path(scratch.path()));
        env.push(state::prepare(scratch.path(), scratch.path())?);
        let mut arguments = vec!["-p".to_owned(), runner::TRACE_PLUGIN_NAME.to_owned()];
        arguments.extend(state::arguments());
        let output = scratch.path().join("output.log");
        let trial = self.run(&path, &arguments, env, &output)?;
        let comparison = repro::compare(&self.expected, &trial.outcome);
        let reproduced = matches!(
            comparison.verdict,
            Verdict::Same | Verdict::InsufficientEvidence
        );
        if !reproduced && comparison.verdict != Verdict::Blocked {
            let text = comparison
                .reasons
                .first()
                .map(|reason| format!(": {}", reason.text))
                .unwrap_or_default();
            self.notes.push(format!(
                "the original test, run alone here, does not fail like CI did ({}{text}); another commit, a missing piece of \
                 environment, or a test that fails only after others",
                comparison.verdict.name()
            ));
        }
        let hangs = trial.outcome.timed_out && !self.expected.hung && !reproduced;
        let run = trial.outcome.log;
        if let Some(python) = run.sessions.iter().find_map(|it| it.python.as_deref()) {
            evidence::leave_out_obstacles(&mut self.evidence, Some(python));
        }
        let same_phase = |failure: &&log::Failure| failure.phase == self.expected.phase;
        let failures = &run.failures;
        let failure = failures.iter().find(same_phase).or(failures.first());
        let signature = failure.map(repro::signature);
        let observed = folders::text(&record)
            .and_then(|record| runner::observed(&record))
            .filter(|_| reproduced);
        // The run knows parameters that the source does not show.
        let project = Project::new(&self.request.reading.python, &[]);
        if let Some(observed) = &observed
            && let Ok(test) = python::find_observed(&project, &id, observed)
        {
            self.evidence.test = Ok(test);
        }
        if reproduced
            && self.evidence.failure.location.is_none()
            && let Some(failure) = failure.filter(|it| it.location.is_some()).cloned()
        {
            self.seen_here = Some((run, failure));
        }
        Ok(Original {
            verdict: comparison.verdict,
            reproduced,
            hangs,
            signature: signature.filter(|_| reproduced),
            observed,
            states: state::read(scratch.path()),
        })
    }

    fn run(
        &mut self,
        script: &Path,
        arguments: &[String],
        env: Vec<(String, String)>,
        output: &Path,
    ) -> Result<trial::Trial, GenerateError> {
        self.runs += 1;
        let config = self.request.config;
        let trial = trial::run(script, arguments, env, output, config, self.job)?;
        if trial.cancelled {
            return Err(GenerateError::Cancelled);
        }
        Ok(trial)
    }

    fn why_so_long(&self, test_lines: usize) -> String {
        let why = match self.each_part_tried {
            true => {
                "each part of it was tried, and without it the test fails otherwise or not at all"
            }
            false => "not each part of it could be tried; see: reprolens minimize",
        };
        let message = self.expected.message.as_deref().unwrap_or_default();
        let data = match far_index(message) {
            Some(index) => {
                format!("; CI's message tells of element {index}, so the data before it stays")
            }
            None => String::new(),
        };
        format!("the test has {test_lines} lines: {why}{data}")
    }

    /// What the faces are told.
    pub(super) fn repro(
        mut self,
        chosen: Chosen,
        dir: PathBuf,
        kept: Vec<Kept>,
        checked: Checked,
    ) -> Repro {
        let problems = chosen.files.problems.iter();
        self.notes
            .extend(problems.map(|problem| problem.message.clone()));
        self.notes.extend(chosen.slice.notes.iter().cloned());
        let test_lines = chosen.files.test.lines().count();
        if chosen.verified == Some(true) && test_lines > self.request.config.max_lines as usize {
            self.notes.push(self.why_so_long(test_lines));
        }
        if chosen.verified != Some(true) {
            let reasons = chosen.comparison.iter().flat_map(|it| &it.reasons);
            self.notes.extend(reasons.map(|reason| reason.text.clone()));
        }
        let has_test = !chosen.files.test.is_empty();
        let configuration = self.evidence.configurations.into_iter().next();
        Repro {
            failure: self.evidence.failure.title().to_owned(),
            script: dir.join("run_test.sh"),
            test: has_test.then(|| dir.join("tests").join(&chosen.files.test_name)),
            readme: dir.join("README.md"),
            dir,
            test_lines,
            level: chosen.slice.level.number(),
            verified: chosen.verified,
            expected: self.expected,
            comparison: chosen.comparison,
            obstacles: configuration.map(|it| it.obstacles).unwrap_or_default(),
            checked,
            notes: self.notes,
            kept,
        }
    }
}

/// The element that two sequences differ at, as pytest tells it, where many stand before it.
fn far_index(message: &str) -> Option<usize> {
    let (_, rest) = message.split_once("At index ")?;
    let index: usize = rest.split(' ').next()?.parse().ok()?;
    (index >= 20).then_some(index)
}

/// The repro's script with the original test in the repro test's place.
fn script_of_original(evidence: &Evidence, id: &str, config: &repro::Config) -> String {
    let any = Slice {
        code: "def test_it():\n    pass\n".to_owned(),
        ..Slice::default()
    };
    // pytest finds the conftests above the original by itself, and takes none twice.
    let evidence = Evidence {
        conftests: Vec::new(),
        ..evidence.clone()
    };
    let config = repro::Config {
        runs_original: true,
        ..config.clone()
    };
    let files = repro::generate(&evidence, &any, &config);
    let own = format!("\"$SCRIPT_DIR/tests/{}\"", files.test_name);
    files.script.replace(
        &own,
        &format!("\"$WORKSPACE_DIR\"/{}", shell::ShellWord::new(id).as_str()),
    )
}
