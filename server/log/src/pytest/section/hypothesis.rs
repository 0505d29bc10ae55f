//! Hypothesis' falsifying example.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::Fact;
use crate::pytest::block::Block;
use crate::pytest::exception;

/// What it begins with; the later words are those of Hypothesis' newest versions.
const HEADS: [&str; 4] = [
    "Falsifying example: ",
    "Falsifying explicit example: ",
    "Failing test case: ",
    "Failing explicit example: ",
];
/// Lines of one example that are kept.
const MOST: usize = 400;

/// Hypothesis' example, out of the message's lines or of its own section.
pub(crate) fn falsifying(block: &Block) -> Option<Fact> {
    // What all heads end in, looked for in the whole block at once.
    static ENDS: LazyLock<[Finder<'static>; 2]> =
        LazyLock::new(|| ["example: ", "case: "].map(Finder::new));
    if !ENDS.iter().any(|end| block.contains(end)) {
        return None;
    }
    let plain = |idx: usize| exception::marked(block.text(idx)).unwrap_or(block.text(idx));
    let first = (0..block.len()).find(|&idx| {
        let text = plain(idx).trim_start();
        HEADS.iter().any(|it| text.starts_with(it))
    })?;
    let indent = plain(first).len() - plain(first).trim_start().len();
    let mut lines = vec![plain(first).trim()];
    let mut last = first;
    let mut depth = depth_of(lines[0]);
    while last + 1 < block.len() && depth > 0 && last < first + MOST {
        let text = plain(last + 1);
        depth += depth_of(text);
        lines.push(text.get(indent..).unwrap_or(text.trim_start()).trim_end());
        last += 1;
    }
    let (from, to) = (block.line(first), block.line(last));
    let start = from.text.len() - plain(first).trim_start().len();
    let from_span = from.span(start..from.text.trim_end().len().max(start));
    Some(Fact {
        text: lines.join("\n"),
        span: from_span.cover(to.span(0..to.text.trim_end().len())),
        line: from.number,
    })
}

/// How many brackets a line opens more than it closes, outside of its strings and comments.
fn depth_of(text: &str) -> i32 {
    let mut depth = 0;
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(it) = chars.next() {
        match (it, quote) {
            ('\\', Some(_)) => {
                chars.next();
            }
            (it, Some(open)) if it == open => quote = None,
            (_, Some(_)) => {}
            ('\'' | '"', None) => quote = Some(it),
            ('#', None) => break,
            ('(', None) => depth += 1,
            (')', None) => depth -= 1,
            _ => {}
        }
    }
    depth
}
