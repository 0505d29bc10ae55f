//! Calls that the evaluator knows: of builtins, of `itertools`, of methods of strings and dictionaries, of `pytest.param`,
//! and of small functions of the workspace.

use tree_sitter::Node;

use super::evaluate::{Env, Evaluator};
use super::value::{Code, Item, Value};
use crate::source::{Arguments, Module, body, named_children};

const MAX_ITEMS: usize = 20_000;

impl<'s> Evaluator<'_, 's> {
    pub(crate) fn call(&self, env: &Env<'s>, node: Node<'s>) -> Option<Value<'s>> {
        let function = node.child_by_field_name("function")?;
        let arguments = Arguments::of(env.module, node);
        if let Some(value) = self.method(env, function, &arguments) {
            return Some(value);
        }
        let callee = self.value(env, function);
        if let Value::External(name) = &callee
            && matches!(name.as_str(), "pytest.param" | "_pytest.mark.param")
        {
            return self.param(env, node, &arguments);
        }
        if arguments.unpacked {
            return None;
        }
        let values: Vec<Item<'s>> = arguments
            .positional
            .iter()
            .map(|argument| self.item(env, *argument))
            .collect();
        match callee {
            Value::Builtin(name) => self.builtin(&name, &values, &arguments),
            Value::External(name) => self.external(env, &name, &values, &arguments),
            // An instance of a plain class has no name; a class of its own making may have anything.
            Value::Named(_, code) if code.node.kind() == "class_definition" => {
                let plain = code.node.child_by_field_name("superclasses").is_none();
                plain.then_some(Value::Opaque)
            }
            Value::Lambda(code) => self.apply(code, &values, &[]),
            Value::Named(_, code) if arguments.keywords.is_empty() => {
                self.apply(code, &values, &[])
            }
            _ => None,
        }
    }

    fn param(&self, env: &Env<'s>, node: Node<'s>, arguments: &Arguments<'s>) -> Option<Value<'s>> {
        let mut values = Vec::new();
        let list = node.child_by_field_name("arguments")?;
        for argument in named_children(list) {
            match argument.kind() {
                "keyword_argument" => {}
                "list_splat" => {
                    let inner = named_children(argument).into_iter().next()?;
                    values.extend(self.iterate(&self.value(env, inner))?);
                }
                "dictionary_splat" | "ERROR" => return None,
                _ => values.push(self.item(env, argument)),
            }
        }
        let mut known = true;
        let id = match arguments.keyword("id").map(|id| self.value(env, id)) {
            None | Some(Value::None) => None,
            Some(Value::Str(id)) => Some(id),
            Some(_) => {
                known = false;
                None
            }
        };
        let marks = arguments.keyword("marks").map(|node| Code {
            module: env.module,
            node,
        });
        Some(Value::Param(values, id, marks.into_iter().collect(), known))
    }

    fn builtin(
        &self,
        name: &str,
        values: &[Item<'s>],
        arguments: &Arguments<'s>,
    ) -> Option<Value<'s>> {
        if !arguments.keywords.is_empty() {
            return None;
        }
        let first = values.first().map(|item| &item.value);
        let elements = || first.and_then(|value| self.iterate(value));
        Some(match name {
            "range" => {
                let bounds: Option<Vec<i128>> =
                    values.iter().map(|item| item.value.integer()).collect();
                let (start, end, step) = match bounds?.as_slice() {
                    [end] => (0, *end, 1),
                    [start, end] => (*start, *end, 1),
                    [start, end, step] if *step != 0 => (*start, *end, *step),
                    _ => return None,
                };
                let mut items = Vec::new();
                let mut at = start;
                while (step > 0 && at < end) || (step < 0 && at > end) {
                    items.push(Item::made(Value::Int(at)));
                    at = at.checked_add(step)?;
                    if items.len() > MAX_ITEMS {
                        return None;
                    }
                }
                Value::List(items)
            }
            "list" if values.is_empty() => Value::List(Vec::new()),
            "list" | "iter" => Value::List(elements()?),
            "tuple" if values.is_empty() => Value::Tuple(Vec::new()),
            "tuple" => Value::Tuple(elements()?),
            "set" | "frozenset" | "object" | "bytearray" => Value::Opaque,
            "reversed" => {
                let mut items = elements()?;
                items.reverse();
                Value::List(items)
            }
            "sorted" => {
                let mut items = elements()?;
                let all_text = items.iter().all(|item| matches!(item.value, Value::Str(_)));
                let all_numbers = items
                    .iter()
                    .all(|item| matches!(&item.value, Value::Int(_) | Value::Float(_)));
                if all_text {
                    items.sort_by_key(|item| item.value.text());
                } else if all_numbers {
                    items.sort_by(|a, b| {
                        a.value
                            .number()
                            .unwrap_or_default()
                            .total_cmp(&b.value.number().unwrap_or_default())
                    });
                } else {
                    return None;
                }
                Value::List(items)
            }
            "zip" => {
                let lists: Option<Vec<Vec<Item<'s>>>> = values
                    .iter()
                    .map(|item| self.iterate(&item.value))
                    .collect();
                let lists = lists?;
                let len = lists.iter().map(Vec::len).min().unwrap_or(0);
                let row = |index: usize| {
                    let row = lists.iter().map(|list| list[index].clone()).collect();
                    Item::made(Value::Tuple(row))
                };
                Value::List((0..len).map(row).collect())
            }
            "enumerate" if values.len() == 1 => Value::List(
                elements()?
                    .into_iter()
                    .enumerate()
                    .map(|(index, item)| {
                        let index = Item::made(Value::Int(index as i128));
                        Item::made(Value::Tuple(vec![index, item]))
                    })
                    .collect(),
            ),
            "map" if values.len() == 2 => {
                let mut mapped = Vec::new();
                for item in self.iterate(&values[1].value)? {
                    let value = self.apply_value(first?, &[item]).unwrap_or(Value::Unknown);
                    mapped.push(Item::made(value));
                }
                Value::List(mapped)
            }
            "len" => Value::Int(match first? {
                Value::Str(text) => text.chars().count(),
                Value::Bytes(bytes) => bytes.len(),
                value => self.iterate(value)?.len(),
            } as i128),
            "str" if values.len() == 1 => Value::Str(first?.text()?),
            "repr" => Value::Str(first?.repr()?),
            "int" if values.len() == 1 => match first? {
                Value::Float(value) if value.abs() < 1e18 => Value::Int(value.trunc() as i128),
                Value::Str(text) => Value::Int(text.trim().parse().ok()?),
                value => Value::Int(value.integer()?),
            },
            "float" if values.len() == 1 => match first? {
                Value::Str(text) => match text.trim().to_ascii_lowercase().as_str() {
                    "nan" => Value::Float(f64::NAN),
                    "inf" | "infinity" | "+inf" => Value::Float(f64::INFINITY),
                    "-inf" | "-infinity" => Value::Float(f64::NEG_INFINITY),
                    text => Value::Float(text.parse().ok()?),
                },
                value => Value::Float(value.number()?),
            },
            "bool" if values.len() == 1 => Value::Bool(first?.truth()?),
            "chr" => {
                Value::Str(char::from_u32(u32::try_from(first?.integer()?).ok()?)?.to_string())
            }
            "isinstance" => Value::Bool(is_instance(first?, &values.get(1)?.value)?),
            "callable" => Value::Bool(matches!(
                first?,
                Value::Named(..) | Value::Builtin(_) | Value::Lambda(_)
            )),
            _ => return None,
        })
    }

    fn external(
        &self,
        env: &Env<'s>,
        name: &str,
        values: &[Item<'s>],
        arguments: &Arguments<'s>,
    ) -> Option<Value<'s>> {
        Some(match name {
            "itertools.product" => {
                let mut lists: Vec<Vec<Item<'s>>> = Vec::new();
                for item in values {
                    lists.push(self.iterate(&item.value)?);
                }
                match arguments.keywords.as_slice() {
                    [] => {}
                    [("repeat", count)] => {
                        let count = usize::try_from(self.value(env, *count).integer()?).ok()?;
                        if count > 8 {
                            return None;
                        }
                        let once = lists.clone();
                        lists = (0..count).flat_map(|_| once.clone()).collect();
                    }
                    _ => return None,
                }
                let mut rows: Vec<Vec<Item<'s>>> = vec![Vec::new()];
                for list in lists {
                    if rows.len().saturating_mul(list.len()) > MAX_ITEMS {
                        return None;
                    }
                    rows = rows
                        .iter()
                        .flat_map(|row| {
                            list.iter().map(|item| {
                                let mut row = row.clone();
                                row.push(item.clone());
                                row
                            })
                        })
                        .collect();
                }
                Value::List(
                    rows.into_iter()
                        .map(|row| Item::made(Value::Tuple(row)))
                        .collect(),
                )
            }
            "itertools.chain" if arguments.keywords.is_empty() => {
                let mut items = Vec::new();
                for item in values {
                    items.extend(self.iterate(&item.value)?);
                }
                Value::List(items)
            }
            "itertools.permutations" | "itertools.combinations"
                if arguments.keywords.is_empty() && values.len() == 2 =>
            {
                let items = self.iterate(&values[0].value)?;
                let count = usize::try_from(values[1].value.integer()?).ok()?;
                if count > 4 || items.len() > 20 {
                    return None;
                }
                let ordered = name.ends_with("combinations");
                let mut rows: Vec<Vec<usize>> = vec![Vec::new()];
                for _ in 0..count {
                    rows = rows
                        .iter()
                        .flat_map(|row| {
                            let from = match (ordered, row.last()) {
                                (true, Some(last)) => last + 1,
                                _ => 0,
                            };
                            (from..items.len())
                                .filter(|index| !row.contains(index))
                                .map(|index| {
                                    let mut row = row.clone();
                                    row.push(index);
                                    row
                                })
                                .collect::<Vec<_>>()
                        })
                        .collect();
                    if rows.len() > MAX_ITEMS {
                        return None;
                    }
                }
                let tuple = |row: Vec<usize>| {
                    let row = row.into_iter().map(|index| items[index].clone());
                    Item::made(Value::Tuple(row.collect()))
                };
                Value::List(rows.into_iter().map(tuple).collect())
            }
            "re.compile" => match &values.first()?.value {
                Value::Str(pattern) => Value::Regex(pattern.clone()),
                _ => return None,
            },
            _ => return None,
        })
    }

    fn method(
        &self,
        env: &Env<'s>,
        function: Node<'s>,
        arguments: &Arguments<'s>,
    ) -> Option<Value<'s>> {
        if function.kind() != "attribute" || arguments.unpacked {
            return None;
        }
        let name = env.module.field(function, "attribute");
        const METHODS: [&str; 17] = [
            "format",
            "upper",
            "lower",
            "title",
            "strip",
            "join",
            "split",
            "replace",
            "encode",
            "items",
            "keys",
            "values",
            "startswith",
            "endswith",
            "get",
            "copy",
            "capitalize",
        ];
        if !METHODS.contains(&name) {
            return None;
        }
        let object = self.value(env, function.child_by_field_name("object")?);
        let values: Vec<Value<'s>> = arguments
            .positional
            .iter()
            .map(|argument| self.value(env, *argument))
            .collect();
        if !arguments.keywords.is_empty() {
            return None;
        }
        Some(match (&object, name, values.as_slice()) {
            (Value::Str(text), "format", values) => Value::Str(formatted(text, values)?),
            (Value::Str(text), "upper", []) => Value::Str(text.to_uppercase()),
            (Value::Str(text), "lower", []) => Value::Str(text.to_lowercase()),
            (Value::Str(text), "strip", []) => Value::Str(text.trim().to_owned()),
            (Value::Str(text), "split", []) => Value::List(
                text.split_whitespace()
                    .map(|part| Item::made(Value::Str(part.to_owned())))
                    .collect(),
            ),
            (Value::Str(text), "split", [Value::Str(separator)]) if !separator.is_empty() => {
                Value::List(
                    text.split(separator.as_str())
                        .map(|part| Item::made(Value::Str(part.to_owned())))
                        .collect(),
                )
            }
            (Value::Str(text), "replace", [Value::Str(from), Value::Str(to)])
                if !from.is_empty() && to.len() <= 100 =>
            {
                Value::Str(text.replace(from.as_str(), to))
            }
            (Value::Str(text), "startswith", [Value::Str(part)]) => {
                Value::Bool(text.starts_with(part.as_str()))
            }
            (Value::Str(text), "endswith", [Value::Str(part)]) => {
                Value::Bool(text.ends_with(part.as_str()))
            }
            (Value::Str(text), "encode", []) => Value::Bytes(text.clone().into_bytes()),
            (Value::Str(text), "encode", [Value::Str(encoding)])
                if text.is_ascii()
                    || matches!(encoding.to_ascii_lowercase().as_str(), "utf-8" | "utf8") =>
            {
                let encoding = encoding.to_ascii_lowercase();
                if !matches!(
                    encoding.as_str(),
                    "utf-8" | "utf8" | "ascii" | "latin-1" | "latin1"
                ) {
                    return None;
                }
                Value::Bytes(text.clone().into_bytes())
            }
            (Value::Str(separator), "join", [parts]) => {
                let mut texts = Vec::new();
                for item in self.iterate(parts)? {
                    match item.value {
                        Value::Str(text) => texts.push(text),
                        _ => return None,
                    }
                }
                Value::Str(texts.join(separator))
            }
            (Value::Dict(pairs), "items", []) => Value::List(
                pairs
                    .iter()
                    .map(|(key, value)| Item::made(Value::Tuple(vec![key.clone(), value.clone()])))
                    .collect(),
            ),
            (Value::Dict(pairs), "keys", []) => {
                Value::List(pairs.iter().map(|(key, _)| key.clone()).collect())
            }
            (Value::Dict(pairs), "values", []) => {
                Value::List(pairs.iter().map(|(_, value)| value.clone()).collect())
            }
            (Value::List(items), "copy", []) => Value::List(items.clone()),
            _ => return None,
        })
    }

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

fn is_instance(value: &Value<'_>, class: &Value<'_>) -> Option<bool> {
    if let Value::Tuple(classes) = class {
        let mut found = false;
        for class in classes {
            found |= is_instance(value, &class.value)?;
        }
        return Some(found);
    }
    let Value::Builtin(class) = class else {
        return None;
    };
    let of = match value {
        Value::None => "NoneType",
        Value::Bool(_) if class == "int" => "int",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int",
        Value::Float(_) => "float",
        Value::Str(_) => "str",
        Value::Bytes(_) => "bytes",
        Value::List(_) => "list",
        Value::Tuple(_) => "tuple",
        Value::Dict(_) => "dict",
        Value::Lambda(_) => "function",
        _ => return None,
    };
    Some(of == class || class == "object")
}

/// `"{}-{1}".format(...)`, with numbers or nothing in the braces only.
fn formatted(format: &str, values: &[Value<'_>]) -> Option<String> {
    let mut out = String::new();
    let mut next = 0;
    let mut rest = format;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if rest.starts_with(brace) {
            out.push_str(brace);
            rest = &rest[1..];
            continue;
        }
        let (name, after) = rest.split_once('}').filter(|_| brace == "{")?;
        let index = if name.is_empty() {
            next += 1;
            next - 1
        } else {
            name.parse().ok()?
        };
        out.push_str(&values.get(index)?.text()?);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}
