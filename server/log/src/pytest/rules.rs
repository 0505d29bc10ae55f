//! The rules that structure pytest's output: `=== title ===`, `___ title ___`, and the line of totals.
//!
//! pytest draws a rule as `N` marks, a space, the title, a space, and `N` or `N + 1` marks; that symmetry tells its rules
//! from most lines that programs print.

/// A line that is a title between two runs of one mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rule<'a> {
    pub(crate) mark: char,
    /// Marks before the title.
    pub(crate) left: usize,
    pub(crate) title: &'a str,
    /// Characters of the whole line.
    pub(crate) width: usize,
}

/// The marks that pytest, pytest-sugar and pytest-timeout draw with.
const MARKS: &[char] = &['=', '_', '-', '!', '~', '+', '―', '*'];

/// The line as a rule, if it is one.
pub(crate) fn rule(line: &str) -> Option<Rule<'_>> {
    // Every line is asked: the first byte tells nearly all apart.
    let begins = |byte: &&u8| matches!(byte, b'=' | b'_' | b'-' | b'!' | b'~' | b'+' | b'*' | 0xe2);
    line.as_bytes().first().filter(begins)?;
    let mark = line.chars().next().filter(|mark| MARKS.contains(mark))?;
    let line = line.trim_end();
    let inner = line.trim_start_matches(mark);
    let left = (line.len() - inner.len()) / mark.len_utf8();
    let inner = inner.strip_prefix(' ')?;
    let title = inner.trim_end_matches(mark);
    let right = (inner.len() - title.len()) / mark.len_utf8();
    let title = title.strip_suffix(' ')?;
    let even = right == left || right == left + 1;
    if title.is_empty()
        || is_marks_only(title, mark)
        || !(even || (left.min(right) >= 5 && is_known(mark, title)))
    {
        return None;
    }
    Some(Rule {
        mark,
        left,
        title: title.trim(),
        width: left + right + title.chars().count() + 2,
    })
}

/// Whether a title is one that only pytest draws a rule around: where someone typed a report, its marks were not counted.
fn is_known(mark: char, title: &str) -> bool {
    let phase = || {
        [
            "ERROR at setup of ",
            "ERROR at teardown of ",
            "ERROR collecting ",
        ]
        .iter()
        .any(|it| title.starts_with(it))
    };
    match mark {
        '=' => section(title).is_some() || counted(title, false).is_some(),
        '_' => phase(),
        _ => false,
    }
}

/// `_ _ _ _`: the line between two frames of a long traceback.
pub(crate) fn is_frame_separator(line: &str) -> bool {
    line.starts_with("_ _ _") && is_marks_only(line.trim_end(), '_')
}

fn is_marks_only(text: &str, mark: char) -> bool {
    text.chars().all(|it| it == mark || it == ' ')
}

/// What a section of the terminal report holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Start,
    Failures,
    Errors,
    Summary,
    /// Nothing that failed: expected failures, passes, reruns, warnings, durations.
    Other,
}

/// Which section a title of `=` opens, if it is one of pytest's or of a well-known plugin's.
pub(crate) fn section(title: &str) -> Option<Section> {
    match title {
        "FAILURES" => Some(Section::Failures),
        "ERRORS" => Some(Section::Errors),
        "short test summary info" => Some(Section::Summary),
        "XFAILURES"
        | "XPASSES"
        | "PASSES"
        | "RERUNS"
        | "rerun test summary info"
        | "warnings summary"
        | "pytest-warning summary"
        | "Flaky Test Report"
        | "Hypothesis Statistics"
        | "tests coverage"
        | "deprecated python version" => Some(Section::Other),
        _ if title.contains("test session starts") => Some(Section::Start),
        _ if title.starts_with("slowest ") && title.contains("duration") => Some(Section::Other),
        _ if title.starts_with("warnings summary")
            || title.starts_with("slowest test durations") =>
        {
            Some(Section::Other)
        }
        _ => None,
    }
}

/// The counts and the printed text of a totals line, with its rule or (`-q`) without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Totals<'a> {
    pub(crate) counts: Vec<(String, u64)>,
    pub(crate) text: &'a str,
}

/// The words that pytest and its plugins count in the line of totals.
const COUNTED: &[&str] = &[
    "passed",
    "failed",
    "skipped",
    "deselected",
    "xfailed",
    "xpassed",
    "warning",
    "warnings",
    "error",
    "errors",
    "rerun",
    "reruns",
    "pytest-warnings",
    "pytest-warning",
    "subtests passed",
    "subtests failed",
    "subtests skipped",
    "seconds",
    "selected",
    "snapshots passed",
    "snapshots failed",
    "flaky",
    "stopped",
    "retried",
    "subtests xfailed",
    "subtests passed,",
];

/// `=== 1 failed, 2 passed in 0.12s ===`, or the same without its rule.
pub(crate) fn totals(line: &str) -> Option<Totals<'_>> {
    // Every line is asked: the first byte tells nearly all apart.
    if !matches!(line.as_bytes().first(), Some(b'=' | b'0'..=b'9' | b'n')) {
        return None;
    }
    let trimmed = line.trim_end();
    let (ruled, text) = match rule(trimmed) {
        Some(rule) if rule.mark == '=' => (true, rule.title),
        Some(_) => return None,
        None => (false, trimmed),
    };
    counted(text, ruled)
}

/// `1 failed, 2 passed in 0.12s`; the time can be missing where `timeless` says so.
fn counted(text: &str, timeless: bool) -> Option<Totals<'_>> {
    if !text.starts_with(|first: char| first.is_ascii_digit()) && !text.starts_with("no tests ") {
        return None;
    }
    let (counted, time) = match text.rfind(" in ") {
        Some(at) => (&text[..at], Some(&text[at + 4..])),
        None => (text, None),
    };
    match time {
        Some(time) if is_time(time) => {}
        None if timeless => {}
        _ => return None,
    }
    if counted.starts_with("no tests ") {
        return Some(Totals {
            counts: Vec::new(),
            text,
        });
    }
    let mut counts = Vec::new();
    for part in counted.split(", ") {
        let (word, number) = count(part.trim())?;
        counts.push((word.to_owned(), number));
    }
    Some(Totals { counts, text })
}

/// `12 passed`: the word and the number.
pub(crate) fn count(text: &str) -> Option<(&str, u64)> {
    let (number, word) = text.split_once(' ')?;
    let number = number.parse().ok()?;
    COUNTED.contains(&word).then_some((word, number))
}

/// `Results (0.40s):`, above the totals of pytest-sugar and pytest-pretty.
pub(crate) fn is_results(text: &str) -> bool {
    text.strip_prefix("Results (")
        .and_then(|rest| rest.trim_end().strip_suffix("):"))
        .is_some_and(is_time)
}

/// `0.12s`, `0.28 seconds`, `99.88s (0:01:39)`.
fn is_time(text: &str) -> bool {
    let digits = text.trim_start_matches(|it: char| it.is_ascii_digit() || it == '.');
    digits.len() < text.len() && (digits.starts_with('s') || digits.starts_with(" s"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_between_equal_runs_are_rules() {
        let found = rule("____ test_x[a b] _____").map(|it| (it.mark, it.left, it.title));
        assert_eq!(found, Some(('_', 4, "test_x[a b]")));
        assert_eq!(rule("_ _ _ _ _ _ _"), None);
        assert_eq!(rule("__init__ and more"), None);
        assert_eq!(rule("=== x ==="), rule("=== x ===  "));
        assert_eq!(rule("== x ======="), None);
        assert_eq!(rule("====== x ========"), None);
        assert!(rule("====== 1 failed in 0.1s ========").is_some());
        assert!(rule("________ ERROR at setup of t ______________").is_some());
        assert!(is_frame_separator("_ _ _ _ _ "));
    }

    #[test]
    fn totals_with_and_without_rule() {
        let counts = |line| totals(line).map(|it| it.counts);
        assert_eq!(
            counts("=== 1 failed in 0.12s ==="),
            Some(vec![("failed".to_owned(), 1)])
        );
        assert_eq!(
            counts("1 failed, 164 passed in 99.88s (0:01:39)"),
            Some(vec![("failed".to_owned(), 1), ("passed".to_owned(), 164)])
        );
        assert_eq!(
            counts("= 2 passed, 1 error in 0.10 seconds =").map(|it| it.len()),
            Some(2)
        );
        assert_eq!(counts("3 files changed in 2s"), None);
        assert_eq!(counts("12 passed"), None);
        assert_eq!(counts("no tests ran in 0.01s"), Some(vec![]));
    }
}
