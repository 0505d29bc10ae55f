//! A test without the parts that its failure does not need, found in one run of pytest.
//!
//! It knows neither how a slice is made nor what a verdict is: whoever asks runs what comes out, and compares.

use std::path::Path;
use std::time::Duration;

use python::reduce;
use runner::ReducePart;

use crate::files::{FilesError, folders, write_staged};

/// A test to reduce.
pub(crate) struct Request<'a> {
    /// A folder of its own that holds the repro's `run_test.sh`.
    pub(crate) folder: &'a Path,
    /// The test's file in `tests/`.
    pub(crate) test_name: &'a str,
    pub(crate) text: &'a str,
    /// The row that fails; where it is not given, a comment in the text shows it.
    pub(crate) failing: Option<u32>,
    /// The name of the test function.
    pub(crate) function: &'a str,
    /// How long parts may be tried.
    pub(crate) budget: Duration,
}

/// What is left.
#[derive(Debug)]
pub(crate) struct Reduced {
    pub(crate) text: String,
    pub(crate) failing: Option<u32>,
}

/// What pytest is started with to find out which parts can go.
pub(crate) struct Start<'a> {
    pub(crate) script: &'a Path,
    pub(crate) arguments: &'a [String],
    pub(crate) env: (String, String),
    /// To be on Python's module path.
    pub(crate) plugin: &'a Path,
    pub(crate) output: &'a Path,
}

/// Takes out what can go; `None` where nothing can. `start` runs the script once.
pub(crate) fn reduce<E: From<FilesError>>(
    request: &Request<'_>,
    start: impl FnOnce(Start<'_>) -> Result<(), E>,
) -> Result<Option<Reduced>, E> {
    let parts = reduce::parts(request.text, request.failing, request.function);
    if parts.is_empty() {
        return Ok(None);
    }
    let written = |path: &Path, text: &str| write_staged(path, text.as_bytes());
    let scratch = folders::scratch()?;
    let plugin = format!("{}.py", runner::REDUCE_PLUGIN_NAME);
    written(&scratch.path().join(plugin), runner::REDUCE_PLUGIN)?;
    let (job, answer) = (
        scratch.path().join("job.json"),
        scratch.path().join("answer.json"),
    );
    // The fixtures and classes of the first look must not be seen by the candidates: they stand in another folder.
    let first = request.folder.join("tests").join(request.test_name);
    written(&first, &reduce::imports_only(request.text))?;
    let candidate = request.folder.join("candidate").join(request.test_name);
    written(&candidate, request.text)?;
    let candidate = candidate
        .canonicalize()
        .map_err(|source| FilesError::io("read", &candidate, source))?;
    let offered: Vec<ReducePart<'_>> = parts
        .iter()
        .map(|part| ReducePart {
            start: part.span.start,
            end: part.span.end,
            with: part.replacement(),
            group: part.group,
            careful: part.careful,
        })
        .collect();
    let text = runner::reduce_job(
        &candidate.display().to_string(),
        request.text,
        &offered,
        request.budget,
        &answer.display().to_string(),
    );
    written(&job, &text)?;
    start(Start {
        script: &request.folder.join("run_test.sh"),
        arguments: &["-p".to_owned(), runner::REDUCE_PLUGIN_NAME.to_owned()],
        env: (
            runner::REDUCE_VARIABLE.to_owned(),
            job.display().to_string(),
        ),
        plugin: scratch.path(),
        output: &scratch.path().join("output.log"),
    })?;
    let gone = folders::text(&answer)
        .and_then(|answer| runner::reduced(&answer, parts.len()))
        .filter(|gone| !gone.is_empty());
    Ok(gone.map(|gone| {
        let (text, failing) = reduce::without(request.text, &parts, &gone, request.failing);
        Reduced { text, failing }
    }))
}
