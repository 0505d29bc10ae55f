//! `reprolens check`: the checklist over repro folders.

mod output;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use checklist::{Action, Finding, Fix, Severity, Subject};
use clap::ValueEnum;
use rayon::prelude::*;
use repro::{Evidence, Folder, FolderFile};
use text::Workspace;

use super::Outcome;
use crate::config::Config;
use crate::files::repro_folder::{read_folder, replace, repro_folders};
use crate::files::{DiskWorkspace, make_executable};
use crate::manifest::Manifest;

/// Fixes can make room for others; more rounds than this nobody needs.
const ROUNDS: usize = 6;

/// Holds repro folders to the checklist; ends with 1 if anything is found.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Repro folders, or folders that hold some [default: the configured root]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Apply these rules only: ids or their beginnings
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    select: Vec<String>,
    /// Leave these rules out: ids or their beginnings
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    ignore: Vec<String>,
    /// Apply the safe fixes, and report what is left
    #[arg(long, conflicts_with = "diff")]
    fix: bool,
    /// Show what --fix would change, and change nothing
    #[arg(long)]
    diff: bool,
    /// The workspace [default: the git work tree around the current folder]
    #[arg(long, value_name = "DIR")]
    workspace: Option<PathBuf>,
}

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// With source lines
    #[default]
    Text,
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of a GitHub workflow
    Github,
}

/// A folder and what is found in it.
struct Checked {
    dir: PathBuf,
    folder: Folder,
    evidence: Option<Evidence>,
    findings: Vec<Finding>,
}

pub(crate) fn run(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let workspace = super::workspace(arguments.workspace.as_ref())?;
    let config = Config::of_workspace(&workspace)?;
    let rules = rules(arguments, &config)?;
    let mut dirs = Vec::new();
    for path in &paths(arguments, &workspace, &config)? {
        let found = repro_folders(path)?;
        anyhow::ensure!(
            !found.is_empty(),
            "{}: no repro folder here or below; one holds run_test.sh, tests/ and logs/",
            path.display()
        );
        dirs.extend(found);
    }
    dirs.sort_unstable();
    dirs.dedup();
    let mut checked: Vec<Checked> = dirs
        .into_par_iter()
        .map(|dir| check(&workspace, &config, &rules, dir))
        .collect();
    if arguments.fix || arguments.diff {
        for folder in &mut checked {
            fix(folder, &config, &rules, arguments.fix, out)?;
        }
    }
    if !arguments.diff {
        output::write(arguments.format, &checked, out)?;
    }
    let clean = checked.iter().all(|it| it.findings.is_empty());
    Ok(if clean {
        Outcome::Clean
    } else {
        Outcome::Findings
    })
}

fn paths(
    arguments: &Arguments,
    workspace: &DiskWorkspace,
    config: &Config,
) -> anyhow::Result<Vec<PathBuf>> {
    if !arguments.paths.is_empty() {
        return Ok(arguments.paths.clone());
    }
    let root = workspace.root().join(&config.root);
    anyhow::ensure!(
        root.is_dir(),
        "{}: the configured root of repro folders is not there; name a folder: reprolens check PATH",
        root.display()
    );
    Ok(vec![root])
}

/// The rules in effect: the command line's over the configuration's.
fn rules(arguments: &Arguments, config: &Config) -> anyhow::Result<checklist::Config> {
    let known = |id: &String| checklist::rules().any(|info| info.id.starts_with(id.as_str()));
    let severities = config.checklist.severity.keys();
    let named = arguments.select.iter().chain(&arguments.ignore);
    for id in named
        .chain(&config.checklist.select)
        .chain(&config.checklist.ignore)
        .chain(severities)
    {
        anyhow::ensure!(
            known(id),
            "no rule is called `{id}`; `reprolens rule` lists them all"
        );
    }
    let mut severity = Vec::new();
    for (id, name) in &config.checklist.severity {
        let Some(level) = Severity::from_name(name) else {
            anyhow::bail!(
                "checklist.severity: `{name}` of {id} is none of error, warning, information, hint"
            );
        };
        severity.push((id.clone(), level));
    }
    let or = |own: &Vec<String>, configured: &Vec<String>| {
        if own.is_empty() {
            configured.clone()
        } else {
            own.clone()
        }
    };
    Ok(checklist::Config {
        select: or(&arguments.select, &config.checklist.select),
        ignore: [arguments.ignore.clone(), config.checklist.ignore.clone()].concat(),
        severity,
    })
}

fn check(
    workspace: &DiskWorkspace,
    config: &Config,
    rules: &checklist::Config,
    dir: PathBuf,
) -> Checked {
    let full = dir.canonicalize().unwrap_or_else(|_| dir.clone());
    let path = full
        .strip_prefix(workspace.root())
        .unwrap_or(&dir)
        .to_string_lossy()
        .replace('\\', "/");
    let folder = read_folder(&dir, &path);
    let evidence = evidence(workspace, config, &folder, &dir);
    let findings = findings(&folder, evidence.as_ref(), config, rules);
    Checked {
        dir,
        folder,
        evidence,
        findings,
    }
}

fn findings(
    folder: &Folder,
    evidence: Option<&Evidence>,
    config: &Config,
    rules: &checklist::Config,
) -> Vec<Finding> {
    let subject = Subject {
        folder,
        evidence,
        max_lines: config.max_lines,
        max_seconds: config.max_seconds,
    };
    checklist::check(&subject, rules)
}

/// What is known of the failure that the folder was made for, or of the first one of its logs.
fn evidence(
    workspace: &dyn Workspace,
    config: &Config,
    folder: &Folder,
    dir: &Path,
) -> Option<Evidence> {
    let manifest = Manifest::read(dir);
    let logs = folder.logs.iter();
    let failures = || {
        logs.clone()
            .flat_map(|log| (0..log.log.failures.len()).map(move |failure| (log, failure)))
    };
    let (log, failure) = failures()
        .find(|(log, failure)| manifest.is_about(&log.log.failures[*failure]))
        .or_else(|| failures().next())?;
    crate::evidence::of_failure(workspace, config, &log.path, &log.log, failure)
}

/// Applies the safe fixes, or shows what they would change.
fn fix(
    checked: &mut Checked,
    config: &Config,
    rules: &checklist::Config,
    write: bool,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let before: Vec<FolderFile> = files(&mut checked.folder)
        .map(|file| file.clone())
        .collect();
    for _ in 0..ROUNDS {
        let safe: Vec<Fix> = checked
            .findings
            .iter()
            .filter_map(|it| it.fix.clone())
            .filter(|fix| fix.safe)
            .collect();
        let refs: Vec<&Fix> = safe.iter().collect();
        let mut changed = false;
        for file in files(&mut checked.folder) {
            let (text, _) = checklist::apply(&file.path, &file.text, &refs);
            if *text != *file.text {
                file.text = Arc::from(text);
                changed = true;
            }
        }
        let executable = safe
            .iter()
            .any(|fix| fix.action == Some(Action::MakeExecutable));
        if let Some(script) = checked
            .folder
            .script
            .as_mut()
            .filter(|it| executable && !it.executable)
        {
            if write {
                make_executable(&checked.dir.join(&script.path))?;
            }
            script.executable = true;
            changed = true;
        }
        if !changed {
            break;
        }
        checked.findings = findings(&checked.folder, checked.evidence.as_ref(), config, rules);
    }
    let folder = checked.folder.path.clone();
    for (old, new) in before.iter().zip(files(&mut checked.folder)) {
        if old.text == new.text {
            continue;
        }
        if write {
            replace(&checked.dir.join(&new.path), &new.text)?;
        } else {
            let diff = similar::TextDiff::from_lines(&*old.text, &*new.text);
            let name = format!("{folder}/{}", new.path);
            write!(
                out,
                "{}",
                diff.unified_diff()
                    .header(&format!("a/{name}"), &format!("b/{name}"))
            )?;
        }
    }
    Ok(())
}

fn files(folder: &mut Folder) -> impl Iterator<Item = &mut FolderFile> {
    folder
        .script
        .iter_mut()
        .chain(&mut folder.tests)
        .chain(&mut folder.readme)
}
