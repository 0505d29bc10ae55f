//! A small evaluator of expressions: literals, names bound to constants, displays, comprehensions, arithmetic, formatting.
//!
//! It never guesses: what it does not know for certain is [`Value::Unknown`]. Steps and depth are bounded.

mod enums;
mod names;
mod operators;
mod subscripts;

use std::cell::Cell;

use tree_sitter::Node;

use super::literal;
use super::value::{Code, Item, Value};
use crate::project::Project;
use crate::source::{Module, named_children, unparenthesized};

use self::operators::binary;

const MAX_DEPTH: usize = 40;
const MAX_STEPS: usize = 60_000;

/// Evaluates expressions of a project.
pub(crate) struct Evaluator<'p, 's> {
    pub(crate) project: &'p Project<'s>,
    steps: Cell<usize>,
    depth: Cell<usize>,
}

/// Where an expression stands: its file, the classes around it, the variables of comprehensions and functions.
#[derive(Clone)]
pub(crate) struct Env<'s> {
    pub(crate) module: &'s Module,
    pub(crate) class: Option<Node<'s>>,
    pub(crate) locals: Vec<(String, Item<'s>)>,
}

impl<'s> Env<'s> {
    pub(crate) fn new(module: &'s Module, class: Option<Node<'s>>) -> Self {
        Self {
            module,
            class,
            locals: Vec::new(),
        }
    }

    fn local(&self, name: &str) -> Option<&Item<'s>> {
        self.locals
            .iter()
            .rev()
            .find(|(bound, _)| bound == name)
            .map(|(_, item)| item)
    }
}

impl<'p, 's> Evaluator<'p, 's> {
    pub(crate) fn new(project: &'p Project<'s>) -> Self {
        Self {
            project,
            steps: Cell::new(0),
            depth: Cell::new(0),
        }
    }

    /// The value of an expression, with the expression where that can stand for it.
    pub(crate) fn item(&self, env: &Env<'s>, node: Node<'s>) -> Item<'s> {
        let value = self.value(env, node);
        let code = env.locals.is_empty().then_some(Code {
            module: env.module,
            node,
        });
        Item { value, code }
    }

    pub(crate) fn value(&self, env: &Env<'s>, node: Node<'s>) -> Value<'s> {
        self.steps.set(self.steps.get() + 1);
        if self.depth.get() >= MAX_DEPTH || self.steps.get() > MAX_STEPS {
            return Value::Unknown;
        }
        self.depth.set(self.depth.get() + 1);
        let value = self
            .expression(env, unparenthesized(node))
            .unwrap_or(Value::Unknown);
        self.depth.set(self.depth.get() - 1);
        value
    }

    fn expression(&self, env: &Env<'s>, node: Node<'s>) -> Option<Value<'s>> {
        let module = env.module;
        let field = |name: &str| node.child_by_field_name(name);
        Some(match node.kind() {
            "none" => Value::None,
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "integer" => literal::integer(module.source(node)),
            "float" => literal::float(module.source(node)),
            "string" => self.string(env, node)?,
            "concatenated_string" => {
                let mut text = String::new();
                let mut bytes = Vec::new();
                for part in named_children(node) {
                    match self.value(env, part) {
                        Value::Str(part) => text.push_str(&part),
                        Value::Bytes(part) => bytes.extend(part),
                        _ => return None,
                    }
                }
                if bytes.is_empty() {
                    Value::Str(text)
                } else {
                    Value::Bytes(bytes)
                }
            }
            "list" => Value::List(self.display(env, node)?),
            "tuple" | "expression_list" => Value::Tuple(self.display(env, node)?),
            "set" | "set_comprehension" => Value::Opaque,
            "dictionary" => {
                let mut pairs = Vec::new();
                for pair in named_children(node) {
                    if pair.kind() != "pair" {
                        return None;
                    }
                    let key = self.item(env, pair.child_by_field_name("key")?);
                    let value = self.item(env, pair.child_by_field_name("value")?);
                    pairs.retain(|(other, _): &(Item<'s>, Item<'s>)| {
                        key.value.equals(&other.value) != Some(true)
                    });
                    pairs.push((key, value));
                }
                Value::Dict(pairs)
            }
            "list_comprehension" | "generator_expression" => {
                Value::List(self.comprehension(env, node)?)
            }
            "identifier" => self.name(env, node),
            "attribute" => self.attribute(env, node)?,
            "subscript" => self.subscript(env, node)?,
            "lambda" => Value::Lambda(Code { module, node }),
            "conditional_expression" => {
                let parts = named_children(node);
                let [then, condition, otherwise] = parts.as_slice() else {
                    return None;
                };
                if self.value(env, *condition).truth()? {
                    self.value(env, *then)
                } else {
                    self.value(env, *otherwise)
                }
            }
            "not_operator" => Value::Bool(!self.value(env, field("argument")?).truth()?),
            "unary_operator" => {
                let operator = module.field(node, "operator");
                match (operator, self.value(env, field("argument")?)) {
                    ("-", Value::Int(value)) => Value::Int(value.checked_neg()?),
                    ("-", Value::Float(value)) => Value::Float(-value),
                    ("+", value @ (Value::Int(_) | Value::Float(_))) => value,
                    ("~", Value::Int(value)) => Value::Int(!value),
                    _ => return None,
                }
            }
            "boolean_operator" => {
                let left = self.value(env, field("left")?);
                let is_and = module.field(node, "operator") == "and";
                if left.truth()? == is_and {
                    self.value(env, field("right")?)
                } else {
                    left
                }
            }
            "comparison_operator" => self.comparison(env, node)?,
            "binary_operator" => {
                let left = self.value(env, field("left")?);
                let right = self.value(env, field("right")?);
                binary(module.field(node, "operator"), left, right)?
            }
            "call" => self.call(env, node)?,
            "named_expression" => self.value(env, field("value")?),
            _ => return None,
        })
    }

    fn string(&self, env: &Env<'s>, node: Node<'s>) -> Option<Value<'s>> {
        let module = env.module;
        let prefix = literal::prefix(module, node);
        let raw = prefix.contains('r');
        if prefix.contains('t') {
            return None;
        }
        let mut text = String::new();
        for part in named_children(node) {
            match part.kind() {
                "string_content" if prefix.contains('f') => {
                    let source = module.source(part).replace("{{", "{").replace("}}", "}");
                    text.push_str(&literal::unescaped(&source, raw)?);
                }
                "string_content" => text.push_str(&literal::unescaped(module.source(part), raw)?),
                "interpolation" => {
                    let value = self.value(env, part.child_by_field_name("expression")?);
                    if part.child_by_field_name("format_specifier").is_some()
                        || module
                            .source(part)
                            .trim_end_matches('}')
                            .trim_end()
                            .ends_with('=')
                    {
                        return None;
                    }
                    let conversion = part
                        .child_by_field_name("type_conversion")
                        .map_or("", |node| module.source(node));
                    text.push_str(&match conversion {
                        "" | "!s" => value.text()?,
                        "!r" => value.repr()?,
                        _ => return None,
                    });
                }
                _ => {}
            }
        }
        if prefix.contains('b') {
            let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
            return Some(Value::Bytes(bytes?));
        }
        Some(Value::Str(text))
    }

    /// The elements of a list or tuple display, `*` unpacked.
    fn display(&self, env: &Env<'s>, node: Node<'s>) -> Option<Vec<Item<'s>>> {
        let mut items = Vec::new();
        for child in named_children(node) {
            if child.kind() == "list_splat" {
                let inner = named_children(child).into_iter().next()?;
                items.extend(self.iterate(&self.value(env, inner))?);
            } else if child.is_error() {
                return None;
            } else {
                items.push(self.item(env, child));
            }
        }
        Some(items)
    }

    /// What a loop over a value gives.
    pub(crate) fn iterate(&self, value: &Value<'s>) -> Option<Vec<Item<'s>>> {
        Some(match value {
            Value::List(items) | Value::Tuple(items) => items.clone(),
            Value::Dict(pairs) => pairs.iter().map(|(key, _)| key.clone()).collect(),
            Value::Str(text) => text
                .chars()
                .map(|c| Item::made(Value::Str(c.to_string())))
                .collect(),
            Value::Bytes(bytes) => bytes
                .iter()
                .map(|byte| Item::made(Value::Int(i128::from(*byte))))
                .collect(),
            Value::Named(_, code) if code.node.kind() == "class_definition" => {
                self.enum_members(*code)?
            }
            _ => return None,
        })
    }

    fn comprehension(&self, env: &Env<'s>, node: Node<'s>) -> Option<Vec<Item<'s>>> {
        let mut envs = vec![env.clone()];
        for clause in named_children(node) {
            match clause.kind() {
                "for_in_clause" => {
                    let left = clause.child_by_field_name("left")?;
                    let right = clause.child_by_field_name("right")?;
                    let mut next = Vec::new();
                    for env in &envs {
                        for element in self.iterate(&self.value(env, right))? {
                            let mut inner = env.clone();
                            self.bind(&mut inner, left, element)?;
                            next.push(inner);
                            if next.len() > 20_000 {
                                return None;
                            }
                        }
                    }
                    envs = next;
                }
                "if_clause" => {
                    let condition = named_children(clause).into_iter().next()?;
                    let mut kept = Vec::new();
                    for env in envs {
                        if self.value(&env, condition).truth()? {
                            kept.push(env);
                        }
                    }
                    envs = kept;
                }
                _ => {}
            }
        }
        let body = node.child_by_field_name("body")?;
        Some(
            envs.iter()
                .map(|env| {
                    // `[x for x in VALUES]` hands the elements on as they were written.
                    if body.kind() == "identifier"
                        && let Some(item) = env.local(env.module.source(body))
                    {
                        return item.clone();
                    }
                    self.item(env, body)
                })
                .collect(),
        )
    }

    /// Binds the names of a target (`x`, `a, b`) to a value.
    pub(crate) fn bind(&self, env: &mut Env<'s>, target: Node<'s>, item: Item<'s>) -> Option<()> {
        match target.kind() {
            "identifier" => env
                .locals
                .push((env.module.source(target).to_owned(), item)),
            "pattern_list" | "tuple_pattern" | "list_pattern" => {
                let targets = named_children(target);
                let items = self.iterate(&item.value)?;
                if items.len() != targets.len() {
                    return None;
                }
                for (target, item) in targets.into_iter().zip(items) {
                    self.bind(env, target, item)?;
                }
            }
            _ => return None,
        }
        Some(())
    }
}
