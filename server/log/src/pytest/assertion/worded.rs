//! Messages in words: what people write behind an assertion, and what unittest, mock and the array libraries print.
//!
//! A message tells what went wrong, so that its comparisons are read the other way round than those of a condition: `PCC 0.91 <
//! 0.99` wants at least 0.99.

use std::sync::LazyLock;

use regex_lite::{Captures, Regex};

use super::{Side, Sides, side, source_sides, top_level};

/// Lines of a message that are looked at.
const LINES: usize = 12;

/// How names of the side that is wanted begin, and of the side that came.
const EXPECTED_LABELS: &[&str] = &["expected", "golden", "reference", "desired", "want"];
const ACTUAL_LABELS: &[&str] = &["actual", "got", "result", "output", "received", "computed"];

/// What stands between a measure and its bound, beside signs.
const COMPARED: &[&str] = &[
    "less than",
    "below",
    "lower than",
    "under",
    "greater than",
    "above",
    "over",
    "exceeds",
];

/// The two sides, where a line of the message names both.
pub(super) fn sides(message: &str, source: Option<&str>) -> Option<Sides> {
    let lines = message
        .lines()
        .take(LINES)
        .take_while(|line| !line.starts_with("assert "))
        .map(str::trim);
    for line in lines {
        // A pattern takes a while to make: it is made where a line has the words that it needs.
        let lower = line.to_ascii_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        let got = has(&["got", "found", "received", "actual"]);
        let wanted = has(&["expected", "wanted", "instead of", "should "]);
        let labelled = has(ACTUAL_LABELS) && line.matches(['=', ':']).count() > 1;
        let compared = line.ends_with(|c: char| c.is_numeric() || ".%".contains(c))
            && (has(&["<", ">"]) || has(COMPARED));
        let when = |needed: bool, find: fn(&str) -> Pair| needed.then(|| find(line)).flatten();
        let found = when(has(&["expected"]), expected_got)
            .or_else(|| when(got && wanted, got_expected))
            .or_else(|| when(labelled, labels))
            .or_else(|| versus(line, source))
            .or_else(|| of_unittest(line))
            .or_else(|| difference(line))
            .or_else(|| when(compared, measured));
        if let Some((expected, actual)) = found {
            return Some((Some(expected), Some(actual)));
        }
    }
    None
}

/// A pattern whose classes are ASCII's. Few lines are looked at, so that it matters more how long the pattern takes to make.
fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant")
}

/// What a group of a match holds.
fn group<'a>(found: &Captures<'a>, number: usize) -> &'a str {
    found.get(number).map_or("", |it| it.as_str())
}

type Pair = Option<(String, String)>;

fn pair(expected: &str, actual: &str) -> Pair {
    let clean = |text: &str| {
        let text = text.trim().trim_start_matches(['=', ':']).trim();
        text.trim_end_matches(['.', ',', ';']).trim_end().to_owned()
    };
    let (expected, actual) = (clean(expected), clean(actual));
    (!expected.is_empty() && !actual.is_empty()).then_some((expected, actual))
}

/// `Expected 3 but got 4.`, `x: expected status 200, got 504 instead`.
fn expected_got(line: &str) -> Pair {
    static GOT: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = r"(?i)\bexpected:?\s+(?:to be\s+)?(.+?)(?:[,;.]\s*(?:but\s+)?|\s+but\s+|\s+)(?:got|found|received|actually got|it was|was|is actually|actual(?:\s+is)?)(?:\s*[:=]\s*|\s+)(.+?)(?:\s+instead\b.*)?$";
        compiled(pattern)
    });
    static CALLED: LazyLock<Regex> = LazyLock::new(|| {
        compiled(r"^Expected (.+? to (?:be|have been) .+?)\. (Called .+|Calls: .+)$")
    });
    if line.starts_with("Expected ")
        && let Some(found) = CALLED.captures(line)
    {
        return pair(group(&found, 1), &group(&found, 2).to_lowercase());
    }
    if let Some(what) = line.strip_prefix("Expected ").and_then(|rest| {
        rest.strip_suffix(" to have been called.")
            .map(|name| name.to_owned())
    }) {
        return pair(&format!("{what} is called"), "it was not called");
    }
    let found = GOT.captures(line)?;
    pair(group(&found, 1), group(&found, 2))
}

/// `got 4, expected 3`, `got 4 instead of 3`.
fn got_expected(line: &str) -> Pair {
    static EXPECTED: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = r"(?i)\b(?:got|found|received|actual(?:\s+value)?(?:\s+is|\s+was)?)(?:\s*[:=]\s*|\s+)(.+?)(?:[,;.]\s*|\s+)(?:but\s+)?(?:expected|wanted|instead of|should be|should have been)(?:\s*[:=]\s*|\s+)(.+)$";
        compiled(pattern)
    });
    let found = EXPECTED.captures(line)?;
    pair(group(&found, 2), group(&found, 1))
}

/// `expected=3, actual=4`, in any order.
fn labels(line: &str) -> Pair {
    static LABEL: LazyLock<Regex> = LazyLock::new(|| {
        let names = [EXPECTED_LABELS, ACTUAL_LABELS].concat().join("|");
        let pattern =
            format!(r"(?i)(?:^|[\s,;(])((?:{names})[\w\x{{80}}-\x{{10ffff}}]*)\s*[=:]\s*");
        compiled(&pattern)
    });
    let found: Vec<(usize, usize, Option<Side>)> = LABEL
        .captures_iter(line)
        .filter_map(|it| Some((it.get(0)?.start(), it.get(0)?.end(), side(group(&it, 1)))))
        .collect();
    let [(_, first, a), (end, second, b)] = found.as_slice() else {
        return None;
    };
    let (left, right) = (&line[*first..*end], &line[*second..]);
    match (a, b) {
        (Some(Side::Expected), Some(Side::Actual)) => pair(left, right.trim_end_matches(')')),
        (Some(Side::Actual), Some(Side::Expected)) => pair(right.trim_end_matches(')'), left),
        _ => None,
    }
}

/// `shape_of(expected)=[4, 32] vs shape_of(actual)=[4, 24]`; where the sides have no names, the source's are theirs.
fn versus(line: &str, source: Option<&str>) -> Pair {
    let (at, length) = [" vs. ", " vs ", " versus "]
        .iter()
        .find_map(|word| Some((top_level(line, word)?, word.len())))?;
    let (left, right) = (&line[..at], &line[at + length..]);
    let (left_name, left_value) = named(left);
    let (right_name, right_value) = named(right);
    let of_source = source.and_then(source_sides);
    let left_side = side(left_name).or_else(|| side(of_source?.0));
    let right_side = side(right_name).or_else(|| side(of_source?.1));
    match (left_side, right_side) {
        (Some(Side::Expected), Some(Side::Actual) | None) | (None, Some(Side::Actual)) => {
            pair(left_value, right_value)
        }
        (Some(Side::Actual) | None, Some(Side::Expected)) | (Some(Side::Actual), None) => {
            pair(right_value, left_value)
        }
        _ => None,
    }
}

/// `name=value`, `name: value`: the last name before the value.
fn named(text: &str) -> (&str, &str) {
    let cut = [": ", "="]
        .iter()
        .filter_map(|mark| Some((top_level(text, mark)?, mark.len())))
        .min();
    match cut {
        Some((at, length)) => (text[..at].trim(), text[at + length..].trim()),
        None => ("", text.trim()),
    }
}

/// unittest's own sentences, apart from `first != second`.
fn of_unittest(line: &str) -> Pair {
    if let Some(rest) = line.strip_prefix("Regex didn't match: ") {
        let (pattern, text) = rest.split_once(" not found in ")?;
        return pair(&format!("a match of {pattern}"), text);
    }
    for (words, sign) in [
        (" unexpectedly found in ", "not in"),
        (" not found in ", "in"),
        (" is not an instance of ", "an instance of"),
        (" not less than or equal to ", "<="),
        (" not greater than or equal to ", ">="),
        (" not less than ", "<"),
        (" not greater than ", ">"),
    ] {
        if let Some(at) = top_level(line, words) {
            let wanted = line[at + words.len()..].split(" : ").next()?;
            return pair(&format!("{sign} {}", wanted.trim()), &line[..at]);
        }
    }
    let sentence = line.split(" : ").next()?;
    if let Some(value) = sentence.strip_suffix(" is not true") {
        return pair("a true value", value);
    }
    if let Some(value) = sentence.strip_suffix(" is not false") {
        return pair("a false value", value);
    }
    if sentence == "unexpectedly None" {
        return pair("a value that is not None", "None");
    }
    let is_name = |text: &str| {
        let in_name = |c: char| c.is_alphanumeric() || "._".contains(c);
        !text.is_empty() && text.chars().all(in_name)
    };
    let missed = |words: &str| {
        let (name, _) = sentence.split_once(words)?;
        is_name(name).then_some(name)
    };
    if let Some(raised) = missed(" not raised") {
        return pair(&format!("{raised} is raised"), "no exception");
    }
    let emitted = missed(" not triggered")?;
    pair(&format!("{emitted} is emitted"), "no warning")
}

/// `Greatest absolute difference: 1.0 at index (2,) (up to 1e-05 allowed)` of torch.
fn difference(line: &str) -> Pair {
    let rest = line
        .strip_prefix("Greatest ")
        .or_else(|| line.strip_prefix("Max "))?;
    let (what, rest) = rest.split_once(" difference: ")?;
    let (actual, allowed) = rest.split_once(" (up to ")?;
    let allowed = allowed.split(" allowed").next()?;
    pair(
        &format!("{what} difference up to {allowed}"),
        &format!("{what} difference {actual}"),
    )
}

/// `PCC 0.91 < 0.99`, `accuracy 0.0 is below expected threshold 0.58`.
fn measured(line: &str) -> Pair {
    static MEASURED: LazyLock<Regex> = LazyLock::new(|| {
        let number = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?%?";
        let words = COMPARED.join("|");
        let pattern = format!(
            r"(?i)({number})\s*(<=?|>=?|(?:is |was )?(?:{words})(?: the)?(?: (?:[^ ]+ )?(?:threshold|limit|minimum|maximum|tolerance|target))?(?: of)?)[\s:]\s*({number})\s*\.?$"
        );
        compiled(&pattern)
    });
    let found = MEASURED.captures(line)?;
    let before = measure(&line[..found.get(1)?.start()])?;
    let name = before.rsplit([':', ']']).next().unwrap_or(before).trim();
    let words = group(&found, 2).to_ascii_lowercase();
    let wanted = match words.as_str() {
        "<" => ">=",
        "<=" => ">",
        ">" => "<=",
        ">=" => "<",
        words
            if ["less", "below", "lower", "under"]
                .iter()
                .any(|it| words.contains(it)) =>
        {
            ">="
        }
        _ => "<=",
    };
    pair(
        &format!("{name} {wanted} {}", group(&found, 3))
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" "),
        &format!("{name} {}", group(&found, 1)),
    )
}

/// What was measured, of the text before its value: `PCC: `, `accuracy is `. `None` where that text is more than a name.
fn measure(before: &str) -> Option<&str> {
    let text = before.trim_end();
    let name = match text.strip_suffix([':', '=']) {
        Some(name) => name,
        None if text.len() == before.len() && !text.is_empty() => return None,
        None => {
            let last = text.rsplit(char::is_whitespace).next().unwrap_or(text);
            let verb = ["of", "is", "was"]
                .iter()
                .any(|it| last.eq_ignore_ascii_case(it));
            match verb {
                true => &text[..text.len() - last.len()],
                false => text,
            }
        }
    };
    let name = name.trim_end();
    (name.chars().count() <= 80).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(message: &str, expected: &str, actual: &str) {
        assert_eq!(
            sides(message, None),
            Some((Some(expected.to_owned()), Some(actual.to_owned()))),
            "{message}"
        );
    }

    #[test]
    fn words_of_people() {
        check("Scalars are not equal!\n\nExpected 3 but got 4.", "3", "4");
        check(
            "Expected shape [32, 128], got [32, 64]",
            "shape [32, 128]",
            "[32, 64]",
        );
        check(
            "query: expected status code 200, got 504 instead with error",
            "status code 200",
            "504",
        );
        check("got [1, 2], expected [1, 3]", "[1, 3]", "[1, 2]");
        check("got 4 instead of 3", "3", "4");
        check("é: expected „ß“, got é", "„ß“", "é");
        check("expected_größe: ü, actual_größe: ö (é)", "ü", "ö (é");
        check(
            "mismatch: expected=[1, 2], actual=[1, 3]",
            "[1, 2]",
            "[1, 3]",
        );
        check("actual: 4, expected: 3", "3", "4");
        check(
            "shape_of(expected_result)=[4, 32] vs shape_of(actual_result)=[4, 24]",
            "[4, 32]",
            "[4, 24]",
        );
        check("PCC 0.91 < 0.99", "PCC >= 0.99", "PCC 0.91");
        check(
            "PCC: 0.91 is below threshold 0.99",
            "PCC >= 0.99",
            "PCC 0.91",
        );
        check(
            "[After scale up] accuracy 0.000 is below expected threshold 0.58",
            "accuracy >= 0.58",
            "accuracy 0.000",
        );
        check("compare failed: PCC 0.91 < 0.99", "PCC >= 0.99", "PCC 0.91");
        check("max error 0.5 > 0.1", "max error <= 0.1", "max error 0.5");
    }

    #[test]
    fn words_of_libraries() {
        check("'x' not found in ['a']", "in ['a']", "'x'");
        check("3 not less than 2", "< 2", "3");
        check("False is not true : it should", "a true value", "False");
        check("unexpectedly None", "a value that is not None", "None");
        check(
            "1 is not an instance of <class 'str'>",
            "an instance of <class 'str'>",
            "1",
        );
        check(
            "UserWarning not triggered by f",
            "UserWarning is emitted",
            "no warning",
        );
        check(
            "ValueError not raised by f",
            "ValueError is raised",
            "no exception",
        );
        check(
            "Regex didn't match: 'a' not found in 'b'",
            "a match of 'a'",
            "'b'",
        );
        check(
            "Expected 'f' to be called once. Called 2 times.",
            "'f' to be called once",
            "called 2 times",
        );
        check(
            "Expected 'f' to have been called.",
            "'f' is called",
            "it was not called",
        );
        check(
            "Tensor-likes are not close!\n\nGreatest absolute difference: 1.0 at index (2,) (up to 1e-05 allowed)",
            "absolute difference up to 1e-05",
            "absolute difference 1.0 at index (2,)",
        );
    }

    #[test]
    fn other_words_say_nothing() {
        for message in [
            "something is wrong",
            "expected call not found.",
            "it was 3",
            "a vs b",
            "took 3 seconds",
            "",
        ] {
            assert_eq!(sides(message, None), None, "{message}");
        }
    }

    #[test]
    fn unnamed_sides_are_those_of_the_source() {
        let source = Some("assert out.shape == expected.shape, message");
        assert_eq!(
            sides("shapes differ: [4, 24] vs [4, 32]", source),
            Some((Some("[4, 32]".to_owned()), Some("[4, 24]".to_owned())))
        );
    }
}
