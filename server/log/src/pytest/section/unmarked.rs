//! Sections without `E` lines: `pytest.fail(pytrace=False)`, plugins' own reports, a worker's crash, doctests, and what
//! stands beside the `E` lines of a fixture that was not found.

use super::checks::checks;
use super::place::{data_location, frame, location};
use super::{Parsed, doctest};
use crate::pytest::block::Block;
use crate::pytest::exception;
use crate::pytest::progress;
use crate::{Exception, Frame};

/// Lines without marker: `pytest.fail(pytrace=False)`, a plugin's own report, a worker's crash, a collector's text.
pub(super) fn of_raw(
    block: &Block,
    raw: &[usize],
    start: usize,
    parsed: &mut Parsed,
    hint: Option<String>,
) {
    if let Some(unmet) = doctest::unmet(block, start, parsed) {
        parsed.exception = Some(unmet);
        return;
    }
    let Some(&first) = raw.first() else {
        return;
    };
    if let Some(exception) = checks(block, start, &mut parsed.frames) {
        parsed.exception = Some(exception);
        return;
    }
    if let Some(exception) = of_notebook(block, first) {
        parsed.exception = Some(exception);
        return;
    }
    let data = raw
        .iter()
        .find_map(|&idx| Some((idx, data_location(block.text(idx))?)));
    if let Some((idx, at)) = data {
        parsed.frames.insert(0, frame(block, idx, &at));
    }
    // Behind the place of a plugin's own item comes what it failed with.
    let first = match data {
        Some((idx, _)) if idx == first && raw.len() > 1 => raw[1],
        _ => first,
    };
    let texts = (first..block.len())
        .map(|idx| block.text(idx))
        .collect::<Vec<_>>();
    let texts = trimmed_end(&texts);
    let texts = without_progress(texts);
    let span = block.span_of(first..first + texts.len());
    let (type_name, head) = match exception::split(texts[0], None) {
        Some((name, message)) => (name.to_owned(), message),
        None => (hint.unwrap_or_default(), texts[0]),
    };
    if parsed.frames.is_empty() || data.is_some() {
        let mut made = exception::exception(type_name, head, &texts[1..], span);
        if head.is_empty() {
            made.message = made.message.trim_start().to_owned();
        }
        if let Some((_, rest)) = made
            .message
            .split_once("worker '")
            .or_else(|| made.message.split_once("worker \""))
            && rest.contains(" crashed while running ")
            && let Some(at) = made.message.find("worker ")
        {
            made.message = made.message[at..].to_owned();
        }
        parsed.exception = Some(made);
    } else if let Some(exception) = narrow(block, start, &type_name) {
        parsed.exception = Some(exception);
    } else if let Some(hint) = Some(type_name).filter(|it| !it.is_empty()) {
        // What a plugin's own item says stands above its place.
        let place = texts.iter().position(|it| location(it).is_some());
        let told = &texts[..place.unwrap_or(0)];
        parsed.exception = Some(match told {
            [first, rest @ ..] => exception::exception(hint, first, rest, span),
            [] => Exception {
                type_name: hint,
                span,
                ..Exception::default()
            },
        });
    } else if let Some(place) = (first..block.len()).find(|&idx| is_bare_place(block.text(idx))) {
        // What pytest itself says of a fixture's definition, whose place stands below.
        parsed.exception = Some(exception::exception(
            "Failed".to_owned(),
            head,
            &texts[1..(place - first).min(texts.len())],
            block.span_of(first..place),
        ));
    }
}

/// IPython's traceback of a notebook's cell: `ValueError   Traceback (most recent call last)` and, last, `ValueError: text`.
fn of_notebook(block: &Block, from: usize) -> Option<Exception> {
    let name = |idx: &usize| {
        let (name, rest) = block.text(*idx).split_once(' ')?;
        let is_name = name
            .chars()
            .all(|it| it.is_alphanumeric() || "_.".contains(it));
        (is_name && !name.is_empty() && rest.trim() == "Traceback (most recent call last)")
            .then_some(name)
    };
    let start = (from..block.len()).find(|idx| name(idx).is_some())?;
    let name = name(&start)?;
    let said = |idx: &usize| {
        let rest = block.text(*idx).strip_prefix(name)?;
        rest.strip_prefix(": ")
            .or_else(|| matches!(rest.trim(), "" | ":").then_some(""))
    };
    let last = (start + 1..block.len())
        .rev()
        .find(|idx| said(idx).is_some())?;
    let texts = (last + 1..block.len())
        .map(|idx| block.text(idx))
        .collect::<Vec<_>>();
    let rest = match texts.is_empty() {
        true => &[][..],
        false => trimmed_end(&texts),
    };
    Some(exception::exception(
        name.to_owned(),
        said(&last)?,
        rest,
        block.span_of(start..last + 1),
    ))
}

/// `E ValueError: text` with a single blank, as pages show a report that they took the indentation from.
fn narrow(block: &Block, start: usize, hint: &str) -> Option<Exception> {
    let text = |idx: usize| block.text(idx).strip_prefix("E ").map(str::trim_end);
    let first = (start..block.len()).find(|&idx| text(idx).is_some())?;
    let last = (first..block.len())
        .take_while(|&idx| text(idx).is_some())
        .last()?;
    let texts = (first..=last).filter_map(text).collect::<Vec<_>>();
    let short = hint.rsplit('.').next().unwrap_or(hint);
    let (type_name, head) = match exception::split(texts[0], Some(short)) {
        Some((name, message)) if name.rsplit('.').next() == Some(short) => (name, message),
        _ if short == "AssertionError" && texts[0].starts_with("assert ") => (short, texts[0]),
        _ => return None,
    };
    Some(exception::exception(
        type_name.to_owned(),
        head,
        &texts[1..],
        block.span_of(first..last + 1),
    ))
}

fn is_bare_place(text: &str) -> bool {
    location(text).is_some_and(|it| it.hint.is_none() && it.function.is_none())
}

fn trimmed_end<'a, 'b>(texts: &'a [&'b str]) -> &'a [&'b str] {
    let end = texts
        .iter()
        .rposition(|it| !it.trim().is_empty())
        .map_or(1, |at| at + 1);
    &texts[..end.min(texts.len())]
}

/// Without the line that comes behind a failure that pytest-instafail shows at once: the next test's, or the next dots.
fn without_progress<'a, 'b>(texts: &'a [&'b str]) -> &'a [&'b str] {
    let [rest @ .., blank, last] = texts else {
        return texts;
    };
    let line = last.split('[').next().unwrap_or(last).trim_end();
    let (file, outcomes) = line.split_once(' ').unwrap_or((line, ""));
    let dots = file.ends_with(".py")
        && !outcomes.is_empty()
        && outcomes.chars().all(|it| ".FEsxXpR".contains(it));
    let is_progress = progress::parse(last).is_some_and(|it| it.id.is_some()) || dots;
    if rest.is_empty() || !is_progress || !blank.trim().is_empty() {
        return texts;
    }
    trimmed_end(rest)
}

/// `fixture 'x' not found`, whose place stands above as `file path, line 5` and below as `path:5`.
pub(super) fn lookup_error(block: &Block, raw: &[usize], parsed: &mut Parsed) {
    let data = raw
        .iter()
        .find_map(|&idx| Some((idx, data_location(block.text(idx))?)));
    if let Some((idx, at)) = data {
        parsed.frames.push(frame(block, idx, &at));
    }
    for &idx in raw {
        let text = block.text(idx).trim_end();
        if let Some((path, line)) = text
            .strip_prefix("file ")
            .and_then(|it| it.rsplit_once(", line "))
            && let Ok(line) = line.parse()
        {
            let source = Some(block.text(idx + 1).trim().to_owned()).filter(|it| !it.is_empty());
            let span = block.line(idx).span(0..text.len());
            parsed.frames.push(Frame {
                path: path.to_owned(),
                line,
                function: String::new(),
                source,
                span,
            });
            return;
        }
    }
}
