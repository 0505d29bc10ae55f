//! What the server answers, one file a feature: convert, call a stage, convert.

pub(crate) mod ci_configuration;
pub(crate) mod environment;
pub(crate) mod folder_actions;
pub(crate) mod log_diagnostics;
pub(crate) mod log_file;
pub(crate) mod log_hover;
pub(crate) mod log_lens;
pub(crate) mod log_outline;
pub(crate) mod python_lens;
pub(crate) mod script;

use tower_lsp::ls_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, CodeLens, CompletionItem,
    Diagnostic, DocumentLink, DocumentSymbol, FoldingRange, Hover, Location, Position,
    ReferenceParams, Uri,
};

use self::log_file::LogFile;
use super::configuration;
use super::convert::Positions;
use super::folder;
use super::kind::Kind;
use super::snapshot::{Open, Snapshot};

/// The code lenses of a document.
pub(crate) fn lenses(snapshot: &Snapshot, uri: &Uri) -> Vec<CodeLens> {
    let Some(document) = snapshot.open.get(uri) else {
        return Vec::new();
    };
    match document.kind {
        Kind::Log => log_lens::lenses(&LogFile::new(snapshot, uri, document)),
        Kind::Test => python_lens::lenses(snapshot, uri, document),
        Kind::Script => script::lenses(snapshot, uri, document),
        Kind::Workflow => ci_configuration::lenses(snapshot, document),
        Kind::Readme | Kind::Other => Vec::new(),
    }
}

/// The lenses of the lines, as actions: some clients show no lenses. Then the fixes of the findings there.
pub(crate) fn actions(snapshot: &Snapshot, params: &CodeActionParams) -> Vec<CodeActionOrCommand> {
    let uri = &params.text_document.uri;
    let Some(document) = snapshot.open.get(uri) else {
        return Vec::new();
    };
    let wanted = |kind: &CodeActionKind| {
        params.context.only.as_ref().is_none_or(|only| {
            only.iter().any(|asked| {
                let rest = kind.as_str().strip_prefix(asked.as_str());
                asked.as_str().is_empty()
                    || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        })
    };
    let mut actions = Vec::new();
    if wanted(&CodeActionKind::QUICKFIX) {
        actions.extend(folder_actions::fixes(snapshot, document, params));
        actions.extend(lens_actions(snapshot, uri, document, params));
    }
    let fix_all = CodeActionKind::new("source.fixAll.reprolens");
    if wanted(&fix_all) {
        actions.extend(folder_actions::fix_all(snapshot, uri, document, fix_all));
    }
    actions
        .into_iter()
        .map(CodeActionOrCommand::CodeAction)
        .collect()
}

/// An action whose edit was left for later. One that was offered for another text is refused.
pub(crate) fn resolve_action(snapshot: &Snapshot, action: CodeAction) -> Option<CodeAction> {
    let Some(data) = action.data.clone() else {
        return Some(action);
    };
    let uri: Uri = data.get("uri")?.as_str()?.parse().ok()?;
    let document = snapshot.open.get(&uri)?;
    let offered = data.get("version")?.as_i64()?;
    if i64::from(document.version) != offered {
        return None;
    }
    folder_actions::resolve(snapshot, document, action)
}

fn lens_actions(
    snapshot: &Snapshot,
    uri: &Uri,
    document: &Open,
    params: &CodeActionParams,
) -> Vec<CodeAction> {
    let diagnostics: Vec<Diagnostic> = params
        .context
        .diagnostics
        .iter()
        .filter(|it| it.source.as_deref() == Some(log_diagnostics::SOURCE))
        .cloned()
        .collect();
    let action = |command: tower_lsp::ls_types::Command| CodeAction {
        title: command.title.clone(),
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: (!diagnostics.is_empty() && document.kind == Kind::Log)
            .then(|| diagnostics.clone()),
        command: Some(command),
        ..CodeAction::default()
    };
    if document.kind == Kind::Log {
        // A failure has many lines, not only the one that its lens stands on.
        let file = LogFile::new(snapshot, uri, document);
        let places = super::places::Places::new(&file.workspace, &file.log);
        let several = |index: usize| format!(" of {}", log_file::title(&file.log.failures[index]));
        let here = file.failures_at(file.positions.span(params.range));
        let mut actions: Vec<CodeAction> = here
            .iter()
            .take(5)
            .flat_map(|&index| {
                let suffix = if here.len() > 1 {
                    several(index)
                } else {
                    String::new()
                };
                log_lens::failure_commands(&file, &places, index)
                    .into_iter()
                    .map(move |mut command| {
                        command.title.push_str(&suffix);
                        command
                    })
            })
            .map(&action)
            .collect();
        if params.range.start.line == 0 {
            let top = log_lens::lenses(&file)
                .into_iter()
                .filter(|lens| lens.range.start.line == 0);
            let known: Vec<String> = actions.iter().map(|action| action.title.clone()).collect();
            actions.extend(
                top.filter_map(|lens| lens.command)
                    .filter(|it| !known.contains(&it.title))
                    .map(&action),
            );
        }
        return actions;
    }
    lenses(snapshot, uri)
        .into_iter()
        .filter(|lens| {
            lens.range.start.line <= params.range.end.line
                && params.range.start.line <= lens.range.end.line
        })
        .filter_map(|lens| lens.command)
        .map(action)
        .collect()
}

pub(crate) fn hover(snapshot: &Snapshot, uri: &Uri, position: Position) -> Option<Hover> {
    let document = snapshot.open.get(uri)?;
    match document.kind {
        Kind::Log => {
            let file = LogFile::new(snapshot, uri, document);
            log_hover::hover(&file, file.positions.offset(position))
        }
        Kind::Script => script::hover(snapshot, document, position),
        Kind::Workflow | Kind::Other => ci_configuration::hover(snapshot, document, position),
        Kind::Test | Kind::Readme => None,
    }
}

/// Where a variable of CI is used: in the repros.
pub(crate) fn references(snapshot: &Snapshot, params: &ReferenceParams) -> Option<Vec<Location>> {
    let at = &params.text_document_position;
    let document = snapshot.open.get(&at.text_document.uri)?;
    match document.kind {
        Kind::Script => script::references(snapshot, document, at.position),
        Kind::Workflow | Kind::Other => ci_configuration::references(snapshot, document, params),
        Kind::Log | Kind::Test | Kind::Readme => None,
    }
}

pub(crate) fn definition(snapshot: &Snapshot, uri: &Uri, position: Position) -> Option<Location> {
    let document = snapshot.open.get(uri)?;
    match document.kind {
        Kind::Log => {
            let file = LogFile::new(snapshot, uri, document);
            log_hover::definition(&file, file.positions.offset(position))
        }
        Kind::Script => script::definition(snapshot, document, position),
        Kind::Test | Kind::Readme | Kind::Workflow | Kind::Other => None,
    }
}

pub(crate) fn completion(
    snapshot: &Snapshot,
    uri: &Uri,
    position: Position,
) -> Vec<CompletionItem> {
    let Some(document) = snapshot.open.get(uri) else {
        return Vec::new();
    };
    match document.kind {
        Kind::Script => script::completion(snapshot, document, position),
        _ => Vec::new(),
    }
}

pub(crate) fn links(snapshot: &Snapshot, uri: &Uri) -> Vec<DocumentLink> {
    log_file(snapshot, uri)
        .map(|file| log_outline::links(&file, snapshot.abilities.link_tooltips))
        .unwrap_or_default()
}

pub(crate) fn symbols(snapshot: &Snapshot, uri: &Uri) -> Vec<DocumentSymbol> {
    log_file(snapshot, uri)
        .map(|file| log_outline::symbols(&file))
        .unwrap_or_default()
}

pub(crate) fn folding(snapshot: &Snapshot, uri: &Uri) -> Vec<FoldingRange> {
    log_file(snapshot, uri)
        .map(|file| log_outline::folding(&file))
        .unwrap_or_default()
}

fn log_file<'a>(snapshot: &'a Snapshot, uri: &'a Uri) -> Option<LogFile<'a>> {
    let document = snapshot
        .open
        .get(uri)
        .filter(|document| document.kind == Kind::Log)?;
    Some(LogFile::new(snapshot, uri, document))
}

/// The diagnostics of an open document: a log's failures, and the findings about the file if it belongs to a repro folder.
pub(crate) fn diagnostics(snapshot: &Snapshot, uri: &Uri) -> Vec<Diagnostic> {
    let Some(document) = snapshot.open.get(uri) else {
        return Vec::new();
    };
    let mut diagnostics = match document.kind {
        Kind::Log => log_diagnostics::diagnostics(&LogFile::new(snapshot, uri, document)),
        _ => Vec::new(),
    };
    if let Some(path) = &document.path
        && let Some(checked) = folder::check(snapshot, path)
    {
        let positions = Positions {
            text: &document.text,
            encoding: snapshot.encoding(),
        };
        diagnostics.extend(checked.diagnostics_of(path, positions));
    }
    diagnostics.extend(configuration::diagnostics(snapshot, document));
    diagnostics
}
