//! Raw bytes of a line to the text that a terminal would show: escape sequences interpreted or left out, carriage returns
//! and backspaces overwriting, invalid UTF-8 replaced. Every character keeps its place in the raw log.

use text::Span;

use crate::line::Line;

pub(crate) const ESCAPE: u8 = 0x1b;
const BACKSPACE: u8 = 0x08;

/// Buffers that are used again for every line.
#[derive(Debug, Default)]
pub(crate) struct Cleaner {
    text: String,
    runs: Vec<(usize, usize)>,
    cells: Vec<(char, usize)>,
}

/// A part of a line in the raw log: its bytes, and where they stand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) offset: usize,
}

impl Cleaner {
    /// The line that a piece shows.
    pub(crate) fn line<'a>(&'a mut self, piece: Piece<'a>, number: u32, raw: Span) -> Line<'a> {
        let bytes = without_line_end(piece.bytes);
        self.text.clear();
        self.runs.clear();
        if !needs_work(bytes)
            && let Ok(text) = std::str::from_utf8(bytes)
        {
            self.runs.push((0, piece.offset));
            return Line {
                number,
                raw,
                text,
                runs: &self.runs,
            };
        }
        self.clean(&piece);
        Line {
            number,
            raw,
            text: &self.text,
            runs: &self.runs,
        }
    }

    /// The line that pieces show, one behind the other: a character or an escape sequence may begin in one and end in the next.
    pub(crate) fn joined(&mut self, pieces: &[Piece<'_>], number: u32, raw: Span) -> Line<'_> {
        let mut bytes = Vec::new();
        // Where each piece begins: in the bytes, and in the raw log.
        let mut starts = Vec::new();
        for piece in pieces {
            starts.push((bytes.len(), piece.offset));
            bytes.extend_from_slice(piece.bytes);
        }
        self.text.clear();
        self.runs.clear();
        self.clean(&Piece {
            bytes: &bytes,
            offset: 0,
        });
        let mut runs = Vec::new();
        for (idx, &(at, from)) in self.runs.iter().enumerate() {
            let next = self.runs.get(idx + 1).map_or(self.text.len(), |run| run.0);
            let to = from + (next - at);
            let own = starts.partition_point(|&(start, _)| start <= from) - 1;
            runs.push((at, starts[own].1 + from - starts[own].0));
            let within = starts[own + 1..].iter().take_while(|it| it.0 < to);
            runs.extend(within.map(|&(start, offset)| (at + start - from, offset)));
        }
        self.runs = runs;
        Line {
            number,
            raw,
            text: &self.text,
            runs: &self.runs,
        }
    }

    fn clean(&mut self, piece: &Piece<'_>) {
        let bytes = without_line_end(piece.bytes);
        if memchr::memchr2(b'\r', BACKSPACE, bytes).is_some() && !holds_message(bytes) {
            self.overwritten(piece);
        } else {
            self.append(piece);
        }
    }

    /// Adds a piece in which nothing is overwritten.
    fn append(&mut self, piece: &Piece<'_>) {
        let bytes = without_line_end(piece.bytes);
        let valid = std::str::from_utf8(bytes).ok();
        let mut at = 0;
        while at < bytes.len() {
            if bytes[at] == ESCAPE {
                at += escape_len(&bytes[at..]);
                continue;
            }
            if bytes[at] == b'\r' {
                at += 1;
                continue;
            }
            let end =
                memchr::memchr2(ESCAPE, b'\r', &bytes[at..]).map_or(bytes.len(), |len| at + len);
            // Escape sequences end behind an ASCII byte.
            if let Some(shown) = valid.and_then(|text| text.get(at..end)) {
                self.runs.push((self.text.len(), piece.offset + at));
                self.text.push_str(shown);
                at = end;
                continue;
            }
            for chunk in bytes[at..end].utf8_chunks() {
                if !chunk.valid().is_empty() {
                    self.runs.push((self.text.len(), piece.offset + at));
                    self.text.push_str(chunk.valid());
                    at += chunk.valid().len();
                }
                if !chunk.invalid().is_empty() {
                    self.runs.push((self.text.len(), piece.offset + at));
                    self.text.push(char::REPLACEMENT_CHARACTER);
                    at += chunk.invalid().len();
                }
            }
            at = end;
        }
    }

    /// Writes a piece into cells as a terminal does, each cell once: linear in the bytes.
    fn overwritten(&mut self, piece: &Piece<'_>) {
        self.cells.clear();
        let mut cursor = 0usize;
        let bytes = piece.bytes;
        let mut at = 0;
        while at < bytes.len() {
            match bytes[at] {
                b'\r' => {
                    cursor = 0;
                    at += 1;
                }
                BACKSPACE => {
                    cursor = cursor.saturating_sub(1);
                    at += 1;
                }
                ESCAPE => {
                    let len = escape_len(&bytes[at..]);
                    match &bytes[at..at + len] {
                        b"\x1b[K" | b"\x1b[0K" => self.cells.truncate(cursor),
                        b"\x1b[2K" => {
                            for cell in &mut self.cells {
                                cell.0 = ' ';
                            }
                            self.cells.truncate(cursor);
                        }
                        _ => {}
                    }
                    at += len;
                }
                _ => {
                    let end = memchr::memchr3(b'\r', BACKSPACE, ESCAPE, &bytes[at..])
                        .map_or(bytes.len(), |len| at + len);
                    for chunk in bytes[at..end].utf8_chunks() {
                        let shown = chunk.valid().char_indices();
                        let from = piece.offset + at;
                        self.write(&mut cursor, shown.map(|(idx, c)| (c, from + idx)));
                        at += chunk.valid().len();
                        if !chunk.invalid().is_empty() {
                            let cell = (char::REPLACEMENT_CHARACTER, piece.offset + at);
                            self.write(&mut cursor, std::iter::once(cell));
                            at += chunk.invalid().len();
                        }
                    }
                    at = end;
                }
            }
        }
        let mut expected = None;
        for &(c, offset) in &self.cells {
            if expected != Some(offset) {
                self.runs.push((self.text.len(), offset));
            }
            self.text.push(c);
            expected = (c != char::REPLACEMENT_CHARACTER).then(|| offset + c.len_utf8());
        }
    }

    /// Puts cells over those from the cursor on, and then behind them.
    fn write(&mut self, cursor: &mut usize, mut cells: impl Iterator<Item = (char, usize)>) {
        for old in self.cells.iter_mut().skip(*cursor) {
            let Some(cell) = cells.next() else {
                return;
            };
            *old = cell;
            *cursor += 1;
        }
        self.cells.extend(cells);
        *cursor = self.cells.len();
    }
}

/// Whether a line holds anything that a terminal does not show as it is.
pub(crate) fn needs_work(bytes: &[u8]) -> bool {
    memchr::memchr3(ESCAPE, b'\r', BACKSPACE, bytes).is_some()
}

/// Whether it is a line of pytest's that names a test or shows an exception's message: a carriage return is then the
/// message's own, or that of a progress bar behind the name, and what it would overwrite is what a person looks for.
fn holds_message(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while rest.first() == Some(&ESCAPE) {
        rest = &rest[escape_len(rest)..];
    }
    let of_summary = [&b"FAILED"[..], b"ERROR"]
        .iter()
        .any(|word| rest.starts_with(word));
    let has = |needle: &[u8], within: &[u8]| memchr::memmem::find(within, needle).is_some();
    let word = rest
        .iter()
        .position(u8::is_ascii_whitespace)
        .unwrap_or(rest.len());
    rest.starts_with(b"E  ") || (of_summary && has(b".py", rest)) || has(b".py::", &rest[..word])
}

/// Without the `\r`s before a line's end: some exports have two.
pub(crate) fn without_line_end(bytes: &[u8]) -> &[u8] {
    let mut end = bytes.len();
    while end > 0 && bytes[end - 1] == b'\r' {
        end -= 1;
    }
    &bytes[..end]
}

/// The bytes of the escape sequence that `bytes` begins with; at least one. A sequence that does not end in the line counts
/// as its introducer alone: its text is then shown rather than lost.
pub(crate) fn escape_len(bytes: &[u8]) -> usize {
    // Jenkins' console notes: concealed text for Jenkins itself.
    if bytes.starts_with(b"\x1b[8mha:") {
        return match memchr::memmem::find(bytes, b"\x1b[0m") {
            Some(end) => end + 4,
            None => bytes.len(),
        };
    }
    match bytes.get(1) {
        None => 1,
        Some(b'[') => {
            let parameters = bytes[2..]
                .iter()
                .take_while(|&&byte| (0x20..=0x3f).contains(&byte))
                .count();
            match bytes.get(2 + parameters) {
                Some(0x40..=0x7e) => parameters + 3,
                _ => 2,
            }
        }
        // OSC, APC, DCS, PM and SOS: a string up to BEL or ST.
        Some(b']' | b'_' | b'P' | b'^' | b'X') => string_len(bytes).unwrap_or(2),
        // Designation of a character set and the like: intermediates, one final byte.
        Some(0x20..=0x2f) => {
            let intermediates = bytes[1..]
                .iter()
                .take_while(|&&byte| (0x20..=0x2f).contains(&byte))
                .count();
            match bytes.get(1 + intermediates) {
                Some(0x30..=0x7e) => intermediates + 2,
                _ => 1,
            }
        }
        Some(0x30..=0x7e) => 2,
        Some(_) => 1,
    }
}

/// How far a string sequence is looked for: links are long, but a lone introducer must not cost a whole line again and again.
const LONGEST_STRING: usize = 4096;

fn string_len(bytes: &[u8]) -> Option<usize> {
    let bytes = &bytes[..bytes.len().min(LONGEST_STRING)];
    let end = 2 + memchr::memchr2(0x07, ESCAPE, &bytes[2..])?;
    match (bytes[end], bytes.get(end + 1)) {
        (0x07, _) => Some(end + 1),
        (_, Some(b'\\')) => Some(end + 2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(raw: &str, shown: &str) {
        let mut cleaner = Cleaner::default();
        let piece = Piece {
            bytes: raw.as_bytes(),
            offset: 0,
        };
        let line = cleaner.line(piece, 1, Span::new(0, raw.len()));
        assert_eq!(line.text, shown);
        for (at, c) in line.text.char_indices() {
            let span = line.span(at..at + c.len_utf8());
            assert_eq!(span.of(raw), &line.text[at..at + c.len_utf8()]);
        }
    }

    #[test]
    fn colours_links_and_agent_marks() {
        check(
            "\x1b[31mFAILED\x1b[0m x::\x1b[1mtest\x1b[0m\r",
            "FAILED x::test",
        );
        check("\x1b]8;;http://a\x07link\x1b]8;;\x1b\\ end", "link end");
        check("\x1b_bk;t=1745322209921\x07~~~ Run\r\r", "~~~ Run");
        check("\x1b[8mha:////abc==\x1b[0mStarted", "Started");
        check("\x1b(Bé\x1b[", "é");
    }

    #[test]
    fn what_a_terminal_shows_of_progress() {
        check(" 10%\r100%\r", "100%");
        check("collecting ... \rcollected 3 items", "collected 3 items");
        check("long text\rabc", "abcg text");
        check("long text\r\x1b[Kabc", "abc");
        check("abx\x08c", "abc");
    }

    #[test]
    fn a_message_keeps_what_it_would_overwrite() {
        check("E   Error: one\rtwo", "E   Error: onetwo");
        check(
            "\x1b[31mFAILED\x1b[0m a.py::t - Error: 10%\r20%",
            "FAILED a.py::t - Error: 10%20%",
        );
        check("a.py::t  10%|#\r 20%|##", "a.py::t  10%|# 20%|##");
        check("FAILED 10%\rFAILED 20%", "FAILED 20%");
    }

    proptest! {
        #[test]
        fn any_bytes(raw in proptest::collection::vec(any::<u8>(), 0..80), base in 0usize..10) {
            let mut cleaner = Cleaner::default();
            let whole = Span::new(base, base + raw.len());
            let (head, tail) = raw.split_at(raw.len() / 2);
            let pieces = [
                Piece { bytes: head, offset: base },
                Piece { bytes: tail, offset: base + head.len() },
            ];
            let line = cleaner.joined(&pieces, 1, whole);
            for (at, c) in line.text.char_indices() {
                let span = line.span(at..at + c.len_utf8());
                prop_assert!(span.start >= whole.start && span.end <= whole.end, "{span:?}");
                if c != char::REPLACEMENT_CHARACTER {
                    let shown = c.to_string();
                    prop_assert_eq!(
                        &raw[span.start - base..span.end - base],
                        shown.as_bytes()
                    );
                }
            }
        }
    }
}
