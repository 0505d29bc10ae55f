//! The fixtures of a sliced test: which stay arguments, which come along as functions, which become a line of the test.

mod brought;
mod inlined;
mod made;
mod param;
mod plugins;
#[cfg(test)]
mod tests;

use tree_sitter::Node;

use self::inlined::Inlining;
use super::builder::Builder;
use super::effects;
use super::facts::Names;
use super::test_code::is_visible;
use super::tree::{Kind, Statement};
use crate::model::{CriterionPhase, Fixture, Level, Mark};
use crate::project::{ancestors, join, split};
use crate::source::{Module, in_name};

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
        let outside = self.fails_outside();
        if let Some(name) = self.failing_fixture().filter(|_| outside) {
            self.bring_fixture(&name, 0);
            self.requested.push(name.clone());
            let is_argument = arguments.iter().any(|(argument, _)| *argument == name);
            let kept = (is_argument || !self.is_autouse(&name)).then_some(name);
            return (kept.into_iter().collect(), Vec::new());
        }
        let used = super::uses_of(&body.join("\n"));
        let mut kept = Kept::default();
        let mut inlined = Vec::new();
        // Fixtures that are a part of the test by now.
        let mut done = Names::new();
        for (name, source) in arguments {
            let is_needed = used.contains(name) || self.level >= Level::Body;
            if self.drawn.contains(name) {
                kept.push(name, source);
            } else if values.iter().any(|(known, ..)| known == name) {
                // It is a line of the test.
            } else if source.starts_with('*') || source.contains('=') {
                // Nothing is requested by it: pytest gives nothing, a decorator may.
                if is_needed {
                    kept.push(name, source);
                }
            } else if done.contains(name) {
                // So is one that another fixture requests.
            } else if is_needed || outside || !self.is_idle(name) {
                let plan = Inlining::new(body, arguments, &done);
                match self.as_lines(name, plan, &mut done, &mut kept) {
                    Some(lines) => inlined.extend(lines),
                    None => self.request(name, source, &mut kept),
                }
            }
        }
        self.bring_autouse();
        let mut marked: Vec<String> = self.test.marks.iter().flat_map(used_by_mark).collect();
        marked.retain(|name| !self.requested.contains(name));
        for name in marked {
            if !self.usefixtures.contains(&name) {
                self.request(&name, &name, &mut Kept::default());
                self.usefixtures.push(name);
            }
        }
        self.bring_plugins();
        let sources = kept.0.into_iter().map(|(_, source)| source);
        (sources.collect(), inlined)
    }

    /// Whether a fixture does nothing to a test that does not use it.
    fn is_idle(&self, name: &str) -> bool {
        match self.fixture(name) {
            Some((_, statement)) => !has_effects(&statement),
            None => IDLE.contains(&name) || self.is_made_idle(name),
        }
    }

    /// A fixture as lines of the test; `None` where it may not be such.
    fn as_lines(
        &mut self,
        name: &str,
        mut plan: Inlining<'s>,
        done: &mut Names,
        kept: &mut Kept,
    ) -> Option<Vec<String>> {
        if self.criterion.phase == CriterionPhase::Setup || self.level >= Level::Body {
            return None;
        }
        let (module, statement) = self.fixture(name)?;
        if makes(&statement) && self.is_shared(name) {
            return None;
        }
        if self.level == Level::Smallest && self.inline(name, &mut plan, 0).is_some() {
            for request in &plan.requests {
                self.request(request, request, kept);
            }
            self.needs_of_inlined(&plan);
            *done = plan.done;
            return Some(plan.lines);
        }
        let line = self.one_line(module, &statement, name)?;
        Some(vec![line])
    }

    /// Whether a fixture that has to stay one requests this one, too: both are to have the same value.
    fn is_shared(&mut self, name: &str) -> bool {
        let is_smallest = self.level == Level::Smallest;
        let others = self.test.fixtures.iter().filter(|other| {
            let asks = other.name != name && other.requests.iter().any(|it| it == name);
            asks && !(other.autouse && is_smallest)
        });
        let others: Vec<String> = others.map(|it| it.name.clone()).collect();
        others.iter().any(|other| {
            let mut plan = Inlining::new(&[], &[], &Names::new());
            !is_smallest || self.inline(other, &mut plan, 0).is_none()
        })
    }

    /// Requests a fixture that could not be made a part of the test.
    fn request(&mut self, name: &str, source: &str, kept: &mut Kept) {
        if kept.push(name, source) {
            self.bring_fixture(name, 0);
            self.requested.push(name.to_owned());
            if self.fixture(name).is_none() {
                self.bring_requests_of_member(name, 0);
            }
        }
    }

    /// Brings along the fixtures that pytest sets up by itself, as far as they may matter.
    fn bring_autouse(&mut self) {
        let matters = |fixture: &&Fixture| {
            let statement = self.fixture(&fixture.name).map(|(_, statement)| statement);
            let quiet = statement.as_ref().is_some_and(only_warnings);
            // Names for doctests are none for a test function.
            let is_of_doctests = fixture.requests.iter().any(|it| it == "doctest_namespace");
            fixture.autouse
                && fixture.path.is_some()
                && !is_of_doctests
                && (!quiet || self.level >= Level::Body || self.about_warnings())
                && (self.level > Level::Smallest || statement.as_ref().is_some_and(sets_state))
        };
        let names = self.test.fixtures.iter().filter(matters);
        for name in names.map(|it| it.name.clone()).collect::<Vec<_>>() {
            self.bring_fixture(&name, 0);
        }
    }

    /// Whether the value of a parameter that goes through a fixture is written into that fixture, which comes along.
    pub(super) fn holds_value(&self, name: &str) -> bool {
        self.fixture(name)
            .is_some_and(|(module, statement)| reads_param(module, &statement))
    }

    /// Whether the sliced test has a fixture, by itself or through others.
    pub(super) fn comes_to(&self, name: &str) -> bool {
        let fixtures = &self.test.fixtures;
        let mut open: Vec<&str> = self.requested.iter().map(String::as_str).collect();
        let autouse = fixtures.iter().filter(|fixture| fixture.autouse);
        open.extend(autouse.map(|fixture| fixture.name.as_str()));
        let mut seen = Names::new();
        while let Some(next) = open.pop() {
            if next == name {
                return true;
            }
            if seen.insert(next.to_owned()) {
                let known = fixtures.iter().filter(|fixture| fixture.name == next);
                open.extend(known.flat_map(|it| it.requests.iter().map(String::as_str)));
            }
        }
        // Of a fixture that was not found it is not known who requests it.
        !fixtures.iter().any(|fixture| fixture.name == name)
    }

    /// Arguments that Hypothesis fills: `@given(a)` the last one, `@given(x=a)` the one of that name.
    pub(super) fn drawn(&self, function: Node<'s>, arguments: &[(String, String)]) -> Names {
        let mut names = Names::new();
        if self.has_example {
            return names;
        }
        for call in crate::source::decorators(function) {
            if call.kind() != "call" {
                continue;
            }
            if self.module.field(call, "function").rsplit('.').next() != Some("given") {
                continue;
            }
            let given = crate::source::Arguments::of(self.module, call);
            names.extend(given.keywords.iter().map(|(name, _)| (*name).to_owned()));
            let count = given.positional.len().min(arguments.len());
            names.extend(
                arguments[arguments.len() - count..]
                    .iter()
                    .map(|(name, _)| name.clone()),
            );
        }
        names
    }

    /// Whether a warning is what failed.
    pub(super) fn about_warnings(&self) -> bool {
        let names = [&self.criterion.exception, &self.criterion.message];
        names
            .into_iter()
            .flatten()
            .any(|text| text.contains("Warning") || text.contains("WARN"))
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
            let Some(module) = self.project.module(&frame.path) else {
                continue;
            };
            let Some(row) = self.bring.row_of(frame) else {
                continue;
            };
            let line = u32::try_from(row + 1).ok()?;
            let Some(function) = module.function_at(line) else {
                continue;
            };
            let is_fixture = module.is_fixture(function);
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

    /// Whether the test gets a fixture from its class or a base of it, where that is none but itself.
    fn is_of_class(&self, name: &str) -> bool {
        let mut known = self.test.fixtures.iter();
        let Some(fixture) = known.rfind(|fixture| fixture.name == name) else {
            return false;
        };
        let module = fixture
            .path
            .as_ref()
            .and_then(|path| self.project.module(path));
        let overrides = fixture.requests.iter().any(|request| request == name);
        module.is_some_and(|module| {
            let around = module.enclosing(module.line_of(fixture.span.start));
            let mut around = around.into_iter().map(crate::source::undecorated);
            around.any(|node| node.kind() == "class_definition")
        }) && !overrides
    }

    /// The files that fixtures of the test may stand in: its own, and the conftests above it, the nearest first.
    fn fixture_files(&self) -> Vec<String> {
        let folders = ancestors(split(&self.test.path).0);
        let conftests = folders.map(|folder| join(folder, "conftest.py"));
        std::iter::once(self.test.path.clone())
            .chain(conftests)
            .collect()
    }

    /// The definition of a fixture that does not come by itself to where the repro stands.
    pub(super) fn fixture(&self, name: &str) -> Option<(&'s Module, Statement<'s>)> {
        if self.is_of_class(name) {
            return None;
        }
        let of_test = self.test.fixtures.iter().find(|known| known.name == name);
        if let Some((module, node)) = of_test.and_then(|fixture| self.definition_of(fixture)) {
            return self.unless_visible(module, node);
        }
        let own = of_test.and_then(|fixture| fixture.path.clone());
        for path in own.into_iter().chain(self.fixture_files()) {
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
            if !found.module.is_fixture(node) {
                continue;
            }
            return self.unless_visible(found.module, node);
        }
        None
    }

    /// The function of a fixture that was found, whatever the fixture is called.
    fn definition_of(&self, fixture: &Fixture) -> Option<(&'s Module, Node<'s>)> {
        let module = self.project.module(fixture.path.as_ref()?)?;
        let around = module.enclosing(module.line_of(fixture.span.start));
        let node = around.into_iter().find(|node| {
            node.kind() == "decorated_definition" && node.start_byte() == fixture.span.start
        })?;
        Some((module, crate::source::undecorated(node)))
    }

    fn unless_visible(
        &self,
        module: &'s Module,
        function: Node<'s>,
    ) -> Option<(&'s Module, Statement<'s>)> {
        if is_visible(&module.path, &self.criterion.destination) {
            return None;
        }
        let failing = self.bring.failing_row(module);
        let nodes = [crate::source::decorated(function)];
        let statements = super::tree::statements(module, &nodes, failing);
        Some((module, statements.into_iter().next()?))
    }

    pub(super) fn requests_of(&self, module: &'s Module, statement: &Statement) -> Vec<String> {
        let Some(parameters) = parameters_of(module, statement) else {
            return Vec::new();
        };
        crate::source::named_children(parameters)
            .into_iter()
            .filter(|parameter| parameter.kind() == "identifier")
            .map(|parameter| module.source(parameter).to_owned())
            .collect()
    }
}

/// The arguments that the test keeps: each name with its source.
#[derive(Default)]
struct Kept(Vec<(String, String)>);

impl Kept {
    /// Tells whether the name is a new one; what the test itself writes of a known one stands for it.
    fn push(&mut self, name: &str, source: &str) -> bool {
        let known = self.0.iter_mut().find(|(known, _)| known == name);
        let is_new = known.is_none();
        match known {
            Some(known) if source != name => source.clone_into(&mut known.1),
            Some(_) => {}
            None => self.0.push((name.to_owned(), source.to_owned())),
        }
        is_new
    }
}

/// The names that a `usefixtures` mark requests, where it shows them.
pub(super) fn used_by_mark(mark: &Mark) -> Vec<String> {
    if mark.name != "usefixtures" {
        return Vec::new();
    }
    let names = mark.arguments.split(['\'', '"']).skip(1).step_by(2);
    let names = names.filter(|name| !name.is_empty() && name.chars().all(in_name));
    names.map(str::to_owned).collect()
}

fn parameters_of<'s>(module: &'s Module, statement: &Statement) -> Option<Node<'s>> {
    let around = module.enclosing(module.line_of(statement.span.start));
    let mut around = around.into_iter().map(crate::source::undecorated);
    around
        .find(|node| node.kind() == "function_definition")?
        .child_by_field_name("parameters")
}

/// Whether a fixture has its parameter's value by `request.param` alone: one that asks whether there is one keeps its text.
fn reads_param(module: &Module, statement: &Statement) -> bool {
    let text = statement.span.of(&module.text);
    let asks = ["getattr(request", "hasattr(request"];
    text.contains("request.param") && !asks.iter().any(|it| text.contains(it))
}

/// Whether a fixture only sets a little state that any code may read: an environment variable, a seed.
fn sets_state(statement: &Statement) -> bool {
    statement.clauses().first().is_some_and(|clause| {
        clause.body.len() <= 4
            && clause.body.iter().any(|inner| {
                inner.facts().calls.iter().any(|call| {
                    effects::weight(call) == effects::Weight::World
                        && !call.method.contains("warning")
                })
            })
    })
}

/// Whether a fixture does nothing but to filter warnings.
fn only_warnings(statement: &Statement) -> bool {
    statement.clauses().first().is_some_and(|clause| {
        clause.body.iter().all(|inner| {
            matches!(inner.kind, Kind::Docstring | Kind::Import)
                || inner.kind == Kind::Expression
                    && (inner.facts().calls.is_empty()
                        || inner.facts().calls.iter().all(|call| {
                            matches!(call.method.as_str(), "filterwarnings" | "simplefilter")
                        }))
        })
    })
}

/// Whether a fixture's value is another one each time.
fn makes(statement: &Statement) -> bool {
    let mut body = statement.clauses().iter().flat_map(|clause| &clause.body);
    body.any(|inner| !inner.facts().calls.is_empty())
}

/// Whether a fixture does more than to make its value.
fn has_effects(statement: &Statement) -> bool {
    statement.clauses().first().is_some_and(|clause| {
        clause.body.iter().any(|inner| {
            inner.facts().yields || inner.kind == Kind::Expression || inner.kind == Kind::With
        })
    })
}
