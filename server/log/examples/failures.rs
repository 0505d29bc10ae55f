//! Prints the failures of logs as JSON lines: what the stage alone found, without the program around it.

#![expect(
    clippy::disallowed_methods,
    reason = "an example reads the file that it is given"
)]

extern crate reprolens_log as log;

use std::io::Write;

use serde_json::json;

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for path in std::env::args().skip(1) {
        let log = log::parse(&std::fs::read(&path)?);
        let failures = log.failures.iter().map(|it| {
            let place = |it: &log::Frame| json!([it.path, it.line, it.function, it.source]);
            json!({
                "id": it.id, "whole": it.id_complete, "phase": it.phase.name(), "kind": it.kind.name(), "line": it.line,
                "type": it.exception.as_ref().map(|it| &it.type_name),
                "message": it.exception.as_ref().map(|it| &it.message),
                "cut": it.exception.as_ref().is_some_and(|it| it.cut),
                "expected": it.expected, "actual": it.actual,
                "location": it.location.as_ref().map(place),
                "frames": it.frames.iter().map(place).collect::<Vec<_>>(),
                "chain": it.chain.iter().map(|it| json!([it.exception.type_name, it.exception.message, it.is_cause])).collect::<Vec<_>>(),
                "example": it.falsifying_example.as_ref().map(|it| &it.text),
                "captured": it.captured.iter().map(|it| &it.name).collect::<Vec<_>>(),
                "worker": it.worker,
            })
        });
        let totals = log
            .sessions
            .iter()
            .map(|it| it.summary.as_ref().map(|it| &it.text));
        writeln!(
            out,
            "{}",
            json!({
                "log": path,
                "failures": failures.collect::<Vec<_>>(),
                "totals": totals.collect::<Vec<_>>(),
                "unfinished": log.sessions.iter().map(|it| it.unfinished.as_ref().map(|it| &it.text)).collect::<Vec<_>>(),
            })
        )?;
    }
    Ok(())
}
