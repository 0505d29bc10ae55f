//! Bash text to variables and commands, and a pytest command line to its parts.
//!
//! What is literal is evaluated with the variables known so far; what is not is kept as the expression that it is, never
//! guessed. Nothing is ever run.
//!
//! It knows no CI service and no file system: a sourced script's text comes through a callback.

mod arithmetic;
mod expand;
mod model;
mod parse;
mod path;
pub mod pattern;
mod pytest;
mod quote;
mod run;
mod scan;
pub mod script;
mod syntax;

pub use model::*;
pub use pytest::pytest_command;
pub use quote::ShellWord;

/// Follows a script from its first line, as bash would as far as that is known without running anything.
///
/// A name that neither the environment nor the script says anything of is unresolved, save where the script itself provides
/// for its being unset: `${A:-b}` is `b`, and `A=$A:b`, which adds to itself, is `:b`. Names that the system or the CI service
/// sets (`PATH`, `HOME`, `GITHUB_*`, ...) stay unresolved there too.
pub fn evaluate(script: &str, ctx: &Context<'_>) -> Evaluation {
    let mut machine = run::Machine::new(ctx);
    machine.run(script, None);
    machine.result
}
