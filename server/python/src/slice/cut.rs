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
mod target;

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
                .flat_map(|statement| &statement.facts().calls)
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
            let calls = block.iter().flat_map(|statement| &statement.facts().calls);
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
            for name in &statement.facts().binds {
                live.remove(name);
            }
        }
        live.extend(statement.facts().uses.iter().cloned());
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
        for clause in statement.clauses() {
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
            .clauses()
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
        for clause in statement.clauses() {
            before.extend(clause.facts.uses.iter().cloned());
        }
        before
    }

    fn step_loop(&mut self, statement: &Statement, live: Names) -> Names {
        let saved = self.cut.clone();
        let clause = &statement.clauses()[0];
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
            for clause in statement.clauses() {
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
                for inner in statement.clauses().iter().flat_map(|clause| &clause.body) {
                    let facts = inner.facts();
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
                    .extend(statement.facts().uses.iter().cloned());
            } else {
                for clause in statement.clauses() {
                    self.collect_closures(&clause.body);
                }
            }
        }
    }
}

/// Conditions that bind or call nothing that is needed further down can go with their `if`.
fn clause_is_plain(statement: &Statement) -> bool {
    statement
        .clauses()
        .iter()
        .all(|clause| clause.facts.binds.is_empty())
}
