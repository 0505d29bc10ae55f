//! Headings of `=` and what stands under those that hold no failures.

use super::prefix::Heading;
use super::summary::Entries;
use super::told::{Telling, fits};
use super::{Reader, State};
use crate::line::Line;
use crate::pytest::ids;
use crate::pytest::rules::{self, Section};

/// Headings that repeat what tests printed.
const PRINTED: &[&str] = &["PASSES", "XPASSES", "XFAILURES"];

impl Reader {
    pub(super) fn open_section(&mut self, found: Section, line: &Line<'_>) -> State {
        let width = line.text.trim_end().chars().count();
        let left = rules::rule(line.text).map_or(0, |it| it.left);
        if found != Section::Start {
            self.heading_comes(found);
        }
        match found {
            Section::Start => {
                self.start_session(line);
                State::Head(0)
            }
            Section::Failures | Section::Errors => State::Told(Box::new(Telling {
                width,
                left,
                is_error: found == Section::Errors,
                ..Telling::default()
            })),
            Section::Summary => State::Summary(Entries {
                width,
                left,
                ..Entries::default()
            }),
            Section::Other => State::Other {
                width,
                prints: rules::rule(line.text).is_some_and(|it| PRINTED.contains(&it.title)),
                nested: false,
            },
        }
    }

    /// A quiet session's heading, of which the line behind told that another program's prefix stands before it.
    pub(super) fn behind_heading(&mut self, heading: Heading) {
        let (State::Idle, Some(found)) = (&self.state, heading.section) else {
            return;
        };
        let width = heading.width;
        self.state = match found {
            Section::Failures | Section::Errors => State::Told(Box::new(Telling {
                width,
                is_error: found == Section::Errors,
                ..Telling::default()
            })),
            Section::Summary => State::Summary(Entries {
                width,
                ..Entries::default()
            }),
            Section::Start | Section::Other => return,
        };
        self.heading_comes(found);
    }

    /// Under a heading that holds no failures: until the next one of the same session.
    pub(super) fn other(
        &mut self,
        line: &Line<'_>,
        width: usize,
        prints: bool,
        nested: bool,
    ) -> (State, bool) {
        let text = line.text;
        let stay = |nested| State::Other {
            width,
            prints,
            nested,
        };
        let rule = rules::rule(text);
        let totals = rules::totals(text).is_some();
        if nested {
            return (stay(!totals), false);
        }
        let fits = !prints || rule.is_some_and(|it| fits(it.width, width));
        match section_of(text) {
            // Failures come before all such headings: these are printed by a test that runs pytest.
            Some(Section::Start | Section::Failures | Section::Errors) if prints => {
                (stay(true), false)
            }
            Some(_) if !fits => (stay(false), false),
            Some(_) => (State::Idle, true),
            None if (totals && (fits || (rule.is_none() && !self.evidence.headed)))
                || rule.is_some_and(|it| it.mark == '!' && fits) =>
            {
                (State::Idle, true)
            }
            None if !prints
                && text.starts_with("FAILED ")
                && ids::leading_id(&text[7..], true).is_some() =>
            {
                (State::Idle, true)
            }
            None if !prints && rules::is_results(text) => (State::Idle, true),
            None => (stay(false), false),
        }
    }
}

/// The section that a line opens.
pub(super) fn section_of(text: &str) -> Option<Section> {
    let rule = rules::rule(text).filter(|it| it.mark == '=' && it.left >= 3)?;
    rules::section(rule.title)
}
