//! What may go: statements, members, decorators, elements of data.

use text::Span;
use tree_sitter::Node;

use super::FAILS_HERE;
use crate::source::{Module, is_statement, named_children, undecorated};

/// Parts are at most so many; what is behind them stays.
const MAX_PARTS: usize = 3000;

/// Code nested deeper than this stays as it is.
const MAX_DEPTH: usize = 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    /// `pass` may stand for it.
    Statement,
    /// With the comma behind it.
    Element,
    Decorator,
}

/// A part that may go, as long as the module fails in the same way.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    pub span: Span,
    pub kind: PartKind,
    /// Parts of one block or list have one number; the lower ones are to be tried first.
    pub group: usize,
    /// A statement that makes what the test looks at: a failure for another reason could be made by taking it away.
    pub careful: bool,
}

impl Part {
    /// What stands in its place while the module is run.
    pub fn replacement(&self) -> &'static str {
        match self.kind {
            PartKind::Statement => "pass",
            PartKind::Element | PartKind::Decorator => "",
        }
    }
}

/// The parts of a test module whose test is named `test`. `failing` is the row of the line that fails; where it is not given, the
/// comment [`FAILS_HERE`] shows it.
pub fn parts(text: &str, failing: Option<u32>, test: &str) -> Vec<Part> {
    let module = Module::parse("", text.into());
    if module.root().has_error() {
        return Vec::new();
    }
    let failing = failing.map(|row| row as usize).or_else(|| {
        text.lines()
            .position(|line| line.trim_end().ends_with(FAILS_HERE))
    });
    let mut finder = Finder {
        module: &module,
        failing,
        test,
        found: Vec::new(),
        groups: 0,
    };
    finder.block(module.root(), Place::Module, 0);
    let mut found = finder.found;
    // Bodies before what they use, whole statements before data: what is inside goes with what is around it.
    found.sort_by_key(|(rank, part)| (*rank, part.group, part.span.start));
    let mut groups: Vec<(u8, usize)> = found
        .iter()
        .map(|(rank, part)| (*rank, part.group))
        .collect();
    groups.dedup();
    found
        .into_iter()
        .take(MAX_PARTS)
        .map(|(rank, part)| {
            let group = groups
                .iter()
                .position(|known| *known == (rank, part.group))
                .unwrap_or_default();
            Part { group, ..part }
        })
        .collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Module,
    Class,
    Function,
}

struct Finder<'a> {
    module: &'a Module,
    failing: Option<usize>,
    test: &'a str,
    /// With the rank of its group.
    found: Vec<(u8, Part)>,
    groups: usize,
}

impl Finder<'_> {
    fn next_group(&mut self) -> usize {
        self.groups += 1;
        self.groups
    }

    fn holds_failing(&self, node: Node<'_>) -> bool {
        self.failing
            .is_some_and(|row| node.start_position().row <= row && row <= node.end_position().row)
    }

    fn is_test(&self, node: Node<'_>) -> bool {
        let definition = undecorated(node);
        definition.kind() == "function_definition"
            && self.module.field(definition, "name") == self.test
    }

    fn holds_test(&self, node: Node<'_>) -> bool {
        self.is_test(node)
            || self
                .module
                .source(node)
                .contains(&format!("def {}(", self.test))
    }

    /// Whether a node marks tests, and so chooses or sets up what they run with: their fixtures, their device, their parameters.
    fn is_mark(&self, node: Node<'_>) -> bool {
        let text = self.module.source(node);
        match node.kind() {
            "decorator" => text.starts_with("@pytest."),
            "expression_statement" => text.starts_with("pytestmark"),
            _ => false,
        }
    }

    /// The statements of a block or of the module.
    fn block(&mut self, block: Node<'_>, place: Place, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        let group = self.next_group();
        for (index, statement) in named_children(block).into_iter().enumerate() {
            if statement.kind().contains("import") {
                continue;
            }
            let is_docstring = index == 0
                && statement.kind() == "expression_statement"
                && named_children(statement)
                    .first()
                    .is_some_and(|child| matches!(child.kind(), "string" | "concatenated_string"));
            let fails = self.holds_failing(statement);
            let stays = fails
                || is_seeding(self.module.source(statement))
                || self.is_mark(statement)
                || self.holds_test(statement)
                || (is_docstring && place == Place::Module)
                || statement.kind() == "pass_statement"
                || !self.stands_alone(statement);
            if !stays {
                let definition = matches!(
                    undecorated(statement).kind(),
                    "function_definition" | "class_definition"
                );
                let careful = !definition && !is_docstring && place != Place::Class;
                let rank = match place {
                    Place::Function => 0,
                    Place::Class => 1,
                    Place::Module => 2,
                };
                self.push(rank, statement, PartKind::Statement, group, careful);
            }
            self.inside(statement, place, depth + 1);
        }
    }

    /// Whether it has its rows for itself.
    fn stands_alone(&self, statement: Node<'_>) -> bool {
        let text = &*self.module.text;
        let before = text[..statement.start_byte()].rsplit('\n').next();
        let after = text[statement.end_byte()..].split('\n').next();
        before.is_none_or(|part| part.trim().is_empty())
            && after.is_none_or(|part| part.trim().is_empty() || part.trim_start().starts_with('#'))
    }

    fn push(&mut self, rank: u8, node: Node<'_>, kind: PartKind, group: usize, careful: bool) {
        let span = Span::new(node.start_byte(), node.end_byte());
        self.found.push((
            rank,
            Part {
                span,
                kind,
                group,
                careful,
            },
        ));
    }

    /// What is in a statement: its blocks, decorators and data.
    fn inside(&mut self, statement: Node<'_>, place: Place, depth: usize) {
        let is_decorated = statement.kind() == "decorated_definition";
        if is_decorated && !self.is_drawn(statement) && !self.is_test(statement) {
            let group = self.next_group();
            for decorator in named_children(statement) {
                let text = self.module.source(decorator);
                let is_form = ["classmethod", "staticmethod", "property"]
                    .iter()
                    .any(|form| text.contains(form));
                let stays = is_form || self.is_mark(decorator) || self.holds_failing(decorator);
                if decorator.kind() == "decorator" && !stays {
                    self.push(3, decorator, PartKind::Decorator, group, true);
                }
            }
        }
        self.data(statement, place, depth);
    }

    /// A test whose arguments Hypothesis fills, or a fixture: it is nothing without its decorator. What stands above the test itself
    /// sets up what the original had: its device, its parameters.
    fn is_drawn(&self, statement: Node<'_>) -> bool {
        named_children(statement).iter().any(|decorator| {
            let text = self.module.source(*decorator);
            decorator.kind() == "decorator" && (text.contains("given") || text.contains("fixture"))
        })
    }

    fn data(&mut self, node: Node<'_>, place: Place, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        for child in named_children(node) {
            // A mark's arguments are the set-up that the original had.
            if self.is_mark(child) {
                continue;
            }
            let inner = match undecorated(node).kind() {
                "function_definition" => Place::Function,
                "class_definition" => Place::Class,
                _ => place,
            };
            match child.kind() {
                "block" => {
                    self.block(child, inner, depth + 1);
                    continue;
                }
                "list" | "tuple" | "set" | "dictionary"
                    if is_table(child) && !self.in_failing(child) =>
                {
                    self.elements(child, |_| true);
                }
                "argument_list" if node.kind() == "class_definition" => {
                    self.elements(child, |_| true);
                }
                // What a test or a helper calls something with is what it is about.
                "argument_list" if place == Place::Class => {
                    self.elements(child, |argument| argument.kind() == "keyword_argument");
                }
                _ => {}
            }
            if !is_statement(child) || child.parent().is_some_and(|it| it.kind() != "block") {
                self.data(child, place, depth + 1);
            }
        }
    }

    /// Whether a node is in the simple statement that fails.
    fn in_failing(&self, node: Node<'_>) -> bool {
        let mut node = node;
        while let Some(parent) = node.parent() {
            if is_statement(parent) {
                return !parent.kind().ends_with("_definition")
                    && parent.kind() != "for_statement"
                    && self.holds_failing(parent);
            }
            if parent.kind() == "decorator" {
                return false;
            }
            node = parent;
        }
        false
    }

    fn elements(&mut self, list: Node<'_>, goes: impl Fn(Node<'_>) -> bool) {
        let single_row = list.start_position().row == list.end_position().row;
        // The row that fails stays as it is written.
        if self.holds_failing(list) && single_row {
            return;
        }
        let children = named_children(list);
        let group = self.next_group();
        for (index, child) in children.iter().enumerate() {
            if !goes(*child) || self.holds_failing(*child) {
                continue;
            }
            let end = match children.get(index + 1) {
                Some(next) => next.start_byte(),
                None => list.end_byte() - 1,
            };
            let row = list.start_position().row;
            let near_failing = self.failing.is_some_and(|failing| {
                failing >= child.start_position().row && failing <= row
                    || self.module.line_of(end) as usize == failing + 1
                        && child.end_position().row + 1 == failing + 1
            });
            if near_failing {
                continue;
            }
            let span = Span::new(child.start_byte(), end);
            self.found.push((
                4,
                Part {
                    span,
                    kind: PartKind::Element,
                    group,
                    careful: false,
                },
            ));
        }
    }
}

/// Rows of data, not one value: a shape of three numbers with one less is another shape.
fn is_table(list: Node<'_>) -> bool {
    let elements = named_children(list);
    let is_row = |element: &Node<'_>| {
        matches!(
            element.kind(),
            "list" | "tuple" | "dictionary" | "set" | "call"
        ) || element
            .child_by_field_name("value")
            .is_some_and(|value| matches!(value.kind(), "list" | "tuple" | "dictionary" | "set"))
    };
    elements.len() >= 6 || elements.len() > 1 && elements.iter().all(is_row)
}

/// Whether a statement makes the run deterministic.
fn is_seeding(text: &str) -> bool {
    text.len() < 200
        && ["seed(", "manual_seed", "default_rng", "RandomState"]
            .iter()
            .any(|word| text.contains(word))
}
