//! Block style: what indentation holds together.

use std::sync::Arc;

use text::Span;

use super::{Entry, Kind, Node, Parser, Properties};

impl Parser<'_> {
    /// The node after `key:`, `-` or a document's start: on this line or on the lines below that are indented more than
    /// `parent`. A mapping's value may be a sequence at the mapping's own indentation.
    pub(super) fn value(&mut self, parent: i32, in_mapping: bool) -> Arc<Node> {
        let at = self.pos;
        let properties = self.properties();
        if !self.at_line_rest() {
            return self.inline(parent, properties);
        }
        self.skip_to_content();
        let column = self.column();
        let is_sequence = self.at_dash();
        let belongs = column > parent || (in_mapping && is_sequence && column == parent);
        if self.at_end() || !belongs || self.at_document_mark() {
            return self.finish(Node::null(at), properties);
        }
        let inner = self.properties();
        if self.at_line_rest() {
            // `key:` / `  &anchor` / `  a: b`
            let node = self.value(parent, in_mapping);
            return self.retag(node, [inner, properties]);
        }
        if inner.anchor.is_some() || inner.tag.is_some() {
            let node = self.inline(parent, inner);
            return self.retag(node, [properties]);
        }
        let node = self.block(parent);
        self.retag(node, [properties])
    }

    fn retag<const N: usize>(&mut self, node: Arc<Node>, properties: [Properties; N]) -> Arc<Node> {
        let mut node = node;
        for property in properties {
            if property.tag.is_some() {
                node = self.finish(Arc::unwrap_or_clone(node), property);
            } else if let Some(anchor) = property.anchor {
                self.anchors.insert(anchor, Arc::clone(&node));
            }
        }
        node
    }

    fn at_dash(&self) -> bool {
        self.peek() == Some(b'-')
            && matches!(self.peek_at(1), None | Some(b' ' | b'\t' | b'\n' | b'\r'))
    }

    /// A collection or scalar that starts here, as its line's first thing or after a dash.
    fn block(&mut self, parent: i32) -> Arc<Node> {
        if self.too_deep() {
            return Arc::new(Node::null(self.pos));
        }
        self.depth += 1;
        let node = if self.at_dash() {
            Arc::new(self.sequence())
        } else if self.key_end().is_some() {
            Arc::new(self.block_mapping())
        } else {
            self.inline_scalar(parent, Properties::default())
        };
        self.depth -= 1;
        node
    }

    /// A node that starts on a line which something else began (`key: here`, `- here`).
    fn inline(&mut self, parent: i32, properties: Properties) -> Arc<Node> {
        // `- a: b` is a mapping; `key: a: b` is none, but with an anchor in between (`- &x a: b`) it is again.
        let after_dash = parent >= -1 && self.follows_dash();
        if (after_dash || parent == -1) && (self.at_dash() || self.key_end().is_some()) {
            let node = self.block(parent);
            return self.retag(node, [properties]);
        }
        self.inline_scalar(parent, properties)
    }

    /// Whether only blanks, dashes, anchors and tags stand before this on its line.
    fn follows_dash(&self) -> bool {
        let before = &self.text[self.line_start..self.pos];
        before.trim_start().starts_with("- ")
            && before
                .split_ascii_whitespace()
                .all(|word| word == "-" || word.starts_with(['&', '!']))
    }

    fn inline_scalar(&mut self, parent: i32, properties: Properties) -> Arc<Node> {
        let node = match self.peek() {
            Some(b'|' | b'>') => self.block_scalar(parent),
            Some(b'[' | b'{') => self.flow_collection(),
            Some(b'*') => {
                let node = self.alias();
                return self.retag(node, [properties]);
            }
            Some(b'"') => self.double_quoted(),
            Some(b'\'') => self.single_quoted(),
            _ => self.plain(parent),
        };
        // A block scalar ends at the start of a line that is not its own.
        if self.pos == self.line_start {
            return self.finish(node, properties);
        }
        self.skip_spaces();
        if !self.at_line_rest() {
            let start = self.pos;
            self.skip_line();
            self.problem(
                "unexpected text after the value",
                Span::new(start, self.pos),
            );
        }
        self.finish(node, properties)
    }

    fn sequence(&mut self) -> Node {
        let (start, column) = (self.pos, self.column());
        let mut items = Vec::new();
        let mut end = start;
        while !self.at_end() && self.column() == column && self.at_dash() {
            self.pos += 1;
            let item = self.value(column, false);
            end = end.max(item.span.end).max(start + 1);
            items.push(item);
            self.skip_to_content();
        }
        Node::new(
            Kind::Sequence(items),
            Span::new(start, end.min(self.pos).max(start)),
        )
    }

    fn block_mapping(&mut self) -> Node {
        let (start, column) = (self.pos, self.column());
        let mut entries: Vec<Entry> = Vec::new();
        let mut end = start;
        while !self.at_end() && self.column() == column && !self.at_document_mark() {
            let Some((key, key_span, value_start)) = self.key_end() else {
                if self.at_dash() {
                    break;
                }
                let start = self.pos;
                self.skip_line();
                self.problem("expected `key: value` here", Span::new(start, self.pos));
                self.skip_to_content();
                continue;
            };
            self.pos = value_start;
            let value = self.value(column, true);
            end = end.max(key_span.end).max(value.span.end);
            entries.push(Entry {
                key,
                key_span,
                value,
            });
            self.skip_to_content();
            if !self.at_end() && self.column() > column && !self.at_document_mark() {
                self.skip_stray(column);
            }
        }
        self.mapping(entries, Span::new(start, end.min(self.bytes.len())))
    }

    /// Lines that are indented more than the mapping that they stand in, but belong to no value.
    fn skip_stray(&mut self, column: i32) {
        let start = self.pos;
        while !self.at_end() && self.column() > column {
            self.skip_line();
            self.skip_to_content();
        }
        self.problem(
            "these lines belong to nothing above them; check their indentation",
            Span::new(start, self.line_start.max(start)),
        );
    }

    /// If a mapping's key starts here: the key, where it stands, and where its value starts.
    fn key_end(&self) -> Option<(String, Span, usize)> {
        let first = self.peek()?;
        let is_separator = |at: usize| {
            self.bytes.get(at) == Some(&b':')
                && matches!(
                    self.bytes.get(at + 1),
                    None | Some(b' ' | b'\t' | b'\n' | b'\r')
                )
        };
        let (key, end, mut after) = match first {
            quote @ (b'"' | b'\'') => {
                let mut end = self.pos + 1;
                loop {
                    match self.bytes.get(end)? {
                        b'\n' | b'\r' => return None,
                        b'\\' if quote == b'"' => end += 2,
                        byte if *byte == quote => {
                            if quote == b'\'' && self.bytes.get(end + 1) == Some(&b'\'') {
                                end += 2;
                                continue;
                            }
                            break;
                        }
                        _ => end += 1,
                    }
                }
                let inner = self.text.get(self.pos + 1..end)?;
                let key = match quote {
                    b'"' => super::scalar::unescape(inner),
                    _ => inner.replace("''", "'"),
                };
                (key, end + 1, end + 1)
            }
            b'[' | b'{' | b'#' | b'|' | b'>' | b'@' | b'`' | b'%' | b'&' | b'!' | b'*' | b','
            | b']' | b'}' => return None,
            _ => {
                let mut end = self.pos;
                loop {
                    match self.bytes.get(end) {
                        None | Some(b'\n' | b'\r') => return None,
                        Some(b':') if is_separator(end) => break,
                        Some(b'#')
                            if end > self.pos && matches!(self.bytes[end - 1], b' ' | b'\t') =>
                        {
                            return None;
                        }
                        _ => end += 1,
                    }
                }
                let key = self.text[self.pos..end].trim_end();
                (key.to_owned(), self.pos + key.len(), end)
            }
        };
        while matches!(self.bytes.get(after), Some(b' ' | b'\t')) {
            after += 1;
        }
        is_separator(after).then(|| (key, Span::new(self.pos, end), after + 1))
    }
}
