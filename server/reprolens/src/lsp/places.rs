//! Paths that a log prints, as files of the workspace that the editor has.

use std::path::PathBuf;

use super::overlay::Overlay;

/// Where the paths of one log are in the workspace.
pub(crate) struct Places<'a> {
    workspace: &'a Overlay<'a>,
    places: crate::places::Places<'a>,
}

impl<'a> Places<'a> {
    pub(crate) fn new(workspace: &'a Overlay<'a>, log: &'a log::Log) -> Self {
        let is_file = Box::new(|path: &str| workspace.is_file(path));
        Self {
            workspace,
            places: crate::places::Places::new(is_file, log, log.sessions.first()),
        }
    }

    /// The file that a printed path is, relative to the workspace.
    pub(crate) fn find(&self, printed: &str) -> Option<String> {
        self.places.find(printed)
    }

    /// The same, as an absolute path.
    pub(crate) fn absolute(&self, printed: &str) -> Option<PathBuf> {
        self.find(printed)
            .map(|path| self.workspace.absolute(&path))
    }
}
