//! What a failing test printed, read once more from its log: the log stage keeps only where it stands.

use log::{Failure, Phase, UNCAPTURED};
use repro::Printed;
use text::Span;

use crate::files::FilesError;
use crate::generate::LogInput;

/// Lines of a section that are kept: its last ones.
const MOST_LINES: usize = 10;
/// Bytes of a section that are looked at.
const MOST_BYTES: usize = 64 << 10;
/// Characters of a line that are kept.
const LONGEST: usize = 300;
/// What the CI is recognised by.
const BEGINNING: usize = 64 << 10;

/// What was printed in the phase that failed.
pub(crate) fn of(input: &LogInput, failure: &Failure) -> Result<Vec<Printed>, FilesError> {
    let sections = failure.captured.iter();
    let mut parts: Vec<Part> = sections
        .filter(|section| is_of(&section.name, failure.phase))
        .map(|section| Part::new(section.span, section.name == UNCAPTURED))
        .collect();
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let mut beginning = Vec::new();
    let mut at = 0;
    let mut take = |bytes: &[u8]| {
        let room = BEGINNING.saturating_sub(beginning.len()).min(bytes.len());
        beginning.extend_from_slice(&bytes[..room]);
        for part in &mut parts {
            part.take(bytes, at);
        }
        at += bytes.len();
    };
    match &input.text {
        Some(text) => take(text),
        None => input.source.read(&mut take)?,
    }
    let shown = parts.iter().filter_map(|part| part.shown(&beginning));
    Ok(shown.collect())
}

/// Whether a section is of that phase; old versions of pytest do not say it.
fn is_of(section: &str, phase: Phase) -> bool {
    let phases = [Phase::Setup, Phase::Call, Phase::Teardown];
    let named = phases
        .into_iter()
        .find(|phase| section.ends_with(phase.name()));
    named.is_none_or(|named| named == phase)
}

/// The end of a section, while the log is read.
struct Part {
    span: Span,
    /// Its first line is cut off in front.
    is_cut: bool,
    /// Nothing was captured: its first line began with the test's name.
    follows_name: bool,
    bytes: Vec<u8>,
    /// Line ends before it.
    before: usize,
}

impl Part {
    fn new(span: Span, follows_name: bool) -> Self {
        let start = span.start.max(span.end.saturating_sub(MOST_BYTES));
        Self {
            span: Span::new(start, span.end),
            is_cut: start > span.start,
            follows_name,
            bytes: Vec::new(),
            before: 0,
        }
    }

    /// Takes what it needs of the log's bytes at that offset.
    fn take(&mut self, bytes: &[u8], at: usize) {
        let clamp = |offset: usize| offset.saturating_sub(at).min(bytes.len());
        let (from, to) = (clamp(self.span.start), clamp(self.span.end));
        self.before += memchr::memchr_iter(b'\n', &bytes[..from]).count();
        self.bytes.extend_from_slice(&bytes[from..to]);
    }

    /// Its last lines; `None` where they are blank.
    fn shown(&self, beginning: &[u8]) -> Option<Printed> {
        let mut lines = log::shown(beginning, &self.bytes, !self.follows_name);
        let mut line = self.before + 1;
        // A heading, half a line, or what stands behind the test's name.
        if self.is_cut || !self.follows_name || lines[0].trim().is_empty() {
            lines.remove(0);
            line += 1;
        } else {
            lines[0] = lines[0].trim_start().to_owned();
        }
        while lines.last().is_some_and(|line| line.trim().is_empty()) {
            lines.pop();
        }
        let passed = lines.len().saturating_sub(MOST_LINES);
        let kept = &lines[passed..];
        let indents = kept.iter().filter(|line| !line.trim().is_empty());
        let indent = indents.map(|line| line.len() - line.trim_start().len());
        let indent = indent.min().unwrap_or_default();
        let kept = kept
            .iter()
            .map(|line| line.get(indent..).unwrap_or(line.trim_start()));
        let lines: Vec<String> = kept.map(|line| clipped(line.trim_end())).collect();
        (!lines.is_empty()).then_some(Printed {
            line: line + passed,
            lines,
        })
    }
}

fn clipped(line: &str) -> String {
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use super::*;
    use crate::files::LogSource;

    #[track_caller]
    fn check(output: &str, expected: &[(usize, &[&str])]) {
        let input = LogInput {
            source: LogSource::File(PathBuf::from("x.log")),
            log: Arc::new(log::parse(output.as_bytes())),
            text: Some(Arc::from(output.as_bytes())),
        };
        let found = of(&input, &input.log.failures[0]).unwrap();
        let found: Vec<(usize, Vec<&str>)> = found
            .iter()
            .map(|part| (part.line, part.lines.iter().map(String::as_str).collect()))
            .collect();
        let expected: Vec<(usize, Vec<&str>)> = expected
            .iter()
            .map(|(line, lines)| (*line, lines.to_vec()))
            .collect();
        assert_eq!(found, expected);
    }

    fn failed(progress: &str, sections: &str) -> String {
        format!(
            "============================= test session starts ==============================
collected 1 item

{progress}
=================================== FAILURES ===================================
____________________________________ test_a ____________________________________

    def test_a():
>       assert passed
E       assert False

test_x.py:3: AssertionError
{sections}=========================== short test summary info ============================
FAILED test_x.py::test_a - assert False
============================== 1 failed in 0.01s ===============================
"
        )
    }

    #[test]
    fn behind_the_name_where_nothing_is_captured() {
        let progress =
            "test_x.py::test_a 2026-11-20 | \u{1b}[1mPCC: 0.5\u{1b}[0m\nlast words\nFAILED";
        check(
            &failed(progress, ""),
            &[(4, &["2026-11-20 | PCC: 0.5", "last words"])],
        );
        check(
            &failed("test_x.py::test_a \nonly\nFAILED", ""),
            &[(5, &["only"])],
        );
        check(&failed("test_x.py::test_a FAILED", ""), &[]);
    }

    #[test]
    fn captured_in_the_phase_that_failed() {
        let sections =
            "----------------------------- Captured stdout setup -----------------------------
device 0
----------------------------- Captured stdout call -----------------------------
  one

    two
----------------------------- Captured stderr call -----------------------------

";
        check(
            &failed("test_x.py F", sections),
            &[(16, &["one", "", "  two"])],
        );
    }

    #[test]
    fn the_last_lines_of_many() {
        let many: String = (1..=30).map(|number| format!("{number}\n")).collect();
        let heading =
            "----------------------------- Captured stdout call -----------------------------\n";
        let found = failed("test_x.py F", &format!("{heading}{many}"));
        let last: Vec<String> = (21..=30).map(|number: u32| number.to_string()).collect();
        let last: Vec<&str> = last.iter().map(String::as_str).collect();
        check(&found, &[(34, &last)]);
    }
}
