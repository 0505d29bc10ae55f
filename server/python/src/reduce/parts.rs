//! What may go: statements, members, decorators, branches, what stands around a block, elements of data, lines of texts.

use text::Span;
use tree_sitter::Node;

use super::FAILS_HERE;
use super::whole::Whole;
use crate::slice::effects;
use crate::source::{Module, is_statement, named_children, span, undecorated, walk};

/// Parts are at most so many; what is behind them stays.
const MAX_PARTS: usize = 3000;

/// A text of fewer rows than this stays as it is.
const LINES_OF_TEXT: usize = 4;

/// Decorators that only make what they stand above another kind of thing.
const IDLE_DECORATORS: [&str; 12] = [
    "fixture",
    "contextmanager",
    "classmethod",
    "staticmethod",
    "property",
    "wraps",
    "dataclass",
    "coroutine",
    "attr.s",
    "define",
    "total_ordering",
    "lru_cache",
];

/// Code nested deeper than this stays as it is.
const MAX_DEPTH: usize = 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    /// `pass` may stand for it.
    Statement,
    /// With the comma or the plus sign behind it.
    Element,
    /// Rows of its own that nothing has to stand for: a decorator, a branch, a line of a text.
    Rows,
    /// A header whose block may stand without it.
    Header,
}

/// Bytes, and what stands there instead while the module is run.
pub type Edit = (Span, &'static str);

/// A part that may go, as long as the module fails in the same way.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    pub kind: PartKind,
    /// What is done to the text to run it without the part, in order; one edit but for a header with something behind its block.
    pub edits: Vec<Edit>,
    /// Parts of one block or list have one number; the lower ones are to be tried first.
    pub group: usize,
    /// A statement that makes what the test looks at: a failure for another reason could be made by taking it away.
    pub careful: bool,
}

impl Part {
    /// Where it stands.
    pub fn span(&self) -> Span {
        let start = self.edits.first().map_or(0, |(span, _)| span.start);
        Span::new(start, self.edits.last().map_or(start, |(span, _)| span.end))
    }
}

/// The parts of a test module whose test is named `test`. `failing` is the row of the line that fails; where it is not given, the
/// comment [`FAILS_HERE`] shows it.
pub fn parts(text: &str, failing: Option<u32>, test: &str) -> Vec<Part> {
    let module = Module::generated(text);
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
    found.sort_by_key(|(rank, part)| (*rank, part.group, part.span().start));
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
            "expression_statement" => {
                text.starts_with("pytestmark") || text.starts_with("pytest_plugins")
            }
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
            // What a module imports goes where no name of it is left.
            if statement.kind().contains("import") && place != Place::Function {
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
                || !self.module.stands_alone(statement);
            if !stays {
                let definition = matches!(
                    undecorated(statement).kind(),
                    "function_definition" | "class_definition"
                );
                let careful = place != Place::Class
                    && !is_docstring
                    && (!definition || self.hands_on(statement))
                    && !effects::only_looks(self.module, statement);
                let rank = match place {
                    Place::Function => 0,
                    Place::Class => 1,
                    Place::Module => 2,
                };
                let edit = (span(statement), "pass");
                self.push(rank, PartKind::Statement, group, careful, vec![edit]);
            }
            self.inside(statement, place, depth + 1);
        }
    }

    fn push(&mut self, rank: u8, kind: PartKind, group: usize, careful: bool, edits: Vec<Edit>) {
        let part = Part {
            kind,
            edits,
            group,
            careful,
        };
        self.found.push((rank, part));
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
                    self.push(3, PartKind::Rows, group, true, vec![(span(decorator), "")]);
                }
            }
        }
        self.header(statement);
        self.data(statement, place, depth);
    }

    /// What stands around a block that may do without it, and the branches behind the first.
    fn header(&mut self, statement: Node<'_>) {
        let block = match statement.kind() {
            "with_statement" | "try_statement" => statement.child_by_field_name("body"),
            "for_statement" => {
                let body = statement.child_by_field_name("body");
                body.filter(|block| !jumps(*block))
            }
            "if_statement" => statement.child_by_field_name("consequence"),
            _ => None,
        };
        let Some(block) = block else {
            return;
        };
        let has_rows = block.start_position().row > statement.start_position().row;
        let header = Span::new(statement.start_byte(), end_of_header(self.module, block));
        let says = header.of(&self.module.text);
        // What is expected to fail in it would, once the product is mended.
        let expects = [
            "raises",
            "warns",
            "Raises",
            "Warns",
            "deprecated_call",
            "subTest",
        ]
        .iter()
        .any(|word| says.contains(word));
        let clauses: Vec<Node<'_>> = named_children(statement)
            .into_iter()
            .filter(|child| child.kind().ends_with("_clause") && child.kind() != "with_clause")
            .collect();
        let catches = clauses
            .iter()
            .any(|clause| clause.kind().starts_with("except"));
        let in_clauses = clauses.iter().any(|clause| self.holds_failing(*clause));
        let in_header = self.failing.is_some_and(|row| {
            let first = statement.start_position().row;
            first <= row && row < block.start_position().row
        });
        if !has_rows || in_header {
            return;
        }
        if !expects && !catches && !in_clauses {
            let behind = Span::new(block.end_byte(), statement.end_byte());
            let mut edits = vec![(header, "if True:")];
            if !behind.is_empty() {
                edits.push((behind, ""));
            }
            let group = self.next_group();
            self.push(3, PartKind::Header, group, true, edits);
        }
        if statement.kind() == "if_statement" {
            let group = self.next_group();
            for clause in clauses {
                if !self.holds_failing(clause) && self.module.stands_alone(clause) {
                    self.push(3, PartKind::Rows, group, true, vec![(span(clause), "")]);
                }
            }
        }
    }

    /// Whether a decorator may hand a definition to something that looks for it later: a route, a callback, a registered type.
    fn hands_on(&self, statement: Node<'_>) -> bool {
        let decorators = crate::source::decorators(undecorated(statement));
        decorators.into_iter().any(|decorator| {
            let name = self.module.source(decorator);
            let name = name.split('(').next().unwrap_or_default();
            !IDLE_DECORATORS.iter().any(|idle| name.ends_with(idle))
        })
    }

    fn is_fixture(&self, function: Node<'_>) -> bool {
        function.kind() == "function_definition" && self.module.is_fixture(function)
    }

    /// The rows of a text between those of its quotes.
    fn lines_of(&mut self, string: Node<'_>) {
        let (first, last) = (string.start_position().row, string.end_position().row);
        let is_value = string
            .parent()
            .is_none_or(|it| it.kind() != "expression_statement");
        if last - first < LINES_OF_TEXT || !is_value || self.holds_failing(string) {
            return;
        }
        let group = self.next_group();
        for row in first + 1..last {
            let line = u32::try_from(row).ok();
            let line = line.and_then(|row| self.module.lines.line(&self.module.text, row));
            let next = u32::try_from(row + 1).ok();
            let next = next.and_then(|row| self.module.lines.line(&self.module.text, row));
            if let (Some(line), Some(next)) = (line, next) {
                let edit = (Span::new(line.start, next.start), "");
                self.push(4, PartKind::Rows, group, false, vec![edit]);
            }
        }
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
            // A mark's arguments are the set-up that the original had, unless they fail themselves.
            if self.is_mark(child) && !self.holds_failing(child) {
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
                    self.elements(child, false, |_| true);
                }
                "binary_operator" if !self.holds_failing(child) && !self.in_failing(child) => {
                    self.terms(child);
                }
                "argument_list" if node.kind() == "class_definition" => {
                    self.elements(child, false, |_| true);
                }
                // What a test or a helper calls something with is what it is about, unless it is much.
                "argument_list"
                    if place == Place::Class
                        || has_rows(child) && !self.in_failing(child) && !self.is_mark(node) =>
                {
                    self.elements(child, place != Place::Class, |argument| {
                        argument.kind() == "keyword_argument"
                    });
                }
                "parameters" if self.is_fixture(node) => {
                    self.elements(child, true, |it| {
                        it.kind() == "identifier" && self.module.source(it) != "self"
                    });
                }
                "string" if !self.in_failing(child) => self.lines_of(child),
                _ => {}
            }
            if !is_statement(child) || child.parent().is_some_and(|it| it.kind() != "block") {
                self.data(child, place, depth + 1);
            }
        }
    }

    /// What is put together to one whole, but for one part that stays.
    fn terms(&mut self, whole: Node<'_>) {
        let whole = Whole::of(whole);
        let group = self.next_group();
        for span in (0..whole.terms.len()).filter_map(|index| whole.span(index)) {
            self.push(4, PartKind::Element, group, true, vec![(span, "")]);
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

    fn elements(&mut self, list: Node<'_>, careful: bool, goes: impl Fn(Node<'_>) -> bool) {
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
            let edit = (Span::new(child.start_byte(), end), "");
            self.push(4, PartKind::Element, group, careful, vec![edit]);
        }
    }
}

/// Where the header before a block ends: behind its colon.
fn end_of_header(module: &Module, block: Node<'_>) -> usize {
    module.text[..block.start_byte()]
        .rfind(':')
        .map_or(block.start_byte(), |at| at + 1)
}

fn has_rows(list: Node<'_>) -> bool {
    list.start_position().row < list.end_position().row
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
    elements.len() >= 6 || elements.len() > 1 && (has_rows(list) || elements.iter().all(is_row))
}

/// Whether a statement makes the run deterministic.
fn is_seeding(text: &str) -> bool {
    text.len() < 200
        && ["seed(", "manual_seed", "default_rng", "RandomState"]
            .iter()
            .any(|word| text.contains(word))
}

/// Whether a loop's block ends an iteration of its own.
fn jumps(block: Node<'_>) -> bool {
    let mut found = false;
    walk(block, |node| {
        found |= matches!(node.kind(), "break_statement" | "continue_statement");
        let is_other = node.kind().ends_with("_definition")
            || matches!(node.kind(), "for_statement" | "while_statement");
        !found && !is_other
    });
    found
}
