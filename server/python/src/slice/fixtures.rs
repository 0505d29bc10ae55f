//! The fixtures of a sliced test: which stay arguments, which come along as functions, which become a line of the test.

#[cfg(test)]
mod tests;

use super::Builder;
use super::bring::is_visible;
use super::cut::Cutter;
use super::effects;
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
            if self.drawn.contains(name) {
                kept.push(source.clone());
                continue;
            }
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
                self.bring_requests_of_member(name, 0);
                continue;
            };
            if !used.contains(name)
                && self.level < Level::Body
                && !setup
                && !has_effects(&statement)
            {
                continue;
            }
            if !setup && self.level == Level::Smallest {
                let mut plan = Inlining::new(body, arguments);
                if self.inline(name, &mut plan, 0).is_some() {
                    for request in &plan.requests {
                        self.request(request, &mut kept);
                    }
                    self.needs_of_inlined(&plan);
                    inlined.extend(plan.lines);
                    continue;
                }
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
        {
            let others: Vec<String> = self
                .test
                .fixtures
                .iter()
                .filter(|fixture| fixture.autouse && fixture.path.is_some())
                .filter(|fixture| {
                    let statement = self.fixture(&fixture.name);
                    let quiet = statement.is_some_and(|(_, it)| only_warnings(&it));
                    !quiet || self.level >= Level::Body || self.about_warnings()
                })
                .filter(|fixture| {
                    self.level > Level::Smallest
                        || self
                            .fixture(&fixture.name)
                            .is_some_and(|(_, statement)| sets_state(&statement))
                })
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
        for name in self.used_by_mark() {
            if !self.requested.contains(&name) {
                self.request(&name, &mut Vec::new());
                self.bring_requests_of_member(&name, 0);
                self.usefixtures.push(name);
            }
        }
        (kept, inlined)
    }

    /// The fixtures that `usefixtures` marks name.
    fn used_by_mark(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for mark in &self.test.marks {
            if mark.name != "usefixtures" {
                continue;
            }
            let module = Module::parse("", mark.arguments.as_str().into());
            crate::source::walk(module.root(), |node| {
                if node.kind() == "string_content" {
                    names.push(module.source(node).to_owned());
                }
                true
            });
        }
        let mut seen = Names::new();
        names.retain(|name| seen.insert(name.clone()));
        names
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
    pub(super) fn drawn(
        &self,
        function: tree_sitter::Node<'s>,
        arguments: &[(String, String)],
    ) -> Names {
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

    /// Requests a fixture that could not be made a part of the test.
    fn request(&mut self, name: &str, kept: &mut Vec<String>) {
        if !kept.iter().any(|known| known == name) {
            self.bring_fixture(name, 0);
            kept.push(name.to_owned());
            self.requested.push(name.to_owned());
        }
    }

    fn needs_of_inlined(&mut self, plan: &Inlining<'s>) {
        let mut known = plan.bound.clone();
        known.extend(plan.requests.iter().cloned());
        for (module, text) in &plan.needs {
            self.bring.needs_of(module, text, &known);
        }
    }

    /// Puts a fixture's body, and before it those of the fixtures that it requests, into the plan; `None` where one is more
    /// than statements that end in its value, or its names are others' too.
    fn inline(&mut self, name: &str, plan: &mut Inlining<'s>, depth: usize) -> Option<()> {
        if plan.done.contains(name) {
            return Some(());
        }
        let (module, statement) = self.fixture(name)?;
        let clause = statement.clauses.first()?;
        let parametrized = self
            .test
            .fixtures
            .iter()
            .any(|fixture| fixture.name == name && fixture.param.is_some());
        let fails_here = self
            .bring
            .rows
            .get(&module.path)
            .is_some_and(|rows| rows.iter().any(|row| statement.holds(*row)));
        let header = text::Span::new(statement.span.start, clause.header.end);
        let header = header.of(&module.text);
        let body: Vec<&Statement> = clause
            .body
            .iter()
            .filter(|inner| inner.kind != Kind::Docstring)
            .collect();
        let (last, before) = body.split_last()?;
        let special = |inner: &Statement| {
            ["request", "self", "cls"]
                .iter()
                .any(|name| inner.facts.uses.contains(*name))
                || inner.span.of(&module.text).contains("__file__")
        };
        let ends_early = before
            .iter()
            .any(|inner| inner.facts.yields || inner.leaves() || returns(module, inner));
        if depth > 10
            || parametrized
            || fails_here
            || header.matches("\n@").count() + usize::from(header.starts_with('@')) != 1
            || header.contains("async def")
            || ends_early
            || body.iter().any(|inner| special(inner))
        {
            return None;
        }
        let text = last.span.of(&module.text);
        let value = match text.split_once([' ', '(', '\n']) {
            _ if text == "return" || text == "yield" => None,
            Some(("return" | "yield", _)) => Some(text[6..].trim_start()),
            _ if last.leaves() || last.facts.yields || returns(module, last) => return None,
            _ => None,
        };
        let value = value.map(|value| text.strip_prefix("yield").map_or(value, str::trim));
        let locals: Names = body
            .iter()
            .flat_map(|inner| inner.facts.binds.iter().cloned())
            .chain(std::iter::once(name.to_owned()))
            .collect();
        let clashes = locals.iter().any(|local| {
            local != name && (plan.taken.contains(local) || plan.bound.contains(local))
        });
        let hides_value =
            value != Some(name) && body.iter().any(|inner| inner.facts.binds.contains(name));
        if clashes || hides_value {
            return None;
        }
        plan.done.insert(name.to_owned());
        plan.bound.extend(locals);
        for request in self.requests_of(module, &statement) {
            let used = body.iter().any(|inner| inner.facts.uses.contains(&request));
            let Some((_, needed)) = self.fixture(&request) else {
                if used || !IDLE.contains(&request.as_str()) {
                    plan.requests.push(request);
                }
                continue;
            };
            if (used || has_effects(&needed)) && self.inline(&request, plan, depth + 1).is_none() {
                plan.requests.push(request);
            }
        }
        let mut writer = self.bring.writer(module);
        let mut lines = Vec::new();
        for inner in before {
            writer.whole(inner, 0, &mut lines);
        }
        match value {
            Some(value) if value == name => {}
            Some(_) => {
                let keyword = if text.starts_with("yield") {
                    "yield"
                } else {
                    "return"
                };
                let start = last.span.start;
                writer.edit(start, start + keyword.len(), &format!("{name} ="));
                writer.whole(last, 0, &mut lines);
            }
            None if text == "return" || text == "yield" => {}
            None => writer.whole(last, 0, &mut lines),
        }
        plan.needs.push((module, lines.join("\n")));
        plan.lines.extend(lines);
        Some(())
    }

    /// A fixture of the test's class comes along with the class; those of the file that it requests come here.
    fn bring_requests_of_member(&mut self, name: &str, depth: usize) {
        let own = [Some(&self.test.path), self.test.defined_in.as_ref()];
        let of_class = self.test.fixtures.iter().find(|fixture| {
            fixture.name == name
                && fixture
                    .path
                    .as_ref()
                    .is_some_and(|path| own.contains(&Some(path)))
        });
        let requests = of_class.map(|fixture| fixture.requests.clone());
        for request in requests.unwrap_or_default() {
            if request == name || depth > 10 {
                continue;
            }
            if self.fixture(&request).is_some() {
                self.bring_fixture(&request, 0);
            } else {
                self.bring_requests_of_member(&request, depth + 1);
            }
        }
    }

    /// Whether a warning is what failed.
    fn about_warnings(&self) -> bool {
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
            let Some(rows) = self.bring.rows.get(&frame.path) else {
                continue;
            };
            let near = rows
                .iter()
                .min_by_key(|row| row.abs_diff(frame.line.saturating_sub(1) as usize))?;
            let line = u32::try_from(*near + 1).ok()?;
            let Some(function) = module.function_at(line) else {
                continue;
            };
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

    /// The fixtures of a text that calls `request.getfixturevalue("name")`; where it asks which ones the test has, those alone.
    fn requests_by_value(&self, text: &str) -> Vec<String> {
        let calls = text.split("getfixturevalue(").skip(1);
        let names = calls.filter_map(|rest| {
            let rest = rest.trim_start();
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            rest[1..].split(quote).next()
        });
        let names: Vec<String> = names
            .filter(|name| self.fixture(name).is_some())
            .map(str::to_owned)
            .collect();
        let is_the_tests =
            |name: &&String| self.test.fixtures.iter().any(|known| known.name == **name);
        let own: Vec<String> = names.iter().filter(is_the_tests).cloned().collect();
        if text.contains(".fixturenames") && !own.is_empty() {
            own
        } else {
            names
        }
    }

    /// The definition of a fixture that does not come by itself to where the repro stands.
    pub(super) fn fixture(&self, name: &str) -> Option<(&'s Module, Statement)> {
        if self.is_of_class(name) {
            return None;
        }
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
                let (ran, iterations) = self.bring.traced(&module.path);
                let mut cutter = Cutter::new(self.level, &fixed, &ran, &iterations, &clause.body);
                cutter.hints(&self.bring.hints);
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
            && (!param.indirect || reads_param(module, &statement))
        {
            self.replace_param(module, &statement, value, &mut writer);
            if let Some(of) = self.project.module(&param.path) {
                self.bring.needs_of(of, value, &Names::new());
            }
        }
        let mut requests = self.requests_of(module, &statement);
        let setup = self.criterion.phase == CriterionPhase::Setup;
        if setup && self.bring.shape == Level::Smallest && depth == 0 {
            writer.block(&clause.body, cut.as_ref(), 0, &mut lines);
            let mut plan = Inlining::new(&lines, &[]);
            let used = super::uses_of(&lines.join("\n"));
            let mut rest = Vec::new();
            for request in requests {
                let found = self.fixture(&request);
                if !used.contains(&request)
                    && (IDLE.contains(&request.as_str())
                        || found
                            .as_ref()
                            .is_some_and(|(_, fixture)| !has_effects(fixture)))
                {
                    continue;
                }
                if found.is_none() || self.inline(&request, &mut plan, 0).is_none() {
                    rest.push(request);
                }
            }
            rest.append(&mut plan.requests);
            rest.dedup();
            if self.write_parameters(module, &statement, &rest, &mut writer) {
                lines.clear();
                let start = statement.span.start;
                writer.span(start, clause.header.end, start, 0, &mut lines);
                let inlined = super::indented(&plan.lines);
                if !plan.lines.is_empty() {
                    lines.push(inlined);
                }
                writer.block(&clause.body, cut.as_ref(), 4, &mut lines);
                self.needs_of_inlined(&plan);
                requests = rest;
            } else {
                lines.clear();
                writer.definition(&statement, cut.as_ref(), 0, &mut lines);
                requests = self.requests_of(module, &statement);
            }
        } else {
            writer.definition(&statement, cut.as_ref(), 0, &mut lines);
        }
        let text = lines.join("\n");
        self.bring.add(module, statement.id(), &text);
        requests.extend(self.requests_by_value(&text));
        for request in requests {
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

    /// Writes other parameters into a fixture's header; tells whether they stand on one row.
    fn write_parameters(
        &self,
        module: &'s Module,
        statement: &Statement,
        requests: &[String],
        writer: &mut super::write::Writer<'s>,
    ) -> bool {
        let Some(parameters) = self.parameters_of(module, statement) else {
            return false;
        };
        let single = parameters.start_position().row == parameters.end_position().row;
        let plain = crate::source::named_children(parameters)
            .iter()
            .all(|parameter| parameter.kind() == "identifier");
        if single && plain {
            let written = format!("({})", requests.join(", "));
            writer.edit(parameters.start_byte(), parameters.end_byte(), &written);
        }
        single && plain
    }

    fn parameters_of(
        &self,
        module: &'s Module,
        statement: &Statement,
    ) -> Option<tree_sitter::Node<'s>> {
        let line = module.line_of(statement.span.start);
        module
            .enclosing(line)
            .into_iter()
            .map(crate::source::undecorated)
            .find(|node| node.kind() == "function_definition")?
            .child_by_field_name("parameters")
    }

    fn requests_of(&self, module: &'s Module, statement: &Statement) -> Vec<String> {
        let Some(parameters) = self.parameters_of(module, statement) else {
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

/// Bodies of fixtures that become a part of the function that requests them.
struct Inlining<'s> {
    lines: Vec<String>,
    /// Fixtures that stay requested.
    requests: Vec<String>,
    done: Names,
    /// Names of the function that they go into.
    taken: Names,
    bound: Names,
    needs: Vec<(&'s Module, String)>,
}

impl Inlining<'_> {
    fn new(body: &[String], arguments: &[(String, String)]) -> Self {
        let text = body.join("\n");
        let module = Module::parse("", text.as_str().into());
        let facts = super::facts::Facts::of(&module, module.root());
        let mut taken: Names = arguments.iter().map(|(name, _)| name.clone()).collect();
        taken.extend(facts.binds);
        taken.extend(facts.uses);
        Self {
            lines: Vec::new(),
            requests: Vec::new(),
            done: Names::new(),
            taken,
            bound: Names::new(),
            needs: Vec::new(),
        }
    }
}

/// Whether a statement may end the function that it is in.
fn returns(module: &Module, statement: &Statement) -> bool {
    statement.clauses.iter().any(|clause| {
        clause.body.iter().any(|inner| {
            let ends =
                inner.kind == Kind::Jump && inner.span.of(&module.text).starts_with("return");
            let nested = !matches!(inner.kind, Kind::Function | Kind::Class);
            nested && (ends || returns(module, inner))
        })
    }) && !matches!(statement.kind, Kind::Function | Kind::Class)
}

/// Whether a fixture has its parameter's value by `request.param` alone: one that asks whether there is one keeps its text.
fn reads_param(module: &Module, statement: &Statement) -> bool {
    let text = statement.span.of(&module.text);
    let asks = ["getattr(request", "hasattr(request"];
    text.contains("request.param") && !asks.iter().any(|it| text.contains(it))
}

/// Whether a fixture only sets a little state that any code may read: an environment variable, a seed.
fn sets_state(statement: &Statement) -> bool {
    statement.clauses.first().is_some_and(|clause| {
        clause.body.len() <= 4
            && clause.body.iter().any(|inner| {
                inner.facts.calls.iter().any(|call| {
                    effects::weight(call) == effects::Weight::World
                        && !call.method.contains("warning")
                })
            })
    })
}

/// Whether a fixture does nothing but to filter warnings.
fn only_warnings(statement: &Statement) -> bool {
    statement.clauses.first().is_some_and(|clause| {
        clause.body.iter().all(|inner| {
            matches!(inner.kind, Kind::Docstring | Kind::Import)
                || inner.kind == Kind::Expression
                    && (inner.facts.calls.is_empty()
                        || inner.facts.calls.iter().all(|call| {
                            matches!(call.method.as_str(), "filterwarnings" | "simplefilter")
                        }))
        })
    })
}

/// Whether a fixture does more than to make its value.
fn has_effects(statement: &Statement) -> bool {
    statement.clauses.first().is_some_and(|clause| {
        clause.body.iter().any(|inner| {
            inner.facts.yields || inner.kind == Kind::Expression || inner.kind == Kind::With
        })
    })
}
