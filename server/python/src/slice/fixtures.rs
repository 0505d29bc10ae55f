//! The fixtures of a sliced test: which stay arguments, which come along as functions, which become a line of the test.

use super::Builder;
use super::bring::is_visible;
use super::cut::Cutter;
use super::facts::Names;
use super::tree::{Kind, Statement};
use crate::model::{CriterionPhase, Level};
use crate::project::{ancestors, join, split};
use crate::source::Module;

/// pytest's own fixtures that do nothing to a test that does not use them.
const IDLE: [&str; 8] = [
    "request",
    "tmp_path",
    "tmpdir",
    "tmp_path_factory",
    "tmpdir_factory",
    "monkeypatch",
    "pytestconfig",
    "cache",
];

impl<'s> Builder<'_, 's, '_> {
    /// The arguments that the test keeps, and the lines that stand for fixtures.
    pub(super) fn requests(
        &mut self,
        arguments: &[(String, String)],
        body: &[String],
        values: &[(String, String, String)],
    ) -> (Vec<String>, Vec<String>) {
        let used = super::uses_of(&body.join("\n"));
        let mut kept = Vec::new();
        let mut inlined = Vec::new();
        let setup = self.criterion.phase == CriterionPhase::Setup;
        let failing = if setup { self.failing_fixture() } else { None };
        if let Some(name) = &failing {
            self.bring_fixture(name, 0);
            self.requested.push(name.clone());
            let by_name =
                !arguments.iter().any(|(argument, _)| argument == name) && self.is_autouse(name);
            return (
                if by_name {
                    Vec::new()
                } else {
                    vec![name.clone()]
                },
                Vec::new(),
            );
        }
        for (name, source) in arguments {
            if values.iter().any(|(known, _, _)| known == name) {
                continue;
            }
            if !setup
                && self.level < Level::Body
                && !used.contains(name)
                && IDLE.contains(&name.as_str())
            {
                continue;
            }
            let Some((module, statement)) = self.fixture(name) else {
                kept.push(source.clone());
                self.requested.push(name.clone());
                continue;
            };
            if !used.contains(name)
                && self.level < Level::Body
                && !setup
                && !has_effects(&statement)
            {
                continue;
            }
            if !setup
                && self.level < Level::Body
                && let Some(line) = self.one_line(module, &statement, name)
            {
                inlined.push(line);
                continue;
            }
            self.bring_fixture(name, 0);
            kept.push(source.clone());
            self.requested.push(name.clone());
        }
        if self.level > Level::Smallest {
            let others: Vec<String> = self
                .test
                .fixtures
                .iter()
                .filter(|fixture| fixture.autouse && fixture.path.is_some())
                // Names for doctests are none for a test function.
                .filter(|fixture| {
                    !fixture
                        .requests
                        .iter()
                        .any(|name| name == "doctest_namespace")
                })
                .map(|fixture| fixture.name.clone())
                .collect();
            for name in others {
                self.bring_fixture(&name, 0);
            }
        }
        (kept, inlined)
    }

    pub(super) fn fixture_is_brought(&self, name: &str) -> bool {
        self.fixture(name).is_some()
    }

    fn is_autouse(&self, name: &str) -> bool {
        self.test
            .fixtures
            .iter()
            .any(|fixture| fixture.name == name && fixture.autouse)
    }

    /// The fixture whose body the log's frames go through first.
    fn failing_fixture(&self) -> Option<String> {
        for frame in &self.criterion.frames {
            let module = self.project.module(&frame.path)?;
            let Some(rows) = self.bring.rows.get(&frame.path) else {
                continue;
            };
            let near = rows
                .iter()
                .min_by_key(|row| row.abs_diff(frame.line.saturating_sub(1) as usize))?;
            let function = module.function_at(u32::try_from(*near + 1).ok()?)?;
            let is_fixture = crate::source::decorators(function)
                .iter()
                .any(|decorator| module.source(*decorator).contains("fixture"));
            let in_class = function
                .parent()
                .and_then(|parent| parent.parent())
                .is_some_and(|parent| {
                    parent.kind() == "class_definition" || parent.kind() == "block"
                });
            if is_fixture && !in_class {
                return Some(module.field(function, "name").to_owned());
            }
        }
        None
    }

    /// The definition of a fixture that does not come by itself to where the repro stands.
    pub(super) fn fixture(&self, name: &str) -> Option<(&'s Module, Statement)> {
        let mut places: Vec<String> = Vec::new();
        if let Some(fixture) = self
            .test
            .fixtures
            .iter()
            .find(|fixture| fixture.name == name)
        {
            places.extend(fixture.path.clone());
        }
        places.push(self.test.path.clone());
        for folder in ancestors(split(&self.test.path).0) {
            places.push(join(folder, "conftest.py"));
        }
        for path in places {
            let Some(module) = self.project.module(&path) else {
                continue;
            };
            let scope = self.project.scope(module);
            let Some(crate::project::Resolved::Definition(found)) =
                self.project.lookup(module, name).or_else(|| {
                    let pytest_name = format!("fixture_{name}");
                    scope
                        .get(&pytest_name)
                        .and_then(|_| self.project.lookup(module, &pytest_name))
                })
            else {
                continue;
            };
            let crate::scope::BindingKind::Function(node) = found.binding.kind else {
                continue;
            };
            let is_fixture = crate::source::decorators(node)
                .iter()
                .any(|decorator| found.module.source(*decorator).contains("fixture"));
            if !is_fixture {
                continue;
            }
            if is_visible(&found.module.path, &self.criterion.destination) {
                return None;
            }
            let statements =
                super::tree::statements(found.module, &[crate::source::decorated(node)]);
            return statements
                .into_iter()
                .next()
                .map(|statement| (found.module, statement));
        }
        None
    }

    /// Brings a fixture along, with those that it requests.
    pub(super) fn bring_fixture(&mut self, name: &str, depth: usize) {
        let Some((module, statement)) = self.fixture(name) else {
            return;
        };
        if depth > 30
            || self
                .members
                .iter()
                .any(|(start, text)| *start == statement.id() && text.is_empty())
        {
            return;
        }
        self.members.push((statement.id(), String::new()));
        let Some(clause) = statement.clauses.first() else {
            return;
        };
        let row = self
            .bring
            .rows
            .get(&module.path)
            .and_then(|rows| rows.iter().find(|row| statement.holds(**row)).copied());
        let mut lines = Vec::new();
        let mut writer = self.bring.writer(module);
        let cut = row
            .filter(|_| self.level < Level::Body && self.criterion.phase == CriterionPhase::Setup)
            .map(|row| {
                let fixed = self.bring.fixed(module);
                let (ran, iterations) = self.traced(&module.path);
                let mut cutter = Cutter::new(self.level, &fixed, &ran, &iterations, &clause.body);
                cutter.keep_to_row(&clause.body, row);
                let mut cut = cutter.cut;
                let edits = super::without_unused(&clause.body, &mut cut);
                for (start, end, text) in edits {
                    writer.edit(start, end, &text);
                }
                writer.noqa(cut.target.filter(|_| cut.unused_target));
                cut
            });
        let param = self
            .test
            .fixtures
            .iter()
            .find(|fixture| fixture.name == name)
            .and_then(|fixture| fixture.param.clone())
            .or_else(|| {
                self.test
                    .params
                    .iter()
                    .find(|param| param.indirect && param.name == name)
                    .cloned()
            });
        if let Some(param) = &param
            && let Some(value) = &param.value
        {
            self.replace_param(module, &statement, value, &mut writer);
            if let Some(of) = self.project.module(&param.path) {
                self.bring.needs_of(of, value, &Names::new());
            }
        }
        writer.definition(&statement, cut.as_ref(), 0, &mut lines);
        let text = lines.join("\n");
        self.bring.add(module, statement.id(), &text);
        for request in self.requests_of(module, &statement) {
            self.bring_fixture(&request, depth + 1);
        }
    }

    /// `request.param` becomes the failing set's value, and the decorator's `params=` goes.
    fn replace_param(
        &self,
        module: &'s Module,
        statement: &Statement,
        value: &str,
        writer: &mut super::write::Writer<'s>,
    ) {
        crate::source::walk(module.root(), |node| {
            if node.end_byte() <= statement.span.start || node.start_byte() >= statement.span.end {
                return false;
            }
            if node.kind() == "attribute" && module.source(node) == "request.param" {
                let value = if value
                    .chars()
                    .all(|c| c.is_alphanumeric() || "_.'\"".contains(c))
                {
                    value.to_owned()
                } else {
                    format!("({value})")
                };
                writer.edit(node.start_byte(), node.end_byte(), &value);
                return false;
            }
            if node.kind() == "decorator" && module.source(node).contains("fixture") {
                let single = node.start_position().row == node.end_position().row;
                if single {
                    let name = module
                        .source(node)
                        .split('(')
                        .next()
                        .unwrap_or_default()
                        .to_owned();
                    writer.edit(node.start_byte(), node.end_byte(), &name);
                }
                return false;
            }
            true
        });
    }

    fn requests_of(&self, module: &'s Module, statement: &Statement) -> Vec<String> {
        let line = module.line_of(statement.span.start);
        let node = module
            .enclosing(line)
            .into_iter()
            .map(crate::source::undecorated)
            .find(|node| node.kind() == "function_definition");
        let Some(parameters) = node.and_then(|node| node.child_by_field_name("parameters")) else {
            return Vec::new();
        };
        crate::source::named_children(parameters)
            .into_iter()
            .filter(|parameter| parameter.kind() == "identifier")
            .map(|parameter| module.source(parameter).to_owned())
            .collect()
    }

    /// A fixture that only returns an expression, as an assignment.
    fn one_line(
        &mut self,
        module: &'s Module,
        statement: &Statement,
        name: &str,
    ) -> Option<String> {
        let clause = statement.clauses.first()?;
        let mut body = clause
            .body
            .iter()
            .filter(|inner| inner.kind != Kind::Docstring);
        let (only, None) = (body.next()?, body.next()) else {
            return None;
        };
        let text = only.span.of(&module.text);
        let value = text.strip_prefix("return")?.trim();
        let parametrized = self
            .test
            .fixtures
            .iter()
            .any(|fixture| fixture.name == name && fixture.param.is_some());
        if value.contains('\n')
            || parametrized
            || value.is_empty()
            || !self.requests_of(module, statement).is_empty()
            || only.facts.uses.contains("request")
            || value.contains("__file__")
            || statement.name != name
            || self
                .bring
                .rows
                .get(&module.path)
                .is_some_and(|rows| rows.iter().any(|row| statement.holds(*row)))
        {
            return None;
        }
        self.bring.needs_of(module, value, &Names::new());
        Some(format!("{name} = {value}"))
    }
}

/// Whether a fixture does more than to make its value.
fn has_effects(statement: &Statement) -> bool {
    statement.clauses.first().is_some_and(|clause| {
        clause.body.iter().any(|inner| {
            inner.facts.yields || inner.kind == Kind::Expression || inner.kind == Kind::With
        })
    })
}
