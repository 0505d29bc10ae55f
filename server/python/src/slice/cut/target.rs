//! The statement that fails, and the blocks that it stands in.

use super::{Cutter, MAX_ROUNDS, clause_is_plain};
use crate::model::Level;
use crate::slice::data::is_data;
use crate::slice::effects;
use crate::slice::facts::Names;
use crate::slice::tree::{Kind, Statement};

impl Cutter<'_> {
    pub(super) fn target_block(&mut self, block: &[Statement], row: usize, in_loop: bool) -> Names {
        let Some(at) = block
            .iter()
            .position(|statement| statement.holds(row))
            .or_else(|| block.iter().rposition(|statement| statement.rows.0 <= row))
        else {
            return Names::new();
        };
        let statement = &block[at];
        let live = self.target_statement(statement, row, in_loop);
        let live = self.expanded(live);
        self.back(&block[..at], live, in_loop)
    }

    fn target_statement(&mut self, statement: &Statement, row: usize, in_loop: bool) -> Names {
        let id = statement.id();
        let inside = statement.clause_at(row);
        let keeps_all = self.level >= Level::Body;
        if inside.is_none() && self.fails_without_body(statement, row) {
            // Its header fails, or what a `with` enters does when it is left.
            self.cut.target = Some(id);
            self.cut.partly.insert(id);
            return statement.clauses()[0].facts.uses.clone();
        }
        let (Some(at), false) = (
            inside,
            matches!(statement.kind, Kind::Function | Kind::Class | Kind::Opaque),
        ) else {
            self.cut.target = Some(id);
            self.cut.whole.insert(id);
            return statement.facts().uses.clone();
        };
        let clause = &statement.clauses()[at];
        let gives_up = clause
            .body
            .iter()
            .any(|inner| inner.gives_up && inner.holds(row));
        match statement.kind {
            Kind::If if !in_loop && !keeps_all && !gives_up && clause_is_plain(statement) => {
                let live = self.target_block(&clause.body, row, in_loop);
                self.cut.dissolved.insert(id, Vec::new());
                live
            }
            Kind::Try if !in_loop && !keeps_all && !gives_up && at == 0 => {
                let live = self.target_block(&clause.body, row, in_loop);
                self.cut.dissolved.insert(id, Vec::new());
                live
            }
            Kind::With => {
                let mut live = self.target_block(&clause.body, row, in_loop);
                self.cut.partly.insert(id);
                for name in &clause.facts.binds {
                    live.remove(name);
                }
                live.extend(clause.facts.uses.iter().cloned());
                live
            }
            Kind::Loop if at == 0 => self.target_loop(statement, row, in_loop),
            Kind::If if at == 0 && !keeps_all => {
                let mut live = self.target_block(&clause.body, row, in_loop);
                self.cut.partly.insert(id);
                live.extend(clause.facts.uses.iter().cloned());
                live
            }
            _ => {
                self.cut.target = Some(id);
                self.cut.whole.insert(id);
                statement.facts().uses.clone()
            }
        }
    }

    fn target_loop(&mut self, statement: &Statement, row: usize, in_loop: bool) -> Names {
        let clause = &statement.clauses()[0];
        let id = statement.id();
        let shown = (!self.hints.locals.is_empty()).then(|| self.hints.locals.clone());
        if self.level < Level::Body
            && let Some(values) = self.iterations.get(&statement.rows.0).cloned().or(shown)
            && clause
                .facts
                .binds
                .iter()
                .all(|name| values.iter().any(|(known, _)| known == name))
            && !clause.facts.binds.is_empty()
            // A value that the product made is what the test is about: it must be made again.
            && is_data(&clause.facts, &self.data)
            && (self.level == Level::Smallest || !carries(&clause.body))
        {
            let kept = self.cut.clone();
            let mut live = self.target_block(&clause.body, row, in_loop);
            if self.hands_on(&clause.body, &live) {
                self.cut = kept;
                return self.target_iterations(statement, row);
            }
            let lines = values
                .iter()
                .filter(|(name, _)| clause.facts.binds.contains(name) && live.contains(name))
                .map(|(name, value)| format!("{name} = {value}"))
                .collect();
            self.cut.dissolved.insert(id, lines);
            for name in &clause.facts.binds {
                live.remove(name);
            }
            return live;
        }
        self.target_iterations(statement, row)
    }

    /// Whether what one iteration makes of a needed name is what the next begins with.
    fn hands_on(&self, body: &[Statement], needed: &Names) -> bool {
        let kept = body.iter().filter(|statement| self.cut.keeps(statement));
        kept.flat_map(|statement| &statement.facts().binds)
            .any(|name| needed.contains(name))
    }

    /// A loop that stays, with what the failing line needs of it.
    fn target_iterations(&mut self, statement: &Statement, row: usize) -> Names {
        let clause = &statement.clauses()[0];
        let id = statement.id();
        self.cut.partly.insert(id);
        if self.level >= Level::Body {
            self.cut.whole.insert(id);
            return statement.facts().uses.clone();
        }
        let mut live = self.target_block(&clause.body, row, true);
        live.extend(clause.facts.uses.iter().cloned());
        for _ in 0..MAX_ROUNDS {
            let before = live.clone();
            // Earlier iterations went on behind the failing line, too.
            let end = if self.level == Level::Smallest {
                clause
                    .body
                    .iter()
                    .position(|inner| inner.rows.0 > row)
                    .unwrap_or(clause.body.len())
            } else {
                clause.body.len()
            };
            let inner = self.back(&clause.body[..end], live.clone(), true);
            live.extend(inner);
            if live == before {
                break;
            }
        }
        for name in &clause.facts.binds {
            live.remove(name);
        }
        live
    }
}

/// Whether an iteration can see what an earlier one did.
fn carries(body: &[Statement]) -> bool {
    let mut bound = Names::new();
    for statement in body {
        let facts = statement.facts();
        if !facts.stores.is_empty() {
            return true;
        }
        if facts.calls.iter().any(|call| {
            effects::is_mutator(&call.method)
                && call.root.as_ref().is_some_and(|root| !bound.contains(root))
        }) {
            return true;
        }
        bound.extend(facts.binds.iter().cloned());
    }
    // A name that is read before the loop's own assignment holds the last iteration's value.
    let mut seen = Names::new();
    for statement in body {
        for name in &statement.facts().uses {
            if bound.contains(name) && !seen.contains(name) {
                return true;
            }
        }
        seen.extend(statement.facts().binds.iter().cloned());
    }
    false
}
