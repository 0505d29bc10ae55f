//! Reads a log in pieces and says how much was found: the stage alone, without the program around it.

#![expect(
    clippy::disallowed_methods,
    reason = "an example reads the file that it is given"
)]

extern crate reprolens_log as log;

use std::io::Read;

fn main() -> std::io::Result<()> {
    for path in std::env::args().skip(1) {
        let mut file = std::fs::File::open(&path)?;
        let mut parser = log::Parser::new(log::Limits::default());
        let mut piece = vec![0; 1 << 16];
        loop {
            let len = file.read(&mut piece)?;
            if len == 0 {
                break;
            }
            parser.push(&piece[..len]);
        }
        let log = parser.finish();
        let (steps, sessions, failures) = (log.steps.len(), log.sessions.len(), log.failures.len());
        writeln(&format!(
            "{path}: {} lines, {steps} steps, {sessions} sessions, {failures} failures",
            log.lines
        ))?;
    }
    Ok(())
}

fn writeln(text: &str) -> std::io::Result<()> {
    use std::io::Write;
    writeln!(std::io::stdout(), "{text}")
}
