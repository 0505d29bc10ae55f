//! `reprolens minimize`: a smaller repro that fails the same.

use std::io::Write;
use std::path::PathBuf;

use serde::Serialize;

use super::style::STRONG;
use super::{Format, Outcome, progress_job};
use crate::config::Config;
use crate::minimize::{self, Request};

/// Shrinks the test and the environment of a repro folder while it fails like CI did.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The repro folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Runs to make at most
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
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
    lines_before: usize,
    lines_after: usize,
    removed_variables: &'a [String],
    removed_arguments: &'a [String],
    runs: u32,
    stopped_early: bool,
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
    let minimized = progress_job(&title, |job| minimize::minimize(&request, job))?;
    match arguments.format {
        Format::Text => {
            let (before, after) = (minimized.lines_before, minimized.lines_after);
            writeln!(
                out,
                "{STRONG}{before} lines -> {after}{STRONG:#}, after {} runs",
                minimized.runs
            )?;
            let removed: Vec<&str> = minimized
                .removed_variables
                .iter()
                .chain(&minimized.removed_arguments)
                .map(String::as_str)
                .collect();
            if !removed.is_empty() {
                writeln!(out, "  the failure does not need {}", removed.join(", "))?;
            }
            if minimized.stopped_early {
                writeln!(
                    out,
                    "  stopped after {} runs; --runs allows more",
                    minimized.runs
                )?;
            }
        }
        Format::Json => {
            let document = Document {
                version: 1,
                lines_before: minimized.lines_before,
                lines_after: minimized.lines_after,
                removed_variables: &minimized.removed_variables,
                removed_arguments: &minimized.removed_arguments,
                runs: minimized.runs,
                stopped_early: minimized.stopped_early,
            };
            serde_json::to_writer(&mut *out, &document)?;
            writeln!(out)?;
        }
    }
    Ok(Outcome::Clean)
}
