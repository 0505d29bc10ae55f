//! Long jobs: registered, with progress, cancellable, and ended with the server.
//!
//! A command answers at once; its job works on a thread of its own and reports to the client as far as the client can take
//! it. A client that never answers slows nothing down.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tower_lsp::Client;
use tower_lsp::ls_types::notification::{Notification, Progress};
use tower_lsp::ls_types::{
    MessageType, ProgressParams, ProgressParamsValue, ProgressToken, ShowDocumentParams, Uri,
    WorkDoneProgress, WorkDoneProgressBegin, WorkDoneProgressEnd, WorkDoneProgressReport,
};

use super::abilities::Abilities;
use crate::generate::Job;

/// How long the client has to make room for a job's progress; after that the job has none.
const PATIENCE: Duration = Duration::from_secs(5);

/// The jobs that run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Jobs {
    running: Arc<Mutex<BTreeMap<i32, Arc<AtomicBool>>>>,
    last: Arc<AtomicI32>,
    /// The client said `shutdown`.
    ending: Arc<AtomicBool>,
}

/// What a job tells the person at its end.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    pub(crate) kind: MessageType,
    pub(crate) message: String,
    /// What to open.
    pub(crate) show: Option<ShowDocumentParams>,
    /// The repro folder that it was about.
    pub(crate) folder: Option<PathBuf>,
    /// How a run compared with CI's failure.
    pub(crate) verdict: Option<&'static str>,
    /// How long that run took.
    pub(crate) seconds: Option<f64>,
}

/// What a client with views is told at a job's end, when everything is written.
enum JobDone {}

#[derive(Debug, Serialize, Deserialize)]
struct JobDoneParams {
    job: i32,
    command: String,
    folder: Option<Uri>,
    verdict: Option<String>,
    seconds: Option<f64>,
    message: String,
    cancelled: bool,
    failed: bool,
}

impl Notification for JobDone {
    type Params = JobDoneParams;
    const METHOD: &'static str = "reprolens/jobDone";
}

impl Done {
    pub(crate) fn new(kind: MessageType, message: String) -> Self {
        Self {
            kind,
            message,
            show: None,
            folder: None,
            verdict: None,
            seconds: None,
        }
    }
}

/// What a job's work talks to.
pub(crate) struct Reporter {
    progress: Box<dyn Fn(&str) + Send + Sync>,
    stop: Arc<AtomicBool>,
}

impl Reporter {
    /// Calls what works without a face with the two questions that it has for one.
    pub(crate) fn with_job<T>(&self, work: impl FnOnce(Job<'_>) -> T) -> T {
        work(Job {
            progress: &*self.progress,
            cancelled: &|| self.stop.load(Ordering::Relaxed),
        })
    }
}

impl Jobs {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<i32, Arc<AtomicBool>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a job and returns its number, which is its progress token too. `after` runs when its work is done.
    pub(crate) fn start(
        &self,
        client: &Client,
        abilities: &Abilities,
        command: &'static str,
        title: String,
        work: impl FnOnce(&Reporter) -> anyhow::Result<Done> + Send + 'static,
        after: impl FnOnce() + Send + 'static,
    ) -> i32 {
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let stop = Arc::new(AtomicBool::new(false));
        self.lock().insert(number, stop.clone());
        let (said, messages) = unbounded_channel();
        let reporter = Reporter {
            // The receiver is gone only when the server is.
            progress: Box::new(move |message| drop(said.send(message.to_owned()))),
            stop: stop.clone(),
        };
        let working = tokio::task::spawn_blocking(move || work(&reporter));
        let (jobs, client, abilities) = (self.clone(), client.clone(), abilities.clone());
        tokio::spawn(async move {
            let talking = tokio::spawn(talk(
                client.clone(),
                abilities.progress,
                number,
                title.clone(),
                messages,
            ));
            let (done, failed) = match working.await {
                Ok(Ok(done)) => (done, false),
                Ok(Err(_)) if stop.load(Ordering::Relaxed) => {
                    let told = format!("{title}: cancelled");
                    (Done::new(MessageType::INFO, told), true)
                }
                Ok(Err(error)) => {
                    let told = format!("{title}: {error:#}");
                    (Done::new(MessageType::ERROR, told), true)
                }
                Err(error) => {
                    let told = format!("{title}: an internal error: {error}");
                    (Done::new(MessageType::ERROR, told), true)
                }
            };
            jobs.lock().remove(&number);
            after();
            // Ends by itself: the work's sender is gone. It comes first, so that no client shows progress of what is done.
            let _ = talking.await;
            if abilities.views {
                let params = JobDoneParams {
                    job: number,
                    command: command.to_owned(),
                    folder: done.folder.as_deref().and_then(super::convert::uri),
                    verdict: done.verdict.map(str::to_owned),
                    seconds: done.seconds,
                    message: done.message.clone(),
                    cancelled: failed && stop.load(Ordering::Relaxed),
                    failed,
                };
                client.send_notification::<JobDone>(params).await;
            }
            finish(&client, &abilities, done).await;
        });
        number
    }

    /// The client wants the end: what runs is cancelled.
    pub(crate) fn shut_down(&self) {
        self.ending.store(true, Ordering::Relaxed);
        self.cancel_all();
    }

    pub(crate) fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }

    pub(crate) fn cancel(&self, number: i32) {
        if let Some(stop) = self.lock().get(&number) {
            stop.store(true, Ordering::Relaxed);
        }
    }

    pub(crate) fn cancel_all(&self) -> usize {
        let running = self.lock();
        for stop in running.values() {
            stop.store(true, Ordering::Relaxed);
        }
        running.len()
    }

    /// Ends all jobs with what they started; returns when they are gone, or after a few seconds.
    pub(crate) async fn end(&self) {
        self.cancel_all();
        for _ in 0..300 {
            if self.lock().is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Reports what the work says, if the client makes room for it. Only the newest message counts.
async fn talk(
    client: Client,
    able: bool,
    number: i32,
    title: String,
    mut messages: UnboundedReceiver<String>,
) {
    let token = ProgressToken::Number(number);
    let made = able
        && matches!(
            tokio::time::timeout(PATIENCE, client.create_work_done_progress(token.clone())).await,
            Ok(Ok(()))
        );
    let send = async |value| {
        if made {
            let params = ProgressParams {
                token: token.clone(),
                value: ProgressParamsValue::WorkDone(value),
            };
            client.send_notification::<Progress>(params).await;
        }
    };
    send(WorkDoneProgress::Begin(WorkDoneProgressBegin {
        title,
        cancellable: Some(true),
        message: None,
        percentage: None,
    }))
    .await;
    while let Some(mut message) = messages.recv().await {
        while let Ok(newer) = messages.try_recv() {
            message = newer;
        }
        send(WorkDoneProgress::Report(WorkDoneProgressReport {
            cancellable: Some(true),
            message: Some(message),
            percentage: None,
        }))
        .await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    send(WorkDoneProgress::End(WorkDoneProgressEnd { message: None })).await;
}

async fn finish(client: &Client, abilities: &Abilities, done: Done) {
    client.show_message(done.kind, &done.message).await;
    if let Some(show) = done.show {
        show_document(client, abilities, show).await;
    }
}

/// Opens a document in the editor; tells where it is if the client cannot.
pub(crate) async fn show_document(
    client: &Client,
    abilities: &Abilities,
    show: ShowDocumentParams,
) {
    if abilities.shows_documents {
        // Its answer says only whether it worked; the person sees that.
        let _ = tokio::time::timeout(PATIENCE, client.show_document(show)).await;
    } else {
        client
            .show_message(MessageType::INFO, format!("see {}", shown_path(&show.uri)))
            .await;
    }
}

fn shown_path(uri: &Uri) -> String {
    super::convert::path(uri).map_or_else(
        || uri.as_str().to_owned(),
        |path| path.display().to_string(),
    )
}
