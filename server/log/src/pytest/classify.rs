//! The kind of a failure, out of its phase, exception and message.

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

/// Messages of numpy, torch and others that say that shapes do not go together.
fn is_shape(short: &str, message: &str) -> bool {
    const TEXTS: &[&str] = &[
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
    ];
    if matches!(short, "Failed" | "DocTestFailure") {
        return false;
    }
    let head = message.lines().take(6).collect::<Vec<_>>().join("\n");
    TEXTS.iter().any(|text| head.contains(text))
}

/// A type's name without its module.
pub(crate) fn short_type(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}
