//! What a run went through of a helper, where the run tells it.

use std::collections::BTreeSet;

use super::{Cut, clause_is_plain};
use crate::slice::effects;
use crate::slice::tree::{Kind, Statement, leaves};

/// A helper's statements that a run went through, without functions that it only handed on and that were never called; `None` where
/// it is not known, or went through none.
pub(in crate::slice) fn executed(body: &[Statement], ran: &BTreeSet<usize>) -> Option<Cut> {
    let runs = |statement: &Statement| ran.range(statement.rows.0..=statement.rows.1).next();
    if !body.iter().any(|statement| runs(statement).is_some()) {
        return None;
    }
    let mut cut = Cut::default();
    for (index, statement) in body.iter().enumerate() {
        let taken: Vec<usize> = (0..statement.clauses().len())
            .filter(|at| {
                let body = &statement.clauses()[*at].body;
                body.iter().any(|inner| runs(inner).is_some())
            })
            .collect();
        let is_if = statement.kind == Kind::If && clause_is_plain(statement);
        let read = || {
            let mut others = body.iter().filter(|it| it.id() != statement.id());
            others.any(|it| it.facts().uses.contains(&statement.name))
        };
        if runs(statement).is_none()
            || (is_if && taken.is_empty())
            || (taken.is_empty() && only_registered(statement) && !read())
        {
            continue;
        }
        // A branch that leaves, with nothing run behind it, was taken each time; and so was one that has an `else` beside it which
        // never ran.
        if let (true, [only]) = (is_if, &taken[..])
            && (is_exhaustive(statement)
                || leaves(&statement.clauses()[*only].body)
                    && !body[index + 1..]
                        .iter()
                        .any(|behind| runs(behind).is_some()))
        {
            cut.dissolved.insert(statement.id(), Vec::new());
            let kept = executed(&statement.clauses()[*only].body, ran)?;
            cut.whole.extend(kept.whole);
            cut.dissolved.extend(kept.dissolved);
            continue;
        }
        cut.whole.insert(statement.id());
    }
    Some(cut)
}

/// The block that an `if` went through that ran once, as those of a class's body do: none of it where no condition held. `None` where it
/// is no such `if`, or where its conditions do more than to ask.
pub(in crate::slice) fn only_branch<'a, 't>(
    statement: &'a Statement<'t>,
    ran: &BTreeSet<usize>,
) -> Option<&'a [Statement<'t>]> {
    let is_asking = statement.kind == Kind::If && clause_is_plain(statement);
    if !is_asking || !ran.contains(&statement.rows.0) {
        return None;
    }
    let mut taken = statement.clauses().iter().filter(|clause| {
        let mut rows = clause.body.iter().flat_map(|it| it.rows.0..=it.rows.1);
        rows.any(|row| ran.contains(&row))
    });
    let block = taken.next().map_or(&[][..], |clause| &clause.body);
    taken.next().is_none().then_some(block)
}

/// Whether it is a function that a decorator hands on, and that changes nothing outside of itself.
fn only_registered(statement: &Statement) -> bool {
    let Some(clause) = statement.clauses().first() else {
        return false;
    };
    let decorated = statement.span.start < clause.header.start;
    let quiet = clause.body.iter().all(|inner| {
        let mut calls = inner.facts().calls.iter();
        inner.facts().outer.is_empty() && !calls.any(|call| effects::is_mutator(&call.method))
    });
    statement.kind == Kind::Function && decorated && quiet && statement.facts().stores.is_empty()
}

/// Whether one of the branches runs whatever the conditions say: the last one has none.
fn is_exhaustive(statement: &Statement) -> bool {
    statement
        .clauses()
        .last()
        .is_some_and(|last| last.facts.uses.is_empty() && last.header.len() <= ELSE)
}

/// `else:`, with room for spaces.
const ELSE: usize = 8;
