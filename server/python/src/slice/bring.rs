//! What a piece of test code needs from its file and from other test files: imports rewritten, constants, helpers and classes
//! brought along, transitively. Product code is imported, never copied.

mod at_import;
mod classes;
mod dotted;
mod imports;
mod own_file;
mod without_tests;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::cut::{Cut, Cutter, Hints, Iterations};
use super::facts::{Facts, Names};
use super::test_code;
use super::tree::{self, Kind, Statement};
use super::write::Writer;
use crate::model::{CriterionFrame, Level, Observed};
use crate::project::Project;
use crate::scope::BindingKind;
use crate::source::{Module, in_name};

/// Pieces brought along are at most so many: a slice of more is no slice.
const MAX_PIECES: usize = 400;

/// A part of a module that stands in the slice.
struct Piece {
    path: String,
    start: usize,
    text: String,
}

pub(super) struct Bring<'s, 'p> {
    pub(super) project: &'p Project<'s>,
    pub(super) level: Level,
    /// How much of what stands around the test's statements goes: where the failure tells that their state cannot matter, as much as
    /// for the smallest slice.
    pub(super) shape: Level,
    /// The rows (0-based) of the log's frames, by file, outermost first.
    pub(super) rows: BTreeMap<String, Vec<usize>>,
    /// The deepest frame in test code.
    pub(super) failing: Option<(String, usize)>,
    pub(super) notes: Vec<String>,
    pub(super) destination: String,
    /// The file of the test that failed, where that is one of tests.
    pub(super) test_file: Option<&'p str>,
    pub(super) hints: Hints,
    /// What a traced run of the test told.
    pub(super) observed: Option<&'p Observed>,
    imports: BTreeSet<String>,
    futures: BTreeSet<String>,
    pieces: Vec<Piece>,
    done: BTreeSet<(String, usize)>,
    asked: BTreeSet<(String, String)>,
    /// Which file needs names of which.
    edges: BTreeMap<String, BTreeSet<String>>,
    trees: BTreeMap<String, Rc<[Statement<'s>]>>,
    /// `name = SimpleNamespace(...)` for test modules that are used as modules, each with its path: after what stands in it.
    namespaces: BTreeMap<String, (String, BTreeSet<String>)>,
    /// `pkg.tests.support.Name` to `Name`, for what came along of test modules that are imported by their full names.
    by_full_name: BTreeMap<String, String>,
}

impl<'s, 'p> Bring<'s, 'p> {
    pub(super) fn new(project: &'p Project<'s>, level: Level, destination: &str) -> Self {
        Self {
            project,
            level,
            shape: level,
            rows: BTreeMap::new(),
            failing: None,
            notes: Vec::new(),
            destination: destination.to_owned(),
            test_file: None,
            hints: Hints::default(),
            observed: None,
            imports: BTreeSet::new(),
            futures: BTreeSet::new(),
            pieces: Vec::new(),
            done: BTreeSet::new(),
            asked: BTreeSet::new(),
            edges: BTreeMap::new(),
            trees: BTreeMap::new(),
            namespaces: BTreeMap::new(),
            by_full_name: BTreeMap::new(),
        }
    }

    /// Whether a file belongs to the tests, so that the repro may not import it.
    pub(super) fn is_test_code(&self, path: &str) -> bool {
        test_code::is_test_code(path, self.test_file)
    }

    /// The statements of a file.
    pub(super) fn tree(&mut self, module: &'s Module) -> Rc<[Statement<'s>]> {
        let failing = self.failing_row(module);
        self.trees
            .entry(module.path.clone())
            .or_insert_with(|| tree::statements(module, &module.statements(), failing).into())
            .clone()
    }

    /// The row that fails, where it is in this file.
    pub(super) fn failing_row(&self, module: &Module) -> Option<usize> {
        let (_, row) = self
            .failing
            .as_ref()
            .filter(|(path, _)| *path == module.path)?;
        Some(*row)
    }

    /// Names of a module that calls do not change: imports, functions, classes. That of a fixture is its value's where it is
    /// requested.
    pub(super) fn fixed(&self, module: &'s Module) -> Names {
        self.project
            .scope(module)
            .bindings
            .iter()
            .filter(|binding| match binding.kind {
                BindingKind::Function(node) => !module.is_fixture(node),
                BindingKind::Class(_) | BindingKind::Import { .. } => true,
                _ => false,
            })
            .map(|binding| binding.name.to_owned())
            .collect()
    }

    /// The first of the log's frames that is in a statement.
    pub(super) fn row_in(&self, module: &Module, statement: &Statement) -> Option<usize> {
        let mut rows = self.rows.get(&module.path)?.iter();
        rows.find(|row| statement.holds(**row)).copied()
    }

    /// The row that a frame is on, of those that were found in its file.
    pub(super) fn row_of(&self, frame: &CriterionFrame) -> Option<usize> {
        let rows = self.rows.get(&frame.path)?.iter();
        let line = frame.line.saturating_sub(1) as usize;
        rows.min_by_key(|row| row.abs_diff(line)).copied()
    }

    /// What `decide` keeps of a block.
    pub(super) fn cut(
        &self,
        module: &'s Module,
        block: &[Statement],
        decide: impl FnOnce(&mut Cutter<'_>),
    ) -> Cut {
        let fixed = self.fixed(module);
        let (ran, iterations) = self.traced(&module.path);
        let mut cutter = Cutter::new(self.level, &fixed, &ran, &iterations, block);
        cutter.hints(&self.hints);
        decide(&mut cutter);
        cutter.cut
    }

    pub(super) fn writer(&self, module: &'s Module) -> Writer<'s> {
        let mut writer = Writer::new(module);
        if let Some(row) = self.failing_row(module) {
            writer.mark(Some(row));
        }
        if let Some(rows) = self.rows.get(&module.path) {
            writer.path(rows);
        }
        own_file::edit(&mut writer, module);
        writer
    }

    pub(super) fn import(&mut self, line: String) {
        self.imports.insert(line);
    }

    /// Brings along what a text that stood in `module` needs, but not the names in `known`.
    pub(super) fn needs_of(&mut self, module: &'s Module, text: &str, known: &Names) {
        let parsed = Module::generated(text);
        let facts = Facts::of(&parsed, parsed.root());
        self.dotted(module, &parsed);
        if text.contains("__name__") {
            self.by_module_name(module, &parsed);
        }
        for name in facts.free() {
            if known.contains(&name) {
                continue;
            }
            if name == "ORIGINAL_FILE" {
                self.original_file(module);
                continue;
            }
            let attributes: BTreeSet<String> = facts
                .attributes
                .iter()
                .filter(|(of, _)| *of == name)
                .map(|(_, attribute)| attribute.clone())
                .collect();
            self.name(module, &name, &attributes);
        }
    }

    /// Whether something of the slice reads a name of a module's outermost level.
    pub(super) fn is_asked(&self, module: &Module, name: &str) -> bool {
        let key = (module.path.clone(), name.to_owned());
        self.asked.contains(&key)
    }

    /// Brings along a name of a module's outermost level.
    pub(super) fn name(&mut self, module: &'s Module, name: &str, attributes: &BTreeSet<String>) {
        let key = (module.path.clone(), name.to_owned());
        let scope = self.project.scope(module);
        let first_time = self.asked.insert(key);
        if self.pieces.len() > MAX_PIECES {
            return;
        }
        let choice = self.choice(module, scope.all(name).cloned().collect());
        let bindings = choice.bindings;
        if bindings.is_empty() {
            if first_time {
                self.star(module, name);
            }
            return;
        }
        let imports_only = bindings.iter().all(|binding| {
            matches!(binding.kind, BindingKind::Import { .. })
                && (!binding.conditional || choice.taken)
        });
        if imports_only {
            for binding in &bindings {
                if let BindingKind::Import {
                    module: from,
                    level,
                    name: imported,
                } = &binding.kind
                {
                    let statement = module.source(binding.statement).to_owned();
                    self.imported(
                        module,
                        name,
                        from,
                        *level,
                        imported.as_deref(),
                        &statement,
                        attributes,
                    );
                }
            }
            return;
        }
        if !first_time {
            return;
        }
        if let ([only], true) = (bindings.as_slice(), choice.taken) {
            let text = module.source(only.statement).to_owned();
            return self.add(module, only.statement.start_byte(), &text);
        }
        // The last definition hides those before it.
        let start = bindings
            .iter()
            .rposition(|binding| {
                !binding.conditional
                    && matches!(
                        binding.kind,
                        BindingKind::Function(_) | BindingKind::Class(_)
                    )
            })
            .unwrap_or(0);
        let starts: BTreeSet<usize> = bindings[start..]
            .iter()
            .map(|binding| binding.statement.start_byte())
            .collect();
        let statements = self.tree(module);
        for statement in statements.iter() {
            let binds = starts
                .iter()
                .any(|start| statement.span.start <= *start && *start < statement.span.end);
            if binds || (start == 0 && changes_global(statement, name)) {
                self.statement(module, statement);
            }
        }
    }

    /// Brings along a statement of a module's outermost level.
    pub(super) fn statement(&mut self, module: &'s Module, statement: &Statement) {
        if !self.done.insert((module.path.clone(), statement.id()))
            || self.import_or_skip(module, statement)
        {
            return;
        }
        let mut lines = Vec::new();
        let writer = self.writer(module);
        match statement.kind {
            Kind::Function => {
                let cut = self.cut_function(module, statement);
                writer.definition(statement, cut.as_ref(), 0, &mut lines);
            }
            Kind::Class => self.class(module, statement, &mut lines),
            _ => match without_tests::without_tests(statement) {
                Some(cut) => {
                    let block = std::slice::from_ref(statement);
                    writer.statements(block, Some(&cut), 0, &mut lines);
                }
                None => writer.whole(statement, 0, &mut lines),
            },
        }
        let text = lines.join("\n");
        self.add(module, statement.id(), &text);
    }

    /// Adds a text that stands at `start` of `module`, and brings along what it needs.
    pub(super) fn add(&mut self, module: &'s Module, start: usize, text: &str) {
        self.pieces.push(Piece {
            path: module.path.clone(),
            start,
            text: text.to_owned(),
        });
        self.needs_of(module, text, &Names::new());
    }

    /// What a traced run says of a file: rows that ran, values of loops.
    pub(super) fn traced(&self, path: &str) -> (BTreeSet<usize>, Iterations) {
        let mut ran = BTreeSet::new();
        let mut iterations = Iterations::new();
        if let Some(observed) = self.observed {
            for (file, lines) in &observed.lines {
                if file == path {
                    ran.extend(lines.iter().map(|line| line.saturating_sub(1) as usize));
                }
            }
            for (file, line, name, value) in &observed.iterations {
                if file == path {
                    iterations
                        .entry(line.saturating_sub(1) as usize)
                        .or_default()
                        .push((name.clone(), value.clone()));
                }
            }
        }
        (ran, iterations)
    }

    /// `np = pytest.importorskip("numpy")` as an import: it did not skip.
    fn import_or_skip(&mut self, module: &'s Module, statement: &Statement) -> bool {
        let Some((name, value)) = &statement.assigns else {
            return false;
        };
        let on_path = self.row_in(module, statement).is_some();
        let value = value.of(&module.text);
        let arguments = value
            .strip_prefix("pytest.importorskip(")
            .or_else(|| value.strip_prefix("importorskip("))
            .and_then(|rest| rest.strip_suffix(')'));
        let Some(arguments) = arguments.filter(|_| !on_path && self.level < Level::Body) else {
            return false;
        };
        let path = arguments.split(',').next().unwrap_or_default().trim();
        let path = path.trim_matches(['"', '\'']);
        let dotted = path
            .split('.')
            .all(|part| !part.is_empty() && part.chars().all(in_name));
        if dotted {
            self.imports.insert(if name == path {
                format!("import {path}")
            } else {
                format!("import {path} as {name}")
            });
        }
        dotted
    }

    /// A helper on the way to the failure is cut at its failing line, where no later code can need the rest.
    fn cut_function(&mut self, module: &'s Module, statement: &Statement) -> Option<Cut> {
        if self.level > Level::Smallest || statement.facts().yields {
            return None;
        }
        let body = &statement.clauses().first()?.body;
        let Some(row) = self.row_in(module, statement) else {
            let (ran, _) = self.traced(&module.path);
            return super::cut::executed(body, &ran);
        };
        Some(self.cut_to(module, body, row))
    }

    /// What a block needs up to its failing row.
    pub(super) fn cut_to(&self, module: &'s Module, block: &[Statement], row: usize) -> Cut {
        self.cut(module, block, |cutter| {
            cutter.keep_to_row(block, row);
        })
    }

    /// The module, with `test` as its last piece; paths below one of `workspaces` are relative to the repro.
    pub(super) fn finish(mut self, test: &str, workspaces: &[String]) -> (String, Vec<String>) {
        let order = self.file_order();
        let rank = |path: &str| {
            order
                .iter()
                .position(|known| known == path)
                .unwrap_or(order.len())
        };
        if !self.namespaces.is_empty() {
            self.imports
                .insert("from types import SimpleNamespace".to_owned());
        }
        for (name, (path, attributes)) in &self.namespaces {
            let list: Vec<String> = attributes
                .iter()
                .map(|name| format!("{name}={name}"))
                .collect();
            self.pieces.push(Piece {
                path: path.clone(),
                start: usize::MAX,
                text: format!("{name} = SimpleNamespace({})", list.join(", ")),
            });
        }
        self.pieces
            .sort_by_key(|piece| (rank(&piece.path), piece.start));
        let mut blocks: Vec<String> = self.pieces.iter().map(|piece| piece.text.clone()).collect();
        blocks.push(test.to_owned());
        self.with_own_names(&mut blocks);
        self.with_own_module(&mut blocks);
        let root = self.workspace_root();
        for block in &mut blocks {
            if let Some(text) = super::portable::portable(block, workspaces, &root) {
                *block = text;
                self.imports.insert("from pathlib import Path".to_owned());
            }
        }
        let futures: Vec<String> = self
            .futures
            .iter()
            .map(|name| format!("from __future__ import {name}"))
            .collect();
        if self.level < Level::Body {
            imports::without_idle_submodules(&mut self.imports, &blocks);
        }
        let imports: Vec<String> = self.imports.into_iter().collect();
        (
            super::layout::module(&futures, &imports, &blocks),
            self.notes,
        )
    }

    /// Files in the order that their pieces must stand in: what is imported first.
    fn file_order(&self) -> Vec<String> {
        fn visit(
            path: &str,
            edges: &BTreeMap<String, BTreeSet<String>>,
            seen: &mut BTreeSet<String>,
            order: &mut Vec<String>,
            depth: usize,
        ) {
            if depth > 50 || !seen.insert(path.to_owned()) {
                return;
            }
            for next in edges.get(path).into_iter().flatten() {
                visit(next, edges, seen, order, depth + 1);
            }
            order.push(path.to_owned());
        }
        let mut order = Vec::new();
        let mut seen = BTreeSet::new();
        for path in self.edges.keys() {
            visit(path, &self.edges, &mut seen, &mut order, 0);
        }
        order
    }
}

/// Whether an outermost statement changes what a name holds: `NAMES.append(x)`, `NAMES[0] = x`.
fn changes_global(statement: &Statement, name: &str) -> bool {
    match statement.kind {
        Kind::Expression => statement.facts().calls.iter().any(|call| {
            let method = call.method.as_str();
            // `set()` alone makes a set, `price.set(3)` changes what it is called on.
            call.root.as_deref() == Some(name)
                && (!super::effects::is_pure(method) || super::effects::is_mutator(method))
        }),
        Kind::Simple => statement.facts().stores.contains(name),
        Kind::Loop => {
            statement.facts().stores.contains(name)
                || statement.facts().calls.iter().any(|call| {
                    call.root.as_deref() == Some(name) && super::effects::is_mutator(&call.method)
                })
        }
        _ => false,
    }
}
