//! A function's or module's statements as the slicer sees them: nested blocks with their facts and their place in the text.

use std::cell::OnceCell;

use text::Span;
use tree_sitter::Node;

use super::facts::Facts;
use crate::source::{Module, named_children, span, undecorated};

/// Blocks nested deeper than this are kept or dropped as one.
const MAX_DEPTH: usize = 40;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Simple,
    /// An expression for its effect.
    Expression,
    Assert,
    Docstring,
    /// `break`, `continue`, `return`, `raise`.
    Jump,
    Import,
    If,
    Loop,
    With,
    Try,
    Function,
    Class,
    /// Anything else with blocks: kept whole or not at all.
    Opaque,
}

/// A statement. What is in it is read at the first request: of most functions of a file, a slice needs no more than the name.
#[derive(Debug, Clone)]
pub(super) struct Statement<'t> {
    pub(super) kind: Kind,
    /// Decorators included.
    pub(super) span: Span,
    /// 0-based, first and last.
    pub(super) rows: (usize, usize),
    /// Of a definition.
    pub(super) name: String,
    /// `name = value` with one plain name: the name and the value's span.
    pub(super) assigns: Option<(String, Span)>,
    /// It fails whenever it is reached: what leads to it is the failure's cause.
    pub(super) gives_up: bool,
    reader: Reader<'t>,
    node: Node<'t>,
    facts: OnceCell<Facts>,
    clauses: OnceCell<Vec<Clause<'t>>>,
}

/// A header (`if x:`, `else:`) and its block.
#[derive(Debug, Clone)]
pub(super) struct Clause<'t> {
    pub(super) header: Span,
    /// The last row of the header.
    pub(super) header_row: usize,
    pub(super) facts: Facts,
    pub(super) body: Vec<Statement<'t>>,
    pub(super) last_row: usize,
}

impl<'t> Statement<'t> {
    /// Of the whole statement, blocks included.
    pub(super) fn facts(&self) -> &Facts {
        self.facts
            .get_or_init(|| Facts::of(self.reader.module, self.node))
    }

    /// The headers and blocks of a compound statement or a definition.
    pub(super) fn clauses(&self) -> &[Clause<'t>] {
        self.clauses
            .get_or_init(|| self.reader.clauses(self.kind, undecorated(self.node)))
    }

    pub(super) fn id(&self) -> usize {
        self.span.start
    }

    pub(super) fn holds(&self, row: usize) -> bool {
        self.rows.0 <= row && row <= self.rows.1
    }

    /// The clause whose block holds a row; `None` where the row is in a header.
    pub(super) fn clause_at(&self, row: usize) -> Option<usize> {
        self.clauses().iter().position(|clause| {
            clause.body.iter().any(|inner| inner.holds(row))
                || (clause.header_row < row && row <= clause.last_row)
        })
    }

    /// Whether control never goes on behind it.
    pub(super) fn leaves(&self) -> bool {
        match self.kind {
            Kind::Jump => true,
            Kind::With => self.clauses().iter().all(|clause| leaves(&clause.body)),
            Kind::Expression => self.facts().calls.iter().any(|call| {
                matches!(
                    call.path.as_str(),
                    "pytest.skip" | "pytest.xfail" | "pytest.fail" | "self.skipTest" | "self.fail"
                )
            }),
            _ => false,
        }
    }
}

pub(super) fn leaves(block: &[Statement]) -> bool {
    block.last().is_some_and(Statement::leaves)
}

/// The statements of a block. Those that stand on one row with what fails are one: the row is compared as it is.
pub(super) fn statements<'t>(
    module: &'t Module,
    nodes: &[Node<'t>],
    failing: Option<usize>,
) -> Vec<Statement<'t>> {
    let reader = Reader {
        module,
        failing,
        depth: 0,
    };
    reader.block(nodes)
}

#[derive(Debug, Clone, Copy)]
struct Reader<'t> {
    module: &'t Module,
    /// The row that fails.
    failing: Option<usize>,
    depth: usize,
}

impl<'t> Reader<'t> {
    fn block(self, nodes: &[Node<'t>]) -> Vec<Statement<'t>> {
        let fails = |node: &Node<'_>| {
            let (first, last) = rows(*node);
            self.failing.is_some_and(|row| first <= row && row <= last)
        };
        let mut is_first = true;
        nodes
            .chunk_by(|a, b| fails(a) && fails(b))
            .map(|together| {
                let first = std::mem::take(&mut is_first);
                match together {
                    [one] => self.statement(*one, first),
                    _ => self.row(together),
                }
            })
            .collect()
    }

    /// `a; b; c`
    fn row(self, nodes: &[Node<'t>]) -> Statement<'t> {
        let (first, last) = (nodes[0], nodes[nodes.len() - 1]);
        Statement {
            kind: Kind::Simple,
            span: Span::new(first.start_byte(), last.end_byte()),
            rows: (rows(first).0, rows(last).1),
            name: String::new(),
            assigns: None,
            gives_up: nodes.iter().any(|node| gives_up(self.module, *node)),
            reader: self,
            node: first,
            facts: OnceCell::from(Facts::of_all(self.module, nodes.iter().copied())),
            clauses: OnceCell::new(),
        }
    }

    fn statement(self, node: Node<'t>, first: bool) -> Statement<'t> {
        let module = self.module;
        let definition = undecorated(node);
        let mut kind = match definition.kind() {
            "expression_statement" => expression_kind(node, first),
            "assert_statement" => Kind::Assert,
            "break_statement" | "continue_statement" | "return_statement" | "raise_statement" => {
                Kind::Jump
            }
            "import_statement" | "import_from_statement" | "future_import_statement" => {
                Kind::Import
            }
            "if_statement" => Kind::If,
            "for_statement" | "while_statement" => Kind::Loop,
            "with_statement" => Kind::With,
            "try_statement" => Kind::Try,
            "function_definition" => Kind::Function,
            "class_definition" => Kind::Class,
            "match_statement" | "ERROR" => Kind::Opaque,
            _ => Kind::Simple,
        };
        let is_definition = matches!(kind, Kind::Function | Kind::Class);
        let is_compound = matches!(kind, Kind::If | Kind::Loop | Kind::With | Kind::Try);
        let is_empty = || parts(definition).all(|it| header(it).is_none());
        if (is_compound && self.depth >= MAX_DEPTH)
            || ((is_compound || is_definition) && self.depth < MAX_DEPTH && is_empty())
        {
            kind = Kind::Opaque;
        }
        Statement {
            kind,
            span: span(node),
            rows: rows(node),
            name: module.field(definition, "name").to_owned(),
            assigns: plain_assignment(module, node),
            gives_up: gives_up(module, node),
            reader: self,
            node,
            facts: OnceCell::new(),
            clauses: OnceCell::new(),
        }
    }

    fn clauses(self, kind: Kind, definition: Node<'t>) -> Vec<Clause<'t>> {
        match kind {
            Kind::If | Kind::Loop | Kind::With | Kind::Try | Kind::Function | Kind::Class
                if self.depth < MAX_DEPTH =>
            {
                parts(definition)
                    .filter_map(|part| self.clause(part))
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    fn clause(self, node: Node<'t>) -> Option<Clause<'t>> {
        let module = self.module;
        let (children, colon, block) = header(node)?;
        let mut facts = Facts::default();
        if !matches!(node.kind(), "function_definition" | "class_definition") {
            // The header of a loop or `as` binds names; a block's own names are its statements'.
            let heads = children
                .iter()
                .filter(|child| child.is_named() && !child.is_extra());
            facts = if node.kind() == "for_statement" {
                Facts::of_loop(module, node)
            } else {
                Facts::of_all(module, heads.copied())
            };
        }
        let inner = Self {
            depth: self.depth + 1,
            ..self
        };
        Some(Clause {
            header: Span::new(node.start_byte(), colon.end_byte()),
            header_row: colon.end_position().row,
            facts,
            body: inner.block(&named_children(block)),
            last_row: rows(block).1,
        })
    }
}

/// A compound statement or a definition, and its `else` and the like.
fn parts(definition: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let clauses = named_children(definition).into_iter();
    let clauses = clauses.filter(|it| it.kind().ends_with("_clause") && it.kind() != "with_clause");
    std::iter::once(definition).chain(clauses)
}

/// What stands before the block of a clause, the colon there, and the block.
fn header(node: Node<'_>) -> Option<(Vec<Node<'_>>, Node<'_>, Node<'_>)> {
    let mut cursor = node.walk();
    let mut children: Vec<Node<'_>> = node.children(&mut cursor).collect();
    let at = children.iter().position(|child| child.kind() == "block")?;
    let block = children[at];
    children.truncate(at);
    let colon = *children.iter().rev().find(|child| child.kind() == ":")?;
    Some((children, colon, block))
}

/// `raise`, `pytest.fail("...")`, `assert False`.
fn gives_up(module: &Module, node: Node<'_>) -> bool {
    let first = named_children(node).into_iter().next();
    match node.kind() {
        "raise_statement" => true,
        "assert_statement" => {
            first.is_some_and(|it| it.kind() == "false" || module.source(it) == "0")
        }
        "expression_statement" => first.is_some_and(|it| {
            let called = module.field(it, "function");
            it.kind() == "call" && matches!(called, "pytest.fail" | "self.fail" | "fail")
        }),
        _ => false,
    }
}

fn expression_kind(node: Node<'_>, first: bool) -> Kind {
    let children = named_children(node);
    match children.first().map(Node::kind) {
        Some("string" | "concatenated_string") if first => Kind::Docstring,
        Some("string" | "concatenated_string" | "assignment" | "augmented_assignment") => {
            Kind::Simple
        }
        _ => Kind::Expression,
    }
}

fn plain_assignment(module: &Module, node: Node<'_>) -> Option<(String, Span)> {
    let assignment = named_children(node).into_iter().next()?;
    if node.kind() != "expression_statement" || assignment.kind() != "assignment" {
        return None;
    }
    let left = assignment.child_by_field_name("left")?;
    let right = assignment.child_by_field_name("right")?;
    (left.kind() == "identifier" && right.kind() != "assignment")
        .then(|| (module.source(left).to_owned(), span(right)))
}

/// First and last row, the last not the one after a trailing line end.
pub(super) fn rows(node: Node<'_>) -> (usize, usize) {
    let end = node.end_position();
    let last = if end.column == 0 && end.row > node.start_position().row {
        end.row - 1
    } else {
        end.row
    };
    (node.start_position().row, last)
}
