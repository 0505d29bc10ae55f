//! A function's or module's statements as the slicer sees them: nested blocks with their facts and their place in the text.

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

#[derive(Debug, Clone)]
pub(super) struct Statement {
    pub(super) kind: Kind,
    /// Decorators included.
    pub(super) span: Span,
    /// 0-based, first and last.
    pub(super) rows: (usize, usize),
    /// Of the whole statement, blocks included.
    pub(super) facts: Facts,
    /// Of a definition.
    pub(super) name: String,
    pub(super) clauses: Vec<Clause>,
    /// `name = value` with one plain name: the name and the value's span.
    pub(super) assigns: Option<(String, Span)>,
    /// It fails whenever it is reached: what leads to it is the failure's cause.
    pub(super) gives_up: bool,
}

/// A header (`if x:`, `else:`) and its block.
#[derive(Debug, Clone)]
pub(super) struct Clause {
    pub(super) header: Span,
    /// The last row of the header.
    pub(super) header_row: usize,
    pub(super) facts: Facts,
    pub(super) body: Vec<Statement>,
    pub(super) last_row: usize,
}

impl Statement {
    pub(super) fn id(&self) -> usize {
        self.span.start
    }

    pub(super) fn holds(&self, row: usize) -> bool {
        self.rows.0 <= row && row <= self.rows.1
    }

    /// The clause whose block holds a row; `None` where the row is in a header.
    pub(super) fn clause_at(&self, row: usize) -> Option<usize> {
        self.clauses.iter().position(|clause| {
            clause.body.iter().any(|inner| inner.holds(row))
                || (clause.header_row < row && row <= clause.last_row)
        })
    }

    /// Whether control never goes on behind it.
    pub(super) fn leaves(&self) -> bool {
        match self.kind {
            Kind::Jump => true,
            Kind::With => self.clauses.iter().all(|clause| leaves(&clause.body)),
            Kind::Expression => self.facts.calls.iter().any(|call| {
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
pub(super) fn statements(
    module: &Module,
    nodes: &[Node<'_>],
    failing: Option<usize>,
) -> Vec<Statement> {
    Reader { module, failing }.block(nodes, 0)
}

struct Reader<'m> {
    module: &'m Module,
    /// The row that fails.
    failing: Option<usize>,
}

impl Reader<'_> {
    fn block(&self, nodes: &[Node<'_>], depth: usize) -> Vec<Statement> {
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
                    [one] => self.statement(*one, first, depth),
                    _ => self.row(together),
                }
            })
            .collect()
    }

    /// `a; b; c`
    fn row(&self, nodes: &[Node<'_>]) -> Statement {
        let (first, last) = (nodes[0], nodes[nodes.len() - 1]);
        Statement {
            kind: Kind::Simple,
            span: Span::new(first.start_byte(), last.end_byte()),
            rows: (rows(first).0, rows(last).1),
            facts: Facts::of_all(self.module, nodes.iter().copied()),
            name: String::new(),
            clauses: Vec::new(),
            assigns: None,
            gives_up: nodes.iter().any(|node| gives_up(self.module, *node)),
        }
    }

    fn statement(&self, node: Node<'_>, first: bool, depth: usize) -> Statement {
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
        let mut clauses = Vec::new();
        match kind {
            Kind::If | Kind::Loop | Kind::With | Kind::Try | Kind::Function | Kind::Class
                if depth < MAX_DEPTH =>
            {
                clauses.extend(self.clause(definition, depth));
                for child in named_children(definition) {
                    if child.kind().ends_with("_clause") && child.kind() != "with_clause" {
                        clauses.extend(self.clause(child, depth));
                    }
                }
                if clauses.is_empty() {
                    kind = Kind::Opaque;
                }
            }
            Kind::If | Kind::Loop | Kind::With | Kind::Try => kind = Kind::Opaque,
            _ => {}
        }
        Statement {
            kind,
            span: span(node),
            rows: rows(node),
            facts: Facts::of(module, node),
            name: module.field(definition, "name").to_owned(),
            clauses,
            assigns: plain_assignment(module, node),
            gives_up: gives_up(module, node),
        }
    }

    fn clause(&self, node: Node<'_>, depth: usize) -> Option<Clause> {
        let module = self.module;
        let mut cursor = node.walk();
        let children: Vec<Node<'_>> = node.children(&mut cursor).collect();
        let at = children.iter().position(|child| child.kind() == "block")?;
        let colon = children[..at]
            .iter()
            .rev()
            .find(|child| child.kind() == ":")?;
        let header = Span::new(node.start_byte(), colon.end_byte());
        let mut facts = Facts::default();
        if !matches!(node.kind(), "function_definition" | "class_definition") {
            // The header of a loop or `as` binds names; a block's own names are its statements'.
            let heads = children[..at]
                .iter()
                .filter(|child| child.is_named() && !child.is_extra());
            facts = if node.kind() == "for_statement" {
                Facts::of_loop(module, node)
            } else {
                Facts::of_all(module, heads.copied())
            };
        }
        Some(Clause {
            header,
            header_row: colon.end_position().row,
            facts,
            body: self.block(&named_children(children[at]), depth + 1),
            last_row: rows(children[at]).1,
        })
    }
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
