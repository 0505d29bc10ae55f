//! The command line: parses, calls, prints, and maps outcomes to exit codes.

mod check;
mod failures;
mod generate;
mod json;
mod minimize;
mod progress;
mod read_log;
mod rule;
mod style;
mod verify;

pub(crate) use progress::progress_job;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstream::{AutoStream, ColorChoice};
use anyhow::Context;
use clap::{Parser, Subcommand, ValueEnum};

use crate::files::{DiskWorkspace, enclosing_work_tree};

/// From a CI log to a verified, minimal, standalone pytest reproduction.
#[derive(Debug, Parser)]
#[command(name = "reprolens", version, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Generate(generate::Arguments),
    Failures(failures::Arguments),
    Check(check::Arguments),
    Verify(verify::Arguments),
    Minimize(minimize::Arguments),
    Rule(rule::Arguments),
    /// Serves editors on standard input and output.
    Server {
        /// What clients say to name the transport; there is no other.
        #[arg(long)]
        stdio: bool,
    },
}

impl Command {
    /// Whether it prints what holds no colours, and need not be looked through for them.
    fn prints_data(&self) -> bool {
        match self {
            Self::Generate(it) => it.format == Format::Json,
            Self::Failures(it) => it.format == Format::Json,
            Self::Check(it) => matches!(it.format, check::Format::Json | check::Format::Sarif),
            Self::Verify(it) => it.format == Format::Json,
            Self::Minimize(it) => it.format == Format::Json,
            Self::Rule(it) => it.format == Format::Json,
            Self::Server { .. } => true,
        }
    }
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    #[default]
    Text,
    Json,
}

/// What a command came to; each is an exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Done and clean: 0.
    Clean,
    /// Findings, a log without failures, or any verdict other than the same failure: 1.
    Findings,
}

/// Runs the command that the arguments name.
pub(crate) fn run() -> ExitCode {
    let arguments = Arguments::parse();
    // Before standard output is locked: the server writes it from its own threads.
    if let Command::Server { .. } = arguments.command {
        return crate::lsp::run().unwrap_or_else(|error| {
            // Nothing is left to tell where standard error is closed too.
            let _ = writeln!(io::stderr(), "reprolens: {error:#}");
            ExitCode::from(2)
        });
    }
    let stdout = io::stdout().lock();
    let colours = match arguments.command.prints_data() {
        true => ColorChoice::AlwaysAnsi,
        false => AutoStream::choice(&stdout),
    };
    let mut out = io::BufWriter::with_capacity(1 << 16, AutoStream::new(stdout, colours));
    let result = match arguments.command {
        Command::Generate(arguments) => generate::run(&arguments, &mut out),
        Command::Failures(arguments) => failures::run(&arguments, &mut out),
        Command::Check(arguments) => check::run(&arguments, &mut out),
        Command::Verify(arguments) => verify::run(&arguments, &mut out),
        Command::Minimize(arguments) => minimize::run(&arguments, &mut out),
        Command::Rule(arguments) => rule::run(&arguments, &mut out),
        Command::Server { .. } => unreachable!("it was served above"),
    };
    let result = result.and_then(|outcome| {
        out.flush()?;
        Ok(outcome)
    });
    match result {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // What reads and writes files says which; only the output itself is written without a word.
            let is_output = error.chain().count() == 1
                && (error.is::<io::Error>() || error.is::<serde_json::Error>());
            let what = if is_output {
                "cannot write the results: "
            } else {
                ""
            };
            // Nothing is left to tell where standard error is closed too.
            let _ = writeln!(io::stderr(), "reprolens: {what}{error:#}");
            ExitCode::from(2)
        }
    }
}

/// The reader of our output went away (`reprolens failures x.log | head`): no error.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let json_kind = cause
            .downcast_ref::<serde_json::Error>()
            .and_then(serde_json::Error::io_error_kind);
        kind.or(json_kind) == Some(io::ErrorKind::BrokenPipe)
    })
}

/// A path as a person in the current folder would write it.
#[expect(
    clippy::disallowed_methods,
    reason = "the command line is where the current folder comes in"
)]
pub(crate) fn from_here(path: &Path) -> PathBuf {
    let here = std::env::current_dir().ok();
    let relative = here.and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
    relative.unwrap_or_else(|| path.to_owned())
}

/// The repro folder that a person names.
pub(crate) fn existing(folder: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(folder.is_dir(), "{}: no such folder", folder.display());
    Ok(())
}

/// The workspace that `--workspace` names, or the git work tree around the current folder.
#[expect(
    clippy::disallowed_methods,
    reason = "the command line is where the current folder comes in"
)]
pub(crate) fn workspace(named: Option<&PathBuf>) -> anyhow::Result<DiskWorkspace> {
    let root = match named {
        Some(folder) => {
            existing(folder).context("--workspace")?;
            folder.clone()
        }
        None => enclosing_work_tree(&std::env::current_dir()?),
    };
    Ok(DiskWorkspace::new(&root))
}
