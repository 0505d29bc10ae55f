//! The plugin that finds out, in one run of pytest, which parts of a test can go; what it is told, and what it answers.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

/// A pytest plugin for any Python from 3.6 on, without dependencies.
pub const REDUCE_PLUGIN: &str = include_str!("reduce_plugin.py");

/// The module name for `-p`; the file is this with `.py`.
pub const REDUCE_PLUGIN_NAME: &str = "reprolens_reduce_plugin";

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

/// How long the processor may try parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReduceBudget {
    pub most: Duration,
    /// The lines that a test should have at most, and how long is tried while it has more.
    pub lines: usize,
    pub most_while_long: Duration,
}

/// What the plugin reads. `path` is the file that it writes its candidates to, `imports` one that holds the test's imports, `out` the
/// one for its answer.
pub fn reduce_job(
    path: &Path,
    imports: &Path,
    text: &str,
    parts: &[ReducePart<'_>],
    exception: Option<&str>,
    budget: ReduceBudget,
    out: &Path,
) -> String {
    let parts: Vec<Value> = parts
        .iter()
        .map(|part| {
            json!({
                "edits": part.edits, "group": part.group, "careful": part.careful,
            })
        })
        .collect();
    json!({
        "path": path, "imports": imports, "text": text, "parts": parts, "exception": exception,
        "seconds": budget.most.as_secs_f64(), "lines": budget.lines,
        "seconds_while_long": budget.most_while_long.as_secs_f64(), "out": out,
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
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_and_nonsense_left_out() {
        assert_eq!(
            reduced(r#"{"gone": [2, 0, 7, -1, "x"], "complete": 1}"#, 3),
            Some(ReduceAnswer {
                gone: vec![2, 0],
                complete: false
            })
        );
        assert_eq!(reduced("[]", 3), None);
        assert_eq!(reduced("", 3), None);
    }
}
