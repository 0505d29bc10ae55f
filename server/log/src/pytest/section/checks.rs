//! pytest-check's report: what each check says and the calls that led to it. The first one stands for all.

use crate::pytest::block::Block;
use crate::pytest::exception;
use crate::{Exception, Frame};

const CHECK: &str = "FAILURE:";

/// The exception that stands for the first check; its calls go to `frames`.
pub(super) fn checks(block: &Block, start: usize, frames: &mut Vec<Frame>) -> Option<Exception> {
    let end = (start..block.len())
        .rev()
        .find(|&idx| block.text(idx).starts_with("Failed Checks: "))?;
    let first = (start..end).find(|&idx| block.text(idx).starts_with(CHECK))?;
    let next = (first + 1..end)
        .find(|&idx| block.text(idx).starts_with(CHECK))
        .unwrap_or(end);
    let mut told = vec![block.text(first)[CHECK.len()..].trim()];
    let mut to = first + 1;
    for idx in first + 1..next {
        match call(block, idx) {
            Some(frame) => frames.push(frame),
            None if !frames.is_empty() || block.text(idx).trim().is_empty() => break,
            None => {
                told.push(block.text(idx).trim_end());
                to = idx + 1;
            }
        }
    }
    // Early versions have what a check says on the next line.
    let from = usize::from(told[0].is_empty() && told.len() > 1);
    Some(exception::exception(
        "AssertionError".to_owned(),
        told[from].trim(),
        &told[from + 1..],
        block.span_of(first..to),
    ))
}

/// `t.py:4 in test_a() -> check.equal(1, 2)`, or `t.py, line 4, in test_a() -> ...` of early versions.
fn call(block: &Block, idx: usize) -> Option<Frame> {
    let text = block.text(idx).trim();
    let (place, source) = text.split_once(" -> ")?;
    let (place, function) = place
        .rsplit_once(", in ")
        .or_else(|| place.rsplit_once(" in "))?;
    let (path, line) = place
        .rsplit_once(", line ")
        .or_else(|| place.rsplit_once(':'))?;
    Some(Frame {
        path: path.to_owned(),
        line: line.parse().ok()?,
        function: function.trim_end_matches("()").to_owned(),
        source: Some(source.to_owned()),
        span: block.line(idx).raw,
    })
}
