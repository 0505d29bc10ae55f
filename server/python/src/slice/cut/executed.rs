//! What a run went through of a helper, where the run tells it.

use std::collections::BTreeSet;

use super::{Cut, clause_is_plain};
use crate::slice::tree::{Kind, Statement, leaves};

/// A helper's statements that a run went through; `None` where it is not known, or went through none.
pub(in crate::slice) fn executed(body: &[Statement], ran: &BTreeSet<usize>) -> Option<Cut> {
    let runs = |statement: &Statement| ran.range(statement.rows.0..=statement.rows.1).next();
    if !body.iter().any(|statement| runs(statement).is_some()) {
        return None;
    }
    let mut cut = Cut::default();
    for (index, statement) in body.iter().enumerate() {
        let taken: Vec<usize> = (0..statement.clauses.len())
            .filter(|at| {
                let body = &statement.clauses[*at].body;
                body.iter().any(|inner| runs(inner).is_some())
            })
            .collect();
        let is_if = statement.kind == Kind::If && clause_is_plain(statement);
        if runs(statement).is_none() || (is_if && taken.is_empty()) {
            continue;
        }
        // A branch that leaves, with nothing run behind it, was taken each time.
        if let (true, [only]) = (is_if, &taken[..])
            && leaves(&statement.clauses[*only].body)
            && !body[index + 1..]
                .iter()
                .any(|behind| runs(behind).is_some())
        {
            cut.dissolved.insert(statement.id(), Vec::new());
            let kept = executed(&statement.clauses[*only].body, ran)?;
            cut.whole.extend(kept.whole);
            cut.dissolved.extend(kept.dissolved);
            continue;
        }
        cut.whole.insert(statement.id());
    }
    Some(cut)
}
