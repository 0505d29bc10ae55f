//! The language server: the same functions as the command line's, for editors, on standard input and output.
//!
//! `server` has the protocol's methods, `state` what the server holds, `publish` the one task that publishes, `jobs` what
//! takes long, `features` what is answered. Positions are LSP's only here (`convert`).

mod abilities;
mod cache;
mod capabilities;
mod commands;
mod configuration;
mod convert;
mod document;
mod features;
mod folder;
mod input;
mod jobs;
mod kind;
mod large;
mod markdown;
mod memo;
mod overlay;
mod page;
mod parent;
mod places;
mod publish;
mod run_command;
mod server;
mod settings;
mod snapshot;
mod state;

use std::process::ExitCode;
use std::time::Duration;

use tokio::sync::mpsc::unbounded_channel;
use tower_lsp::{LspService, Server};

/// Requests that are worked on at once. With few, slow ones keep `$/cancelRequest` from being read.
const CONCURRENT: usize = 64;

/// Serves until the client says `exit`, closes the input, or dies. As the protocol wants it, the end is a success only after
/// `shutdown`.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let asked = runtime.block_on(serve());
    // A long computation may still go on, and the thread that reads the input may wait for more of it: nobody waits for them.
    runtime.shutdown_timeout(Duration::from_millis(10));
    Ok(if asked {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Returns whether the client asked for the end.
async fn serve() -> bool {
    let jobs = jobs::Jobs::default();
    let large = large::Waiting::default();
    let (parent, process) = unbounded_channel();
    let (service, socket) = LspService::build(|client| {
        server::Server::new(client, jobs.clone(), parent, large.clone())
    })
    .custom_method(
        "window/workDoneProgress/cancel",
        server::Server::cancel_progress,
    )
    .custom_method("reprolens/didChangeTrust", server::Server::did_change_trust)
    .custom_method("reprolens/text", server::Server::text)
    .custom_method(large::OPENED, server::Server::did_open_large)
    .custom_method(input::MALFORMED, server::Server::malformed)
    .finish();
    let serving = Server::new(
        input::checked(|| std::io::stdin().lock(), large),
        tokio::io::stdout(),
        socket,
    )
    .concurrency_level(CONCURRENT)
    .serve(service);
    tokio::select! {
        () = serving => {}
        () = parent::gone(process) => {}
        () = terminated() => {}
    }
    jobs.end().await;
    jobs.is_ending()
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signal) => drop(signal.recv().await),
        // Without the signal's handler the system ends the process itself.
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}
