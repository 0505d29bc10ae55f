//! The processes that a run started, found and ended, however they tried to get away.
//!
//! A process group holds only those that stay in it: `timeout`, a shell's job control and daemons leave it. What every
//! descendant inherits is the environment, so each run has a variable of its own there. On systems without `/proc` the group
//! is all that can be ended.

use std::path::Path;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// The variable that marks the processes of one run.
pub(crate) const MARK: &str = "REPROLENS_RUN";

/// Ends the group that `leader` leads and every process whose environment has the mark.
///
/// A process can start another one between being found and being ended, so this looks again until none is left.
pub(crate) fn end(leader: Option<u32>, mark: &str) {
    if let Some(pid) = leader.and_then(to_pid) {
        // Fails if the group has ended already, which is what is wanted.
        let _ = kill_process_group(pid, Signal::KILL);
    }
    for _ in 0..20 {
        let left = marked(mark);
        if left.is_empty() {
            return;
        }
        for pid in left.into_iter().filter_map(to_pid) {
            // Fails if it ended in between.
            let _ = kill_process(pid, Signal::KILL);
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

fn to_pid(pid: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(pid).ok()?)
}

#[expect(
    clippy::disallowed_methods,
    reason = "/proc is how the system tells which processes there are"
)]
pub(crate) fn marked(mark: &str) -> Vec<u32> {
    let needle = format!("{MARK}={mark}");
    let own = std::process::id();
    let Ok(entries) = std::fs::read_dir(Path::new("/proc")) else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| *pid != own)
        .filter(|pid| {
            // A zombie's environment is empty and other users' cannot be read: neither is ours to end.
            let environ = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environ
                .split(|byte| *byte == 0)
                .any(|variable| variable == needle.as_bytes())
        })
        .collect()
}
