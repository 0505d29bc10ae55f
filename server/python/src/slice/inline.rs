//! Helpers that are one expression, called in one place: the expression stands there instead.

use std::collections::BTreeMap;

use text::Span;
use tree_sitter::Node;

use super::facts::{Facts, Names, target_parts};
use super::write::{MARKS, is_marked};
use crate::edits::{Edit, applied};
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
    let module = Module::generated(text);
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

    /// The value with a call's arguments for its parameters, as the call's line can hold it; `None` where it would mean another thing.
    fn written(&self, module: &Module, call: Node<'_>) -> Option<String> {
        let arguments = named_children(call.child_by_field_name("arguments")?);
        let plain = arguments.iter().all(|argument| {
            matches!(
                argument.kind(),
                "identifier" | "integer" | "float" | "string" | "subscript" | "attribute"
            ) && !module.source(*argument).contains('\n')
        });
        if !plain
            || arguments.len() != self.parameters.len()
            || self.clashes(module, call, &arguments)?
        {
            return None;
        }
        let mut written = self.with_arguments(module, &arguments)?;
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
        let is_assigned = call.parent().is_some_and(|it| it.kind() == "assignment");
        if !closed && !is_assigned {
            written = format!("({written})");
        }
        let line = module.line_text(module.line_of(call.start_byte()))?;
        let own = span(call).len().min(line.len());
        let fits = line.len() - own + written.len() <= width(&module.text)
            && call.start_position().row == call.end_position().row;
        (fits && !is_marked(module, span(call))).then_some(written)
    }

    /// Whether a name would be another one in the caller, or an argument's in the value.
    fn clashes(&self, module: &Module, call: Node<'_>, arguments: &[Node<'_>]) -> Option<bool> {
        let mut locals = Names::new();
        let around = std::iter::successors(Some(call), Node::parent);
        let around: Vec<_> = around
            .filter(|it| it.kind() == "function_definition")
            .collect();
        around.first()?;
        for function in around {
            locals.extend(Facts::of(module, function.child_by_field_name("body")?).binds);
            let parameters = target_parts(function.child_by_field_name("parameters")?);
            locals.extend(parameters.iter().map(|it| module.source(*it).to_owned()));
        }
        let is_parameter = |name: &String| self.parameters.contains(&name.as_str());
        let mut inner = Names::new();
        let mut binds = false;
        walk(self.value, |node| {
            match node.kind() {
                "lambda" | "named_expression" => binds = true,
                "for_in_clause" => {
                    let targets = node.child_by_field_name("left").map(target_parts);
                    let targets = targets.unwrap_or_default().into_iter();
                    inner.extend(targets.map(|it| module.source(it).to_owned()));
                }
                _ => {}
            }
            true
        });
        let given = arguments.iter().map(|it| Facts::of(module, *it).uses);
        let mut uses = self.facts.uses.iter();
        Some(
            binds
                || uses.any(|name| !is_parameter(name) && locals.contains(name))
                || given.flatten().any(|name| inner.contains(&name))
                || inner.iter().any(is_parameter),
        )
    }

    fn with_arguments(&self, module: &Module, arguments: &[Node<'_>]) -> Option<String> {
        let mut edits: Vec<Edit> = Vec::new();
        let mut breaks = false;
        let base = self.value.start_byte();
        walk(self.value, |node| {
            let mut parameters = self.parameters.iter().zip(arguments);
            if node.kind() == "identifier"
                && !is_label(node)
                && let Some((_, argument)) = parameters.find(|(it, _)| **it == module.source(node))
            {
                let given = module.source(*argument);
                let mut around = std::iter::successors(node.parent(), Node::parent)
                    .take_while(|it| it.id() != self.value.id());
                let is_object = node.parent().is_some_and(|it| it.kind() == "attribute");
                // Quotes in the braces of an f-string are Python 3.12's, `4.real` is none's.
                breaks |= is_object && argument.kind() == "integer"
                    || given.contains(['"', '\'']) && around.any(|it| it.kind() == "interpolation");
                let at = Span::new(node.start_byte() - base, node.end_byte() - base);
                edits.push((at, given.to_owned()));
            }
            true
        });
        (!breaks).then(|| applied(module.source(self.value), edits))
    }
}

fn width(text: &str) -> usize {
    let longest = text.lines().map(str::len).max().unwrap_or_default();
    longest.clamp(MAX_WIDTH[0], MAX_WIDTH[1])
}

#[cfg(test)]
mod tests {
    use super::one_line_helpers;

    #[test]
    fn a_helper_stays_where_a_name_or_a_value_would_be_another() {
        let written = |value: &str, caller: &str| {
            let helper = format!("def helper(n):\n    return {value}\n\n\n");
            let text = one_line_helpers(&format!("{helper}{caller}"));
            !text.contains("helper")
        };
        let calls = |value: &str, argument: &str| {
            let caller = format!("def test_one(a):\n    assert helper({argument})\n");
            written(value, &caller)
        };
        assert!(calls("n > limit", "5") && !calls("n > a", "5"));
        let local = "def test_one():\n    limit = 4\n    assert helper(5)\n";
        assert!(!written("n > limit", local));
        assert!(calls("[n for x in y]", "a") && !calls("[n for a in y]", "a"));
        assert!(calls("f'<{n}>'", "a") && !calls("f'<{n}>'", "'b'"));
        assert!(calls("n.real", "a") && !calls("n.real", "5"));
    }
}
