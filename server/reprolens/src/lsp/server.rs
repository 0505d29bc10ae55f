//! The protocol's methods, each a few lines: take the snapshot, compute on another thread, answer.
//!
//! No `did_*` handler awaits: that is what keeps changes in order. No handler waits for the client.

use std::path::PathBuf;

use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::spawn_blocking;
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
use tower_lsp::ls_types::*;
use tower_lsp::{Client, LanguageServer};

use super::abilities::{Abilities, initial_settings};
use super::capabilities::capabilities;
use super::configuration;
use super::convert;
use super::features;
use super::jobs::Jobs;
use super::kind::Kind;
use super::large::{Number, Opened, Waiting};
use super::publish::{Changed, publish};
use super::run_command;
use super::snapshot::Snapshot;
use super::state::{Lost, Settings, Shared};

pub(crate) struct Server {
    client: Client,
    state: Shared,
    jobs: Jobs,
    changed: UnboundedSender<Changed>,
    /// Told the client's process, to end with it.
    parent: UnboundedSender<u32>,
    large: Waiting,
}

impl Server {
    pub(crate) fn new(
        client: Client,
        jobs: Jobs,
        parent: UnboundedSender<u32>,
        large: Waiting,
    ) -> Self {
        let (changed, receiver): (_, UnboundedReceiver<Changed>) = unbounded_channel();
        let state = Shared::default();
        tokio::spawn(publish(client.clone(), state.clone(), receiver));
        Self {
            client,
            state,
            jobs,
            changed,
            parent,
            large,
        }
    }

    /// Computes on the state as it was when the request came.
    async fn answer<T: Send + 'static>(
        &self,
        compute: impl FnOnce(&Snapshot) -> T + Send + 'static,
    ) -> Result<T> {
        let snapshot = self.state.snapshot();
        spawn_blocking(move || compute(&snapshot))
            .await
            .map_err(|error| {
                let mut answer = Error::internal_error();
                answer.message = format!("the request failed inside the server: {error}").into();
                answer
            })
    }

    fn publish_later(&self, changed: Changed) {
        // The publisher is gone only when the server is.
        drop(self.changed.send(changed));
    }

    /// Reads the logs that an answer did without, and has the client ask again.
    fn read_asked_later(&self) {
        let caches = self.state.snapshot().caches;
        if !caches.has_asked() {
            return;
        }
        let client = self.client.clone();
        tokio::spawn(async move {
            if matches!(spawn_blocking(move || caches.read_asked()).await, Ok(true)) {
                drop(client.code_lens_refresh().await);
            }
        });
    }

    fn log_later(&self, kind: MessageType, message: String) {
        let client = self.client.clone();
        tokio::spawn(async move { client.log_message(kind, message).await });
    }

    fn ask_settings(&self) {
        let (client, state) = (self.client.clone(), self.state.clone());
        tokio::spawn(configuration::ask(client, state, self.changed.clone()));
    }

    /// Says what cannot be used of the configuration.
    fn tell_of_configuration(&self) {
        let (client, state) = (self.client.clone(), self.state.clone());
        tokio::spawn(async move { configuration::tell(&client, state.snapshot()).await });
    }

    pub(crate) async fn cancel_progress(&self, params: WorkDoneProgressCancelParams) {
        if let ProgressToken::Number(number) = params.token {
            self.jobs.cancel(number);
        }
    }

    /// The person trusted the workspace, or took that back.
    pub(crate) async fn did_change_trust(&self, params: Value) {
        if let Some(trusted) = params.get("trusted").and_then(Value::as_bool) {
            self.state.lock().set_trusted(trusted);
        }
    }

    /// A large document was opened, which did not come with its message.
    pub(crate) async fn did_open_large(&self, number: Number) {
        if let Some(document) = self.large.take(&number) {
            self.open(document);
        }
    }

    fn open(&self, document: Opened) {
        let uri = document.uri.clone();
        self.state.lock().open(document);
        self.publish_later(Changed::Document(uri));
    }

    /// Stands for a message that could not be read.
    pub(crate) async fn malformed(&self) -> Result<()> {
        Err(Error::parse_error())
    }

    /// The text that the server has of a document: how a test compares it with the client's.
    pub(crate) async fn text(&self, params: TextDocumentIdentifier) -> Result<Value> {
        self.answer(move |snapshot| match snapshot.open.get(&params.uri) {
            Some(document) => {
                serde_json::json!({"version": document.version, "text": &*document.text.text})
            }
            None => Value::Null,
        })
        .await
    }
}

impl LanguageServer for Server {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let abilities = Abilities::of(&params);
        let settings = initial_settings(&params);
        if let Some(process) = params.process_id {
            // Its receiver lives as long as the server.
            let _ = self.parent.send(process);
        }
        #[expect(deprecated, reason = "older clients send nothing else")]
        let single = params.root_uri.as_ref().and_then(convert::path);
        let roots = match params.workspace_folders {
            Some(folders) => folders
                .iter()
                .filter_map(|folder| convert::path(&folder.uri))
                .collect(),
            None => single.into_iter().collect(),
        };
        let result = InitializeResult {
            capabilities: capabilities(&abilities),
            server_info: Some(ServerInfo {
                name: "reprolens".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
            offset_encoding: None,
        };
        self.state.lock().initialize(abilities, roots, settings);
        Ok(result)
    }

    async fn initialized(&self, _: InitializedParams) {
        let abilities = self.state.lock().abilities();
        if abilities.configuration {
            self.ask_settings();
        } else {
            self.tell_of_configuration();
        }
        if abilities.registers_watchers {
            let client = self.client.clone();
            tokio::spawn(async move {
                client
                    .register_capability(vec![configuration::watchers()])
                    .await
            });
        }
    }

    async fn shutdown(&self) -> Result<()> {
        self.jobs.shut_down();
        Ok(())
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        let document = params.text_document;
        self.open(Opened {
            uri: document.uri,
            language: document.language_id,
            version: document.version,
            text: document.text.into(),
        });
    }

    async fn did_change(&self, params: DidChangeTextDocumentParams) {
        let uri = params.text_document.uri.clone();
        let applied = self.state.lock().change(params);
        match applied {
            Ok(()) | Err(Lost::Before) => {}
            Err(lost) => self.log_later(
                MessageType::WARNING,
                format!("a change of {}: {lost}", uri.as_str()),
            ),
        }
        self.publish_later(Changed::Text(uri));
    }

    async fn did_save(&self, params: DidSaveTextDocumentParams) {
        self.publish_later(Changed::Document(params.text_document.uri));
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        self.state.lock().close(&params.text_document.uri);
        self.publish_later(Changed::Document(params.text_document.uri));
    }

    async fn did_change_watched_files(&self, params: DidChangeWatchedFilesParams) {
        let is_log = |change: &FileEvent| Kind::of_uri(&change.uri) == Kind::Log;
        // A log tells tests that they failed, and repros how they ran.
        self.publish_later(if params.changes.iter().any(is_log) {
            Changed::Lenses
        } else {
            Changed::Everything
        });
    }

    async fn did_change_configuration(&self, params: DidChangeConfigurationParams) {
        if self.state.lock().abilities().configuration {
            self.ask_settings();
            return;
        }
        let settings = Settings {
            general: Some(params.settings),
            ..Settings::default()
        };
        self.state.lock().set_settings(settings);
        self.tell_of_configuration();
        self.publish_later(Changed::Everything);
    }

    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        let paths = |folders: &[WorkspaceFolder]| -> Vec<PathBuf> {
            folders
                .iter()
                .filter_map(|folder| convert::path(&folder.uri))
                .collect()
        };
        self.state
            .lock()
            .change_roots(paths(&params.event.added), &paths(&params.event.removed));
        if self.state.lock().abilities().configuration {
            self.ask_settings();
        }
        self.publish_later(Changed::Everything);
    }

    async fn code_lens(&self, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
        let lenses = self
            .answer(move |snapshot| features::lenses(snapshot, &params.text_document.uri))
            .await?;
        self.read_asked_later();
        Ok(Some(lenses))
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        self.answer(move |snapshot| Some(features::actions(snapshot, &params)))
            .await
    }

    async fn code_action_resolve(&self, action: CodeAction) -> Result<CodeAction> {
        let resolved = self.answer(move |snapshot| features::resolve_action(snapshot, action));
        resolved.await?.ok_or_else(|| Error {
            code: ErrorCode::ContentModified,
            message: "the text changed since the action was offered".into(),
            data: None,
        })
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        let at = params.text_document_position_params;
        self.answer(move |snapshot| features::hover(snapshot, &at.text_document.uri, at.position))
            .await
    }

    async fn goto_definition(
        &self,
        params: GotoDefinitionParams,
    ) -> Result<Option<GotoDefinitionResponse>> {
        let at = params.text_document_position_params;
        self.answer(move |snapshot| {
            let location = features::definition(snapshot, &at.text_document.uri, at.position)?;
            Some(GotoDefinitionResponse::Scalar(location))
        })
        .await
    }

    async fn references(&self, params: ReferenceParams) -> Result<Option<Vec<Location>>> {
        self.answer(move |snapshot| features::references(snapshot, &params))
            .await
    }

    async fn document_link(&self, params: DocumentLinkParams) -> Result<Option<Vec<DocumentLink>>> {
        self.answer(move |snapshot| Some(features::links(snapshot, &params.text_document.uri)))
            .await
    }

    async fn document_symbol(
        &self,
        params: DocumentSymbolParams,
    ) -> Result<Option<DocumentSymbolResponse>> {
        self.answer(move |snapshot| {
            Some(DocumentSymbolResponse::Nested(features::symbols(
                snapshot,
                &params.text_document.uri,
            )))
        })
        .await
    }

    async fn folding_range(&self, params: FoldingRangeParams) -> Result<Option<Vec<FoldingRange>>> {
        self.answer(move |snapshot| Some(features::folding(snapshot, &params.text_document.uri)))
            .await
    }

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        let at = params.text_document_position;
        self.answer(move |snapshot| {
            Some(CompletionResponse::Array(features::completion(
                snapshot,
                &at.text_document.uri,
                at.position,
            )))
        })
        .await
    }

    async fn diagnostic(
        &self,
        params: DocumentDiagnosticParams,
    ) -> Result<DocumentDiagnosticReportResult> {
        let items = self
            .answer(move |snapshot| features::diagnostics(snapshot, &params.text_document.uri))
            .await?;
        let report = RelatedFullDocumentDiagnosticReport {
            related_documents: None,
            full_document_diagnostic_report: FullDocumentDiagnosticReport {
                result_id: None,
                items,
            },
        };
        Ok(DocumentDiagnosticReportResult::Report(
            DocumentDiagnosticReport::Full(report),
        ))
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<Value>> {
        let ctx = run_command::Ctx {
            client: self.client.clone(),
            snapshot: self.state.snapshot(),
            jobs: self.jobs.clone(),
            changed: self.changed.clone(),
        };
        let run = spawn_blocking(move || run_command::run(ctx, &params.command, &params.arguments));
        match run.await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(Error {
                code: ErrorCode::ServerError(-32803),
                message: format!("{error:#}").into(),
                data: None,
            }),
            Err(error) => {
                self.log_later(
                    MessageType::ERROR,
                    format!("a command failed inside the server: {error}"),
                );
                Err(Error::internal_error())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    /// An await in one of them would let a later change overtake an earlier one: handlers run in order only up to their first.
    #[test]
    fn no_document_handler_awaits() {
        let source = include_str!("server.rs");
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        let handlers: Vec<&str> = code.split("async fn did_").skip(1).collect();
        assert!(handlers.len() >= 9, "{}", handlers.len());
        for handler in handlers {
            let body = handler.split("\n    }\n").next().unwrap_or_default();
            let spawned = body.split("tokio::spawn").next().unwrap_or_default();
            assert!(!spawned.contains(".await"), "did_{body}");
        }
    }

    /// Positions are LSP's only in this face.
    #[test]
    fn only_the_server_knows_the_protocol() {
        let manifests = [
            include_str!("../../../text/Cargo.toml"),
            include_str!("../../../log/Cargo.toml"),
            include_str!("../../../shell/Cargo.toml"),
            include_str!("../../../workflow/Cargo.toml"),
            include_str!("../../../python/Cargo.toml"),
            include_str!("../../../repro/Cargo.toml"),
            include_str!("../../../checklist/Cargo.toml"),
            include_str!("../../../runner/Cargo.toml"),
        ];
        for manifest in manifests {
            let dependencies = manifest.split("[dev-dependencies]").next();
            for absent in ["tower-lsp", "ls-types", "clap", "anyhow"] {
                assert!(
                    !dependencies.unwrap_or_default().contains(absent),
                    "{absent} in\n{manifest}"
                );
            }
        }
    }
}
