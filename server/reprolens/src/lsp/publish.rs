//! The one task that publishes diagnostics.
//!
//! One publisher, so that what is published last is of the newest text. It waits for a quiet moment, computes outside of
//! the lock, and publishes only what is still true. The document that changed comes first; then whatever else that change
//! made wrong, wherever it is: findings of a folder hang on its other files, on the CI configuration, on the tests.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::spawn_blocking;
use tower_lsp::Client;
use tower_lsp::ls_types::{Diagnostic, MessageType, Uri};

use super::configuration;
use super::features;
use super::kind::Kind;
use super::snapshot::Snapshot;
use super::state::Shared;

/// How long nothing must have changed before diagnostics are computed.
pub(crate) const QUIET: Duration = Duration::from_millis(25);

/// How often the files are looked at where the client does not say that one changed.
const LOOK: Duration = Duration::from_secs(2);

/// A reason to publish.
#[derive(Debug, Clone)]
pub(crate) enum Changed {
    /// The text of a document.
    Text(Uri),
    /// A document was opened, closed or saved.
    Document(Uri),
    /// Files of the disk, settings or folders.
    Everything,
    /// The same, and what lenses tell.
    Lenses,
}

/// What a client was told of a document: the version, and what stands in it.
type Told = (Option<i32>, Vec<Diagnostic>);

pub(crate) async fn publish(
    client: Client,
    state: Shared,
    mut changed: UnboundedReceiver<Changed>,
) {
    let mut publisher = Publisher {
        client,
        state,
        told: BTreeMap::new(),
    };
    loop {
        let mut batch = Batch::default();
        match tokio::time::timeout(LOOK, changed.recv()).await {
            Ok(Some(first)) => {
                tokio::time::sleep(QUIET).await;
                batch.add(first);
                while let Ok(next) = changed.try_recv() {
                    batch.add(next);
                }
            }
            Ok(None) => return,
            Err(_) if publisher.must_look() => batch.logs_too = true,
            Err(_) => continue,
        }
        publisher.publish(batch).await;
    }
}

/// What came together.
#[derive(Debug, Default)]
struct Batch {
    uris: BTreeSet<Uri>,
    /// Whether logs that did not change themselves can have changed in what they lead to.
    logs_too: bool,
    lenses: bool,
    /// A log came or went.
    logs: bool,
}

impl Batch {
    fn add(&mut self, change: Changed) {
        match change {
            Changed::Text(uri) => drop(self.uris.insert(uri)),
            Changed::Document(uri) => {
                // What fails in it is told on tests and on CI's jobs.
                self.logs |= Kind::of_uri(&uri) == Kind::Log;
                self.uris.insert(uri);
                self.logs_too = true;
            }
            Changed::Everything => self.logs_too = true,
            Changed::Lenses => {
                self.logs_too = true;
                self.lenses = true;
            }
        }
    }
}

struct Publisher {
    client: Client,
    state: Shared,
    told: BTreeMap<Uri, Told>,
}

impl Publisher {
    /// Whether something is open, and nobody else looks at its files.
    fn must_look(&self) -> bool {
        let mut state = self.state.lock();
        !state.abilities().registers_watchers && !state.snapshot().open.is_empty()
    }

    async fn publish(&mut self, batch: Batch) {
        let snapshot = self.state.snapshot();
        let pulls = snapshot.abilities.pulls_diagnostics;
        for uri in &batch.uris {
            let of = uri.clone();
            let found = compute(&self.client, &snapshot, move |snapshot| {
                features::diagnostics(snapshot, &of)
            });
            let Some(found) = found.await else {
                continue;
            };
            let version = snapshot.open.get(uri).map(|document| document.version);
            if version.is_some() {
                // What the client asks for itself is not sent; it is kept in mind to see what changes with the next one.
                self.tell(uri.clone(), (version, found), !pulls, true).await;
            }
        }
        let logs_too = batch.logs_too;
        let rest = compute(&self.client, &snapshot, move |snapshot| {
            wanted(snapshot, logs_too)
        });
        let Some(wanted) = rest.await else {
            return;
        };
        let gone: Vec<Uri> = self
            .told
            .keys()
            .filter(|uri| !wanted.contains_key(*uri) && snapshot.open.get(uri).is_none())
            .cloned()
            .collect();
        let mut others = false;
        for uri in gone {
            self.told.remove(&uri);
            self.client.publish_diagnostics(uri, Vec::new(), None).await;
            others = true;
        }
        for (uri, told) in wanted {
            let is_open = told.0.is_some();
            others |= self.tell(uri, told, !(pulls && is_open), false).await;
        }
        let abilities = snapshot.abilities.clone();
        if others && pulls {
            // Not waited for: a client that never answers must not stop the publishing.
            let client = self.client.clone();
            tokio::spawn(async move { client.workspace_diagnostic_refresh().await });
        }
        let several = snapshot.open.iter().nth(1).is_some();
        if (others || batch.lenses || batch.logs && several) && abilities.refreshes_lenses {
            let client = self.client.clone();
            tokio::spawn(async move { client.code_lens_refresh().await });
        }
    }

    /// Publishes what is still true and not said yet; returns whether it was news.
    async fn tell(&mut self, uri: Uri, told: Told, send: bool, always: bool) -> bool {
        // A later text is in the queue already.
        if told.0.is_some() && self.state.lock().version(&uri) != told.0 {
            return false;
        }
        let before = self.told.get(&uri);
        let is_news = before.map_or(!told.1.is_empty(), |before| before.1 != told.1);
        let must = is_news || always || before.is_some_and(|before| before.0 != told.0);
        if must && send {
            self.client
                .publish_diagnostics(uri.clone(), told.1.clone(), told.0)
                .await;
        }
        // What was published while it was not open would stand beside what the client asks for now.
        if !send && before.is_some_and(|before| before.0.is_none() && !before.1.is_empty()) {
            self.client
                .publish_diagnostics(uri.clone(), Vec::new(), None)
                .await;
        }
        if must {
            self.told.insert(uri, told);
        }
        is_news
    }
}

/// Everything that a client should see: of open documents (of logs only if asked), and of the files of their folders.
fn wanted(snapshot: &Snapshot, logs_too: bool) -> BTreeMap<Uri, Told> {
    let mut wanted = BTreeMap::new();
    let mut folders = BTreeSet::new();
    for (uri, document) in snapshot.open.iter() {
        let in_folder = document
            .path
            .as_deref()
            .and_then(|path| super::folder::check(snapshot, path));
        if document.kind != Kind::Log || logs_too || in_folder.is_some() {
            let found = features::diagnostics(snapshot, uri);
            wanted.insert(uri.clone(), (Some(document.version), found));
        }
        if let Some(checked) = in_folder
            && folders.insert(checked.dir.clone())
        {
            for (path, found) in checked.unopened(snapshot) {
                if let Some(uri) = snapshot.uri_of(&path) {
                    wanted.insert(uri, (None, found));
                }
            }
        }
    }
    for (uri, found) in configuration::unopened(snapshot) {
        wanted.insert(uri, (None, vec![found]));
    }
    wanted
}

/// Computes on another thread; a panic there is told of and ends nothing.
async fn compute<T: Send + 'static>(
    client: &Client,
    snapshot: &Snapshot,
    work: impl FnOnce(&Snapshot) -> T + Send + 'static,
) -> Option<T> {
    let snapshot = snapshot.clone();
    match spawn_blocking(move || work(&snapshot)).await {
        Ok(value) => Some(value),
        Err(error) => {
            let message = format!("diagnostics could not be computed: {error}");
            client.log_message(MessageType::ERROR, message).await;
            None
        }
    }
}
