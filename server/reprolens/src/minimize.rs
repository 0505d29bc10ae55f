//! Shrinks a repro's test and script while it fails like CI did.
//!
//! What of the test can go is found in one run of pytest, which tries the parts in itself, again and again until nothing goes;
//! where a test cannot be tried so (it hangs, it kills its process), and for the script, each try is a run. Whatever comes out
//! was run by the script and compared. It blocks, prints nothing and knows no face.

mod script;
mod search;

use std::path::Path;
use std::time::Duration;

use repro::{Signature, Verdict};
use thiserror::Error;

use crate::config::Config;
use crate::files::folders::FolderLock;
use crate::files::{FilesError, folders, make_executable, write_atomically, write_staged};
use crate::generate::Job;
use crate::manifest::{self, Manifest};
use crate::reduce::{self, Reduction};
use crate::verify::VerifyError;
use crate::{trial, verify};

/// What to shrink.
#[derive(Debug, Clone)]
pub(crate) struct Request<'a> {
    pub(crate) config: &'a Config,
    /// The repro folder.
    pub(crate) folder: &'a Path,
    /// Runs to make at most.
    pub(crate) runs: u32,
}

/// What became of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Minimized {
    pub(crate) lines_before: usize,
    pub(crate) lines_after: usize,
    /// Variables that the failure does not depend on: their exports are gone from the script.
    pub(crate) removed_variables: Vec<String>,
    /// Arguments of CI that it does not depend on.
    pub(crate) removed_arguments: Vec<String>,
    pub(crate) runs: u32,
    /// Whether the bound on the runs ended it.
    pub(crate) stopped_early: bool,
}

/// Why nothing was shrunk; the folder is then as it was.
#[derive(Debug, Error)]
pub(crate) enum MinimizeError {
    #[error(transparent)]
    Files(#[from] FilesError),
    #[error(transparent)]
    Verify(#[from] VerifyError),
    #[error(
        "the repro does not fail like CI did ({0}), so there is nothing to hold on to; see `reprolens verify`"
    )]
    NotSame(String),
    #[error("{0}")]
    NoTest(String),
    #[error("another process works on this repro right now; try again when it is done")]
    Locked,
}

/// How long one run may try parts.
const BUDGET: Duration = Duration::from_secs(20);

/// Passes over the test at most: each leaves less for the next.
const PASSES: usize = 10;

/// Shrinks test and script. Each try is made in a copy beside the folder; the folder changes once, at the end.
pub(crate) fn minimize(request: &Request<'_>, job: Job<'_>) -> Result<Minimized, MinimizeError> {
    let nothing =
        |text: &str| MinimizeError::NoTest(format!("{} {text}", request.folder.display()));
    let script = folders::text(&request.folder.join("run_test.sh"))
        .ok_or_else(|| verify::VerifyError::NoScript(request.folder.to_owned()).to_string())
        .map_err(MinimizeError::NoTest)?;
    let tests = request.folder.join("tests");
    let test_path =
        folders::test_file(&tests).ok_or_else(|| nothing("holds no tests/test_*_repro.py"))?;
    let test = folders::text(&test_path).ok_or_else(|| nothing("holds a test that is no text"))?;
    let failure = verify::ci_failure(request.folder)
        .ok_or_else(|| nothing("has no CI log to compare with"))?;
    let full = request
        .folder
        .canonicalize()
        .map_err(|source| FilesError::io("read", request.folder, source))?;
    let root = full.parent().unwrap_or(&full);
    let name = full.file_name().unwrap_or_default().to_string_lossy();
    let _lock = FolderLock::take(root, &name)?.ok_or(MinimizeError::Locked)?;
    let mut shrinking = Shrinking {
        request,
        job,
        root,
        name: &name,
        expected: repro::signature(&failure),
        test_name: test_path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        script,
        test,
        output: Vec::new(),
        runs: 0,
        last: Verdict::Blocked,
        stopped: false,
    };
    let lines_before = shrinking.test.lines().count();
    let (script, test) = (shrinking.script.clone(), shrinking.test.clone());
    if !shrinking.is_same(&script, &test)? {
        return Err(MinimizeError::NotSame(shrinking.last.name().to_owned()));
    }
    shrinking.shrink_test()?;
    let gone = shrinking.shrink_script()?;
    if shrinking.script != script || shrinking.test != test {
        shrinking.write(&test_path, &gone)?;
    }
    let (removed_variables, removed_arguments) = gone
        .into_iter()
        .map(|item| item.name)
        .partition(|name| !name.starts_with('-'));
    Ok(Minimized {
        lines_before,
        lines_after: shrinking.test.lines().count(),
        removed_variables,
        removed_arguments,
        runs: shrinking.runs,
        stopped_early: shrinking.stopped,
    })
}

struct Shrinking<'a> {
    request: &'a Request<'a>,
    job: Job<'a>,
    root: &'a Path,
    name: &'a str,
    expected: Signature,
    test_name: String,
    /// The smallest so far, and its run's output.
    script: String,
    test: String,
    output: Vec<u8>,
    runs: u32,
    /// The last run's verdict.
    last: Verdict,
    stopped: bool,
}

impl Shrinking<'_> {
    fn shrink_test(&mut self) -> Result<(), MinimizeError> {
        let Some(function) = test_function(&self.test) else {
            return Ok(());
        };
        // A test that does not come to an end, or takes its process along, can be tried from outside only.
        let by_runs = self.expected.hung || self.expected.crashed;
        for _ in 0..PASSES {
            let before = self.test.clone();
            if by_runs {
                self.by_runs(&function)?;
            } else if !self.within_one_run(&function)? {
                break;
            }
            if self.test == before || self.stopped {
                break;
            }
        }
        Ok(())
    }

    /// What one run of pytest finds, if it holds. A pass that does not is made by runs.
    fn within_one_run(&mut self, function: &str) -> Result<bool, MinimizeError> {
        if !self.has_room() {
            return Ok(false);
        }
        let copy = folders::sibling(self.root, self.name)?;
        write_staged(&copy.path().join("run_test.sh"), self.script.as_bytes())?;
        let test = copy.path().join("tests").join(&self.test_name);
        write_staged(&test, self.test.as_bytes())?;
        let text = self.test.clone();
        let request = reduce::Request {
            folder: copy.path(),
            test_name: &self.test_name,
            text: &text,
            failing: None,
            function,
            expected: &self.expected,
            most: BUDGET,
        };
        let Some(reduction) = Reduction::prepare(&request)? else {
            return Ok(false);
        };
        self.runs += 1;
        (self.job.progress)("finding out what the failure does not need");
        let script = copy.path().join("run_test.sh");
        let output = copy.path().join("output.log");
        let env = [trial::quiet_python(), reduction.env().to_vec()].concat();
        let (config, job) = (self.request.config, self.job);
        trial::run(&script, &Reduction::arguments(), env, &output, config, job)
            .map_err(|error| MinimizeError::Verify(VerifyError::Run(error)))
            .and_then(uncancelled)?;
        let reduced = reduction.reduced();
        let Some(reduced) = reduced.filter(|reduced| reduced.text != text) else {
            return Ok(false);
        };
        if !self.has_room() {
            return Ok(false);
        }
        if self.is_same(&self.script.clone(), &reduced.text)? {
            self.test = reduced.text;
        } else {
            self.by_runs(function)?;
        }
        Ok(true)
    }

    /// Part by part, the largest first, each try a run.
    fn by_runs(&mut self, function: &str) -> Result<(), MinimizeError> {
        let groups = python::reduce::parts(&self.test, None, function)
            .last()
            .map_or(0, |part| part.group + 1);
        for group in 0..groups {
            // What went before moved the parts that are left.
            let all = python::reduce::parts(&self.test, None, function);
            let parts: Vec<python::reduce::Part> =
                all.into_iter().filter(|part| part.group == group).collect();
            let text = self.test.clone();
            let without = |gone: &[usize]| python::reduce::without(&text, &parts, gone, None).0;
            let (gone, _) = search::removable(parts.len(), |gone| {
                self.try_out(&self.script.clone(), &without(gone))
            })?;
            self.test = without(&gone);
            if self.stopped {
                return Ok(());
            }
        }
        Ok(())
    }

    fn shrink_script(&mut self) -> Result<Vec<script::Item>, MinimizeError> {
        let items = script::items(&self.script);
        let text = self.script.clone();
        let chosen = |gone: &[usize]| -> Vec<&script::Item> {
            gone.iter().filter_map(|&index| items.get(index)).collect()
        };
        let (gone, _) = search::removable(items.len(), |gone| {
            self.try_out(&script::without(&text, &chosen(gone)), &self.test.clone())
        })?;
        let gone = chosen(&gone);
        self.script = script::without(&text, &gone);
        Ok(gone.into_iter().cloned().collect())
    }

    fn has_room(&mut self) -> bool {
        self.stopped |= self.runs >= self.request.runs;
        !self.stopped
    }

    fn try_out(&mut self, script: &str, test: &str) -> Result<Option<bool>, MinimizeError> {
        if !self.has_room() {
            return Ok(None);
        }
        self.is_same(script, test).map(Some)
    }

    fn is_same(&mut self, script: &str, test: &str) -> Result<bool, MinimizeError> {
        self.runs += 1;
        (self.job.progress)(&format!(
            "run {} of at most {}",
            self.runs, self.request.runs
        ));
        let copy = folders::sibling(self.root, self.name)?;
        let path = copy.path().join("run_test.sh");
        write_staged(&path, script.as_bytes())?;
        let test_path = copy.path().join("tests").join(&self.test_name);
        write_staged(&test_path, test.as_bytes())?;
        let output = copy.path().join("output.log");
        let env = trial::quiet_python();
        let trial = trial::run(&path, &[], env, &output, self.request.config, self.job)
            .map_err(VerifyError::Run)?;
        let trial = uncancelled(trial)?;
        self.last = repro::compare(&self.expected, &trial.outcome).verdict;
        if self.last == Verdict::Same {
            let staged = copy.path().file_name().unwrap_or_default();
            self.output = trial::renamed(
                &folders::bytes(&output)?,
                &staged.to_string_lossy(),
                self.name,
            );
        }
        Ok(self.last == Verdict::Same)
    }

    fn write(&self, test: &Path, gone: &[script::Item]) -> Result<(), MinimizeError> {
        let folder = self.request.folder;
        let script = folder.join("run_test.sh");
        let readme = folder.join("README.md");
        let mut manifest = Manifest::read(folder);
        let mut write = |path: &Path, name: String, text: &str| -> Result<(), FilesError> {
            // A file that a person edited stays known as one.
            let is_own = folders::text(path).is_some_and(|old| manifest.made(&name, &old));
            write_atomically(path, text.as_bytes())?;
            if is_own {
                manifest.files.insert(name, manifest::digest(text));
            }
            Ok(())
        };
        write(test, format!("tests/{}", self.test_name), &self.test)?;
        write(&script, "run_test.sh".to_owned(), &self.script)?;
        if let Some(text) = folders::text(&readme) {
            let gone: Vec<&script::Item> = gone.iter().collect();
            let text = script::readme_without(&text, &gone);
            write(&readme, "README.md".to_owned(), &text)?;
        }
        make_executable(&script)?;
        if manifest.version > 0 {
            manifest.write(folder)?;
        }
        let log = folder.join("logs").join("reproduction.log");
        if log.exists() {
            folders::set_aside(&log)?;
        }
        Ok(write_atomically(&log, &self.output)?)
    }
}

fn uncancelled(trial: trial::Trial) -> Result<trial::Trial, MinimizeError> {
    if trial.cancelled {
        return Err(VerifyError::Cancelled.into());
    }
    Ok(trial)
}

/// The name of the test function.
fn test_function(test: &str) -> Option<String> {
    let mut names = test.lines().filter_map(|line| {
        let line = line.trim_start();
        let line = line.strip_prefix("async ").unwrap_or(line);
        let rest = line.strip_prefix("def ")?;
        let (name, _) = rest.split_once('(')?;
        name.starts_with("test").then(|| name.to_owned())
    });
    names.next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_function_of_each_form() {
        for (text, expected) in [
            (
                "def helper():\n    pass\n\n\ndef test_x(a):\n    pass\n",
                "test_x",
            ),
            (
                "class TestA:\n    async def test_y(self):\n        pass\n",
                "test_y",
            ),
        ] {
            assert_eq!(test_function(text).as_deref(), Some(expected));
        }
        assert_eq!(test_function("import x\n"), None);
    }
}
