//! `reprolens check`: the checklist over repro folders.

pub(crate) mod output;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use rayon::prelude::*;
use repro::Folder;

use super::Outcome;
use crate::checked::{self, Checked};
use crate::config::Config;
use crate::files::repro_folder::{read_folder, replace, repro_folders, unreadable};
use crate::files::{DiskWorkspace, make_executable};
use crate::reading::Readings;

/// Holds repro folders to the checklist; ends with 1 if anything is found.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Repro folders, or folders that hold some [default: the configured root]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
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
    /// With --fix or --diff: also fixes that remove or rewrite what a person wrote
    #[arg(long)]
    unsafe_fixes: bool,
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
    if let Some(error) = dirs.iter().find_map(|dir| unreadable(dir)) {
        return Err(error.into());
    }
    let readings = Readings::new(&workspace);
    let mut checked: Vec<Checked> = dirs
        .into_par_iter()
        .map(|dir| {
            let folder = load(&workspace, &dir);
            readings.lend(|reading| checked::check(reading, &config, &rules, dir, folder))
        })
        .collect();
    checked.iter().for_each(warn);
    if arguments.fix || arguments.diff {
        for folder in &mut checked {
            fix(folder, &config, &rules, arguments, out)?;
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
    let mut config = config.clone();
    if !arguments.select.is_empty() {
        config.checklist.select.clone_from(&arguments.select);
    }
    config.checklist.ignore.extend(arguments.ignore.clone());
    Ok(checked::rules(&config)?)
}

/// A comment that names no rule suppresses nothing: the person should know.
fn warn(checked: &Checked) {
    for unknown in checklist::unknown_suppressions(&checked.folder) {
        let text = checked::files(&checked.folder).find(|it| it.path == unknown.path);
        let line = text.map_or(0, |it| it.text[..unknown.span.start].matches('\n').count());
        anstream::eprintln!(
            "warning: {}/{}:{}: nothing is ignored here: {}",
            checked.folder.path,
            unknown.path,
            line + 1,
            checked::unknown_rule(&super::style::harmless(&unknown.id))
        );
    }
}

/// The folder, named relative to the workspace where it is in it.
fn load(workspace: &DiskWorkspace, dir: &Path) -> Folder {
    let full = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    let path = full
        .strip_prefix(workspace.root())
        .unwrap_or(dir)
        .to_string_lossy()
        .replace('\\', "/");
    read_folder(dir, &path)
}

/// Applies fixes, or shows what they would change.
fn fix(
    checked: &mut Checked,
    config: &Config,
    rules: &checklist::Config,
    arguments: &Arguments,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let write = arguments.fix;
    let before = checked.folder.clone();
    checked::fix(checked, config, rules, &|_, fix| {
        fix.safe || arguments.unsafe_fixes
    });
    let is_executable = |folder: &Folder| folder.script.as_ref().is_some_and(|it| it.executable);
    if write && is_executable(&checked.folder) && !is_executable(&before) {
        make_executable(&checked.dir.join("run_test.sh"))?;
    }
    for (old, new) in checked::files(&before).zip(checked::files(&checked.folder)) {
        if old.text == new.text {
            continue;
        }
        if write {
            replace(&checked.dir.join(&new.path), &new.text)?;
        } else {
            let diff = similar::TextDiff::from_lines(&*old.text, &*new.text);
            let name = format!("{}/{}", checked.folder.path, new.path);
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
