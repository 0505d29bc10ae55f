//! Doctests: the numbered lines of the docstring, then what an example printed or raised, then its place.

use super::Parsed;
use super::place::{Location, location};
use crate::Exception;
use crate::pytest::block::Block;

/// `Expected:` / `Got:` of a doctest; the exception that stands for it.
pub(super) fn unmet(block: &Block, start: usize, parsed: &mut Parsed) -> Option<Exception> {
    let end = (start..block.len())
        .rev()
        .find(|&idx| location(block.text(idx)).is_some_and(|at| is_of_doctest(&at)))?;
    let find = |word: &str| (start..end).find(|&idx| block.text(idx).trim_end() == word);
    let part = |from: usize, to: usize| {
        let lines = (from..to).map(|idx| {
            block
                .text(idx)
                .strip_prefix("    ")
                .unwrap_or(block.text(idx))
                .trim_end()
        });
        lines.collect::<Vec<_>>().join("\n").trim_end().to_owned()
    };
    let got = find("Got:").or_else(|| find("Got nothing"));
    let expected = find("Expected:").or_else(|| find("Expected nothing"));
    let first = expected.or(got).unwrap_or(end);
    if let (Some(expected), Some(got)) = (expected, got) {
        parsed.doctest = Some((part(expected + 1, got), part(got + 1, end)));
    }
    let message = (first..end)
        .map(|idx| block.text(idx).trim_end())
        .collect::<Vec<_>>()
        .join("\n");
    Some(Exception {
        type_name: "DocTestFailure".to_owned(),
        message: message.trim_end().to_owned(),
        cut: false,
        span: block.span_of(first..end + 1),
    })
}

/// Gives a doctest's place its source: the example with that line's number.
pub(super) fn show_example(block: &Block, parsed: &mut Parsed) {
    let last = (0..block.len())
        .rev()
        .find_map(|idx| Some((idx, location(block.text(idx))?)));
    let Some((end, at)) = last.filter(|(_, at)| is_of_doctest(at)) else {
        return;
    };
    let numbered = |idx: usize| {
        let text = block.text(idx);
        let digits = text.len()
            - text
                .trim_start_matches(|it: char| it.is_ascii_digit())
                .len();
        let is_it = digits >= 3 && text[..digits].parse() == Ok(at.line);
        is_it.then(|| text[digits..].trim().to_owned())
    };
    let Some(source) = (0..end).rev().find_map(numbered) else {
        return;
    };
    let frames = parsed.frames.iter_mut().chain(&mut parsed.location);
    for frame in frames.filter(|it| it.line == at.line && it.source.is_none()) {
        frame.source = Some(source.clone());
    }
}

fn is_of_doctest(at: &Location<'_>) -> bool {
    matches!(at.hint, Some("DocTestFailure" | "UnexpectedException"))
}

#[cfg(test)]
mod tests {
    #[track_caller]
    fn check(said: &str, headline: &str) {
        let text = format!(
            "=================================== FAILURES ===================================
________________________________ [doctest] m.f _________________________________
099 A::
100     >>> g = f(2)
101     >>> print(g)
{said}
=========================== short test summary info ============================
FAILED m.py::m.f
1 failed in 0.01s
"
        );
        let log = crate::parse(text.as_bytes());
        let error = log.failures[0].exception.as_ref();
        assert_eq!(
            error.map(crate::Exception::headline).as_deref(),
            Some(headline)
        );
        let places = log.failures.iter().map(|it| it.location.as_ref());
        let sources = places.map(|it| it.and_then(|it| it.source.as_deref()));
        assert_eq!(sources.collect::<Vec<_>>(), [Some(">>> print(g)")]);
    }

    #[test]
    fn the_place_has_its_example() {
        check(
            "Expected:\n    4\nGot:\n    3\n\n/repo/m.py:101: DocTestFailure",
            "DocTestFailure: Expected: 4 Got: 3",
        );
        check(
            "UNEXPECTED EXCEPTION: ValueError('no')\nTraceback (most recent call last):\n  File \"/usr/lib/python3.11/doctest.py\", \
             line 1353, in __run\n    exec(compile(example.source, filename, \"single\",\n  File \"<doctest m.f[1]>\", line 1, in <module>\n\
             ValueError: no\n/repo/m.py:101: UnexpectedException",
            "ValueError: no",
        );
    }
}
