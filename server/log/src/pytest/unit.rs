//! unittest's own report: `FAIL: test_x (mod.Case)` between rules, one for each failed test, subtest or fixture.

use text::Span;

use super::block::Block;
use super::{assertion, classify, crash, exception, ids, section, traceback};
use crate::line::Line;
use crate::{Captured, Failure, Frame, Kind, Phase};

/// What a test is headed by that was expected to fail and did not.
const UNEXPECTED: &str = "UNEXPECTED SUCCESS: ";

/// What pytest-tldr heads a file by that could not be collected.
const UNCOLLECTED: &str = "CRITICAL: ";

/// What Twisted's trial heads failures by; the tests' names stand at the end.
const TRIAL: [&str; 2] = ["[FAIL]", "[ERROR]"];

/// Whether trial heads failures by this line, below a rule.
pub(crate) fn is_of_trial(text: &str) -> bool {
    TRIAL.contains(&text.trim_end())
}

/// Whether a line can head a failure; others print `ERROR: ... (...)` too, so only the rules around it make certain.
pub(crate) fn is_heading(text: &str) -> bool {
    if let Some(path) = text.strip_prefix(UNCOLLECTED) {
        return !path.contains(char::is_whitespace);
    }
    ["FAIL: ", "ERROR: ", UNEXPECTED]
        .iter()
        .any(|it| text.starts_with(it))
        && ((text.contains(" (") && text.trim_end().ends_with([')', ']']))
            || text
                .split_once(": ")
                .is_some_and(|(_, it)| is_node_id(it) || is_dotted(it)))
}

/// testtools heads a failure by the test's whole name.
fn is_dotted(heading: &str) -> bool {
    let heading = heading.trim_end();
    let part = |it: &str| !it.is_empty() && it.chars().all(|it| it.is_alphanumeric() || it == '_');
    heading.contains('.') && heading.split('.').all(part)
}

/// pytest-tldr reports as unittest does, with pytest's own ids.
fn is_node_id(heading: &str) -> bool {
    ids::leading_id(heading, true) == Some(heading.trim_end().len())
}

/// The rule between heading and traceback, and the one above the totals.
pub(crate) fn is_thin_rule(text: &str) -> bool {
    text.len() > 20 && text.trim_end().bytes().all(|it| it == b'-')
}

/// The rule above a heading. Above the first one the outcomes stand on the same line, where nothing else was printed.
pub(crate) fn ends_in_thick_rule(text: &str) -> bool {
    let text = text.trim_end();
    let before = text.trim_end_matches('=');
    text.len() >= before.len() + 20 && !before.starts_with("====")
}

/// The line below the last failure: `Ran 3 tests in 0.1s`.
pub(crate) fn is_total(text: &str) -> bool {
    text.starts_with("Ran ") && text.contains(" test")
}

/// The failure that a heading alone tells of, without rule and traceback.
pub(crate) fn unexpected(line: &Line<'_>) -> Option<Failure> {
    let heading = line.text.strip_prefix(UNEXPECTED)?;
    Some(Failure {
        id: id(heading),
        exception: Some(exception::exception(
            String::new(),
            "unexpected success",
            &[],
            line.raw,
        )),
        span: line.raw,
        line: line.number,
        ..Failure::default()
    })
}

/// Those of trial: one for each test whose name stands below the traceback.
pub(crate) fn of_trial(block: &Block) -> Vec<Failure> {
    let is_name = |idx: &usize| {
        let name = block.text(*idx).trim_end();
        !name.is_empty()
            && (is_dotted(name) || name.chars().all(|it| it.is_alphanumeric() || it == '_'))
    };
    let end = (1..block.len())
        .rev()
        .find(|&idx| !block.text(idx).trim().is_empty() && !is_thin_rule(block.text(idx)))
        .map_or(1, |at| at + 1);
    let names = (1..end).rev().take_while(is_name).count();
    if !block.text(end - names - 1).trim().is_empty() {
        return Vec::new();
    }
    let traceback = (1..end - names).find(|&idx| block.text(idx).starts_with(traceback::START));
    let found = traceback.map(|from| traceback::parse(block, from, end - names));
    let Some((found, mut exception)) =
        found.and_then(|it| Some((it.clone(), it.exception.clone()?)))
    else {
        return Vec::new();
    };
    // `Failure: builtins.KeyError: 'k'` is one that was raised where no stack is left.
    if exception.type_name == "Failure"
        && let Some((name, message)) = exception::split(&exception.message, None)
    {
        (exception.type_name, exception.message) = (name.to_owned(), message.to_owned());
    }
    if let Some(name) = exception.type_name.strip_prefix("builtins.") {
        exception.type_name = name.to_owned();
    }
    let (expected, actual) = assertion::sides(&exception, None);
    let failed = block.text(0).trim_end() == TRIAL[0];
    let kind = match classify::kind(Phase::Call, Some(&exception)) {
        Kind::Exception if failed => Kind::Assertion,
        kind => kind,
    };
    let shown = found.frames.iter().rev().find(|it| {
        section::is_shown(it) && !it.path.replace('\\', "/").contains("/twisted/trial/")
    });
    let location = shown.or(found.frames.last()).cloned();
    let of = |idx: usize| Failure {
        id: block.text(idx).trim_end().to_owned(),
        kind,
        expected: expected.clone(),
        actual: actual.clone(),
        location: location.clone(),
        frames: found.frames.clone(),
        exception: Some(exception.clone()),
        chain: found.chain.clone(),
        span: block.span().unwrap_or_default(),
        line: block.line(0).number,
        mentions: vec![block.line(idx).raw],
        ..Failure::default()
    };
    (end - names..end).map(of).collect()
}

/// A heading, its rule and its traceback.
pub(crate) fn failure(block: &Block) -> Option<Failure> {
    let (word, heading) = block.text(0).split_once(": ")?;
    let starts = |idx: &usize| {
        let text = block.text(*idx).trim_start();
        text.trim_start_matches("+ Exception Group ")
            .starts_with(traceback::START)
    };
    let Some(from) = (1..block.len()).find(starts) else {
        return untraced(block, word, heading);
    };
    let mut end = block.len();
    while end > from && (block.text(end - 1).trim().is_empty() || is_thin_rule(block.text(end - 1)))
    {
        end -= 1;
    }
    let (captured, end) = captured(block, from, end);
    let found = traceback::parse(block, from, end);
    let exception = found.exception?;
    let named = is_node_id(heading);
    let phase = match phase(heading) {
        Phase::Call if named => crash::phase(&found.frames),
        phase => phase,
    };
    let kind = match classify::kind(phase, Some(&exception)) {
        Kind::Exception if word == "FAIL" => Kind::Assertion,
        kind => kind,
    };
    let (expected, actual) = assertion::sides(&exception, None);
    let shown = found.frames.iter().rev().find(section::is_shown);
    let location = doctest_place(&exception.message, exception.span)
        .or_else(|| shown.filter(|_| named).or(found.frames.last()).cloned());
    Some(Failure {
        id: id(heading),
        id_complete: named,
        path: named.then(|| ids::path(heading).to_owned()),
        param_id: ids::parameters(heading)
            .filter(|_| named)
            .map(str::to_owned),
        phase,
        kind,
        expected,
        actual,
        location,
        frames: found.frames,
        exception: Some(exception),
        chain: found.chain,
        captured,
        span: block.span().unwrap_or_default(),
        line: block.line(0).number,
        ..Failure::default()
    })
}

/// One without Python's traceback: pytest's own text behind pytest-tldr's heading, or what a loader could not find.
fn untraced(block: &Block, word: &str, heading: &str) -> Option<Failure> {
    let uncollected = UNCOLLECTED.starts_with(word);
    let named = is_node_id(heading);
    if !(uncollected || named || is_import(heading)) {
        return None;
    }
    let from = (1..block.len()).find(|&idx| is_thin_rule(block.text(idx)))? + 1;
    let mut inner = Block::default();
    for idx in from..block.len() {
        inner.push(&block.line(idx));
    }
    let parsed = section::parse(&inner);
    let exception = parsed.exception?;
    let phase = match exception.type_name.as_str() {
        _ if !named => Phase::Collect,
        "FixtureLookupError" => Phase::Setup,
        _ => crash::phase(&parsed.frames),
    };
    let path = (named || uncollected).then(|| ids::path(heading).trim_end().to_owned());
    Some(Failure {
        id: id(heading),
        id_complete: named || uncollected,
        path,
        param_id: ids::parameters(heading)
            .filter(|_| named)
            .map(str::to_owned),
        phase,
        kind: classify::kind(phase, Some(&exception)),
        location: parsed.location.or_else(|| parsed.frames.last().cloned()),
        frames: parsed.frames,
        exception: Some(exception),
        chain: parsed.chain,
        span: block.span().unwrap_or_default(),
        line: block.line(0).number,
        ..Failure::default()
    })
}

pub(super) fn phase(heading: &str) -> Phase {
    let fixture = |part: &str| {
        ["Class (", "Module ("].iter().any(|rest| {
            heading
                .strip_prefix(part)
                .is_some_and(|it| it.starts_with(rest))
        })
    };
    if is_import(heading) {
        Phase::Collect
    } else if fixture("setUp") {
        Phase::Setup
    } else if fixture("tearDown") {
        Phase::Teardown
    } else {
        Phase::Call
    }
}

/// Whether the heading is of a module that could not be imported.
fn is_import(heading: &str) -> bool {
    let Some((_, owner)) = heading.split_once(" (") else {
        return false;
    };
    // unittest's loader, or nose2's.
    ["_FailedTest", "ModuleImportFailure", "LoadTestsFailure"]
        .iter()
        .any(|it| {
            owner
                .split_once(".loader.")
                .is_some_and(|(_, rest)| rest.starts_with(it))
        })
}

/// `test_x (mod.Case)` and, since Python 3.11, `test_x (mod.Case.test_x)` as `mod.Case.test_x`.
pub(super) fn id(heading: &str) -> String {
    if is_node_id(heading) {
        return heading.trim_end().to_owned();
    }
    let Some((name, rest)) = heading.split_once(" (") else {
        return heading.trim().to_owned();
    };
    let owner = rest.split(')').next().unwrap_or_default();
    if owner.is_empty() || is_import(heading) {
        name.to_owned()
    } else if owner.rsplit('.').next() == Some(name) {
        owner.to_owned()
    } else {
        format!("{owner}.{name}")
    }
}

/// What `unittest -b` puts behind the message, and where the message ends.
fn captured(block: &Block, from: usize, to: usize) -> (Vec<Captured>, usize) {
    let starts = (from + 1..to)
        .filter(|&idx| {
            matches!(block.text(idx).trim_end(), "Stdout:" | "Stderr:")
                && block.text(idx - 1).trim().is_empty()
        })
        .collect::<Vec<_>>();
    let ends = starts.iter().skip(1).copied().chain([to]);
    let sections = starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| Captured {
            name: block
                .text(start)
                .trim_end()
                .trim_end_matches(':')
                .to_owned(),
            span: block.span_of(start..end),
        })
        .collect();
    (sections, starts.first().copied().unwrap_or(to))
}

/// The example of a doctest, which raises in Python's own files.
fn doctest_place(message: &str, span: Span) -> Option<Frame> {
    let lines = message.lines().collect::<Vec<_>>();
    if !lines.first()?.starts_with("Failed doctest test for ") {
        return None;
    }
    let at = lines.iter().position(|it| is_thin_rule(it))?;
    let (path, line, function) = traceback::file_line(lines.get(at + 1)?)?;
    Some(Frame {
        path: path.to_owned(),
        line,
        function: function.to_owned(),
        source: None,
        span,
    })
}
