//! Texts of a failure without what differs from run to run: addresses, temporary and absolute paths, UUIDs, the test's own
//! names, white space.

use std::borrow::Cow;
use std::sync::OnceLock;

use regex::Regex;

/// The comment that marks the failing line.
pub const MARK: &str = "# <- fails here";

/// Stands for what a text does not tell: pytest's `...` and CI's `***`.
const GAP: char = '\u{1}';

/// A gap matches only where at least this many characters are compared beside it.
const LEAST_EVIDENCE: usize = 12;

/// What is replaced, and by what.
struct Rule {
    /// A text that holds none of these has nothing to replace: patterns take longer to make than most messages to read.
    needs: &'static [&'static str],
    pattern: &'static str,
    with: &'static str,
    made: OnceLock<Regex>,
}

const fn rule(needs: &'static [&'static str], pattern: &'static str, with: &'static str) -> Rule {
    Rule {
        needs,
        pattern,
        with,
        made: OnceLock::new(),
    }
}

/// What a word has, in a class of characters. As for Python, a letter may be of any language; which of the others are letters is a
/// table that takes longer to make than a message to read.
macro_rules! word {
    () => {
        r"0-9A-Za-z_\u{80}-\u{10FFFF}"
    };
}

static RULES: [Rule; 9] = [
    rule(&["\x1b["], r"\x1b\[[0-9;?]*[A-Za-z]", ""),
    rule(
        &["<locals>."],
        concat!(r"[", word!(), r".<>]*<locals>\."),
        "<locals>.",
    ),
    rule(&["0x"], r"\b0x[0-9a-fA-F]{4,}\b", "0xX"),
    rule(
        &["-"],
        r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b",
        "<uuid>",
    ),
    rule(
        &["/site-packages/"],
        concat!(r"[", word!(), r"./+~-]*/site-packages/"),
        "<site>/",
    ),
    rule(
        &["/lib/python3."],
        concat!(r"/[", word!(), r"./+~-]*/lib/python3\.[0-9]+/"),
        "<std>/",
    ),
    rule(
        &["/"],
        concat!(r"(?:/[", word!(), r".+~@-]+){2,}/?"),
        "<path>",
    ),
    rule(
        &["id=", "at "],
        r"\b(?:id='[0-9]{9,}'|(?:id=|at )[0-9]{9,}\b)",
        "<id>",
    ),
    rule(
        &["Timeout >", "Timeout (>"],
        r"\bTimeout (?:>|\(>)\s*[0-9.]+\s*s\)?",
        "Timeout <seconds>",
    ),
];

impl Rule {
    fn apply(&self, text: String) -> String {
        if !self.needs.iter().any(|it| text.contains(it)) {
            return text;
        }
        let pattern = self
            .made
            .get_or_init(|| Regex::new(self.pattern).expect("the pattern is a constant"));
        match pattern.replace_all(&text, self.with) {
            Cow::Owned(changed) => changed,
            Cow::Borrowed(_) => text,
        }
    }
}

/// A node id. It is looked for before the names that it is made of.
static NODE: Rule = rule(
    &[".py::"],
    concat!(
        r"[",
        word!(),
        r"./+~-]+\.py(::[",
        word!(),
        r".-]+)+(\[[^\]]*\])?"
    ),
    "<node>",
);

/// A message. `path` is the test's file, of which the module's name is made; `function` the test's.
pub(crate) fn message(text: &str, path: Option<&str>, function: Option<&str>) -> String {
    let lines = telling_lines(text);
    let mut normal = NODE.apply(lines.join("\n"));
    // A repro's test is called like its module, so one word stands for both.
    for name in module_names(path) {
        normal = replace_whole(&normal, &name, "<test>");
    }
    if let Some(function) = function.filter(|name| name.len() > 4) {
        normal = replace_whole(&normal, function, "<test>");
    }
    for rule in &RULES {
        normal = rule.apply(normal);
    }
    let lines = normal
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

/// A source line: without white space, the mark, what is said to linters, and the ends that only the layout needs. Of a
/// function on one line it is the body, as the repro's function has another name.
pub(crate) fn source(line: &str) -> String {
    let line = line.trim().strip_suffix(MARK).unwrap_or(line);
    let line = body_on_line(line).unwrap_or(line);
    let line = match line.rsplit_once('#') {
        Some((code, comment)) if comment.trim_start().starts_with("noqa") => code,
        _ => line,
    };
    let line: String = line.chars().filter(|c| !c.is_whitespace()).collect();
    line.trim_end_matches([',', '\\']).to_owned()
}

/// What follows `def f(...):` on the same line.
fn body_on_line(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let head = line.strip_prefix("async ").unwrap_or(line);
    head.strip_prefix("def ")?;
    let (mut depth, mut quote) = (0_u32, None);
    for (at, c) in head.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, ':') if depth == 0 => {
                let body = head[at + 1..].trim_start();
                return (!body.is_empty() && !body.starts_with('#')).then_some(body);
            }
            (None, _) => {}
        }
    }
    None
}

/// What Hypothesis' notes behind a message begin with: a repro that has the example's values has none of it.
const EXAMPLES: [&str; 4] = [
    "Falsifying example: ",
    "Falsifying explicit example: ",
    "Failing test case: ",
    "Failing explicit example: ",
];

/// The lines that pytest prints whatever its verbosity is, and that are the exception's.
fn telling_lines(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    for line in text.lines() {
        let content = line.trim();
        let is_example = EXAMPLES.iter().any(|head| content.starts_with(head));
        if content.starts_with("Full diff:")
            || content.contains("...Full output truncated")
            || is_example
        {
            break;
        }
        let is_hint = content.starts_with("Omitting ")
            || content.starts_with("Use -v")
            || content.starts_with("Skipping ")
            || content.starts_with("? ")
            || content.is_empty();
        // Lines of a diff are cut to what is near the difference, or not, by verbosity.
        let is_diff =
            line.starts_with("  - ") || line.starts_with("  + ") && !content.starts_with("+  ");
        if !is_hint && !is_diff {
            lines.push(line);
        }
    }
    sort_unordered(&mut lines);
    lines
}

/// What differs between two dictionaries or sets is printed in the order of a set, which is another one in each run.
fn sort_unordered(lines: &mut [&str]) {
    let begins = |line: &&str| {
        let text = line.trim();
        text == "Differing items:"
            || text.starts_with("Extra items in the ")
            || text.ends_with(" more item:")
            || text.ends_with(" more items:")
    };
    for part in lines.chunk_by_mut(|_, next| !begins(next)) {
        let first = part.first().map(|it| it.trim()).unwrap_or_default();
        if first == "Differing items:" || first.starts_with("Extra items in the ") {
            part[1..].sort_unstable();
        }
    }
}

/// `a/b/test_c.py` is `a.b.test_c`, `b.test_c` or `test_c` by import mode and rootdir; the longest first.
fn module_names(path: Option<&str>) -> Vec<String> {
    let Some(path) = path.and_then(|path| path.strip_suffix(".py")) else {
        return Vec::new();
    };
    let parts: Vec<&str> = path
        .split(['/', '\\'])
        .filter(|part| !part.is_empty())
        .collect();
    let names = (0..parts.len()).map(|from| parts[from..].join("."));
    names.filter(|name| name.len() > 2).take(12).collect()
}

fn replace_whole(text: &str, name: &str, with: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(name) {
        let before = rest[..at]
            .chars()
            .next_back()
            .or(result.chars().next_back().filter(|_| at == 0));
        let after = rest[at + name.len()..].chars().next();
        let whole = before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '.')
            && after.is_none_or(|c| !c.is_alphanumeric() && c != '_');
        result.push_str(&rest[..at]);
        result.push_str(if whole { with } else { name });
        rest = &rest[at + name.len()..];
    }
    result.push_str(rest);
    result
}

/// Whether two normal texts can be the same message. `cut` says that the first one's end is missing.
pub(crate) fn same_message(expected: &str, actual: &str, cut: bool) -> bool {
    if expected == actual {
        return true;
    }
    let (expected, actual) = (gaps(expected), gaps(actual));
    if cut {
        let shown = expected.trim_end_matches(GAP);
        if shown.chars().count() >= LEAST_EVIDENCE
            && !shown.contains(GAP)
            && actual.starts_with(shown)
        {
            return true;
        }
    }
    match (expected.contains(GAP), actual.contains(GAP)) {
        (false, false) => false,
        (true, false) => fits(&expected, &actual),
        (false, true) => fits(&actual, &expected),
        // pytest shortens the same text in the same way: two that are shortened differently are two texts.
        (true, true) => false,
    }
}

fn gaps(text: &str) -> String {
    text.replace("...", "\u{1}").replace("***", "\u{1}")
}

/// Whether `text` has the pieces of `pattern` in order, the first at its start and the last at its end. Linear.
fn fits(pattern: &str, text: &str) -> bool {
    let literal: usize = pattern
        .split(GAP)
        .map(|piece| piece.trim().chars().count())
        .sum();
    if literal < LEAST_EVIDENCE {
        return false;
    }
    let pieces: Vec<&str> = pattern.split(GAP).collect();
    let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else {
        return false;
    };
    let Some(rest) = text.strip_prefix(first) else {
        return false;
    };
    let Some(mut rest) = rest.strip_suffix(last) else {
        return false;
    };
    for piece in &pieces[1..pieces.len() - 1] {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_run_to_run_is_gone() {
        let normal = |text| message(text, Some("tests/test_a.py"), Some("test_thing"));
        assert_eq!(
            normal("<MagicMock name='Box' id='140678373417424'>"),
            "<MagicMock name='Box' <id>>"
        );
        assert_eq!(
            normal("<tests.test_a.C object at 0x7f00aa11>"),
            "<<test>.C object at 0xX>"
        );
        let of_repro = message(
            "<test_x_repro.C testMethod=test_x_repro>.a",
            Some("x/tests/test_x_repro.py"),
            Some("test_x_repro"),
        );
        assert_eq!(normal("<test_a.C testMethod=test_thing>.a"), of_repro);
        assert_eq!(
            normal("no file /tmp/pytest-3/x.txt here"),
            "no file <path> here"
        );
        assert_eq!(
            normal("tests/test_a.py::TestA::test_thing[1] is using `teardown`"),
            "<node> is using `teardown`"
        );
        assert_eq!(
            normal("test_thing.<locals>.f() takes"),
            "<locals>.f() takes"
        );
        assert_eq!(
            normal("assert 1 == 2\n +  where 1 = f()"),
            "assert 1 == 2\n+ where 1 = f()"
        );
        assert_eq!(
            normal(
                "no attribute 'int'\nFailing test case: test_thing(\n    a='0',\n)\nYou can reproduce this"
            ),
            "no attribute 'int'"
        );
    }

    #[test]
    fn a_line_is_the_same_with_what_the_repro_adds() {
        let line = "runner = CliRunner(mix_stderr=False)";
        let added = [
            "  # noqa: F841  # <- fails here",
            "  # <- fails here",
            "  # noqa",
        ];
        for comment in added {
            assert_eq!(source(&format!("{line}{comment}")), source(line));
        }
        assert_ne!(source("runner = CliRunner()  # noqa"), source(line));
    }

    #[test]
    fn a_function_on_one_line_is_its_body() {
        for head in [
            "def test_n(self):",
            "async def f(a: int = 1, *, b=':(') -> Dict[str, int]:",
        ] {
            let line = format!("    {head} assert 'a' in 'bcd'");
            assert_eq!(source(&line), source("assert 'a' in 'bcd'"));
            assert_eq!(
                source(head),
                head.split_whitespace().collect::<String>(),
                "a head alone stays as it is"
            );
        }
        assert_ne!(source("def f(): assert a"), source("assert b"));
    }

    #[test]
    fn the_order_of_sets_does_not_count() {
        let normal = |text: &str| message(text, None, None);
        let [left, right] = ["{'b': 1} != {'b': 2}", "{'c': 3} != {'c': 4}"];
        let text = |one: &str, two: &str| {
            normal(&format!(
                "assert d == e\n\n  Differing items:\n  {one}\n  {two}\n  Left contains 1 more item:\n  {{'a': 5}}"
            ))
        };
        assert_eq!(text(left, right), text(right, left));
        let sets = |a: &str, b: &str| {
            normal(&format!(
                "assert s == t\n  Extra items in the left set:\n  {a}\n  {b}\n  Extra items in the right set:\n  'z'"
            ))
        };
        assert_eq!(sets("'x'", "'y'"), sets("'y'", "'x'"));
        assert_ne!(sets("'x'", "'y'"), sets("'x'", "'w'"));
        let list = |a: &str, b: &str| normal(&format!("values:\n{a}\n{b}"));
        assert_ne!(list("1", "2"), list("2", "1"));
    }

    #[test]
    fn gaps_need_evidence() {
        assert!(same_message(
            "assert [1, 2, 3, ...] == None",
            "assert [1, 2, 3, 4, 5] == None",
            false
        ));
        assert!(!same_message("...", "anything", false));
        assert!(!same_message(
            "assert [1, 2, ...] == None",
            "assert [1, 3, 4] == None",
            false
        ));
        assert!(same_message(
            "token *** was refused",
            "token abc was refused",
            false
        ));
        assert!(same_message(
            "a message that is cu",
            "a message that is cut here",
            true
        ));
        assert!(!same_message(
            "a message that is cu",
            "a message that is cut here",
            false
        ));
    }

    #[test]
    fn mark_and_layout_are_no_part_of_a_line() {
        assert_eq!(source("    assert f( x ),  # <- fails here"), "assertf(x)");
    }
}
