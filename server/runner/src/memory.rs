//! How much memory a run takes: one that would take all there is is ended before the machine stands still.

use std::time::{Duration, Instant};

use crate::tree;

/// How often it is looked at; it takes a look at each process of the machine.
const EVERY: Duration = Duration::from_millis(500);

/// The resident memory of a run's processes, and how much they may have.
pub(crate) struct Watch {
    limit: Option<u64>,
    next: Instant,
}

impl Watch {
    /// A run may have nine tenths of the memory that is free when it starts. Where the system does not tell, nothing bounds it.
    pub(crate) fn new() -> Self {
        Self {
            limit: available().map(|bytes| bytes / 10 * 9),
            next: Instant::now() + EVERY,
        }
    }

    /// The limit in bytes, if the processes with this mark are over it.
    pub(crate) fn exceeded(&mut self, mark: &str) -> Option<u64> {
        let limit = self.limit?;
        if Instant::now() < self.next {
            return None;
        }
        self.next = Instant::now() + EVERY;
        let taken: u64 = tree::marked(mark).into_iter().filter_map(resident).sum();
        (taken > limit).then_some(limit)
    }
}

/// Bytes that can be had without swapping: <https://man7.org/linux/man-pages/man5/proc_meminfo.5.html>.
#[expect(clippy::disallowed_methods, reason = "/proc is how the system tells")]
fn available() -> Option<u64> {
    kilobytes(
        &std::fs::read_to_string("/proc/meminfo").ok()?,
        "MemAvailable:",
    )
}

/// Bytes of a process that are in memory; none if it has ended.
#[expect(clippy::disallowed_methods, reason = "/proc is how the system tells")]
fn resident(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    kilobytes(&status, "VmRSS:")
}

/// The bytes of a line `Name:   123 kB`.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let number = line.trim().strip_suffix("kB")?.trim();
    Some(number.parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;

    #[test]
    fn fields_of_proc() {
        let text = "MemTotal:       24000000 kB\nMemAvailable:   21000000 kB\n";
        assert_eq!(kilobytes(text, "MemAvailable:"), Some(21_000_000 * 1024));
        assert_eq!(kilobytes(text, "SwapFree:"), None);
        assert_eq!(kilobytes("VmRSS:\tmany kB\n", "VmRSS:"), None);
    }

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "the test looks at a process of its own"
    )]
    fn what_a_run_takes_is_seen() {
        let mut child = std::process::Command::new("cat")
            .env(tree::MARK, "memory-test")
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        // Its environment is seen once it runs its own program: it has answered.
        child.stdin.as_mut().unwrap().write_all(b"?").unwrap();
        child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        let watch = |limit| Watch {
            limit: Some(limit),
            next: Instant::now(),
        };
        assert_eq!(watch(1 << 40).exceeded("memory-test"), None);
        assert_eq!(watch(1).exceeded("memory-test"), Some(1));
        assert_eq!(watch(1).exceeded("another"), None);
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
