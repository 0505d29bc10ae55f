//! What the server asks of a client after the start: its settings, and to be told of files that change.

use std::path::PathBuf;

use tokio::sync::mpsc::UnboundedSender;
use tokio::task::spawn_blocking;
use tower_lsp::Client;
use tower_lsp::ls_types::*;

use super::convert;
use super::overlay::Overlay;
use super::publish::Changed;
use super::snapshot::Snapshot;
use super::state::{Settings, Shared};

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
        let check = |root: &PathBuf| match snapshot.config(&Overlay::new(root, &snapshot)) {
            Ok(config) => crate::checked::rules(&config)
                .err()
                .map(|error| error.to_string()),
            Err(error) => Some(error.to_string()),
        };
        snapshot.roots.iter().filter_map(check).collect::<Vec<_>>()
    });
    for message in checked.await.unwrap_or_default() {
        client
            .show_message(MessageType::ERROR, format!("reprolens: {message}"))
            .await;
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
