//! `reprolens failures`: what a log holds.

use std::borrow::Cow;
use std::io::{BufWriter, IntoInnerError, Write};
use std::path::PathBuf;

use log::{Failure, Frame, Kind, Log};
use workflow::JobConfiguration;

use super::read_log::read_log;
use super::style::{BAD, FAINT, PLACE, STRONG, harmless};
use super::{Format, Outcome, json};
use crate::config::Config;
use crate::evidence;
use crate::files::log_sources;
use crate::reading::Reading;

/// What CI logs hold: failures, environment, command.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A log, a folder of logs, a .zip as GitHub gives it, or `-` for standard input
    #[arg(required = true, value_name = "LOG")]
    logs: Vec<PathBuf>,
    /// Show the whole environment of each failing step, joined with the workspace's CI configuration
    #[arg(long)]
    env: bool,
    /// The source tree, for --env [default: the git work tree around the current folder]
    #[arg(long, value_name = "DIR")]
    workspace: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

/// What is said of a file that is something else.
const NO_LOG: &str = "no CI log and no output of pytest is recognised in it";
/// Characters of a step's name that are shown: where a step has none, it is the first line of its script.
const LONGEST_STEP: usize = 60;

/// The pytest command that a failure came from: its session's own, or its step's.
pub(crate) fn command_of<'a>(failure: &Failure, log: &'a Log) -> Option<&'a str> {
    let session = failure
        .session
        .and_then(|session| log.sessions.get(session));
    let step = failure.step.and_then(|step| log.steps.get(step));
    let command = session
        .and_then(|session| session.command.as_ref())
        .or(step?.command.as_ref());
    command.map(|command| command.source.as_str())
}

pub(crate) fn run(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let mut sources = Vec::new();
    for argument in &arguments.logs {
        let found = log_sources(argument)?.into_iter().enumerate();
        sources.extend(found.map(|(place, source)| (place == 0, source)));
    }
    let mut outcome = Outcome::Findings;
    let mut recognised = false;
    let mut lines = 0;
    let mut names = Vec::new();
    if arguments.format == Format::Json {
        write!(out, r#"{{"version":1,"logs":["#)?;
    }
    // `generate` is given one of the arguments, and counts through all logs of it.
    let mut before = 0;
    for (idx, (is_first, source)) in sources.iter().enumerate() {
        let log = read_log(source, |_| {})?;
        if *is_first {
            before = 0;
        }
        let name = source.name();
        if !log.failures.is_empty() {
            outcome = Outcome::Clean;
        }
        recognised |= log.recognised;
        lines += log.lines;
        let joined = if arguments.env {
            join(&name, &log, arguments.workspace.as_ref())?
        } else {
            Vec::new()
        };
        match arguments.format {
            Format::Text if !log.recognised => {
                if sources.len() > 1 {
                    writeln!(out, "{STRONG}{name}{STRONG:#}: {NO_LOG}\n")?;
                }
            }
            Format::Text => {
                show(&name, &log, before, out)?;
                if arguments.env {
                    show_joined(&name, &log, &joined, out)?;
                } else {
                    show_environments(&name, &log, out)?;
                }
                writeln!(out)?;
            }
            Format::Json => {
                if idx > 0 {
                    write!(out, ",")?;
                }
                let mut document = json::Log::new(&name, &log);
                document.environments = joined
                    .iter()
                    .map(|(step, job)| {
                        json::Environment::new(json::step_name(&log, *step), job, &name)
                    })
                    .collect();
                // It writes every few bytes: not through `dyn`.
                let mut buffer = BufWriter::new(&mut *out);
                serde_json::to_writer(&mut buffer, &document)?;
                buffer.into_inner().map_err(IntoInnerError::into_error)?;
            }
        }
        before += log.failures.len();
        names.push(name);
        if idx + 1 == sources.len() {
            // The program ends: taking a large log apart is work for nobody.
            std::mem::forget(log);
        }
    }
    if arguments.format == Format::Json {
        writeln!(out, "]}}")?;
    }
    anyhow::ensure!(
        recognised,
        "{}: {}; give the raw log of a job (on GitHub: \"View raw logs\", or `gh run view --log`)",
        names.join(", "),
        if lines > 0 { NO_LOG } else { "it is empty" }
    );
    Ok(outcome)
}

/// One log for a person: what it is, then each failure with the line that it stands at. `before` failures were in the logs before it.
fn show(name: &str, log: &Log, before: usize, out: &mut dyn Write) -> anyhow::Result<()> {
    let job = log
        .job
        .name
        .as_ref()
        .map(|job| format!(", job {:?}", job.text))
        .unwrap_or_default();
    writeln!(
        out,
        "{STRONG}{name}{STRONG:#}: {} log{}, {} line{}",
        log.ci.name(),
        harmless(&job),
        log.lines,
        if log.lines == 1 { "" } else { "s" }
    )?;
    if let Some(workflow) = &log.job.workflow {
        let reference = log
            .job
            .reference
            .as_ref()
            .map(|it| format!(" at {}", it.text))
            .unwrap_or_default();
        writeln!(
            out,
            "  workflow {}{} {FAINT}{name}:{}{FAINT:#}",
            harmless(&workflow.text),
            harmless(&reference),
            workflow.line
        )?;
    }
    for session in &log.sessions {
        let summary = match &session.summary {
            Some(summary) => summary.text.as_str(),
            None if log.is_cut(session) => "no summary: the log ends before pytest's last line",
            None => "pytest printed no summary",
        };
        let step = json::step_name(log, session.step)
            .map(|step| format!("step {:?}: ", shortened(step)))
            .unwrap_or_default();
        writeln!(
            out,
            "  {}{} {FAINT}{name}:{}{FAINT:#}",
            harmless(&step),
            harmless(summary),
            session.line
        )?;
    }
    for problem in &log.problems {
        writeln!(out, "  note: {}", harmless(&problem.message))?;
    }
    if log.failures.is_empty() {
        writeln!(
            out,
            "  no failure of a test is in it ({}, {})",
            counted(log.steps.len(), "step"),
            counted(log.sessions.len(), "pytest session")
        )?;
    }
    for (idx, failure) in log.failures.iter().enumerate() {
        show_failure(before + idx + 1, name, failure, out)?;
    }
    Ok(())
}

fn show_failure(
    number: usize,
    name: &str,
    failure: &Failure,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let kind = failure.kind.name();
    let phase = match failure.kind {
        Kind::Traceback | Kind::InternalError => String::new(),
        _ => format!(" in {}", failure.phase.name()),
    };
    writeln!(out)?;
    writeln!(
        out,
        "{STRONG}{number:>3}{STRONG:#}  {BAD}{}{BAD:#}  {FAINT}{kind}{phase}{FAINT:#}  {PLACE}{name}:{}{PLACE:#}",
        harmless(failure.title()),
        failure.line
    )?;
    if let Some(exception) = &failure.exception {
        let mut lines = exception.message.lines();
        let first = lines.next().unwrap_or_default();
        writeln!(out, "     {}", harmless(&exception.after_type(first)))?;
        for line in lines.by_ref().take(8) {
            writeln!(out, "     {}", harmless(line))?;
        }
        let left = lines.count();
        if left > 0 {
            writeln!(out, "     {FAINT}... {left} more lines{FAINT:#}")?;
        }
    }
    for (label, value) in [("expected", &failure.expected), ("actual", &failure.actual)] {
        if let Some(value) = value {
            let mut lines = value.lines();
            let first = lines.next().unwrap_or_default();
            let more = if lines.next().is_some() { " ..." } else { "" };
            writeln!(out, "     {label:<8} {}{more}", harmless(first))?;
        }
    }
    if let Some(location) = &failure.location {
        show_frame("at", location, out)?;
        let test = failure.test_frame();
        if let Some(test) = test.filter(|it| (&it.path, it.line) != (&location.path, location.line))
        {
            show_frame("from", test, out)?;
        }
    }
    Ok(())
}

fn show_frame(word: &str, frame: &Frame, out: &mut dyn Write) -> anyhow::Result<()> {
    let function = match frame.function.as_str() {
        "" => String::new(),
        function => format!(" in {function}"),
    };
    let source = frame.source.as_deref().map(|it| format!("  {it}"));
    writeln!(
        out,
        "     {word} {PLACE}{}:{}{PLACE:#}{}{}",
        harmless(&frame.path),
        frame.line,
        harmless(&function),
        harmless(&source.unwrap_or_default())
    )?;
    Ok(())
}

fn shortened(name: &str) -> Cow<'_, str> {
    match name.char_indices().nth(LONGEST_STEP) {
        Some((end, _)) => Cow::Owned(format!("{}...", &name[..end])),
        None => Cow::Borrowed(name),
    }
}

fn counted(count: usize, word: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{count} {word}{end}")
}

/// The command and the environment of each step that a failure came from.
fn show_environments(name: &str, log: &Log, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut steps: Vec<usize> = log
        .failures
        .iter()
        .filter_map(|failure| failure.step)
        .collect();
    steps.dedup();
    for step in steps.into_iter().filter_map(|step| log.steps.get(step)) {
        writeln!(out)?;
        writeln!(
            out,
            "  step {STRONG}{}{STRONG:#} {PLACE}{name}:{}{PLACE:#}",
            harmless(&shortened(&step.name)),
            step.line
        )?;
        if let Some(command) = &step.command {
            writeln!(out, "    command  {}", harmless(&command.source))?;
        }
        for variable in &step.env {
            show_variable(variable, name, out)?;
        }
    }
    Ok(())
}

/// The job configuration of each failing step, by the step's index: the best candidate.
fn join(
    name: &str,
    log: &Log,
    workspace: Option<&PathBuf>,
) -> anyhow::Result<Vec<(Option<usize>, JobConfiguration)>> {
    let workspace = super::workspace(workspace)?;
    let config = Config::of_workspace(&workspace)?;
    let reading = Reading::new(&workspace);
    let mut seen = Vec::new();
    let mut joined = Vec::new();
    for (idx, failure) in log.failures.iter().enumerate() {
        let place = (failure.step, failure.session);
        if seen.contains(&place) {
            continue;
        }
        seen.push(place);
        let evidence = evidence::of_failure_in(&reading, &config, name, log, idx);
        let best = evidence.and_then(|evidence| evidence.configurations.into_iter().next());
        joined.extend(best.map(|best| (failure.step, best)));
    }
    Ok(joined)
}

/// The environment of each failing step as the log and the CI configuration tell it together: every variable with its origin
/// and what it replaced, the command, and what of it cannot be had here.
fn show_joined(
    name: &str,
    log: &Log,
    joined: &[(Option<usize>, JobConfiguration)],
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    for (step, job) in joined {
        let step = json::step_name(log, *step).unwrap_or("the log");
        writeln!(out)?;
        writeln!(out, "  environment of {STRONG}{}{STRONG:#}", harmless(step))?;
        if let (Some(path), Some(key)) = (&job.path, &job.job) {
            let line = job.line.map(|line| format!(":{line}")).unwrap_or_default();
            writeln!(
                out,
                "    job {} {PLACE}{path}{line}{PLACE:#}",
                harmless(key)
            )?;
        }
        for why in &job.why {
            writeln!(out, "      {FAINT}{}{FAINT:#}", harmless(why))?;
        }
        if let Some((command, origin)) = &job.command {
            writeln!(
                out,
                "    command  {}  {FAINT}{}:{}{FAINT:#}",
                harmless(&command.source),
                origin.path,
                origin.line
            )?;
        }
        for variable in &job.variables {
            show_variable(variable, name, out)?;
        }
        for obstacle in &job.obstacles {
            writeln!(
                out,
                "    cannot be had here: {} ({})",
                harmless(&obstacle.what),
                harmless(&obstacle.stand_in)
            )?;
        }
    }
    Ok(())
}

fn show_variable(variable: &text::Variable, name: &str, out: &mut dyn Write) -> anyhow::Result<()> {
    let place = json::Place::new(&variable.origin, name);
    writeln!(
        out,
        "    {}={}  {FAINT}{} {}:{}{FAINT:#}",
        harmless(&variable.name),
        harmless(variable.value.text()),
        place.kind,
        place.path,
        place.line
    )?;
    for (value, origin) in &variable.overridden {
        let place = json::Place::new(origin, name);
        writeln!(
            out,
            "      {FAINT}instead of {} {} {}:{}{FAINT:#}",
            harmless(value.text()),
            place.kind,
            place.path,
            place.line
        )?;
    }
    Ok(())
}
