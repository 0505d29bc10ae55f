//! The backward slice over one block of statements: what stays, what goes, what is taken out of its frame.
//!
//! It walks from the failing statement upwards with the names that are still needed. It knows nothing of fixtures, classes
//! or files.

use std::collections::{BTreeMap, BTreeSet};

use self::groups::Groups;
use super::effects;
use super::facts::Names;
use super::tree::{Kind, Statement, leaves};
use crate::model::Level;

mod contexts;
mod executed;
mod groups;
mod matters;
mod patched;

pub(super) use executed::{executed, only_branch};

/// Loops are gone through again until no name is added; this bounds it.
const MAX_ROUNDS: usize = 6;

/// What the slice says of each statement, by the statement's start.
#[derive(Debug, Clone, Default)]
pub(super) struct Cut {
    /// Kept as it is, with all that is in it.
    pub(super) whole: BTreeSet<usize>,
    /// The header is kept, and what is kept of its blocks.
    pub(super) partly: BTreeSet<usize>,
    /// Only the block that fails is kept, without its header, after these lines instead of it.
    pub(super) dissolved: BTreeMap<usize, Vec<String>>,
    /// The statement that fails, where it is in this block.
    pub(super) target: Option<usize>,
    /// It assigns a name that nothing reads.
    pub(super) unused_target: bool,
}

impl Cut {
    pub(super) fn keeps(&self, statement: &Statement) -> bool {
        let id = statement.id();
        self.whole.contains(&id) || self.partly.contains(&id) || self.dissolved.contains_key(&id)
    }
}

/// The values of a loop's variables when it failed, by the row of its header.
pub(super) type Iterations = BTreeMap<usize, Vec<(String, String)>>;

/// What the failure itself tells of how much of the state matters, for the smallest slice.
#[derive(Debug, Clone, Default)]
pub(super) struct Hints {
    /// An attribute is missing: what an object is matters, not what it holds.
    pub(super) types_only: bool,
    /// A name or a signature is what failed.
    pub(super) by_name: bool,
    /// Locals of the failing frame, where the log shows values that are literals.
    pub(super) locals: Vec<(String, String)>,
    /// Names of the test's file and its parameters that hold written data, not results.
    pub(super) data: Names,
}

pub(super) struct Cutter<'a> {
    pub(super) level: Level,
    /// Names of the module that calls do not change: imports, functions, classes.
    pub(super) fixed: &'a Names,
    /// Lines (0-based rows) that a traced run went through; empty where there was none.
    pub(super) ran: &'a BTreeSet<usize>,
    pub(super) iterations: &'a Iterations,
    pub(super) cut: Cut,
    hints: Hints,
    groups: Groups,
    closures: BTreeMap<String, Names>,
    /// Methods of the test's class, as `self.name`, with what of the instance each of them uses.
    methods: BTreeMap<String, Names>,
    /// Names that local functions change: whatever is called may call those.
    called_back: Names,
    /// Names that local functions call something of: what runs beside the test may wait for it.
    beside: Names,
    /// Whether the block lets something run beside the test.
    starts: bool,
    /// Names that the block binds to written data and nothing else.
    data: Names,
    /// Names of what patches put in place.
    patched: Names,
}

impl<'a> Cutter<'a> {
    pub(super) fn new(
        level: Level,
        fixed: &'a Names,
        ran: &'a BTreeSet<usize>,
        iterations: &'a Iterations,
        block: &[Statement],
    ) -> Self {
        let mut cutter = Self {
            level,
            fixed,
            ran,
            iterations,
            cut: Cut::default(),
            hints: Hints::default(),
            groups: Groups::new(block, &[], fixed),
            closures: BTreeMap::new(),
            methods: BTreeMap::new(),
            called_back: Names::new(),
            beside: Names::new(),
            starts: block
                .iter()
                .flat_map(|statement| &statement.facts.calls)
                .any(effects::runs_beside),
            data: super::data::written(block),
            patched: patched::names(block),
        };
        cutter.collect_closures(block);
        cutter
    }

    pub(super) fn hints(&mut self, hints: &Hints) {
        self.data.extend(hints.data.iter().cloned());
        if self.level == Level::Smallest {
            self.hints = hints.clone();
        }
    }

    /// Whoever needs a method needs what it uses of the instance.
    pub(super) fn methods(&mut self, methods: &BTreeMap<String, Names>) {
        self.methods = methods.clone();
        for (name, used) in methods {
            let known = self.closures.entry(name.clone()).or_default();
            known.extend(used.iter().cloned());
        }
    }

    /// Values that hold others: what changes one may be seen through the other.
    pub(super) fn relate(&mut self, block: &[Statement], pairs: &[(String, String)]) {
        if self.level > Level::Smallest {
            let mut pairs = pairs.to_vec();
            // `box.add(part)`: what happens to the part later is seen in the box.
            let calls = block.iter().flat_map(|statement| &statement.facts.calls);
            for call in calls.filter(|it| effects::is_mutator(&it.method)) {
                let parts = call.arguments.iter().filter(|it| !self.fixed.contains(*it));
                let whole = call.root.as_ref().filter(|it| !self.fixed.contains(*it));
                pairs.extend(whole.into_iter().flat_map(|whole| {
                    let parts = parts.clone();
                    parts.map(move |part| (whole.clone(), part.clone()))
                }));
            }
            self.groups = Groups::new(block, &pairs, self.fixed);
        }
    }

    /// Keeps what the statement at `row` needs; the names that the block needs from outside.
    pub(super) fn keep_to_row(&mut self, block: &[Statement], row: usize) -> Names {
        self.target_block(block, row, false)
    }

    /// Keeps what makes these names what they are at the end of the block.
    pub(super) fn keep_to_end(&mut self, block: &[Statement], needed: Names) -> Names {
        let needed = self.expanded(needed);
        self.back(block, needed, false)
    }

    fn target_block(&mut self, block: &[Statement], row: usize, in_loop: bool) -> Names {
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
        if statement.kind == Kind::With && inside.is_none() && self.fails_without_body(statement) {
            // Its header fails, or what it enters does when it is left.
            self.cut.target = Some(id);
            self.cut.partly.insert(id);
            return statement.clauses[0].facts.uses.clone();
        }
        let (Some(at), false) = (
            inside,
            matches!(statement.kind, Kind::Function | Kind::Class | Kind::Opaque),
        ) else {
            self.cut.target = Some(id);
            self.cut.whole.insert(id);
            return statement.facts.uses.clone();
        };
        let clause = &statement.clauses[at];
        match statement.kind {
            Kind::If if !in_loop && !keeps_all && clause_is_plain(statement) => {
                let live = self.target_block(&clause.body, row, in_loop);
                self.cut.dissolved.insert(id, Vec::new());
                live
            }
            Kind::Try if !in_loop && !keeps_all && at == 0 => {
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
                statement.facts.uses.clone()
            }
        }
    }

    fn target_loop(&mut self, statement: &Statement, row: usize, in_loop: bool) -> Names {
        let clause = &statement.clauses[0];
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
            && super::data::is_data(&clause.facts, &self.data)
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
        kept.flat_map(|statement| &statement.facts.binds)
            .any(|name| needed.contains(name))
    }

    /// A loop that stays, with what the failing line needs of it.
    fn target_iterations(&mut self, statement: &Statement, row: usize) -> Names {
        let clause = &statement.clauses[0];
        let id = statement.id();
        self.cut.partly.insert(id);
        if self.level >= Level::Body {
            self.cut.whole.insert(id);
            return statement.facts.uses.clone();
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

    /// Walks a block upwards; the names needed before it.
    fn back(&mut self, block: &[Statement], mut live: Names, in_loop: bool) -> Names {
        for statement in block.iter().rev() {
            live = self.step(statement, live, in_loop);
            live = self.expanded(live);
        }
        live
    }

    fn step(&mut self, statement: &Statement, live: Names, in_loop: bool) -> Names {
        if self.level >= Level::Body {
            return self.keep_whole(statement, live);
        }
        if self.level == Level::Smallest && !self.ran.is_empty() && !self.has_run(statement) {
            return live;
        }
        match statement.kind {
            Kind::Docstring => live,
            Kind::If => self.step_if(statement, live, in_loop),
            Kind::Loop => self.step_loop(statement, live),
            Kind::With => self.step_with(statement, live, in_loop),
            Kind::Try | Kind::Opaque => {
                if self.block_matters(statement, &live) {
                    self.keep_whole(statement, live)
                } else {
                    live
                }
            }
            Kind::Jump if in_loop => self.keep_whole(statement, live),
            _ => {
                if self.matters(statement, &live) {
                    self.keep_whole(statement, live)
                } else {
                    live
                }
            }
        }
    }

    fn keep_whole(&mut self, statement: &Statement, mut live: Names) -> Names {
        self.cut.whole.insert(statement.id());
        if matches!(
            statement.kind,
            Kind::Simple | Kind::Import | Kind::Function | Kind::Class
        ) {
            for name in &statement.facts.binds {
                live.remove(name);
            }
        }
        live.extend(statement.facts.uses.iter().cloned());
        live
    }

    fn has_run(&self, statement: &Statement) -> bool {
        self.ran
            .range(statement.rows.0..=statement.rows.1)
            .next()
            .is_some()
    }

    fn step_if(&mut self, statement: &Statement, live: Names, in_loop: bool) -> Names {
        let mut any = false;
        let mut before = live.clone();
        for clause in &statement.clauses {
            // Control came past this statement: a branch that leaves did not run.
            if !in_loop && leaves(&clause.body) {
                continue;
            }
            let ran = self.ran.is_empty()
                || clause
                    .body
                    .iter()
                    .any(|inner| (inner.rows.0..=inner.rows.1).any(|row| self.ran.contains(&row)));
            if !ran {
                continue;
            }
            let inner = self.back(&clause.body, live.clone(), in_loop);
            if clause.body.iter().any(|inner| self.cut.keeps(inner)) {
                any = true;
                before.extend(inner);
            }
        }
        if !any {
            return live;
        }
        let taken = statement
            .clauses
            .iter()
            .filter(|clause| clause.body.iter().any(|inner| self.cut.keeps(inner)))
            .count();
        let known = !self.ran.is_empty() && self.level == Level::Smallest && !in_loop;
        if known && taken == 1 && clause_is_plain(statement) {
            // The run tells which way it went.
            self.cut.dissolved.insert(statement.id(), Vec::new());
            return before;
        }
        self.cut.partly.insert(statement.id());
        for clause in &statement.clauses {
            before.extend(clause.facts.uses.iter().cloned());
        }
        before
    }

    fn step_loop(&mut self, statement: &Statement, live: Names) -> Names {
        let saved = self.cut.clone();
        let clause = &statement.clauses[0];
        // First without jumps, to see whether the loop matters at all.
        self.back(&clause.body, live.clone(), false);
        let binds_needed = clause.facts.binds.iter().any(|name| live.contains(name));
        if !binds_needed && !clause.body.iter().any(|inner| self.cut.keeps(inner)) {
            self.cut = saved;
            return live;
        }
        let mut before = live;
        before.extend(clause.facts.uses.iter().cloned());
        for _ in 0..MAX_ROUNDS {
            let known = before.clone();
            for clause in &statement.clauses {
                let inner = self.back(&clause.body, before.clone(), true);
                before.extend(inner);
            }
            if before == known {
                break;
            }
        }
        self.cut.partly.insert(statement.id());
        before
    }

    /// With the names that needed local functions read when they are called.
    fn expanded(&self, mut live: Names) -> Names {
        let more: Vec<String> = live
            .iter()
            .filter_map(|name| self.closures.get(name))
            .flatten()
            .cloned()
            .collect();
        live.extend(more);
        live
    }

    fn collect_closures(&mut self, block: &[Statement]) {
        for statement in block {
            if statement.kind == Kind::Function {
                for inner in statement.clauses.iter().flat_map(|clause| &clause.body) {
                    let facts = &inner.facts;
                    let called = facts.calls.iter().filter_map(|call| call.root.as_ref());
                    self.beside.extend(called.cloned());
                    let mutators = facts
                        .calls
                        .iter()
                        .filter(|it| effects::is_mutator(&it.method));
                    let changed = mutators.filter_map(|call| call.root.as_ref());
                    let changed = changed.chain(&facts.stores).chain(&facts.outer);
                    self.called_back.extend(changed.cloned());
                }
            }
            if matches!(statement.kind, Kind::Function | Kind::Class) {
                self.closures
                    .entry(statement.name.clone())
                    .or_default()
                    .extend(statement.facts.uses.iter().cloned());
            } else {
                for clause in &statement.clauses {
                    self.collect_closures(&clause.body);
                }
            }
        }
    }
}

/// Conditions that bind or call nothing that is needed further down can go with their `if`.
fn clause_is_plain(statement: &Statement) -> bool {
    statement
        .clauses
        .iter()
        .all(|clause| clause.facts.binds.is_empty())
}

/// Whether an iteration can see what an earlier one did.
fn carries(body: &[Statement]) -> bool {
    let mut bound = Names::new();
    for statement in body {
        let facts = &statement.facts;
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
        for name in &statement.facts.uses {
            if bound.contains(name) && !seen.contains(name) {
                return true;
            }
        }
        seen.extend(statement.facts.binds.iter().cloned());
    }
    false
}
