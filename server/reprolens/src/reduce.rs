//! A run of a repro that also finds out which parts of its test the failure does not need.
//!
//! It knows neither how a slice is made nor what a verdict is: whoever asks runs what comes out, and compares.

use std::path::Path;

use python::reduce::{self, Part};
use runner::ReducePart;
use tempfile::TempDir;

use crate::files::{FilesError, folders, write_staged};
use crate::trial;

/// A test to reduce.
pub(crate) struct Request<'a> {
    /// A folder of its own that holds the repro.
    pub(crate) folder: &'a Path,
    /// The test's file in `tests/`.
    pub(crate) test_name: &'a str,
    pub(crate) text: &'a str,
    /// The row that fails; where it is not given, a comment in the text shows it.
    pub(crate) failing: Option<u32>,
    /// The name of the test function.
    pub(crate) function: &'a str,
    /// The type of CI's exception: where the test fails with another one, nothing is tried.
    pub(crate) exception: Option<&'a str>,
    /// How long parts may be tried.
    pub(crate) budget: runner::ReduceBudget,
}

/// What is left.
#[derive(Debug)]
pub(crate) struct Reduced {
    pub(crate) text: String,
    pub(crate) failing: Option<u32>,
    /// Whether each part that is left was tried, and the failure needs it.
    pub(crate) complete: bool,
}

/// What a run is to be started with, and where its answer will be.
pub(crate) struct Reduction {
    text: String,
    failing: Option<u32>,
    parts: Vec<Part>,
    scratch: TempDir,
}

const JOB: &str = "job.json";
const ANSWER: &str = "answer.json";

impl Reduction {
    /// `None` where the test has no part that may go.
    pub(crate) fn prepare(request: &Request<'_>) -> Result<Option<Self>, FilesError> {
        let parts = reduce::parts(request.text, request.failing, request.function);
        if parts.is_empty() {
            return Ok(None);
        }
        let written = |path: &Path, text: &str| write_staged(path, text.as_bytes());
        let scratch = folders::scratch()?;
        let plugin = format!("{}.py", runner::REDUCE_PLUGIN_NAME);
        written(&scratch.path().join(plugin), runner::REDUCE_PLUGIN)?;
        // What a candidate loads must not be there already: the imports alone stand elsewhere, under another name.
        let imports = request.folder.join("imports").join("imports_only.py");
        written(&imports, &reduce::imports_only(request.text))?;
        let candidate = request.folder.join("candidate").join(request.test_name);
        written(&candidate, request.text)?;
        let full = |path: &Path| {
            let full = path.canonicalize();
            full.map_err(|source| FilesError::io("read", path, source))
        };
        let offered: Vec<ReducePart<'_>> = parts.iter().map(offered).collect();
        let job = runner::reduce_job(
            &full(&candidate)?,
            &full(&imports)?,
            request.text,
            &offered,
            request.exception,
            request.budget,
            &scratch.path().join(ANSWER),
        );
        written(&scratch.path().join(JOB), &job)?;
        Ok(Some(Self {
            text: request.text.to_owned(),
            failing: request.failing,
            parts,
            scratch,
        }))
    }

    /// The folder that the plugin is imported from.
    pub(crate) fn folder(&self) -> &Path {
        self.scratch.path()
    }

    /// What pytest is started with.
    pub(crate) fn arguments() -> [String; 2] {
        ["-p".to_owned(), runner::REDUCE_PLUGIN_NAME.to_owned()]
    }

    pub(crate) fn env(&self) -> [(String, String); 2] {
        let job = self.scratch.path().join(JOB).display().to_string();
        [
            (runner::REDUCE_VARIABLE.to_owned(), job),
            trial::python_path(self.scratch.path()),
        ]
    }

    /// The test without what can go, when the run is over; `None` where nothing was found out.
    pub(crate) fn reduced(&self) -> Option<Reduced> {
        let answer = folders::text(&self.scratch.path().join(ANSWER))?;
        let answer = runner::reduced(&answer, self.parts.len())?;
        let (text, failing) = match answer.gone.as_slice() {
            [] => (self.text.clone(), self.failing),
            gone => reduce::without(&self.text, &self.parts, gone, self.failing),
        };
        Some(Reduced {
            text,
            failing,
            complete: answer.complete,
        })
    }
}

fn offered(part: &Part) -> ReducePart<'_> {
    let edits = part.edits.iter();
    ReducePart {
        edits: edits
            .map(|(span, with)| (span.start, span.end, *with))
            .collect(),
        group: part.group,
        careful: part.careful,
    }
}
