//! The values that the failing parameter set, or Hypothesis' example, gives to a test's names.

use std::rc::Rc;

use tree_sitter::Node;

use super::builder::Builder;
use super::uses_of;
use crate::builtins::is_builtin;
use crate::model::Param;
use crate::scope::{BindingKind, Scope};
use crate::source::{Arguments, Module, decorated, is_label, walk};

impl<'s> Builder<'_, 's, '_> {
    /// Names that the failing parameter set gives to the test's function: name, expression, file of the expression.
    pub(super) fn values(&mut self, function: Option<Node<'s>>) -> Vec<(String, String, String)> {
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
                .filter(|value| !value.contains('[') && !value.starts_with("next(iter("))
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
                _ if param.id.as_deref().is_some_and(is_plain_id) && !self.shares_id(param) => {
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
        let body = function.and_then(|function| self.body_around(function));
        if let Some(body) = body {
            let own = values.iter_mut().filter(|it| it.2 == self.module.path);
            own.for_each(|(_, value, _)| *value = of_instance(value, &body));
        }
        if let Some(example) = &self.criterion.falsifying_example {
            let mut example = example_values(example);
            // It tells parameters, too, which the set gives.
            example.retain(|(name, _)| !values.iter().any(|(known, ..)| known == name));
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

    /// Whether the id of a parameter is that of others, too, whose values are in one set with its own.
    fn shares_id(&self, param: &Param) -> bool {
        let mut others = self.test.params.iter().filter(|it| it.name != param.name);
        others.any(|it| (&it.id, &it.path, it.span) == (&param.id, &param.path, param.span))
    }

    /// What the body of the class around a method binds.
    fn body_around(&self, method: Node<'s>) -> Option<Rc<Scope<'s>>> {
        let class = decorated(method).parent()?.parent()?;
        (class.kind() == "class_definition").then(|| self.project.scope_of(self.module, class))
    }

    /// Whether a printed value is an expression of names that the test's file knows.
    fn is_evaluable(&self, value: &str) -> bool {
        let scope = self.project.scope(self.module);
        is_expression(value)
            && uses_of(value)
                .iter()
                .all(|name| scope.get(name).is_some() || is_builtin(name))
    }
}

/// An expression of a class's body as the class's methods have it: `NAMES` of the body is `self.NAMES` there.
fn of_instance(value: &str, body: &Scope<'_>) -> String {
    let expression = Module::generated(value);
    let mut text = value.to_owned();
    let mut starts = Vec::new();
    walk(expression.root(), |node| {
        let name = expression.source(node);
        let is_attribute = node.kind() == "identifier"
            && !is_label(node)
            && (body.get(name)).is_some_and(|it| matches!(it.kind, BindingKind::Assign { .. }));
        if is_attribute {
            starts.push(node.start_byte());
        }
        true
    });
    for start in starts.into_iter().rev() {
        text.insert_str(start, "self.");
    }
    text
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
    let module = Module::generated(&format!("({value}\n)"));
    let statements = module.statements();
    !module.root().has_error() && statements.len() == 1 && !value.trim().is_empty()
}

/// Whether a printed value is a literal that evaluates to itself.
pub(super) fn is_literal(value: &str) -> bool {
    let module = Module::generated(value);
    if module.root().has_error() {
        return false;
    }
    let mut literal = true;
    walk(module.root(), |node| {
        literal &= !matches!(node.kind(), "identifier" | "call" | "ellipsis");
        literal
    });
    literal && !value.contains("...")
}

/// `test_x(a=1, b='x')` as printed by Hypothesis.
fn example_values(example: &str) -> Vec<(String, String)> {
    let module = Module::generated(&without_objects(example.trim()));
    let mut values = Vec::new();
    walk(module.root(), |node| {
        if node.kind() == "call" {
            for (name, value) in Arguments::of(&module, node).keywords {
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

/// A name in the place of `<tests.TestX object at 0x7f84>`: such a value is no expression, and the others are to be read all the
/// same. No file knows the name.
fn without_objects(example: &str) -> String {
    let mut text = String::with_capacity(example.len());
    let mut rest = example;
    let mut quote = None;
    while let Some(next) = rest.chars().next() {
        let mut len = next.len_utf8();
        match quote {
            Some(_) if next == '\\' => len += rest[1..].chars().next().map_or(0, char::len_utf8),
            Some(open) if next == open => quote = None,
            None if matches!(next, '\'' | '"') => quote = Some(next),
            // No expression begins with it.
            None if next == '<' && text.trim_end().ends_with(['=', ':', ',', '(', '[', '{']) => {
                let ends = [">,", ">\n", ">)", ">]", ">}", ">:"];
                if let Some(end) = ends.iter().filter_map(|it| rest.find(it)).min() {
                    text.push_str("_object_");
                    rest = &rest[end + 1..];
                    continue;
                }
            }
            _ => {}
        }
        text.push_str(&rest[..len]);
        rest = &rest[len..];
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(example: &str, expected: &[(&str, &str)]) {
        let found = example_values(example);
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn an_example_on_a_line_and_on_several() {
        check("test_x(a=1, b='x')", &[("a", "1"), ("b", "'x'")]);
        check(
            "test_x(\n    a=[0],  # or any other generated value\n    b=None,\n)",
            &[("a", "[0]"), ("b", "None")],
        );
    }

    #[test]
    fn an_example_with_objects_that_are_no_expressions() {
        check(
            "test_x(\n    self=<tests.test_a.TestX at 0x7f84932fcbd0>,\n    a=False,\n    b='=<\\'x>,',\n)",
            &[("a", "False"), ("b", "'=<\\'x>,'")],
        );
        check(
            "test_x(self=<X object at 0x7>, a=<Y at 0x8>)",
            &[("a", "_object_")],
        );
        check(
            "test_x(\n    a=Box({'of': <function of at 0x7>, 'n': 1 < 2}),\n    b='',\n)",
            &[("a", "Box({'of': _object_, 'n': 1 < 2})"), ("b", "''")],
        );
    }
}
