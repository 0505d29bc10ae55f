//! Shrinks a repro's test and environment while it fails like CI did.
//!
//! It blocks, prints nothing and knows no face.

use std::path::Path;
use std::sync::Arc;

use python::source::{self, Module};
use repro::{Signature, Verdict};
use thiserror::Error;

use crate::config::Config;
use crate::files::{FilesError, folders, make_executable, write_atomically};
use crate::generate::Job;
use crate::manifest::{self, Manifest};
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
}

/// Removes statement by statement and variable by variable what the failure does not need. Each removal is tried in a copy
/// beside the folder; the folder changes once, at the end.
pub(crate) fn minimize(request: &Request<'_>, job: Job<'_>) -> Result<Minimized, MinimizeError> {
    let nothing =
        |text: &str| MinimizeError::NoTest(format!("{} {text}", request.folder.display()));
    let script = folders::text(&request.folder.join("run_test.sh"))
        .ok_or_else(|| nothing("has no run_test.sh"))?;
    let tests = request.folder.join("tests");
    let test_path =
        folders::test_file(&tests).ok_or_else(|| nothing("holds no tests/test_*_repro.py"))?;
    let test = folders::text(&test_path).ok_or_else(|| nothing("holds a test that is no text"))?;
    let failure = verify::ci_failure(request.folder)
        .ok_or_else(|| nothing("has no CI log to compare with"))?;
    let file_name = test_path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let mut shrinking = Shrinking {
        request,
        job,
        expected: repro::signature(&failure),
        test_name: file_name,
        script,
        test,
        runs: 0,
        last: None,
    };
    let lines_before = shrinking.test.lines().count();
    let original = (shrinking.script.clone(), shrinking.test.clone());
    if !shrinking.is_same(&original.0, &original.1)? {
        return Err(MinimizeError::NotSame(shrinking.last.unwrap_or_default()));
    }
    shrinking.shrink_test()?;
    let removed_variables = shrinking.shrink_environment()?;
    shrinking.write(&test_path)?;
    Ok(Minimized {
        lines_before,
        lines_after: shrinking.test.lines().count(),
        removed_variables,
        runs: shrinking.runs,
        stopped_early: shrinking.runs >= request.runs,
    })
}

struct Shrinking<'a> {
    request: &'a Request<'a>,
    job: Job<'a>,
    expected: Signature,
    test_name: String,
    /// The smallest so far.
    script: String,
    test: String,
    runs: u32,
    /// The last run's verdict.
    last: Option<String>,
}

impl Shrinking<'_> {
    fn shrink_test(&mut self) -> Result<(), MinimizeError> {
        // From the end: what is used stands before what uses it.
        let mut place = usize::MAX;
        while let Some((start, smaller)) = without_statement_before(&self.test, place) {
            if self.runs >= self.request.runs {
                break;
            }
            place = start;
            if self.is_same(&self.script.clone(), &smaller)? {
                self.test = smaller;
            }
        }
        Ok(())
    }

    fn shrink_environment(&mut self) -> Result<Vec<String>, MinimizeError> {
        let exports: Vec<String> = self
            .script
            .lines()
            .filter(|line| line.starts_with("export "))
            .map(str::to_owned)
            .collect();
        let mut removed = Vec::new();
        for export in exports {
            if self.runs >= self.request.runs {
                break;
            }
            let smaller: String = self
                .script
                .lines()
                .filter(|line| **line != *export)
                .map(|line| format!("{line}\n"))
                .collect();
            if self.is_same(&smaller, &self.test.clone())? {
                self.script = smaller;
                let name = export
                    .trim_start_matches("export ")
                    .split('=')
                    .next()
                    .unwrap_or_default();
                removed.push(name.to_owned());
            }
        }
        Ok(removed)
    }

    fn is_same(&mut self, script: &str, test: &str) -> Result<bool, MinimizeError> {
        self.runs += 1;
        (self.job.progress)(&format!(
            "run {} of at most {}",
            self.runs, self.request.runs
        ));
        let root = self.request.folder.parent().unwrap_or(self.request.folder);
        let copy = folders::sibling(root, "minimize")?;
        let path = copy.path().join("run_test.sh");
        write_atomically(&path, script.as_bytes())?;
        write_atomically(
            &copy.path().join("tests").join(&self.test_name),
            test.as_bytes(),
        )?;
        let path = path
            .canonicalize()
            .map_err(|source| FilesError::io("read", &path, source))?;
        let output = copy.path().join("output.log");
        let env = vec![("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned())];
        let trial = trial::run(&path, &[], env, &output, self.request.config, self.job)
            .map_err(VerifyError::Run)?;
        if trial.cancelled {
            return Err(VerifyError::Cancelled.into());
        }
        let verdict = repro::compare(&self.expected, &trial.outcome).verdict;
        self.last = Some(verdict.name().to_owned());
        Ok(verdict == Verdict::Same)
    }

    fn write(&self, test: &Path) -> Result<(), MinimizeError> {
        let script = self.request.folder.join("run_test.sh");
        write_atomically(test, self.test.as_bytes())?;
        write_atomically(&script, self.script.as_bytes())?;
        make_executable(&script)?;
        let mut manifest = Manifest::read(self.request.folder);
        if manifest.version > 0 {
            manifest
                .files
                .insert("run_test.sh".to_owned(), manifest::digest(&self.script));
            manifest.files.insert(
                format!("tests/{}", self.test_name),
                manifest::digest(&self.test),
            );
            manifest.write(self.request.folder)?;
        }
        Ok(())
    }
}

/// The module without its last statement that begins before the byte offset `place`, and where that one began. Test functions
/// stay, and so does a statement that is its block's only one.
fn without_statement_before(test: &str, place: usize) -> Option<(usize, String)> {
    let module = Module::parse("test.py", Arc::from(test));
    let mut best: Option<(usize, usize)> = None;
    source::walk(module.root(), |node| {
        let siblings = node
            .parent()
            .map_or(0, |parent| source::named_children(parent).len());
        let is_test = module.source(node).contains("def test") || node.kind() == "class_definition";
        // The docstring tells what the test is about.
        let is_text = node.kind() == "expression_statement"
            && module.source(node).trim_start().starts_with(['"', '\'']);
        let begins = node.start_byte();
        if source::is_statement(node)
            && siblings > 1
            && !is_test
            && !is_text
            && begins < place
            && best.is_none_or(|(start, _)| begins > start)
        {
            best = Some((begins, node.end_byte()));
        }
        true
    });
    let (start, end) = best?;
    let line_start = test[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = test[end..].find('\n').map_or(test.len(), |at| end + at + 1);
    Some((
        start,
        format!("{}{}", &test[..line_start], &test[line_end..]),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_go_from_the_end_and_blocks_stay_whole() {
        let test = "import a\n\n\ndef test_x_repro():\n    y = 1\n    if y:\n        a.b()\n    assert y\n";
        let (start, smaller) = without_statement_before(test, usize::MAX).unwrap();
        assert_eq!(smaller, test.replace("    assert y\n", ""));
        let (start, smaller) = without_statement_before(test, start).unwrap();
        assert_eq!(smaller, test.replace("    if y:\n        a.b()\n", ""));
        let (start, _) = without_statement_before(test, start).unwrap();
        let (start, smaller) = without_statement_before(test, start).unwrap();
        assert_eq!(smaller, test.replace("import a\n", ""));
        assert_eq!(without_statement_before(test, start), None);
    }
}
