//! CI configuration in the editor: what became of a variable that it sets, and what failed in its jobs.
//!
//! Known are the jobs of the open logs and of the workspace's repro folders; nothing else is read for it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

use repro::Evidence;
use text::{Origin, Value, Variable};
use tower_lsp::ls_types::{
    CodeLens, Hover, HoverContents, Location, MarkupContent, MarkupKind, Position, ReferenceParams,
};

use super::environment;
use super::log_file::LogFile;
use super::script::{export_of, exports, place, shown};
use crate::checked::Checked;
use crate::lsp::commands::{self, command, failure_arguments};
use crate::lsp::convert::Positions;
use crate::lsp::folder;
use crate::lsp::kind::Kind;
use crate::lsp::markdown;
use crate::lsp::overlay::Overlay;
use crate::lsp::snapshot::{Open, Snapshot};

/// Repros that a job's line tells of.
const SHOWN: usize = 5;

/// A configuration file in the editor.
struct File<'a> {
    snapshot: &'a Snapshot,
    workspace: Overlay<'a>,
    /// Relative to the workspace.
    path: String,
    positions: Positions<'a>,
}

impl<'a> File<'a> {
    fn new(snapshot: &'a Snapshot, document: &'a Open) -> Option<Self> {
        let path = document.path.as_deref()?;
        let workspace = snapshot.workspace_of(path);
        Some(Self {
            snapshot,
            path: workspace.relative(path)?,
            workspace,
            positions: Positions {
                text: &document.text,
                encoding: snapshot.encoding(),
            },
        })
    }

    /// Whether the place is on that line of the file.
    fn has(&self, origin: &Origin, line: u32) -> bool {
        origin.line == line && origin.path == self.path
    }

    /// The repro folders of the workspace.
    fn repros(&self) -> Vec<Arc<Checked>> {
        folder::all(self.snapshot, &self.workspace)
    }

    /// The open logs that are about the workspace.
    fn logs(&self) -> impl Iterator<Item = LogFile<'a>> {
        let open = self.snapshot.open.iter();
        open.filter(|(_, document)| document.kind == Kind::Log)
            .map(|(uri, document)| LogFile::new(self.snapshot, uri, document))
            .filter(|log| log.workspace.root() == self.workspace.root())
    }
}

/// On each job: what failed in it in the open logs, and the repros of it.
pub(crate) fn lenses(snapshot: &Snapshot, document: &Open) -> Vec<CodeLens> {
    let Some(file) = File::new(snapshot, document) else {
        return Vec::new();
    };
    let job_line = |evidence: &Evidence| {
        let job = evidence.configurations.first()?;
        job.line.filter(|_| job.path.as_ref() == Some(&file.path))
    };
    let mut found = Vec::new();
    for log in file.logs() {
        let mut by_line: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for failure in 0..log.log.failures.len() {
            let evidence = log.environment_of(failure);
            if let Some(line) = evidence.as_deref().and_then(job_line) {
                by_line.entry(line).or_default().push(failure);
            }
        }
        for (line, failures) in by_line {
            found.push((line, failed(&log, &failures)));
        }
    }
    let repros = file.repros().into_iter().filter_map(|repro| {
        let line = repro.evidence.as_deref().and_then(job_line)?;
        let uri = snapshot.uri_of(&repro.dir)?;
        let title = format!("Verify {} ({})", repro.name(), repro.outcome());
        let verify = command(title, commands::VERIFY, vec![uri.as_str().into()]);
        Some((line, verify))
    });
    found.extend(repros.take(SHOWN));
    let lens = |(line, command)| CodeLens {
        range: file.positions.line_range(line),
        command: Some(command),
        data: None,
    };
    found.into_iter().map(lens).collect()
}

fn failed(log: &LogFile<'_>, failures: &[usize]) -> tower_lsp::ls_types::Command {
    let name = log.name();
    match failures {
        [only] => command(
            format!("Failed in CI ({name}): generate minimal repro"),
            commands::GENERATE,
            failure_arguments(log.uri, &log.log, *only),
        ),
        several => command(
            format!(
                "Failed in CI ({} failures, {name}): generate minimal repros",
                several.len()
            ),
            commands::GENERATE,
            vec![log.uri.as_str().into()],
        ),
    }
}

/// What became of a value that the line sets, in one job.
struct Fate {
    name: String,
    /// Whose job: of the file, of a repro, of a log.
    whose: String,
    told: String,
}

/// The variables that the line sets, with the values of each job: in the file itself, in the repros, in the open logs.
pub(crate) fn hover(snapshot: &Snapshot, document: &Open, position: Position) -> Option<Hover> {
    let file = File::new(snapshot, document)?;
    let line = position.line + 1;
    let mut fates = Vec::new();
    if document.kind == Kind::Workflow {
        fates.extend(in_the_file(&file, line));
    }
    for repro in file.repros() {
        fates.extend(in_a_repro(&file, &repro, line));
    }
    for log in file.logs() {
        fates.extend(in_a_log(&file, &log, line));
    }
    let names: BTreeSet<&str> = fates.iter().map(|fate| fate.name.as_str()).collect();
    let mut text = String::new();
    for name in names {
        let _ = writeln!(text, "**{}**\n", markdown::code(name));
        let mut told = BTreeSet::new();
        for fate in fates.iter().filter(|fate| fate.name == name) {
            if told.insert((&fate.whose, &fate.told)) {
                let _ = writeln!(text, "- {}: {}", fate.whose, fate.told);
            }
        }
        text.push('\n');
    }
    (!text.is_empty()).then_some(Hover {
        contents: HoverContents::Markup(MarkupContent {
            kind: MarkupKind::Markdown,
            value: text,
        }),
        range: None,
    })
}

/// As far as the file alone tells.
fn in_the_file(file: &File<'_>, line: u32) -> Vec<Fate> {
    let config = file.snapshot.config_or_defaults(&file.workspace);
    let config = crate::evidence::workflow_config(&config);
    let jobs = workflow::jobs_of(&file.path, &file.workspace, &config);
    let of = |job: &workflow::JobConfiguration| {
        let name = job.job.as_deref().unwrap_or_default();
        let whose = format!("job {}", markdown::code(name));
        file.fates(job.variables.iter().chain(&job.noise), line, &whose)
    };
    jobs.iter().flat_map(of).collect()
}

/// In a repro's job, and in its script.
fn in_a_repro(file: &File<'_>, repro: &Checked, line: u32) -> Vec<Fate> {
    let variables = repro.evidence.iter();
    let variables = variables.flat_map(|it| environment::variables(it));
    let whose = format!("repro {}", markdown::code(&repro.name()));
    let mut fates = file.fates(variables, line, &whose);
    if fates.is_empty() {
        return fates;
    }
    let script = repro.folder.script.as_ref();
    let exported = script.map_or_else(Vec::new, |script| exports(&script.text));
    for fate in &mut fates {
        let export = exported.iter().find(|export| export.name == fate.name);
        fate.told.push_str(match export {
            Some(_) => "; run_test.sh sets ",
            None => "; run_test.sh does not set it",
        });
        if let Some(export) = export {
            let is_secret = text::is_secret_name(&fate.name);
            let value = markdown::code(export.value.text());
            fate.told.push_str(if is_secret { "it" } else { &value });
        }
    }
    fates
}

fn in_a_log(file: &File<'_>, log: &LogFile<'_>, line: u32) -> Vec<Fate> {
    let whose = format!("log {}", markdown::code(&log.name()));
    let failures = 0..log.log.failures.len();
    let evidence = failures.filter_map(|failure| log.environment_of(failure));
    evidence
        .flat_map(|it| file.fates(environment::variables(&it), line, &whose))
        .collect()
}

impl File<'_> {
    /// What became of the values that the line sets.
    fn fates<'v>(
        &self,
        variables: impl Iterator<Item = &'v Variable>,
        line: u32,
        whose: &str,
    ) -> Vec<Fate> {
        let fate = |variable: &Variable| {
            let (name, value) = (&variable.name, markdown::code(&shown(variable)));
            let told = if self.has(&variable.origin, line) {
                match &variable.value {
                    Value::Unresolved(_) => format!("{value}, known only when it runs"),
                    Value::Known(_) | Value::Masked(_) => value,
                }
            } else {
                let mut replaced = variable.overridden.iter();
                let (here, _) = replaced.find(|(_, it)| self.has(it, line))?;
                let is_other = here.known().is_some_and(|it| it != variable.value.text());
                let instead = if is_other { " instead" } else { "" };
                let from = markdown::code(&place(&variable.origin));
                format!("{value}{instead}, from {from}")
            };
            Some(Fate {
                name: name.clone(),
                whose: whose.to_owned(),
                told,
            })
        };
        variables.filter_map(fate).collect()
    }
}

/// Where a variable that the line sets is used: the exports of the repros that had it from there.
pub(crate) fn references(
    snapshot: &Snapshot,
    document: &Open,
    params: &ReferenceParams,
) -> Option<Vec<Location>> {
    let file = File::new(snapshot, document)?;
    let at = &params.text_document_position;
    let line = at.position.line + 1;
    let mut found = Vec::new();
    for repro in &file.repros() {
        let evidence = repro.evidence.iter();
        let variables = evidence.flat_map(|it| environment::variables(it));
        for fate in file.fates(variables, line, "") {
            found.extend(export_of(snapshot, repro, &fate.name));
        }
    }
    if params.context.include_declaration && !found.is_empty() {
        let range = file.positions.line_range(line);
        found.push(Location::new(at.text_document.uri.clone(), range));
    }
    Some(found)
}
