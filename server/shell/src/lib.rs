//! Bash text to variables and commands, and a pytest command line to its parts.
//!
//! What is literal is evaluated with the variables known so far; what is not is kept as the expression that it is, never
//! guessed. Nothing is ever run.
//!
//! It knows no CI service and no file system: a sourced script's text comes through a callback.

mod model;

pub use model::*;

/// Follows a script from its first line, as bash would as far as that is known without running anything.
pub fn evaluate(_script: &str, _ctx: &Context<'_>) -> Evaluation {
    Evaluation::default()
}

/// The pytest command in `argv`, through launchers and wrappers that are plain prefixes (`python -m pytest`, `coverage run -m
/// pytest`, `xvfb-run`, `timeout 60`, `poetry run`, ...); `None` if it runs no pytest.
pub fn pytest_command(_command: &Command) -> Option<PytestCommand> {
    None
}
