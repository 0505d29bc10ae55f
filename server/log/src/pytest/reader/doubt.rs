//! Rules in what a test printed that look like the session's own.
//!
//! Where a run of pytest stands in a `Captured` section, as wide as the session itself, only what follows tells whose it
//! was: behind the session's end nothing of it can follow. So such a rule is first believed, and taken back when it proves
//! to be printed.

use super::told::{Nested, Telling};
use super::{Reader, State};
use crate::line::Line;
use crate::pytest::rules::{self, Section};
use crate::{Session, pytest::section::Sections};

/// Runs inside one another that are followed.
const DEEPEST: usize = 8;

/// What was known when a doubtful rule came.
#[derive(Debug)]
pub(super) struct Doubt {
    telling: Box<Telling>,
    told: usize,
    summary: usize,
    progress: usize,
    whole: usize,
    session: Session,
    finished: bool,
    quiet_end: bool,
}

impl Reader {
    /// Remembers where reading goes on, should the rule that comes now prove to be printed by a test.
    pub(super) fn doubt(&mut self, telling: &Telling) {
        if self.doubts.len() >= DEEPEST {
            return;
        }
        self.doubts.push(Doubt {
            telling: Box::new(Telling {
                nested: Nested::No,
                ..telling.clone()
            }),
            told: self.evidence.told.len(),
            summary: self.evidence.summary.len(),
            progress: self.evidence.progress.len(),
            whole: self.evidence.whole.len(),
            session: self.evidence.session.clone(),
            finished: self.evidence.finished,
            quiet_end: self.evidence.quiet_end,
        });
        self.evidence.finished = false;
        self.evidence.quiet_end = false;
    }

    /// The state that goes on where the last doubt began, if this line shows that all since then was printed by a test.
    pub(super) fn undone(&mut self, state: &State, line: &Line<'_>) -> Option<State> {
        let last = self.doubts.last()?;
        let rule = rules::rule(line.text);
        let width = last.telling.width;
        let own = rule.filter(|it| it.left >= 3 && (width == 0 || it.width.abs_diff(width) <= 1));
        let ended = self.evidence.finished || self.evidence.quiet_end;
        let between = matches!(
            state,
            State::Summary(_) | State::Other { prints: false, .. }
        );
        let goes_on = match own {
            Some(rule) if rule.mark == '_' => ended || between,
            Some(rule) if rule.mark == '-' => ended && rule.title.starts_with("Captured "),
            Some(rule) if rule.mark == '=' => {
                ended
                    && (rules::totals(line.text).is_some()
                        || rules::section(rule.title).is_some_and(|it| it != Section::Start))
            }
            Some(_) => false,
            None => ended && !self.evidence.headed && rules::totals(line.text).is_some(),
        };
        let again = ended && own.is_some_and(|it| rules::section(it.title) == Some(Section::Start));
        if !goes_on && !again {
            return None;
        }
        let Doubt {
            mut telling,
            told,
            summary,
            progress,
            whole,
            session,
            finished,
            quiet_end,
        } = self.doubts.pop()?;
        let evidence = &mut self.evidence;
        evidence.told.truncate(told);
        evidence.summary.truncate(summary);
        evidence.progress.truncate(progress);
        evidence.whole.truncate(whole);
        evidence.session = session;
        evidence.finished = finished;
        evidence.quiet_end = quiet_end;
        Sections::grow(&mut telling.sections, line.raw);
        Some(State::Told(telling))
    }
}
