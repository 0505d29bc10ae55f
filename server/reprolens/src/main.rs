//! The program: a command line and a language server over the same functions.
//!
//! `files` is the only place that reads and writes the disk, `runner` (a crate) the only one that starts programs; everything
//! else takes values and returns values.

mod checked;
mod choose;
mod cli;
mod config;
mod evidence;
mod files;
mod generate;
mod local_python;
mod lsp;
mod manifest;
mod minimize;
mod places;
mod printed;
mod reading;
mod reduce;
mod reproduce;
mod trial;
mod verify;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
