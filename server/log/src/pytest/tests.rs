//! Real logs against their labels, small outputs against what is read of them, and damaged ones, through the whole stage.

mod corpus;
mod cut;
mod damaged;
mod ended;
mod examples;
mod labels;
mod less;
mod nested;
mod older;
mod plugins;
mod printed;
mod python;
mod reports;
mod runners;
mod shapes;
mod shown_runs;
mod subtests;
mod typed;
mod unittest;

use std::fmt::Write;

use crate::{Failure, Frame, Session};

/// The sessions and failures of a log.
pub(super) fn read(log: &[u8]) -> (Vec<Session>, Vec<Failure>) {
    let log = crate::parse(log);
    (log.sessions, log.failures)
}

/// The failures of a log as a person would tell them.
pub(super) fn shown(log: &str) -> String {
    let mut text = String::new();
    for it in read(log.as_bytes()).1 {
        let _ = writeln!(
            text,
            "{} ({}, {}) line {}",
            if it.id.is_empty() { "-" } else { &it.id },
            it.phase.name(),
            it.kind.name(),
            it.line
        );
        for link in &it.chain {
            let _ = writeln!(
                text,
                "  {} {}: {}",
                if link.is_cause { "from" } else { "during" },
                link.exception.type_name,
                link.exception.message
            );
        }
        if let Some(exception) = &it.exception {
            let message = exception
                .message
                .replace("\n\n", "\n")
                .replace('\n', "\n    ");
            let _ = writeln!(text, "  {}: {message}", exception.type_name);
        }
        if let (Some(expected), Some(actual)) = (&it.expected, &it.actual) {
            let _ = writeln!(text, "  expected {expected}, actual {actual}");
        }
        let place = |it: &Frame| format!("{}:{} {}", it.path, it.line, it.function);
        if let Some(location) = &it.location {
            let _ = writeln!(text, "  at {}", place(location).trim_end());
        }
        for captured in &it.captured {
            let _ = writeln!(text, "  {}", captured.name);
        }
    }
    text
}
