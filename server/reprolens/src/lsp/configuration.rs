//! What the server asks of a client after the start: its settings, and to be told of files that change.

use std::path::PathBuf;

use text::{Span, Workspace};
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::spawn_blocking;
use tower_lsp::Client;
use tower_lsp::ls_types::*;

use super::convert::{self, Positions};
use super::document::Text;
use super::features::log_diagnostics::SOURCE;
use super::overlay::Overlay;
use super::publish::Changed;
use super::snapshot::{Open, Snapshot};
use super::state::{Settings, Shared};
use crate::checked;
use crate::config::{OWN_FILE, PYPROJECT};

/// Asks for the settings of every folder; what the client never answers stays as it was.
pub(crate) async fn ask(client: Client, state: Shared, changed: UnboundedSender<Changed>) {
    let roots = state.snapshot().roots;
    let item = |root: Option<&PathBuf>| ConfigurationItem {
        scope_uri: root.and_then(|root| convert::uri(root)),
        section: Some("reprolens".to_owned()),
    };
    let items = std::iter::once(item(None))
        .chain(roots.iter().map(|root| item(Some(root))))
        .collect();
    let Ok(answers) = client.configuration(items).await else {
        return;
    };
    let mut answers = answers.into_iter();
    let general = answers.next();
    let by_root = roots.iter().cloned().zip(answers).collect();
    state.lock().set_settings(Settings { general, by_root });
    tell(&client, state.snapshot()).await;
    // The publisher is gone only when the server is.
    drop(changed.send(Changed::Lenses));
}

/// Says what cannot be used of the configuration.
pub(crate) async fn tell(client: &Client, snapshot: Snapshot) {
    let checked = spawn_blocking(move || {
        let roots = snapshot.roots.iter();
        let found = roots.filter_map(|root| unusable(&snapshot, &Overlay::new(root, &snapshot)));
        found.map(|it| it.message).collect::<Vec<_>>()
    });
    for message in checked.await.unwrap_or_default() {
        client
            .show_message(MessageType::ERROR, format!("reprolens: {message}"))
            .await;
    }
}

/// Why a workspace folder's configuration cannot be used.
struct Unusable {
    message: String,
    /// The file that says it, and where; `None` where the editor's settings do.
    place: Option<(&'static str, Span)>,
}

fn unusable(snapshot: &Snapshot, workspace: &Overlay<'_>) -> Option<Unusable> {
    let text = |file| workspace.read(file).unwrap_or_default();
    match snapshot.config(workspace) {
        Err(error) => Some(Unusable {
            message: error.to_string(),
            place: error.file().map(|file| (file, error.span_in(&text(file)))),
        }),
        Ok(config) => {
            let error = checked::rules(&config).err()?;
            let quoted = format!("\"{}\"", error.written());
            let written = |file| {
                let at = text(file).find(&quoted)?;
                Some((file, Span::new(at, at + quoted.len())))
            };
            Some(Unusable {
                message: error.to_string(),
                place: [OWN_FILE, PYPROJECT].into_iter().find_map(written),
            })
        }
    }
}

/// What cannot be used of an open configuration file.
pub(crate) fn diagnostics(snapshot: &Snapshot, document: &Open) -> Option<Diagnostic> {
    let path = document.path.as_deref()?;
    let name = path.file_name()?.to_str()?;
    // No other file is one: its folder is not asked for.
    if ![OWN_FILE, PYPROJECT].contains(&name) {
        return None;
    }
    let workspace = snapshot.workspace_of(path);
    let found =
        unusable(snapshot, &workspace).filter(|_| path.parent() == Some(workspace.root()))?;
    let (_, span) = found.place.filter(|(file, _)| *file == name)?;
    Some(diagnostic(found.message, span, &document.text, snapshot))
}

/// The same for the workspace's files that are not open: they are in the list of problems.
pub(crate) fn unopened(snapshot: &Snapshot) -> Vec<(Uri, Diagnostic)> {
    let of = |root: &PathBuf| {
        let workspace = Overlay::new(root, snapshot);
        let found = unusable(snapshot, &workspace)?;
        let (file, span) = found.place?;
        let path = root.join(file);
        if snapshot.open_at(&path).is_some() {
            return None;
        }
        let text = Text::new(workspace.read(file).unwrap_or_default());
        let found = diagnostic(found.message, span, &text, snapshot);
        Some((snapshot.uri_of(&path)?, found))
    };
    snapshot.roots.iter().filter_map(of).collect()
}

fn diagnostic(message: String, span: Span, text: &Text, snapshot: &Snapshot) -> Diagnostic {
    let positions = Positions {
        text,
        encoding: snapshot.encoding(),
    };
    Diagnostic {
        range: positions.range(span),
        severity: Some(DiagnosticSeverity::ERROR),
        source: Some(SOURCE.to_owned()),
        message,
        ..Diagnostic::default()
    }
}

/// The files whose change on the disk changes what the server says.
pub(crate) fn watchers() -> Registration {
    let patterns = [
        "**/{run_test.sh,README.md,reprolens.toml,pyproject.toml,.reprolens.json}",
        "**/logs/*",
        "**/*.{log,py,sh,env}",
        "**/.github/**/*.{yml,yaml}",
        "**/.gitlab-ci.yml",
        "**/{pytest.ini,tox.ini,setup.cfg}",
    ];
    let watchers = patterns
        .into_iter()
        .map(|pattern| FileSystemWatcher {
            glob_pattern: GlobPattern::String(pattern.to_owned()),
            kind: None,
        })
        .collect();
    let options = DidChangeWatchedFilesRegistrationOptions { watchers };
    Registration {
        id: "reprolens-files".to_owned(),
        method: "workspace/didChangeWatchedFiles".to_owned(),
        register_options: serde_json::to_value(options).ok(),
    }
}
