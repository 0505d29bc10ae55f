//! The part of a test that its failing line depends on, as a module of its own.
//!
//! The cut ([`cut`]) decides statement by statement; [`bring`] fetches what the kept ones need from their files; here the
//! two are put together for a test function, its class and its fixtures.

mod bring;
mod builtins;
mod called;
mod choices;
mod collection;
mod cut;
mod data;
mod effects;
mod facts;
mod fixtures;
mod inherited;
mod inline;
pub(crate) mod layout;
mod methods;
mod missing;
mod namespaces;
mod shake;
#[cfg(test)]
mod tests;
mod tree;
mod warned;
mod write;

use std::collections::BTreeSet;

use tree_sitter::Node;

use self::bring::{Bring, is_test_code};
use self::cut::{Cut, Cutter, Hints};
use self::facts::{Facts, Names};
use self::tree::{Kind, Statement};
use crate::model::{Criterion, CriterionPhase, ItemKind, Level, Observed, Slice, Test};
use crate::project::{Project, Sources};
use crate::source::{Module, named_children};

/// Decorators that choose whether or how often a test runs: the repro runs it once.
const DROPPED: [&str; 10] = [
    "parametrize",
    "skipif",
    "skip",
    "xfail",
    "flaky",
    "given",
    "settings",
    "example",
    "expand",
    "usefixtures",
];

/// See [`crate::slice`].
pub(crate) fn slice(
    workspace: &dyn text::Workspace,
    test: &Test,
    criterion: &Criterion,
    observed: Option<&Observed>,
    level: Level,
) -> Slice {
    let sources = Sources::new(workspace);
    let project = Project::new(&sources, &[]);
    let mut made = slice_at(&project, test, criterion, observed, level);
    // A cut through source that is not understood: the next level cuts less.
    for safer in Level::ALL.into_iter().filter(|safer| *safer > level) {
        if collection::is_syntax_error(criterion)
            || !Module::parse("", made.code.as_str().into())
                .root()
                .has_error()
        {
            break;
        }
        made = slice_at(&project, test, criterion, observed, safer);
    }
    made
}

fn slice_at<'p>(
    project: &'p Project<'_>,
    test: &Test,
    criterion: &Criterion,
    observed: Option<&'p Observed>,
    level: Level,
) -> Slice {
    let path = test.defined_in.as_deref().unwrap_or(&test.path);
    let Some(module) = project.module(path) else {
        return Slice {
            level,
            notes: vec![format!("`{path}` is not in the workspace")],
            ..Slice::default()
        };
    };
    let mut bring = Bring::new(project, level, &criterion.destination);
    locate_frames(project, criterion, &mut bring);
    bring.observed = observed;
    bring.hints = hints(project, criterion, &bring);
    bring.hints.data = data::written(&bring.tree(module));
    bring.hints.data.extend(parameters(test));
    bring.shape = shape(criterion, level, &bring.hints);
    bring.futures(module);
    let mut requested = Vec::new();
    let text = if test.kind == ItemKind::Module || criterion.phase == CriterionPhase::Collect {
        collection::collection(project, module, criterion, &mut bring)
    } else {
        bring.side_effects(module);
        let mut builder = Builder {
            project,
            module,
            test,
            criterion,
            level,
            drawn: Names::new(),
            bring: &mut bring,
            requested: Vec::new(),
            usefixtures: Vec::new(),
            members: Vec::new(),
            has_example: false,
        };
        let text = builder.test();
        requested = builder.requested;
        text
    };
    let no_rewrite = is_not_rewritten(project, criterion, &bring);
    let shape = bring.shape;
    let (code, notes) = bring.finish(&text);
    let code = shake::shake(&code, shape, &criterion.name).replace(write::PATH, "");
    let code = called::as_helpers(&code, &criterion.name);
    let (code, failing_line) = without_mark(&code);
    Slice {
        level,
        code,
        failing_line,
        fixtures: requested,
        notes,
        no_rewrite,
    }
}

/// Finds the log's frames in the files as they are here: by line, or, where the source is another one there, by its text.
fn locate_frames(project: &Project<'_>, criterion: &Criterion, bring: &mut Bring<'_, '_>) {
    for frame in &criterion.frames {
        let Some(module) = project.module(&frame.path) else {
            continue;
        };
        if !is_test_code(&frame.path) {
            continue;
        }
        let expected = frame.source.as_deref().map(str::trim);
        let says = |line: u32| module.line_text(line).map(str::trim);
        let mut line = frame.line;
        if expected.is_some_and(|source| says(line) != Some(source)) {
            let count = u32::try_from(module.lines.count()).unwrap_or(u32::MAX);
            let nearest = (1..=count)
                .filter(|other| says(*other) == expected)
                .min_by_key(|other| other.abs_diff(frame.line));
            match nearest {
                Some(other) => line = other,
                None => bring.notes.push(format!(
                    "line {} of `{}` is another one than in the log",
                    frame.line, frame.path
                )),
            }
        }
        let row = line.saturating_sub(1) as usize;
        bring.rows.entry(frame.path.clone()).or_default().push(row);
        bring.failing = Some((frame.path.clone(), row));
    }
}

/// The names that hold values of the failing parameter set.
fn parameters(test: &Test) -> impl Iterator<Item = String> + '_ {
    let direct = test.params.iter().filter(|param| !param.indirect);
    direct.map(|param| param.name.clone())
}

/// Whether the message tells that a name, a signature or a warning is what failed: the product's interface, not what values hold.
fn by_name(criterion: &Criterion) -> bool {
    let exception = criterion.exception.as_deref().unwrap_or_default();
    let message = criterion.message.as_deref().unwrap_or_default();
    let exception = exception.rsplit('.').next().unwrap_or_default();
    match exception {
        "AttributeError" => message.contains("has no attribute") && !message.contains("'NoneType'"),
        "ImportError" | "ModuleNotFoundError" => true,
        "TypeError" => message.contains(" argument"),
        _ => exception.ends_with("Warning") && exception != "Warning",
    }
}

/// How much goes of what is around the test's statements.
fn shape(criterion: &Criterion, level: Level, hints: &Hints) -> Level {
    let early = matches!(
        criterion.phase,
        CriterionPhase::Setup | CriterionPhase::Collect
    );
    if level == Level::Conservative && (early || hints.by_name) {
        Level::Smallest
    } else {
        level
    }
}

/// What the failure tells of the state that it needs.
fn hints(project: &Project<'_>, criterion: &Criterion, bring: &Bring<'_, '_>) -> Hints {
    let line = bring.failing.as_ref().and_then(|(path, row)| {
        let line = u32::try_from(row + 1).ok()?;
        project.module(path)?.line_text(line)
    });
    let message = criterion.message.as_deref().unwrap_or_default();
    let missing = message
        .split_once("object has no attribute '")
        .and_then(|(_, rest)| rest.split('\'').next());
    let types_only = criterion.exception.as_deref() == Some("AttributeError")
        && missing
            .zip(line)
            .is_some_and(|(name, line)| line.contains(&format!(".{name}")));
    Hints {
        types_only,
        by_name: by_name(criterion),
        locals: criterion
            .locals
            .iter()
            .filter(|(_, value, ..)| is_literal(value))
            .map(|(name, value, ..)| (name.clone(), value.clone()))
            .collect(),
        data: Names::new(),
    }
}

/// Whether pytest gave the failing `assert` no explanation: it does not rewrite the file that it is in.
fn is_not_rewritten(project: &Project<'_>, criterion: &Criterion, bring: &Bring<'_, '_>) -> bool {
    let asserts = bring.failing.as_ref().is_some_and(|(path, row)| {
        let line = u32::try_from(row + 1).ok();
        let text = project
            .module(path)
            .zip(line)
            .and_then(|(module, line)| module.line_text(line));
        text.is_some_and(|text| text.trim_start().starts_with("assert"))
    });
    criterion.exception.as_deref() == Some("AssertionError")
        && criterion
            .message
            .as_deref()
            .is_some_and(|message| message.trim().is_empty())
        && asserts
}

struct Builder<'b, 's, 'p> {
    project: &'p Project<'s>,
    module: &'s Module,
    test: &'b Test,
    criterion: &'b Criterion,
    level: Level,
    /// Arguments that Hypothesis fills.
    drawn: Names,
    bring: &'b mut Bring<'s, 'p>,
    /// Fixtures that stay arguments.
    requested: Vec<String>,
    /// Fixtures that are needed without being arguments.
    usefixtures: Vec<String>,
    /// Members of the test's class that come along: start, text.
    members: Vec<(usize, String)>,
    /// The values of Hypothesis' falsifying example stand for its strategies.
    has_example: bool,
}

impl<'s> Builder<'_, 's, '_> {
    fn test(&mut self) -> String {
        let tree = self.bring.tree(self.module);
        let Some((classes, function)) = find_function(&tree, self.test) else {
            self.bring.notes.push(format!(
                "`{}` is not found in `{}`",
                self.test.function, self.module.path
            ));
            return format!("def {}():\n    pass", self.criterion.name);
        };
        let class = classes.last().copied();
        let node = self.function_node(function);
        let arguments = node.map(|node| self.arguments(node)).unwrap_or_default();
        if let Some(text) = node.and_then(|node| self.missing_fixture(node, &arguments)) {
            return text;
        }

        let mut values = self.values();
        self.drawn = node
            .map(|node| self.drawn(node, &arguments))
            .unwrap_or_default();
        let mut body = self.body(function);
        let (mut requests, inlined) = self.requests(&arguments, &body, &values);
        let mut before: Vec<String> = inlined;

        let used = uses_of(&(before.join("\n") + "\n" + &body.join("\n")));
        values.retain(|(name, _, _)| used.contains(name));
        let mut head: Vec<String> = Vec::new();
        for (name, value, path) in &values {
            if name != value {
                head.push(format!("{name} = {value}"));
            }
            if let Some(module) = self.project.module(path) {
                self.bring.needs_of(module, value, &Names::new());
            }
        }
        head.append(&mut before);
        if !head.is_empty() && body == ["pass"] {
            body.clear();
        }
        head.append(&mut body);
        let mut body = head;
        if body.iter().all(|line| line.trim().is_empty()) {
            body = vec!["pass".to_owned()];
        }

        let mut known: Names = arguments.iter().map(|(name, _)| name.clone()).collect();
        known.extend(requests.iter().cloned());
        known.extend(["self".to_owned(), "cls".to_owned()]);
        let decorators = node.map(|node| self.decorators(node)).unwrap_or_default();
        let whole = format!("{}\n{}", decorators.join("\n"), body.join("\n"));
        let text = format!("{}\ndef f():\n{}", decorators.join("\n"), indented(&body));
        self.bring.needs_of(self.module, &text, &known);

        let uses_self = uses_of(&whole).contains("self");
        let inheriting = self.inheriting(class);
        let class = class.filter(|class| {
            self.class_is_needed(self.module, class, uses_self)
                || inheriting
                    .as_ref()
                    .is_some_and(|(module, own)| self.class_is_needed(module, own, uses_self))
        });
        if class.is_some() {
            requests.insert(0, "self".to_owned());
        }
        let is_async = node.is_some_and(|node| self.module.source(node).starts_with("async"));
        let mut lines = decorators;
        lines.push(format!(
            "{}def {}({}):",
            if is_async { "async " } else { "" },
            self.criterion.name,
            requests.join(", ")
        ));
        let text = format!("{}\n{}", lines.join("\n"), indented(&body));
        match (class, &inheriting) {
            (Some(_), Some((module, own))) => self.class_around(module, own, &text, &whole),
            (Some(class), None) => self.class_around(self.module, class, &text, &whole),
            (None, _) => text,
        }
    }

    fn function_node(&self, function: &Statement) -> Option<Node<'s>> {
        let line = self.module.line_of(function.span.start);
        self.module
            .enclosing(line)
            .into_iter()
            .map(crate::source::undecorated)
            .find(|node| {
                node.kind() == "function_definition"
                    && self.module.field(*node, "name") == function.name
            })
    }

    /// The parameters but `self`: name and source.
    fn arguments(&self, function: Node<'s>) -> Vec<(String, String)> {
        let Some(parameters) = function.child_by_field_name("parameters") else {
            return Vec::new();
        };
        named_children(parameters)
            .into_iter()
            .filter_map(|parameter| {
                let source = self.module.source(parameter);
                let name: String = source
                    .trim_start_matches('*')
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                (!name.is_empty() && name != "self" && name != "cls")
                    .then(|| (name, source.to_owned()))
            })
            .collect()
    }

    /// Names that the failing parameter set gives: name, expression, file of the expression.
    fn values(&mut self) -> Vec<(String, String, String)> {
        let mut values = Vec::new();
        for param in &self.test.params {
            if param.indirect {
                continue;
            }
            let observed = self
                .bring
                .observed
                .and_then(|observed| observed.params.iter().find(|(name, _)| *name == param.name))
                .map(|(_, value)| value.clone());
            let value = param
                .value
                .clone()
                .filter(|value| !value.contains('['))
                .or_else(|| observed.clone())
                .or_else(|| param.value.clone())
                .or_else(|| {
                    self.criterion
                        .locals
                        .iter()
                        .find(|(name, value, _)| *name == param.name && is_literal(value))
                        .map(|(_, value, _)| value.clone())
                });
            match value {
                Some(value) if is_expression(&value) => {
                    values.push((param.name.clone(), value, param.path.clone()));
                }
                _ if param.id.as_deref().is_some_and(is_plain_id) => {
                    // pytest makes ids of strings, numbers and None from the value itself.
                    let id = param.id.clone().unwrap_or_default();
                    let value = if is_literal(&id) {
                        id
                    } else {
                        format!("\"{id}\"")
                    };
                    self.bring.notes.push(format!(
                        "the value of parameter `{}` is read from the test's id",
                        param.name
                    ));
                    values.push((param.name.clone(), value, param.path.clone()));
                }
                _ => self.bring.notes.push(format!(
                    "the value of parameter `{}` is not known",
                    param.name
                )),
            }
        }
        if let Some(example) = &self.criterion.falsifying_example {
            let example = example_values(example);
            let known = example.iter().all(|(_, value)| self.is_evaluable(value));
            if known && !example.is_empty() {
                let path = &self.module.path;
                values.extend(
                    example
                        .into_iter()
                        .map(|(name, value)| (name, value, path.clone())),
                );
                self.has_example = true;
            }
        }
        values
    }

    /// Whether a printed value is an expression of names that the test's file knows.
    fn is_evaluable(&self, value: &str) -> bool {
        let scope = self.project.scope(self.module);
        is_expression(value)
            && uses_of(value)
                .iter()
                .all(|name| scope.get(name).is_some() || builtins::is_builtin(name))
    }

    /// The lines of the test's body that are kept, without indentation.
    fn body(&mut self, function: &Statement) -> Vec<String> {
        let Some(clause) = function.clauses.first() else {
            return vec!["pass".to_owned()];
        };
        if self.criterion.phase == CriterionPhase::Setup {
            return vec!["pass".to_owned()];
        }
        let row = self.bring.rows.get(&self.module.path).and_then(|rows| {
            // A decorator that wraps the test may have frames on its header.
            let in_body = |row: &&usize| clause.body.iter().any(|inner| inner.holds(**row));
            rows.iter()
                .find(in_body)
                .or_else(|| rows.iter().find(|row| function.holds(**row)))
                .copied()
        });
        let mut lines = Vec::new();
        let whole = self.level == Level::Whole || self.criterion.phase == CriterionPhase::Teardown;
        match row {
            Some(row) if !whole => {
                let (cut, writer_edits) = self.cut(&clause.body, row);
                let mut writer = self.bring.writer(self.module);
                for (start, end, text) in &writer_edits {
                    writer.edit(*start, *end, text);
                }
                writer.noqa(cut.target.filter(|_| cut.unused_target));
                writer.block(&clause.body, Some(&cut), 0, &mut lines);
            }
            _ => {
                if row.is_none() && !whole {
                    self.bring
                        .notes
                        .push("the log does not tell the failing line of the test".to_owned());
                }
                self.bring
                    .writer(self.module)
                    .block(&clause.body, None, 0, &mut lines);
            }
        }
        lines
    }

    fn cut(&self, body: &[Statement], row: usize) -> (Cut, Vec<(usize, usize, String)>) {
        let fixed = self.bring.fixed(self.module);
        let (ran, iterations) = self.bring.traced(&self.module.path);
        let mut cutter = Cutter::new(self.level, &fixed, &ran, &iterations, body);
        cutter.hints(&self.bring.hints);
        cutter.keep_to_row(body, row);
        let mut cut = cutter.cut;
        let edits = without_unused(body, &mut cut);
        (cut, edits)
    }

    /// The decorators that stay.
    fn decorators(&mut self, function: Node<'s>) -> Vec<String> {
        let outer = crate::source::decorated(function);
        let mut lines = Vec::new();
        if outer.kind() == "decorated_definition" {
            for decorator in named_children(outer) {
                let text = self.module.source(decorator);
                let name = text.split('(').next().unwrap_or_default();
                let draws = ["given", "settings", "example", "seed"]
                    .iter()
                    .any(|word| name.rsplit(['.', '@']).next() == Some(word));
                let keep = if draws {
                    !self.has_example
                } else {
                    !is_dropped(name)
                };
                if decorator.kind() == "decorator" && keep {
                    lines.push(text.to_owned());
                }
            }
        }
        let own = text::Span::new(outer.start_byte(), outer.end_byte());
        for mark in &self.test.marks {
            let inside = mark.path == self.module.path
                && own.start <= mark.span.start
                && mark.span.end <= own.end;
            if !inside && !is_dropped(&mark.name) {
                let arguments = mark.arguments.trim();
                let arguments = if arguments.is_empty() || arguments.starts_with('(') {
                    arguments.to_owned()
                } else {
                    format!("({arguments})")
                };
                lines.push(format!("@pytest.mark.{}{arguments}", mark.name));
                self.bring.import("import pytest".to_owned());
            }
        }
        if let Some(filter) = self.filter_of_module() {
            lines.push(filter);
            self.bring.import("import pytest".to_owned());
        }
        // The failing set's value goes to the fixture that takes it, as long as the test comes to that fixture.
        for param in self.test.params.iter().filter(|param| param.indirect) {
            let goes = !self.holds_value(&param.name) && self.comes_to(&param.name);
            if let (Some(value), true) = (&param.value, goes) {
                lines.push(format!(
                    "@pytest.mark.parametrize(\"{}\", [{value}], indirect=True)",
                    param.name
                ));
                self.bring.import("import pytest".to_owned());
                if let Some(module) = self.project.module(&param.path) {
                    self.bring.needs_of(module, value, &Names::new());
                }
            }
        }
        if !self.usefixtures.is_empty() {
            let names: Vec<String> = self
                .usefixtures
                .iter()
                .map(|name| format!("\"{name}\""))
                .collect();
            lines.push(format!("@pytest.mark.usefixtures({})", names.join(", ")));
            self.bring.import("import pytest".to_owned());
        }
        lines
    }
}

/// The test's function, and the classes around it.
fn find_function<'t>(
    tree: &'t [Statement],
    test: &Test,
) -> Option<(Vec<&'t Statement>, &'t Statement)> {
    fn search<'t>(
        block: &'t [Statement],
        test: &Test,
        classes: &mut Vec<&'t Statement>,
        depth: usize,
    ) -> Option<&'t Statement> {
        if depth > 20 {
            return None;
        }
        for statement in block.iter().rev() {
            match statement.kind {
                Kind::Function if statement.name == test.function => {
                    let right_class = match (test.classes.last(), classes.last()) {
                        (None, None) => true,
                        (Some(name), Some(class)) => {
                            *name == class.name
                                || test.defined_in.is_some()
                                || test.span.start == statement.span.start
                        }
                        _ => false,
                    };
                    let right_place =
                        test.span.is_empty() || test.span.start == statement.span.start;
                    if right_class && right_place {
                        return Some(statement);
                    }
                }
                Kind::Function => {}
                _ => {
                    if statement.kind == Kind::Class {
                        classes.push(statement);
                    }
                    for clause in &statement.clauses {
                        if let Some(found) = search(&clause.body, test, classes, depth + 1) {
                            return Some(found);
                        }
                    }
                    if statement.kind == Kind::Class {
                        classes.pop();
                    }
                }
            }
        }
        None
    }
    let mut classes = Vec::new();
    let function = search(tree, test, &mut classes, 0)?;
    Some((classes, function))
}

/// Takes out assignments of the cut whose name nothing reads; a call on their right side stays.
fn without_unused(body: &[Statement], cut: &mut Cut) -> Vec<(usize, usize, String)> {
    let mut edits = Vec::new();
    for _ in 0..4 {
        let mut kept = Vec::new();
        kept_statements(body, cut, &mut kept);
        let used: Names = kept
            .iter()
            .flat_map(|facts| facts.2.iter().cloned())
            .collect();
        let mut changed = false;
        for (id, assigns, _, calls) in kept {
            let Some((name, value)) = assigns else {
                continue;
            };
            if cut.target == Some(id) && !used.contains(&name) {
                cut.unused_target = true;
            }
            if used.contains(&name)
                || cut.target == Some(id)
                || edits.iter().any(|(start, _, _)| *start == id)
            {
                continue;
            }
            changed = true;
            if calls {
                edits.push((id, value.start, String::new()));
            } else {
                cut.whole.remove(&id);
            }
        }
        if !changed {
            break;
        }
    }
    edits
}

type Kept = (usize, Option<(String, text::Span)>, Names, bool);

fn kept_statements(block: &[Statement], cut: &Cut, kept: &mut Vec<Kept>) {
    for statement in block {
        let id = statement.id();
        if cut.whole.contains(&id) {
            kept.push((
                id,
                statement.assigns.clone(),
                statement.facts.uses.clone(),
                !statement.facts.calls.is_empty(),
            ));
        } else if cut.keeps(statement) {
            for clause in &statement.clauses {
                if cut.partly.contains(&id) {
                    kept.push((usize::MAX, None, clause.facts.uses.clone(), false));
                }
                kept_statements(&clause.body, cut, kept);
            }
        }
    }
}

/// The names that a text uses.
fn uses_of(text: &str) -> Names {
    let module = Module::parse("", text.into());
    Facts::of(&module, module.root()).uses
}

/// Lines four columns in; those of a string that spans lines stay.
fn indented(lines: &[String]) -> String {
    let text = lines.join("\n");
    let module = Module::parse("", text.as_str().into());
    let mut inside = BTreeSet::new();
    crate::source::walk(module.root(), |node| {
        if node.kind() == "string" {
            inside.extend(node.start_position().row + 1..=node.end_position().row);
            return false;
        }
        true
    });
    let lines: Vec<String> = text
        .split('\n')
        .enumerate()
        .map(|(row, line)| {
            if line.is_empty() || inside.contains(&row) {
                line.to_owned()
            } else {
                format!("    {line}")
            }
        })
        .collect();
    lines.join("\n")
}

fn is_dropped(decorator: &str) -> bool {
    let last = decorator
        .trim_start_matches('@')
        .trim()
        .rsplit('.')
        .next()
        .unwrap_or_default();
    DROPPED.contains(&last)
}

/// Whether an id can be a value's own text, and is safe between quotes.
fn is_plain_id(id: &str) -> bool {
    !id.is_empty()
        && id
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '+' | ' '))
}

/// Whether a text is one Python expression.
fn is_expression(value: &str) -> bool {
    let module = Module::parse("", format!("({value}\n)").into());
    let statements = module.statements();
    !module.root().has_error() && statements.len() == 1 && !value.trim().is_empty()
}

/// Whether a printed value is a literal that evaluates to itself.
fn is_literal(value: &str) -> bool {
    let module = Module::parse("", value.into());
    if module.root().has_error() {
        return false;
    }
    let mut literal = true;
    crate::source::walk(module.root(), |node| {
        literal &= !matches!(node.kind(), "identifier" | "call" | "ellipsis");
        literal
    });
    literal && !value.contains("...")
}

/// `test_x(a=1, b='x')` as printed by Hypothesis.
fn example_values(example: &str) -> Vec<(String, String)> {
    let module = Module::parse("", example.trim().into());
    let mut values = Vec::new();
    crate::source::walk(module.root(), |node| {
        if node.kind() == "call" {
            for (name, value) in crate::source::Arguments::of(&module, node).keywords {
                if name != "self" {
                    values.push((name.to_owned(), module.source(value).to_owned()));
                }
            }
            return false;
        }
        true
    });
    values
}

fn without_mark(code: &str) -> (String, Option<u32>) {
    let mut failing = None;
    let mut text = String::with_capacity(code.len());
    for (row, line) in code.split_inclusive('\n').enumerate() {
        if let Some((before, after)) = line.split_once(write::MARK) {
            failing = failing.or(u32::try_from(row).ok());
            text.push_str(before);
            text.push_str(after);
        } else {
            text.push_str(line);
        }
    }
    (text, failing)
}
