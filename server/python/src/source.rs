//! One Python file, parsed once and where that is needed: its text, its tree, and the questions about places that every part asks.
//!
//! It knows syntax only. What names mean is [`crate::scope`]'s, other files are [`crate::project`]'s.

mod generated;

use std::cell::OnceCell;
use std::sync::Arc;

use text::{LineIndex, Problem, Span};
use tree_sitter::{Node, Parser, Point, Tree};

/// A file larger than this is not parsed: it is generated data, not a test that a person wrote.
const MAX_BYTES: usize = 8 << 20;

/// A Python file and its syntax tree. The tree exists for any text; what is no Python stands in it as `ERROR` nodes.
#[derive(Debug)]
pub struct Module {
    /// Relative to the workspace.
    pub path: String,
    pub text: Arc<str>,
    pub lines: LineIndex,
    /// Made where it is asked for: of many files only the text is looked at.
    tree: OnceCell<Tree>,
}

impl Module {
    pub fn parse(path: &str, text: Arc<str>) -> Self {
        Self {
            path: path.to_owned(),
            lines: LineIndex::new(&text),
            text,
            tree: OnceCell::new(),
        }
    }

    pub fn root(&self) -> Node<'_> {
        let tree = self.tree.get_or_init(|| tree(&self.text, None));
        tree.root_node()
    }

    /// Whether the file may bind a name at its outermost level, as far as its text tells without its tree.
    pub fn may_bind(&self, name: &str) -> bool {
        let mut imports = self.text.split("import").skip(1);
        self.text.contains(name) || imports.any(|rest| rest.trim_start().starts_with(['*', '\\']))
    }

    /// The statements of the file, outermost level.
    pub fn statements(&self) -> Vec<Node<'_>> {
        named_children(self.root())
    }

    /// The source of a node, as its author wrote it.
    pub fn source(&self, node: Node<'_>) -> &str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    /// The source of a field of a node; empty where the node has none.
    pub fn field(&self, node: Node<'_>, field: &str) -> &str {
        node.child_by_field_name(field)
            .map_or("", |child| self.source(child))
    }

    /// The rows that hold these bytes, whole, with the end of the last.
    pub fn rows(&self, span: Span) -> Span {
        let start = self.text[..span.start].rfind('\n').map_or(0, |at| at + 1);
        let end = self.text[span.end..].find('\n');
        Span::new(start, end.map_or(self.text.len(), |at| span.end + at + 1))
    }

    /// Whether a node has its rows for itself; a comment may stand behind it.
    pub fn stands_alone(&self, node: Node<'_>) -> bool {
        let rows = self.rows(span(node));
        let before = &self.text[rows.start..node.start_byte()];
        let behind = self.text[node.end_byte()..rows.end].trim_start();
        before.trim().is_empty() && (behind.is_empty() || behind.starts_with('#'))
    }

    /// The 1-based line that a byte offset is on.
    pub fn line_of(&self, offset: usize) -> u32 {
        self.lines.line_of(offset) + 1
    }

    /// The text of a 1-based line, without its end.
    pub fn line_text(&self, line: u32) -> Option<&str> {
        let span = self.lines.line(&self.text, line.checked_sub(1)?)?;
        Some(span.of(&self.text))
    }

    /// The statements that hold a 1-based line, outermost first: classes, functions, compound statements, the simple
    /// statement. A decorated definition is there twice: as `decorated_definition` and as what it decorates. Clauses
    /// (`else`, `except`, `case`) are listed too.
    pub fn enclosing(&self, line: u32) -> Vec<Node<'_>> {
        let row = line.saturating_sub(1) as usize;
        let holds = |node: &Node<'_>| {
            // A compound statement may end at column 0 of the row after it.
            let end = node.end_position();
            node.start_position().row <= row
                && (row < end.row || (row == end.row && end.column > 0))
        };
        let mut found = Vec::new();
        let mut level = self.root();
        while let Some(next) = named_children(level).into_iter().find(holds) {
            if is_statement(next) || next.kind().ends_with("_clause") {
                found.push(next);
            } else if next.kind() != "block" && next.kind() != "ERROR" {
                break;
            }
            level = next;
        }
        found
    }

    /// Whether a row (0-based) begins inside a string: its indentation is part of a value.
    pub fn begins_in_string(&self, row: usize) -> bool {
        let begin = Point { row, column: 0 };
        let mut cursor = self.root().walk();
        loop {
            if cursor.node().kind() == "string" {
                return true;
            }
            // The first child that ends behind the row's beginning.
            let is_there = cursor.goto_first_child_for_point(begin).is_some();
            if !is_there || cursor.node().start_position().row >= row {
                return false;
            }
        }
    }

    /// The innermost function that holds a 1-based line (decorators count as part of it).
    pub fn function_at(&self, line: u32) -> Option<Node<'_>> {
        self.enclosing(line)
            .into_iter()
            .rev()
            .map(undecorated)
            .find(|node| node.kind() == "function_definition")
    }

    /// Whether a decorator of a function makes a fixture of it, by its own text.
    pub fn is_fixture(&self, function: Node<'_>) -> bool {
        let mut decorators = decorators(function).into_iter();
        decorators.any(|it| self.source(it).contains("fixture"))
    }

    /// Whether the file is written for Python 2: it prints or executes by statement, or names an exception by a comma.
    pub fn is_python2(&self) -> bool {
        // The tree is asked only about lines that look so: walking the whole of it is slower than parsing.
        let mut offset = 0;
        for line in self.text.split_inclusive('\n') {
            let code = line.trim_start();
            let start = offset + (line.len() - code.len());
            offset += line.len();
            let statement = if code.starts_with("print ") || code.starts_with("print>>") {
                "print_statement"
            } else if code.starts_with("exec ") {
                "exec_statement"
            } else if code.starts_with("except ") && code.contains(',') && !code.contains('(') {
                "except_clause"
            } else {
                continue;
            };
            let mut node = self.root().descendant_for_byte_range(start, start + 1);
            for _ in 0..3 {
                if node.is_some_and(|node| node.kind() == statement && node.start_byte() == start) {
                    return true;
                }
                node = node.and_then(|node| node.parent());
            }
        }
        false
    }

    /// Whether it is a file of Python, and not a text with doctests.
    pub fn is_python(&self) -> bool {
        self.path.ends_with(".py")
    }

    /// What the grammar did not understand, at most the first few.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if !self.is_python() {
            return problems;
        }
        let mut report = |message: &str, span: Span| {
            problems.push(Problem {
                message: message.to_owned(),
                path: self.path.clone(),
                span,
            });
        };
        if self.text.len() > MAX_BYTES {
            report(
                "the file is too large to be read as a test; its parameters and fixtures are unknown",
                Span::at(0),
            );
        }
        if self.is_python2() {
            report(
                "the file is written for Python 2; a repro needs the interpreter that CI used",
                Span::at(0),
            );
        }
        if self.root().has_error() {
            let mut left = 3;
            walk(self.root(), |node| {
                if (node.is_error() || node.is_missing()) && left > 0 {
                    left -= 1;
                    report(
                        "this part is no Python that the parser knows; what it defines is not seen",
                        span(node),
                    );
                    return false;
                }
                left > 0 && node.has_error()
            });
        }
        problems
    }
}

/// The tree of a text, with what is left of that before an edit.
fn tree(text: &str, before: Option<&Tree>) -> Tree {
    let readable = if text.len() > MAX_BYTES { "" } else { text };
    let mut parser = Parser::new();
    parser
        .set_language(&tree_sitter_python::LANGUAGE.into())
        .expect("the grammar is built for this tree-sitter");
    parser
        .parse(readable, before)
        .expect("a parser with a language, not cancelled, gives a tree")
}

/// The bytes of a node.
pub fn span(node: Node<'_>) -> Span {
    Span::new(node.start_byte(), node.end_byte())
}

/// The named children of a node, without comments.
pub fn named_children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor)
        .filter(|child| !child.is_extra())
        .collect()
}

/// Visits a node and what is below it, in the order of the text, without recursion; `visit` says whether to go below.
pub fn walk<'t>(node: Node<'t>, mut visit: impl FnMut(Node<'t>) -> bool) {
    let mut cursor = node.walk();
    let mut depth = 0usize;
    loop {
        if visit(cursor.node()) && cursor.goto_first_child() {
            depth += 1;
            continue;
        }
        loop {
            if depth == 0 {
                return;
            }
            if cursor.goto_next_sibling() {
                break;
            }
            cursor.goto_parent();
            depth -= 1;
        }
    }
}

/// Whether a node is a statement, simple or compound.
pub fn is_statement(node: Node<'_>) -> bool {
    let kind = node.kind();
    kind.ends_with("_statement") || kind.ends_with("_definition")
}

/// The `b` of `a.b` and of `f(b=1)`: a name of no scope.
pub fn is_label(node: Node<'_>) -> bool {
    node.parent().is_some_and(|parent| match parent.kind() {
        "attribute" => parent.child_by_field_name("attribute") == Some(node),
        "keyword_argument" => parent.child_by_field_name("name") == Some(node),
        _ => false,
    })
}

/// A definition without its decorators; any other node as it is.
pub fn undecorated(node: Node<'_>) -> Node<'_> {
    if node.kind() == "decorated_definition" {
        node.child_by_field_name("definition").unwrap_or(node)
    } else {
        node
    }
}

/// A definition with its decorators, if it has any.
pub fn decorated(node: Node<'_>) -> Node<'_> {
    match node.parent() {
        Some(parent) if parent.kind() == "decorated_definition" => parent,
        _ => node,
    }
}

/// The decorators of a definition, in the order of the text: each the expression after the `@`.
pub fn decorators(definition: Node<'_>) -> Vec<Node<'_>> {
    let outer = decorated(definition);
    if outer.kind() != "decorated_definition" {
        return Vec::new();
    }
    named_children(outer)
        .into_iter()
        .filter(|child| child.kind() == "decorator")
        .filter_map(|decorator| named_children(decorator).into_iter().next())
        .collect()
}

/// The statements of a definition's body.
pub fn body(definition: Node<'_>) -> Vec<Node<'_>> {
    undecorated(definition)
        .child_by_field_name("body")
        .map(named_children)
        .unwrap_or_default()
}

/// The expression without the parentheses around it.
pub fn unparenthesized(mut node: Node<'_>) -> Node<'_> {
    while node.kind() == "parenthesized_expression" {
        match named_children(node).into_iter().next() {
            Some(inner) => node = inner,
            None => break,
        }
    }
    node
}

/// The positional and keyword arguments of a call, `*` and `**` ones apart.
#[derive(Debug, Clone, Default)]
pub struct Arguments<'t> {
    pub positional: Vec<Node<'t>>,
    pub keywords: Vec<(&'t str, Node<'t>)>,
    /// Some arguments come from `*args` or `**kwargs`.
    pub unpacked: bool,
}

impl<'t> Arguments<'t> {
    /// The arguments of a `call` node, in its module.
    pub fn of(module: &'t Module, call: Node<'t>) -> Self {
        let mut arguments = Self::default();
        let Some(list) = call.child_by_field_name("arguments") else {
            return arguments;
        };
        if list.kind() != "argument_list" {
            // `f(x for x in y)`: the generator itself is the field.
            arguments.positional.push(list);
            return arguments;
        }
        for argument in named_children(list) {
            match argument.kind() {
                "keyword_argument" => {
                    if let Some(value) = argument.child_by_field_name("value") {
                        arguments
                            .keywords
                            .push((module.field(argument, "name"), value));
                    }
                }
                "list_splat" | "dictionary_splat" | "ERROR" => arguments.unpacked = true,
                _ => arguments.positional.push(argument),
            }
        }
        arguments
    }

    /// The argument of that position or keyword.
    pub fn get(&self, position: usize, keyword: &str) -> Option<Node<'t>> {
        self.positional
            .get(position)
            .copied()
            .or_else(|| self.keyword(keyword))
    }

    pub fn keyword(&self, keyword: &str) -> Option<Node<'t>> {
        self.keywords
            .iter()
            .find(|(name, _)| *name == keyword)
            .map(|(_, value)| *value)
    }
}

/// Whether a character may stand in a name.
pub fn in_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where a name stands in a text as a whole word.
pub fn mentions(text: &str, name: &str) -> impl Iterator<Item = usize> {
    let places = text.match_indices(name).map(|(at, _)| at);
    places.filter(move |at| {
        !text[..*at].ends_with(in_name) && !text[at + name.len()..].starts_with(in_name)
    })
}

/// `a.b.c` as written, without spaces; `None` for anything but a chain of names.
pub fn dotted(module: &Module, node: Node<'_>) -> Option<String> {
    let mut parts = Vec::new();
    let mut node = node;
    loop {
        match node.kind() {
            "identifier" => {
                parts.push(module.source(node));
                break;
            }
            "attribute" => {
                parts.push(module.field(node, "attribute"));
                node = node.child_by_field_name("object")?;
            }
            _ => return None,
        }
    }
    parts.reverse();
    Some(parts.join("."))
}
