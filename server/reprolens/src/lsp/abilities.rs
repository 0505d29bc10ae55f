//! What the client can do, as far as the server behaves differently for it.

use serde_json::Value;
use text::Encoding;
use tower_lsp::ls_types::{InitializeParams, PositionEncodingKind};

/// A client's abilities; without any of them the server still answers every request.
#[derive(Debug, Clone)]
pub(crate) struct Abilities {
    pub(crate) encoding: Encoding,
    /// Edits go out with versions.
    pub(crate) document_changes: bool,
    /// The client applies an edit that it is sent, not only one that it asked for.
    pub(crate) applies_edits: bool,
    pub(crate) shows_documents: bool,
    pub(crate) progress: bool,
    /// The server asks for `reprolens` settings when it is told that they changed.
    pub(crate) configuration: bool,
    pub(crate) registers_watchers: bool,
    pub(crate) refreshes_lenses: bool,
    /// The client asks for diagnostics and can be told to ask again; open documents are then not published.
    pub(crate) pulls_diagnostics: bool,
    /// The client asks for an action's edit when the person chose it.
    pub(crate) resolves_edits: bool,
    /// Links may say where they lead.
    pub(crate) link_tooltips: bool,
    /// The client has the views that `reprolens/changed` brings up to date.
    pub(crate) views: bool,
    /// Whether the person trusts the workspace. If not, nothing of it is run.
    pub(crate) trusted: bool,
}

impl Default for Abilities {
    fn default() -> Self {
        Self {
            encoding: Encoding::Utf16,
            document_changes: false,
            applies_edits: false,
            shows_documents: false,
            progress: false,
            configuration: false,
            registers_watchers: false,
            refreshes_lenses: false,
            pulls_diagnostics: false,
            resolves_edits: false,
            link_tooltips: false,
            views: false,
            trusted: true,
        }
    }
}

impl Abilities {
    pub(crate) fn of(params: &InitializeParams) -> Self {
        let general = params.capabilities.general.as_ref();
        let workspace = params.capabilities.workspace.as_ref();
        let document = params.capabilities.text_document.as_ref();
        let window = params.capabilities.window.as_ref();
        let option = |name: &str| params.initialization_options.as_ref()?.get(name)?.as_bool();

        let utf8 = general
            .and_then(|general| general.position_encodings.as_ref())
            .is_some_and(|encodings| encodings.contains(&PositionEncodingKind::UTF8));
        let refreshes_diagnostics = workspace
            .and_then(|workspace| workspace.diagnostics.as_ref())
            .and_then(|diagnostics| diagnostics.refresh_support);
        Self {
            encoding: if utf8 {
                Encoding::Utf8
            } else {
                Encoding::Utf16
            },
            document_changes: workspace
                .and_then(|workspace| workspace.workspace_edit.as_ref()?.document_changes)
                .unwrap_or_default(),
            applies_edits: workspace
                .and_then(|workspace| workspace.apply_edit)
                .unwrap_or_default(),
            shows_documents: window
                .and_then(|window| window.show_document.as_ref())
                .is_some_and(|show| show.support),
            progress: window
                .and_then(|window| window.work_done_progress)
                .unwrap_or_default(),
            configuration: workspace
                .and_then(|workspace| workspace.configuration)
                .unwrap_or_default(),
            registers_watchers: workspace
                .and_then(|workspace| {
                    workspace
                        .did_change_watched_files
                        .as_ref()?
                        .dynamic_registration
                })
                .unwrap_or_default(),
            refreshes_lenses: workspace
                .and_then(|workspace| workspace.code_lens.as_ref()?.refresh_support)
                .unwrap_or_default(),
            pulls_diagnostics: document.is_some_and(|document| document.diagnostic.is_some())
                && refreshes_diagnostics.unwrap_or_default(),
            resolves_edits: document
                .and_then(|document| {
                    let resolve = document.code_action.as_ref()?.resolve_support.as_ref()?;
                    Some(resolve.properties.iter().any(|property| property == "edit"))
                })
                .unwrap_or_default(),
            link_tooltips: document
                .and_then(|document| document.document_link.as_ref()?.tooltip_support)
                .unwrap_or_default(),
            views: option("views").unwrap_or_default(),
            trusted: option("trusted").unwrap_or(true),
        }
    }
}

/// The settings that came with `initialize`: `initializationOptions.settings`, or the options themselves, less what is no
/// setting of the server.
pub(crate) fn initial_settings(params: &InitializeParams) -> Option<Value> {
    let options = params.initialization_options.as_ref()?;
    options.get("settings").or(Some(options)).cloned()
}
