//! Calls of lambdas and of small functions of the workspace.

use tree_sitter::Node;

use crate::params::evaluate::{Env, Evaluator};
use crate::params::value::{Code, Item, Value};
use crate::source::{Arguments, Module, body, named_children};

impl<'s> Evaluator<'_, 's> {
    /// What a callable gives for arguments.
    pub(crate) fn apply_value(
        &self,
        callable: &Value<'s>,
        values: &[Item<'s>],
    ) -> Option<Value<'s>> {
        match callable {
            Value::Lambda(code) | Value::Named(_, code) => self.apply(*code, values, &[]),
            Value::Builtin(name) => self.builtin(name, values, &Arguments::default()),
            _ => None,
        }
    }

    /// What a lambda, or a function of `if` and `return` only, gives for positional and keyword arguments.
    pub(crate) fn apply(
        &self,
        function: Code<'s>,
        values: &[Item<'s>],
        keywords: &[(&str, Item<'s>)],
    ) -> Option<Value<'s>> {
        let mut env = Env::new(function.module, None);
        let parameters = function.node.child_by_field_name("parameters");
        let names = parameter_names(function.module, parameters)?;
        for (index, name) in names.iter().enumerate() {
            let item = values.get(index).cloned().or_else(|| {
                let found = keywords.iter().find(|(keyword, _)| keyword == name);
                found.map(|(_, item)| item.clone())
            })?;
            env.locals.push(((*name).to_owned(), item));
        }
        match function.node.kind() {
            "lambda" => {
                let body = function.node.child_by_field_name("body")?;
                Some(self.value(&env, body))
            }
            "function_definition" => {
                // A generator or coroutine gives something else.
                if function.module.source(function.node).starts_with("async") {
                    return None;
                }
                match self.run(&mut env, &body(function.node), 0)? {
                    Some(value) => Some(value),
                    None => Some(Value::None),
                }
            }
            _ => None,
        }
    }

    /// Runs statements: `Some(None)` where they end without returning, `None` where what they do is not known.
    fn run(
        &self,
        env: &mut Env<'s>,
        statements: &[Node<'s>],
        depth: usize,
    ) -> Option<Option<Value<'s>>> {
        if depth > 8 {
            return None;
        }
        for statement in statements {
            match statement.kind() {
                "return_statement" => {
                    let value = named_children(*statement).into_iter().next();
                    return Some(Some(
                        value.map_or(Value::None, |node| self.value(env, node)),
                    ));
                }
                "pass_statement" => {}
                "expression_statement" => {
                    let inner = named_children(*statement).into_iter().next()?;
                    match inner.kind() {
                        "string" => {}
                        "assignment" => {
                            let left = inner.child_by_field_name("left")?;
                            let right = inner.child_by_field_name("right")?;
                            let item = Item::made(self.value(env, right));
                            self.bind(env, left, item)?;
                        }
                        _ => return None,
                    }
                }
                "if_statement" => {
                    if let Some(value) = self.run_if(env, *statement, depth)? {
                        return Some(Some(value));
                    }
                }
                _ => return None,
            }
        }
        Some(None)
    }

    fn run_if(
        &self,
        env: &mut Env<'s>,
        statement: Node<'s>,
        depth: usize,
    ) -> Option<Option<Value<'s>>> {
        let condition = statement.child_by_field_name("condition")?;
        if self.value(env, condition).truth()? {
            let block = statement.child_by_field_name("consequence")?;
            return self.run(env, &named_children(block), depth + 1);
        }
        for clause in named_children(statement) {
            match clause.kind() {
                "elif_clause" => {
                    let condition = clause.child_by_field_name("condition")?;
                    if self.value(env, condition).truth()? {
                        let block = clause.child_by_field_name("consequence")?;
                        return self.run(env, &named_children(block), depth + 1);
                    }
                }
                "else_clause" => return self.run(env, &body(clause), depth + 1),
                _ => {}
            }
        }
        Some(None)
    }
}

/// The names of plain parameters; `None` where there are others.
fn parameter_names<'s>(module: &'s Module, parameters: Option<Node<'s>>) -> Option<Vec<&'s str>> {
    let mut names = Vec::new();
    for parameter in parameters.map(named_children).unwrap_or_default() {
        match parameter.kind() {
            "identifier" => names.push(module.source(parameter)),
            "typed_parameter" => {
                let inner = named_children(parameter).into_iter().next()?;
                if inner.kind() != "identifier" {
                    return None;
                }
                names.push(module.source(inner));
            }
            _ => return None,
        }
    }
    Some(names)
}
