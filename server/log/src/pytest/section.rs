//! One failure's section: its header, then tracebacks in any `--tb` style, then what was captured.

use std::ops::Range;

use text::Span;

use super::block::Block;
use super::{exception, progress, rules, traceback};
use crate::{Captured, Exception, Frame, Link, Local, Phase};

/// What a section's header says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Header {
    /// The test's name, or the path of what was collected.
    pub(crate) name: String,
    pub(crate) phase: Phase,
}

/// A header's title in its parts.
pub(crate) fn header(title: &str) -> Header {
    let of = |phase, name: &str| Header {
        name: name.trim().to_owned(),
        phase,
    };
    if let Some(name) = title.strip_prefix("ERROR at setup of ") {
        of(Phase::Setup, name)
    } else if let Some(name) = title.strip_prefix("ERROR at teardown of ") {
        of(Phase::Teardown, name)
    } else if let Some(name) = title.strip_prefix("ERROR collecting ") {
        of(Phase::Collect, name)
    } else {
        of(Phase::Call, title)
    }
}

/// A section, read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parsed {
    pub(crate) exception: Option<Exception>,
    pub(crate) frames: Vec<Frame>,
    /// Where it was raised, if that is no frame: the file of a syntax error.
    pub(crate) location: Option<Frame>,
    pub(crate) chain: Vec<Link>,
    pub(crate) locals: Vec<Local>,
    pub(crate) worker: Option<String>,
    pub(crate) falsifying: Option<(String, Range<usize>)>,
    pub(crate) doctest: Option<(String, String)>,
    /// `assert ...` as the source has it, for the two sides of a comparison.
    pub(crate) source: Option<String>,
}

/// Sections behind a traceback, while they come in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sections {
    pub(crate) done: Vec<Captured>,
    open: Option<Captured>,
}

impl Sections {
    /// Opens the section of that title; `at` is where its heading stands.
    pub(crate) fn open(&mut self, title: &str, at: Span) {
        self.close();
        self.open = Some(Captured {
            name: title.to_owned(),
            span: at,
        });
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    pub(crate) fn grow(&mut self, to: Span) {
        if let Some(open) = &mut self.open {
            open.span = open.span.cover(to);
        }
    }

    pub(crate) fn close(&mut self) {
        self.done.extend(self.open.take());
    }
}

/// What a traceback's lines have told so far of the exception that they lead to.
#[derive(Debug, Default)]
struct Element {
    frames: Vec<Frame>,
    marked: Vec<usize>,
    hint: Option<String>,
}

/// What is known of the frame whose location comes after its source (`--tb=long`).
#[derive(Debug, Default)]
struct Ahead {
    function: Option<(usize, String)>,
    failing: Option<String>,
    locals: Vec<Local>,
}

/// Reads a section's lines, without its header and what was captured.
pub(crate) fn parse(block: &Block) -> Parsed {
    let mut parsed = Parsed::default();
    let mut start = 0;
    while start < block.len() && block.text(start).trim().is_empty() {
        start += 1;
    }
    if let Some((worker, rest)) = progress::worker(block.text(start))
        && rest.contains(" -- Python")
    {
        parsed.worker = Some(worker.to_owned());
        start += 1;
    }
    if let Some(native) = native_start(block, start) {
        of_native(block, native, &mut parsed);
    } else {
        of_pytest(block, start, &mut parsed);
    }
    parsed.falsifying = falsifying(block);
    parsed
}

/// Where a native traceback or an exception group begins, if that is the style of the section.
fn native_start(block: &Block, start: usize) -> Option<usize> {
    for idx in start..block.len() {
        let text = block.text(idx);
        if starts_native(text) {
            return Some(idx);
        }
        let is_pytest = exception::marked(text).is_some_and(|it| !it.is_empty())
            || text.starts_with('>')
            || location(text).is_some();
        if is_pytest {
            return None;
        }
    }
    None
}

fn starts_native(text: &str) -> bool {
    text.starts_with(traceback::START)
        || text.trim_start().starts_with("+ Exception Group Traceback")
}

fn of_native(block: &Block, start: usize, parsed: &mut Parsed) {
    let doctest = (0..start).any(|idx| block.text(idx).starts_with("UNEXPECTED EXCEPTION:"));
    let mut end = block.len();
    if doctest
        && let Some(last) = (start..block.len())
            .rev()
            .find(|&idx| location(block.text(idx)).is_some())
    {
        end = last;
    }
    let found = traceback::parse(block, start, end);
    parsed.exception = found.exception;
    parsed.frames = found.frames;
    parsed.chain = found.chain;
    // pytest and Hypothesis hide their own frames, but not from Python.
    let own = |it: &&Frame| {
        !it.path
            .split(['/', '\\'])
            .any(|part| matches!(part, "_pytest" | "hypothesis"))
    };
    parsed.location = parsed.frames.iter().rev().find(own).cloned();
    if end < block.len()
        && let Some(at) = location(block.text(end))
    {
        parsed.location = Some(frame(block, end, &at));
    }
}

fn of_pytest(block: &Block, start: usize, parsed: &mut Parsed) {
    let mut element = Element::default();
    let mut ahead = Ahead::default();
    let mut raw = Vec::new();
    let mut idx = start;
    while idx < block.len() {
        let text = block.text(idx);
        if element.frames.is_empty()
            && element.marked.is_empty()
            && !parsed.chain.is_empty()
            && starts_native(text)
        {
            // An exception group with a cause: pytest shows the group, and all before it once more, as Python does.
            let chain = std::mem::take(&mut parsed.chain);
            of_native(block, idx, parsed);
            let shown = std::mem::replace(&mut parsed.chain, chain);
            let new = |link: &Link| {
                !parsed.chain.iter().any(|it| {
                    it.exception.type_name == link.exception.type_name
                        && it.exception.message == link.exception.message
                })
            };
            let new = shown.into_iter().filter(new).collect::<Vec<_>>();
            parsed.chain.extend(new);
            return;
        }
        if let Some(is_cause) = traceback::chain_line(text) {
            let done = std::mem::take(&mut element);
            if let Some((exception, _)) = finish_element(block, &done) {
                let frames = done.frames;
                parsed.chain.push(Link {
                    exception,
                    frames,
                    is_cause,
                });
            }
            ahead = Ahead::default();
        } else if rules::is_frame_separator(text) {
            ahead = Ahead::default();
        } else if exception::marked(text).is_some() {
            element.marked.push(idx);
        } else if let Some(source) = text.strip_prefix('>')
            && source.starts_with([' ', '\t'])
        {
            if ahead.failing.is_none() && !is_fixture_hint(source) {
                ahead.failing = Some(source.trim().to_owned());
            }
        } else if let Some(at) = location(text) {
            idx = take_location(block, idx, &at, &mut element, &mut ahead, parsed);
            continue;
        } else if text.starts_with("    ") {
            note_function(text, &mut ahead);
            if element.frames.is_empty() || !ahead.locals.is_empty() || ahead.failing.is_some() {
                // Source, or the lines of a value; nothing of a short frame.
            } else if let Some(local) = local(text.trim_start()) {
                parsed.locals.push(Local {
                    frame: Some(element.frames.len() - 1),
                    ..local
                });
            }
        } else if let Some(local) = local(text) {
            ahead
                .locals
                .extend(arguments(local, ahead.failing.is_none()));
        } else if element.frames.is_empty()
            && element.marked.is_empty()
            && ahead.failing.is_none()
            && !text.trim().is_empty()
        {
            raw.push(idx);
        }
        idx += 1;
    }
    if let Some((exception, syntax)) = finish_element(block, &element) {
        parsed.exception = Some(exception);
        parsed.location = syntax;
    }
    parsed.source = ahead
        .failing
        .or_else(|| element.frames.last().and_then(|it| it.source.clone()));
    parsed.frames = element.frames;
    if parsed.exception.is_none() {
        of_raw(block, &raw, start, parsed, element.hint);
    } else if parsed.frames.is_empty() {
        lookup_error(block, &raw, parsed);
    } else if let Some(&idx) = raw.first()
        && let Some(at) = data_location(block.text(idx))
    {
        parsed.frames.insert(0, frame(block, idx, &at));
        for local in &mut parsed.locals {
            local.frame = local.frame.map(|it| it + 1);
        }
    }
}

/// `>  available fixtures: ...` is no source line.
fn is_fixture_hint(source: &str) -> bool {
    let source = source.trim_start();
    source.starts_with("available fixtures:")
        || source.starts_with("use 'pytest --fixtures")
        || source.starts_with("use 'py.test --fixtures")
}

/// Takes a location line and, in the short style, the source below it; gives the index of the next line.
fn take_location(
    block: &Block,
    idx: usize,
    at: &Location<'_>,
    element: &mut Element,
    ahead: &mut Ahead,
    parsed: &mut Parsed,
) -> usize {
    let mut made = frame(block, idx, at);
    let number = element.frames.len();
    if let Some(function) = at.function {
        made.function = function.to_owned();
        let next = block.text(idx + 1);
        if next.starts_with("    ") && exception::marked(next).is_none() {
            made.source = Some(next.trim().to_owned()).filter(|it| !it.is_empty());
            element.frames.push(made);
            return idx + 2;
        }
    } else {
        let ahead = std::mem::take(ahead);
        made.function = ahead.function.map(|(_, name)| name).unwrap_or_default();
        made.source = ahead.failing;
        parsed
            .locals
            .extend(ahead.locals.into_iter().map(|it| Local {
                frame: Some(number),
                ..it
            }));
        if let Some(hint) = at.hint {
            element.hint = Some(hint.to_owned());
        }
    }
    element.frames.push(made);
    idx + 1
}

fn finish_element(block: &Block, element: &Element) -> Option<(Exception, Option<Frame>)> {
    let printed = exception::of_marked(block, &element.marked, element.hint.as_deref())?;
    Some((printed.exception, printed.syntax))
}

/// The innermost function whose `def` stands above the failing line.
fn note_function(text: &str, ahead: &mut Ahead) {
    if ahead.failing.is_some() {
        return;
    }
    let trimmed = text.trim_start();
    let indent = text.len() - trimmed.len();
    let rest = trimmed.strip_prefix("async ").unwrap_or(trimmed);
    if let Some(rest) = rest.strip_prefix("def ") {
        let name = rest.split('(').next().unwrap_or_default().trim();
        if ahead
            .function
            .as_ref()
            .is_none_or(|(outer, _)| indent <= *outer)
        {
            ahead.function = Some((indent, name.to_owned()));
        }
    }
}

/// Lines without marker: `pytest.fail(pytrace=False)`, a plugin's own report, a worker's crash, a collector's text.
fn of_raw(block: &Block, raw: &[usize], start: usize, parsed: &mut Parsed, hint: Option<String>) {
    if let Some(end) = doctest(block, start, parsed) {
        parsed.exception = Some(end);
        return;
    }
    let Some(&first) = raw.first() else {
        return;
    };
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
    } else if let Some(hint) = Some(type_name).filter(|it| !it.is_empty()) {
        parsed.exception = Some(Exception {
            type_name: hint,
            span,
            ..Exception::default()
        });
    }
}

fn trimmed_end<'a, 'b>(texts: &'a [&'b str]) -> &'a [&'b str] {
    let end = texts
        .iter()
        .rposition(|it| !it.trim().is_empty())
        .map_or(1, |at| at + 1);
    &texts[..end.min(texts.len())]
}

/// `Expected:` / `Got:` of a doctest; the exception that stands for it.
fn doctest(block: &Block, start: usize, parsed: &mut Parsed) -> Option<Exception> {
    let end = (start..block.len()).rev().find(|&idx| {
        location(block.text(idx))
            .is_some_and(|at| matches!(at.hint, Some("DocTestFailure" | "UnexpectedException")))
    })?;
    let find = |word: &str| (start..end).find(|&idx| block.text(idx).trim_end() == word);
    let part = |from: usize, to: usize| {
        let lines = (from..to).map(|idx| {
            block
                .text(idx)
                .strip_prefix("    ")
                .unwrap_or(block.text(idx))
                .trim_end()
        });
        lines.collect::<Vec<_>>().join("\n").trim_end().to_owned()
    };
    let got = find("Got:").or_else(|| find("Got nothing"));
    let expected = find("Expected:").or_else(|| find("Expected nothing"));
    let first = expected.or(got).unwrap_or(end);
    if let (Some(expected), Some(got)) = (expected, got) {
        parsed.doctest = Some((part(expected + 1, got), part(got + 1, end)));
    }
    let message = (first..end)
        .map(|idx| block.text(idx).trim_end())
        .collect::<Vec<_>>()
        .join("\n");
    Some(Exception {
        type_name: "DocTestFailure".to_owned(),
        message: message.trim_end().to_owned(),
        cut: false,
        span: block.span_of(first..end + 1),
    })
}

/// `fixture 'x' not found`, whose place stands above as `file path, line 5` and below as `path:5`.
fn lookup_error(block: &Block, raw: &[usize], parsed: &mut Parsed) {
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

/// Hypothesis' example, out of the message's lines or of its own section.
fn falsifying(block: &Block) -> Option<(String, Range<usize>)> {
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

/// A line that names a place: `path:12: in f` (short), `path:12: ValueError`, `path:12: ` (long), `path:12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Location<'a> {
    pub(crate) path: &'a str,
    pub(crate) line: u32,
    pub(crate) function: Option<&'a str>,
    /// The exception's type, without module.
    pub(crate) hint: Option<&'a str>,
    end: usize,
}

/// The line as a location.
pub(crate) fn location(text: &str) -> Option<Location<'_>> {
    if text.starts_with([' ', '\t', '>', '+', '-', '=', '[']) || text.len() > 4096 {
        return None;
    }
    let text = text.trim_end();
    let (path, line, rest) = path_and_line(text)?;
    let end = text.len() - rest.len();
    let at = Location {
        path,
        line,
        function: None,
        hint: None,
        end,
    };
    if rest.is_empty() {
        // `value = x:12` and the like: only a path stands alone.
        return (!path.contains(" = ") && looks_like_file(path)).then_some(at);
    }
    let rest = rest.strip_prefix(':')?;
    if path.contains(": ") {
        return None;
    }
    let word = rest.trim();
    if let Some(function) = word.strip_prefix("in ") {
        return Some(Location {
            function: Some(function),
            ..at
        });
    }
    let is_name = word
        .chars()
        .all(|it| it.is_alphanumeric() || matches!(it, '_' | '.'));
    (is_name && looks_like_file(path)).then_some(Location {
        hint: Some(word).filter(|it| !it.is_empty()),
        ..at
    })
}

/// The last `:<digits>` that is followed by `:` or the end, and what stands before and behind it.
fn path_and_line(text: &str) -> Option<(&str, u32, &str)> {
    let mut from = 0;
    while let Some(colon) = text[from..].find(':') {
        let at = from + colon;
        let rest = &text[at + 1..];
        let digits = rest.len()
            - rest
                .trim_start_matches(|it: char| it.is_ascii_digit())
                .len();
        let after = &rest[digits..];
        if (1..=7).contains(&digits) && at > 0 && (after.is_empty() || after.starts_with(':')) {
            return Some((&text[..at], rest[..digits].parse().ok()?, after));
        }
        from = at + 1;
    }
    None
}

fn looks_like_file(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    (name.contains('.') || path.starts_with('<') || path.contains('/'))
        && !path.contains(['"', '{', '(', '`'])
        && !path.ends_with(' ')
}

/// `data: /path/x.test:437:`: where a plugin's own item stands.
fn data_location(text: &str) -> Option<Location<'_>> {
    let (word, rest) = text.trim_end().split_once(": ")?;
    let place = rest.strip_suffix(':')?;
    let (path, line) = place.rsplit_once(':')?;
    let line = line.parse().ok()?;
    (word.chars().all(|it| it.is_ascii_alphanumeric()) && looks_like_file(path)).then_some(
        Location {
            path,
            line,
            function: None,
            hint: None,
            end: text.trim_end().len(),
        },
    )
}

fn frame(block: &Block, idx: usize, at: &Location<'_>) -> Frame {
    let line = block.line(idx);
    let start = at.path.as_ptr() as usize - line.text.as_ptr() as usize;
    Frame {
        path: at.path.to_owned(),
        line: at.line,
        function: String::new(),
        source: None,
        span: line.span(start.min(at.end)..at.end),
    }
}

/// `name = value`.
fn local(text: &str) -> Option<Local> {
    let end =
        text.find(|it: char| !(it.is_alphanumeric() || matches!(it, '_' | '.' | '@' | '*')))?;
    let value = text[end..].trim_start_matches(' ').strip_prefix("= ")?;
    let name = &text[..end];
    (!name.is_empty()
        && !name.starts_with(|it: char| it.is_ascii_digit())
        && text[end..].starts_with(' '))
    .then(|| Local {
        name: name.to_owned(),
        value: value.trim_end().to_owned(),
        frame: None,
    })
}

/// pytest joins short arguments of a function on one line: `a = 1, b = 'x'`.
fn arguments(local: Local, joined: bool) -> Vec<Local> {
    if !joined {
        return vec![local];
    }
    let mut found = vec![Local {
        value: String::new(),
        ..local.clone()
    }];
    for part in local.value.split(", ") {
        match (self::local(part), found.last_mut()) {
            (Some(next), Some(last)) if !last.value.is_empty() => found.push(next),
            (_, Some(last)) if last.value.is_empty() => last.value = part.to_owned(),
            (_, Some(last)) => {
                last.value.push_str(", ");
                last.value.push_str(part);
            }
            (_, None) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations() {
        let found = |text| location(text).map(|it| (it.path, it.line, it.function, it.hint));
        assert_eq!(
            found("a/x.py:12: in test_f"),
            Some(("a/x.py", 12, Some("test_f"), None))
        );
        assert_eq!(
            found("a/x.py:12: ValueError"),
            Some(("a/x.py", 12, None, Some("ValueError")))
        );
        assert_eq!(
            found("C:\\a b\\x.py:12: "),
            Some(("C:\\a b\\x.py", 12, None, None))
        );
        assert_eq!(
            found("<frozen importlib._bootstrap>:1050: in _gcd_import").map(|it| it.1),
            Some(1050)
        );
        assert_eq!(found("x = 'a:12'"), None);
        assert_eq!(found("12:30: now"), None);
    }

    #[test]
    fn joined_arguments() {
        let found = arguments(local("a = 1, b = 'x, y', c = f(d, e)").unwrap(), true);
        let shown = found
            .iter()
            .map(|it| format!("{}={}", it.name, it.value))
            .collect::<Vec<_>>();
        assert_eq!(shown, ["a=1", "b='x, y'", "c=f(d, e)"]);
    }
}
