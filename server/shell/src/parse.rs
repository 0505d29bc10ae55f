//! Text to [`Script`]. Never fails: what does not fit is told as a problem and passed over, so that the lines after it count.

mod compound;
mod simple;

use text::Span;

use crate::scan;
use crate::syntax::{AndOr, Joint, Kind, List, Node, Pipeline, Script};

/// How deep statements may nest.
const DEPTH: usize = 50;

/// Unclosed quotes after which the rest of the text is left alone: each may cost a walk to the text's end.
const UNCLOSED: usize = 8;

pub(crate) fn parse(text: &str) -> Script {
    let mut parser = Parser::new(text);
    let mut list = List::new();
    loop {
        list.extend(parser.list());
        if parser.at >= parser.bytes.len() {
            break;
        }
        // Something that closes what was never opened.
        let start = parser.at;
        parser.stray();
        parser.problem("this closes nothing, so it is left out", start);
    }
    parser.script.list = list;
    parser.script
}

/// The words of `[[ ]]`, each with whether it is an operator.
pub(crate) fn lex_test(text: &str) -> Vec<(Span, bool)> {
    let mut parser = Parser::new(text);
    let mut words = Vec::new();
    loop {
        parser.space_and_lines();
        let start = parser.at;
        if start >= parser.bytes.len() {
            return words;
        }
        // The pattern after `=~` is one word, parentheses and bars included.
        let regex = words
            .last()
            .is_some_and(|&(span, _): &(Span, bool)| span.of(text) == "=~");
        if regex {
            let end = text[start..]
                .find([' ', '\t', '\n'])
                .unwrap_or(text.len() - start);
            parser.at = start + end;
            words.push((parser.span_from(start), false));
        } else if let Some(word) = parser.word() {
            words.push((word, false));
        } else {
            parser.at += if parser.starts("&&") || parser.starts("||") {
                2
            } else {
                1
            };
            words.push((parser.span_from(start), true));
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    unclosed: usize,
    /// Here-documents that start at the next line.
    pending: Vec<usize>,
    script: Script,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            depth: 0,
            unclosed: 0,
            pending: Vec::new(),
            script: Script::default(),
        }
    }

    fn list(&mut self) -> List {
        let mut list = List::new();
        loop {
            self.space_and_lines();
            if self.at >= self.bytes.len() || self.at_closer() {
                return list;
            }
            let start = self.at;
            if let Some(statement) = self.and_or() {
                list.push(statement);
            }
            if self.at == start {
                self.stray();
                self.problem("not understood, so it is left out", start);
            }
        }
    }

    fn and_or(&mut self) -> Option<AndOr> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        let mut background = false;
        loop {
            self.space();
            let joint = match (self.peek(), self.peek_at(1)) {
                (Some(b'&'), Some(b'&')) => Joint::And,
                (Some(b'|'), Some(b'|')) => Joint::Or,
                (Some(b'&'), _) => {
                    background = true;
                    self.at += 1;
                    break;
                }
                (Some(b';'), Some(b';' | b'&')) => break,
                (Some(b';'), _) => {
                    self.at += 1;
                    break;
                }
                _ => break,
            };
            self.at += 2;
            self.space_and_lines();
            match self.pipeline() {
                Some(next) => rest.push((joint, next)),
                None => break,
            }
        }
        Some(AndOr {
            first,
            rest,
            background,
        })
    }

    fn pipeline(&mut self) -> Option<Pipeline> {
        self.space();
        let mut negated = false;
        while self.keyword("!") {
            self.at += 1;
            negated = !negated;
            self.space();
        }
        let mut parts = vec![self.command()?];
        loop {
            self.space();
            if self.peek() != Some(b'|') || self.peek_at(1) == Some(b'|') {
                break;
            }
            self.at += if self.peek_at(1) == Some(b'&') { 2 } else { 1 };
            self.space_and_lines();
            match self.command() {
                Some(part) => parts.push(part),
                None => break,
            }
        }
        Some(Pipeline { negated, parts })
    }

    fn command(&mut self) -> Option<Node> {
        self.space();
        let start = self.at;
        if self.depth >= DEPTH {
            self.problem("nested too deeply, so the rest is left out", start);
            self.at = self.bytes.len();
            return None;
        }
        self.depth += 1;
        let kind = self.compound();
        self.depth -= 1;
        let (kind, mut redirects) = match kind {
            Some(kind) => (kind, Vec::new()),
            None => {
                let (simple, redirects) = self.simple();
                if simple.words.is_empty() && simple.assignments.is_empty() && redirects.is_empty()
                {
                    return None;
                }
                return Some(Node {
                    kind: Kind::Simple(simple),
                    redirects,
                    span: self.span_from(start),
                });
            }
        };
        loop {
            let end = self.at;
            self.space();
            match self.redirect() {
                Some(redirect) => redirects.push(redirect),
                None => {
                    self.at = end;
                    break;
                }
            }
        }
        Some(Node {
            kind,
            redirects,
            span: self.span_from(start),
        })
    }

    /// A word: up to the next blank or operator that is not quoted.
    fn word(&mut self) -> Option<Span> {
        let start = self.at;
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' => break,
                b'\r' if matches!(self.bytes.get(self.at + 1), Some(b'\n') | None) => break,
                // `@(a|b)`, a pattern of extglob.
                b'(' if self.at > start
                    && matches!(self.bytes[self.at - 1], b'@' | b'?' | b'*' | b'+' | b'!') =>
                {
                    match self.bytes[self.at..]
                        .iter()
                        .take(200)
                        .position(|&it| it == b')')
                    {
                        Some(close) => self.at += close + 1,
                        None => break,
                    }
                    continue;
                }
                b'(' | b')' => break,
                b'<' | b'>' if self.peek_at(1) != Some(b'(') => break,
                b'\\' | b'\'' | b'"' | b'`' | b'$' | b'<' | b'>' => {}
                _ => {
                    self.at += 1;
                    continue;
                }
            }
            match scan::skip(self.bytes, self.at) {
                Some(Ok(end)) => self.at = end,
                Some(Err(scan::Unclosed)) => {
                    self.unclosed();
                    break;
                }
                None => self.at += 1,
            }
        }
        // A step over an escaped character may end inside it.
        while !self.text.is_char_boundary(self.at) {
            self.at += 1;
        }
        (self.at > start).then(|| self.span_from(start))
    }

    /// Goes to the end of the line, as what is unclosed is most often a slip there.
    fn unclosed(&mut self) {
        let start = self.at;
        self.unclosed += 1;
        if self.unclosed > UNCLOSED {
            self.at = self.bytes.len();
        } else {
            self.skip_line();
        }
        self.problem("a quote or an expansion that is not closed", start);
    }

    /// The reserved word that starts a compound command here, or nothing.
    fn reserved_word(&self) -> &'static str {
        const RESERVED: [&str; 9] = [
            "{", "[[", "if", "for", "select", "while", "until", "case", "function",
        ];
        RESERVED
            .into_iter()
            .find(|word| self.keyword(word))
            .unwrap_or("")
    }

    /// Whether the word `word` stands here, whole.
    fn keyword(&self, word: &str) -> bool {
        self.starts(word)
            && matches!(
                self.peek_at(word.len()),
                None | Some(
                    b' ' | b'\t' | b'\n' | b'\r' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>'
                )
            )
    }

    fn at_closer(&self) -> bool {
        const CLOSERS: [&str; 8] = ["then", "elif", "else", "fi", "do", "done", "esac", "}"];
        self.peek() == Some(b')')
            || self.starts(";;")
            || self.starts(";&")
            || CLOSERS.into_iter().any(|word| self.keyword(word))
    }

    /// Steps over the closing word or sign; its absence is a problem.
    fn close(&mut self, word: &str) {
        self.space_and_lines();
        if self.peek() == Some(b';') && word != ")" && !self.starts(";;") {
            self.at += 1;
            self.space_and_lines();
        }
        let here = if word == ")" {
            self.peek() == Some(b')')
        } else {
            self.keyword(word)
        };
        if here {
            self.at += word.len();
        } else {
            self.problem(&format!("`{word}` is missing here"), self.at);
        }
    }

    /// `((` and its text up to `))`; leaves the place unchanged if they do not pair on the way.
    fn double_parentheses(&mut self) -> Option<Span> {
        let start = self.at + 2;
        let mut open = 0;
        let mut at = start;
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'(' => open += 1,
                b')' if open == 0 => {
                    if self.bytes.get(at + 1) != Some(&b')') {
                        return None;
                    }
                    self.at = at + 2;
                    return Some(Span::new(start, at));
                }
                b')' => open -= 1,
                b'\n' | b';' if open > 8 => return None,
                b'#' if self.bytes.get(at - 1) == Some(&b' ') => return None,
                _ => {}
            }
            at += 1;
            if at - start > 4096 {
                return None;
            }
        }
        None
    }

    /// Blanks, line continuations and comments.
    fn space(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t') => self.at += 1,
                Some(b'\r') if matches!(self.peek_at(1), Some(b'\n') | None) => self.at += 1,
                Some(b'\\') if self.peek_at(1) == Some(b'\n') => self.at += 2,
                Some(b'\\') if self.starts("\\\r\n") => self.at += 3,
                Some(b'#') => self.skip_line(),
                _ => return,
            }
        }
    }

    fn space_and_lines(&mut self) {
        loop {
            self.space();
            if self.peek() != Some(b'\n') {
                return;
            }
            self.at += 1;
            for document in std::mem::take(&mut self.pending) {
                let document = &mut self.script.documents[document];
                let (end, next) = scan::document(self.bytes, self.at, &document.delimiter);
                document.body = Span::new(self.at, end);
                self.at = next;
            }
        }
    }

    fn skip_line(&mut self) {
        while self.peek().is_some_and(|it| it != b'\n') {
            self.at += 1;
        }
    }

    /// Steps over one thing that has no place here.
    fn stray(&mut self) {
        if self.starts(";;") {
            self.at += 2;
        } else if self.word().is_none() && self.at < self.bytes.len() {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.peek_at(0)
    }

    fn peek_at(&self, offset: usize) -> Option<u8> {
        self.bytes.get(self.at + offset).copied()
    }

    fn starts(&self, prefix: &str) -> bool {
        self.bytes[self.at.min(self.bytes.len())..].starts_with(prefix.as_bytes())
    }

    fn span_from(&self, start: usize) -> Span {
        Span::new(start, self.at)
    }

    fn problem(&mut self, message: &str, start: usize) {
        // One is enough to say that the script is strange; a thousand would say no more.
        if self.script.problems.len() < 50 {
            self.script
                .problems
                .push((message.to_owned(), Span::new(start, self.at)));
        }
    }
}
