//! Helpers that are one expression, called in one place: the expression stands there instead.

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use super::facts::Facts;
use super::write::MARKS;
use crate::source::{Module, is_label, named_children, span, walk};

/// A line gets no longer than the first by it, or where the author's lines are longer, than the second.
const MAX_WIDTH: [usize; 2] = [100, 120];

/// At most so many helpers are looked at, each with one pass over the text.
const MAX_HELPERS: usize = 20;

/// The text with such helpers written into their callers; lines that the failure goes through stay as they are.
pub(super) fn one_line_helpers(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..MAX_HELPERS {
        let Some(next) = once(&text) else {
            break;
        };
        text = next;
    }
    text
}

fn once(text: &str) -> Option<String> {
    let module = Module::parse("", text.into());
    let statements = module.statements();
    let mut mentions: BTreeMap<&str, Vec<Node<'_>>> = BTreeMap::new();
    walk(module.root(), |node| {
        if node.kind() == "identifier" {
            mentions.entry(module.source(node)).or_default().push(node);
        }
        true
    });
    statements.iter().find_map(|statement| {
        let helper = Helper::of(&module, *statement)?;
        // Its own name, and the one call.
        let [_, mention] = mentions.get(helper.name)?.as_slice() else {
            return None;
        };
        let call = mention.parent().filter(|call| {
            call.kind() == "call" && call.child_by_field_name("function") == Some(*mention)
        })?;
        let written = helper.written(&module, call)?;
        let rows = module.rows(span(*statement));
        let (start, end) = (rows.start, rows.end);
        let after = text[end..].len() - text[end..].trim_start_matches('\n').len();
        let (from, to) = (call.start_byte(), call.end_byte());
        if from < end {
            return None;
        }
        Some(format!(
            "{}{}{written}{}",
            &text[..start],
            &text[end + after..from],
            &text[to..]
        ))
    })
}

struct Helper<'t> {
    name: &'t str,
    parameters: Vec<&'t str>,
    value: Node<'t>,
    facts: Facts,
}

impl<'t> Helper<'t> {
    /// `def name(a, b): return value`, nothing else.
    fn of(module: &'t Module, statement: Node<'t>) -> Option<Self> {
        let source = module.source(statement);
        if statement.kind() != "function_definition"
            || source.starts_with("async")
            || source.contains(MARKS)
        {
            return None;
        }
        let body = statement.child_by_field_name("body")?;
        let [only] = named_children(body)[..] else {
            return None;
        };
        let value = named_children(only).into_iter().next()?;
        let single = value.start_position().row == value.end_position().row;
        if only.kind() != "return_statement"
            || !single
            || matches!(value.kind(), "expression_list" | "yield" | "await")
            || source.contains('#')
        {
            return None;
        }
        let list = named_children(statement.child_by_field_name("parameters")?);
        if !list
            .iter()
            .all(|parameter| parameter.kind() == "identifier")
        {
            return None;
        }
        Some(Self {
            name: module.field(statement, "name"),
            parameters: list
                .into_iter()
                .map(|parameter| module.source(parameter))
                .collect(),
            value,
            facts: Facts::of(module, value),
        })
    }

    /// The value with a call's arguments for its parameters; `None` where a name could mean another thing there.
    fn written(&self, module: &Module, call: Node<'_>) -> Option<String> {
        let arguments = named_children(call.child_by_field_name("arguments")?);
        let plain = arguments.iter().all(|argument| {
            matches!(
                argument.kind(),
                "identifier" | "integer" | "float" | "string" | "subscript" | "attribute"
            ) && !module.source(*argument).contains('\n')
        });
        if !plain || arguments.len() != self.parameters.len() {
            return None;
        }
        let mut function = call;
        while function.kind() != "function_definition" {
            function = function.parent()?;
        }
        let locals = Facts::of(module, function.child_by_field_name("body")?).binds;
        let hidden = self
            .facts
            .uses
            .iter()
            .any(|name| !self.parameters.contains(&name.as_str()) && locals.contains(name));
        let mut inner = BTreeSet::new();
        walk(self.value, |node| {
            if let Some(left) = node
                .child_by_field_name("left")
                .filter(|_| node.kind() == "for_in_clause")
            {
                walk(left, |name| {
                    inner.insert(module.source(name));
                    true
                });
            }
            !matches!(node.kind(), "lambda" | "named_expression")
        });
        let source = module.source(self.value);
        let captured = arguments.iter().any(|argument| {
            Facts::of(module, *argument)
                .uses
                .iter()
                .any(|name| inner.contains(name.as_str()))
        });
        let rebound = self.parameters.iter().any(|name| inner.contains(name));
        if hidden || captured || rebound || source.contains("lambda") || source.contains(":=") {
            return None;
        }
        let values: BTreeMap<&str, &str> = self
            .parameters
            .iter()
            .copied()
            .zip(arguments.iter().map(|argument| module.source(*argument)))
            .collect();
        let mut written = String::new();
        let mut at = self.value.start_byte();
        walk(self.value, |node| {
            if node.kind() == "identifier"
                && let Some(value) = values.get(module.source(node))
                && !is_label(node)
            {
                written.push_str(&module.text[at..node.start_byte()]);
                written.push_str(value);
                at = node.end_byte();
            }
            true
        });
        written.push_str(&module.text[at..self.value.end_byte()]);
        let closed = matches!(
            self.value.kind(),
            "call"
                | "list"
                | "list_comprehension"
                | "dictionary"
                | "identifier"
                | "string"
                | "integer"
                | "attribute"
                | "subscript"
        );
        let stands_alone = call
            .parent()
            .is_some_and(|parent| parent.kind() == "assignment");
        if !closed && !stands_alone {
            written = format!("({written})");
        }
        let row = module.line_of(call.start_byte());
        let line = module.line_text(row)?;
        let fits = line.len() - (call.end_byte() - call.start_byte()).min(line.len())
            + written.len()
            <= width(&module.text);
        (fits && !line.contains(MARKS) && call.start_position().row == call.end_position().row)
            .then_some(written)
    }
}

fn width(text: &str) -> usize {
    let longest = text.lines().map(str::len).max().unwrap_or_default();
    longest.clamp(MAX_WIDTH[0], MAX_WIDTH[1])
}
