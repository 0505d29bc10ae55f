//! What the server holds.
//!
//! It is changed only by the document and workspace notifications, each in one step under the lock; nothing is computed here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tower_lsp::ls_types::{DidChangeTextDocumentParams, Uri, VersionedTextDocumentIdentifier};

use super::abilities::Abilities;
use super::cache::Caches;
use super::convert;
use super::document::{ChangeError, Document};
use super::kind::Kind;
use super::large::Opened;
use super::snapshot::{Documents, Open, Snapshot};

/// The state, shared by the handlers and the publisher.
#[derive(Clone, Default)]
pub(crate) struct Shared(Arc<Mutex<State>>);

impl Shared {
    /// The lock outlives a panic of its holder: every change is made in one step, so the state is whole.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        self.lock().snapshot()
    }
}

#[derive(Default)]
pub(crate) struct State {
    documents: BTreeMap<Uri, Document>,
    /// Documents of which a change did not fit: what the client has is not known until it sends a whole text.
    lost: BTreeSet<Uri>,
    /// The documents as snapshots see them, and those that changed since.
    open: Arc<Documents>,
    changed: BTreeSet<Uri>,
    #[expect(
        clippy::rc_buffer,
        reason = "changed in place when folders come and go"
    )]
    roots: Arc<Vec<PathBuf>>,
    settings: Arc<Settings>,
    abilities: Arc<Abilities>,
    caches: Arc<Caches>,
}

/// What the person set in the editor.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    /// For every folder that has none of its own.
    pub(crate) general: Option<Value>,
    pub(crate) by_root: BTreeMap<PathBuf, Value>,
}

impl State {
    pub(crate) fn initialize(
        &mut self,
        abilities: Abilities,
        roots: Vec<PathBuf>,
        settings: Option<Value>,
    ) {
        self.abilities = Arc::new(abilities);
        self.roots = Arc::new(roots);
        self.settings = Arc::new(Settings {
            general: settings,
            by_root: BTreeMap::new(),
        });
    }

    pub(crate) fn abilities(&self) -> Arc<Abilities> {
        self.abilities.clone()
    }

    pub(crate) fn set_trusted(&mut self, trusted: bool) {
        Arc::make_mut(&mut self.abilities).trusted = trusted;
    }

    pub(crate) fn set_settings(&mut self, settings: Settings) {
        self.settings = Arc::new(settings);
    }

    pub(crate) fn change_roots(&mut self, added: Vec<PathBuf>, removed: &[PathBuf]) {
        let roots = Arc::make_mut(&mut self.roots);
        roots.retain(|root| !removed.contains(root));
        for root in added {
            if !roots.contains(&root) {
                roots.push(root);
            }
        }
    }

    pub(crate) fn open(&mut self, document: Opened) {
        self.lost.remove(&document.uri);
        self.changed.insert(document.uri.clone());
        self.documents.insert(
            document.uri,
            Document::new(document.version, document.language, document.text),
        );
    }

    /// Applies the changes, all or none. Where one does not fit, the document is dropped until the client sends all of it.
    pub(crate) fn change(&mut self, params: DidChangeTextDocumentParams) -> Result<(), Lost> {
        let VersionedTextDocumentIdentifier { uri, version } = params.text_document;
        let mut changes = params.content_changes;
        // Only what follows the last whole text counts.
        if let Some(whole) = changes.iter().rposition(|change| change.range.is_none()) {
            changes.drain(..whole);
            if self.lost.remove(&uri) {
                self.documents.insert(
                    uri.clone(),
                    Document::new(version, String::new(), String::new()),
                );
            }
        }
        let encoding = self.abilities.encoding;
        let Some(document) = self.documents.get_mut(&uri) else {
            return Err(if self.lost.contains(&uri) {
                Lost::Before
            } else {
                Lost::Unknown
            });
        };
        self.changed.insert(uri.clone());
        document.version = version;
        for change in changes {
            if let Err(error) = document.apply(change, encoding) {
                self.documents.remove(&uri);
                self.lost.insert(uri);
                return Err(Lost::Now(error));
            }
        }
        Ok(())
    }

    pub(crate) fn close(&mut self, uri: &Uri) {
        self.documents.remove(uri);
        self.lost.remove(uri);
        self.changed.insert(uri.clone());
    }

    pub(crate) fn version(&self, uri: &Uri) -> Option<i32> {
        self.documents.get(uri).map(|document| document.version)
    }

    pub(crate) fn snapshot(&mut self) -> Snapshot {
        if !self.changed.is_empty() {
            let open = Arc::make_mut(&mut self.open);
            for uri in std::mem::take(&mut self.changed) {
                let Some(document) = self.documents.get_mut(&uri) else {
                    open.remove(&uri);
                    continue;
                };
                let path = convert::path(&uri);
                let name = path
                    .clone()
                    .unwrap_or_else(|| PathBuf::from(uri.path().as_str()));
                let document = Open {
                    kind: Kind::of(&name, &document.language),
                    path,
                    version: document.version,
                    text: document.text(),
                };
                open.insert(uri, document);
            }
        }
        Snapshot {
            open: self.open.clone(),
            roots: self.roots.clone(),
            settings: self.settings.clone(),
            abilities: self.abilities.clone(),
            caches: self.caches.clone(),
        }
    }
}

/// Why a change was not applied.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Lost {
    #[error("the document is not open")]
    Unknown,
    /// Said once already.
    #[error("an earlier change did not fit")]
    Before,
    #[error("{0}; the document is left out until its whole text comes")]
    Now(ChangeError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::str::FromStr;
    use tower_lsp::ls_types::{Position, Range, TextDocumentContentChangeEvent};

    const URI: &str = "file:///w/build.log";

    fn opened(text: &str) -> State {
        let mut state = State::default();
        state.open(Opened {
            uri: uri(),
            language: "log".to_owned(),
            version: 1,
            text: text.into(),
        });
        state
    }

    fn uri() -> Uri {
        Uri::from_str(URI).unwrap()
    }

    fn change(version: i32, range: Option<Range>, text: &str) -> DidChangeTextDocumentParams {
        DidChangeTextDocumentParams {
            text_document: VersionedTextDocumentIdentifier {
                uri: uri(),
                version,
            },
            content_changes: vec![TextDocumentContentChangeEvent {
                range,
                range_length: None,
                text: text.to_owned(),
            }],
        }
    }

    fn at(line: u32) -> Option<Range> {
        Some(Range::new(Position::new(line, 0), Position::new(line, 0)))
    }

    #[test]
    fn a_snapshot_keeps_its_moment() {
        let mut state = opened("a\n");
        let before = state.snapshot();
        state.change(change(2, at(0), "b")).unwrap();
        assert_eq!(&*before.open.get(&uri()).unwrap().text.text, "a\n");
        let after = state.snapshot();
        assert_eq!(
            (
                &*after.open.get(&uri()).unwrap().text.text,
                after.open.get(&uri()).unwrap().version
            ),
            ("ba\n", 2)
        );
    }

    #[test]
    fn a_change_that_does_not_fit_drops_the_document_until_its_whole_text_comes() {
        let mut state = opened("a\n");
        assert!(matches!(
            state.change(change(2, at(9), "x")),
            Err(Lost::Now(_))
        ));
        assert!(matches!(
            state.change(change(3, at(0), "x")),
            Err(Lost::Before)
        ));
        assert!(state.snapshot().open.is_empty());
        state.change(change(4, None, "whole")).unwrap();
        assert_eq!(
            &*state.snapshot().open.get(&uri()).unwrap().text.text,
            "whole"
        );
    }

    #[test]
    fn unknown_and_closed_documents() {
        let mut state = opened("a\n");
        state.snapshot();
        state.close(&uri());
        assert!(state.snapshot().open.is_empty());
        assert!(matches!(
            state.change(change(2, at(0), "x")),
            Err(Lost::Unknown)
        ));
        assert_eq!(state.version(&uri()), None);
    }
}
