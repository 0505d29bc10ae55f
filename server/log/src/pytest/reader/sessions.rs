//! Where sessions and steps begin and end, and what of their failures is kept.

use std::collections::HashSet;

use text::Span;

use super::broken::is_interrupt;
use super::told::fits;
use super::{Reader, State};
use crate::line::Line;
use crate::pytest::evidence::Evidence;
use crate::pytest::rules::Section;
use crate::pytest::{crash, exception, header, ids, merge, rules};
use crate::{Failure, Kind};

/// Sessions inside one another that are followed.
const DEEPEST: usize = 8;
/// Ended sessions that wait for the end of the one that they may have run in.
const WAITING: usize = 64;
/// The highest exit code that pytest has a meaning for.
const PYTESTS_LAST_CODE: i32 = 5;

/// A session that had not ended when the next one began: it was killed, or the next one runs in one of its tests.
#[derive(Debug)]
pub(super) struct Outer {
    evidence: Evidence,
    /// Sessions that ended since.
    since: Vec<Evidence>,
}

impl Reader {
    /// A session's header.
    pub(super) fn start_session(&mut self, line: &Line<'_>) {
        self.doubts.clear();
        let goes_on = self.runs()
            && self.evidence.whole.is_empty()
            && self.evidence.died.is_none()
            && self.limit.is_none();
        // A header behind dots is of a run in one of the tests of a quiet session, which has no header itself.
        let in_quiet =
            !line.text.starts_with('=') && !self.evidence.headed && !self.evidence.finished;
        // Outcomes before it are those of a session that goes on, whatever became of the one in its test.
        let behind = is_behind_outcomes(line.text) || ids::leading_id(line.text, false).is_some();
        let inside = behind && self.evidence.headed;
        let waits = (self.evidence.finished || inside)
            && self.outer.last().is_some_and(|it| it.since.len() < WAITING);
        let of_quiet = self.evidence.finished && !self.evidence.headed;
        if (goes_on || in_quiet) && self.outer.len() < DEEPEST {
            self.outer.push(Outer {
                evidence: std::mem::take(&mut self.evidence),
                since: Vec::new(),
            });
        } else if waits && let Some(outer) = self.outer.last_mut() {
            let ended = std::mem::take(&mut self.evidence);
            if inside && !ended.finished {
                outer.evidence.last.clone_from(&ended.last);
            }
            outer.since.push(ended);
        } else if self.evidence.finished && is_behind_outcomes(line.text) {
            self.outer.push(Outer {
                evidence: Evidence::default(),
                since: vec![std::mem::take(&mut self.evidence)],
            });
        } else if of_quiet && !self.evidence.inner.is_empty() {
            self.before = Some(std::mem::take(&mut self.evidence));
        } else {
            self.close_session(None);
        }
        self.open_session(line);
    }

    /// The open session's header has told of its root.
    pub(super) fn root_is_known(&mut self) {
        let before = self.before.take();
        if is_tests_own(&self.evidence) && self.outer.is_empty() {
            self.outer.push(Outer {
                evidence: Evidence::default(),
                since: before.into_iter().collect(),
            });
        } else if let Some(before) = before {
            self.close_one(before, None);
        }
    }

    /// What stood before the open session's header was another program's prefix, and nothing that it runs in.
    pub(super) fn leave_nothing(&mut self) {
        let nothing = |it: &Outer| it.evidence.is_empty() && it.since.is_empty();
        if self.outer.last().is_some_and(nothing) {
            self.outer.pop();
        }
    }

    /// Whether a session has begun, by its header, and not ended.
    pub(super) fn runs(&self) -> bool {
        self.evidence.headed && !self.evidence.finished
    }

    /// Whether a session that has not ended may have run the one that has.
    pub(super) fn may_go_on(&self) -> bool {
        self.evidence.finished && !self.outer.is_empty()
    }

    /// Whether a rule is not the running session's: its own are as wide as its header, or have as many marks.
    pub(super) fn is_printed(&self, text: &str) -> bool {
        self.runs()
            && self.evidence.width > 0
            && rules::rule(text).is_some_and(|it| {
                matches!(it.mark, '=' | '_' | '!')
                    && !fits(it.width, self.evidence.width)
                    && it.left != self.evidence.left
            })
    }

    /// A heading or totals behind a session's end: those of the session that it ran in, or of one without header.
    pub(super) fn leave_ended(&mut self) {
        let crashed = !self.outer.is_empty()
            && is_tests_own(&self.evidence)
            && self.evidence.whole.iter().any(|it| it.kind == Kind::Crash);
        if !self.evidence.finished && !crashed {
            return;
        }
        if self.outer.is_empty() {
            self.close_session(None);
        }
        // One that a test ran and that was killed has no report.
        while let Some(outer) = self.outer.pop() {
            let ended = std::mem::replace(&mut self.evidence, outer.evidence);
            let places = WAITING.saturating_sub(self.evidence.inner.len());
            let inner = outer.since.into_iter().chain([ended]).take(places);
            self.evidence.inner.extend(inner);
            if !is_tests_own(&self.evidence) {
                break;
            }
        }
    }

    /// A heading of the session's report.
    pub(super) fn heading_comes(&mut self, found: Section) {
        match found {
            Section::Failures | Section::Errors => self.leave_ended(),
            Section::Summary | Section::Other if !self.outer.is_empty() => self.leave_ended(),
            _ => {}
        }
        let evidence = &mut self.evidence;
        if evidence.quiet_end
            && matches!(found, Section::Failures | Section::Errors)
            && let Some((told, summary)) = evidence.mark.take()
        {
            evidence.told.truncate(told);
            evidence.summary.truncate(summary);
            evidence.quiet_end = false;
        }
        if matches!(
            found,
            Section::Failures | Section::Errors | Section::Summary
        ) && evidence.mark.is_none()
        {
            evidence.mark = Some((evidence.told.len(), evidence.summary.len()));
            // What looked like a section before the heading was printed by a test, unless the heading is an inner run's.
            if found != Section::Summary && evidence.headed {
                for told in &mut evidence.told {
                    told.doubtful = true;
                }
            }
        }
        if found == Section::Summary && evidence.headed && evidence.loose == evidence.summary.len()
        {
            evidence.summary.clear();
            evidence.loose = 0;
        }
    }

    pub(super) fn open_session(&mut self, line: &Line<'_>) {
        self.ended = None;
        self.evidence.headed = true;
        let rule = rules::rule(line.text);
        (self.evidence.width, self.evidence.left) = rule.map_or((0, 0), |it| (it.width, it.left));
        self.evidence.session.step = self.step;
        self.evidence.session.span = line.raw;
        self.evidence.session.line = line.number;
    }

    pub(super) fn total(&mut self, line: &Line<'_>, totals: &rules::Totals<'_>) {
        self.leave_ended();
        let ruled = rules::rule(line.text).is_some();
        if self.evidence.headed && !ruled && self.evidence.whole.is_empty() {
            // A session with a header has a rule around its totals: these are of a quiet one that a test runs.
            self.evidence.quiet_end = true;
            return;
        }
        let session = &mut self.evidence.session;
        session.totals = totals.counts.clone();
        session.summary = Some(header::fact(line, totals.text));
        session.span = if session.line == 0 {
            line.raw
        } else {
            session.span.cover(line.raw)
        };
        session.line = if session.line == 0 {
            line.number
        } else {
            session.line
        };
        self.evidence.finished = true;
    }

    /// Joins what the open session told, and those told that it could have run in.
    pub(super) fn close_session(&mut self, exit_code: Option<i32>) {
        self.doubts.clear();
        self.ended = None;
        let last = std::mem::take(&mut self.evidence);
        if let Some(before) = self.before.take() {
            self.close_one(before, None);
        }
        // Those that a test ran are its own, if there is a session that it was in.
        let mut seen = false;
        for outer in std::mem::take(&mut self.outer) {
            seen |= outer.evidence.headed || outer.evidence.has_failures();
            self.close_one(outer.evidence, None);
            for evidence in outer.since {
                if !(seen && is_tests_own(&evidence)) {
                    self.close_one(evidence, None);
                }
            }
        }
        if !(seen && is_tests_own(&last)) {
            self.close_one(last, exit_code);
        }
    }

    fn close_one(&mut self, mut evidence: Evidence, exit_code: Option<i32>) {
        if evidence.is_empty()
            || (!evidence.headed
                && !evidence.finished
                && !evidence.has_failures()
                && evidence.died.is_none())
        {
            return;
        }
        // Totals that seemed to be part of a message were the session's own, if no others came.
        evidence.finished |= evidence.session.summary.is_some();
        let inner = std::mem::take(&mut evidence.inner);
        let seen = evidence.headed || evidence.has_failures();
        let limit = self.limit.take();
        if limit.is_some() || exit_code == Some(124) {
            for failure in evidence.whole.iter_mut().filter(|it| is_interrupt(it)) {
                failure.kind = Kind::Timeout;
            }
        }
        if !evidence.finished {
            evidence = self.unfinished(evidence, exit_code, limit);
        }
        // The totals of the one that they ran in would have come: so they were runs of their own.
        if !evidence.finished {
            for evidence in inner {
                if !(seen && is_tests_own(&evidence)) {
                    self.close_one(evidence, None);
                }
            }
        }
        evidence.believe_totals();
        let index = Some(self.sessions.len()).filter(|it| *it < self.keeper.sessions());
        let more = evidence.more();
        let at = evidence.told.last().map(|it| (it.line, it.span));
        let at = at.or(evidence.summary.last().map(|it| (it.line, it.span)));
        let at = at.or(evidence.progress.last().map(|it| (it.line, it.span)));
        let (line, span) = at.unwrap_or((evidence.session.line, evidence.session.span));
        self.keeper.count(more, line, span);
        let mut found = merge::join(&mut evidence);
        self.drop_repeated(&mut found);
        for failure in &mut found {
            failure.session = index;
            failure.step = self.step;
            failure.seed = evidence.session.seed.clone();
        }
        if evidence.session.line == 0 {
            evidence.session.line = found.first().map_or(1, |it| it.line);
            evidence.session.span = found.first().map(|it| it.span).unwrap_or_default();
        }
        evidence.session.step = self.step;
        if index.is_some() {
            self.sessions.push(evidence.session);
        }
        self.keep(found);
    }

    /// A session without totals, and what ended it, as far as the log tells.
    fn unfinished(
        &mut self,
        mut evidence: Evidence,
        exit_code: Option<i32>,
        limit: Option<(String, Span, u32)>,
    ) -> Evidence {
        let running = evidence.last.clone().filter(|it| !it.over);
        if let Some(last) = &running {
            evidence.session.unfinished = Some(last.fact.clone());
        }
        let of_code = match exit_code {
            Some(code @ (134 | 135 | 136 | 137 | 138 | 139 | 143)) => {
                Some((Kind::Crash, format!("exit code {code}")))
            }
            Some(124) => Some((Kind::Timeout, "exit code 124".to_owned())),
            // pytest's own go up to 5: the running test ended the process.
            Some(code) if code > PYTESTS_LAST_CODE && running.is_some() => {
                Some((Kind::Crash, format!("exit code {code}")))
            }
            _ => None,
        };
        let died = evidence.died.clone();
        let (kind, type_name, message, at) = if let Some((text, span, line)) = limit {
            (Kind::Timeout, "", text, Some((span, line)))
        } else if let Some(died) = died {
            (
                Kind::Crash,
                died.what,
                String::new(),
                Some((died.span, died.line)),
            )
        } else if let Some((kind, text)) = of_code {
            (kind, "", text, None)
        } else {
            return evidence;
        };
        // A test that is over was not the one that ran; which one did is not told then.
        let named = evidence
            .last
            .clone()
            .filter(|it| !it.over || kind == Kind::Timeout);
        let id = named
            .as_ref()
            .map(|it| it.fact.text.clone())
            .unwrap_or_default();
        let session = (evidence.session.span, evidence.session.line);
        let place = named
            .map(|it| (it.fact.span, it.fact.line))
            .or(evidence.died.as_ref().and(at))
            .or(evidence.headed.then_some(at.unwrap_or(session)));
        let told = evidence.whole.iter().any(|it| it.id == id || id.is_empty());
        let Some((span, line)) = place.filter(|_| !told) else {
            return evidence;
        };
        self.evidence = evidence;
        self.push_whole(Failure {
            id,
            kind,
            exception: Some(exception::exception(
                type_name.to_owned(),
                &message,
                &[],
                at.map_or(span, |(span, _)| span),
            )),
            span,
            line,
            mentions: at
                .map(|(span, _)| span)
                .into_iter()
                .filter(|it| *it != span)
                .collect(),
            ..Failure::default()
        });
        std::mem::take(&mut self.evidence)
    }

    /// A wrapper that runs a failed test again in a new session does not make two failures of it. Crashes stay: each
    /// run may have ended elsewhere.
    fn drop_repeated(&mut self, found: &mut [Failure]) {
        if found.len() > 1000 {
            return;
        }
        let step = self.step;
        let from = self
            .failures
            .iter()
            .rposition(|it| it.step != step)
            .map_or(0, |at| at + 1)
            .max(self.failures.len().saturating_sub(1000));
        for later in found.iter_mut() {
            let same = self.failures[from..].iter().position(|it| {
                it.id == later.id
                    && it.phase == later.phase
                    && !it.id.is_empty()
                    && !matches!(it.kind, Kind::Crash | Kind::Timeout)
                    && alike(it.exception.as_ref(), later.exception.as_ref())
            });
            if let Some(at) = same {
                let earlier = self.failures.remove(from + at);
                later.mentions.push(earlier.span);
                later.mentions.extend(earlier.mentions);
            }
        }
    }

    pub(super) fn close_step(&mut self, exit_code: Option<i32>, implied: bool) {
        match std::mem::take(&mut self.state) {
            State::Told(mut telling) => self.close_told(&mut telling),
            State::Fatal { block, start } => self.fatal(&block, start),
            State::Timeout(block) => self.timeout(&block),
            State::Internal(block) => self.internal(&block),
            State::Bare { block, .. } => self.end_bare(&block),
            State::Conftest { block, behind } => self.conftest(&block, behind),
            State::Unit { block, sure } => self.unit(&block, sure),
            State::Stestr(block) => self.stestr(&block),
            State::Idle
            | State::Head(_)
            | State::Syntax(_)
            | State::Summary(_)
            | State::Results
            | State::Other { .. } => {}
        }
        self.close_session(exit_code);
        self.limit = None;
        let step = self.step;
        let explained = self
            .failures
            .iter()
            .rposition(|it| it.step != step)
            .map_or(0, |at| at + 1);
        let mut found = self.outside.take(
            &self.failures[explained..],
            exit_code,
            step.is_some() && !implied,
        );
        for failure in &mut found {
            failure.step = step;
        }
        // A report in unittest's form tells more than the outcome behind a name.
        let told: HashSet<&str> = found.iter().map(|it| it.id.as_str()).collect();
        if !told.is_empty() {
            let mut own = self.failures.split_off(explained);
            own.retain(|it| {
                let less = it.exception.is_none() && it.frames.is_empty() && !it.id.is_empty();
                !less || !told.contains(it.id.as_str())
            });
            self.failures.append(&mut own);
        }
        self.keep(found);
    }

    /// Adds to the failures as many as there are places for.
    fn keep(&mut self, mut found: Vec<Failure>) {
        let room = self.keeper.places().saturating_sub(self.failures.len());
        if let Some(first) = found.get(room) {
            self.keeper
                .count(found.len() - room, first.line, first.span);
            found.truncate(room);
        }
        self.failures.extend(found);
    }

    pub(super) fn whole(&mut self, mut failure: Failure) {
        if self.evidence.whole.len() < self.keeper.places() {
            self.keeper.failure(&mut failure);
            self.evidence.whole.push(failure);
        } else {
            self.keeper.count(1, failure.line, failure.span);
        }
    }

    pub(super) fn push_whole(&mut self, mut failure: Failure) {
        if failure.id.is_empty()
            && let Some(frame) = crash::test_frame(&failure.frames)
        {
            failure.id = frame.function.clone();
            failure.path = Some(frame.path.clone());
        }
        failure.id_complete = ids::is_whole(&failure.id);
        if failure.id.contains("::") {
            failure.path = Some(ids::path(&failure.id).to_owned());
        }
        failure.param_id = ids::parameters(&failure.id).map(str::to_owned);
        if let Some(last) = &mut self.evidence.last {
            last.over = true;
        }
        self.whole(failure);
    }
}

/// Whether a test ran the session, in a temporary folder that pytest made for it.
fn is_tests_own(evidence: &Evidence) -> bool {
    let root = evidence.session.rootdir.as_ref();
    root.is_some_and(|it| it.text.contains("/pytest-of-") || it.text.contains("\\pytest-of-"))
}

/// Whether a session's header stands behind the outcomes of another one's tests: `..F=== test session starts ===`.
fn is_behind_outcomes(text: &str) -> bool {
    let outcomes = text.split('=').next().unwrap_or_default();
    !outcomes.is_empty() && outcomes.chars().all(|it| ".FEsxXR".contains(it))
}

/// Whether two exceptions are the same, as far as both are told.
fn alike(one: Option<&crate::Exception>, other: Option<&crate::Exception>) -> bool {
    let (Some(one), Some(other)) = (one, other) else {
        return true;
    };
    one.type_name == other.type_name && one.message.lines().next() == other.message.lines().next()
}
