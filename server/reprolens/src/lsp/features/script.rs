//! `run_test.sh`: hover, definition and completion of the job's variables, and lenses.

use std::fmt::Write;

use text::{LineIndex, Origin, Value, Variable, is_secret_name};
use tower_lsp::ls_types::{
    CodeLens, CompletionItem, CompletionItemKind, CompletionTextEdit, Hover, HoverContents,
    Location, MarkupContent, MarkupKind, Position, TextEdit, Uri,
};

use super::environment;
use super::python_lens::repro_commands;
use crate::checked::Checked;
use crate::lsp::convert::{Positions, line_start};
use crate::lsp::folder;
use crate::lsp::markdown;
use crate::lsp::snapshot::{Open, Snapshot};

pub(crate) fn lenses(snapshot: &Snapshot, uri: &Uri, document: &Open) -> Vec<CodeLens> {
    let Some(checked) = document
        .path
        .as_deref()
        .and_then(|path| folder::check(snapshot, path))
    else {
        return Vec::new();
    };
    let positions = Positions {
        text: &document.text,
        encoding: snapshot.encoding(),
    };
    let range = positions.line_range(1);
    let lens = |command| CodeLens {
        range,
        command: Some(command),
        data: None,
    };
    repro_commands(uri, &checked)
        .into_iter()
        .map(lens)
        .collect()
}

pub(crate) fn hover(snapshot: &Snapshot, document: &Open, position: Position) -> Option<Hover> {
    let checked = folder::check(snapshot, document.path.as_deref()?)?;
    let positions = Positions {
        text: &document.text,
        encoding: snapshot.encoding(),
    };
    let (variable, span) = variable_at(&checked, &document.text.text, positions.offset(position))?;
    let mut text = format!(
        "{} = {}\n\n",
        markdown::code(&variable.name),
        markdown::code(&shown(variable))
    );
    let _ = writeln!(text, "from {}\n", markdown::code(&place(&variable.origin)));
    for (value, origin) in &variable.overridden {
        let _ = writeln!(
            text,
            "instead of {} from {}\n",
            markdown::code(value.text()),
            markdown::code(&place(origin))
        );
    }
    Some(Hover {
        contents: HoverContents::Markup(MarkupContent {
            kind: MarkupKind::Markdown,
            value: text,
        }),
        range: Some(positions.range(span)),
    })
}

/// Where CI set the variable.
pub(crate) fn definition(
    snapshot: &Snapshot,
    document: &Open,
    position: Position,
) -> Option<Location> {
    let path = document.path.as_deref()?;
    let checked = folder::check(snapshot, path)?;
    let positions = Positions {
        text: &document.text,
        encoding: snapshot.encoding(),
    };
    let (variable, _) = variable_at(&checked, &document.text.text, positions.offset(position))?;
    let origin = &variable.origin;
    let workspace = snapshot.workspace_of(path);
    // An origin without a path is in the log itself.
    let target = if origin.path.is_empty()
        || checked
            .evidence
            .as_ref()
            .is_some_and(|it| it.log_path == origin.path)
    {
        checked.dir.join(&checked.evidence.as_ref()?.log_path)
    } else {
        workspace.absolute(&origin.path)
    };
    Some(Location::new(
        snapshot.uri_of(&target)?,
        line_start(origin.line),
    ))
}

/// The variables that the job has and the script does not set.
pub(crate) fn completion(
    snapshot: &Snapshot,
    document: &Open,
    position: Position,
) -> Vec<CompletionItem> {
    let Some(checked) = document
        .path
        .as_deref()
        .and_then(|path| folder::check(snapshot, path))
    else {
        return Vec::new();
    };
    let positions = Positions {
        text: &document.text,
        encoding: snapshot.encoding(),
    };
    let text = &document.text.text;
    let offset = positions.offset(position);
    let line = positions.line(position.line + 1);
    let start = line.start.min(offset);
    let typed = text.get(start..offset).unwrap_or_default();
    let only_name = |rest: &str| rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !only_name(typed.strip_prefix("export ").unwrap_or(typed)) {
        return Vec::new();
    }
    let range = positions.range(text::Span::new(start, offset));
    let set = exports(text);
    variables(&checked)
        .filter(|variable| set.iter().all(|export| export.name != variable.name))
        .map(|variable| {
            let value = match &variable.value {
                Value::Known(value) if !is_secret_name(&variable.name) => {
                    match shlex::try_quote(value) {
                        Ok(quoted) => quoted.into_owned(),
                        Err(_) => "''".to_owned(),
                    }
                }
                _ => format!("\"${{{0}:?CI hides its value; set it}}\"", variable.name),
            };
            let line = format!("export {}={value}", variable.name);
            CompletionItem {
                label: variable.name.clone(),
                kind: Some(CompletionItemKind::VARIABLE),
                detail: Some(place(&variable.origin)),
                filter_text: Some(if typed.starts_with("export ") {
                    format!("export {}", variable.name)
                } else {
                    variable.name.clone()
                }),
                text_edit: Some(CompletionTextEdit::Edit(TextEdit::new(range, line))),
                ..CompletionItem::default()
            }
        })
        .collect()
}

/// The scripts of the workspace's repros that set the variable too.
pub(crate) fn references(
    snapshot: &Snapshot,
    document: &Open,
    position: Position,
) -> Option<Vec<Location>> {
    let path = document.path.as_deref()?;
    let checked = folder::check(snapshot, path)?;
    let positions = Positions {
        text: &document.text,
        encoding: snapshot.encoding(),
    };
    let (variable, _) = variable_at(&checked, &document.text.text, positions.offset(position))?;
    let repros = folder::all(snapshot, &snapshot.workspace_of(path));
    let exports = repros.iter();
    Some(
        exports
            .filter_map(|repro| export_of(snapshot, repro, &variable.name))
            .collect(),
    )
}

/// The line of a repro's script that sets the variable.
pub(crate) fn export_of(snapshot: &Snapshot, repro: &Checked, name: &str) -> Option<Location> {
    let script = repro.folder.script.as_ref()?;
    let export = exports(&script.text)
        .into_iter()
        .find(|it| it.name == name)?;
    let uri = snapshot.uri_of(&repro.dir.join(&script.path))?;
    Some(Location::new(uri, line_start(export.line)))
}

/// A variable that a script sets.
pub(crate) struct Export {
    pub(crate) name: String,
    pub(crate) value: Value,
    /// 1-based.
    pub(crate) line: u32,
}

/// The variables that the script's own text sets for what it runs.
pub(crate) fn exports(script: &str) -> Vec<Export> {
    let ctx = shell::Context {
        env: &[],
        arguments: &[],
        cwd: None,
        read: &|_| None,
    };
    let inspected = shell::script::inspect(script, None, &ctx);
    let lines = LineIndex::new(script);
    let exports = inspected.exports().into_iter();
    exports
        .map(|it| Export {
            name: it.name.clone(),
            value: it.value.clone(),
            line: lines.line_of(it.span.start) + 1,
        })
        .collect()
}

/// The variables of the folder's job.
fn variables(checked: &Checked) -> impl Iterator<Item = &Variable> {
    checked
        .evidence
        .iter()
        .flat_map(|it| environment::variables(it))
}

/// The variable whose name is at the offset.
fn variable_at<'a>(
    checked: &'a Checked,
    text: &str,
    offset: usize,
) -> Option<(&'a Variable, text::Span)> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let before = text.get(..offset)?;
    let after = text.get(offset..)?;
    let start = before.trim_end_matches(is_name).len();
    let end = offset + after.len() - after.trim_start_matches(is_name).len();
    let name = text.get(start..end).filter(|name| !name.is_empty())?;
    let variable = variables(checked).find(|variable| variable.name == name)?;
    Some((variable, text::Span::new(start, end)))
}

pub(crate) fn shown(variable: &Variable) -> String {
    if is_secret_name(&variable.name) {
        return "(hidden: its name looks like a secret's)".to_owned();
    }
    variable.value.text().to_owned()
}

/// `job-env, .github/workflows/ci.yml:12`
pub(crate) fn place(origin: &Origin) -> String {
    let path = if origin.path.is_empty() {
        "the log"
    } else {
        origin.path.as_str()
    };
    format!("{}, {path}:{}", origin.kind.name(), origin.line)
}
