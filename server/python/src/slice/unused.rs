//! Assignments of a cut whose name nothing in it reads: what they name need not come along. What is unread in the text that comes of it
//! is [`super::unused_locals`]'s.

use std::collections::BTreeSet;

use super::cut::Cut;
use super::facts::Facts;
use super::tree::Statement;
use super::write::Writer;

/// What goes may leave another name unread: so often at most.
const ROUNDS: usize = 4;

/// Takes out assignments of the cut whose name nothing reads; a call on their right side is written without the name.
pub(super) fn without_unused(body: &[Statement<'_>], cut: &mut Cut, writer: &mut Writer<'_>) {
    let mut nameless: BTreeSet<usize> = BTreeSet::new();
    for _ in 0..ROUNDS {
        let mut kept = Vec::new();
        kept_statements(body, cut, &mut kept);
        let used: BTreeSet<&String> = kept.iter().flat_map(|(facts, _)| &facts.uses).collect();
        let mut changed = false;
        for statement in kept.iter().filter_map(|(_, statement)| *statement) {
            let id = statement.id();
            let Some((_, value)) = (statement.assigns.as_ref())
                .filter(|(name, _)| !used.contains(name) && !nameless.contains(&id))
            else {
                continue;
            };
            if cut.target == Some(id) {
                writer.noqa(id);
                continue;
            }
            changed = true;
            if statement.facts().calls.is_empty() {
                cut.whole.remove(&id);
            } else {
                nameless.insert(id);
                writer.edit(id, value.start, "");
            }
        }
        if !changed {
            break;
        }
    }
}

/// The facts of what is kept, with the statement where that is kept whole.
fn kept_statements<'a, 't>(
    block: &'a [Statement<'t>],
    cut: &Cut,
    kept: &mut Vec<(&'a Facts, Option<&'a Statement<'t>>)>,
) {
    for statement in block {
        let id = statement.id();
        if cut.whole.contains(&id) {
            kept.push((statement.facts(), Some(statement)));
        } else if cut.keeps(statement) {
            for clause in statement.clauses() {
                if cut.partly.contains(&id) {
                    kept.push((&clause.facts, None));
                }
                kept_statements(&clause.body, cut, kept);
            }
        }
    }
}
