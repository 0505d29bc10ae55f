//! Long jobs at a terminal: what happens now on standard error, and an end at Ctrl-C that leaves no process behind.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::ProgressBar;

use crate::generate::Job;

/// Does the work, with its progress shown where a person looks on.
pub(crate) fn progress_job<T>(title: &str, work: impl FnOnce(Job<'_>) -> T) -> T {
    let bar = if std::io::stderr().is_terminal() {
        ProgressBar::new_spinner()
    } else {
        ProgressBar::hidden()
    };
    bar.enable_steady_tick(Duration::from_millis(100));
    let interrupted = watch_for_interrupt();
    let progress = |text: &str| bar.set_message(format!("{title}: {text}"));
    let cancelled = || interrupted.load(Ordering::Relaxed);
    let result = work(Job {
        progress: &progress,
        cancelled: &cancelled,
    });
    bar.finish_and_clear();
    result
}

/// Set when a person presses Ctrl-C, or something ends us: what was started is then ended first.
fn watch_for_interrupt() -> Arc<AtomicBool> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    std::thread::spawn(move || {
        // Without a runtime the signal keeps its usual effect.
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
        else {
            return;
        };
        runtime.block_on(async {
            interrupt().await;
            flag.store(true, Ordering::Relaxed);
        });
    });
    interrupted
}

#[cfg(unix)]
async fn interrupt() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        // Ctrl-C alone is watched then.
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

#[cfg(not(unix))]
async fn interrupt() {
    drop(tokio::signal::ctrl_c().await);
}
