//! From one failure of a log to its repro folder: evidence, slices from small to safe, each run until one fails like CI did,
//! then the folder, whole or not at all.
//!
//! It blocks, prints nothing and knows no face: values in, values out. A face calls it on a thread that may wait.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use python::{Level, Observed, Slice};
use repro::{Comparison, Evidence, Files, Signature, Verdict};
use text::Workspace;
use thiserror::Error;
use workflow::Obstacle;

use crate::config::Config;
use crate::files::folders::{self, FolderLock};
use crate::files::{DiskWorkspace, FilesError, LogSource, make_executable, write_atomically};
use crate::manifest::{self, Manifest};
use crate::{evidence, trial};

/// A log as a face has it.
#[derive(Debug, Clone)]
pub(crate) struct LogInput {
    pub(crate) source: LogSource,
    pub(crate) log: Arc<log::Log>,
    /// The raw text, where the source cannot be read a second time (standard input, an editor's unsaved document).
    pub(crate) text: Option<Arc<[u8]>>,
}

/// What to generate.
#[derive(Debug, Clone)]
pub(crate) struct Request<'a> {
    pub(crate) workspace: &'a DiskWorkspace,
    pub(crate) config: &'a Config,
    pub(crate) log: &'a LogInput,
    /// Index into the log's failures.
    pub(crate) failure: usize,
    /// The folder that is to hold the repro folder; the configured root where it is `None`.
    pub(crate) into: Option<PathBuf>,
    /// The repro folder's name; made from the failure where it is `None`.
    pub(crate) name: Option<String>,
    /// Whether the original test and the repro may be run.
    pub(crate) run: bool,
    /// Whether files that a person edited may be replaced; a copy of each is kept.
    pub(crate) force: bool,
}

/// What a long job tells its face, and asks of it.
#[derive(Clone, Copy)]
pub(crate) struct Job<'a> {
    /// Told what happens now, in a few words.
    pub(crate) progress: &'a (dyn Fn(&str) + Sync),
    /// Asked often whether to stop.
    pub(crate) cancelled: &'a (dyn Fn() -> bool + Sync),
}

/// A generated repro.
#[derive(Debug, Clone)]
pub(crate) struct Repro {
    /// The failure's node id.
    pub(crate) failure: String,
    pub(crate) dir: PathBuf,
    pub(crate) script: PathBuf,
    /// `None` where no test could be written: the original test is not in the workspace.
    pub(crate) test: Option<PathBuf>,
    pub(crate) readme: PathBuf,
    pub(crate) test_lines: usize,
    pub(crate) level: u8,
    /// Whether a run of it failed like CI did; `None` if none was made, or none could tell.
    pub(crate) verified: Option<bool>,
    /// How the last run compares with CI's failure; `None` if none was made.
    pub(crate) comparison: Option<Comparison>,
    pub(crate) obstacles: Vec<Obstacle>,
    /// What a person should know: why it is not verified, what was left out.
    pub(crate) notes: Vec<String>,
    /// Files that a person edited, and what regenerating would have changed in them; they were left as they are.
    pub(crate) kept: Vec<Kept>,
}

/// A file that was not overwritten.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) path: PathBuf,
    /// Unified diff from the file to what would have been written.
    pub(crate) diff: String,
}

/// Why nothing was generated.
#[derive(Debug, Error)]
pub(crate) enum GenerateError {
    #[error(transparent)]
    Files(#[from] FilesError),
    #[error("the log holds no failure number {0}")]
    NoSuchFailure(usize),
    #[error("{0}")]
    Name(String),
    #[error("another process generates in {} right now; try again when it is done", .0.display())]
    Locked(PathBuf),
    #[error("the run could not be started")]
    Run(#[from] runner::Error),
    #[error("cancelled")]
    Cancelled,
}

/// A log larger than this is not copied into the repro folder; its failing job's part is named instead.
const LARGEST_COPY: u64 = 64 << 20;

/// Writes the repro folder of one failure.
pub(crate) fn generate(request: &Request<'_>, job: Job<'_>) -> Result<Repro, GenerateError> {
    let log = &request.log.log;
    let failure = log
        .failures
        .get(request.failure)
        .ok_or(GenerateError::NoSuchFailure(request.failure + 1))?;
    let name = match &request.name {
        Some(name) => valid_name(name)?,
        None => repro::name(failure),
    };
    let root = root(request.workspace, request.config, request.into.as_deref());
    let dir = root.join(&name);
    let _lock =
        FolderLock::take(&root, &name)?.ok_or_else(|| GenerateError::Locked(dir.clone()))?;
    (job.progress)("reading the test and the CI configuration");
    let source = request.log.source.name();
    let evidence = evidence::of_failure(
        request.workspace,
        request.config,
        &source,
        log,
        request.failure,
    )
    .ok_or(GenerateError::NoSuchFailure(request.failure + 1))?;
    let mut plan = Plan {
        request,
        job,
        config: repro_config(request, &root, &name),
        expected: repro::signature(&evidence.failure),
        evidence,
        criterion_name: format!("test_{}_repro", test_stem(&name)),
        destination: destination(request.workspace, &dir),
        root,
        notes: Vec::new(),
        output: None,
    };
    let chosen = if request.run {
        plan.verified()?
    } else {
        plan.unverified()
    };
    plan.write(&dir, chosen)
}

/// What generating one repro is made with.
struct Plan<'a> {
    request: &'a Request<'a>,
    job: Job<'a>,
    config: repro::Config,
    evidence: Evidence,
    expected: Signature,
    criterion_name: String,
    /// The folder of the test, relative to the workspace.
    destination: String,
    root: PathBuf,
    notes: Vec<String>,
    /// The output of the run that decided.
    output: Option<Vec<u8>>,
}

/// A slice that was decided for.
struct Chosen {
    slice: Slice,
    files: Files,
    verified: Option<bool>,
    comparison: Option<Comparison>,
}

/// A run of one slice.
struct Attempt {
    files: Files,
    comparison: Comparison,
    good: bool,
    output: Vec<u8>,
}

impl Plan<'_> {
    /// The conservative slice, not run.
    fn unverified(&mut self) -> Chosen {
        let slice = self.slice(Level::Conservative, None);
        let files = repro::generate(&self.evidence, &slice, &self.config);
        self.notes
            .push("not run, so it is not known whether it fails like CI did".to_owned());
        Chosen {
            slice,
            files,
            verified: None,
            comparison: None,
        }
    }

    /// The smallest slice that fails like CI did.
    fn verified(&mut self) -> Result<Chosen, GenerateError> {
        if self.evidence.test.is_err() {
            self.notes.push(
                "the original test is not in the workspace, so there is nothing to run".to_owned(),
            );
            return Ok(Chosen {
                verified: None,
                ..self.unverified()
            });
        }
        (self.job.progress)("running the original test");
        let original = self.original()?;
        let known_good = original
            .as_ref()
            .and_then(|original| original.signature.clone());
        let observed = original
            .as_ref()
            .and_then(|original| original.observed.as_ref());
        let reproduced = original
            .as_ref()
            .is_some_and(|original| original.reproduced);
        let mut tried: Vec<String> = Vec::new();
        let mut last = None;
        for level in Level::ALL {
            let slice = self.slice(level, observed);
            if slice.code.is_empty() || tried.contains(&slice.code) {
                continue;
            }
            tried.push(slice.code.clone());
            (self.job.progress)(&format!("running the repro at level {}", level.number()));
            let attempt = self.attempt(&slice, known_good.as_ref())?;
            let insufficient = attempt.comparison.verdict == Verdict::InsufficientEvidence;
            let chosen = Chosen {
                slice,
                files: attempt.files,
                verified: if insufficient {
                    None
                } else {
                    Some(attempt.comparison.verdict == Verdict::Same)
                },
                comparison: Some(attempt.comparison),
            };
            self.output = Some(attempt.output);
            if attempt.good {
                return Ok(chosen);
            }
            last = Some(chosen);
        }
        let Some(last) = last else {
            return Ok(self.unverified());
        };
        if reproduced {
            return Ok(last);
        }
        // The original itself does not fail like CI did here: nothing tells which slice is right, so the careful one stays.
        let careful = self.slice(Level::Conservative, observed);
        let files = repro::generate(&self.evidence, &careful, &self.config);
        Ok(Chosen {
            slice: careful,
            files,
            ..last
        })
    }

    fn slice(&self, level: Level, observed: Option<&Observed>) -> Slice {
        let Ok(test) = &self.evidence.test else {
            return Slice::default();
        };
        let criterion = evidence::criterion(
            self.request.workspace,
            &self.request.log.log,
            &self.evidence.failure,
            &self.destination,
            &self.criterion_name,
        );
        python::slice(self.request.workspace, test, &criterion, observed, level)
    }

    /// Writes the slice beside its place, runs it, and compares.
    fn attempt(
        &self,
        slice: &Slice,
        known_good: Option<&Signature>,
    ) -> Result<Attempt, GenerateError> {
        let files = repro::generate(&self.evidence, slice, &self.config);
        let folder = folders::sibling(&self.root, &self.config.name)?;
        write_files(folder.path(), &files)?;
        let output = folder.path().join("output.log");
        let script = folder.path().join("run_test.sh");
        let trial = trial::run(
            &script,
            &[],
            quiet_python(),
            &output,
            self.request.config,
            self.job,
        )?;
        if trial.cancelled {
            return Err(GenerateError::Cancelled);
        }
        let (comparison, good) = trial::compare(&self.expected, known_good, &trial.outcome);
        let staged = folder
            .path()
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let output = renamed(&folders::bytes(&output)?, &staged, &self.config.name);
        Ok(Attempt {
            files,
            comparison,
            good,
            output,
        })
    }

    /// Runs the original test alone, in the environment of the repro's script, watched by the trace plugin.
    fn original(&mut self) -> Result<Option<Original>, GenerateError> {
        let Ok(test) = &self.evidence.test else {
            return Ok(None);
        };
        let script = script_of_original(&self.evidence, &test.id, &self.config);
        let folder = folders::sibling(&self.root, &self.config.name)?;
        let scratch = folders::scratch()?;
        let path = folder.path().join("run_test.sh");
        write_atomically(&path, script.as_bytes())?;
        let plugin = scratch
            .path()
            .join(format!("{}.py", runner::TRACE_PLUGIN_NAME));
        write_atomically(&plugin, runner::TRACE_PLUGIN.as_bytes())?;
        let record = scratch.path().join("record.json");
        let mut env = quiet_python();
        env.push((
            runner::TRACE_VARIABLE.to_owned(),
            record.display().to_string(),
        ));
        env.push((
            "REPROLENS_TRACE_ROOT".to_owned(),
            self.request.workspace.root().display().to_string(),
        ));
        env.push(("PYTHONPATH".to_owned(), python_path(scratch.path())));
        let arguments = ["-p".to_owned(), runner::TRACE_PLUGIN_NAME.to_owned()];
        let output = scratch.path().join("output.log");
        let trial = trial::run(
            &path,
            &arguments,
            env,
            &output,
            self.request.config,
            self.job,
        )?;
        if trial.cancelled {
            return Err(GenerateError::Cancelled);
        }
        let comparison = repro::compare(&self.expected, &trial.outcome);
        let reproduced = matches!(
            comparison.verdict,
            Verdict::Same | Verdict::InsufficientEvidence
        );
        if !reproduced {
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
        let same_phase = |failure: &&log::Failure| failure.phase == self.expected.phase;
        let failures = &trial.outcome.log.failures;
        let signature = failures
            .iter()
            .find(same_phase)
            .or(failures.first())
            .map(repro::signature);
        let observed = folders::text(&record).and_then(|record| runner::observed(&record));
        Ok(Some(Original {
            reproduced,
            signature: signature.filter(|_| reproduced),
            observed: observed.filter(|_| reproduced),
        }))
    }

    /// Puts the chosen files in their place.
    fn write(mut self, dir: &Path, chosen: Chosen) -> Result<Repro, GenerateError> {
        (self.job.progress)("writing the folder");
        if let Some(problem) = chosen.files.problems.first() {
            self.notes.extend(
                chosen
                    .files
                    .problems
                    .iter()
                    .skip(1)
                    .map(|problem| problem.message.clone()),
            );
            self.notes.push(problem.message.clone());
        }
        self.notes.extend(chosen.slice.notes.iter().cloned());
        if let Some(reason) = chosen
            .comparison
            .as_ref()
            .filter(|_| chosen.verified != Some(true))
        {
            self.notes
                .extend(reason.reasons.iter().map(|reason| reason.text.clone()));
        }
        let kept = if dir.exists() {
            self.update(dir, &chosen)?
        } else {
            let folder = folders::sibling(&self.root, &self.config.name)?;
            write_files(folder.path(), &chosen.files)?;
            self.write_logs(folder.path())?;
            self.manifest(&chosen).write(folder.path())?;
            folders::keep_as(folder, dir)?;
            Vec::new()
        };
        let has_test = !chosen.files.test.is_empty();
        Ok(Repro {
            failure: self.evidence.failure.id.clone(),
            script: dir.join("run_test.sh"),
            test: has_test.then(|| dir.join("tests").join(&chosen.files.test_name)),
            readme: dir.join("README.md"),
            dir: dir.to_owned(),
            test_lines: chosen.files.test.lines().count(),
            level: chosen.slice.level.number(),
            verified: chosen.verified,
            comparison: chosen.comparison,
            obstacles: self
                .evidence
                .configurations
                .into_iter()
                .next()
                .map(|it| it.obstacles)
                .unwrap_or_default(),
            notes: self.notes,
            kept,
        })
    }

    /// Brings an existing folder up to date, file by file; what a person edited stays, unless it is forced.
    fn update(&self, dir: &Path, chosen: &Chosen) -> Result<Vec<Kept>, GenerateError> {
        let before = Manifest::read(dir);
        let mut after = self.manifest(chosen);
        let mut kept = Vec::new();
        for (path, new) in parts(&chosen.files) {
            let full = dir.join(&path);
            match folders::text(&full) {
                Some(old) if old == new => {}
                Some(old) if full.exists() && !before.made(&path, &old) && !self.request.force => {
                    let diff = similar::TextDiff::from_lines(&old, &new);
                    let diff = diff.unified_diff().header(&path, "generated").to_string();
                    kept.push(Kept { path: full, diff });
                    after.files.remove(&path);
                    continue;
                }
                Some(old) => {
                    if !before.made(&path, &old) {
                        folders::set_aside(&full)?;
                    }
                    write_atomically(&full, new.as_bytes())?;
                }
                None => write_atomically(&full, new.as_bytes())?,
            }
            if path == "run_test.sh" {
                make_executable(&full)?;
            }
        }
        self.write_logs(dir)?;
        after.write(dir)?;
        Ok(kept)
    }

    /// The run's output, and CI's log where the folder has none yet: `logs/` is the person's otherwise.
    fn write_logs(&self, dir: &Path) -> Result<(), GenerateError> {
        if let Some(output) = &self.output {
            let path = dir.join("logs").join("reproduction.log");
            if path.exists() {
                folders::set_aside(&path)?;
            }
            write_atomically(&path, output)?;
        }
        if !folders::ci_logs(dir).is_empty() {
            return Ok(());
        }
        let source = &self.request.log.source;
        let bytes = match &self.request.log.text {
            Some(text) => text.to_vec(),
            None if source.size().is_some_and(|size| size > LARGEST_COPY) => return Ok(()),
            None => {
                let mut bytes = Vec::new();
                source.read(&mut |chunk| {
                    // Of an archive's entry the size is not known beforehand.
                    if (bytes.len() + chunk.len()) as u64 <= LARGEST_COPY {
                        bytes.extend_from_slice(chunk);
                    }
                })?;
                bytes
            }
        };
        Ok(write_atomically(&dir.join("logs").join("ci.log"), &bytes)?)
    }

    fn manifest(&self, chosen: &Chosen) -> Manifest {
        let files: BTreeMap<String, String> = parts(&chosen.files)
            .into_iter()
            .map(|(path, text)| (path, manifest::digest(&text)))
            .collect();
        Manifest {
            version: 1,
            failure: self.evidence.failure.id.clone(),
            phase: self.evidence.failure.phase.name().to_owned(),
            level: chosen.slice.level.number(),
            files,
        }
    }
}

/// What the original test's own run told.
struct Original {
    /// It fails like CI did, as far as the log can tell.
    reproduced: bool,
    signature: Option<Signature>,
    observed: Option<Observed>,
}

/// The repro's script with the original test in the repro test's place.
fn script_of_original(evidence: &Evidence, id: &str, config: &repro::Config) -> String {
    let any = Slice {
        code: "def test_it():\n    pass\n".to_owned(),
        ..Slice::default()
    };
    let files = repro::generate(evidence, &any, config);
    let own = format!("\"$SCRIPT_DIR/tests/{}\"", files.test_name);
    files.script.replace(
        &own,
        &format!("\"$WORKSPACE_DIR\"/{}", shell::ShellWord::new(id).as_str()),
    )
}

/// The generated files by their paths in the folder.
fn parts(files: &Files) -> Vec<(String, String)> {
    let mut parts = vec![
        ("run_test.sh".to_owned(), files.script.clone()),
        ("README.md".to_owned(), files.readme.clone()),
    ];
    if !files.test.is_empty() {
        parts.push((format!("tests/{}", files.test_name), files.test.clone()));
    }
    parts
}

fn write_files(folder: &Path, files: &Files) -> Result<(), FilesError> {
    for (path, text) in parts(files) {
        write_atomically(&folder.join(path), text.as_bytes())?;
    }
    make_executable(&folder.join("run_test.sh"))
}

/// Runs leave nothing behind in the workspace.
fn quiet_python() -> Vec<(String, String)> {
    vec![("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned())]
}

/// The trace plugin's folder before the caller's own module path.
#[expect(
    clippy::disallowed_methods,
    reason = "the child's variable extends the one that it would inherit"
)]
fn python_path(first: &Path) -> String {
    match std::env::var("PYTHONPATH") {
        Ok(own) if !own.is_empty() => format!("{}:{own}", first.display()),
        _ => first.display().to_string(),
    }
}

/// The output with the staging folder's name replaced by the folder's own.
fn renamed(output: &[u8], staged: &str, name: &str) -> Vec<u8> {
    let mut result = Vec::with_capacity(output.len());
    let finder = memchr::memmem::Finder::new(staged);
    let mut at = 0;
    for found in finder.find_iter(output) {
        result.extend_from_slice(&output[at..found]);
        result.extend_from_slice(name.as_bytes());
        at = found + staged.len();
    }
    result.extend_from_slice(&output[at..]);
    result
}

/// A name that is one folder of the root, and nothing else.
fn valid_name(name: &str) -> Result<String, GenerateError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.len() > 100 || name.starts_with('.') || !name.chars().all(fits) {
        return Err(GenerateError::Name(format!(
            "{name:?} cannot name a repro folder: use up to 100 letters, digits, `-`, `_` and `.`, not beginning with `.`"
        )));
    }
    Ok(name.to_owned())
}

/// The folder's name as a part of a Python name.
fn test_stem(name: &str) -> String {
    name.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .collect()
}

/// The folder of the generated test, relative to the workspace where it is in it.
fn destination(workspace: &DiskWorkspace, dir: &Path) -> String {
    let tests = dir.join("tests");
    let absolute = dir
        .parent()
        .and_then(|root| root.canonicalize().ok())
        .map(|root| root.join(dir.file_name().unwrap_or_default()).join("tests"));
    let tests = absolute.unwrap_or(tests);
    let relative = tests.strip_prefix(workspace.root()).unwrap_or(&tests);
    relative.to_string_lossy().replace('\\', "/")
}

fn repro_config(request: &Request<'_>, root: &Path, name: &str) -> repro::Config {
    let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let relative = root.strip_prefix(request.workspace.root()).unwrap_or(&root);
    let folder = &request.config.templates;
    let templates = if folder.is_empty() {
        Vec::new()
    } else {
        request.workspace.list(folder)
    };
    repro::Config {
        workspace: request.workspace.root().display().to_string(),
        root: relative.to_string_lossy().replace('\\', "/"),
        name: name.to_owned(),
        venv: request.config.venv.clone(),
        max_seconds: request.config.max_seconds,
        templates: templates
            .into_iter()
            .filter_map(|file| {
                Some((
                    file.clone(),
                    request
                        .workspace
                        .read(&format!("{folder}/{file}"))?
                        .to_string(),
                ))
            })
            .collect(),
    }
}

/// The folder that holds repro folders.
pub(crate) fn root(workspace: &DiskWorkspace, config: &Config, into: Option<&Path>) -> PathBuf {
    into.map_or_else(|| workspace.root().join(&config.root), Path::to_owned)
}
