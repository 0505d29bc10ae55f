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
    /// Of each session: they are started in different folders. The last is for what is in none.
    sessions: Vec<crate::places::Places<'a>>,
}

impl<'a> Places<'a> {
    pub(crate) fn new(workspace: &'a Overlay<'a>, log: &'a Log) -> Self {
        let of = |session| {
            let is_file = Box::new(|path: &str| workspace.is_file(path));
            crate::places::Places::new(is_file, log, session)
        };
        let sessions = log.sessions.iter().map(Some).chain([None]);
        Self {
            workspace,
            log,
            sessions: sessions.map(of).collect(),
        }
    }

    /// The file that a path printed by a session is, relative to the workspace.
    pub(crate) fn find(&self, session: Option<usize>, printed: &str) -> Option<String> {
        let last = self.sessions.len() - 1;
        self.sessions[session.map_or(last, |at| at.min(last))].find(printed)
    }

    /// The same, as an absolute path.
    pub(crate) fn absolute(&self, session: Option<usize>, printed: &str) -> Option<PathBuf> {
        let path = self.find(session, printed)?;
        Some(self.workspace.absolute(&path))
    }

    /// Whether the workspace has tests that failed in the log.
    pub(crate) fn has_tests(&self) -> bool {
        let failures = self.log.failures.iter().take(ASKED);
        let mut tests = failures.filter_map(|it| Some((it.session, it.path.as_deref()?)));
        tests.any(|(session, path)| self.find(session, path).is_some())
    }

    /// The innermost line of a failure's traceback that is in the workspace: its file, and the frame.
    pub(crate) fn failing_line<'f>(&self, failure: &'f Failure) -> Option<(PathBuf, &'f Frame)> {
        let frames = failure.location.iter().chain(failure.frames.iter().rev());
        let session = failure.session;
        let mut known =
            frames.filter_map(|frame| Some((self.absolute(session, &frame.path)?, frame)));
        known.next()
    }
}
