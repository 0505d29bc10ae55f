//! The lines that pytest prints while tests run: which test started, which outcome it had.

use std::ops::Range;

use super::ids;

/// What a progress line tells of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    Failed,
    Error,
    /// Skipped or expected to fail: no failure, whatever follows.
    Other,
    /// To be run again.
    Again,
}

/// A progress line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Progress<'a> {
    /// `None` where only the outcome stands on the line: the test's own output came between.
    pub(crate) id: Option<&'a str>,
    pub(crate) id_range: Range<usize>,
    /// `None` where the test only started.
    pub(crate) outcome: Option<Outcome>,
    pub(crate) worker: Option<&'a str>,
    pub(crate) seconds: Option<f64>,
    /// What was printed behind the id before the outcome: the test's output, glued to it.
    pub(crate) glued: &'a str,
}

const WORDS: &[(&str, Outcome)] = &[
    ("PASSED", Outcome::Passed),
    ("FAILED", Outcome::Failed),
    ("ERROR", Outcome::Error),
    ("SKIPPED", Outcome::Other),
    ("XFAIL", Outcome::Other),
    ("XPASS", Outcome::Other),
    ("RERUN", Outcome::Again),
    ("SUBPASS", Outcome::Other),
    ("SUBPASSED", Outcome::Other),
    ("SUBSKIP", Outcome::Other),
    ("SUBSKIPPED", Outcome::Other),
    ("SUBXFAIL", Outcome::Other),
    ("SUBFAIL", Outcome::Failed),
    ("SUBFAILED", Outcome::Failed),
    ("('RERUN',", Outcome::Again),
    ("xfail", Outcome::Other),
    ("xpass", Outcome::Other),
    ("✓", Outcome::Passed),
    ("⨯", Outcome::Failed),
    ("s", Outcome::Other),
];

/// The line as a progress line, if it is one.
pub(crate) fn parse(line: &str) -> Option<Progress<'_>> {
    let trimmed = line.trim_end();
    if let Some((worker, rest)) = worker(trimmed) {
        return of_worker(line, worker, rest);
    }
    let indent = trimmed.len() - trimmed.trim_start_matches(' ').len();
    let text = &trimmed[indent..];
    if let Some(outcome) = bare_outcome(text) {
        return Some(Progress {
            id: None,
            id_range: 0..0,
            outcome: Some(outcome),
            worker: None,
            seconds: seconds(text),
            glued: "",
        });
    }
    if indent > 1 {
        return None;
    }
    let end = ids::leading_id(text, false)?;
    let rest = &text[end..];
    let (rest, end) = match named_with_spaces(text, end) {
        Some(longer) => (&text[longer..], longer),
        None => (rest, end),
    };
    if !rest.is_empty() && !rest.starts_with(char::is_whitespace) {
        return None;
    }
    let found = outcome_in(rest);
    // `id: text` and `id some words` are sentences about a test, not pytest's progress.
    if found.is_none() && !is_start(rest) {
        return None;
    }
    Some(Progress {
        id: Some(&text[..end]),
        id_range: indent..indent + end,
        outcome: found.map(|(_, outcome)| outcome),
        worker: None,
        seconds: seconds(rest),
        glued: match found {
            Some((at, _)) => rest[..at].trim(),
            None => rest.trim(),
        },
    })
}

/// Whether what follows an id is what can follow one that only started: nothing, another file, or output that was glued to
/// the blank that pytest prints behind the id.
fn is_start(rest: &str) -> bool {
    let blanks = rest.len() - rest.trim_start().len();
    rest.trim().is_empty()
        || blanks >= 2
        || rest.trim_start().starts_with("<- ")
        || rest.starts_with(" Fatal Python error")
        || rest.starts_with(" +++")
        || rest.starts_with(" Windows fatal exception")
        || super::crash::note(rest).is_some()
}

/// Items of some plugins have names with spaces: then the outcome tells where the name ends.
fn named_with_spaces(text: &str, end: usize) -> Option<usize> {
    let rest = &text[end..];
    if rest.starts_with("  ")
        || outcome_in(rest).is_some_and(|(at, _)| rest[..at].trim().is_empty())
    {
        return None;
    }
    if rest.trim_start().starts_with("<- ")
        || rest.trim_start().starts_with('[')
        || rest.trim_start().starts_with('(')
    {
        return None;
    }
    let percent = text.ends_with("%]");
    let (at, _) = outcome_in(rest)?;
    let closes = rest[..at].trim_end().ends_with(']');
    let other = rest[..at].contains(['|', '=', ';']) || rest[..at].contains("::");
    ((percent || closes) && !other).then(|| end + rest[..at].trim_end().len())
}

/// The first word of an outcome in `rest`, and where it stands.
fn outcome_in(rest: &str) -> Option<(usize, Outcome)> {
    for word in rest.split_whitespace() {
        let at = word.as_ptr() as usize - rest.as_ptr() as usize;
        let clean = word.split_once('[').map_or(word, |(before, _)| before);
        let clean = clean
            .split_once('(')
            .filter(|(before, _)| !before.is_empty())
            .map_or(clean, |(before, _)| before);
        if let Some(&(_, outcome)) = WORDS
            .iter()
            .find(|(name, _)| *name == clean && name.len() > 1)
        {
            return Some((at, outcome));
        }
    }
    None
}

/// `FAILED`, `PASSED  [ 12%]`, `FAILED     Device | INFO`: an outcome alone, behind the test's own output.
fn bare_outcome(text: &str) -> Option<Outcome> {
    // How these words begin.
    if !text.starts_with(['P', 'F', 'E', 'S', 'X']) {
        return None;
    }
    let word = text.split([' ', '[']).next()?;
    let &(_, outcome) = WORDS.iter().take(6).find(|(name, _)| *name == word)?;
    let rest = &text[word.len()..];
    let blanks = rest.len() - rest.trim_start().len();
    let rest = rest.trim_start();
    (rest.is_empty()
        || is_bracketed(rest)
        || (rest.starts_with('(') && outcome == Outcome::Other)
        || blanks >= 10)
        .then_some(outcome)
}

/// The outcome at the end of what a test printed without a line end: `no end of linePASSED`.
pub(crate) fn glued_outcome(rest: &str) -> Option<Outcome> {
    let rest = rest.trim_end();
    let text = match rest.rfind('[') {
        Some(at) if is_bracketed(&rest[at..]) => rest[..at].trim_end(),
        _ => rest,
    };
    let ends = |&&(word, _): &&(&str, Outcome)| text.ends_with(word);
    WORDS.iter().take(6).find(ends).map(|&(_, outcome)| outcome)
}

/// `[ 12%]` or `[0.0123s] [ 12%]`.
fn is_bracketed(text: &str) -> bool {
    text.starts_with('[')
        && (text.ends_with("%]") || text.ends_with("s]") || text.contains("%]"))
        && text[1..]
            .trim_start()
            .starts_with(|it: char| it.is_ascii_digit())
}

/// `[0.0123s]`, of the wrappers that print durations.
fn seconds(rest: &str) -> Option<f64> {
    rest.split_whitespace()
        .find_map(|word| word.strip_prefix('[')?.strip_suffix("s]")?.parse().ok())
}

/// `[gw3]` at the start, and what follows.
pub(crate) fn worker(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix("[gw")?;
    let digits = inner.len()
        - inner
            .trim_start_matches(|it: char| it.is_ascii_digit())
            .len();
    let rest = inner[digits..].strip_prefix(']')?;
    (digits > 0).then(|| (&text[1..3 + digits], rest))
}

/// `[gw0] [ 12%] FAILED path::test`, `[gw0] FAILED path::test`.
fn of_worker<'a>(line: &'a str, worker: &'a str, rest: &'a str) -> Option<Progress<'a>> {
    let rest = rest.trim_start();
    let rest = match rest.strip_prefix('[') {
        Some(percent) => percent.split_once("%]")?.1.trim_start(),
        None => rest,
    };
    let word = rest.split(' ').next()?;
    let clean = word
        .split_once(['[', '('])
        .map_or(word, |(before, _)| before);
    let &(_, outcome) = WORDS.iter().find(|(name, _)| *name == clean)?;
    let id = rest[word.len()..].trim();
    // pytest-pretty fills the line with the percentage once more.
    let id = match id.rsplit_once("  [") {
        Some((id, percent)) if percent.ends_with("%]") => id.trim_end(),
        _ => id,
    };
    let id = match ids::leading_id(id, true) {
        Some(end) if id[end..].trim_start().starts_with("<- ") || glued_place(&id[end..]) => {
            &id[..end]
        }
        Some(_) => id,
        None => return None,
    };
    let start = id.as_ptr() as usize - line.as_ptr() as usize;
    Some(Progress {
        id: Some(id),
        id_range: start..start + id.len(),
        outcome: Some(outcome),
        worker: Some(worker),
        seconds: None,
        glued: "",
    })
}

/// ` /path/x.py:247: Warning: ...`: another process' words on the same line.
fn glued_place(rest: &str) -> bool {
    rest.split_once(": ")
        .and_then(|(place, _)| place.trim_start().rsplit_once(':'))
        .is_some_and(|(path, line)| {
            path.contains(['/', '\\'])
                && !line.is_empty()
                && line.bytes().all(|it| it.is_ascii_digit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, id: Option<&str>, outcome: Option<Outcome>) {
        let found = parse(line).expect("a progress line");
        assert_eq!((found.id, found.outcome), (id, outcome), "{line}");
        if let Some(id) = id {
            assert_eq!(&line[found.id_range], id);
        }
    }

    #[test]
    fn outcomes_behind_and_before_ids() {
        check(
            "a/x.py::t PASSED [ 12%]",
            Some("a/x.py::t"),
            Some(Outcome::Passed),
        );
        check(
            "a/x.py::t[a b] FAILED [0.1s] [ 12%]",
            Some("a/x.py::t[a b]"),
            Some(Outcome::Failed),
        );
        check(
            "a/x.py::t <- b/y.py XFAIL (why) [ 12%]",
            Some("a/x.py::t"),
            Some(Outcome::Other),
        );
        check(
            "[gw1] [ 12%] FAILED a/x.py::t[c d] ",
            Some("a/x.py::t[c d]"),
            Some(Outcome::Failed),
        );
        check(
            "[gw11] ERROR a/x.py::t",
            Some("a/x.py::t"),
            Some(Outcome::Error),
        );
        check(
            "[gw0] [  2%] FAILED a/x.py::t                [  2%]",
            Some("a/x.py::t"),
            Some(Outcome::Failed),
        );
        check(
            "x.py::t ERROR [100%]/usr/lib/x.py:3: Warning: text",
            Some("x.py::t"),
            Some(Outcome::Error),
        );
        check(
            "x.py::t ('RERUN', {'yellow': True}) [0.28s] [100%]",
            Some("x.py::t"),
            Some(Outcome::Again),
        );
        check(
            " x.py::t ⨯       50% █████",
            Some("x.py::t"),
            Some(Outcome::Failed),
        );
    }

    #[test]
    fn outcomes_alone_and_starts_without_outcome() {
        check("FAILED", None, Some(Outcome::Failed));
        check(
            "FAILED                  Metal | INFO     | Closing device 0",
            None,
            Some(Outcome::Failed),
        );
        check("SKIPPED (Requires grid size)", None, Some(Outcome::Other));
        check(
            "x.py::t[a]        Metal | INFO | Initializing",
            Some("x.py::t[a]"),
            None,
        );
        check("x.py::t Fatal Python error: Aborted", Some("x.py::t"), None);
        assert_eq!(parse("x.py::t is slow"), None);
        assert_eq!(parse("FAILED to do it"), None);
        assert_eq!(parse("SKIPPED [1] x.py:38: why"), None);
        assert_eq!(parse("ERROR    | module - text"), None);
    }
}
