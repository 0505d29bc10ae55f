//! stestr's own report, which tempest and subunit-trace print too: `{0} mod.Case.test_x [0.1s] ... FAILED` and what was
//! captured below, while tests run, and once more under names that are underlined, when all have run.

use super::block::Block;
use super::{assertion, classify, exception, section, traceback, unit};
use crate::{Exception, Failure, Frame};

/// Behind the name of a test that failed.
const FAILED: &str = " ... FAILED";

/// Whether a line tells of a failed test, while tests run.
pub(crate) fn is_failed(text: &str) -> bool {
    is_outcome(text) && text.trim_end().ends_with(FAILED)
}

/// Whether a line tells of a test's outcome: `{0} `, by the worker that ran it.
fn is_outcome(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('{') else {
        return false;
    };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && rest[digits..].starts_with("} ")
}

/// `Failed 6 tests - output below:`, between rules.
pub(crate) fn is_repeated(text: &str) -> bool {
    text.strip_prefix("Failed ").is_some_and(|it| {
        it.trim_end().ends_with(" tests - output below:")
            && it.starts_with(|it: char| it.is_ascii_digit())
    })
}

/// Whether a line ends what is kept of a report.
pub(crate) fn ends(block: &Block, text: &str) -> bool {
    let repeated = is_repeated(block.text(0));
    // The rule below the heading, and the one above the totals.
    let ruled = text.starts_with("======") && text.trim_end().bytes().all(|it| it == b'=');
    (ruled && (block.len() > 1 || !repeated)) || (!repeated && is_outcome(text))
}

/// The failures of a report: of one test, or of all.
pub(crate) fn failures(block: &Block) -> Vec<Failure> {
    if !is_repeated(block.text(0)) {
        return of_test(block, 0, block.len());
    }
    let is_name = |&idx: &usize| {
        let (name, rule) = (block.text(idx).trim_end(), block.text(idx + 1).trim_end());
        !name.is_empty() && rule.len() == name.len() && rule.bytes().all(|it| it == b'-')
    };
    let names = (1..block.len().saturating_sub(1))
        .filter(is_name)
        .collect::<Vec<_>>();
    let ends = names.iter().skip(1).copied().chain([block.len()]);
    let tests = names.iter().zip(ends);
    tests
        .flat_map(|(&from, to)| of_test(block, from, to))
        .collect()
}

/// What is told of one test: a failure for each of its tracebacks, which are those of subtests if there are more.
fn of_test(block: &Block, from: usize, to: usize) -> Vec<Failure> {
    let heading = block.text(from).trim_end();
    let heading = heading.strip_suffix(FAILED).unwrap_or(heading);
    let heading = match heading.split_once("} ") {
        Some((worker, rest)) if worker.starts_with('{') => rest,
        _ => heading,
    };
    // `[0.000498s]`; what else stands in brackets is of the name.
    let name = match heading.rsplit_once(" [") {
        Some((name, seconds)) if seconds.ends_with("s]") => name,
        _ => heading,
    };
    let phase = unit::phase(name);
    let base = Failure {
        id: unit::id(name),
        phase,
        kind: classify::kind(phase, None),
        span: block.span_of(from..to),
        line: block.line(from).number,
        ..Failure::default()
    };
    let is_start =
        |&idx: &usize| block.text(idx).trim() == traceback::START && is_captured(block, idx);
    let starts = (from..to).filter(is_start).collect::<Vec<_>>();
    let made = starts.iter().filter_map(|&start| {
        let found = parse(block, start, to);
        let exception = found.exception?;
        let (expected, actual) = assertion::sides(&exception, None);
        let shown = found.frames.iter().rev().find(section::is_shown);
        Some(Failure {
            kind: classify::kind(phase, Some(&exception)),
            expected,
            actual,
            location: shown.or(found.frames.last()).cloned(),
            frames: found.frames,
            chain: found.chain,
            exception: Some(exception),
            ..base.clone()
        })
    });
    let made = made.collect::<Vec<_>>();
    match made.is_empty() {
        true => vec![base],
        false => made,
    }
}

/// Whether the lines above are `Captured traceback:` and its rule.
fn is_captured(block: &Block, idx: usize) -> bool {
    idx >= 2 && is_section(block, idx - 2) && block.text(idx - 2).starts_with("Captured traceback")
}

/// `Captured stdout:` and its rule.
fn is_section(block: &Block, idx: usize) -> bool {
    let rule = || block.text(idx + 1).trim_end();
    block.text(idx).starts_with("Captured ")
        && idx + 1 < block.len()
        && rule().len() > 3
        && rule().bytes().all(|it| it == b'~')
}

/// A traceback whose lines stand deeper or not at all, with blank ones between.
fn parse(block: &Block, start: usize, to: usize) -> traceback::Traceback {
    let mut found = traceback::Traceback::default();
    let mut idx = start + 1;
    while idx < to && !is_section(block, idx) {
        let text = block.text(idx).trim();
        if let Some(is_cause) = traceback::chain_line(text) {
            found.led_on(is_cause);
        } else if let Some((path, line, function)) = traceback::file_line(text) {
            let below = block.text((idx + 1).min(to - 1)).trim();
            let is_source = idx + 1 < to && !below.is_empty();
            found.frames.push(Frame {
                path: path.to_owned(),
                line,
                function: function.to_owned(),
                source: is_source.then(|| below.to_owned()),
                span: block.line(idx).raw,
            });
            idx += usize::from(is_source);
        } else if !text.is_empty()
            && text != traceback::START
            && !text.chars().all(|it| matches!(it, '^' | '~' | ' '))
        {
            let (exception, next) = raised(block, idx, to);
            found.exception = Some(exception);
            idx = next;
            continue;
        }
        idx += 1;
    }
    found
}

/// The exception that begins at a line, and where what follows it begins.
fn raised(block: &Block, idx: usize, to: usize) -> (Exception, usize) {
    let ends =
        |&at: &usize| is_section(block, at) || traceback::chain_line(block.text(at)).is_some();
    let end = (idx + 1..to).find(ends).unwrap_or(to);
    let head = block.text(idx).trim();
    let (type_name, message) = match head.split_once(':') {
        Some((name, message)) if !name.contains(' ') => (name, message.trim_start()),
        _ => (head, ""),
    };
    // Early versions write the whole message as deep as its first line.
    let depth = |text: &str| text.len() - text.trim_start().len();
    let indent = depth(block.text(idx));
    let below = (idx + 1..end).map(|at| block.text(at));
    let deep = below
        .clone()
        .all(|it| it.trim().is_empty() || depth(it) >= indent);
    let skip = if deep { indent } else { 0 };
    let rest = below
        .map(|it| it.get(skip..).unwrap_or_default())
        .collect::<Vec<_>>();
    let span = block.span_of(idx..end);
    (
        exception::exception(type_name.to_owned(), message, &rest, span),
        end,
    )
}
