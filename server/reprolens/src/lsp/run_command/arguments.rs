//! What commands are given: a log, a failure of it, a file, a repro folder. Each is named as a client has it, by URI, or as a
//! person types it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use serde_json::Value;
use tower_lsp::ls_types::Uri;

use crate::choose::{self, Choice};
use crate::files::{LogSource, log_sources};
use crate::generate::LogInput;
use crate::lsp::convert;
use crate::lsp::folder;
use crate::lsp::kind::Kind;
use crate::lsp::snapshot::{Open, Snapshot};

/// What a command is about: an open log, or logs of the disk, however large (a file, a folder of logs, a `.zip`).
pub(super) enum Named {
    Open(Open),
    Disk(PathBuf),
}

impl Named {
    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Self::Open(document) => document.path.as_deref(),
            Self::Disk(path) => Some(path),
        }
    }

    /// How it is called to a person.
    pub(super) fn name(&self) -> String {
        self.path().and_then(Path::file_name).map_or_else(
            || "the log".to_owned(),
            |name| name.to_string_lossy().into_owned(),
        )
    }

    /// Reads the logs; `None` where it was cancelled.
    pub(super) fn read(
        &self,
        snapshot: &Snapshot,
        cancelled: &dyn Fn() -> bool,
    ) -> anyhow::Result<Option<Logs>> {
        let path = match self {
            Self::Open(document) => {
                let untitled = || PathBuf::from("untitled.log");
                let input = LogInput {
                    source: LogSource::File(document.path.clone().unwrap_or_else(untitled)),
                    log: document.text.log().clone(),
                    text: Some(Arc::from(document.text.text.as_bytes())),
                };
                return Ok(Some(Logs(vec![input])));
            }
            Self::Disk(path) => path,
        };
        let mut inputs = Vec::new();
        for source in log_sources(path)? {
            let Some(log) = snapshot.caches.log_of(&source, cancelled)? else {
                return Ok(None);
            };
            inputs.push(LogInput {
                source,
                log,
                text: None,
            });
        }
        Ok(Some(Logs(inputs)))
    }
}

/// The logs that a command is about. Their failures are counted through.
pub(super) struct Logs(pub(super) Vec<LogInput>);

impl Logs {
    pub(super) fn all(&self) -> Vec<&log::Log> {
        self.0.iter().map(|input| &*input.log).collect()
    }

    /// The failure that the second argument names: its number, its id, or a part of one id alone. Without it, the only one.
    pub(super) fn choice(&self, arguments: &[Value]) -> anyhow::Result<Choice> {
        let logs = self.all();
        Ok(match arguments.get(1) {
            None | Some(Value::Null) => match choose::all(&logs).as_slice() {
                [only] => *only,
                all => bail!(
                    "the log holds {} failures; name one by its id or number",
                    all.len()
                ),
            },
            Some(Value::Number(number)) => {
                let number = number.as_u64().unwrap_or_default();
                choose::numbered(&logs, usize::try_from(number).unwrap_or_default())?
            }
            Some(Value::String(wanted)) => choose::named(&logs, wanted)?,
            Some(other) => bail!("a failure is named by its id or number, not by {other}"),
        })
    }

    /// The log of that failure, and its index there.
    pub(super) fn failure(&self, arguments: &[Value]) -> anyhow::Result<(&LogInput, usize)> {
        let choice = self.choice(arguments)?;
        Ok((&self.0[choice.log], choice.failure))
    }
}

/// What the first argument names. It is not read yet.
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
    anyhow::ensure!(path.exists(), "{}: there is no such file", path.display());
    Ok(Named::Disk(path))
}

/// What the first argument names, read.
pub(super) fn read_logs(snapshot: &Snapshot, arguments: &[Value]) -> anyhow::Result<Logs> {
    let never = || false;
    let logs = log(snapshot, arguments)?.read(snapshot, &never)?;
    logs.context("the log was not read")
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
