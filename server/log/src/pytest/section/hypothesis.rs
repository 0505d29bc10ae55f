//! Hypothesis' falsifying example.

use std::ops::Range;

use crate::pytest::block::Block;
use crate::pytest::exception;

/// Hypothesis' example, out of the message's lines or of its own section.
pub(super) fn falsifying(block: &Block) -> Option<(String, Range<usize>)> {
    let plain = |idx: usize| exception::marked(block.text(idx)).unwrap_or(block.text(idx));
    let first = (0..block.len()).find(|&idx| {
        let text = plain(idx).trim_start();
        text.starts_with("Falsifying example: ")
            || text.starts_with("Falsifying explicit example: ")
    })?;
    let indent = plain(first).len() - plain(first).trim_start().len();
    let mut lines = vec![plain(first).trim()];
    let mut end = first + 1;
    let mut depth = depth_of(lines[0]);
    while end < block.len() && depth > 0 && end < first + 400 {
        let text = plain(end);
        depth += depth_of(text);
        lines.push(text.get(indent..).unwrap_or(text.trim_start()).trim_end());
        end += 1;
    }
    Some((lines.join("\n"), first..end))
}

fn depth_of(text: &str) -> i32 {
    text.chars()
        .map(|it| i32::from(it == '(') - i32::from(it == ')'))
        .sum()
}
