//! The names that pytest takes for tests, where the repro's own would not be among them: the project chooses other names, or a hook
//! of a conftest, which does not see the repro's folder, takes what has none of them.

use crate::quote::ShellWord;
use crate::{Config, Evidence, ini};

/// What pytest has to be told to take the repro's function and its classes for a test.
pub(crate) fn arguments(
    evidence: &Evidence,
    config: &Config,
    code: &str,
    told: &[String],
) -> Vec<String> {
    let Ok(test) = &evidence.test else {
        return Vec::new();
    };
    let of_pytest = matches!(
        test.kind,
        python::ItemKind::Function | python::ItemKind::Method
    );
    let Some(found) = found(code).filter(|_| of_pytest && !config.runs_original) else {
        return Vec::new();
    };
    let mut arguments = Vec::new();
    let mut tell = |option: &str, usual: &str, names: &[&str]| {
        let patterns = patterns(evidence, option, usual, told);
        let missing: Vec<&str> = names
            .iter()
            .copied()
            .filter(|name| !patterns.iter().any(|it| takes(it, name)))
            .collect();
        if !missing.is_empty() {
            let value = format!("{option}={}", names.join(" "));
            arguments.push(format!("-o {}", ShellWord::new(&value)));
        }
    };
    tell("python_functions", "test", &[found.function]);
    if !found.is_test_case {
        tell("python_classes", "Test", &found.classes);
    }
    arguments
}

/// The test of a generated module: its name, and those of the classes around it.
struct Found<'a> {
    function: &'a str,
    classes: Vec<&'a str>,
    is_test_case: bool,
}

fn found(code: &str) -> Option<Found<'_>> {
    let mut classes: Vec<(usize, &str, &str)> = Vec::new();
    for line in code.lines() {
        let text = line.trim_start();
        let column = line.len() - text.len();
        if let Some(rest) = text.strip_prefix("class ") {
            classes.retain(|(outer, ..)| *outer < column);
            classes.push((column, word(rest), rest));
        }
        let text = text.strip_prefix("async ").unwrap_or(text);
        let Some(name) = text.strip_prefix("def ").map(word) else {
            continue;
        };
        if name.starts_with("test") {
            classes.retain(|(outer, ..)| *outer < column);
            return Some(Found {
                function: name,
                classes: classes.iter().map(|(_, name, _)| *name).collect(),
                is_test_case: classes.iter().any(|(.., head)| head.contains("TestCase")),
            });
        }
    }
    None
}

/// The name that a text begins with.
fn word(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_'));
    &text[..end.unwrap_or(text.len())]
}

/// What the names begin with, or patterns of them: of the command line, else of the configuration, else pytest's own.
fn patterns(evidence: &Evidence, option: &str, usual: &str, told: &[String]) -> Vec<String> {
    let prefix = format!("{option}=");
    let on_command_line = told.iter().rev().find_map(|argument| {
        let (_, value) = argument.split_once(prefix.as_str())?;
        shlex::split(value.trim_matches(['"', '\'']))
    });
    let configured = || {
        let (path, text) = evidence.ini.as_ref()?;
        ini::words(path, text, option)
    };
    on_command_line
        .or_else(configured)
        .unwrap_or_else(|| vec![usual.to_owned()])
}

/// Whether pytest takes a name by one word of its option: it begins with the word, or the word is a pattern and fits.
fn takes(word: &str, name: &str) -> bool {
    name.starts_with(word)
        || word.contains(['*', '?', '[']) && shell::pattern::fits(word, name) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_pytest_takes_them() {
        for (word, name, expected) in [
            ("Test", "TestA", true),
            ("Test", "ATest", false),
            ("*Test", "ATest", true),
            ("*Test", "ATests", false),
            ("[a-z]?st*", "test_a", true),
            ("[A-S]?st*", "test_a", false),
            ("test_*_it", "test_all_of_it", true),
            ("", "anything", true),
        ] {
            assert_eq!(takes(word, name), expected, "{word} {name}");
        }
    }

    #[test]
    fn the_test_of_a_module_and_the_classes_around_it() {
        let code = "class Base:\n    def help(self):\n        pass\n\n\nclass PriceTest(Base):\n    class Inner:\n        async def test_a(self):\n            pass\n";
        let found = found(code).expect("there is one");
        assert_eq!(found.function, "test_a");
        assert_eq!(found.classes, ["PriceTest", "Inner"]);
        assert!(!found.is_test_case);
    }
}
