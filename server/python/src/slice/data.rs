//! Names that hold data as the test's author wrote it, not what a call made: their values may stand for them.

use super::facts::{Call, Facts, Names};
use super::tree::{Kind, Statement};

/// Calls that put written data in another form.
const FORMS: [&str; 21] = [
    "range",
    "enumerate",
    "zip",
    "sorted",
    "reversed",
    "list",
    "tuple",
    "dict",
    "set",
    "len",
    "items",
    "keys",
    "values",
    "product",
    "permutations",
    "combinations",
    "chain",
    "zip_longest",
    "iteritems",
    "split",
    "splitlines",
];

/// The names that a block binds to written data, and to nothing else.
pub(super) fn written(block: &[Statement]) -> Names {
    let mut known = Names::new();
    let mut made = Names::new();
    collect(block, &mut known, &mut made);
    known.retain(|name| !made.contains(name));
    known
}

fn collect(block: &[Statement], known: &mut Names, made: &mut Names) {
    for statement in block {
        // A definition's own names are no data, and of most definitions of a file nothing else is asked.
        if matches!(statement.kind, Kind::Function | Kind::Class) {
            continue;
        }
        let facts = if statement.clauses().is_empty() {
            statement.facts()
        } else {
            for clause in statement.clauses() {
                let binds = clause.facts.binds.iter().cloned();
                if statement.kind == Kind::Loop && is_data(&clause.facts, known) {
                    known.extend(binds);
                } else {
                    made.extend(binds);
                }
            }
            for clause in statement.clauses() {
                collect(&clause.body, known, made);
            }
            continue;
        };
        if statement.kind == Kind::Simple && is_data(facts, known) {
            known.extend(facts.binds.iter().cloned());
        } else {
            made.extend(facts.binds.iter().cloned());
        }
        made.extend(facts.stores.iter().cloned());
    }
}

/// Whether what an expression uses is written data, in a form that is data too.
pub(super) fn is_data(facts: &Facts, known: &Names) -> bool {
    let form = |call: &Call| FORMS.contains(&call.method.as_str());
    facts.calls.iter().all(form)
        && facts.uses.iter().all(|name| {
            let name = name.as_str();
            known.contains(name)
                || facts.binds.contains(name)
                || FORMS.contains(&name)
                || name == "itertools"
                || name == "six"
        })
}
