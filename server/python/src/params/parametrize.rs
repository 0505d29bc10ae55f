//! One `parametrize` (a mark's or a fixture's): its names, its sets of values, the ids that they may have.

use tree_sitter::Node;

use super::evaluate::{Env, Evaluator};
use super::ids::{self, Part};
use super::value::{Code, Item, Value};
use crate::model::Param;
use crate::source::{Arguments, Module, span, walk};

/// One parametrization of a test.
#[derive(Debug)]
pub(crate) struct Parametrization<'s> {
    pub(crate) names: Vec<String>,
    pub(crate) indirect: Vec<bool>,
    /// The values as written, all sets.
    pub(crate) values: Option<Code<'s>>,
    /// `None`: how many sets there are is not known, only what follows from the id.
    pub(crate) sets: Option<Vec<Set<'s>>>,
    /// The params of this fixture.
    pub(crate) fixture: Option<String>,
    /// An `ids=` or a hook decides the ids: they do not tell the index.
    pub(crate) ids_are_made: bool,
    /// The expression of the values means the same at the end of the file: no name in it is bound again.
    pub(crate) values_hold: bool,
}

#[derive(Debug)]
pub(crate) struct Set<'s> {
    /// One per name.
    pub(crate) values: Vec<Item<'s>>,
    /// The ids that the whole set may have; empty: the parts decide.
    pub(crate) ids: Vec<String>,
    pub(crate) parts: Vec<Part>,
    pub(crate) marks: Vec<Code<'s>>,
}

/// How a conftest's `pytest_make_parametrize_id` makes ids.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IdHook<'s> {
    pub(crate) function: Code<'s>,
}

/// The parametrization that a `pytest.mark.parametrize(...)` call makes.
pub(crate) fn of_mark<'s>(
    evaluator: &Evaluator<'_, 's>,
    env: &Env<'s>,
    call: Node<'s>,
    hook: Option<IdHook<'s>>,
) -> Option<Parametrization<'s>> {
    let arguments = Arguments::of(env.module, call);
    let names_value = evaluator.value(env, arguments.get(0, "argnames")?);
    let (names, is_single) = argument_names(&names_value)?;
    let values = arguments.get(1, "argvalues")?;
    let indirect = match arguments
        .get(2, "indirect")
        .map(|node| evaluator.value(env, node))
    {
        None => vec![false; names.len()],
        Some(Value::Bool(indirect)) => vec![indirect; names.len()],
        Some(value) => {
            let listed: Vec<String> = value
                .elements()
                .unwrap_or_default()
                .iter()
                .filter_map(|item| item.value.text())
                .collect();
            names.iter().map(|name| listed.contains(name)).collect()
        }
    };
    let ids = arguments.get(3, "ids");
    Some(build(
        evaluator, env, names, is_single, indirect, values, ids, hook,
    ))
}

/// The parametrization of a fixture's `params=`.
pub(crate) fn of_fixture<'s>(
    evaluator: &Evaluator<'_, 's>,
    env: &Env<'s>,
    name: &str,
    params: Node<'s>,
    ids: Option<Node<'s>>,
    hook: Option<IdHook<'s>>,
) -> Parametrization<'s> {
    let names = vec![name.to_owned()];
    let mut made = build(evaluator, env, names, true, vec![true], params, ids, hook);
    made.fixture = Some(name.to_owned());
    made
}

/// The names, and whether a value stands for itself (one name, without a comma after it).
fn argument_names(value: &Value<'_>) -> Option<(Vec<String>, bool)> {
    if let Value::Str(text) = value {
        let names: Vec<String> = text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect();
        let is_single = names.len() == 1 && !text.trim_end().ends_with(',');
        return Some((names, is_single));
    }
    let names: Option<Vec<String>> = value
        .elements()?
        .iter()
        .map(|item| match &item.value {
            Value::Str(name) => Some(name.clone()),
            _ => None,
        })
        .collect();
    Some((names?, false))
}

#[expect(
    clippy::too_many_arguments,
    reason = "the arguments of parametrize, and where they stand"
)]
fn build<'s>(
    evaluator: &Evaluator<'_, 's>,
    env: &Env<'s>,
    names: Vec<String>,
    is_single: bool,
    indirect: Vec<bool>,
    values: Node<'s>,
    ids: Option<Node<'s>>,
    hook: Option<IdHook<'s>>,
) -> Parametrization<'s> {
    let mut holds = holds(
        evaluator,
        Code {
            module: env.module,
            node: values,
        },
    );
    let ids = ids
        .map(|node| evaluator.value(env, node))
        .filter(|ids| !matches!(ids, Value::None));
    let ids_are_made = ids.is_some() || hook.is_some();
    let evaluated = evaluator.value(env, values);
    let items = match &evaluated {
        Value::Str(_) | Value::Bytes(_) if names.len() > 1 => None,
        value => evaluator.iterate(value),
    };
    let sets = items.and_then(|items| {
        let mut sets: Option<Vec<Set<'s>>> = items
            .into_iter()
            .enumerate()
            .map(|(index, item)| {
                set(
                    evaluator,
                    &names,
                    is_single,
                    item,
                    index,
                    ids.as_ref(),
                    hook,
                )
            })
            .collect();
        if let Some(sets) = &mut sets {
            if sets.is_empty() {
                holds = false;
                sets.push(empty_set(names.len(), "NOTSET"));
                // Before 8.3 the id of an empty set was made of the names.
                sets[0].ids.push(
                    names
                        .iter()
                        .map(|name| format!("{name}0"))
                        .collect::<Vec<_>>()
                        .join("-"),
                );
            } else {
                make_unique(sets);
            }
        }
        sets
    });
    Parametrization {
        names,
        indirect,
        values: Some(Code {
            module: env.module,
            node: values,
        }),
        sets,
        fixture: None,
        ids_are_made,
        values_hold: holds,
    }
}

/// Whether an expression means the same at the end of its file: no name in it is bound again.
pub(crate) fn holds<'s>(evaluator: &Evaluator<'_, 's>, code: Code<'s>) -> bool {
    let scope = evaluator.project.scope(code.module);
    let mut holds = true;
    walk(code.node, |node| {
        if node.kind() == "identifier" {
            let name = code.module.source(node);
            holds &= scope.all(name).nth(1).is_none() || scope.certain(name).is_some();
        }
        holds
    });
    holds
}

fn empty_set<'s>(names: usize, id: &str) -> Set<'s> {
    Set {
        values: vec![Item::made(Value::Unknown); names],
        ids: vec![id.to_owned()],
        parts: Vec::new(),
        marks: Vec::new(),
    }
}

fn set<'s>(
    evaluator: &Evaluator<'_, 's>,
    names: &[String],
    is_single: bool,
    item: Item<'s>,
    index: usize,
    ids: Option<&Value<'s>>,
    hook: Option<IdHook<'s>>,
) -> Option<Set<'s>> {
    let mut own_id = None;
    let mut own_id_known = true;
    let mut marks = Vec::new();
    let values = match item.value {
        Value::Param(values, id, param_marks, known) => {
            own_id = id;
            own_id_known = known;
            marks = param_marks;
            values
        }
        _ if is_single => vec![item],
        Value::Unknown | Value::External(_) | Value::Opaque | Value::Named(..) => {
            // The set is there, its values are not seen.
            vec![Item::made(Value::Unknown); names.len()]
        }
        value => evaluator.iterate(&value)?,
    };
    if values.len() != names.len() {
        return None;
    }
    let mut set = Set {
        values,
        ids: Vec::new(),
        parts: Vec::new(),
        marks,
    };
    if !own_id_known {
        set.parts = vec![Part::Open(Vec::new())];
        return Some(set);
    }
    if let Some(id) = own_id {
        // Older versions did not escape a given id.
        let escaped = super::value::ascii_escaped(&id);
        set.ids.push(escaped.clone());
        if escaped != id {
            set.ids.push(id);
        }
        return Some(set);
    }
    set.parts = parts(evaluator, names, &set.values, index, ids, hook)?;
    Some(set)
}

/// What a set's id is made of, where it has none of its own: what `ids` says, or a part for each value.
fn parts<'s>(
    evaluator: &Evaluator<'_, 's>,
    names: &[String],
    values: &[Item<'s>],
    index: usize,
    ids: Option<&Value<'s>>,
    hook: Option<IdHook<'s>>,
) -> Option<Vec<Part>> {
    let listed = match ids {
        Some(Value::List(items) | Value::Tuple(items)) => items.get(index),
        Some(value) if !is_callable(value) => return Some(vec![Part::Open(Vec::new())]),
        _ => None,
    };
    if let Some(listed) = listed
        && !matches!(listed.value, Value::None)
    {
        return Some(vec![ids::part_of_id(&listed.value)?]);
    }
    let callable = ids.filter(|value| is_callable(value));
    let named = names.iter().zip(values);
    let parts = named.map(|(name, item)| part(evaluator, name, item, index, callable, hook));
    Some(parts.collect())
}

/// The part of one value: what a function of `ids` or a hook makes of it, else pytest's own.
fn part<'s>(
    evaluator: &Evaluator<'_, 's>,
    name: &str,
    item: &Item<'s>,
    index: usize,
    callable: Option<&Value<'s>>,
    hook: Option<IdHook<'s>>,
) -> Part {
    if let Some(callable) = callable {
        match evaluator.apply_value(callable, std::slice::from_ref(item)) {
            Some(Value::None) => {}
            Some(value) => {
                if let Some(part) = ids::part_of_id(&value) {
                    return part;
                }
            }
            None => return ids::part_of_id(&Value::Unknown).unwrap_or(Part::Open(Vec::new())),
        }
    }
    let hooked = hook.and_then(|hook| by_hook(evaluator, hook, name, item));
    hooked.unwrap_or_else(|| ids::part(&item.value, name, index))
}

fn is_callable(value: &Value<'_>) -> bool {
    matches!(
        value,
        Value::Lambda(_) | Value::Builtin(_) | Value::Named(..) | Value::External(_)
    )
}

/// What the conftest's hook makes of a value; `None` where it leaves that to pytest.
fn by_hook<'s>(
    evaluator: &Evaluator<'_, 's>,
    hook: IdHook<'s>,
    name: &str,
    item: &Item<'s>,
) -> Option<Part> {
    let call = |value: Item<'s>| {
        let keywords = [
            ("config", Item::made(Value::Unknown)),
            ("val", value),
            ("argname", Item::made(Value::Str(name.to_owned()))),
        ];
        evaluator.apply(hook.function, &[], &keywords)
    };
    match call(item.clone()) {
        Some(Value::None) => return None,
        Some(Value::Str(text)) => return Some(Part::Exact(vec![text])),
        _ => {}
    }
    // `f"{argname}={val}"` of a value that is not known: what stands around it is.
    let mark = "\u{e000}";
    let around = match call(Item::made(Value::Str(mark.to_owned()))) {
        Some(Value::Str(text)) if text.matches(mark).count() == 1 => text,
        _ => return Some(Part::Open(Vec::new())),
    };
    let guesses = match &item.value {
        Value::External(dotted) => {
            let last = dotted.rsplit('.').next().unwrap_or_default();
            vec![
                (around.replace(mark, dotted), 1),
                (around.replace(mark, last), 1),
                // `DataType.BFLOAT16` for `ttnn.bfloat16`.
                (around.replace(mark, &format!("*.{last}")), 2),
            ]
        }
        _ => Vec::new(),
    };
    let (before, after) = around.split_once(mark).unwrap_or((&around, ""));
    let mut guesses = guesses;
    guesses.push((format!("{before}*{after}"), 6));
    Some(Part::Open(guesses))
}

/// Counters for the sets whose ids are wholly known.
fn make_unique(sets: &mut [Set<'_>]) {
    let plain: Vec<Option<String>> = sets
        .iter()
        .map(|set| match set.ids.first() {
            Some(id) => Some(id.clone()),
            None => {
                let parts: Option<Vec<&str>> = set
                    .parts
                    .iter()
                    .map(|part| match part {
                        Part::Exact(texts) => texts.first().map(String::as_str),
                        Part::Open(_) => None,
                    })
                    .collect();
                parts.map(|parts| parts.join("-"))
            }
        })
        .collect();
    for ((set, id), plain) in sets.iter_mut().zip(ids::unique(&plain)).zip(&plain) {
        let Some(plain) = plain else { continue };
        let is_counted = id.first() != Some(plain);
        let has_one_text = |part: &Part| matches!(part, Part::Exact(texts) if texts.len() == 1);
        if is_counted || (set.ids.is_empty() && set.parts.iter().all(has_one_text)) {
            set.ids = id;
        }
    }
}

impl<'s> Parametrization<'s> {
    /// The parameters of the set of an index; an index past what is known gives indexed expressions.
    pub(crate) fn params(&self, index: Option<usize>, id: Option<&str>) -> Vec<Param> {
        let set = index.and_then(|index| self.sets.as_ref()?.get(index));
        self.names
            .iter()
            .enumerate()
            .map(|(at, name)| {
                let mut param = Param {
                    name: name.clone(),
                    indirect: self.indirect.get(at).copied().unwrap_or(false),
                    id: id.map(str::to_owned),
                    ..Param::default()
                };
                match set.map(|set| &set.values[at]) {
                    Some(Item {
                        code: Some(code), ..
                    }) => {
                        param.value = Some(source(*code));
                        param.path = code.module.path.clone();
                        param.span = span(code.node);
                    }
                    Some(item) => {
                        param.value = item.value.repr().or_else(|| self.indexed(index, at));
                        self.place(&mut param);
                    }
                    None => {
                        param.value = self.indexed(index, at).or_else(|| self.of_range(id?));
                        self.place(&mut param);
                    }
                }
                param
            })
            .collect()
    }

    fn place(&self, param: &mut Param) {
        if let Some(code) = self.values {
            param.path = code.module.path.clone();
            param.span = span(code.node);
        }
    }

    /// The id itself where the values are a `range(...)` whose ends are not known: its values are integers.
    fn of_range(&self, id: &str) -> Option<String> {
        let code = self.values?;
        let is_range =
            code.node.kind() == "call" && code.module.field(code.node, "function") == "range";
        let is_known = is_range && self.names.len() == 1 && !self.ids_are_made;
        (is_known && id.parse::<i64>().is_ok()).then(|| id.to_owned())
    }

    /// `VALUES[3]`, `list(make())[3][0]`, `next(iter(make()))[0]`.
    fn indexed(&self, index: Option<usize>, at: usize) -> Option<String> {
        let code = self.values.filter(|_| self.values_hold)?;
        let source = source(code);
        let mut expression = match (code.node.kind(), index?) {
            ("identifier" | "attribute" | "list" | "tuple" | "list_comprehension", index) => {
                format!("{source}[{index}]")
            }
            (_, index) => {
                let list = source
                    .strip_prefix("list(")
                    .and_then(|it| it.strip_suffix(')'));
                let list = list.filter(|_| code.module.field(code.node, "function") == "list");
                let inner = list.unwrap_or(&source);
                match index {
                    0 => format!("next(iter({inner}))"),
                    _ => format!("list({inner})[{index}]"),
                }
            }
        };
        let single = self.names.len() == 1;
        if !single {
            expression.push_str(&format!("[{at}]"));
        }
        Some(expression)
    }
}

fn source(code: Code<'_>) -> String {
    let module: &Module = code.module;
    module.source(code.node).to_owned()
}
