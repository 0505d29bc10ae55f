//! Files that the script writes itself and runs afterwards: `printf '%s\n' "$SCRIPT" > "$file"`, then `bash "$file"`.

use std::collections::HashMap;
use std::rc::Rc;

use text::Span;

use super::{Machine, Map, Sink, Source};
use crate::Word;
use crate::path;
use crate::syntax::{Node, Operator};

/// Files of which the text is kept.
const FILES: usize = 200;

/// By path; or by the expression as written, where the path is not known (`$(mktemp)`).
#[derive(Debug, Default)]
pub(super) struct WrittenFiles {
    files: HashMap<String, Written>,
}

#[derive(Debug)]
struct Written {
    /// `None` where a part of it is not known.
    text: Option<String>,
    /// Where the script wrote it first.
    path: String,
    span: Span,
}

impl Machine<'_> {
    /// Keeps what a command printed into the file that its redirection names.
    pub(super) fn write_file(&mut self, sink: &Sink, node: &Node, source: &Rc<Source>) {
        let to_file = node.redirects.iter().rev().find(|redirect| {
            matches!(redirect.operator, Operator::Write | Operator::Append)
                && matches!(redirect.descriptor, None | Some(1))
        });
        let Some(redirect) = to_file else { return };
        let target = self.single(redirect.target, source);
        let is_known = target.known().is_some();
        let key = self.key(target.text(), is_known);
        if key == "/dev/null" {
            return;
        }
        let mut text = sink.known().filter(|_| self.conditional == 0);
        let files = &mut self.written.files;
        let known = files.get(&key);
        if redirect.operator == Operator::Append {
            let before = match known {
                Some(written) => written.text.clone(),
                // One that is in the repository goes on from there; any other one is taken for new.
                None if is_known => {
                    let read = (self.ctx.read)(target.text());
                    Some(read.map_or_else(String::new, |(text, _)| text))
                }
                None => None,
            };
            text = match (before, text) {
                (Some(before), Some(text)) if before.is_empty() => Some(text),
                (Some(before), Some(text)) => {
                    Some(format!("{}\n{text}", before.trim_end_matches('\n')))
                }
                _ => None,
            };
        } else if known.is_some() && !is_known {
            // The same expression, perhaps another file.
            text = None;
        }
        let size = text.as_ref().map_or(0, String::len);
        let written = Written {
            text,
            path: source.path.clone(),
            span: source.span(node.span),
        };
        if files.len() < FILES || files.contains_key(&key) {
            files.insert(key, written);
        }
        self.pay(size / 16);
    }

    /// Such a file; `Some(None)` where the script wrote it, and its text is not known.
    pub(super) fn written_file(&self, file: &Word) -> Option<Option<(String, String, Map)>> {
        let key = self.key(file.text(), matches!(file, Word::Known(_)));
        let written = self.written.files.get(&key)?;
        let text = written.text.clone();
        Some(text.map(|text| (text, written.path.clone(), Map::Fixed(written.span))))
    }

    fn key(&self, target: &str, is_known: bool) -> String {
        if is_known {
            path::join(self.state.cwd.as_deref(), target)
        } else {
            target.to_owned()
        }
    }
}
