//! Paths that a log prints, as files of the workspace that the editor has.

use std::path::PathBuf;

use log::{Failure, Frame, Log};

use super::overlay::Overlay;

/// Failures that are looked at to tell whether a workspace has a log's tests.
const ASKED: usize = 20;

/// Where the paths of one log are in the workspace.
pub(crate) struct Places<'a> {
    workspace: &'a Overlay<'a>,
    log: &'a Log,
    places: crate::places::Places<'a>,
}

impl<'a> Places<'a> {
    pub(crate) fn new(workspace: &'a Overlay<'a>, log: &'a Log) -> Self {
        let is_file = Box::new(|path: &str| workspace.is_file(path));
        Self {
            workspace,
            log,
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

    /// Whether the workspace has tests that failed in the log.
    pub(crate) fn has_tests(&self) -> bool {
        let failures = self.log.failures.iter().take(ASKED);
        let mut tests = failures.filter_map(|failure| failure.path.as_deref());
        tests.any(|path| self.find(path).is_some())
    }

    /// The innermost line of a failure's traceback that is in the workspace: its file, and the frame.
    pub(crate) fn failing_line<'f>(&self, failure: &'f Failure) -> Option<(PathBuf, &'f Frame)> {
        let frames = failure.location.iter().chain(failure.frames.iter().rev());
        let mut known = frames.filter_map(|frame| Some((self.absolute(&frame.path)?, frame)));
        known.next()
    }
}
