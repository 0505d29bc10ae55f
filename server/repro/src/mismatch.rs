//! Two test files that pytest imports by one name: it takes the first, and refuses the second whatever is in it. No test can show
//! that, the files as they stand do.

use log::Failure;

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
