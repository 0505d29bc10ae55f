//! Real logs against their labels, through the whole stage.

mod corpus;
mod labels;

use crate::{Failure, Session};

/// The sessions and failures of a log.
pub(super) fn read(log: &[u8]) -> (Vec<Session>, Vec<Failure>) {
    let log = crate::parse(log);
    (log.sessions, log.failures)
}
