//! The repro folder that a file belongs to, as the editor has it, and what the checklist says of it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use checklist::{Finding, Severity};
use repro::{Folder, FolderFile, FolderLog};
use text::{Span, Workspace};
use tower_lsp::ls_types::{CodeDescription, Diagnostic, DiagnosticSeverity, NumberOrString, Uri};

use super::cache::{EvidenceOf, Same};
use super::convert::{Positions, line_start};
use super::document::Text;
use super::features::log_diagnostics::SOURCE;
use super::overlay::Overlay;
use super::snapshot::Snapshot;
use crate::checked::{self, Checked};
use crate::config::Config;
use crate::files::repro_folder::{Disk, Source, is_executable, load, modified};
use crate::reading::Reading;

/// Checks the repro folder that holds the file; `None` if none does. Nothing is computed twice while nothing changes.
pub(crate) fn check(snapshot: &Snapshot, path: &Path) -> Option<Arc<Checked>> {
    let workspace = snapshot.workspace_of(path);
    let config = snapshot.config_or_defaults(&workspace);
    let dir = folder_of(&workspace, &config, path)?;
    let name = workspace.relative(&dir)?;
    let folder = load(
        &OpenFolder {
            snapshot,
            dir: &dir,
        },
        &name,
    );
    let about = checked::about(&folder, &dir);
    let evidence = about.and_then(|about| {
        let key = EvidenceOf {
            log: Same(folder.logs[about.log].log.clone()),
            about,
            config: Same(config.clone()),
        };
        snapshot
            .caches
            .evidence
            .get(dir.clone(), key, &workspace, |files| {
                checked::evidence(&Reading::new(files), &config, &folder, about).map(Arc::new)
            })
    });
    let known = snapshot.caches.checked(&dir, &config, |known| {
        known.evidence.as_ref().map(Arc::as_ptr) == evidence.as_ref().map(Arc::as_ptr)
            && is_same(&known.folder, &folder)
    });
    if known.is_some() {
        return known;
    }
    let rules = rules(&config);
    let findings = checked::findings(&folder, evidence.as_deref(), &config, &rules);
    let checked = Arc::new(Checked {
        dir,
        folder,
        evidence,
        findings,
    });
    snapshot.caches.keep_checked(config, checked.clone());
    Some(checked)
}

/// The repro folders below a workspace's configured root.
pub(crate) fn all(snapshot: &Snapshot, workspace: &Overlay<'_>) -> Vec<Arc<Checked>> {
    let root = &snapshot.config_or_defaults(workspace).root;
    let names = workspace.list(root);
    let folders = names.iter().filter_map(|name| name.strip_suffix('/'));
    let script = |name: &str| workspace.absolute(root).join(name).join("run_test.sh");
    folders
        .filter_map(|name| check(snapshot, &script(name)))
        .collect()
}

/// The rules in effect. A configuration that names none that there is was told of when it was read.
pub(crate) fn rules(config: &Config) -> checklist::Config {
    checked::rules(config).unwrap_or_else(|_| checklist::Config::all())
}

/// Whether a folder is as it was. Logs are compared by identity: they are parsed again only when they changed.
fn is_same(a: &Folder, b: &Folder) -> bool {
    let file = |a: &FolderFile, b: &FolderFile| {
        a.path == b.path
            && a.executable == b.executable
            && a.modified == b.modified
            && (Arc::ptr_eq(&a.text, &b.text) || a.text == b.text)
    };
    let log = |a: &FolderLog, b: &FolderLog| {
        a.path == b.path && a.modified == b.modified && Arc::ptr_eq(&a.log, &b.log)
    };
    let files = |folder: &Folder| -> Vec<FolderFile> {
        checked::files(folder)
            .chain(&folder.others)
            .cloned()
            .collect()
    };
    let logs = |folder: &Folder| -> Vec<FolderLog> {
        folder
            .logs
            .iter()
            .chain(&folder.reproduction)
            .cloned()
            .collect()
    };
    let (a_files, b_files, a_logs, b_logs) = (files(a), files(b), logs(a), logs(b));
    a_files.len() == b_files.len()
        && a_logs.len() == b_logs.len()
        && a_files.iter().zip(&b_files).all(|(a, b)| file(a, b))
        && a_logs.iter().zip(&b_logs).all(|(a, b)| log(a, b))
}

/// A repro folder as the editor has it: what is open stands for what is on the disk.
struct OpenFolder<'a> {
    snapshot: &'a Snapshot,
    dir: &'a Path,
}

impl Source for OpenFolder<'_> {
    fn names(&self, folder: &str) -> Vec<String> {
        let mut names = Disk(self.dir).names(folder);
        let dir = self.dir.join(folder);
        // One that is open and gone from the disk, or not there yet, is still what the person works on.
        let open = self.snapshot.open.iter().filter_map(|(_, document)| {
            let path = document.path.as_ref()?;
            (path.parent()? == dir).then(|| path.file_name()?.to_str().map(str::to_owned))?
        });
        names.extend(open);
        names.sort_unstable();
        names.dedup();
        names
    }

    fn file(&self, path: &str) -> Option<FolderFile> {
        let full = self.dir.join(path);
        let Some((_, document)) = self.snapshot.open_at(&full) else {
            return Disk(self.dir).file(path);
        };
        Some(FolderFile {
            path: path.to_owned(),
            text: document.text.text.clone(),
            executable: is_executable(&full),
            modified: modified(&full),
        })
    }

    fn log(&self, path: &str) -> Option<FolderLog> {
        let full = self.dir.join(path);
        let log = match self.snapshot.open_at(&full) {
            Some((_, document)) => document.text.log().clone(),
            None => self.snapshot.caches.log(&full).ok()?,
        };
        Some(FolderLog {
            path: path.to_owned(),
            log,
            modified: modified(&full),
        })
    }
}

/// The folder below the configured root, or one that looks like a repro folder wherever it is.
pub(crate) fn folder_of(workspace: &Overlay<'_>, config: &Config, path: &Path) -> Option<PathBuf> {
    let root = workspace.root().join(&config.root);
    if let Ok(below) = path.strip_prefix(&root) {
        let name = below.iter().next()?;
        // What is being written, or locked, is none yet.
        if name.to_string_lossy().starts_with('.') {
            return None;
        }
        let dir = root.join(name);
        return (dir != path).then_some(dir);
    }
    path.ancestors()
        .skip(1)
        .take(2)
        .find(|dir| dir.join("run_test.sh").is_file() && dir.join("logs").is_dir())
        .map(Path::to_owned)
}

/// What the editor asks of a checked folder.
impl Checked {
    /// How the folder is called to a person.
    pub(crate) fn name(&self) -> Cow<'_, str> {
        self.dir.file_name().unwrap_or_default().to_string_lossy()
    }

    /// What the last run showed, for a person.
    pub(crate) fn outcome(&self) -> String {
        match (self.last_run(), &self.folder.reproduction) {
            (Some(comparison), _) => comparison.verdict.words(),
            (None, None) => "never run".to_owned(),
            // There is nothing to compare with.
            (None, Some(run)) if run.log.failures.is_empty() => "passed".to_owned(),
            (None, Some(_)) => "failed".to_owned(),
        }
    }

    /// The findings about one file of the folder.
    pub(crate) fn findings_of(&self, path: &Path) -> impl Iterator<Item = &Finding> {
        let name = self.name_of(path);
        self.findings
            .iter()
            .filter(move |finding| Some(&finding.path) == name.as_ref())
    }

    /// The path of a file, relative to the folder.
    pub(crate) fn name_of(&self, path: &Path) -> Option<String> {
        let parts: Option<Vec<&str>> = path
            .strip_prefix(&self.dir)
            .ok()?
            .iter()
            .map(|part| part.to_str())
            .collect();
        Some(parts?.join("/"))
    }

    pub(crate) fn diagnostics_of(&self, path: &Path, positions: Positions<'_>) -> Vec<Diagnostic> {
        self.findings_of(path)
            .map(|finding| diagnostic(finding, positions))
            .collect()
    }

    /// The findings about files that are not open, by path; one that is about a missing file stands at that file's place.
    pub(crate) fn unopened(&self, snapshot: &Snapshot) -> BTreeMap<PathBuf, Vec<Diagnostic>> {
        let mut by_path: BTreeMap<PathBuf, Vec<Diagnostic>> = BTreeMap::new();
        let mut texts: BTreeMap<&str, Text> = BTreeMap::new();
        for finding in &self.findings {
            let path = self.dir.join(&finding.path);
            if snapshot.open_at(&path).is_some() {
                continue;
            }
            if let Some(line) = self.line_of_log(finding) {
                let text = Text::new("");
                let positions = Positions {
                    text: &text,
                    encoding: snapshot.encoding(),
                };
                let mut found = diagnostic(finding, positions);
                found.range = line_start(line);
                by_path.entry(path).or_default().push(found);
                continue;
            }
            let text = texts
                .entry(&finding.path)
                .or_insert_with(|| Text::new(self.text_of(&finding.path)));
            let positions = Positions {
                text,
                encoding: snapshot.encoding(),
            };
            by_path
                .entry(path)
                .or_default()
                .push(diagnostic(finding, positions));
        }
        by_path
    }

    /// The text that the findings' spans are of; empty for a file that is not there.
    pub(crate) fn text_of(&self, name: &str) -> Arc<str> {
        let folder = &self.folder;
        let files = folder
            .script
            .iter()
            .chain(&folder.readme)
            .chain(&folder.tests)
            .chain(&folder.others);
        files
            .into_iter()
            .find(|file| file.path == name)
            .map_or_else(|| Arc::from(""), |file| file.text.clone())
    }
}

pub(crate) fn diagnostic(finding: &Finding, positions: Positions<'_>) -> Diagnostic {
    // A finding about the whole file is shown on its first line.
    let span = if finding.span == Span::default() {
        positions.line(1)
    } else {
        finding.span
    };
    Diagnostic {
        range: positions.range(span),
        severity: Some(match finding.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Information => DiagnosticSeverity::INFORMATION,
            Severity::Hint => DiagnosticSeverity::HINT,
        }),
        code: Some(NumberOrString::String(finding.rule.id.to_owned())),
        code_description: None::<CodeDescription>,
        source: Some(SOURCE.to_owned()),
        message: finding.message.clone(),
        ..Diagnostic::default()
    }
}

/// The URI of a file of the folder.
pub(crate) fn uri_of(snapshot: &Snapshot, checked: &Checked, name: &str) -> Option<Uri> {
    snapshot.uri_of(&checked.dir.join(name))
}
