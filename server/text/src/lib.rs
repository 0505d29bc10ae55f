//! What every stage shares: byte spans and lines, where a fact was read ([`Origin`]), the environment's
//! variables, what was not understood ([`Problem`]), and the workspace as the stages see it ([`Workspace`]).
//!
//! It knows no log, no Python and no editor; turning positions into LSP's is the language server's.

mod line_index;
mod origin;
mod span;
mod variable;
mod workspace;

#[cfg(feature = "test-support")]
pub mod fixture;

pub use line_index::{Encoding, LineIndex, Position};
pub use origin::{Origin, OriginKind};
pub use span::{Problem, Span};
pub use variable::{Value, Variable, is_secret_name};
pub use workspace::Workspace;
