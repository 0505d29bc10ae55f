//! What a test sets on what it put in another thing's place: the product sees it, whether the failing line names it or not.

use crate::slice::facts::{Call, Facts, Names};
use crate::slice::tree::{Kind, Statement};

/// Names that are bound to what a patch put in place: `with patch(...) as name`, `name = mocker.patch(...)`, `name = patcher.start()`.
pub(super) fn names(block: &[Statement]) -> Names {
    let mut found = Names::new();
    let mut patchers = Names::new();
    gather(block, &mut patchers, &mut found);
    found
}

fn gather(block: &[Statement], patchers: &mut Names, found: &mut Names) {
    for statement in block {
        if matches!(statement.kind, Kind::Function | Kind::Class) {
            continue;
        }
        let clauses = statement.clauses().iter();
        let own = clauses.len() == 0;
        let own = own.then(|| statement.facts()).into_iter();
        for facts in own.chain(clauses.map(|clause| &clause.facts)) {
            let started = |call: &Call| {
                let root = call.root.as_ref();
                call.method == "start" && root.is_some_and(|root| patchers.contains(root))
            };
            let patches = facts.calls.iter().any(|call| call.path.contains("patch"));
            if patches || facts.calls.iter().any(started) {
                found.extend(facts.binds.iter().cloned());
            }
            if patches {
                patchers.extend(facts.binds.iter().cloned());
            }
        }
        for clause in statement.clauses() {
            gather(&clause.body, patchers, found);
        }
    }
}

/// Whether a statement sets something on such a name, or how a mock answers.
pub(super) fn sets_up(facts: &Facts, patched: &Names) -> bool {
    let answers = ["return_value", "side_effect"];
    facts.stores.iter().any(|name| patched.contains(name))
        || (!facts.stores.is_empty() && answers.iter().any(|it| facts.members.contains(*it)))
}
