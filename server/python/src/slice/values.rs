//! The values that the failing parameter set, or Hypothesis' example, gives to a test's names.

use super::builder::Builder;
use super::builtins;
use super::uses_of;
use crate::source::{Arguments, Module, walk};

impl<'s> Builder<'_, 's, '_> {
    /// Names that the failing parameter set gives: name, expression, file of the expression.
    pub(super) fn values(&mut self) -> Vec<(String, String, String)> {
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
pub(super) fn is_literal(value: &str) -> bool {
    let module = Module::parse("", value.into());
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
    let module = Module::parse("", example.trim().into());
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
