//! The test function of a slice: its header, its values and fixtures, its cut body, the class that it needs around it.

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use super::bring::Bring;
use super::cut::Cut;
use super::facts::Names;
use super::tree::{Kind, Statement};
use super::unused::without_unused;
use super::{indented, uses_of};
use crate::model::{Criterion, CriterionPhase, Fixture, ItemKind, Level, Test};
use crate::project::Project;
use crate::source::{Module, in_name, named_children};

pub(super) struct Builder<'b, 's, 'p> {
    pub(super) project: &'p Project<'s>,
    pub(super) module: &'s Module,
    pub(super) test: &'b Test,
    pub(super) criterion: &'b Criterion,
    pub(super) level: Level,
    /// Arguments that Hypothesis fills.
    pub(super) drawn: Names,
    pub(super) bring: &'b mut Bring<'s, 'p>,
    /// Fixtures that stay arguments.
    pub(super) requested: Vec<String>,
    /// Fixtures that are needed without being arguments.
    pub(super) usefixtures: Vec<String>,
    /// Fixtures that came along, by file and place.
    pub(super) brought: BTreeSet<(String, usize)>,
    /// Methods of the test's class, as `self.name`, with what of the instance each of them uses.
    pub(super) methods: BTreeMap<String, Names>,
    /// Attributes and methods of its instance that give others of them, or a part.
    pub(super) parts: Vec<(String, String)>,
    /// The values of Hypothesis' falsifying example stand for its strategies.
    pub(super) has_example: bool,
}

impl<'s> Builder<'_, 's, '_> {
    pub(super) fn test(&mut self) -> String {
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

        let mut values = self.values(node);
        self.drawn = node
            .map(|node| self.drawn(node, &arguments))
            .unwrap_or_default();
        let inheriting = self.inheriting(class);
        let around = match &inheriting {
            Some((module, own)) => Some((*module, own)),
            None => class.map(|class| (self.module, class)),
        };
        if let Some((module, class)) = around {
            self.methods = self.methods_of(module, class);
            self.parts = self.parts_of_instance(module, class);
        }
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

        let decorators = node.map(|node| self.decorators(node)).unwrap_or_default();
        let whole = format!("{}\n{}", decorators.join("\n"), body.join("\n"));
        let uses_self = uses_of(&whole).contains("self");
        let class = class.filter(|class| {
            self.class_is_needed(self.module, class, uses_self)
                || inheriting
                    .as_ref()
                    .is_some_and(|(module, own)| self.class_is_needed(module, own, uses_self))
        });
        let mut known: Names = arguments.iter().map(|(name, _)| name.clone()).collect();
        known.extend(requests.iter().cloned());
        known.extend(["self".to_owned(), "cls".to_owned()]);
        known.extend(
            class
                .filter(|_| inheriting.is_none())
                .map(|it| it.name.clone()),
        );
        let text = format!(
            "{}\ndef f({}):\n{}",
            decorators.join("\n"),
            requests.join(", "),
            indented(&body)
        );
        self.bring.needs_of(self.module, &text, &known);
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
                    .take_while(|c| in_name(*c))
                    .collect();
                (!name.is_empty() && name != "self" && name != "cls")
                    .then(|| (name, source.to_owned()))
            })
            .collect()
    }

    /// The lines of the test's body that are kept, without indentation.
    fn body(&mut self, function: &Statement) -> Vec<String> {
        let Some(clause) = function.clauses().first() else {
            return vec!["pass".to_owned()];
        };
        let whole = self.level == Level::Whole || self.criterion.phase == CriterionPhase::Teardown;
        if self.fails_outside()
            || (!whole && self.level == Level::Smallest && self.fails_before_its_body())
        {
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
        match row {
            Some(row) if !whole => {
                let mut writer = self.bring.writer(self.module);
                let mut cut = self.cut(&clause.body, row);
                without_unused(&clause.body, &mut cut, &mut writer);
                writer.block(&clause.body, Some(&cut), 0, &mut lines);
            }
            _ => {
                if row.is_none() && !whole && !self.criterion.passed {
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

    /// Whether the test's body is not on the way: it is not reached, or, for the smallest slice, what fails behind it may do so
    /// whatever the body did.
    pub(super) fn fails_outside(&self) -> bool {
        match self.criterion.phase {
            CriterionPhase::Setup | CriterionPhase::Collect => true,
            CriterionPhase::Teardown => self.level == Level::Smallest,
            CriterionPhase::Call => self.fails_in_set_up(),
        }
    }

    /// Whether the test has not begun: `unittest` runs `setUp` where pytest calls the test.
    pub(super) fn fails_in_set_up(&self) -> bool {
        let calls = |names: &[&str]| {
            let mut frames = self.criterion.frames.iter();
            frames.any(|frame| {
                names.contains(&frame.function.as_str()) && self.bring.is_test_code(&frame.path)
            })
        };
        self.test.kind == ItemKind::TestCase
            && calls(&["setUp", "asyncSetUp"])
            && !calls(&[&self.test.function])
    }

    /// Whether a plugin that calls the test refuses it: the traceback is shown, and nothing in it is the tests' own.
    fn fails_before_its_body(&self) -> bool {
        let frames = &self.criterion.frames;
        self.bring.rows.is_empty()
            && frames.len() > 1
            && frames
                .iter()
                .all(|frame| !self.bring.is_test_code(&frame.path))
    }

    fn cut(&self, body: &[Statement], row: usize) -> Cut {
        let own = self.test.fixtures.iter().filter(|it| it.path.is_some());
        let own: BTreeMap<&str, &Fixture> = own.map(|it| (it.name.as_str(), it)).collect();
        let mut pairs: Vec<(String, String)> = own
            .values()
            .flat_map(|it| {
                it.requests
                    .iter()
                    .map(|request| (it.name.clone(), request.clone()))
            })
            .filter(|(_, request)| own.contains_key(request.as_str()))
            .collect();
        pairs.extend(self.parts.iter().cloned());
        self.bring.cut(self.module, body, |cutter| {
            cutter.methods(&self.methods);
            cutter.relate(body, &pairs);
            cutter.keep_to_row(body, row);
        })
    }
}

/// The test's function, and the classes around it.
fn find_function<'t, 's>(
    tree: &'t [Statement<'s>],
    test: &Test,
) -> Option<(Vec<&'t Statement<'s>>, &'t Statement<'s>)> {
    fn search<'t, 's>(
        block: &'t [Statement<'s>],
        test: &Test,
        classes: &mut Vec<&'t Statement<'s>>,
        depth: usize,
    ) -> Option<&'t Statement<'s>> {
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
                    for clause in statement.clauses() {
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
