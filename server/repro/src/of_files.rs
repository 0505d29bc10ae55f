//! What no test of its own can show, but the files as they stand do. Two test files that pytest imports by one name: it takes the
//! first, and refuses the second whatever is in it. Or a file that is no Python.

use log::Failure;

use crate::Evidence;

/// Whether it is files as they stand that fail, and nothing that a test could hold.
pub fn is_of_files(evidence: &Evidence) -> bool {
    let is_python = evidence.test != Err(python::NotFound::NoPython);
    !is_python || Mismatch::of(&evidence.failure).is_some()
}

/// What pytest's `import file mismatch` tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The name of both.
    pub module: String,
    /// The file that was imported by that name, as CI names it.
    pub imported: String,
}

impl Mismatch {
    pub fn of(failure: &Failure) -> Option<Self> {
        let message = &failure.exception.as_ref()?.message;
        let mut lines = message.lines().map(str::trim);
        lines.find(|line| *line == "import file mismatch:")?;
        let module = lines.next()?.strip_prefix("imported module '")?;
        Some(Self {
            module: module.split('\'').next()?.to_owned(),
            imported: lines.next()?.to_owned(),
        })
    }
}
