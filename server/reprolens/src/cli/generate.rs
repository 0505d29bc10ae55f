//! `reprolens generate`: from a log to repro folders.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::bail;
use repro::Verdict;
use serde::Serialize;

use super::read_log::read_log;
use super::style::{BAD, FAINT, GOOD, PLACE, STRONG, harmless};
use super::{Format, Outcome, check, progress_job};
use crate::choose::{self, Choice, ChooseError};
use crate::config::Config;
use crate::files::{LogSource, log_sources};
use crate::generate::{self, GenerateError, LogInput, Repro, Request};
use crate::reading::Reading;

/// From a CI log to a repro folder: `run_test.sh`, a small test, a README, run and compared with CI's failure.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A log, a folder of logs, a .zip as GitHub gives it, or `-` for standard input
    log: PathBuf,
    /// The failure: a node id, a unique part of one, or its number in `reprolens failures` [default: all, one folder each]
    #[arg(long, value_name = "ID")]
    failure: Option<String>,
    /// The source tree [default: the git work tree around the current folder]
    #[arg(long, value_name = "DIR")]
    workspace: Option<PathBuf>,
    /// The folder that is to hold the repro folders [default: the configured root]
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
    /// The repro folder's name [default: made from the test's name]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Run nothing: write the careful slice, unverified
    #[arg(long)]
    no_run: bool,
    /// Replace files that were edited by hand; a copy of each is kept
    #[arg(long)]
    force: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

#[derive(Serialize)]
struct Document {
    version: u32,
    repros: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    failure: String,
    dir: PathBuf,
    script: PathBuf,
    test: Option<PathBuf>,
    readme: PathBuf,
    test_lines: usize,
    level: u8,
    verified: Option<bool>,
    verdict: Option<&'static str>,
    findings: Vec<serde_json::Value>,
    obstacles: Vec<Obstacle>,
    notes: Vec<String>,
    kept: Vec<PathBuf>,
}

#[derive(Serialize)]
struct Obstacle {
    kind: &'static str,
    what: String,
    why: String,
    stand_in: String,
}

pub(crate) fn run(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let workspace = super::workspace(arguments.workspace.as_ref())?;
    let config = Config::of_workspace(&workspace)?;
    let mut inputs = Vec::new();
    for source in log_sources(&arguments.log)? {
        let input = read(source)?;
        if !input.log.failures.is_empty() {
            inputs.push(input);
        }
    }
    let chosen = choose(&inputs, arguments)?;
    if arguments.name.is_some() && chosen.len() > 1 {
        bail!(
            "--name names one folder, but there are {} failures; choose one with --failure",
            chosen.len()
        );
    }
    let reading = Reading::new(&workspace);
    let mut repros = Vec::new();
    let mut failed = Vec::new();
    for choice in chosen {
        let log = &inputs[choice.log];
        let request = Request {
            workspace: &workspace,
            reading: &reading,
            config: &config,
            log,
            failure: choice.failure,
            into: arguments.into.clone(),
            name: arguments.name.clone(),
            run: !arguments.no_run,
            force: arguments.force,
        };
        let id = log.log.failures[choice.failure].title();
        let repro = match progress_job(id, |job| generate::generate(&request, job)) {
            Ok(repro) => repro,
            Err(GenerateError::Cancelled) => bail!("cancelled"),
            // One that cannot be made says nothing of the others.
            Err(error) => {
                failed.push(anyhow::Error::new(error).context(format!("no repro of {id}")));
                continue;
            }
        };
        if arguments.format == Format::Text {
            show(&repro, out)?;
        }
        repros.push(repro);
    }
    // The process ends here: the system takes its memory back at once, not tree by tree.
    std::mem::forget(reading);
    let unlike_ci = repros
        .iter()
        .any(|repro| repro.is_unlike_ci() || !repro.kept.is_empty());
    if arguments.format == Format::Json {
        let document = Document {
            version: 1,
            repros: repros.into_iter().map(entry).collect(),
        };
        serde_json::to_writer(&mut *out, &document)?;
        writeln!(out)?;
    }
    if !failed.is_empty() {
        let told: Vec<String> = failed.iter().map(|error| format!("{error:#}")).collect();
        bail!("{}", told.join("\nreprolens: "));
    }
    Ok(if unlike_ci {
        Outcome::Findings
    } else {
        Outcome::Clean
    })
}

/// Reads a log; of one that cannot be read twice the bytes are kept, as the repro folder gets a copy.
fn read(source: LogSource) -> anyhow::Result<LogInput> {
    let is_stdin = matches!(source, LogSource::Stdin);
    let mut kept = Vec::new();
    let log = read_log(&source, |bytes| {
        if is_stdin {
            kept.extend_from_slice(bytes);
        }
    })?;
    Ok(LogInput {
        source,
        log: Arc::new(log),
        text: is_stdin.then(|| Arc::from(kept)),
    })
}

/// The failures that `--failure` names, or one of each signature.
fn choose(inputs: &[LogInput], arguments: &Arguments) -> anyhow::Result<Vec<Choice>> {
    let logs: Vec<&log::Log> = inputs.iter().map(|input| &*input.log).collect();
    if logs.is_empty() {
        if arguments.log.as_os_str() == "-" {
            bail!("standard input holds no failure of a test");
        }
        bail!(
            "{} holds no failure; see: reprolens failures {0}",
            arguments.log.display()
        );
    }
    let Some(wanted) = &arguments.failure else {
        return Ok(choose::one_of_each(&logs));
    };
    match choose::named(&logs, wanted) {
        Ok(choice) => Ok(vec![choice]),
        Err(error @ ChooseError::NoSuchPart(_)) => bail!(
            "{error}; see: reprolens failures {}",
            arguments.log.display()
        ),
        Err(error) => bail!(error),
    }
}

fn entry(repro: Repro) -> Entry {
    let obstacles = repro.obstacles.into_iter();
    Entry {
        failure: repro.failure,
        dir: repro.dir,
        script: repro.script,
        test: repro.test,
        readme: repro.readme,
        test_lines: repro.test_lines,
        level: repro.level,
        verified: repro.verified,
        verdict: repro.comparison.map(|comparison| comparison.verdict.name()),
        findings: check::output::findings(&repro.checked),
        obstacles: obstacles
            .map(|it| Obstacle {
                kind: it.kind.name(),
                what: it.what,
                why: it.why,
                stand_in: it.stand_in,
            })
            .collect(),
        notes: repro.notes,
        kept: repro.kept.into_iter().map(|kept| kept.path).collect(),
    }
}

fn show(repro: &Repro, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "{STRONG}{}{STRONG:#}", harmless(&repro.failure))?;
    match repro.comparison.as_ref().map(|it| it.verdict) {
        Some(Verdict::Same) => {
            let in_common = repro.expected.in_common();
            writeln!(out, "  {GOOD}reproduced: {in_common}{GOOD:#}")?;
        }
        Some(Verdict::InsufficientEvidence) => writeln!(
            out,
            "  {STRONG}it fails, and the log does not hold enough to tell whether like CI did{STRONG:#}"
        )?,
        Some(Verdict::Blocked) => writeln!(out, "  {BAD}it cannot run here{BAD:#}")?,
        Some(_) => writeln!(out, "  {BAD}not reproduced{BAD:#}")?,
        None => writeln!(out, "  {STRONG}not verified{STRONG:#}")?,
    }
    for path in [
        Some(&repro.script),
        repro.test.as_ref(),
        Some(&repro.readme),
    ]
    .into_iter()
    .flatten()
    {
        let lines = if Some(path) == repro.test.as_ref() {
            format!("  {} lines", repro.test_lines)
        } else {
            String::new()
        };
        writeln!(
            out,
            "  {PLACE}{}{PLACE:#}{FAINT}{lines}{FAINT:#}",
            super::from_here(path).display()
        )?;
    }
    for note in &repro.notes {
        writeln!(out, "  note: {}", harmless(note))?;
    }
    for obstacle in &repro.obstacles {
        writeln!(
            out,
            "  not replicated: {} ({})",
            harmless(&obstacle.what),
            harmless(&obstacle.stand_in)
        )?;
    }
    for finding in &repro.checked.findings {
        writeln!(
            out,
            "  {FAINT}{}:{FAINT:#} {} {}",
            harmless(&finding.path),
            finding.rule.id,
            harmless(&finding.message)
        )?;
    }
    for kept in &repro.kept {
        writeln!(
            out,
            "  {BAD}kept{BAD:#} {}: it was edited by hand; --force would change",
            super::from_here(&kept.path).display()
        )?;
        for line in kept.diff.lines() {
            writeln!(out, "    {}", harmless(line))?;
        }
    }
    writeln!(out)?;
    Ok(())
}
