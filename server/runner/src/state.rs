//! What the failing statement's names held: a smaller test that fails with the same words fails for another reason where they held
//! something else.

use std::collections::BTreeMap;

use serde_json::Value;

/// A pytest plugin for any Python from 3.8 on, without dependencies. It only observes.
pub const STATE_PLUGIN: &str = include_str!("state_plugin.py");

/// The module name for `-p`; the file is this with `.py`.
pub const STATE_PLUGIN_NAME: &str = "reprolens_state_plugin";

/// Names the file that the plugin writes to.
pub const STATE_VARIABLE: &str = "REPROLENS_STATE";

/// A frame of the failure's traceback.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    pub path: String,
    /// The first line of the statement.
    pub source: String,
    /// Plain data that its names held, as written.
    pub values: BTreeMap<String, String>,
}

/// Reads what the plugin wrote, innermost frame last. Anything that is not as the plugin writes it is left out.
pub fn states(record: &str) -> Vec<State> {
    let record: Value = serde_json::from_str(record).unwrap_or_default();
    let frames = record.as_array().into_iter().flatten();
    frames.filter_map(state).collect()
}

fn state(frame: &Value) -> Option<State> {
    let text = |index: usize| Some(frame.get(index)?.as_str()?.to_owned());
    let values = frame.get(2)?.as_object()?.iter();
    Some(State {
        path: text(0)?,
        source: text(1)?,
        values: values
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect(),
    })
}

/// A name that held something else in the innermost frame of `path` than where the original test failed at the same statement. What
/// a text tells of its own file is no difference.
pub fn other_value(original: &[State], got: &[State], path: &str) -> Option<String> {
    let frame = got.iter().rfind(|it| it.path == path)?;
    let known = original.iter().rfind(|it| it.source == frame.source)?;
    let mut values = frame.values.iter();
    let same = |one: &str, other: &str| {
        one == other || without_file(one, &known.path) == without_file(other, &frame.path)
    };
    let differs =
        |name: &str, value: &str| known.values.get(name).is_some_and(|it| !same(it, value));
    values
        .find(|(name, value)| differs(name, value))
        .map(|(name, _)| name.clone())
}

/// A text without the path of a file, its name and its module's, with or without packages.
fn without_file(text: &str, path: &str) -> String {
    let module = path.strip_suffix(".py").unwrap_or(path);
    let parts: Vec<&str> = module.split('/').filter(|it| !it.is_empty()).collect();
    let names = (0..parts.len()).map(|at| parts[at..].join("."));
    std::iter::once(module.to_owned())
        .chain(names)
        .fold(text.to_owned(), |text, name| {
            text.replace(&name, "<module>")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_the_same_statement_are_compared() {
        let original = states(
            r#"[["/w/test_a.py", "show(out)", {"out": "'a'"}], ["/w/test_a.py", "assert out", {"out": "'none'", "n": "1"}], 7, ["x"]]"#,
        );
        assert_eq!(original.len(), 2);
        let got = |values: &str| {
            let record = format!(
                r#"[["/r/test_r.py", "assert out", {values}], ["/w/a.py", "f()", {{"out": "9"}}]]"#
            );
            other_value(&original, &states(&record), "/r/test_r.py")
        };
        assert_eq!(got(r#"{"out": "''"}"#), Some("out".to_owned()));
        assert_eq!(got(r#"{"out": "'none'", "more": "2"}"#), None);
        assert_eq!(got("{}"), None);
        let original = states(
            r#"[["/w/tests/test_a.py", "f(a)", {"a": "'/w/tests/test_a.py: tests.test_a.X'"}]]"#,
        );
        let got = |value: &str| {
            let record = format!(r#"[["/r/test_r.py", "f(a)", {{"a": "{value}"}}]]"#);
            other_value(&original, &states(&record), "/r/test_r.py")
        };
        assert_eq!(got("'/r/test_r.py: test_r.X'"), None);
        assert_eq!(got("'/r/test_r.py: test_r.Y'"), Some("a".to_owned()));
        assert!(states("").is_empty() && states("[1, [2]]").is_empty());
    }
}
