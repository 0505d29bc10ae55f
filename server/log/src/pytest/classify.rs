//! The kind of a failure, out of its phase, exception and message.

use std::sync::LazyLock;

use aho_corasick::packed;

use crate::{Exception, Kind, Phase};

/// What sort of failure an exception in a phase is.
pub(crate) fn kind(phase: Phase, exception: Option<&Exception>) -> Kind {
    if let Some(kind) = exception.and_then(of_any_phase) {
        return kind;
    }
    match phase {
        Phase::Collect => Kind::CollectionError,
        Phase::Setup | Phase::Teardown => Kind::FixtureError,
        Phase::Call => exception.map_or(Kind::Unknown, of_call),
    }
}

/// Timeouts and crashes are what they are in every phase.
fn of_any_phase(exception: &Exception) -> Option<Kind> {
    let message = exception.message.as_str();
    let first = message.lines().next().unwrap_or_default();
    let short = short_type(&exception.type_name);
    let of_plugin =
        short == "Failed" && (first.starts_with("Timeout >") || first.starts_with("Timeout (>"));
    if !TOLD_BY.holds(message) {
        return of_plugin.then_some(Kind::Timeout);
    }
    let of_text = first.contains("timed out after ")
        || first.contains("terminated or timed out")
        || message.contains("TIMEOUT: device timeout")
        || message.contains("potential hang detected");
    if of_plugin || (of_text && short != "AssertionError") {
        return Some(Kind::Timeout);
    }
    let crashed = (first.starts_with("worker '") || first.starts_with("worker \""))
        && first.contains(" crashed while running ");
    let forked = first.contains("CRASHED with signal ")
        || first.contains("running the test EXITED with status ");
    (crashed || forked).then_some(Kind::Crash)
}

fn of_call(exception: &Exception) -> Kind {
    let short = short_type(&exception.type_name);
    if exception.message.starts_with("[XPASS(strict)]") || exception.message == "Unexpected success"
    {
        return Kind::UnexpectedPass;
    }
    if is_shape(short, &exception.message) {
        return Kind::ShapeMismatch;
    }
    match short {
        "AssertionError"
        | "Failed"
        | "DocTestFailure"
        | "MultipleDoctestFailures"
        | "FailureException" => Kind::Assertion,
        "TypeError" => Kind::TypeError,
        "IndexError" => Kind::IndexError,
        _ => Kind::Exception,
    }
}

/// What messages of numpy, torch and others hold that say that shapes do not go together.
static SHAPES: LazyLock<Words> = LazyLock::new(|| {
    Words::new(&[
        "could not be broadcast together",
        "shapes mismatch",
        "shape mismatch",
        "shape '[",
        "must match the size of tensor",
        "mat1 and mat2 shapes cannot be multiplied",
        "shapes cannot be multiplied",
        "size mismatch",
        "The values for attribute 'shape' do not match",
        "Tensor sizes",
        "matmul: Input operand",
        "all the input array dimensions",
        "cannot reshape array of size",
        "inconsistent shapes",
        "Shapes do not match",
        "incompatible shapes",
        "Incompatible shapes",
    ])
});

/// A part of each text that tells of a timeout or a crash.
static TOLD_BY: LazyLock<Words> = LazyLock::new(|| {
    Words::new(&[
        "timed out",
        "TIMEOUT: device",
        "potential hang",
        " crashed while running ",
        "CRASHED with",
        "running the test EXITED",
    ])
});

fn is_shape(short: &str, message: &str) -> bool {
    /// Lines of a message that are looked at.
    const LINES: usize = 6;
    if matches!(short, "Failed" | "DocTestFailure") {
        return false;
    }
    let end = memchr::memchr_iter(b'\n', message.as_bytes()).nth(LINES - 1);
    SHAPES.holds(&message[..end.unwrap_or(message.len())])
}

/// Texts that are looked for together: a failure's message can be long.
struct Words {
    texts: &'static [&'static str],
    together: Option<packed::Searcher>,
}

impl Words {
    fn new(texts: &'static [&'static str]) -> Self {
        let together = packed::Builder::new().extend(texts).build();
        Self { texts, together }
    }

    fn holds(&self, text: &str) -> bool {
        match &self.together {
            Some(together) => together.find(text).is_some(),
            None => self.texts.iter().any(|it| text.contains(it)),
        }
    }
}

/// A type's name without its module.
pub(crate) fn short_type(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}
