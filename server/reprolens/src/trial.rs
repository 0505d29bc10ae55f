//! One run of a repro's script, read and compared.

use std::path::Path;
use std::time::Duration;

use repro::{Comparison, RunOutcome, Signature, Verdict};
use runner::Runnable;

use crate::config::Config;
use crate::files::folders;
use crate::generate::Job;

/// Bytes of a run's output that are kept.
const KEPT: u64 = 64 << 20;

/// `timeout` of coreutils ends with this.
pub(crate) const TIMED_OUT: i32 = 124;

/// What a run gave, and its output.
#[derive(Debug)]
pub(crate) struct Trial {
    pub(crate) outcome: RunOutcome,
    pub(crate) cancelled: bool,
}

/// Runs a script with bash, its output kept in the file `output`.
pub(crate) fn run(
    script: &Path,
    arguments: &[String],
    env: Vec<(String, String)>,
    output: &Path,
    config: &Config,
    job: Job<'_>,
) -> Result<Trial, runner::Error> {
    let mut argv = vec!["bash".to_owned(), script.display().to_string()];
    argv.extend(arguments.iter().cloned());
    let runnable = Runnable {
        cwd: script.parent().unwrap_or(Path::new(".")).to_owned(),
        argv,
        env,
        timeout: longest(config),
    };
    let finished = runner::run_blocking(&runnable, &config.runner, output, KEPT, job.cancelled)?;
    let bytes = folders::bytes(output).unwrap_or_default();
    let log = log::parse(&bytes);
    let timed_out = finished.timed_out || finished.exit_code == Some(TIMED_OUT);
    Ok(Trial {
        outcome: RunOutcome {
            exit_code: finished.exit_code.filter(|_| !timed_out),
            timed_out,
            out_of_memory: finished.out_of_memory,
            seconds: finished.seconds,
            complaint: complaint(&bytes).filter(|_| log.failures.is_empty()),
            log,
        },
        cancelled: finished.cancelled,
    })
}

/// The line in which pytest, Python or the shell says why nothing ran: it is among the last ones.
fn complaint(output: &[u8]) -> Option<String> {
    const MARKS: [&str; 5] = [
        "error: ",
        "ERROR: ",
        "Error: ",
        "No module named",
        ": command not found",
    ];
    let tail = &output[output.len().saturating_sub(1 << 16)..];
    let text = String::from_utf8_lossy(tail);
    let line = text
        .lines()
        .rev()
        .map(|line| line.trim().trim_start_matches("E   ").trim_start())
        .find(|line| MARKS.iter().any(|mark| line.contains(mark)))?;
    Some(line.chars().take(200).collect())
}

/// How long a run may take at most: the script has its own, shorter bound.
fn longest(config: &Config) -> Duration {
    Duration::from_secs(u64::from(config.max_seconds).saturating_mul(6).max(90))
}

/// How a run compares with CI's failure. Where CI's log does not hold enough to tell, `known_good`, the signature of the
/// original test's own run here, says whether it is at least the same as that one; the verdict stays what the log allows.
pub(crate) fn compare(
    expected: &Signature,
    known_good: Option<&Signature>,
    outcome: &RunOutcome,
) -> (Comparison, bool) {
    let comparison = repro::compare(expected, outcome);
    let good = match comparison.verdict {
        Verdict::Same => true,
        Verdict::InsufficientEvidence => {
            known_good.is_some_and(|known| repro::compare(known, outcome).verdict == Verdict::Same)
        }
        _ => false,
    };
    (comparison, good)
}

/// Runs leave nothing behind in the workspace.
pub(crate) fn quiet_python() -> Vec<(String, String)> {
    vec![("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned())]
}

/// `PYTHONPATH` with a plugin's folder before the caller's own.
#[expect(
    clippy::disallowed_methods,
    reason = "the child's variable extends the one that it would inherit"
)]
pub(crate) fn python_path(first: &Path) -> (String, String) {
    let path = match std::env::var("PYTHONPATH") {
        Ok(own) if !own.is_empty() => format!("{}:{own}", first.display()),
        _ => first.display().to_string(),
    };
    ("PYTHONPATH".to_owned(), path)
}

/// The output with the staging folder's name replaced by the folder's own.
pub(crate) fn renamed(output: &[u8], staged: &str, name: &str) -> Vec<u8> {
    let mut result = Vec::with_capacity(output.len());
    let finder = memchr::memmem::Finder::new(staged);
    let mut at = 0;
    for found in finder.find_iter(output) {
        result.extend_from_slice(&output[at..found]);
        result.extend_from_slice(name.as_bytes());
        at = found + staged.len();
    }
    result.extend_from_slice(&output[at..]);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_of_programs() {
        for (output, expected) in [
            (
                "usage: pytest\npytest: error: unrecognized arguments: --x\n  inifile: None\n",
                "pytest: error: unrecognized arguments: --x",
            ),
            (
                "E   ModuleNotFoundError: No module named 'x'\n\nResult: FAILED\n",
                "ModuleNotFoundError: No module named 'x'",
            ),
            (
                "run_test.sh: line 3: pytest: command not found\n",
                "run_test.sh: line 3: pytest: command not found",
            ),
        ] {
            assert_eq!(complaint(output.as_bytes()).as_deref(), Some(expected));
        }
        assert_eq!(complaint(b"1 passed"), None);
    }
}
