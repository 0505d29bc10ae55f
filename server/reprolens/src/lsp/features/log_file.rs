//! A log in the editor: what its features have in common.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use log::{Failure, Log};
use repro::Evidence;
use text::Span;
use tower_lsp::ls_types::Uri;

use super::environment::environment_of;
use crate::lsp::convert::Positions;
use crate::lsp::overlay::Overlay;
use crate::lsp::snapshot::{Open, Snapshot};

/// An open log.
pub(crate) struct LogFile<'a> {
    pub(crate) uri: &'a Uri,
    pub(crate) log: Arc<Log>,
    pub(crate) positions: Positions<'a>,
    /// The workspace that it is about.
    pub(crate) workspace: Overlay<'a>,
    snapshot: &'a Snapshot,
    path: Option<&'a Path>,
    environments: RefCell<BTreeMap<StepOfLog, Option<Arc<Evidence>>>>,
}

/// Step and session.
type StepOfLog = (Option<usize>, Option<usize>);

impl<'a> LogFile<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot, uri: &'a Uri, document: &'a Open) -> Self {
        let log = document.text.log().clone();
        let path = document.path.as_deref();
        Self {
            uri,
            positions: Positions {
                text: &document.text,
                encoding: snapshot.encoding(),
            },
            workspace: snapshot.workspace_of_log(path, &log),
            log,
            snapshot,
            path,
            environments: RefCell::default(),
        }
    }

    /// How it is called to a person.
    pub(crate) fn name(&self) -> String {
        let name = self.path.and_then(Path::file_name);
        name.map_or_else(
            || self.uri.path().as_str().to_owned(),
            |name| name.to_string_lossy().into_owned(),
        )
    }

    /// What is known of a failure, with the CI configuration. Of one step it is asked for once: whether what is kept is still
    /// right takes a look at every file that it was made from.
    pub(crate) fn environment_of(&self, failure: usize) -> Option<Arc<Evidence>> {
        let of = self.log.failures.get(failure)?;
        let mut environments = self.environments.borrow_mut();
        let known = environments.entry((of.step, of.session));
        let look = || {
            environment_of(
                self.snapshot,
                &self.workspace,
                self.path,
                &self.log,
                failure,
            )
        };
        known.or_insert_with(look).clone()
    }

    /// The failures that the span touches, by their section, their other mentions, or the frames that they name.
    pub(crate) fn failures_at(&self, span: Span) -> Vec<usize> {
        let meets = |other: &Span| other.start <= span.end && span.start <= other.end;
        let all = self.log.failures.iter().enumerate();
        all.filter(|(_, failure)| meets(&failure.span) || failure.mentions.iter().any(meets))
            .map(|(index, _)| index)
            .collect()
    }
}

/// The text that tells a failure in one line: type and first line of the message.
pub(crate) fn summary(failure: &Failure) -> String {
    match &failure.exception {
        Some(exception) => exception.headline(),
        None => format!("failed in {}", failure.phase.name()),
    }
}

/// A failure's name in a list: the id, and the phase where it is not the test itself that failed.
pub(crate) fn title(failure: &Failure) -> String {
    match failure.phase {
        log::Phase::Call => failure.title().to_owned(),
        phase => format!("{} ({})", failure.title(), phase.name()),
    }
}

/// The same without the file, which would push everything behind it out of sight.
pub(crate) fn short_title(failure: &Failure) -> String {
    let title = title(failure);
    match title.split_once("::") {
        Some((_, test)) => test.to_owned(),
        None => title,
    }
}
