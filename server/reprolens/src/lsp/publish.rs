//! The one task that publishes diagnostics.
//!
//! One publisher, so that what is published last is of the newest text. It waits for a quiet moment, computes outside of
//! the lock, and publishes only what is still true.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::spawn_blocking;
use tower_lsp::Client;
use tower_lsp::ls_types::{Diagnostic, MessageType, Uri};

use super::features;
use super::state::Shared;

/// How long nothing must have changed before diagnostics are computed.
pub(crate) const QUIET: Duration = Duration::from_millis(25);

/// A reason to publish.
#[derive(Debug, Clone)]
pub(crate) enum Changed {
    Document(Uri),
    /// Files of the disk, settings or folders: everything that is open.
    Everything,
}

pub(crate) async fn publish(
    client: Client,
    state: Shared,
    mut changed: UnboundedReceiver<Changed>,
) {
    let mut publisher = Publisher {
        client,
        state,
        unopened: BTreeMap::new(),
    };
    while let Some(first) = changed.recv().await {
        tokio::time::sleep(QUIET).await;
        let mut uris = BTreeSet::new();
        let mut everything = false;
        let mut next = Some(first);
        while let Some(change) = next {
            match change {
                Changed::Document(uri) => drop(uris.insert(uri)),
                Changed::Everything => everything = true,
            }
            next = changed.try_recv().ok();
        }
        if everything {
            uris.extend(publisher.state.snapshot().open.keys().cloned());
        }
        for uri in uris {
            publisher.document(uri).await;
        }
        if everything && publisher.state.lock().abilities().pulls_diagnostics {
            // Not waited for: a client that never answers must not stop the publishing.
            let client = publisher.client.clone();
            tokio::spawn(async move { client.workspace_diagnostic_refresh().await });
        }
    }
}

struct Publisher {
    client: Client,
    state: Shared,
    /// Files that are not open and have published diagnostics, by the open document that they came with.
    unopened: BTreeMap<Uri, BTreeSet<PathBuf>>,
}

impl Publisher {
    async fn document(&mut self, uri: Uri) {
        let snapshot = self.state.snapshot();
        let Some(version) = snapshot.open.get(&uri).map(|document| document.version) else {
            // Closed, or dropped: what was published is not known to be true any more.
            self.client
                .publish_diagnostics(uri.clone(), Vec::new(), None)
                .await;
            self.unopened(&uri, BTreeMap::new()).await;
            return;
        };
        let pulls = snapshot.abilities.pulls_diagnostics;
        let computing = uri.clone();
        let computed = spawn_blocking(move || {
            let own = if pulls {
                Vec::new()
            } else {
                features::diagnostics(&snapshot, &computing)
            };
            (own, features::related_diagnostics(&snapshot, &computing))
        });
        let (own, related) = match computed.await {
            Ok(computed) => computed,
            Err(error) => {
                let message = format!(
                    "diagnostics of {} could not be computed: {error}",
                    uri.as_str()
                );
                self.client.log_message(MessageType::ERROR, message).await;
                return;
            }
        };
        // A later text is in the queue already.
        if self.state.lock().version(&uri) != Some(version) {
            return;
        }
        if !pulls {
            self.client
                .publish_diagnostics(uri.clone(), own, Some(version))
                .await;
        }
        self.unopened(&uri, related).await;
    }

    /// Publishes for files that are not open, and clears those that came with `uri` before and do not now.
    async fn unopened(&mut self, uri: &Uri, related: BTreeMap<PathBuf, Vec<Diagnostic>>) {
        let before = self.unopened.remove(uri).unwrap_or_default();
        let wanted_by_others: BTreeSet<&PathBuf> = self.unopened.values().flatten().collect();
        let snapshot = self.state.snapshot();
        let gone: Vec<PathBuf> = before
            .iter()
            .filter(|path| !related.contains_key(*path) && !wanted_by_others.contains(path))
            .filter(|path| snapshot.open_at(path).is_none())
            .cloned()
            .collect();
        let published: BTreeSet<PathBuf> = related
            .iter()
            .filter(|(_, found)| !found.is_empty())
            .map(|(path, _)| path.clone())
            .collect();
        for path in gone {
            if let Some(uri) = snapshot.uri_of(&path) {
                self.client.publish_diagnostics(uri, Vec::new(), None).await;
            }
        }
        for (path, found) in related {
            if snapshot.open_at(&path).is_none()
                && (!found.is_empty() || before.contains(&path))
                && let Some(uri) = snapshot.uri_of(&path)
            {
                self.client.publish_diagnostics(uri, found, None).await;
            }
        }
        if !published.is_empty() {
            self.unopened.insert(uri.clone(), published);
        }
    }
}
