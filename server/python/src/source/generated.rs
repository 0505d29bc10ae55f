//! Generated texts: what passes over a slice hand to each other, and the test that comes of it as a person edits it. Most leave a text
//! as it is, the others change a part of it, so that little of it has to be parsed anew.

use std::cell::RefCell;
use std::rc::Rc;

use tree_sitter::{InputEdit, Point, Tree};

use super::{MAX_BYTES, Module, tree};

/// So many texts stay parsed.
const KEPT: usize = 4;

thread_local! {
    /// Those that were parsed last, the last one at the end.
    static PARSED: RefCell<Vec<Rc<Module>>> = const { RefCell::new(Vec::new()) };
}

impl Module {
    /// A generated text, parsed.
    pub fn generated(text: &str) -> Rc<Self> {
        PARSED.with_borrow_mut(|parsed| {
            let module = match parsed.iter().position(|it| *it.text == *text) {
                Some(at) => parsed.remove(at),
                None => {
                    let module = Self::parse("", text.into());
                    if let Some(tree) = parsed.last().and_then(|it| it.edited(text)) {
                        module.tree.get_or_init(|| tree);
                    }
                    Rc::new(module)
                }
            };
            if parsed.len() == KEPT {
                parsed.remove(0);
            }
            parsed.push(module.clone());
            module
        })
    }

    /// The tree of a text that is this one but for some of its middle. `None` where little is the same, or where one of them is not
    /// understood: what of such a text is an error depends on where its reader comes from.
    fn edited(&self, text: &str) -> Option<Tree> {
        let before = self.tree.get()?;
        let (old, new) = (self.text.as_bytes(), text.as_bytes());
        let same = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        let most = old.len().min(new.len()) - same;
        let behind = old.iter().rev().zip(new.iter().rev()).take(most);
        let behind = behind.take_while(|(a, b)| a == b).count();
        let is_large = old.len().max(new.len()) > MAX_BYTES;
        if is_large || same + behind < new.len() / 2 || before.root_node().has_error() {
            return None;
        }
        let (old_end, new_end) = (old.len() - behind, new.len() - behind);
        let mut before = before.clone();
        before.edit(&InputEdit {
            start_byte: same,
            old_end_byte: old_end,
            new_end_byte: new_end,
            start_position: position(old, same),
            old_end_position: position(old, old_end),
            new_end_position: position(new, new_end),
        });
        Some(tree(text, Some(&before))).filter(|it| !it.root_node().has_error())
    }
}

fn position(text: &[u8], at: usize) -> Point {
    let rows = text[..at].split(|byte| *byte == b'\n');
    let (count, last) = rows.fold((0, 0), |(count, _), row| (count + 1, row.len()));
    Point {
        row: count - 1,
        column: last,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::walk;

    /// Any of them may stand behind any other; the last ones make an error of it.
    const BLOCKS: [&str; 20] = [
        "import os, sys",
        "from a import (b,\n    c)",
        "@mark(1)\ndef test_a(self, x=[1, 2]):\n    y = 'b'",
        "class A(B):\n    x = 1",
        "    def f(self):\n        return {\"a\": 'b'}",
        "    if x: y = 1  # é",
        "    x = y.z(1)\n",
        "    print(f\"{x!r} {'y'}\")",
        "    \"\"\"one\n    two\"\"\"",
        "    match = x",
        "    match x:\n        case [1, *_]: pass",
        "    print >>x, y",
        "    async with a as b: await c",
        "    for a in b:\n        with c: pass\n    else:\n        d",
        "    try:\n        a\n    except B: pass\n    # comment",
        "    type X = int",
        "    exec x in y",
        "",
        "a = [1,",
        "  \"\"\"",
    ];

    fn nodes(module: &Module) -> Vec<(&'static str, std::ops::Range<usize>, Point, Point)> {
        let mut nodes = Vec::new();
        walk(module.root(), |node| {
            let (start, end) = (node.start_position(), node.end_position());
            nodes.push((node.kind(), node.byte_range(), start, end));
            true
        });
        nodes
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]
        /// A text has the tree that it has by itself, whatever was parsed before it.
        #[test]
        fn what_was_parsed_before_does_not_matter(
            blocks in proptest::collection::vec(0..BLOCKS.len() - 2, 1..30),
            changes in proptest::collection::vec((0usize..30, 0..BLOCKS.len(), 0usize..3), 1..5))
        {
            let written = |blocks: &[usize]| {
                let blocks = blocks.iter().map(|it| BLOCKS[*it]);
                format!("def a():\n    b\n{}\n", blocks.collect::<Vec<_>>().join("\n"))
            };
            let mut blocks = blocks;
            Module::generated(&written(&blocks)).root();
            for (at, block, how) in changes {
                let at = at % blocks.len();
                match how {
                    0 => blocks[at] = block,
                    1 => blocks.insert(at, block),
                    _ if blocks.len() > 1 => {
                        blocks.remove(at);
                    }
                    _ => {}
                }
                let text = written(&blocks);
                let alone = Module::parse("", text.as_str().into());
                prop_assert_eq!(nodes(&Module::generated(&text)), nodes(&alone), "{}", text);
            }
        }
    }
}
