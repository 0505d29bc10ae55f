//! Evidence to a repro folder, and a repro folder back to what it holds; signatures and verdicts.
//!
//! Values in, values out: the face reads the files and writes them.

mod collected;
mod command;
mod compare;
mod docs;
mod environment;
mod folder;
mod generate;
pub mod ini;
mod mark;
mod model;
mod normal;
mod obstacles;
mod of_files;
mod options;
mod places;
pub mod quote;

pub use compare::{Group, compare, compare_signatures, signature};
pub use environment::{Wanted, is_machine_path, wanted};
pub use folder::{name, names, read};
pub use generate::generate;
pub use model::*;
pub use normal::MARK;
pub use obstacles::obstacles;
pub use of_files::{Mismatch, is_of_files};
pub use options::{Conftest, options_of};
