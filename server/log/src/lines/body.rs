//! Lines inside a failure's section that can be nothing but its text. In a log of many failures most lines that the reader
//! wants are such: they go straight to it.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::{memchr_iter, memmem, memrchr};
use text::Span;

use super::Lines;
use crate::Ci;
use crate::clean::{ESCAPE, Piece, needs_work};
use crate::line::Line;
use crate::pytest::may_be_note;

/// Lines of a region that are shown as they stand there: what they hold is looked at once for all of them.
#[derive(Debug, Default)]
pub(super) struct AsTheyAre<'r> {
    from: usize,
    text: &'r str,
    /// Before which place no other lines are looked for.
    until: usize,
}

/// Bytes of lines that are looked at together.
const WINDOW: usize = 4 << 10;

impl<'r> AsTheyAre<'r> {
    /// What stands in a range, where it is shown as it stands. Ranges come in the order of the region.
    fn text(&mut self, region: &'r [u8], range: Range<usize>) -> Option<&'r str> {
        if range.end > self.until {
            let window = &region[range.start..region.len().min(range.start + WINDOW)];
            let window = match memrchr(b'\n', window) {
                Some(last) => &window[..last],
                None => &region[range.clone()],
            };
            self.from = range.start;
            self.until = range.start + window.len();
            self.text = match needs_work(window) {
                true => "",
                false => std::str::from_utf8(window).unwrap_or_default(),
            };
        }
        let from = range.start.checked_sub(self.from)?;
        self.text.get(from..range.end - self.from)
    }
}

impl Lines {
    /// Takes the lines of a region from `at` on, as far as they are text of the section that the reader is in; gives where
    /// the next one stands.
    pub(super) fn body<'r>(
        &mut self,
        region: &'r [u8],
        mut at: usize,
        as_they_are: &mut AsTheyAre<'r>,
    ) -> usize {
        let hungry = self.shape.joins || self.shape.counts() || self.machine.is_hungry(&self.shape);
        let is_plain = !hungry && self.output.in_session() && self.named.is_none();
        if !(is_plain && self.sink.in_body()) {
            return at;
        }
        let undated = self.sink.job().started.is_none();
        let from = at;
        for end in memchr_iter(b'\n', &region[from..]) {
            let bytes = &region[at..from + end];
            if bytes.len() > self.limit {
                break;
            }
            let (prefix, stamped) = self.shape.prefix_len(bytes);
            let rest = &bytes[prefix.min(bytes.len())..];
            let marks = rest.first() == Some(&ESCAPE) && !is_coloured(rest);
            if (marks && self.shape.ci != Ci::GitHub) || (stamped && undated) {
                break;
            }
            if rest.is_empty() && !stamped && self.shape.ci == Ci::Buildkite {
                self.count = self.count.saturating_add(1);
                at += bytes.len() + 1;
                self.at += bytes.len() + 1;
                continue;
            }
            let number = self.count.saturating_add(1);
            let raw = Span::new(self.at, self.at + bytes.len());
            let offset = self.at + prefix;
            let place = at + bytes.len() - rest.len()..at + bytes.len();
            let runs = [(0, offset)];
            let line = match as_they_are.text(region, place) {
                Some(text) => Line {
                    number,
                    raw,
                    text,
                    runs: &runs,
                },
                None => {
                    let piece = Piece {
                        bytes: rest,
                        offset,
                    };
                    self.cleaner.line(piece, number, raw)
                }
            };
            if !is_text(line.text) {
                break;
            }
            self.sink.reader.body(&line);
            self.count = line.number;
            self.fed = self.at;
            at += bytes.len() + 1;
            self.at += bytes.len() + 1;
        }
        self.unnamed = self.at;
        at
    }
}

/// Whether a line begins with a colour as pytest sets them, which have one number: GitLab begins its sections, and its commands,
/// with other escape sequences.
fn is_coloured(rest: &[u8]) -> bool {
    let number = rest.strip_prefix(b"\x1b[").unwrap_or_default();
    match number {
        [a, b'm', ..] => a.is_ascii_digit(),
        [a, b, b'm', ..] => a.is_ascii_digit() && b.is_ascii_digit(),
        _ => false,
    }
}

/// Whether a line of a failure's section can be neither a rule, nor a CI's own, nor a shell's note: nearly all begin with a
/// blank or with pytest's mark.
fn is_text(text: &str) -> bool {
    static ENDED: LazyLock<memmem::Finder<'static>> =
        LazyLock::new(|| memmem::Finder::new("exited with status "));
    let bytes = text.as_bytes();
    let begins = match bytes {
        []
        | [
            b' ' | b'\t' | b'>' | b'<' | b'/' | b'"' | b'(' | b')' | b'{' | b'}' | b']' | b'|'
            | b'.',
            ..,
        ] => true,
        [b'E', b' ', ..] | [b'E'] => ENDED.find(bytes).is_none(),
        // A whole hash may be a commit's.
        [b'a'..=b'f', ..] => !bytes
            .get(..40)
            .is_some_and(|it| it.iter().all(u8::is_ascii_hexdigit)),
        [b'u', ..] => false,
        [b'g'..=b'z', ..] => !HEADS.iter().any(|head| bytes.starts_with(head)),
        _ => false,
    };
    begins && !may_be_note(text)
}

/// What begins with a small letter and is more than text: totals, Travis' and GitLab's marks.
const HEADS: [&[u8]; 3] = [b"no ", b"travis_", b"section_"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_section_and_what_is_more() {
        for text in [
            "",
            "    x = f(1)",
            ">       assert x == 2",
            "E       assert 1 == 2",
            "self = <test_a.TestA object>",
            "tests/test_a.py:12: AssertionError",
            "<string>:1: in <module>",
        ] {
            assert!(is_text(text), "{text}");
        }
        for more in [
            "=== 1 failed in 0.12s ===",
            "____ test_b ____",
            "FAILED a.py::t",
            "1 failed in 0.12s",
            "no tests ran in 0.01s",
            "##[error]Process completed with exit code 1.",
            "E   Error: The command exited with status 1",
            "user command error: exit status 1",
            "0123456789abcdef0123456789abcdef01234567",
            "abcdef0123456789abcdef0123456789abcdef01",
            "travis_time:end:1a $ pytest",
            "section_end:1560896352:step_script",
            "make: *** [test] Killed",
            " x.sh: line 2:  2034 Killed   pytest",
        ] {
            assert!(!is_text(more), "{more}");
        }
    }
}
