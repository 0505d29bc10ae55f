//! The folder in its place: whole or not at all, and nothing over what a person edited.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use repro::{Files, FolderFile, FolderLog};
use text::Workspace;

use super::levels::{Chosen, Plan};
use super::{GenerateError, Kept, LogInput, Request};
use crate::checked::{self, Checked};
use crate::files::repro_folder::{Disk, Source, modified};
use crate::files::{
    DiskWorkspace, FilesError, LogSource, folders, make_executable, repro_folder, write_atomically,
    write_staged,
};
use crate::manifest::{self, Manifest};

/// A log larger than this is not copied into the repro folder.
const LARGEST_COPY: u64 = 64 << 20;

/// CI's log in the repro folder.
const COPY: &str = "logs/ci.log";

/// How a file is written: whole or not at all, or in a folder that is so.
type Write = fn(&Path, &[u8]) -> Result<(), FilesError>;

/// What became of a folder.
pub(super) struct Written {
    /// What was left as a person edited it.
    pub(super) kept: Vec<Kept>,
    /// It got a copy of CI's log.
    copied: bool,
}

/// Puts the chosen files in their place.
pub(super) fn write(
    plan: &Plan<'_>,
    chosen: &Chosen,
    dir: &Path,
) -> Result<Written, GenerateError> {
    if dir.exists() {
        return update(plan, chosen, dir);
    }
    let folder = folders::sibling(&plan.root, &plan.config.name)?;
    write_files(folder.path(), &chosen.files)?;
    let copied = write_logs(plan, folder.path(), write_staged)?;
    let text = manifest(plan, chosen).text();
    write_staged(&folder.path().join(manifest::NAME), text.as_bytes())?;
    folders::keep_as(folder, dir)?;
    Ok(Written {
        kept: Vec::new(),
        copied,
    })
}

/// A folder of the disk with a copy of a log that was read already.
struct WithCopy<'a>(Disk<'a>, Option<&'a Arc<log::Log>>);

impl Source for WithCopy<'_> {
    fn names(&self, folder: &str) -> Vec<String> {
        self.0.names(folder)
    }

    fn file(&self, path: &str) -> Option<FolderFile> {
        self.0.file(path)
    }

    fn log(&self, path: &str) -> Option<FolderLog> {
        let Some(log) = self.1.filter(|_| path == COPY) else {
            return self.0.log(path);
        };
        Some(FolderLog {
            path: path.to_owned(),
            log: log.clone(),
            modified: modified(&self.0.0.join(path)),
        })
    }
}

/// The folder that is now there, held to the checklist.
pub(super) fn checked(plan: &Plan<'_>, dir: &Path, written: &Written) -> Checked {
    let LogInput { source, log, text } = plan.request.log;
    let is_file = matches!(source, LogSource::File(_)) && text.is_none();
    let copy = Some(log).filter(|_| written.copied && is_file);
    let (workspace, config) = (plan.request.workspace, plan.request.config);
    let full = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    let path = full.strip_prefix(workspace.root()).unwrap_or(dir);
    let path = path.to_string_lossy().replace('\\', "/");
    let folder = repro_folder::load(&WithCopy(Disk(dir), copy), &path);
    // A configuration whose rules do not exist is told of by `check`.
    let findings = checked::rules(config).map_or_else(
        |_| Vec::new(),
        |rules| checked::findings(&folder, Some(&plan.evidence), config, &rules),
    );
    Checked {
        dir: dir.to_owned(),
        folder,
        evidence: None,
        findings,
    }
}

/// Brings an existing folder up to date, file by file; what a person edited stays, unless it is forced.
fn update(plan: &Plan<'_>, chosen: &Chosen, dir: &Path) -> Result<Written, GenerateError> {
    let before = Manifest::read(dir);
    let mut after = manifest(plan, chosen);
    let mut kept = Vec::new();
    for (path, new) in parts(&chosen.files) {
        let full = dir.join(&path);
        match folders::text(&full) {
            Some(old) if old == new => {}
            Some(old) if full.exists() && !before.made(&path, &old) && !plan.request.force => {
                let diff = similar::TextDiff::from_lines(&old, &new);
                let diff = diff.unified_diff().header(&path, "generated").to_string();
                kept.push(Kept { path: full, diff });
                after.files.remove(&path);
                continue;
            }
            Some(old) => {
                if !before.made(&path, &old) {
                    folders::set_aside(&full)?;
                }
                write_atomically(&full, new.as_bytes())?;
            }
            None => write_atomically(&full, new.as_bytes())?,
        }
        if path == "run_test.sh" {
            make_executable(&full)?;
        }
    }
    let copied = write_logs(plan, dir, write_atomically)?;
    after.write(dir)?;
    Ok(Written { kept, copied })
}

/// The run's output, and CI's log where the folder has none yet: `logs/` is the person's otherwise. Tells whether it has it by this.
fn write_logs(plan: &Plan<'_>, dir: &Path, write: Write) -> Result<bool, GenerateError> {
    if let Some(output) = &plan.output {
        let path = dir.join("logs").join("reproduction.log");
        if path.exists() {
            folders::set_aside(&path)?;
        }
        write(&path, output)?;
    }
    if !folders::ci_logs(dir).is_empty() {
        return Ok(false);
    }
    let source = &plan.request.log.source;
    let bytes = match &plan.request.log.text {
        Some(text) => text.to_vec(),
        None if source.size().is_some_and(|size| size > LARGEST_COPY) => return Ok(false),
        None => {
            let mut bytes = Vec::new();
            source.read(&mut |chunk| {
                // Of an archive's entry the size is not known beforehand.
                if (bytes.len() + chunk.len()) as u64 <= LARGEST_COPY {
                    bytes.extend_from_slice(chunk);
                }
            })?;
            bytes
        }
    };
    write(&dir.join(COPY), &bytes)?;
    Ok(true)
}

fn manifest(plan: &Plan<'_>, chosen: &Chosen) -> Manifest {
    let files: BTreeMap<String, String> = parts(&chosen.files)
        .into_iter()
        .map(|(path, text)| (path, manifest::digest(&text)))
        .collect();
    Manifest {
        version: 1,
        failure: plan.evidence.failure.id.clone(),
        phase: plan.evidence.failure.phase.name().to_owned(),
        level: chosen.slice.level.number(),
        files,
    }
}

/// The generated files by their paths in the folder.
fn parts(files: &Files) -> Vec<(String, String)> {
    let mut parts = vec![
        ("run_test.sh".to_owned(), files.script.clone()),
        ("README.md".to_owned(), files.readme.clone()),
    ];
    if !files.test.is_empty() {
        parts.push((format!("tests/{}", files.test_name), files.test.clone()));
    }
    parts
}

pub(super) fn write_files(folder: &Path, files: &Files) -> Result<(), FilesError> {
    for (path, text) in parts(files) {
        write_staged(&folder.join(path), text.as_bytes())?;
    }
    make_executable(&folder.join("run_test.sh"))
}

/// How the log is named in the folder's files: by its path in the workspace, or by the copy that the folder gets.
pub(super) fn log_name(request: &Request<'_>, dir: &Path) -> String {
    let source = &request.log.source;
    if let LogSource::File(path) = source
        && let Ok(full) = path.canonicalize()
    {
        if let Ok(relative) = full.strip_prefix(request.workspace.root()) {
            return relative.to_string_lossy().replace('\\', "/");
        }
        let is_copied = folders::ci_logs(dir).is_empty()
            && source.size().is_none_or(|size| size <= LARGEST_COPY);
        if !is_copied {
            let name = path.file_name().unwrap_or_default();
            return name.to_string_lossy().into_owned();
        }
    }
    COPY.to_owned()
}

/// A name that is one folder of the root, and nothing else.
pub(super) fn valid_name(name: &str) -> Result<String, GenerateError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.len() > 100 || name.starts_with('.') || !name.chars().all(fits) {
        return Err(GenerateError::Name(format!(
            "{name:?} cannot name a repro folder: use up to 100 letters, digits, `-`, `_` and `.`, not beginning with `.`"
        )));
    }
    Ok(name.to_owned())
}

/// A name whose folder was not generated for another failure.
pub(super) fn free_name(root: &Path, failure: &log::Failure) -> String {
    let [short, long, own] = repro::names(failure);
    let is_free = |name: &String| {
        let manifest = Manifest::read(&root.join(name));
        manifest.is_of_none() || manifest.is_about(failure)
    };
    [short, long].into_iter().find(is_free).unwrap_or(own)
}

/// The folder's name as a part of a Python name.
pub(super) fn python_name(name: &str) -> String {
    name.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .collect()
}

/// The folder of the generated test, relative to the workspace where it is in it.
pub(super) fn destination(workspace: &DiskWorkspace, dir: &Path) -> String {
    let tests = dir.join("tests");
    let absolute = dir
        .parent()
        .and_then(|root| root.canonicalize().ok())
        .map(|root| root.join(dir.file_name().unwrap_or_default()).join("tests"));
    let tests = absolute.unwrap_or(tests);
    let relative = tests.strip_prefix(workspace.root()).unwrap_or(&tests);
    relative.to_string_lossy().replace('\\', "/")
}

pub(super) fn repro_config(request: &Request<'_>, root: &Path, name: &str) -> repro::Config {
    let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let relative = root.strip_prefix(request.workspace.root()).unwrap_or(&root);
    let folder = &request.config.templates;
    let templates = if folder.is_empty() {
        Vec::new()
    } else {
        request.workspace.list(folder)
    };
    repro::Config {
        workspace: request.workspace.root().display().to_string(),
        root: relative.to_string_lossy().replace('\\', "/"),
        name: name.to_owned(),
        venv: request.config.venv.clone(),
        max_seconds: request.config.max_seconds,
        runs_original: false,
        templates: templates
            .into_iter()
            .filter_map(|file| {
                Some((
                    file.clone(),
                    request
                        .workspace
                        .read(&format!("{folder}/{file}"))?
                        .to_string(),
                ))
            })
            .collect(),
    }
}
