//! The state as it was when a request arrived: what the request works on.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use text::Encoding;
use tower_lsp::ls_types::Uri;

use super::abilities::Abilities;
use super::cache::{Caches, Same};
use super::convert;
use super::document::Text;
use super::kind::Kind;
use super::overlay::Overlay;
use super::places::Places;
use super::settings;
use super::state::Settings;
use crate::config::{Config, ConfigError};
use crate::files::enclosing_work_tree;

/// An open document at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Open {
    /// `None` for a document that is no file.
    pub(crate) path: Option<PathBuf>,
    pub(crate) version: i32,
    pub(crate) kind: Kind,
    pub(crate) text: Arc<Text>,
}

/// The open documents, by URI and by path.
#[derive(Debug, Clone, Default)]
pub(crate) struct Documents {
    by_uri: BTreeMap<Uri, Open>,
    by_path: HashMap<PathBuf, Uri>,
}

impl Documents {
    pub(crate) fn get(&self, uri: &Uri) -> Option<&Open> {
        self.by_uri.get(uri)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.by_uri.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Uri, &Open)> {
        self.by_uri.iter()
    }

    pub(crate) fn insert(&mut self, uri: Uri, document: Open) {
        if let Some(path) = &document.path {
            self.by_path.insert(path.clone(), uri.clone());
        }
        self.by_uri.insert(uri, document);
    }

    pub(crate) fn remove(&mut self, uri: &Uri) {
        let gone = self.by_uri.remove(uri);
        // Another spelling of the URI can have the same path.
        if let Some(path) = gone.and_then(|document| document.path)
            && self.by_path.get(&path) == Some(uri)
        {
            self.by_path.remove(&path);
        }
    }

    fn at(&self, path: &Path) -> Option<(&Uri, &Open)> {
        self.by_uri.get_key_value(self.by_path.get(path)?)
    }
}

/// The state at one moment.
#[derive(Clone)]
pub(crate) struct Snapshot {
    pub(crate) open: Arc<Documents>,
    #[expect(
        clippy::rc_buffer,
        reason = "changed in place when folders come and go"
    )]
    pub(crate) roots: Arc<Vec<PathBuf>>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) abilities: Arc<Abilities>,
    pub(crate) caches: Arc<Caches>,
}

impl Snapshot {
    pub(crate) fn encoding(&self) -> Encoding {
        self.abilities.encoding
    }

    /// The open document of a path, with the URI that the client calls it by.
    pub(crate) fn open_at(&self, path: &Path) -> Option<(&Uri, &Open)> {
        self.open.at(path)
    }

    /// The URI of a path: the client's own where it has the file open, as two spellings would be two files to it.
    pub(crate) fn uri_of(&self, path: &Path) -> Option<Uri> {
        match self.open_at(path) {
            Some((uri, _)) => Some(uri.clone()),
            None => convert::uri(path),
        }
    }

    /// The workspace that a file belongs to: the innermost folder of the client that holds it, or else the git work tree
    /// around it.
    pub(crate) fn workspace_of(&self, path: &Path) -> Overlay<'_> {
        match self.root_of(path) {
            Some(root) => Overlay::new(root, self),
            None => Overlay::new(&enclosing_work_tree(path.parent().unwrap_or(path)), self),
        }
    }

    /// The workspace that a log is about: where its tests are. A log is often opened from where a browser put it.
    pub(crate) fn workspace_of_log(&self, path: Option<&Path>, log: &log::Log) -> Overlay<'_> {
        let own = path.map(|path| self.workspace_of(path));
        let folders = self.roots.iter().map(|root| Overlay::new(root, self));
        let mut candidates: Vec<Overlay<'_>> = own.into_iter().chain(folders).collect();
        if candidates.is_empty() {
            return Overlay::new(Path::new("/"), self);
        }
        let is_outside = path.is_some_and(|path| self.root_of(path).is_none());
        let otherwise = usize::from(is_outside && candidates.len() > 1);
        let has_tests = |it: &Overlay<'_>| Places::new(it, log).has_tests();
        let chosen = candidates.iter().position(has_tests).unwrap_or(otherwise);
        candidates.swap_remove(chosen)
    }

    /// The configuration of a workspace folder: its files, and what the person set in the editor, which wins.
    pub(crate) fn config(&self, workspace: &Overlay<'_>) -> Result<Arc<Config>, Arc<ConfigError>> {
        self.caches.configurations.get(
            workspace.root().to_owned(),
            Same(self.settings.clone()),
            workspace,
            |files| {
                let mut sources = Config::workspace_sources(files)?;
                let settings = self
                    .settings
                    .by_root
                    .get(workspace.root())
                    .or(self.settings.general.as_ref());
                if let Some(settings) = settings.and_then(settings::of_server) {
                    sources.push(("the editor's settings (reprolens)".to_owned(), settings));
                }
                Ok(Arc::new(Config::from_sources(&sources)?))
            },
        )
    }

    /// The configuration to work with where one that cannot be used was told of already: then the defaults.
    pub(crate) fn config_or_defaults(&self, workspace: &Overlay<'_>) -> Arc<Config> {
        self.config(workspace).unwrap_or_else(|_| {
            let defaults = Config::from_sources(&[]);
            Arc::new(defaults.expect("the defaults are a configuration, a test reads them"))
        })
    }

    /// The innermost workspace folder that holds the path.
    pub(crate) fn root_of(&self, path: &Path) -> Option<&Path> {
        self.roots
            .iter()
            .filter(|root| path.starts_with(root))
            .max_by_key(|root| root.as_os_str().len())
            .map(PathBuf::as_path)
    }
}
