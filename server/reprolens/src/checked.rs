//! A repro folder held to the checklist: what both faces call, so that they find the same.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use checklist::{Action, Finding, Fix, Severity, Subject};
use repro::{Comparison, Evidence, Folder, FolderFile, RunOutcome};
use thiserror::Error;

use crate::config::Config;
use crate::files::folders;
use crate::manifest::Manifest;
use crate::reading::Reading;

/// Fixes can make room for others; what changes after so many rounds never stops.
const ROUNDS: usize = 50;

/// Rounds that one finding's fix is tried in: others can be in its way.
const ATTEMPTS: usize = 6;

/// A folder, what is known of its failure, and what is found in it.
#[derive(Debug, Clone)]
pub(crate) struct Checked {
    pub(crate) dir: PathBuf,
    pub(crate) folder: Folder,
    pub(crate) evidence: Option<Arc<Evidence>>,
    pub(crate) findings: Vec<Finding>,
}

/// Which failure a folder is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct About {
    /// Index into the folder's logs.
    pub(crate) log: usize,
    pub(crate) failure: usize,
}

/// The failure that the folder was made for, or else the first one of its logs.
pub(crate) fn about(folder: &Folder, dir: &Path) -> Option<About> {
    let manifest = Manifest::read(dir);
    let all = || {
        let logs = folder.logs.iter().enumerate();
        logs.flat_map(|(log, it)| {
            (0..it.log.failures.len()).map(move |failure| About { log, failure })
        })
    };
    let failure = |about: &About| &folder.logs[about.log].log.failures[about.failure];
    all()
        .find(|about| manifest.is_about(failure(about)))
        .or_else(|| all().next())
}

/// What is known of the failure that the folder is about.
pub(crate) fn evidence(
    reading: &Reading<'_>,
    config: &Config,
    folder: &Folder,
    about: About,
) -> Option<Evidence> {
    let log = folder.logs.get(about.log)?;
    crate::evidence::of_failure_in(reading, config, &log.path, &log.log, about.failure)
}

/// A loaded folder, held to the rules.
pub(crate) fn check(
    reading: &Reading<'_>,
    config: &Config,
    rules: &checklist::Config,
    dir: PathBuf,
    folder: Folder,
) -> Checked {
    let evidence = about(&folder, &dir)
        .and_then(|about| evidence(reading, config, &folder, about))
        .map(Arc::new);
    let findings = findings(&folder, evidence.as_deref(), config, rules);
    Checked {
        dir,
        folder,
        evidence,
        findings,
    }
}

pub(crate) fn findings(
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

/// Why rules cannot be selected as the configuration says.
#[derive(Debug, Error)]
pub(crate) enum RulesError {
    #[error("{}", unknown_rule(id))]
    Rule { id: String },
    #[error("checklist.severity: `{name}` of {id} is none of error, warning, information, hint")]
    Severity { id: String, name: String },
}

impl RulesError {
    /// What of it a person wrote.
    pub(crate) fn written(&self) -> &str {
        match self {
            Self::Rule { id, .. } => id,
            Self::Severity { name, .. } => name,
        }
    }
}

/// The rules that a configuration selects.
pub(crate) fn rules(config: &Config) -> Result<checklist::Config, RulesError> {
    let known = |id: &String| checklist::rules().any(|info| info.id.starts_with(id.as_str()));
    let (select, ignore) = (&config.checklist.select, &config.checklist.ignore);
    for id in select
        .iter()
        .chain(ignore)
        .chain(config.checklist.severity.keys())
    {
        if !known(id) {
            return Err(RulesError::Rule { id: id.clone() });
        }
    }
    let mut severity = Vec::new();
    for (id, name) in &config.checklist.severity {
        let Some(level) = Severity::from_name(name) else {
            return Err(RulesError::Severity {
                id: id.clone(),
                name: name.clone(),
            });
        };
        severity.push((id.clone(), level));
    }
    Ok(checklist::Config {
        select: select.clone(),
        ignore: ignore.clone(),
        severity,
    })
}

/// What to say of an id that no rule has; the one that is meant, if it is near.
pub(crate) fn unknown_rule(id: &str) -> String {
    let distance = |info: &&checklist::Info| {
        strsim::damerau_levenshtein(&id.to_uppercase(), info.id)
            .min(strsim::damerau_levenshtein(id, info.name))
    };
    let nearest = checklist::rules().min_by_key(distance);
    let meant = match nearest.filter(|info| distance(info) <= 3) {
        Some(info) => format!("; did you mean {}?", info.id),
        None => ";".to_owned(),
    };
    format!("no rule is called `{id}`{meant} `reprolens rule` lists them all")
}

/// Applies the fixes of the findings that `wanted` takes to the folder in memory, again and again until nothing changes;
/// what is left is found anew. Whether the script is to be made executable is in the folder too.
pub(crate) fn fix(
    checked: &mut Checked,
    config: &Config,
    rules: &checklist::Config,
    wanted: &dyn Fn(&Finding, &Fix) -> bool,
) {
    // One that is still found after it was mended so often is not mended by this.
    let mut tried: HashMap<(&'static str, String, String), usize> = HashMap::new();
    for _ in 0..ROUNDS {
        let fixes: Vec<Fix> = checked
            .findings
            .iter()
            .filter_map(|finding| {
                let fix = finding.fix.clone().filter(|fix| wanted(finding, fix))?;
                let key = (
                    finding.rule.id,
                    finding.path.clone(),
                    finding.message.clone(),
                );
                let times = tried.entry(key).or_default();
                *times += 1;
                (*times <= ATTEMPTS).then_some(fix)
            })
            .collect();
        let refs: Vec<&Fix> = fixes.iter().collect();
        let mut changed = false;
        for file in files_mut(&mut checked.folder) {
            let (text, _) = checklist::apply(&file.path, &file.text, &refs);
            if *text != *file.text {
                file.text = Arc::from(text);
                changed = true;
            }
        }
        let executable = fixes
            .iter()
            .any(|fix| fix.action == Some(Action::MakeExecutable));
        if let Some(script) = checked
            .folder
            .script
            .as_mut()
            .filter(|it| executable && !it.executable)
        {
            script.executable = true;
            changed = true;
        }
        if !changed {
            break;
        }
        checked.findings = findings(&checked.folder, checked.evidence.as_deref(), config, rules);
    }
}

/// The files that fixes edit.
pub(crate) fn files(folder: &Folder) -> impl Iterator<Item = &FolderFile> {
    folder
        .script
        .iter()
        .chain(&folder.tests)
        .chain(&folder.readme)
        .chain(&folder.others)
}

fn files_mut(folder: &mut Folder) -> impl Iterator<Item = &mut FolderFile> {
    folder
        .script
        .iter_mut()
        .chain(&mut folder.tests)
        .chain(&mut folder.readme)
        .chain(&mut folder.others)
}

impl Checked {
    /// The 1-based line of a log that a finding is about; `None` where it is about something else, or the log as a whole. A
    /// log's text is not kept.
    pub(crate) fn line_of_log(&self, finding: &Finding) -> Option<u32> {
        if !finding.path.starts_with("logs/") || finding.span.start == 0 {
            return None;
        }
        let bytes = folders::bytes(&self.dir.join(&finding.path)).ok()?;
        let before = bytes.get(..finding.span.start)?;
        u32::try_from(memchr::memchr_iter(b'\n', before).count() + 1).ok()
    }

    /// How the folder's last run compares with CI's failure; `None` where it was never run, or nothing is there to compare with.
    pub(crate) fn last_run(&self) -> Option<Comparison> {
        let run = self.folder.reproduction.as_ref()?;
        let expected = repro::signature(&self.evidence.as_ref()?.failure);
        let exit_code = folders::last_status(&self.dir.join(&run.path))
            .unwrap_or_else(|| i32::from(!passed(&run.log)));
        let timed_out = exit_code == crate::trial::TIMED_OUT;
        let outcome = RunOutcome {
            exit_code: Some(exit_code).filter(|_| !timed_out),
            timed_out,
            log: log::Log::clone(&run.log),
            ..RunOutcome::default()
        };
        Some(repro::compare(&expected, &outcome))
    }
}

/// Whether a run's output tells that tests passed and none failed.
fn passed(log: &log::Log) -> bool {
    let mut totals = log.sessions.iter().flat_map(|session| &session.totals);
    log.failures.is_empty() && totals.any(|(word, count)| word == "passed" && *count > 0)
}
