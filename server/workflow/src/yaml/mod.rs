//! YAML to a tree that knows where everything stands.
//!
//! Written for configuration files that people are editing: what cannot be read is a problem with its place, and the rest is
//! still answered. Aliases share the anchored node, so a file of aliases to aliases costs no more than its length.
//!
//! It knows no CI's schema. Scalars keep their text; what `3.10` or `yes` means is the reader's (see [`crate::data`]).

mod block;
mod flow;
mod scalar;

use std::collections::HashMap;
use std::sync::Arc;

use text::Span;

/// How deep nodes may nest; far beyond any real file, far below the stack.
const MAX_DEPTH: u32 = 64;
/// How many levels an alias may stand for.
const MAX_ALIAS_HEIGHT: u32 = 64;
/// How many entries all merge keys (`<<`) of a file may bring in.
const MAX_MERGED: usize = 100_000;

/// A node, and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// Of a node behind an alias: where the anchored node stands.
    pub(crate) span: Span,
    /// `!reference`, `!!str`.
    pub(crate) tag: Option<String>,
    /// How many levels of nodes are below, those behind aliases included: whoever walks the tree recurses no deeper.
    height: u32,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// Nothing was written.
    Null,
    Scalar(Scalar),
    Sequence(Vec<Arc<Node>>),
    Mapping(Vec<Entry>),
}

/// One `key: value`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_span: Span,
    pub(crate) value: Arc<Node>,
}

/// A scalar's text, after escapes and folding.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scalar {
    pub(crate) text: String,
    /// Whether it was written without quotes and as no block: only then `3.10` is a number.
    pub(crate) plain: bool,
    /// `(offset in text, offset in the file)` where the two run in parallel from, sorted.
    pub(crate) runs: Vec<(usize, usize)>,
}

impl Scalar {
    /// The place in the file of an offset into the text.
    pub(crate) fn source_offset(&self, offset: usize) -> usize {
        let next = self.runs.partition_point(|&(out, _)| out <= offset);
        match next.checked_sub(1).and_then(|idx| self.runs.get(idx)) {
            Some(&(out, source)) => source + (offset - out),
            None => 0,
        }
    }
}

impl Node {
    fn new(kind: Kind, span: Span) -> Self {
        let below = match &kind {
            Kind::Null | Kind::Scalar(_) => None,
            Kind::Sequence(items) => items.iter().map(|item| item.height).max(),
            Kind::Mapping(entries) => entries.iter().map(|entry| entry.value.height).max(),
        };
        Self {
            kind,
            span,
            tag: None,
            height: below.map_or(0, |below| below + 1),
        }
    }

    pub(crate) fn null(at: usize) -> Self {
        Self::new(Kind::Null, Span::at(at))
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.kind {
            Kind::Mapping(entries) => entries,
            _ => &[],
        }
    }

    pub(crate) fn items(&self) -> &[Arc<Self>] {
        match &self.kind {
            Kind::Sequence(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Arc<Self>> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The value under a path of keys.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Arc<Self>> {
        let (first, rest) = path.split_first()?;
        let mut node = self.get(first)?;
        for key in rest {
            node = node.get(key)?;
        }
        Some(node)
    }

    pub(crate) fn scalar(&self) -> Option<&Scalar> {
        match &self.kind {
            Kind::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        self.scalar().map(|scalar| scalar.text.as_str())
    }

    pub(crate) fn is_null(&self) -> bool {
        match &self.kind {
            Kind::Null => true,
            Kind::Scalar(scalar) => {
                scalar.plain && matches!(scalar.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
            }
            _ => false,
        }
    }

    /// A scalar's text, or the texts of a list of scalars.
    pub(crate) fn strings(&self) -> Vec<(&str, Span)> {
        match &self.kind {
            Kind::Scalar(scalar) => vec![(scalar.text.as_str(), self.span)],
            Kind::Sequence(items) => items
                .iter()
                .filter_map(|item| Some((item.text()?, item.span)))
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// The documents of a file, and what could not be read.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Documents {
    pub(crate) roots: Vec<Arc<Node>>,
    pub(crate) problems: Vec<(String, Span)>,
}

/// Reads a YAML file.
pub(crate) fn parse(text: &str) -> Documents {
    let mut parser = Parser {
        text,
        bytes: text.as_bytes(),
        pos: if text.starts_with('\u{feff}') { 3 } else { 0 },
        line_start: 0,
        depth: 0,
        merged: 0,
        anchors: HashMap::new(),
        problems: Vec::new(),
    };
    parser.line_start = parser.pos;
    let mut roots = Vec::new();
    loop {
        parser.skip_to_content();
        if parser.at_end() {
            break;
        }
        let before = parser.pos;
        if parser.at_document_mark() {
            let is_start = parser.bytes[parser.pos] == b'-';
            parser.pos += 3;
            if !is_start {
                continue;
            }
        } else if parser.bytes[parser.pos] == b'%' && parser.column() == 0 {
            parser.skip_line();
            continue;
        }
        parser.anchors.clear();
        let root = parser.value(-1, false);
        if !matches!(root.kind, Kind::Null) {
            roots.push(root);
        }
        parser.skip_to_content();
        if !parser.at_end() && !parser.at_document_mark() {
            let start = parser.pos;
            parser.skip_line();
            parser.problem(
                "this does not belong to anything above it; check its indentation",
                Span::new(start, parser.pos),
            );
        } else if parser.pos == before {
            parser.skip_line();
        }
    }
    Documents {
        roots,
        problems: parser.problems,
    }
}

struct Parser<'t> {
    text: &'t str,
    bytes: &'t [u8],
    pos: usize,
    /// Start of the line that `pos` is on.
    line_start: usize,
    depth: u32,
    merged: usize,
    anchors: HashMap<String, Arc<Node>>,
    problems: Vec<(String, Span)>,
}

/// `&anchor` and `!tag` in front of a node.
#[derive(Default)]
struct Properties {
    anchor: Option<String>,
    tag: Option<String>,
}

impl Parser<'_> {
    fn at_end(&self) -> bool {
        self.pos >= self.bytes.len()
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.pos).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.pos + ahead).copied()
    }

    fn column(&self) -> i32 {
        i32::try_from(self.pos - self.line_start).unwrap_or(i32::MAX)
    }

    fn problem(&mut self, message: &str, span: Span) {
        // A file that is no YAML at all would give one for each line.
        if self.problems.len() < 20 {
            self.problems.push((message.to_owned(), span));
        }
    }

    fn skip_spaces(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.pos += 1;
        }
    }

    /// Whether what is left of the line is blank or a comment.
    fn at_line_rest(&self) -> bool {
        match self.peek() {
            None | Some(b'\n' | b'\r') => true,
            Some(b'#') => {
                self.pos == 0 || matches!(self.bytes[self.pos - 1], b' ' | b'\t' | b'\n' | b'\r')
            }
            _ => false,
        }
    }

    /// To the start of the next line.
    fn skip_line(&mut self) {
        match memchr_line_end(&self.bytes[self.pos..]) {
            Some(offset) => {
                self.pos += offset;
                if self.bytes[self.pos] == b'\r' && self.peek_at(1) == Some(b'\n') {
                    self.pos += 1;
                }
                self.pos += 1;
            }
            None => self.pos = self.bytes.len(),
        }
        self.line_start = self.pos;
    }

    /// Over blanks, comments and line ends to the next thing.
    fn skip_to_content(&mut self) {
        loop {
            self.skip_spaces();
            if self.at_end() || !self.at_line_rest() {
                return;
            }
            self.skip_line();
        }
    }

    /// `---` or `...` at a line's start.
    fn at_document_mark(&self) -> bool {
        self.pos == self.line_start
            && (self.bytes[self.pos..].starts_with(b"---")
                || self.bytes[self.pos..].starts_with(b"..."))
            && matches!(self.peek_at(3), None | Some(b' ' | b'\t' | b'\n' | b'\r'))
    }

    fn too_deep(&mut self) -> bool {
        if self.depth < MAX_DEPTH {
            return false;
        }
        self.problem(
            &format!("nested deeper than {MAX_DEPTH} levels; the rest of the file is not read"),
            Span::at(self.pos),
        );
        self.pos = self.bytes.len();
        self.line_start = self.pos;
        true
    }

    /// Anchors and tags that stand here, on this line.
    fn properties(&mut self) -> Properties {
        let mut properties = Properties::default();
        loop {
            self.skip_spaces();
            let Some(mark @ (b'&' | b'!')) = self.peek() else {
                return properties;
            };
            let start = self.pos + 1;
            let is_flow_end = |byte: u8| matches!(byte, b',' | b']' | b'}' | b'[' | b'{');
            let mut end = start;
            while let Some(&byte) = self.bytes.get(end) {
                if byte.is_ascii_whitespace() || is_flow_end(byte) {
                    break;
                }
                end += 1;
            }
            let name = self.text[start..end].to_owned();
            self.pos = end;
            if mark == b'&' {
                properties.anchor = Some(name);
            } else {
                properties.tag = Some(format!("!{name}"));
            }
        }
    }

    /// Gives the node its tag and notes its anchor.
    fn finish(&mut self, node: Node, properties: Properties) -> Arc<Node> {
        let node = Arc::new(Node {
            tag: properties.tag.or(node.tag),
            ..node
        });
        if let Some(anchor) = properties.anchor {
            self.anchors.insert(anchor, Arc::clone(&node));
        }
        node
    }

    /// `*name`.
    fn alias(&mut self) -> Arc<Node> {
        let start = self.pos;
        self.pos += 1;
        while let Some(byte) = self.peek() {
            if byte.is_ascii_whitespace() || matches!(byte, b',' | b']' | b'}') {
                break;
            }
            self.pos += 1;
        }
        let name = &self.text[start + 1..self.pos];
        match self.anchors.get(name) {
            Some(node) if node.height <= MAX_ALIAS_HEIGHT => Arc::clone(node),
            Some(_) => {
                let message = format!(
                    "`*{name}` stands for aliases that are nested too deep; it is left out"
                );
                self.problem(&message, Span::new(start, self.pos));
                Arc::new(Node::null(start))
            }
            None => {
                let message = format!("there is no anchor `&{name}` above");
                self.problem(&message, Span::new(start, self.pos));
                Arc::new(Node::null(start))
            }
        }
    }

    /// The entries of a mapping with its merge keys filled in and later duplicates winning.
    fn mapping(&mut self, entries: Vec<Entry>, span: Span) -> Node {
        let own: HashMap<&str, usize> = entries
            .iter()
            .enumerate()
            .map(|(idx, entry)| (entry.key.as_str(), idx))
            .collect();
        let has_merge = own.contains_key("<<");
        if own.len() == entries.len() && !has_merge {
            return Node::new(Kind::Mapping(entries), span);
        }
        let mut all: Vec<Entry> = Vec::with_capacity(entries.len());
        let mut taken: HashMap<&str, ()> = HashMap::new();
        let mut found = Vec::new();
        for (idx, entry) in entries.iter().enumerate() {
            if entry.key != "<<" {
                if own.get(entry.key.as_str()) == Some(&idx) {
                    all.push(entry.clone());
                } else {
                    found.push((
                        format!("`{}` is written twice here; the last one counts", entry.key),
                        entry.key_span,
                    ));
                }
                continue;
            }
            let sources: &[Arc<Node>] = match &entry.value.kind {
                Kind::Sequence(items) => items,
                _ => std::slice::from_ref(&entry.value),
            };
            for merged in sources.iter().flat_map(|node| node.entries()) {
                if self.merged >= MAX_MERGED {
                    found.push((
                        "too many merge keys (`<<`) in this file; the rest is left out".to_owned(),
                        entry.key_span,
                    ));
                    break;
                }
                if !own.contains_key(merged.key.as_str())
                    && taken.insert(merged.key.as_str(), ()).is_none()
                {
                    self.merged += 1;
                    all.push(merged.clone());
                }
            }
        }
        for (message, span) in found {
            self.problem(&message, span);
        }
        Node::new(Kind::Mapping(all), span)
    }
}

fn memchr_line_end(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'))
}

#[cfg(test)]
mod tests;
