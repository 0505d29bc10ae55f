//! Text to [`Script`]. Never fails: what does not fit is told as a problem and passed over, so that the lines after it count.

use std::rc::Rc;

use text::Span;

use crate::path::is_name;
use crate::scan;
use crate::syntax::{
    AndOr, Argument, Arm, Document, Joint, Kind, List, Node, Operator, Pipeline, Redirect, Script,
    Set, SetValue, Simple,
};

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

    fn compound(&mut self) -> Option<Kind> {
        if self.starts("((")
            && let Some(inner) = self.double_parentheses()
        {
            return Some(Kind::Arithmetic(inner));
        }
        if self.peek() == Some(b'(') {
            self.at += 1;
            let list = self.list();
            self.close(")");
            return Some(Kind::Subshell(list));
        }
        let word = self.reserved_word();
        match word {
            "{" => {
                self.at += 1;
                let list = self.list();
                self.close("}");
                Some(Kind::Group(list))
            }
            "[[" => Some(self.test()),
            "if" => Some(self.if_()),
            "for" | "select" => self.for_(word == "select"),
            "while" | "until" => {
                self.at += word.len();
                let condition = self.list();
                let body = self.do_group();
                Some(Kind::While {
                    condition,
                    body,
                    until: word == "until",
                })
            }
            "case" => self.case(),
            "function" => {
                self.at += word.len();
                self.space();
                let name = self.word()?.of(self.text).to_owned();
                self.space();
                if self.peek() == Some(b'(') {
                    self.at += 1;
                    self.space();
                    self.close(")");
                }
                self.function(name)
            }
            _ => {
                let name = self.function_name()?;
                self.function(name)
            }
        }
    }

    /// `name ()`; leaves the place unchanged if it is not that.
    fn function_name(&mut self) -> Option<String> {
        let start = self.at;
        let length = self.bytes[start..]
            .iter()
            .take(200)
            .position(|it| b" \t\n\r;&|()<>\"'$=\\`".contains(it))?;
        self.at += length;
        self.space();
        if length > 0 && self.peek() == Some(b'(') {
            self.at += 1;
            self.space();
            if self.peek() == Some(b')') {
                self.at += 1;
                return Some(self.text[start..start + length].to_owned());
            }
        }
        self.at = start;
        None
    }

    fn function(&mut self, name: String) -> Option<Kind> {
        self.space_and_lines();
        let body = Rc::new(self.command()?);
        Some(Kind::Function { name, body })
    }

    fn if_(&mut self) -> Kind {
        let mut branches = Vec::new();
        let mut otherwise = None;
        self.at += "if".len();
        loop {
            let condition = self.list();
            self.close("then");
            let body = self.list();
            branches.push((condition, body));
            if self.keyword("elif") {
                self.at += "elif".len();
                continue;
            }
            if self.keyword("else") {
                self.at += "else".len();
                otherwise = Some(self.list());
            }
            self.close("fi");
            return Kind::If(branches, otherwise);
        }
    }

    fn for_(&mut self, select: bool) -> Option<Kind> {
        self.at += if select { "select" } else { "for" }.len();
        self.space();
        if self.starts("((")
            && let Some(inner) = self.double_parentheses()
        {
            let mut ends = inner
                .of(self.text)
                .match_indices(';')
                .map(|(at, _)| inner.start + at);
            let first = ends.next().unwrap_or(inner.end);
            let second = ends.next().unwrap_or(inner.end);
            let header = [
                Span::new(inner.start, first),
                Span::new((first + 1).min(inner.end), second),
                Span::new((second + 1).min(inner.end), inner.end),
            ];
            let body = self.do_group();
            return Some(Kind::Count { header, body });
        }
        let name = self.word()?.of(self.text).to_owned();
        self.space_and_lines();
        let mut words = None;
        if self.keyword("in") {
            self.at += 2;
            let mut list = Vec::new();
            loop {
                self.space();
                match self.word() {
                    Some(word) => list.push(word),
                    None => break,
                }
            }
            words = Some(list);
        }
        let body = self.do_group();
        Some(Kind::For {
            name,
            words,
            body,
            select,
        })
    }

    fn do_group(&mut self) -> List {
        self.space_and_lines();
        if self.peek() == Some(b';') {
            self.at += 1;
            self.space_and_lines();
        }
        if self.keyword("{") {
            self.at += 1;
            let list = self.list();
            self.close("}");
            return list;
        }
        self.close("do");
        let list = self.list();
        self.close("done");
        list
    }

    fn case(&mut self) -> Option<Kind> {
        self.at += "case".len();
        self.space();
        let word = self.word()?;
        self.space_and_lines();
        self.close("in");
        let mut arms = Vec::new();
        loop {
            self.space_and_lines();
            if self.at >= self.bytes.len() || self.keyword("esac") {
                break;
            }
            let start = self.at;
            if self.peek() == Some(b'(') {
                self.at += 1;
            }
            let mut patterns = Vec::new();
            loop {
                self.space();
                match self.word() {
                    Some(pattern) => patterns.push(pattern),
                    None => break,
                }
                self.space();
                if self.peek() != Some(b'|') {
                    break;
                }
                self.at += 1;
            }
            self.close(")");
            let body = self.list();
            let falls_through = self.starts(";&") || self.starts(";;&");
            while matches!(self.peek(), Some(b';' | b'&')) {
                self.at += 1;
            }
            arms.push(Arm {
                patterns,
                body,
                falls_through,
            });
            if self.at == start {
                break;
            }
        }
        self.close("esac");
        Some(Kind::Case { word, arms })
    }

    fn test(&mut self) -> Kind {
        self.at += 2;
        let start = self.at;
        loop {
            self.space_and_lines();
            let at = self.at;
            if self.keyword("]]") {
                self.at += 2;
                return Kind::Test(Span::new(start, at));
            }
            if at >= self.bytes.len() {
                self.problem("`[[` without `]]`", start);
                return Kind::Test(Span::new(start, at));
            }
            if self.word().is_none() {
                self.at += 1;
            }
        }
    }

    fn simple(&mut self) -> (Simple, Vec<Redirect>) {
        let mut simple = Simple {
            assignments: Vec::new(),
            words: Vec::new(),
        };
        let mut redirects = Vec::new();
        let mut end = self.at;
        loop {
            self.space();
            if let Some(redirect) = self.redirect() {
                redirects.push(redirect);
            } else if let Some(set) = self.set(simple.words.is_empty()) {
                if simple.words.is_empty() {
                    simple.assignments.push(set);
                } else {
                    simple.words.push(Argument {
                        span: set.span,
                        set: Some(set),
                    });
                }
            } else if let Some(span) = self.word() {
                simple.words.push(Argument { span, set: None });
            } else {
                self.at = end;
                return (simple, redirects);
            }
            end = self.at;
        }
    }

    /// An assignment. After the command's name, `A=(x)` only: other words are told apart by the command that gets them.
    fn set(&mut self, first: bool) -> Option<Set> {
        let start = self.at;
        let bytes = self.bytes;
        let mut at = start;
        while bytes
            .get(at)
            .is_some_and(|it| it.is_ascii_alphanumeric() || *it == b'_')
        {
            at += 1;
        }
        let name = &self.text[start..at];
        if !is_name(name) {
            return None;
        }
        let mut index = None;
        if bytes.get(at) == Some(&b'[') {
            let open = at + 1;
            while bytes.get(at).is_some_and(|it| !matches!(it, b']' | b'\n')) {
                at += 1;
            }
            if bytes.get(at) != Some(&b']') {
                return None;
            }
            index = Some(Span::new(open, at));
            at += 1;
        }
        let append = bytes.get(at) == Some(&b'+');
        at += usize::from(append);
        if bytes.get(at) != Some(&b'=') {
            return None;
        }
        at += 1;
        if bytes.get(at) == Some(&b'(') {
            self.at = at + 1;
            let mut words = Vec::new();
            loop {
                self.space_and_lines();
                match self.word() {
                    Some(word) => words.push(word),
                    None => break,
                }
            }
            self.close(")");
            return Some(Set {
                name: name.to_owned(),
                index,
                append,
                value: SetValue::Array(words),
                span: self.span_from(start),
            });
        }
        if !first {
            return None;
        }
        self.at = at;
        let value = self.word().unwrap_or(Span::at(at));
        Some(Set {
            name: name.to_owned(),
            index,
            append,
            value: SetValue::Word(value),
            span: self.span_from(start),
        })
    }

    fn redirect(&mut self) -> Option<Redirect> {
        let start = self.at;
        let mut at = start;
        while self.bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        // `{fd}>file`.
        if at == start && self.peek() == Some(b'{') {
            let close = self.bytes[at..]
                .iter()
                .take(32)
                .position(|&it| it == b'}')?;
            let name = self.text.get(at + 1..at + close)?;
            if !is_name(name) {
                return None;
            }
            at += close + 1;
        }
        let descriptor = self.text[start..at].parse().ok();
        let rest = &self.bytes[at..];
        let (operator, length) = match rest {
            [b'<', b'(', ..] | [b'>', b'(', ..] => return None,
            [b'<', b'<', b'<', ..] => (Operator::HereString, 3),
            [b'<', b'<', ..] => (Operator::HereDocument, 2),
            [b'&', b'>', b'>', ..] if at == start => (Operator::Both, 3),
            [b'&', b'>', ..] if at == start => (Operator::Both, 2),
            [b'>', b'>', ..] => (Operator::Append, 2),
            [b'>', b'&', ..] | [b'<', b'&', ..] => (Operator::Duplicate, 2),
            [b'>', b'|', ..] => (Operator::Write, 2),
            [b'<', b'>', ..] => (Operator::Read, 2),
            [b'>', ..] => (Operator::Write, 1),
            [b'<', ..] => (Operator::Read, 1),
            _ => return None,
        };
        self.at = at + length;
        if operator == Operator::HereDocument {
            let (delimiter, end) = scan::delimiter(self.bytes, self.at);
            let target = Span::new(self.at, end);
            self.at = end;
            let document = self.script.documents.len();
            self.script.documents.push(Document {
                delimiter,
                body: Span::at(end),
            });
            self.pending.push(document);
            return Some(Redirect {
                descriptor,
                operator,
                target,
                document: Some(document),
            });
        }
        self.space();
        let target = self.word().unwrap_or(Span::at(self.at));
        Some(Redirect {
            descriptor,
            operator,
            target,
            document: None,
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
                _ => {}
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
