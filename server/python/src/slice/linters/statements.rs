//! Statements, definitions and comparisons that linters advise against.

use tree_sitter::Node;

use super::Code;
use crate::source::{Arguments, named_children, unparenthesized, walk};

const ANY: [&str; 2] = ["Exception", "BaseException"];

/// Annotations of defaults that nobody changes.
const UNCHANGED: [&str; 12] = [
    "AbstractSet",
    "Collection",
    "Container",
    "FrozenSet",
    "Iterable",
    "Mapping",
    "Sequence",
    "Tuple",
    "bytes",
    "frozenset",
    "str",
    "tuple",
];

/// Classes that copy what stands in their body.
const COPIED: [&str; 7] = [
    "BaseConfig",
    "BaseModel",
    "BaseSettings",
    "GenericModel",
    "SQLModel",
    "Structure",
    "Struct",
];

/// Whether a value is one that can change, as linters see it.
fn is_mutable(code: &Code<'_>, value: Node<'_>) -> bool {
    let literals = [
        "list",
        "dictionary",
        "set",
        "list_comprehension",
        "dictionary_comprehension",
        "set_comprehension",
    ];
    let made = [
        "collections.OrderedDict",
        "collections.defaultdict",
        "collections.deque",
        "collections.Counter",
    ];
    let function = value.child_by_field_name("function");
    literals.contains(&value.kind())
        || code.calls(value, &["dict", "list", "set"])
        || value.kind() == "call"
            && function
                .and_then(|it| code.path(it))
                .is_some_and(|path| made.contains(&path.as_str()))
}

/// `def f(a=[])`
pub(super) fn mutable_default<'t>(code: &Code<'t>, parameter: Node<'t>) -> Option<Node<'t>> {
    let value = parameter.child_by_field_name("value")?;
    let of_function = parameter.parent()?.kind() == "parameters";
    let annotation = code
        .field(parameter, "type")
        .split('[')
        .next()
        .unwrap_or_default();
    let annotation = annotation.rsplit('.').next().unwrap_or_default();
    (of_function && is_mutable(code, value) && !UNCHANGED.contains(&annotation)).then_some(value)
}

/// `a = []` in a class
pub(super) fn mutable_class_value<'t>(code: &Code<'t>, assignment: Node<'t>) -> Option<Node<'t>> {
    let class = assignment
        .parent()?
        .parent()?
        .parent()
        .filter(|it| it.kind() == "class_definition")?;
    let annotation = code.field(assignment, "type");
    let mut value = assignment.child_by_field_name("right")?;
    while value.kind() == "assignment" {
        value = value.child_by_field_name("right")?;
    }
    let bases = class
        .child_by_field_name("superclasses")
        .map(named_children)
        .unwrap_or_default();
    let copies = bases.iter().any(|base| {
        let name = code.source(*base).rsplit('.').next().unwrap_or_default();
        COPIED.contains(&name)
    });
    let is_told = annotation.contains("ClassVar") || annotation.contains("Final");
    let is_field = !annotation.is_empty() && !crate::source::decorators(class).is_empty();
    let is_slots = matches!(code.field(assignment, "left"), "__slots__" | "__dict__");
    let is_it = is_mutable(code, value) && !copies && !is_told && !is_field && !is_slots;
    is_it.then_some(value)
}

/// The exceptions that a clause names; none where it names none.
fn caught<'t>(clause: Node<'t>) -> Vec<Node<'t>> {
    let named = named_children(clause)
        .into_iter()
        .find(|it| it.kind() != "block");
    let Some(named) = named else {
        return Vec::new();
    };
    let types = match named.kind() {
        "as_pattern" => named.named_child(0).unwrap_or(named),
        _ => named,
    };
    match types.kind() {
        "tuple" => named_children(types),
        _ => vec![types],
    }
}

fn block_of(clause: Node<'_>) -> Vec<Node<'_>> {
    let block = named_children(clause)
        .into_iter()
        .find(|it| it.kind() == "block");
    block.map(named_children).unwrap_or_default()
}

/// `except:`, which does not raise again what it caught.
pub(super) fn bare_except<'t>(_: &Code<'t>, clause: Node<'t>) -> Option<Node<'t>> {
    let raises = |it: &Node<'_>| it.kind() == "raise_statement" && it.named_child_count() == 0;
    (caught(clause).is_empty() && !block_of(clause).iter().any(raises)).then_some(clause)
}

/// `except Exception:`, which neither raises nor logs what it caught.
pub(super) fn catches_all<'t>(code: &Code<'t>, clause: Node<'t>) -> Option<Node<'t>> {
    let any = caught(clause)
        .into_iter()
        .find(|it| code.is_name(*it, &ANY))?;
    let mut hands_on = false;
    for statement in block_of(clause) {
        walk(statement, |node| {
            hands_on |= match node.kind() {
                "raise_statement" => {
                    let raised = node.named_child(0);
                    node.child_by_field_name("cause").is_some()
                        || raised
                            .is_none_or(|it| it.kind() == "identifier" && !code.is_name(it, &ANY))
                }
                "call" => {
                    let function = node.child_by_field_name("function");
                    let logs =
                        function.is_some_and(|it| code.field(it, "attribute") == "exception");
                    logs || Arguments::of(code.module, node)
                        .keyword("exc_info")
                        .is_some()
                }
                _ => false,
            };
            node.kind() != "function_definition"
        });
    }
    (!hands_on).then_some(any)
}

pub(super) fn caught_and_passed<'t>(code: &Code<'t>, clause: Node<'t>) -> Option<Node<'t>> {
    does_only(code, clause, "pass_statement").then_some(clause)
}

pub(super) fn caught_and_continued<'t>(code: &Code<'t>, clause: Node<'t>) -> Option<Node<'t>> {
    does_only(code, clause, "continue_statement").then_some(clause)
}

fn does_only(code: &Code<'_>, clause: Node<'_>, kind: &str) -> bool {
    let types = caught(clause);
    let is_any = types.is_empty() || types.iter().any(|it| code.is_name(*it, &ANY));
    is_any && matches!(block_of(clause)[..], [one] if one.kind() == kind)
}

/// `a == b` as a statement
pub(super) fn idle_comparison<'t>(_: &Code<'t>, statement: Node<'t>) -> Option<Node<'t>> {
    let one = only(statement)?;
    (one.kind() == "comparison_operator").then_some(statement)
}

/// `a.b` or `a` as a statement
pub(super) fn idle_expression<'t>(_: &Code<'t>, statement: Node<'t>) -> Option<Node<'t>> {
    let is_number = |node: &Node<'_>| matches!(node.kind(), "integer" | "float");
    let is_plain = |node: &Node<'_>| {
        is_number(node)
            || matches!(
                node.kind(),
                "attribute" | "identifier" | "none" | "true" | "false"
            )
    };
    let parts = named_children(statement);
    let is_idle = match only(statement) {
        None => parts.iter().all(is_plain),
        Some(one) => match one.kind() {
            "tuple" | "list" | "boolean_operator" | "not_operator" | "unary_operator" => {
                named_children(one).iter().all(is_plain)
            }
            "binary_operator" => named_children(one).iter().all(is_number),
            _ => is_plain(&one),
        },
    };
    is_idle.then_some(statement)
}

fn only(statement: Node<'_>) -> Option<Node<'_>> {
    match named_children(statement)[..] {
        [one] => Some(unparenthesized(one)),
        _ => None,
    }
}

/// A loop that does nothing but copy into a list of the function's own: the statement that appends.
pub(super) fn copied_list<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Node<'t>> {
    let body = named_children(node.child_by_field_name("body")?);
    let [statement] = body[..] else {
        return None;
    };
    let call = only(statement)?;
    let function = call.child_by_field_name("function")?;
    let list = function
        .child_by_field_name("object")
        .filter(|it| it.kind() == "identifier")?;
    let arguments = Arguments::of(code.module, call);
    let variable = code.field(node, "left");
    let copies = matches!(arguments.positional[..], [one] if code.source(one) == variable);
    let mut made = false;
    let around = std::iter::successors(Some(node), Node::parent);
    let scope = around
        .into_iter()
        .find(|it| matches!(it.kind(), "function_definition" | "module"))?;
    walk(scope, |it| {
        let is_list = it.child_by_field_name("right").is_some_and(|value| {
            matches!(value.kind(), "list" | "list_comprehension") || code.calls(value, &["list"])
        });
        made |= it.kind() == "assignment"
            && code.field(it, "left") == code.source(list)
            && is_list
            && it.start_byte() < node.start_byte();
        true
    });
    let is_it = code.field(function, "attribute") == "append"
        && copies
        && made
        && !code.source(node).starts_with("async")
        && node.child_by_field_name("alternative").is_none()
        && crate::source::mentions(code.field(node, "right"), code.source(list))
            .next()
            .is_none();
    is_it.then_some(statement)
}

pub(super) fn compared_with_itself<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Node<'t>> {
    let [a, b] = named_children(node)[..] else {
        return None;
    };
    let is_name = a.kind() == "identifier" && b.kind() == "identifier";
    (is_name && code.source(a) == code.source(b)).then_some(node)
}

/// A set of `parametrize` that is in it already.
pub(super) fn same_case_again<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Node<'t>> {
    let call = node.parent()?.parent()?;
    let name = code.field(call, "function");
    let arguments = Arguments::of(code.module, call);
    if !name.ends_with("mark.parametrize") || arguments.get(1, "argvalues") != Some(node) {
        return None;
    }
    let cases = named_children(node);
    let is_again = |at: &usize| {
        cases[..*at]
            .iter()
            .any(|it| code.source(*it) == code.source(cases[*at]))
    };
    (0..cases.len()).find(is_again).map(|at| cases[at])
}

/// `list(a)[0]`
pub(super) fn first_of_list<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Node<'t>> {
    let value = node.child_by_field_name("value")?;
    let is_list = match value.kind() {
        "call" => {
            let arguments = Arguments::of(code.module, value);
            code.calls(value, &["list", "tuple"]) && arguments.positional.len() == 1
        }
        "list_comprehension" => true,
        _ => false,
    };
    let target = node.parent()?.child_by_field_name("left") == Some(node);
    (is_list && code.field(node, "subscript") == "0" && !target).then_some(node)
}

/// `a in b.keys()`
pub(super) fn in_keys<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Node<'t>> {
    let (left, right) = match node.kind() {
        "for_statement" | "for_in_clause" => (
            node.child_by_field_name("left")?,
            node.child_by_field_name("right")?,
        ),
        _ => {
            let [left, right] = named_children(node)[..] else {
                return None;
            };
            let between = code.module.text[left.end_byte()..right.start_byte()].trim();
            (matches!(between, "in" | "not in")).then_some((left, right))?
        }
    };
    let function = right.child_by_field_name("function")?;
    let is_keys =
        code.field(function, "attribute") == "keys" && code.field(right, "arguments") == "()";
    is_keys.then_some(left)
}

pub(super) fn not_equal<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Node<'t>> {
    negates(code, node, "==").then_some(node)
}

pub(super) fn not_unequal<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Node<'t>> {
    negates(code, node, "!=").then_some(node)
}

fn negates(code: &Code<'_>, node: Node<'_>, operator: &str) -> bool {
    let mut around = std::iter::successors(Some(node), Node::parent);
    let function = around.find(|it| it.kind() == "function_definition");
    // What the operator itself is made of.
    let is_own = function.is_some_and(|it| matches!(code.field(it, "name"), "__eq__" | "__ne__"));
    let compared = node.child_by_field_name("argument").map(unparenthesized);
    let compared = compared.filter(|it| it.kind() == "comparison_operator" && !is_own);
    compared.is_some_and(|compared| match named_children(compared)[..] {
        [a, b] => code.module.text[a.end_byte()..b.start_byte()].trim() == operator,
        _ => false,
    })
}

/// `raise Exception("...")`
pub(super) fn raises_exception<'t>(code: &Code<'t>, statement: Node<'t>) -> Option<Node<'t>> {
    let raised = statement.named_child(0)?;
    (code.is_name(raised, &ANY) || code.calls(raised, &ANY)).then_some(raised)
}
