//! A small evaluator of expressions: literals, names bound to constants, displays, comprehensions, arithmetic, formatting.
//!
//! It never guesses: what it does not know for certain is [`Value::Unknown`]. Steps and depth are bounded.

mod enums;
mod operators;

use std::cell::Cell;

use tree_sitter::Node;

use super::literal;
use super::value::{Code, Item, Value};
use crate::project::{Definition, Project, Resolved};
use crate::scope::BindingKind;
use crate::source::{Module, named_children, unparenthesized};

use self::operators::{binary, index};

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

    fn name(&self, env: &Env<'s>, node: Node<'s>) -> Value<'s> {
        let name = env.module.source(node);
        if let Some(item) = env.local(name) {
            return item.value.clone();
        }
        if let Some(class) = env.class {
            let scope = self.project.scope_of(env.module, class);
            if scope.get(name).is_some() {
                let Some(binding) = scope.certain(name) else {
                    return Value::Unknown;
                };
                let definition = Definition {
                    module: env.module,
                    binding: binding.clone(),
                    certain: true,
                };
                return self.definition(&definition, Some(class));
            }
        }
        if let Some(definition) = self.bound_before(env.module, node, name) {
            return self.definition(&definition, None);
        }
        match self.project.lookup(env.module, name) {
            Some(found) => self.resolved(found),
            None if is_builtin(name) => Value::Builtin(name.to_owned()),
            None => Value::Unknown,
        }
    }

    /// Of a name that a module binds several times, what it is bound to where a decorator uses it.
    fn bound_before(
        &self,
        module: &'s Module,
        usage: Node<'s>,
        name: &str,
    ) -> Option<Definition<'s>> {
        let scope = self.project.scope(module);
        let mut before = scope
            .all(name)
            .filter(|binding| binding.statement.start_byte() < usage.start_byte());
        let last = before.next_back()?;
        scope.all(name).nth(1)?;
        let runs_later = std::iter::successors(usage.parent(), |node| node.parent())
            .any(|node| matches!(node.kind(), "block" | "lambda"));
        let is_sure = !last.conditional
            && matches!(last.kind, BindingKind::Assign { .. })
            && last.statement.end_byte() <= usage.start_byte();
        (is_sure && !runs_later).then(|| Definition {
            module,
            binding: last.clone(),
            certain: true,
        })
    }

    fn resolved(&self, found: Resolved<'s>) -> Value<'s> {
        match found {
            Resolved::Definition(definition) => self.definition(&definition, None),
            Resolved::External(name) => Value::External(name),
            Resolved::Module(_) | Resolved::Folder(_) => Value::Unknown,
        }
    }

    fn definition(&self, definition: &Definition<'s>, class: Option<Node<'s>>) -> Value<'s> {
        let module = definition.module;
        if !definition.certain {
            return Value::Unknown;
        }
        match &definition.binding.kind {
            BindingKind::Function(node) => {
                if definition.binding.statement.kind() == "decorated_definition" {
                    return Value::Unknown;
                }
                let name = module.field(*node, "name").to_owned();
                Value::Named(
                    name,
                    Code {
                        module,
                        node: *node,
                    },
                )
            }
            BindingKind::Class(node) => {
                let name = module.field(*node, "name").to_owned();
                Value::Named(
                    name,
                    Code {
                        module,
                        node: *node,
                    },
                )
            }
            BindingKind::Assign { value, unpack } => {
                let env = Env::new(module, class);
                let mut found = self.value(&env, *value);
                for index in unpack {
                    let Some(item) = found.elements().and_then(|items| items.get(*index)) else {
                        return Value::Unknown;
                    };
                    found = item.value.clone();
                }
                found
            }
            _ => Value::Unknown,
        }
    }

    fn attribute(&self, env: &Env<'s>, node: Node<'s>) -> Option<Value<'s>> {
        let name = env.module.field(node, "attribute");
        let object = node.child_by_field_name("object")?;
        if env.local(env.module.source(object)).is_none()
            && let Some(found) = self.project.resolve(env.module, node)
        {
            let owner = self.value(env, object);
            if let Value::Named(class_name, code) = &owner
                && let Some(member) = self.enum_member(class_name, *code, name)
            {
                return Some(member);
            }
            let value = match found {
                Resolved::Definition(definition) => {
                    let class = match &owner {
                        Value::Named(_, code) if code.node.kind() == "class_definition" => {
                            Some(code.node)
                        }
                        _ => None,
                    };
                    // A property or method of a class is no constant.
                    if class.is_some()
                        && !matches!(definition.binding.kind, BindingKind::Assign { .. })
                    {
                        return None;
                    }
                    self.definition(&definition, class)
                }
                other => self.resolved(other),
            };
            return Some(value);
        }
        match (self.value(env, object), name) {
            (Value::Enum(_, member, _, _), "name") => Some(Value::Str(member)),
            (Value::Enum(_, _, value, _), "value") => Some(value.value),
            (Value::Named(name, _) | Value::Builtin(name), "__name__" | "__qualname__") => {
                Some(Value::Str(name))
            }
            (Value::External(base), _) => Some(Value::External(format!("{base}.{name}"))),
            _ => None,
        }
    }

    fn subscript(&self, env: &Env<'s>, node: Node<'s>) -> Option<Value<'s>> {
        let object = self.value(env, node.child_by_field_name("value")?);
        let key_node = node.child_by_field_name("subscript")?;
        if key_node.kind() == "slice" {
            return self.slice(env, &object, key_node);
        }
        let key = self.value(env, key_node);
        match &object {
            Value::List(items) | Value::Tuple(items) => Some(
                items
                    .get(index(key.integer()?, items.len())?)?
                    .value
                    .clone(),
            ),
            Value::Str(text) => {
                let chars: Vec<char> = text.chars().collect();
                let c = chars.get(index(key.integer()?, chars.len())?)?;
                Some(Value::Str(c.to_string()))
            }
            Value::Dict(pairs) => pairs
                .iter()
                .find(|(other, _)| other.value.equals(&key) == Some(true))
                .map(|(_, item)| item.value.clone()),
            Value::Named(name, code) => match key {
                Value::Str(member) => self.enum_member(name, *code, &member),
                _ => None,
            },
            _ => None,
        }
    }

    fn slice(&self, env: &Env<'s>, object: &Value<'s>, node: Node<'s>) -> Option<Value<'s>> {
        let source: String = env.module.source(node).to_owned();
        if source.matches(':').count() != 1 {
            return None;
        }
        let colon = source.find(':')? + node.start_byte();
        let mut bounds = [None, None];
        for bound in named_children(node) {
            let place = usize::from(bound.start_byte() > colon);
            bounds[place] = Some(self.value(env, bound).integer()?);
        }
        let cut = |len: usize| {
            let clamp = |bound: i128| {
                let bound = if bound < 0 {
                    bound + len as i128
                } else {
                    bound
                };
                usize::try_from(bound.max(0)).unwrap_or(len).min(len)
            };
            let start = bounds[0].map_or(0, clamp);
            let end = bounds[1].map_or(len, clamp);
            start..end.max(start)
        };
        Some(match object {
            Value::List(items) => Value::List(items[cut(items.len())].to_vec()),
            Value::Tuple(items) => Value::Tuple(items[cut(items.len())].to_vec()),
            Value::Str(text) => {
                let chars: Vec<char> = text.chars().collect();
                Value::Str(chars[cut(chars.len())].iter().collect())
            }
            _ => return None,
        })
    }
}

fn is_builtin(name: &str) -> bool {
    const NAMES: [&str; 42] = [
        "int",
        "str",
        "float",
        "bool",
        "bytes",
        "list",
        "tuple",
        "dict",
        "set",
        "frozenset",
        "complex",
        "object",
        "type",
        "bytearray",
        "memoryview",
        "range",
        "len",
        "repr",
        "sorted",
        "reversed",
        "zip",
        "enumerate",
        "map",
        "filter",
        "sum",
        "min",
        "max",
        "abs",
        "any",
        "all",
        "iter",
        "next",
        "isinstance",
        "issubclass",
        "callable",
        "ascii",
        "chr",
        "ord",
        "hex",
        "Exception",
        "ValueError",
        "TypeError",
    ];
    NAMES.contains(&name)
        || name.ends_with("Error")
        || matches!(
            name,
            "KeyboardInterrupt"
                | "StopIteration"
                | "SystemExit"
                | "BaseException"
                | "Warning"
                | "UserWarning"
                | "DeprecationWarning"
        )
}
