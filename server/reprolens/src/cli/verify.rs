//! `reprolens verify`: does the repro fail like CI did?

use std::io::Write;
use std::path::PathBuf;

use repro::{Reason, Signature, Verdict};
use serde::Serialize;

use super::style::{BAD, FAINT, GOOD, STRONG, harmless};
use super::{Format, Outcome, progress_job};
use crate::config::Config;
use crate::verify::{self, Request, Verified};

/// Runs run_test.sh of a repro folder, keeps its output in logs/reproduction.log, and compares it with CI's failure.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The repro folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// How often to run it: more than once tells whether it is deterministic
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    runs: u32,
    /// The source tree [default: the git work tree around the current folder]
    #[arg(long, value_name = "DIR")]
    workspace: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    verdict: &'static str,
    reasons: Vec<JsonReason<'a>>,
    runs: Vec<Run<'a>>,
    expected: JsonSignature<'a>,
    log: String,
}

#[derive(Serialize)]
struct Run<'a> {
    verdict: &'static str,
    seconds: f64,
    exit_code: Option<i32>,
    signature: Option<JsonSignature<'a>>,
}

#[derive(Serialize)]
struct JsonReason<'a> {
    part: &'a str,
    expected: Option<&'a str>,
    actual: Option<&'a str>,
    text: &'a str,
}

#[derive(Serialize)]
struct JsonSignature<'a> {
    phase: &'static str,
    exception: Option<&'a str>,
    message: Option<&'a str>,
    source: Option<&'a str>,
}

pub(crate) fn run(arguments: &Arguments, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    super::existing(&arguments.folder)?;
    let workspace = super::workspace(arguments.workspace.as_ref())?;
    let config = Config::of_workspace(&workspace)?;
    let request = Request {
        config: &config,
        folder: &arguments.folder,
        runs: arguments.runs,
    };
    let title = arguments.folder.display().to_string();
    let verified = progress_job(&title, |job| verify::verify(&request, job))?;
    match arguments.format {
        Format::Text => show(&verified, out)?,
        Format::Json => {
            serde_json::to_writer(&mut *out, &document(&verified))?;
            writeln!(out)?;
        }
    }
    Ok(if verified.verdict == Verdict::Same {
        Outcome::Clean
    } else {
        Outcome::Findings
    })
}

fn show(verified: &Verified, out: &mut dyn Write) -> anyhow::Result<()> {
    let style = if verified.verdict == Verdict::Same {
        GOOD
    } else {
        BAD
    };
    let words = match verified.verdict {
        Verdict::Same => {
            let in_common = verified.expected.in_common();
            format!("same: it fails like CI did, {in_common}")
        }
        Verdict::Flaky { k, n } => format!("flaky: {k} of {n} runs failed like CI did"),
        other => other.name().to_owned(),
    };
    writeln!(out, "{style}{words}{style:#}")?;
    for reason in &verified.reasons {
        show_reason(reason, out)?;
    }
    for run in &verified.runs {
        writeln!(
            out,
            "  {FAINT}run: {} in {:.2} s{FAINT:#}",
            run.verdict.name(),
            run.seconds
        )?;
    }
    writeln!(out, "  output: {}", verified.log.display())?;
    Ok(())
}

fn show_reason(reason: &Reason, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(
        out,
        "  {STRONG}{}{STRONG:#}: {}",
        reason.part,
        harmless(&reason.text)
    )?;
    for (label, value) in [("in CI", &reason.expected), ("here", &reason.actual)] {
        if let Some(value) = value {
            writeln!(out, "    {label:<6} {}", harmless(value))?;
        }
    }
    Ok(())
}

fn document(verified: &Verified) -> Document<'_> {
    let reasons = verified.reasons.iter();
    Document {
        version: 1,
        verdict: verified.verdict.name(),
        reasons: reasons
            .map(|reason| JsonReason {
                part: &reason.part,
                expected: reason.expected.as_deref(),
                actual: reason.actual.as_deref(),
                text: &reason.text,
            })
            .collect(),
        runs: verified
            .runs
            .iter()
            .map(|run| Run {
                verdict: run.verdict.name(),
                seconds: run.seconds,
                exit_code: run.exit_code,
                signature: run.signature.as_ref().map(json_signature),
            })
            .collect(),
        expected: json_signature(&verified.expected),
        log: verified.log.display().to_string(),
    }
}

fn json_signature(signature: &Signature) -> JsonSignature<'_> {
    JsonSignature {
        phase: signature.phase.name(),
        exception: signature.exception.as_deref(),
        message: signature.message.as_deref(),
        source: signature.source.as_deref(),
    }
}
