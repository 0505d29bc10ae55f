//! What commands are given: a log, a failure of it, a file, a repro folder. Each is named as a client has it, by URI, or as a
//! person types it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use serde_json::Value;
use tower_lsp::ls_types::Uri;

use crate::files::LogSource;
use crate::generate::LogInput;
use crate::lsp::convert;
use crate::lsp::folder;
use crate::lsp::kind::Kind;
use crate::lsp::snapshot::{Open, Snapshot};

/// A log that a command is about: an open document, or a file of the disk, however large.
pub(super) enum Named {
    Open(Open),
    File(PathBuf),
}

impl Named {
    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Self::Open(document) => document.path.as_deref(),
            Self::File(path) => Some(path),
        }
    }

    /// Reads it; `None` where it was cancelled.
    pub(super) fn read(
        self,
        snapshot: &Snapshot,
        cancelled: &dyn Fn() -> bool,
    ) -> anyhow::Result<Option<LogInput>> {
        match self {
            Self::Open(document) => Ok(Some(LogInput {
                source: LogSource::File(
                    document
                        .path
                        .unwrap_or_else(|| PathBuf::from("untitled.log")),
                ),
                log: document.text.log().clone(),
                text: Some(Arc::from(document.text.text.as_bytes())),
            })),
            Self::File(path) => {
                let log = snapshot.caches.log_unless(&path, cancelled)?;
                Ok(log.map(|log| LogInput {
                    source: LogSource::File(path),
                    log,
                    text: None,
                }))
            }
        }
    }
}

/// The log that the first argument names. It is not read yet.
pub(super) fn log(snapshot: &Snapshot, arguments: &[Value]) -> anyhow::Result<Named> {
    let named = first(arguments, "name a log: its URI or its path")?;
    let uri: Option<Uri> = named.parse().ok();
    if let Some(document) = uri.as_ref().and_then(|uri| snapshot.open.get(uri))
        && document.kind == Kind::Log
    {
        return Ok(Named::Open(document.clone()));
    }
    let path = path_of(snapshot, named)?;
    if let Some((_, document)) = snapshot.open_at(&path)
        && document.kind == Kind::Log
    {
        return Ok(Named::Open(document.clone()));
    }
    anyhow::ensure!(path.is_file(), "{}: there is no such file", path.display());
    Ok(Named::File(path))
}

/// The log that the first argument names, read.
pub(super) fn read_log(snapshot: &Snapshot, arguments: &[Value]) -> anyhow::Result<LogInput> {
    let never = || false;
    let input = log(snapshot, arguments)?.read(snapshot, &never)?;
    input.context("the log was not read")
}

/// The failure that the second argument names: its number, its id, or a part of one id alone. Without it, the only one.
pub(super) fn failure(log: &log::Log, arguments: &[Value]) -> anyhow::Result<usize> {
    let count = log.failures.len();
    let number = |number: u64| {
        let index = usize::try_from(number)
            .ok()
            .and_then(|number| number.checked_sub(1))
            .filter(|index| *index < count);
        index.with_context(|| format!("there is no failure {number}, the log holds {count}"))
    };
    match arguments.get(1) {
        None | Some(Value::Null) if count == 1 => Ok(0),
        None | Some(Value::Null) => {
            bail!("the log holds {count} failures; name one by its id or number")
        }
        Some(Value::Number(named)) => number(named.as_u64().unwrap_or_default()),
        Some(Value::String(named)) => {
            if let Some(exact) = log.failures.iter().position(|failure| failure.id == *named) {
                return Ok(exact);
            }
            if let Ok(named) = named.parse() {
                return number(named);
            }
            let all = log.failures.iter().enumerate();
            let parts: Vec<usize> = all
                .filter(|(_, failure)| failure.id.contains(named))
                .map(|(index, _)| index)
                .collect();
            match parts.as_slice() {
                [one] => Ok(*one),
                [] => bail!("no failure of the log is {named}"),
                several => bail!(
                    "{} failures of the log contain {named}; name one of them in full",
                    several.len()
                ),
            }
        }
        Some(other) => bail!("a failure is named by its id or number, not by {other}"),
    }
}

/// The file that the first argument names.
pub(super) fn file(
    snapshot: &Snapshot,
    arguments: &[Value],
    what: &'static str,
) -> anyhow::Result<PathBuf> {
    path_of(snapshot, first(arguments, what)?)
}

/// The repro folder that the first argument names, or a file of which.
pub(super) fn repro(snapshot: &Snapshot, arguments: &[Value]) -> anyhow::Result<PathBuf> {
    let path = file(snapshot, arguments, "name a repro folder, or a file of one")?;
    if path.join("run_test.sh").is_file() {
        return Ok(path);
    }
    let workspace = snapshot.workspace_of(&path);
    let config = snapshot.config(&workspace)?;
    // The folder itself has no script: then it is one if it is where repro folders are.
    folder::folder_of(&workspace, &config, &path.join("run_test.sh"))
        .filter(|dir| dir.is_dir())
        .or_else(|| folder::folder_of(&workspace, &config, &path))
        .with_context(|| format!("{} is in no repro folder", path.display()))
}

fn first<'a>(arguments: &'a [Value], what: &'static str) -> anyhow::Result<&'a str> {
    arguments.first().and_then(Value::as_str).context(what)
}

/// A URI's path, or a path as a person types it: relative to the workspace folder that has it.
fn path_of(snapshot: &Snapshot, named: &str) -> anyhow::Result<PathBuf> {
    if let Ok(uri) = named.parse::<Uri>()
        && let Some(path) = convert::path(&uri)
    {
        return Ok(path.components().collect());
    }
    anyhow::ensure!(!named.contains("://"), "{named} is no file and not open");
    let mut candidates = snapshot.roots.iter().map(|root| root.join(named));
    let found = candidates
        .clone()
        .find(|path| path.exists())
        .or_else(|| candidates.next());
    Ok(found
        .unwrap_or_else(|| PathBuf::from(named))
        .components()
        .collect())
}
