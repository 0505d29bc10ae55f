//! Ends a run whose reprolens was killed.
//!
//! A killed process ends nothing any more. So each run has a shell beside it, in a group of its own, that holds one end of a pipe:
//! when the other end closes without a kill of the shell, what the run started is left over, and the shell ends it.

use std::process::Stdio;

use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

use crate::tree::MARK;

/// `$1` is the run's mark as a variable. The first line that is read names the leader of the run's group.
const SCRIPT: &str = r#"
read -r leader
read -r _
[ -z "$leader" ] || kill -s KILL -- "-$leader"
for round in 1 2 3; do
    for environ in $(grep -lzxF "$1" /proc/[0-9]*/environ); do
        pid=${environ#/proc/}
        kill -s KILL "${pid%/environ}"
    done
done
"#;

/// Watches one run. Dropped, it stops watching.
pub(crate) struct Watcher(Option<Child>);

impl Watcher {
    /// A system without a shell has none: its runs end by their own limit then.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the crate that starts programs"
    )]
    pub(crate) fn start(mark: &str) -> Self {
        let mut command = Command::new("sh");
        command
            .args(["-c", SCRIPT, "reprolens-watch", &format!("{MARK}={mark}")])
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        // Ctrl-C in a terminal goes to the group of the program that is interrupted.
        #[cfg(unix)]
        command.process_group(0);
        Self(command.spawn().ok())
    }

    /// Tells whose group it is to end.
    pub(crate) async fn leader(&mut self, pid: Option<u32>) {
        let stdin = self.0.as_mut().and_then(|child| child.stdin.as_mut());
        if let (Some(stdin), Some(pid)) = (stdin, pid) {
            // The mark finds the processes even where this is lost.
            let _ = stdin.write_all(format!("{pid}\n").as_bytes()).await;
        }
    }

    /// Stops watching a run that is over.
    pub(crate) async fn stop(mut self) {
        if let Some(child) = self.0.as_mut() {
            // It fails where the shell is gone already, which is what is wanted.
            let _ = child.kill().await;
        }
    }
}
