//! Whether a slice that fails with CI's words fails for CI's reason: the failing statement's names hold what they held in the
//! original test.

use std::path::Path;

use python::Level;

use super::{Attempt, Original};
use crate::files::{FilesError, folders, write_staged};

const RECORD: &str = "state.json";

/// Writes the plugin into `plugins`; the variable that tells it to leave its record in `scratch`.
pub(super) fn prepare(plugins: &Path, scratch: &Path) -> Result<(String, String), FilesError> {
    let plugin = plugins.join(format!("{}.py", runner::STATE_PLUGIN_NAME));
    write_staged(&plugin, runner::STATE_PLUGIN.as_bytes())?;
    let record = scratch.join(RECORD).display().to_string();
    Ok((runner::STATE_VARIABLE.to_owned(), record))
}

/// What pytest is started with.
pub(super) fn arguments() -> [String; 2] {
    ["-p".to_owned(), runner::STATE_PLUGIN_NAME.to_owned()]
}

pub(super) fn read(scratch: &Path) -> Vec<runner::State> {
    let record = folders::text(&scratch.join(RECORD));
    record
        .map(|record| runner::states(&record))
        .unwrap_or_default()
}

impl Original {
    /// Whether an attempt at a level that leaves statements out failed with another value. What is whole fails for the same reason,
    /// whatever it holds: a time, a random number.
    pub(super) fn differs(&self, attempt: &Attempt, level: Level) -> bool {
        self.reproduced
            && level < Level::Body
            && runner::other_value(&self.states, &attempt.states, &attempt.test).is_some()
    }
}
