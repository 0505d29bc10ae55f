//! Statements in a `with`: what of its block is needed.

use super::Cutter;
use crate::model::Level;
use crate::slice::effects;
use crate::slice::facts::Names;
use crate::slice::tree::{Kind, Statement};

impl Cutter<'_> {
    pub(super) fn step_with(&mut self, statement: &Statement, live: Names, in_loop: bool) -> Names {
        let clause = &statement.clauses()[0];
        let raises = clause.facts.calls.iter().any(|call| {
            matches!(
                call.method.as_str(),
                "raises" | "warns" | "assertRaises" | "assertRaisesRegex" | "assertWarns"
            )
        });
        let bound = clause.facts.binds.iter().any(|name| live.contains(name));
        if raises {
            // Its block must go on raising, or none of it may run.
            let matters =
                bound || (self.level > Level::Smallest && self.block_matters(statement, &live));
            return if matters {
                self.keep_whole(statement, live)
            } else {
                live
            };
        }
        let given = clause.facts.calls.iter().flat_map(|call| &call.arguments);
        let mut given = given.filter(|name| !self.fixed.contains(*name));
        if clause.facts.calls.iter().any(effects::watches)
            && (bound || given.any(|name| live.contains(name)))
        {
            return self.keep_whole(statement, live);
        }
        let before = self.back(&clause.body, live.clone(), in_loop);
        if !bound && !clause.body.iter().any(|inner| self.cut.keeps(inner)) {
            return live;
        }
        self.cut.partly.insert(statement.id());
        let mut before = before;
        for name in &clause.facts.binds {
            before.remove(name);
        }
        before.extend(clause.facts.uses.iter().cloned());
        before
    }

    /// Whether a `with`, a loop or an `if` that fails outside of its block does so without it: the block never ran, or what fails is a
    /// name and not what the block did.
    pub(super) fn fails_without_body(&self, statement: &Statement, row: usize) -> bool {
        let first = statement.clauses().first();
        let in_header = first.is_some_and(|clause| row <= clause.header_row);
        let may_do_without = match statement.kind {
            Kind::With => true,
            Kind::Loop | Kind::If => in_header,
            _ => false,
        };
        if !may_do_without {
            return false;
        }
        let mut body = statement.clauses().iter().flat_map(|clause| &clause.body);
        let has_run = self.ran.is_empty() || body.any(|inner| self.has_run(inner));
        self.level < Level::Body && (!has_run || self.hints.by_name)
    }
}
