//! Assignments of a cut whose name nothing in it reads.

use super::cut::Cut;
use super::facts::Names;
use super::tree::Statement;

/// Takes out assignments of the cut whose name nothing reads; a call on their right side stays.
pub(super) fn without_unused(body: &[Statement], cut: &mut Cut) -> Vec<(usize, usize, String)> {
    let mut edits = Vec::new();
    for _ in 0..4 {
        let mut kept = Vec::new();
        kept_statements(body, cut, &mut kept);
        let used: Names = kept
            .iter()
            .flat_map(|facts| facts.2.iter().cloned())
            .collect();
        let mut changed = false;
        for (id, assigns, _, calls) in kept {
            let Some((name, value)) = assigns else {
                continue;
            };
            if cut.target == Some(id) && !used.contains(&name) {
                cut.unused_target = true;
            }
            if used.contains(&name)
                || cut.target == Some(id)
                || edits.iter().any(|(start, _, _)| *start == id)
            {
                continue;
            }
            changed = true;
            if calls {
                edits.push((id, value.start, String::new()));
            } else {
                cut.whole.remove(&id);
            }
        }
        if !changed {
            break;
        }
    }
    edits
}

type Kept = (usize, Option<(String, text::Span)>, Names, bool);

fn kept_statements(block: &[Statement], cut: &Cut, kept: &mut Vec<Kept>) {
    for statement in block {
        let id = statement.id();
        if cut.whole.contains(&id) {
            kept.push((
                id,
                statement.assigns.clone(),
                statement.facts.uses.clone(),
                !statement.facts.calls.is_empty(),
            ));
        } else if cut.keeps(statement) {
            for clause in &statement.clauses {
                if cut.partly.contains(&id) {
                    kept.push((usize::MAX, None, clause.facts.uses.clone(), false));
                }
                kept_statements(&clause.body, cut, kept);
            }
        }
    }
}
