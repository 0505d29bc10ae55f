//! Flow style: `[a, b]` and `{a: b}`, over as many lines as it takes.

use std::sync::Arc;

use text::Span;

use super::{Entry, Kind, Node, Parser};

impl Parser<'_> {
    pub(super) fn flow_collection(&mut self) -> Node {
        if self.too_deep() {
            return Node::null(self.pos);
        }
        self.depth += 1;
        let start = self.pos;
        let is_mapping = self.peek() == Some(b'{');
        let close = if is_mapping { b'}' } else { b']' };
        self.pos += 1;
        let mut items = Vec::new();
        let mut entries = Vec::new();
        loop {
            self.skip_to_content();
            let before = self.pos;
            match self.peek() {
                None => {
                    let open = if is_mapping { "{" } else { "[" };
                    self.problem(
                        &format!("`{open}` is not closed"),
                        Span::new(start, start + 1),
                    );
                    break;
                }
                Some(byte) if byte == close => {
                    self.pos += 1;
                    break;
                }
                Some(b',') => self.pos += 1,
                Some(b']' | b'}') => {
                    self.problem(
                        "this bracket closes nothing that is open",
                        Span::new(before, before + 1),
                    );
                    self.pos += 1;
                }
                Some(_) => {
                    let value = self.flow_node();
                    self.skip_to_content();
                    let pair = self.at_flow_colon(&value).then(|| {
                        self.pos += 1;
                        self.skip_to_content();
                        match self.peek() {
                            None | Some(b',' | b']' | b'}') => Arc::new(Node::null(self.pos)),
                            Some(_) => self.flow_node(),
                        }
                    });
                    match (pair, is_mapping) {
                        (Some(of), true) => entries.push(entry(&value, of)),
                        (None, true) => {
                            let null = Arc::new(Node::null(value.span.end));
                            entries.push(entry(&value, null));
                        }
                        (Some(of), false) => {
                            let span = value.span.cover(Span::new(before, of.span.end.max(before)));
                            let pair = self.mapping(vec![entry(&value, of)], span);
                            items.push(Arc::new(pair));
                        }
                        (None, false) => items.push(value),
                    }
                    if self.pos == before {
                        self.pos += 1;
                    }
                }
            }
        }
        self.depth -= 1;
        let span = Span::new(start, self.pos);
        if is_mapping {
            return self.mapping(entries, span);
        }
        Node::new(Kind::Sequence(items), span)
    }

    /// `:` after a flow key: behind a quoted key no blank is needed.
    fn at_flow_colon(&self, key: &Node) -> bool {
        let after_plain = key.scalar().is_none_or(|scalar| scalar.plain);
        self.peek() == Some(b':')
            && (!after_plain
                || matches!(
                    self.peek_at(1),
                    None | Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b']' | b'}' | b'[' | b'{')
                ))
    }

    fn flow_node(&mut self) -> Arc<Node> {
        let properties = self.properties();
        self.skip_to_content();
        let node = match self.peek() {
            Some(b'[' | b'{') => self.flow_collection(),
            Some(b'"') => self.double_quoted(),
            Some(b'\'') => self.single_quoted(),
            Some(b'*') => return self.alias(),
            None | Some(b',' | b']' | b'}') => Node::null(self.pos),
            Some(_) => self.flow_plain(),
        };
        self.finish(node, properties)
    }
}

fn entry(key: &Node, value: Arc<Node>) -> Entry {
    Entry {
        key: key.text().unwrap_or_default().to_owned(),
        key_span: key.span,
        value,
    }
}
