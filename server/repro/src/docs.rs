//! What the docstring and the README say of a failure: what the evidence holds, and nothing more.

use log::{Failure, Kind, Phase};

use crate::Evidence;
use crate::quote::one_line;

/// A failure in words that are not quoted yet.
#[derive(Debug, Clone, Default)]
pub(crate) struct Words {
    /// `test_gather`, and what it fails with: `AssertionError`, `timeout`.
    pub(crate) name: String,
    pub(crate) kind: String,
    /// `AssertionError: assert 1 == 2`
    pub(crate) error: String,
    pub(crate) expected: String,
    pub(crate) actual: String,
    /// The job and the day, as far as they are known: `unit (3.11), 2026-01-02`.
    pub(crate) run: String,
    /// `tests/test_a.py:3, in test_f`.
    pub(crate) location: Option<String>,
}

pub(crate) fn words(evidence: &Evidence) -> Words {
    let failure = &evidence.failure;
    let kind = exception_name(failure).unwrap_or_else(|| failure.kind.name().to_owned());
    let name = evidence
        .test
        .as_ref()
        .ok()
        .filter(|_| failure.phase != Phase::Collect)
        .map(|test| test.function.clone());
    let name = name
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| short_id(failure.title()).to_owned());
    let (expected, actual) = expected_and_actual(evidence, &kind);
    let run: Vec<String> = [job(evidence), date(evidence)]
        .into_iter()
        .flatten()
        .collect();
    Words {
        name,
        kind,
        error: error(failure),
        expected,
        actual,
        run: run.join(", "),
        location: failure.location.as_ref().map(|frame| {
            let function = match frame.function.as_str() {
                "" => String::new(),
                function => format!(", in {function}"),
            };
            match frame.line {
                0 => format!("{}{function}", frame.path),
                line => format!("{}:{line}{function}", frame.path),
            }
        }),
    }
}

pub(crate) fn job(evidence: &Evidence) -> Option<String> {
    let configured = || evidence.configurations.first()?.job.clone();
    let name = evidence.job.name.as_ref().map(|name| name.text.clone());
    name.or_else(configured)
        .filter(|name| !name.trim().is_empty())
}

/// The day of `2026-01-02T03:04:05Z`; another form stays as it is.
pub(crate) fn date(evidence: &Evidence) -> Option<String> {
    let started = one_line(&evidence.job.started.as_ref()?.text, 40);
    let is_iso = started.len() >= 10
        && started.is_char_boundary(10)
        && started
            .bytes()
            .take(10)
            .enumerate()
            .all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
    Some(match is_iso {
        true => started[..10].to_owned(),
        false => started,
    })
    .filter(|date| !date.is_empty())
}

/// `AssertionError: assert 1 == 2`, of the first line that says something.
fn error(failure: &Failure) -> String {
    let Some(exception) = &failure.exception else {
        return match failure.kind {
            Kind::Timeout => "it did not end in time".to_owned(),
            Kind::Crash => "the process died".to_owned(),
            Kind::Unknown => "the log says that it failed, and no more".to_owned(),
            Kind::FixtureError => format!(
                "an error in {}, which the log does not show",
                failure.phase.name()
            ),
            kind => kind.name().to_owned(),
        };
    };
    exception.headline()
}

/// The whole error, for a fence.
pub(crate) fn whole_error(failure: &Failure) -> String {
    match &failure.exception {
        Some(exception) if !exception.message.trim().is_empty() => {
            let cut = if exception.cut {
                "\n(the log cuts it here)"
            } else {
                ""
            };
            format!("{}{cut}", exception.after_type(&exception.message))
        }
        _ => error(failure),
    }
}

fn expected_and_actual(evidence: &Evidence, kind: &str) -> (String, String) {
    let failure = &evidence.failure;
    let told = match (&failure.expected, &failure.actual) {
        (None, None) => threshold(failure),
        (expected, actual) => (expected.clone(), actual.clone()),
    };
    let condition = failing_source(failure).and_then(condition);
    let (expected, actual) = match failure.kind {
        Kind::Timeout => (
            "the test ends in time".to_owned(),
            "it does not end".to_owned(),
        ),
        Kind::Crash => (
            "the process lives on".to_owned(),
            "the process dies".to_owned(),
        ),
        Kind::CollectionError => {
            let (item, happens) = collected(evidence);
            let actual = match happens {
                _ if is_refused(failure) => "pytest refuses it".to_owned(),
                "imported" => format!("its import raises {kind}"),
                _ => format!("collecting it raises {kind}"),
            };
            (format!("{item} is {happens}"), actual)
        }
        Kind::FixtureError => (
            match failure.phase {
                Phase::Teardown => "the fixtures are torn down".to_owned(),
                _ => "the fixtures are set up".to_owned(),
            },
            format!("one of them raises {kind}"),
        ),
        Kind::Unknown => ("the test passes".to_owned(), "it fails".to_owned()),
        Kind::UnexpectedPass => ("the test fails".to_owned(), "it passes".to_owned()),
        Kind::Assertion | Kind::ShapeMismatch => (
            match condition {
                Some(condition) if is_brief(condition) => format!("{condition} holds"),
                _ => "the assertion holds".to_owned(),
            },
            match first_line(failure).filter(|line| !line.starts_with("assert ")) {
                Some(message) => message.to_owned(),
                None => "it does not".to_owned(),
            },
        ),
        _ => (
            match raising(failure) {
                Some(source) if is_whole(source) && is_brief(source) => {
                    format!(
                        "{} raises nothing",
                        self::condition(source).unwrap_or(source)
                    )
                }
                _ => format!("no {kind}"),
            },
            format!("{kind} is raised"),
        ),
    };
    let told_expected = match (told.0, condition) {
        (Some(told), Some(condition)) if told == "a true value" => {
            Some(format!("{condition} is true"))
        }
        (told, _) => told,
    };
    (told_expected.unwrap_or(expected), told.1.unwrap_or(actual))
}

/// What it is that pytest could not collect (what a folder of tests has in common, one module of them, or a class), and what did not
/// happen to it: what is imported already is only collected.
pub(crate) fn collected(evidence: &Evidence) -> (&'static str, &'static str) {
    let Ok(test) = &evidence.test else {
        return ("the test module", "imported");
    };
    match test.path.rsplit('/').next() {
        _ if !test.classes.is_empty() => ("the test class", "collected"),
        Some("conftest.py") => ("the folder's conftest.py", "imported"),
        _ if is_refused(&evidence.failure) => ("the test module", "collected"),
        _ => ("the test module", "imported"),
    }
}

/// Whether pytest has imported it, and says no more than why it does not take it.
pub(crate) fn is_refused(failure: &Failure) -> bool {
    let type_name = failure.exception.as_ref().map(|it| &it.type_name);
    let is_said = type_name.is_some_and(|it| it.is_empty() || it.ends_with("Failed"));
    failure.kind == Kind::CollectionError && failure.location.is_none() && is_said
}

/// Whether words can follow a line of code where a line of the docstring ends.
fn is_brief(source: &str) -> bool {
    source.chars().count() <= 80
}

/// What an `assert` on one line asks for, without its message.
fn condition(source: &str) -> Option<&str> {
    let rest = source.strip_prefix("assert")?;
    if !is_whole(source) || !rest.starts_with([' ', '(']) {
        return None;
    }
    let mut depth = 0;
    let mut quote = None;
    for (at, c) in rest.char_indices() {
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            (None, ',') if depth == 0 => return Some(rest[..at].trim()),
            _ => {}
        }
    }
    Some(rest.trim())
}

/// `assert passed, message` whose message is no more than the measured number, where the log shows the bound that the check
/// was called with: the names are those of the checks themselves (`pcc`, `atol`, ...).
fn threshold(failure: &Failure) -> (Option<String>, Option<String>) {
    const AT_LEAST: [&str; 2] = ["pcc", "threshold"];
    let bound = failure.locals.iter().find(|local| {
        AT_LEAST.contains(&local.name.as_str()) && local.value.parse::<f64>().is_ok()
    });
    let measured = first_line(failure)
        .map(|line| line.trim_start_matches(|c: char| c.is_alphabetic() || " :=".contains(c)))
        .filter(|number| number.parse::<f64>().is_ok());
    match (bound, measured) {
        (Some(bound), Some(measured)) => (
            Some(format!("{} >= {}", bound.name, bound.value)),
            Some(format!("{} {measured}", bound.name)),
        ),
        _ => (None, None),
    }
}

fn first_line(failure: &Failure) -> Option<&str> {
    failure.exception.as_ref()?.first_line()
}

/// The failing line.
pub(crate) fn failing_source(failure: &Failure) -> Option<&str> {
    shown(failure.location.as_ref()?)
}

/// The line of a frame. Code that is made while it runs has no file: pytest writes `???` for its lines.
fn shown(frame: &log::Frame) -> Option<&str> {
    let source = frame.source.as_deref().map(str::trim);
    source.filter(|source| *source != "???")
}

/// What should not have raised: the failing line, or where that is a `raise`, the line of the test that led to it.
fn raising(failure: &Failure) -> Option<&str> {
    let raises = |source: &&str| *source == "raise" || source.starts_with("raise ");
    if let Some(source) = failing_source(failure).filter(|source| !raises(source)) {
        return Some(source);
    }
    let frames = failure.frames.iter().rev();
    let own = frames.filter(|frame| Some(&frame.path) == failure.path.as_ref());
    let mut sources = own.filter_map(shown);
    sources.find(|source| !raises(source))
}

/// Whether expected and actual are shapes that differ: lists or tuples of numbers where the error or the line speaks of shapes.
pub(crate) fn is_of_shapes(failure: &Failure) -> bool {
    let is_shape = |text: &Option<String>| {
        text.as_deref().is_some_and(|text| {
            let inner = text
                .trim()
                .trim_start_matches("torch.Size(")
                .trim_end_matches(')');
            let inner = inner.trim_matches(|c| "[]()".contains(c));
            !inner.is_empty()
                && inner.contains(|c: char| c.is_ascii_digit())
                && inner
                    .chars()
                    .all(|c| c.is_ascii_digit() || ", ".contains(c))
        })
    };
    let speaks = |text: &str| text.to_ascii_lowercase().contains("shape");
    is_shape(&failure.expected)
        && is_shape(&failure.actual)
        && (first_line(failure).is_some_and(speaks) || failing_source(failure).is_some_and(speaks))
}

/// Whether the line holds a statement to its end, as far as its brackets tell.
fn is_whole(source: &str) -> bool {
    let count = |these: [char; 3]| source.matches(these).count();
    count(['(', '[', '{']) == count([')', ']', '}']) && !source.ends_with(['\\', ':'])
}

/// `ValueError` of `pkg.ValueError`.
pub(crate) fn exception_name(failure: &Failure) -> Option<String> {
    let name = &failure.exception.as_ref()?.type_name;
    let name = name.rsplit('.').next().unwrap_or(name).trim();
    (!name.is_empty()).then(|| name.to_owned())
}

fn short_id(id: &str) -> &str {
    let name = id.rsplit("::").next().unwrap_or(id);
    name.split('[').next().unwrap_or(name)
}
