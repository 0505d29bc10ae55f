//! A script as the log echoes it, with the way back to the raw log.

use text::Span;

use crate::line::Line;

/// Longest script that is kept whole: nobody writes a longer one, and evaluating it takes time.
const LONGEST: usize = 256 << 10;

/// Lines of a script, each with its place.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    pub(crate) text: String,
    /// For each line: its offset in `text`, its offset in the raw log, its number there.
    lines: Vec<(usize, usize, u32)>,
    /// Whether lines were left out.
    pub(crate) cut: bool,
}

impl Script {
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Adds what stands in `line` from `from` on as the script's next line.
    pub(crate) fn push(&mut self, line: &Line<'_>, from: usize) {
        let text = line.text.get(from..).unwrap_or_default();
        if self.text.len() + text.len() > LONGEST {
            self.cut = true;
            return;
        }
        if !self.lines.is_empty() {
            self.text.push('\n');
        }
        // Of what has a second line more will follow; most values have one.
        if self.lines.len() == 1 {
            self.text.reserve(512);
            self.lines.reserve(15);
        }
        self.lines
            .push((self.text.len(), line.raw_offset(from), line.number));
        self.text.push_str(text);
    }

    /// The raw bytes and the line of a range of the script.
    pub(crate) fn place(&self, span: Span) -> (Span, u32) {
        let (start, line) = self.locate(span.start);
        let end = match span.end.checked_sub(1) {
            Some(last) if last >= span.start => self.locate(last).0 + 1,
            _ => start,
        };
        (Span::new(start, end), line)
    }

    fn locate(&self, offset: usize) -> (usize, u32) {
        let line = self.lines.partition_point(|&(at, _, _)| at <= offset);
        match line.checked_sub(1).map(|idx| self.lines[idx]) {
            Some((at, raw, number)) => (raw + offset - at, number),
            None => (0, 0),
        }
    }
}
