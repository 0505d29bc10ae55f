//! Signatures and verdicts. A verdict never falls back to something weaker than the signature.

use log::{Failure, Kind};

use crate::{Comparison, DiedAt, Mismatch, Reason, RunOutcome, Signature, Verdict, normal};

/// What makes a failure the same as another one.
pub fn signature(failure: &Failure) -> Signature {
    let exception = failure.exception.as_ref();
    let name = failure.id.rsplit("::").next().unwrap_or_default();
    let function = name.split('[').next().filter(|name| !name.is_empty());
    Signature {
        phase: failure.phase,
        exception: exception.map(|exception| short(&exception.type_name)),
        message: exception.map(|exception| {
            normal::message(&exception.message, failure.path.as_deref(), function)
        }),
        message_cut: exception.is_some_and(|exception| exception.cut),
        source: failure
            .location
            .as_ref()
            .and_then(|frame| frame.source.as_deref())
            .map(normal::source)
            .filter(|source| !source.is_empty()),
        hung: failure.kind == Kind::Timeout,
        crashed: failure.kind == Kind::Crash,
        passed: failure.kind == Kind::UnexpectedPass,
        untraced: is_untraced(failure),
        died_at: died_at(failure),
    }
}

/// Whether the log shows all that pytest printed of a failure, and that is no traceback. What only a summary's line tells of is told of
/// by that line alone: its traceback may not have been printed.
fn is_untraced(failure: &Failure) -> bool {
    let Some(exception) = &failure.exception else {
        return false;
    };
    let (section, message) = (failure.span, exception.span);
    let in_section = section.start < message.start && message.end <= section.end;
    let no_frames = failure.frames.is_empty() && failure.location.is_none();
    let shows_none = short(&exception.type_name) == "Failed" || Mismatch::of(failure).is_some();
    in_section && no_frames && shows_none && !exception.cut
}

/// Where the process died. In the test's own file a place says nothing: the repro's test has other lines.
fn died_at(failure: &Failure) -> Option<DiedAt> {
    let frame = failure.location.as_ref()?;
    let path = frame.path.replace('\\', "/");
    let is_own = failure
        .path
        .as_deref()
        .is_some_and(|own| path.ends_with(own));
    let dies = failure.kind == Kind::Crash && frame.source.is_none();
    if !dies || is_own || frame.function.is_empty() || frame.line == 0 {
        return None;
    }
    let (before, name) = path.rsplit_once('/')?;
    let folder = before.rsplit('/').next()?;
    Some(DiedAt {
        file: format!("{folder}/{name}"),
        function: frame.function.clone(),
        line: frame.line,
    })
}

/// What failures of a log have in common that one repro is enough for: the signature, and the line that fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    signature: Signature,
    line: Option<(String, u32)>,
}

impl Group {
    pub fn of(failure: &Failure) -> Self {
        // A module that many tests want is missing in many places.
        let place = failure
            .location
            .as_ref()
            .filter(|_| failure.kind != Kind::CollectionError);
        Self {
            signature: signature(failure),
            line: place.map(|frame| (frame.path.clone(), frame.line)),
        }
    }

    /// Whether the log tells the line that fails. Where it tells nothing but that tests failed, they may not have failed alike.
    pub fn is_told(&self) -> bool {
        self.signature.source.is_some() || self.signature.died_at.is_some()
    }
}

/// How one run compares with CI's failure.
pub fn compare(expected: &Signature, run: &RunOutcome) -> Comparison {
    let closest = run
        .log
        .failures
        .iter()
        .map(|failure| compare_signatures(expected, &signature(failure)))
        .min_by_key(|comparison| (rank(comparison.verdict), comparison.reasons.len()));
    if let Some(comparison) = closest {
        return comparison;
    }
    let (verdict, text) = match run.exit_code {
        None if run.timed_out && expected.hung => (
            Verdict::InsufficientEvidence,
            "it did not end in time, as in CI, and its output does not tell where it stood"
                .to_owned(),
        ),
        None if run.timed_out => (Verdict::Different, "it did not end in time".to_owned()),
        None if let Some(bytes) = run.out_of_memory => (
            Verdict::Blocked,
            format!(
                "it was ended, as it took more than {:.1} GB of memory, nearly all that was free",
                bytes as f64 / 1e9
            ),
        ),
        None => (
            Verdict::Different,
            "a signal ended it, and its output tells of no failure".to_owned(),
        ),
        Some(0) => (Verdict::Passed, "the run passed".to_owned()),
        Some(1) if run.log.sessions.is_empty() => (
            Verdict::Blocked,
            "pytest did not run; install it in the environment that run_test.sh activates"
                .to_owned(),
        ),
        Some(1) => (
            Verdict::InsufficientEvidence,
            "pytest reports a failure, but its output does not show it".to_owned(),
        ),
        Some(code) => (Verdict::Blocked, blocked(code)),
    };
    let text = match &run.complaint {
        Some(complaint) if verdict == Verdict::Blocked => format!("{text}: {complaint}"),
        _ => text,
    };
    Comparison {
        verdict,
        reasons: vec![Reason {
            part: "run".to_owned(),
            expected: None,
            actual: run.exit_code.map(|code| format!("exit status {code}")),
            text,
        }],
    }
}

/// How one failure compares with another one.
pub fn compare_signatures(expected: &Signature, actual: &Signature) -> Comparison {
    let mut differing = Vec::new();
    let mut missing = Vec::new();
    if expected.phase != actual.phase {
        differing.push(reason(
            "phase",
            Some(expected.phase.name()),
            Some(actual.phase.name()),
            true,
        ));
    }
    if (expected.hung, expected.crashed) != (actual.hung, actual.crashed) {
        let word = |it: &Signature| {
            if it.hung {
                "hang"
            } else if it.crashed {
                "crash"
            } else {
                "exception"
            }
        };
        differing.push(reason(
            "kind",
            Some(word(expected)),
            Some(word(actual)),
            true,
        ));
    }
    let places = expected.died_at.as_ref().zip(actual.died_at.as_ref());
    if let Some((a, b)) = places
        && (&a.file, &a.function) != (&b.file, &b.function)
    {
        let (a, b) = (a.to_string(), b.to_string());
        differing.push(reason("place", Some(&a), Some(&b), true));
    }
    let cut = expected.message_cut;
    let parts = [
        ("exception", &expected.exception, &actual.exception),
        ("message", &expected.message, &actual.message),
        ("source", &expected.source, &actual.source),
    ];
    // The same place is the same line; another line of the same function can be that of another commit.
    let needs_no_source =
        [expected, actual].into_iter().all(has_no_line) || places.is_some_and(|(a, b)| a == b);
    for (part, expected, actual) in parts {
        if part == "source" && needs_no_source {
            continue;
        }
        match (expected, actual) {
            (Some(a), Some(b)) => {
                let same = match part {
                    "message" => normal::same_message(a, b, cut),
                    _ => a == b,
                };
                if !same {
                    differing.push(reason(part, Some(a), Some(b), true));
                }
            }
            (a, b) => missing.push(reason(part, a.as_deref(), b.as_deref(), false)),
        }
    }
    let verdict = match (differing.is_empty(), missing.is_empty()) {
        (false, _) => Verdict::Different,
        (true, false) => Verdict::InsufficientEvidence,
        (true, true) => Verdict::Same,
    };
    differing.extend(missing);
    Comparison {
        verdict,
        reasons: differing,
    }
}

/// Whether no line of the tests ran: of a fixture that is not found pytest shows who requests it, of a test that it refuses to
/// collect (`'yield' keyword is allowed in fixtures`) nothing but the sentence. A test that passes unexpectedly fails at no line, and
/// `pytest.fail(..., pytrace=False)` shows none: what it says is what its author wants it to be known by.
fn has_no_line(signature: &Signature) -> bool {
    if signature.passed || signature.untraced {
        return true;
    }
    match signature.exception.as_deref() {
        Some("FixtureLookupError") => true,
        Some("Failed") => signature.phase == log::Phase::Collect && signature.source.is_none(),
        _ => false,
    }
}

fn reason(part: &str, expected: Option<&str>, actual: Option<&str>, differs: bool) -> Reason {
    let text = match (differs, expected) {
        (true, _) => format!("the {part} differs"),
        (false, None) => format!("CI's log does not show the {part}"),
        (false, Some(_)) => format!("the run's output does not show the {part}"),
    };
    Reason {
        part: part.to_owned(),
        expected: expected.map(str::to_owned),
        actual: actual.map(str::to_owned),
        text,
    }
}

/// The sentence for a run in which no test failed because none ran.
fn blocked(code: i32) -> String {
    match code {
        2 => "pytest was interrupted before a test ran".to_owned(),
        3 => "pytest had an internal error".to_owned(),
        4 => "pytest was started with arguments that it does not know here, or its conftest cannot be imported".to_owned(),
        5 => "pytest found no test to run".to_owned(),
        126 | 127 => "a program that the script starts is not installed".to_owned(),
        code => format!("the script ended with status {code} before a test ran"),
    }
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Same => 0,
        Verdict::InsufficientEvidence => 1,
        _ => 2,
    }
}

/// `pkg.errors.Wrong` is `Wrong`.
fn short(name: &str) -> String {
    name.rsplit('.').next().unwrap_or(name).trim().to_owned()
}

#[cfg(test)]
mod tests;
