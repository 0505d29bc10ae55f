//! Scalars: plain, quoted and block, with the way back from their text to the file.

use text::Span;

use super::{Kind, Node, Parser, Scalar};

/// A scalar's text while it is put together.
#[derive(Default)]
struct Builder {
    text: String,
    runs: Vec<(usize, usize)>,
}

impl Builder {
    /// Appends what stands at `from` in the file.
    fn push(&mut self, part: &str, from: usize) {
        let parallel = self
            .runs
            .last()
            .is_some_and(|&(out, source)| source + (self.text.len() - out) == from);
        if !parallel {
            self.runs.push((self.text.len(), from));
        }
        self.text.push_str(part);
    }

    fn node(mut self, plain: bool, span: Span) -> Node {
        if self.runs.is_empty() {
            self.runs.push((0, span.start));
        }
        Node::new(
            Kind::Scalar(Scalar {
                text: self.text,
                plain,
                runs: self.runs,
            }),
            span,
        )
    }
}

impl Parser<'_> {
    /// The end of this line, without its line end.
    fn line_end(&self) -> usize {
        super::memchr_line_end(&self.bytes[self.pos..])
            .map_or(self.bytes.len(), |offset| self.pos + offset)
    }

    /// A plain scalar in block style, with the lines below that are indented more than `parent`.
    pub(super) fn plain(&mut self, parent: i32) -> Node {
        let start = self.pos;
        let mut builder = Builder::default();
        let mut end = start;
        let mut breaks = 0usize;
        loop {
            let line_end = self.line_end();
            let line = &self.text[self.pos..line_end];
            let comment = comment_start(line);
            let content = line[..comment.unwrap_or(line.len())].trim_end();
            if !builder.text.is_empty() {
                let joint = if breaks > 1 {
                    "\n".repeat(breaks - 1)
                } else {
                    " ".to_owned()
                };
                builder.push(&joint, self.pos.saturating_sub(1));
            }
            builder.push(content, self.pos);
            end = end.max(self.pos + content.len());
            self.pos += content.len();
            if comment.is_some() {
                break;
            }
            // Look at the next lines; they are taken only if they belong to the scalar.
            let (saved_pos, saved_line) = (self.pos, self.line_start);
            breaks = 0;
            loop {
                self.skip_spaces();
                if self.at_end() || !matches!(self.peek(), Some(b'\n' | b'\r')) {
                    break;
                }
                self.skip_line();
                breaks += 1;
            }
            let goes_on = breaks > 0
                && !self.at_end()
                && self.peek() != Some(b'#')
                && self.column() > parent
                && !self.at_document_mark();
            if !goes_on {
                self.pos = saved_pos;
                self.line_start = saved_line;
                break;
            }
        }
        builder.node(true, Span::new(start, end))
    }

    /// A plain scalar between flow brackets.
    pub(super) fn flow_plain(&mut self) -> Node {
        let start = self.pos;
        let mut builder = Builder::default();
        let mut end = start;
        loop {
            let mut at = self.pos;
            while let Some(&byte) = self.bytes.get(at) {
                let ends = match byte {
                    b',' | b'[' | b']' | b'{' | b'}' | b'\n' | b'\r' => true,
                    b':' => matches!(
                        self.bytes.get(at + 1),
                        None | Some(
                            b' ' | b'\t' | b'\n' | b'\r' | b',' | b'[' | b']' | b'{' | b'}'
                        )
                    ),
                    b'#' => at > self.pos && matches!(self.bytes[at - 1], b' ' | b'\t'),
                    _ => false,
                };
                if ends {
                    break;
                }
                at += 1;
            }
            let content = self.text[self.pos..at].trim_end();
            if !builder.text.is_empty() && !content.is_empty() {
                builder.push(" ", self.pos.saturating_sub(1));
            }
            builder.push(content, self.pos);
            end = end.max(self.pos + content.len());
            self.pos = at;
            let at_line_end = matches!(self.peek(), Some(b'\n' | b'\r'));
            if !at_line_end {
                break;
            }
            self.skip_to_content();
            if matches!(
                self.peek(),
                None | Some(b',' | b'[' | b']' | b'{' | b'}' | b':' | b'"' | b'\'')
            ) {
                break;
            }
        }
        builder.node(true, Span::new(start, end))
    }

    pub(super) fn single_quoted(&mut self) -> Node {
        let start = self.pos;
        let mut builder = Builder::default();
        self.pos += 1;
        loop {
            let from = self.pos;
            while !matches!(self.peek(), None | Some(b'\'' | b'\n' | b'\r')) {
                self.pos += 1;
            }
            builder.push(&self.text[from..self.pos], from);
            match self.peek() {
                None => {
                    self.problem("this quote is not closed", Span::new(start, start + 1));
                    break;
                }
                Some(b'\'') if self.peek_at(1) == Some(b'\'') => {
                    builder.push("'", self.pos);
                    self.pos += 2;
                }
                Some(b'\'') => {
                    self.pos += 1;
                    break;
                }
                Some(_) => self.fold_line(&mut builder),
            }
        }
        builder.node(false, Span::new(start, self.pos))
    }

    pub(super) fn double_quoted(&mut self) -> Node {
        let start = self.pos;
        let mut builder = Builder::default();
        self.pos += 1;
        loop {
            let from = self.pos;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | b'\n' | b'\r')) {
                self.pos += 1;
            }
            builder.push(&self.text[from..self.pos], from);
            match self.peek() {
                None => {
                    self.problem("this quote is not closed", Span::new(start, start + 1));
                    break;
                }
                Some(b'"') => {
                    self.pos += 1;
                    break;
                }
                Some(b'\\') if matches!(self.peek_at(1), Some(b'\n' | b'\r')) => {
                    // An escaped line end joins the lines without a blank.
                    self.pos += 1;
                    self.skip_line();
                    self.skip_spaces();
                }
                Some(b'\\') => {
                    let (text, len) = escape(&self.text[self.pos..]);
                    builder.push(&text, self.pos);
                    self.pos += len;
                }
                Some(_) => self.fold_line(&mut builder),
            }
        }
        builder.node(false, Span::new(start, self.pos))
    }

    /// A line end inside quotes: a blank, or as many line ends as there are empty lines.
    fn fold_line(&mut self, builder: &mut Builder) {
        let trimmed = builder.text.trim_end_matches([' ', '\t']).len();
        builder.text.truncate(trimmed);
        let at = self.pos;
        let mut breaks = 0;
        while matches!(self.peek(), Some(b'\n' | b'\r')) {
            self.skip_line();
            self.skip_spaces();
            breaks += 1;
        }
        let joint = if breaks > 1 {
            "\n".repeat(breaks - 1)
        } else {
            " ".to_owned()
        };
        builder.runs.retain(|&(out, _)| out <= trimmed);
        builder.push(&joint, at);
    }

    /// `|` and `>`.
    pub(super) fn block_scalar(&mut self, parent: i32) -> Node {
        let start = self.pos;
        let folded = self.peek() == Some(b'>');
        self.pos += 1;
        let mut chomp = b' ';
        let mut explicit = None;
        while let Some(byte @ (b'+' | b'-' | b'1'..=b'9')) = self.peek() {
            if byte.is_ascii_digit() {
                explicit = Some(i32::from(byte - b'0'));
            } else {
                chomp = byte;
            }
            self.pos += 1;
        }
        self.skip_spaces();
        if !self.at_line_rest() {
            let at = self.pos;
            let end = self.line_end();
            self.problem(
                "unexpected text after a block scalar's `|` or `>`",
                Span::new(at, end),
            );
        }
        self.skip_line();
        let mut indent = explicit.map(|indicator| parent.max(0) + indicator);
        let mut builder = Builder::default();
        // Line ends that are written only once something follows them.
        let mut breaks = 0usize;
        let mut last_was_indented = false;
        let mut any = false;
        let mut end = self.pos;
        while !self.at_end() {
            let line_start = self.pos;
            let line_end = self.line_end();
            let line = &self.text[line_start..line_end];
            let spaces = line.len() - line.trim_start_matches(' ').len();
            let column = i32::try_from(spaces).unwrap_or(i32::MAX);
            let is_blank = line.trim().is_empty() && indent.is_none_or(|indent| column <= indent);
            if is_blank {
                breaks += 1;
                self.skip_line();
                continue;
            }
            let is_content = match indent {
                Some(indent) => column >= indent,
                None => column > parent,
            };
            if !is_content || self.at_document_mark() {
                break;
            }
            let content_indent = *indent.get_or_insert(column);
            let from = line_start + usize::try_from(content_indent).unwrap_or(0).min(spaces);
            let content = &self.text[from..line_end];
            let is_indented = content.starts_with([' ', '\t']);
            if any {
                let joint = if folded && !is_indented && !last_was_indented {
                    if breaks == 1 {
                        " ".to_owned()
                    } else {
                        "\n".repeat(breaks - 1)
                    }
                } else {
                    "\n".repeat(breaks)
                };
                builder.push(&joint, line_start.saturating_sub(1));
            } else if breaks > 0 {
                builder.push(&"\n".repeat(breaks), line_start);
            }
            builder.push(content, from);
            any = true;
            last_was_indented = is_indented;
            breaks = 1;
            end = line_end;
            self.skip_line();
        }
        let tail = match chomp {
            b'-' => 0,
            b'+' => breaks,
            _ => usize::from(any).min(breaks.max(usize::from(any))),
        };
        builder.text.push_str(&"\n".repeat(tail));
        builder.node(false, Span::new(start, end))
    }
}

/// Where a line's comment starts: `#` after a blank.
fn comment_start(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    (0..bytes.len())
        .find(|&at| bytes[at] == b'#' && (at == 0 || matches!(bytes[at - 1], b' ' | b'\t')))
}

/// The text of one escape at the start of `rest`, and its length.
fn escape(rest: &str) -> (String, usize) {
    let mut chars = rest.chars();
    chars.next();
    let Some(mark) = chars.next() else {
        return ("\\".to_owned(), 1);
    };
    let hex = |digits: usize| {
        let code = rest.get(2..2 + digits)?;
        let c = char::from_u32(u32::from_str_radix(code, 16).ok()?)?;
        Some((c.to_string(), 2 + digits))
    };
    let simple = match mark {
        '0' => "\0",
        'a' => "\x07",
        'b' => "\x08",
        't' | '\t' => "\t",
        'n' => "\n",
        'v' => "\x0b",
        'f' => "\x0c",
        'r' => "\r",
        'e' => "\x1b",
        'N' => "\u{85}",
        '_' => "\u{a0}",
        'L' => "\u{2028}",
        'P' => "\u{2029}",
        'x' | 'u' | 'U' => {
            let digits = match mark {
                'x' => 2,
                'u' => 4,
                _ => 8,
            };
            return hex(digits).unwrap_or((mark.to_string(), 2));
        }
        other => return (other.to_string(), 1 + other.len_utf8()),
    };
    (simple.to_owned(), 1 + mark.len_utf8())
}

/// The text of a double-quoted key.
pub(super) fn unescape(inner: &str) -> String {
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let (part, len) = escape(&rest[at..]);
        text.push_str(&part);
        rest = &rest[at + len..];
    }
    text.push_str(rest);
    text
}
