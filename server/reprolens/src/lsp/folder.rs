//! The repro folder that a file belongs to, as the editor has it, and what the checklist says of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use checklist::{Finding, Severity, Subject};
use repro::{Evidence, Folder, FolderFile, FolderLog};
use text::{Span, Workspace};
use tower_lsp::ls_types::{CodeDescription, Diagnostic, DiagnosticSeverity, NumberOrString, Uri};

use super::convert::Positions;
use super::document::Text;
use super::features::log_diagnostics::SOURCE;
use super::overlay::Overlay;
use super::state::Snapshot;
use crate::config::Config;

/// A checked repro folder.
pub(crate) struct Checked {
    /// As the client calls it.
    pub(crate) dir: PathBuf,
    pub(crate) folder: Folder,
    pub(crate) evidence: Option<Evidence>,
    pub(crate) findings: Vec<Finding>,
}

/// Checks the repro folder that holds the file; `None` if none does.
pub(crate) fn check(snapshot: &Snapshot, path: &Path) -> Option<Checked> {
    let workspace = snapshot.workspace_of(path);
    // A configuration that cannot be used is told of when it is read; the defaults are what is left.
    let config = snapshot
        .config(&workspace)
        .or_else(|_| Config::from_sources(&[]))
        .ok()?;
    let dir = folder_of(&workspace, &config, path)?;
    let folder = load(snapshot, &workspace, &dir)?;
    let evidence = evidence(&workspace, &config, &folder, &dir);
    let subject = Subject {
        folder: &folder,
        evidence: evidence.as_ref(),
        max_lines: config.max_lines,
        max_seconds: config.max_seconds,
    };
    let findings = checklist::check(&subject, &rules(&config));
    Some(Checked {
        dir,
        folder,
        evidence,
        findings,
    })
}

fn rules(config: &Config) -> checklist::Config {
    let severity = config.checklist.severity.iter();
    checklist::Config {
        select: config.checklist.select.clone(),
        ignore: config.checklist.ignore.clone(),
        severity: severity
            .filter_map(|(id, name)| Some((id.clone(), Severity::from_name(name)?)))
            .collect(),
    }
}

/// The folder below the configured root, or one that looks like a repro folder wherever it is.
pub(crate) fn folder_of(workspace: &Overlay<'_>, config: &Config, path: &Path) -> Option<PathBuf> {
    let root = workspace.root().join(&config.root);
    if let Ok(below) = path.strip_prefix(&root) {
        let name = below.iter().next()?;
        let dir = root.join(name);
        return (dir != path).then_some(dir);
    }
    path.ancestors()
        .skip(1)
        .take(2)
        .find(|dir| dir.join("run_test.sh").is_file() && dir.join("logs").is_dir())
        .map(Path::to_owned)
}

fn load(snapshot: &Snapshot, workspace: &Overlay<'_>, dir: &Path) -> Option<Folder> {
    let path = workspace.relative(dir)?;
    // The folder can be the workspace itself: a single file was opened.
    let within = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}/{name}")
        }
    };
    let file = |name: &str| {
        let text = workspace.read(&within(name))?;
        let metadata = dir.join(name).metadata().ok();
        Some(FolderFile {
            path: name.to_owned(),
            text,
            executable: metadata.as_ref().is_some_and(is_executable),
            modified: metadata.as_ref().and_then(seconds),
        })
    };
    let log = |name: &str| {
        let full = dir.join("logs").join(name);
        let log = match snapshot.open_at(&full) {
            Some((_, document)) => document.text.log().clone(),
            None => snapshot.caches.log(&full).ok()?,
        };
        Some(FolderLog {
            path: format!("logs/{name}"),
            log,
            modified: full.metadata().ok().as_ref().and_then(seconds),
        })
    };
    let is_log = |name: &&String| name.ends_with(".log") || name.ends_with(".txt");
    let is_own = |name: &&String| name.starts_with("reproduction.") && name.ends_with(".log");
    let names = workspace.list(&within("logs"));
    let tests = workspace.list(&within("tests"));
    Some(Folder {
        script: file("run_test.sh"),
        tests: tests
            .iter()
            .filter(|name| name.ends_with(".py"))
            .filter_map(|name| file(&format!("tests/{name}")))
            .collect(),
        readme: file("README.md"),
        logs: names
            .iter()
            .filter(is_log)
            .filter(|name| !is_own(name))
            .filter_map(|name| log(name))
            .collect(),
        reproduction: names
            .iter()
            .find(|name| *name == "reproduction.log")
            .and_then(|name| log(name)),
        others: Vec::new(),
        path,
    })
}

/// All that is known of the failure that the folder is about.
fn evidence(
    workspace: &Overlay<'_>,
    config: &Config,
    folder: &Folder,
    dir: &Path,
) -> Option<Evidence> {
    let manifest = crate::manifest::Manifest::read(dir);
    let failures = || {
        folder
            .logs
            .iter()
            .flat_map(|log| (0..log.log.failures.len()).map(move |failure| (log, failure)))
    };
    let (log, failure) = failures()
        .find(|(log, failure)| manifest.is_about(&log.log.failures[*failure]))
        .or_else(|| failures().next())?;
    crate::evidence::of_failure(workspace, config, &log.path, &log.log, failure)
}

impl Checked {
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

fn seconds(metadata: &std::fs::Metadata) -> Option<u64> {
    let modified = metadata.modified().ok()?;
    modified
        .duration_since(std::time::UNIX_EPOCH)
        .ok()
        .map(|since| since.as_secs())
}

#[cfg(unix)]
fn is_executable(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &std::fs::Metadata) -> bool {
    true
}
