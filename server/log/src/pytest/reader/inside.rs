//! A log that begins inside a failure's section: the lines before are cut off, and with them the test's name.

use super::idle::CONFTEST;
use super::told::Telling;
use super::{Reader, State};
use crate::line::Line;
use crate::pytest::rules::{self, Section};
use crate::pytest::section::{self, Header};
use crate::pytest::{exception, traceback, unit};

/// Whether lines are the end of a failure's section: before anything that begins one there is an error that pytest
/// marked, and the place that it was raised at.
pub(crate) fn is_inside<'a>(lines: impl Iterator<Item = &'a str>) -> bool {
    let (mut marked, mut placed) = (false, false);
    for text in lines {
        let begins = rules::rule(text).is_some_and(|it| it.left >= 3 && "=_!―".contains(it.mark));
        let other = text.starts_with(traceback::START)
            || text.starts_with(CONFTEST)
            || unit::is_heading(text);
        if begins || other {
            return false;
        }
        let is_error = exception::marked(text).is_some_and(|it| !it.trim().is_empty());
        marked |= is_error;
        placed |= section::location(text).is_some_and(|it| it.function.is_some() || marked);
        if marked && placed {
            return true;
        }
    }
    false
}

impl Reader {
    /// The log begins inside a failure's section.
    pub(crate) fn begin_inside(&mut self) {
        self.inside = true;
    }

    /// The state at the first line of such a log.
    pub(super) fn inside(line: &Line<'_>) -> State {
        State::Told(Box::new(Telling {
            is_cut: true,
            header: Some(Header::default()),
            span: line.raw,
            line: line.number,
            ..Telling::default()
        }))
    }
}

impl Telling {
    /// What the line that ends the section tells of it: errors come before failures, and their headers say so.
    pub(super) fn ends_at(&mut self, rule: &rules::Rule<'_>) {
        self.is_error = rule.title.starts_with("ERROR ")
            || (rule.mark == '=' && rules::section(rule.title) == Some(Section::Failures));
    }
}
