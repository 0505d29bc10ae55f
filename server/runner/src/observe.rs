//! What a traced run tells: the plugin that records it inside pytest, and the reading of its record.

use std::collections::BTreeMap;

use python::Observed;
use serde_json::Value;

/// A pytest plugin for any Python from 3.8 on, without dependencies. It only observes.
pub const TRACE_PLUGIN: &str = include_str!("trace_plugin.py");

/// The module name for `-p`; the file is this with `.py`.
pub const TRACE_PLUGIN_NAME: &str = "reprolens_trace_plugin";

/// Names the file that the plugin writes to.
pub const TRACE_VARIABLE: &str = "REPROLENS_TRACE";

/// Reads what the plugin wrote. Anything that is not as the plugin writes it is left out: a test can write there too.
pub fn observed(record: &str) -> Option<Observed> {
    let record: Value = serde_json::from_str(record).ok()?;
    let lines: BTreeMap<String, Vec<u32>> = record
        .get("lines")?
        .as_object()?
        .iter()
        .map(|(path, lines)| (path.clone(), numbers(lines)))
        .collect();
    Some(Observed {
        lines: lines.into_iter().collect(),
        params: pairs(record.get("params")),
        indices: indices(record.get("indices")),
        fixtures: pairs(record.get("fixtures")),
        iterations: iterations(record.get("iterations")),
    })
}

fn numbers(value: &Value) -> Vec<u32> {
    let mut numbers: Vec<u32> = value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|line| u32::try_from(line.as_u64()?).ok())
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

fn pairs(value: Option<&Value>) -> Vec<(String, String)> {
    value
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(name, expression)| Some((name.clone(), expression.as_str()?.to_owned())))
        .collect()
}

fn indices(value: Option<&Value>) -> Vec<(String, usize)> {
    value
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(name, index)| Some((name.clone(), usize::try_from(index.as_u64()?).ok()?)))
        .collect()
}

fn iterations(value: Option<&Value>) -> Vec<(String, u32, String, String)> {
    value
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let text = |idx: usize| Some(entry.get(idx)?.as_str()?.to_owned());
            let line = u32::try_from(entry.get(1)?.as_u64()?).ok()?;
            Some((text(0)?, line, text(2)?, text(3)?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_is_read_and_nonsense_left_out() {
        let record = r#"{"lines": {"t.py": [3, 1, 3, "x"]}, "params": {"n": "2", "bad": 1}, "fixtures": {},
            "iterations": [["t.py", 2, "i", "5"], ["t.py", -1, "j", "0"], 7]}"#;
        let observed = observed(record).unwrap();
        assert_eq!(observed.lines, [("t.py".to_owned(), vec![1, 3])]);
        assert_eq!(observed.params, [("n".to_owned(), "2".to_owned())]);
        assert_eq!(
            observed.iterations,
            [("t.py".to_owned(), 2, "i".to_owned(), "5".to_owned())]
        );
        assert!(super::observed("[1]").is_none() && super::observed("").is_none());
    }
}
