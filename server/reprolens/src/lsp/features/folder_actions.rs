//! Fixes of findings as code actions.

use std::collections::BTreeMap;

use checklist::{Action, Fix};
use text::Span;
use tower_lsp::ls_types::{
    CodeAction, CodeActionKind, CodeActionParams, CreateFile, CreateFileOptions,
    DocumentChangeOperation, DocumentChanges, OneOf, OptionalVersionedTextDocumentIdentifier,
    ResourceOp, TextDocumentEdit, TextEdit, Uri, WorkspaceEdit,
};

use crate::checked::Checked;
use crate::lsp::commands::{self, command};
use crate::lsp::convert::Positions;
use crate::lsp::document::Text;
use crate::lsp::folder::{self, uri_of};
use crate::lsp::snapshot::{Open, Snapshot};

/// A quick fix for each finding of the range that has one, and the page of its rule.
pub(crate) fn fixes(
    snapshot: &Snapshot,
    document: &Open,
    params: &CodeActionParams,
) -> Vec<CodeAction> {
    let Some(path) = &document.path else {
        return Vec::new();
    };
    let Some(checked) = folder::check(snapshot, path) else {
        return Vec::new();
    };
    let positions = Positions {
        text: &document.text,
        encoding: snapshot.encoding(),
    };
    let asked = positions.span(params.range);
    let mut actions = Vec::new();
    for finding in checked.findings_of(path) {
        let span = if finding.span == Span::default() {
            positions.line(1)
        } else {
            finding.span
        };
        if span.end < asked.start || asked.end < span.start {
            continue;
        }
        let diagnostics = Some(vec![folder::diagnostic(finding, positions)]);
        if let Some(fix) = &finding.fix {
            actions.push(CodeAction {
                title: fix.title.clone(),
                kind: Some(CodeActionKind::QUICKFIX),
                diagnostics: diagnostics.clone(),
                edit: edit(snapshot, &checked, &[fix]),
                command: fix.action.and_then(|action| {
                    after(snapshot, &checked, &finding.path, &fix.title, action)
                }),
                is_preferred: Some(fix.safe),
                ..CodeAction::default()
            });
        }
        let title = format!("Explain {}", finding.rule.id);
        actions.push(CodeAction {
            title: title.clone(),
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics,
            command: Some(command(
                title,
                commands::SHOW_RULE,
                vec![finding.rule.id.into()],
            )),
            ..CodeAction::default()
        });
    }
    actions
}

/// Every safe fix of the document at once; what it cannot take together, checking again offers anew.
pub(crate) fn fix_all(
    snapshot: &Snapshot,
    document: &Open,
    kind: CodeActionKind,
) -> Option<CodeAction> {
    let path = document.path.as_ref()?;
    let checked = folder::check(snapshot, path)?;
    let safe: Vec<&Fix> = checked
        .findings_of(path)
        .filter_map(|finding| finding.fix.as_ref())
        .filter(|fix| fix.safe && !fix.edits.is_empty())
        .collect();
    if safe.is_empty() {
        return None;
    }
    Some(CodeAction {
        title: "Fix all that reprolens can fix safely".to_owned(),
        kind: Some(kind),
        edit: edit(snapshot, &checked, &safe),
        ..CodeAction::default()
    })
}

/// What a fix does besides editing goes through a command.
fn after(
    snapshot: &Snapshot,
    checked: &Checked,
    file: &str,
    title: &str,
    action: Action,
) -> Option<tower_lsp::ls_types::Command> {
    let folder = uri_of(snapshot, checked, "")?;
    let (name, arguments) = match action {
        Action::MakeExecutable => (
            commands::FIX,
            vec![
                uri_of(snapshot, checked, file)?.as_str().into(),
                "make-executable".into(),
            ],
        ),
        Action::Generate => {
            let log = checked.folder.logs.first()?;
            (
                commands::GENERATE,
                vec![uri_of(snapshot, checked, &log.path)?.as_str().into()],
            )
        }
        Action::Verify => (commands::VERIFY, vec![folder.as_str().into()]),
        Action::Minimize => (commands::MINIMIZE, vec![folder.as_str().into()]),
    };
    Some(command(title.to_owned(), name, arguments))
}

/// The fixes' edits as a workspace edit, each with the version that it was computed for.
pub(crate) fn edit(
    snapshot: &Snapshot,
    checked: &Checked,
    fixes: &[&Fix],
) -> Option<WorkspaceEdit> {
    let mut by_file: BTreeMap<&str, Vec<&checklist::Edit>> = BTreeMap::new();
    for fix in fixes {
        let overlaps = |edit: &checklist::Edit| {
            let taken = by_file.get(edit.path.as_str()).into_iter().flatten();
            taken.into_iter().any(|other| {
                edit.span.start < other.span.end && other.span.start < edit.span.end
                    || **other == *edit
            })
        };
        if fix.edits.iter().any(overlaps) {
            continue;
        }
        for edit in &fix.edits {
            by_file.entry(&edit.path).or_default().push(edit);
        }
    }
    if by_file.is_empty() {
        return None;
    }
    let mut plain = std::collections::HashMap::new();
    let mut versioned = Vec::new();
    for (name, edits) in by_file {
        let path = checked.dir.join(name);
        let uri: Uri = snapshot.uri_of(&path)?;
        let open = snapshot.open_at(&path).map(|(_, document)| document);
        let text = open.map_or_else(
            || Text::new(checked.text_of(name)).into(),
            |document| document.text.clone(),
        );
        let positions = Positions {
            text: &text,
            encoding: snapshot.encoding(),
        };
        let edits: Vec<TextEdit> = edits
            .iter()
            .map(|edit| TextEdit::new(positions.range(edit.span), edit.text.clone()))
            .collect();
        if open.is_none() && !path.exists() {
            let options = Some(CreateFileOptions {
                overwrite: Some(false),
                ignore_if_exists: Some(true),
            });
            let create = CreateFile {
                uri: uri.clone(),
                options,
                annotation_id: None,
            };
            versioned.push(DocumentChangeOperation::Op(ResourceOp::Create(create)));
        }
        versioned.push(DocumentChangeOperation::Edit(TextDocumentEdit {
            text_document: OptionalVersionedTextDocumentIdentifier {
                uri: uri.clone(),
                version: open.map(|document| document.version),
            },
            edits: edits.iter().cloned().map(OneOf::Left).collect(),
        }));
        plain.insert(uri, edits);
    }
    Some(if snapshot.abilities.document_changes {
        WorkspaceEdit {
            document_changes: Some(DocumentChanges::Operations(versioned)),
            ..WorkspaceEdit::default()
        }
    } else {
        WorkspaceEdit {
            changes: Some(plain),
            ..WorkspaceEdit::default()
        }
    })
}
