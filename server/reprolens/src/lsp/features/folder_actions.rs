//! Fixes of findings as code actions.

use std::collections::BTreeMap;
use std::path::Path;

use checklist::{Action, Fix};
use serde_json::json;
use text::Span;
use tower_lsp::ls_types::{
    CodeAction, CodeActionKind, CodeActionParams, CreateFile, CreateFileOptions,
    DocumentChangeOperation, DocumentChanges, OneOf, OptionalVersionedTextDocumentIdentifier,
    ResourceOp, TextDocumentEdit, TextEdit, Uri, WorkspaceEdit,
};

use crate::checked::{self, Checked};
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

/// What applying safe fixes until nothing changes comes to.
pub(crate) struct Fixed {
    pub(crate) edit: Option<WorkspaceEdit>,
    /// Whether the script is to be made executable, which is no edit.
    pub(crate) makes_executable: bool,
}

/// Every safe fix of a repro folder, again and again until nothing changes: of all its files, or of the findings about one.
pub(crate) fn fixed(snapshot: &Snapshot, path: &Path, only: Option<&Path>) -> Option<Fixed> {
    let before = folder::check(snapshot, path)?;
    let workspace = snapshot.workspace_of(path);
    let config = snapshot.config_or_defaults(&workspace);
    let mut after = Checked::clone(&before);
    let name = only.and_then(|path| before.name_of(path));
    checked::fix(
        &mut after,
        &config,
        &folder::rules(&config),
        &|finding, fix| fix.safe && (only.is_none() || Some(&finding.path) == name.as_ref()),
    );
    let changed = checked::files(&before.folder)
        .zip(checked::files(&after.folder))
        .filter(|(old, new)| old.text != new.text);
    let edits: Vec<checklist::Edit> = changed
        .flat_map(|(old, new)| line_edits(&old.path, &old.text, &new.text))
        .collect();
    let fix = Fix {
        title: String::new(),
        safe: true,
        edits,
        action: None,
    };
    let is_executable = |it: &Checked| it.folder.script.as_ref().is_some_and(|it| it.executable);
    Some(Fixed {
        edit: edit(snapshot, &before, &[&fix]),
        makes_executable: is_executable(&after) && !is_executable(&before),
    })
}

/// The edits that make one text of another, as few lines as it takes: cursors and folds elsewhere stay.
fn line_edits(path: &str, old: &str, new: &str) -> Vec<checklist::Edit> {
    // The same lines for the comparison and for the offsets: others take a lone CR for a line's end too.
    let (old_lines, new_lines): (Vec<&str>, Vec<&str>) = (
        old.split_inclusive('\n').collect(),
        new.split_inclusive('\n').collect(),
    );
    let diff = similar::TextDiff::from_slices(&old_lines, &new_lines);
    let starts = |lines: &[&str]| -> Vec<usize> {
        let ends = lines.iter().scan(0, |at, line| {
            *at += line.len();
            Some(*at)
        });
        std::iter::once(0).chain(ends).collect()
    };
    let (of_old, of_new) = (starts(&old_lines), starts(&new_lines));
    let ops = diff.ops().iter();
    ops.filter(|op| op.tag() != similar::DiffTag::Equal)
        .map(|op| {
            let (from, to) = (op.old_range(), op.new_range());
            checklist::Edit {
                path: path.to_owned(),
                span: Span::new(of_old[from.start], of_old[from.end]),
                text: new[of_new[to.start]..of_new[to.end]].to_owned(),
            }
        })
        .collect()
}

/// Every safe fix of the document, until nothing changes. A client that resolves actions gets the edit when it asks for it.
pub(crate) fn fix_all(
    snapshot: &Snapshot,
    uri: &Uri,
    document: &Open,
    kind: CodeActionKind,
) -> Option<CodeAction> {
    let path = document.path.as_ref()?;
    let checked = folder::check(snapshot, path)?;
    let is_safe = |finding: &&checklist::Finding| {
        finding
            .fix
            .as_ref()
            .is_some_and(|fix| fix.safe && (!fix.edits.is_empty() || fix.action.is_some()))
    };
    checked.findings_of(path).find(is_safe)?;
    let mut action = CodeAction {
        title: "Fix all that reprolens can fix safely".to_owned(),
        kind: Some(kind),
        ..CodeAction::default()
    };
    if snapshot.abilities.resolves_edits {
        action.data = Some(json!({"uri": uri.as_str(), "version": document.version}));
        return Some(action);
    }
    resolve(snapshot, document, action)
}

/// The action with its edit, computed on what is there now; `None` where nothing is left to fix.
pub(crate) fn resolve(
    snapshot: &Snapshot,
    document: &Open,
    mut action: CodeAction,
) -> Option<CodeAction> {
    let path = document.path.as_ref()?;
    let fixed = fixed(snapshot, path, Some(path))?;
    // Not together with an edit: some clients take an action that has a command for nothing but that command.
    if fixed.edit.is_none()
        && fixed.makes_executable
        && let Some(uri) = snapshot.uri_of(path)
    {
        let arguments = vec![uri.as_str().into(), "make-executable".into()];
        action.command = Some(command(action.title.clone(), commands::FIX, arguments));
    }
    action.edit = fixed.edit;
    (action.edit.is_some() || action.command.is_some()).then_some(action)
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever the line ends: applied, the edits give the new text.
        #[test]
        fn edits_of_lines_give_the_new_text(old in "[ab\u{e9}\r\n]{0,20}", new in "[ab\u{e9}\r\n]{0,20}") {
            let mut text = old.clone();
            for edit in line_edits("x", &old, &new).into_iter().rev() {
                text.replace_range(edit.span.start..edit.span.end, &edit.text);
            }
            prop_assert_eq!(text, new);
        }
    }
}
