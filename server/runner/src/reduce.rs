//! The plugin that finds out, in one run of pytest, which parts of a test can go; what it is told, and what it answers.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

/// A pytest plugin for any Python from 3.6 on, without dependencies: the files of a package.
pub const REDUCE_PLUGIN: [(&str, &str); 8] = [
    ("plugin.py", include_str!("reduce/plugin.py")),
    ("failure.py", include_str!("reduce/failure.py")),
    ("tries.py", include_str!("reduce/tries.py")),
    ("search.py", include_str!("reduce/search.py")),
    ("children.py", include_str!("reduce/children.py")),
    ("guard.py", include_str!("reduce/guard.py")),
    ("expected.py", include_str!("reduce/expected.py")),
    ("code.py", include_str!("reduce/code.py")),
];

/// The package's name.
pub const REDUCE_PACKAGE: &str = "reprolens_reduce";

/// Names the file that the plugin reads.
pub const REDUCE_VARIABLE: &str = "REPROLENS_REDUCE";

/// A part of a text that may go: bytes and what stands there instead, which parts go together, and whether it is a statement that
/// a failure for another reason could be made by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReducePart<'a> {
    pub edits: Vec<(usize, usize, &'a str)>,
    pub group: usize,
    pub careful: bool,
}

/// What the plugin is told.
#[derive(Debug, Clone, Copy)]
pub struct ReduceJob<'a> {
    /// A folder of its own, to write candidates to, and their file's name.
    pub folder: &'a Path,
    pub name: &'a str,
    /// A file that holds the test's imports.
    pub imports: &'a Path,
    pub text: &'a str,
    pub parts: &'a [ReducePart<'a>],
    /// CI's exception. Where the test fails with another type or message, nothing is tried.
    pub exception: Option<&'a str>,
    pub message: Option<&'a str>,
    /// How long parts are tried, on a machine that does nothing else.
    pub most: Duration,
    /// The file for the answer.
    pub out: &'a Path,
}

/// What the plugin reads.
pub fn reduce_job(job: &ReduceJob<'_>) -> String {
    let parts: Vec<Value> = job
        .parts
        .iter()
        .map(|part| {
            json!({
                "edits": part.edits, "group": part.group, "careful": part.careful,
            })
        })
        .collect();
    json!({
        "folder": job.folder, "name": job.name, "imports": job.imports, "text": job.text, "parts": parts,
        "exception": job.exception, "message": job.message, "seconds": job.most.as_secs_f64(), "out": job.out,
    })
    .to_string()
}

/// What the plugin found out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReduceAnswer {
    /// The indexes of the parts that can go.
    pub gone: Vec<usize>,
    /// Whether each of the others was tried and cannot.
    pub complete: bool,
    /// How long parts were tried.
    pub took: Duration,
}

/// Reads the answer. Anything that is not as the plugin writes it is left out: a test can write there too.
pub fn reduced(answer: &str, parts: usize) -> Option<ReduceAnswer> {
    let answer: Value = serde_json::from_str(answer).ok()?;
    let gone = answer.get("gone")?.as_array()?;
    Some(ReduceAnswer {
        gone: gone
            .iter()
            .filter_map(|index| usize::try_from(index.as_u64()?).ok())
            .filter(|index| *index < parts)
            .collect(),
        complete: answer.get("complete") == Some(&Value::Bool(true)),
        took: answer
            .get("seconds")
            .and_then(Value::as_f64)
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_and_nonsense_left_out() {
        assert_eq!(
            reduced(
                r#"{"gone": [2, 0, 7, -1, "x"], "complete": 1, "seconds": -1.5}"#,
                3
            ),
            Some(ReduceAnswer {
                gone: vec![2, 0],
                complete: false,
                took: Duration::ZERO,
            })
        );
        assert_eq!(reduced("[]", 3), None);
        assert_eq!(reduced("", 3), None);
    }
}
