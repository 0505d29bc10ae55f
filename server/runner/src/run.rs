//! One run: started, its output kept while it comes, ended in time.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use process_wrap::tokio::{ChildWrapper, CommandWrap, KillOnDrop, ProcessGroup};
use thiserror::Error;
use tokio::fs::File;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};

use crate::memory;
use crate::tree;
use crate::watch::Watcher;

/// Something that can be run: what lens, script, verify and command line share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runnable {
    pub cwd: PathBuf,
    /// The program and its arguments; the configured `runner` prefix comes before it.
    pub argv: Vec<String>,
    /// Added to the caller's environment, which stays as it is otherwise.
    pub env: Vec<(String, String)>,
    pub timeout: Duration,
}

/// How a run ended.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Finished {
    /// `None`: ended by a signal, by the time limit, or cancelled.
    pub exit_code: Option<i32>,
    pub timed_out: bool,
    pub cancelled: bool,
    /// It was ended because it took more than so many bytes of memory: nearly all that was free.
    pub out_of_memory: Option<u64>,
    /// It wrote more than is kept: the end of its output is not in the file.
    pub output_cut: bool,
    pub seconds: f64,
}

/// Why a run could not be made.
#[derive(Debug, Error)]
pub enum Error {
    #[error("cannot start {program}: is it installed, and may it be executed?")]
    Start {
        program: String,
        source: std::io::Error,
    },
    #[error("cannot keep the output in {}", path.display())]
    Output {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("cannot wait for the run")]
    Wait(#[source] std::io::Error),
    #[error("there is nothing to run")]
    Nothing,
}

/// How often it is asked whether to stop.
const POLL: Duration = Duration::from_millis(25);

/// How long output may still come after the program itself ended: a process that it left behind can hold the pipe for ever.
const DRAIN: Duration = Duration::from_millis(500);

/// Ends what the run started when it goes out of scope, also when the future is dropped in the middle.
struct Guard {
    leader: Option<u32>,
    mark: String,
}

impl Drop for Guard {
    fn drop(&mut self) {
        tree::end(self.leader, &self.mark);
    }
}

/// Runs it. Standard output and error go to the file `output` in the order in which they come, `keep` bytes at most; the rest
/// is read and dropped, so that a program that writes without end is not held up before its time is over.
///
/// Everything that it started is ended with it: at its end, when its time is over, when it takes nearly all memory, when
/// `cancelled` says so, when this future is dropped, and when this process is killed.
pub async fn run(
    runnable: &Runnable,
    prefix: &[String],
    output: &Path,
    keep: u64,
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Finished, Error> {
    let failed = |source| Error::Output {
        path: output.to_owned(),
        source,
    };
    let mut file = File::create(output).await.map_err(failed)?;
    let mut guard = Guard {
        leader: None,
        mark: new_mark(),
    };
    let mut watcher = Watcher::start(&guard.mark);
    let started = Instant::now();
    let mut child = start(runnable, prefix, &guard.mark)?;
    guard.leader = child.id();
    watcher.leader(guard.leader).await;
    let (Some(mut stdout), Some(mut stderr)) = (child.stdout().take(), child.stderr().take())
    else {
        return Err(Error::Nothing);
    };
    let mut finished = Finished::default();
    let (mut out_open, mut err_open) = (true, true);
    let mut kept = 0u64;
    let (mut out_chunk, mut err_chunk) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut tick = tokio::time::interval(POLL);
    let mut ended: Option<Instant> = None;
    let mut memory = memory::Watch::new();
    loop {
        let piece: Option<&[u8]> = tokio::select! {
            count = read(&mut stdout, &mut out_chunk), if out_open => {
                out_open = count > 0;
                Some(&out_chunk[..count])
            }
            count = read(&mut stderr, &mut err_chunk), if err_open => {
                err_open = count > 0;
                Some(&err_chunk[..count])
            }
            _ = tick.tick() => None,
        };
        if let Some(piece) = piece {
            let room = usize::try_from(keep.saturating_sub(kept)).unwrap_or(usize::MAX);
            let part = &piece[..piece.len().min(room)];
            file.write_all(part).await.map_err(failed)?;
            kept += part.len() as u64;
            finished.output_cut |= part.len() < piece.len();
        }
        if ended.is_none()
            && let Some(status) = child.inner_mut().try_wait().map_err(Error::Wait)?
        {
            finished.exit_code = status.code();
            finished.seconds = started.elapsed().as_secs_f64();
            ended = Some(Instant::now());
        }
        if let Some(at) = ended {
            if (!out_open && !err_open) || at.elapsed() > DRAIN {
                break;
            }
            continue;
        }
        finished.cancelled = cancelled();
        finished.timed_out = !finished.cancelled && started.elapsed() >= runnable.timeout;
        finished.out_of_memory = memory.exceeded(&guard.mark);
        if finished.cancelled || finished.timed_out || finished.out_of_memory.is_some() {
            finished.seconds = started.elapsed().as_secs_f64();
            tree::end(guard.leader, &guard.mark);
            ended = Some(Instant::now());
            // Reap it; it was killed, so this does not take long.
            let _ = tokio::time::timeout(DRAIN, child.inner_mut().wait()).await;
        }
    }
    watcher.stop().await;
    file.flush().await.map_err(failed)?;
    Ok(finished)
}

/// [`run`] for a caller that may wait, on any thread, inside or outside of an async runtime.
pub fn run_blocking(
    runnable: &Runnable,
    prefix: &[String],
    output: &Path,
    keep: u64,
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Finished, Error> {
    // A thread of its own: a runtime cannot be started on one that already drives a runtime.
    std::thread::scope(|scope| {
        let work = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(Error::Wait)?;
            runtime.block_on(run(runnable, prefix, output, keep, cancelled))
        });
        work.join().unwrap_or_else(|_| {
            Err(Error::Wait(std::io::Error::other(
                "the run's thread panicked",
            )))
        })
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the place that starts programs"
)]
fn start(
    runnable: &Runnable,
    prefix: &[String],
    mark: &str,
) -> Result<Box<dyn ChildWrapper>, Error> {
    let mut words = prefix.iter().chain(&runnable.argv);
    let program = words.next().ok_or(Error::Nothing)?;
    let mut command = tokio::process::Command::new(program);
    command
        .args(words)
        .current_dir(&runnable.cwd)
        .envs(runnable.env.iter().map(|(name, value)| (name, value)))
        .env(tree::MARK, mark)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut wrap = CommandWrap::from(command);
    wrap.wrap(KillOnDrop).wrap(ProcessGroup::leader());
    wrap.spawn().map_err(|source| Error::Start {
        program: program.clone(),
        source,
    })
}

/// Bytes read; a pipe that cannot be read is at its end.
async fn read(from: &mut (impl AsyncRead + Unpin), chunk: &mut [u8]) -> usize {
    from.read(chunk).await.unwrap_or(0)
}

/// Unique on this machine for as long as the run lasts.
fn new_mark() -> String {
    static RUNS: AtomicU64 = AtomicU64::new(0);
    let run = RUNS.fetch_add(1, Ordering::Relaxed);
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    format!("{}-{run}-{}", std::process::id(), since.as_nanos())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bash(script: &str, seconds: u64) -> Runnable {
        Runnable {
            cwd: PathBuf::from("/"),
            argv: ["bash", "-c", script].map(str::to_owned).to_vec(),
            env: vec![("GIVEN".to_owned(), "a b".to_owned())],
            timeout: Duration::from_secs(seconds),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "a test reads what was kept")]
    fn run_script(script: &str, seconds: u64, keep: u64) -> (Finished, String) {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("out.log");
        let finished = run_blocking(&bash(script, seconds), &[], &output, keep, &|| false).unwrap();
        let bytes = std::fs::read(output).unwrap();
        (finished, String::from_utf8_lossy(&bytes).into_owned())
    }

    #[test]
    fn output_status_and_environment() {
        let (finished, output) = run_script("echo \"$GIVEN\"; echo no >&2; exit 3", 20, 1000);
        assert_eq!(finished.exit_code, Some(3));
        assert!(
            output.contains("a b\n") && output.contains("no\n"),
            "{output}"
        );
        assert!(!finished.timed_out && !finished.output_cut);
    }

    #[test]
    fn endless_output_is_bounded_and_ends_in_time() {
        let (finished, output) = run_script("yes", 1, 10_000);
        assert!(finished.timed_out && finished.output_cut);
        assert_eq!(output.len(), 10_000);
        assert!(finished.seconds < 5.0);
    }

    #[test]
    fn nothing_survives_the_time_limit() {
        // One in the group, one in a session of its own, one that let its parent go.
        let script = "echo mark $REPROLENS_RUN; sleep 600 & setsid sleep 600 & (setsid setsid sleep 600 &) ; wait";
        let (finished, output) = run_script(script, 1, 10_000);
        assert!(finished.timed_out);
        let mark = output.trim().strip_prefix("mark ").unwrap().to_owned();
        assert!(still_there(&mark).is_empty());
    }

    #[test]
    fn what_a_program_leaves_behind_ends_with_it() {
        let (finished, output) =
            run_script("echo $REPROLENS_RUN; setsid sleep 600 & exit 0", 20, 10_000);
        assert_eq!(finished.exit_code, Some(0));
        assert!(finished.seconds < 5.0);
        assert!(still_there(output.trim()).is_empty());
    }

    #[test]
    fn cancelling_ends_it() {
        let folder = tempfile::tempdir().unwrap();
        let started = Instant::now();
        let cancelled = || started.elapsed() > Duration::from_millis(200);
        let output = folder.path().join("out.log");
        let finished = run_blocking(&bash("sleep 600", 600), &[], &output, 10, &cancelled).unwrap();
        assert!(finished.cancelled && finished.exit_code.is_none());
        assert!(started.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn dropping_ends_it() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("out.log");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let runnable = bash("echo $REPROLENS_RUN; setsid sleep 600", 600);
        let mark = runtime.block_on(async {
            let work = run(&runnable, &[], &output, 1000, &|| false);
            assert!(
                tokio::time::timeout(Duration::from_millis(400), work)
                    .await
                    .is_err()
            );
            tokio::fs::read_to_string(&output).await.unwrap()
        });
        assert!(!mark.trim().is_empty());
        assert!(still_there(mark.trim()).is_empty());
    }

    #[test]
    fn prefix_comes_first_and_a_missing_program_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("out.log");
        let prefix = ["env".to_owned(), "GIVEN=prefix".to_owned()];
        let finished = run_blocking(
            &bash("[ \"$GIVEN\" = prefix ]", 20),
            &prefix,
            &output,
            10,
            &|| false,
        )
        .unwrap();
        assert_eq!(finished.exit_code, Some(0));
        let error = run_blocking(
            &bash("", 1),
            &["no-such-program".to_owned()],
            &output,
            10,
            &|| false,
        )
        .unwrap_err();
        assert!(error.to_string().contains("no-such-program"));
    }

    /// A killed process has its environment until it has had the processor once more: on a busy machine that takes a while.
    fn still_there(mark: &str) -> Vec<u32> {
        for _ in 0..500 {
            if tree::marked(mark).is_empty() {
                return Vec::new();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        tree::marked(mark)
    }
}
