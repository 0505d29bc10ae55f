//! Calls that linters know a shorter or a safer way for.

use tree_sitter::Node;

use super::Code;
use crate::source::{Arguments, named_children};

/// A call of a builtin with one argument and nothing else: the argument.
fn only_argument<'t>(code: &Code<'t>, call: Node<'t>, names: &[&str]) -> Option<Node<'t>> {
    let arguments = Arguments::of(code.module, call);
    let is_plain = code.calls(call, names) && arguments.keywords.is_empty() && !arguments.unpacked;
    match arguments.positional[..] {
        [one] if is_plain => Some(one),
        _ => None,
    }
}

fn one_of<'t>(code: &Code<'t>, call: Node<'t>, names: &[&str], kinds: &[&str]) -> Option<Node<'t>> {
    let argument = only_argument(code, call, names)?;
    kinds.contains(&argument.kind()).then_some(call)
}

pub(super) fn list_of_generator<'t>(code: &Code<'t>, call: Node<'t>) -> Option<Node<'t>> {
    one_of(code, call, &["list"], &["generator_expression"])
}

pub(super) fn set_of_generator<'t>(code: &Code<'t>, call: Node<'t>) -> Option<Node<'t>> {
    one_of(code, call, &["set"], &["generator_expression"])
}

pub(super) fn set_of_list<'t>(code: &Code<'t>, call: Node<'t>) -> Option<Node<'t>> {
    one_of(code, call, &["set"], &["list_comprehension"])
}

/// `dict([(1, 2)])`
pub(super) fn dict_of_literal<'t>(code: &Code<'t>, call: Node<'t>) -> Option<Node<'t>> {
    let argument = only_argument(code, call, &["dict"])?;
    let is_pair = |it: &Node<'_>| it.kind() == "tuple" && named_children(*it).len() == 2;
    let is_literal = matches!(argument.kind(), "list" | "tuple");
    (is_literal && named_children(argument).iter().all(is_pair)).then_some(call)
}

pub(super) fn tuple_of_literal<'t>(code: &Code<'t>, call: Node<'t>) -> Option<Node<'t>> {
    one_of(code, call, &["tuple"], &["list", "tuple"])
}

pub(super) fn list_of_literal<'t>(code: &Code<'t>, call: Node<'t>) -> Option<Node<'t>> {
    one_of(code, call, &["list"], &["list", "tuple"])
}

/// `any([...])`, which linters name the list of.
pub(super) fn any_of_list<'t>(code: &Code<'t>, call: Node<'t>) -> Option<Node<'t>> {
    let argument = only_argument(code, call, &["any", "all"])?;
    (argument.kind() == "list_comprehension").then_some(argument)
}

/// `getattr(a, "b")`
pub(super) fn getattr_of_a_name<'t>(code: &Code<'t>, call: Node<'t>) -> Option<Node<'t>> {
    names_attribute(code, call, "getattr", 2).then_some(call)
}

/// `setattr(a, "b", 1)` as a statement
pub(super) fn setattr_of_a_name<'t>(code: &Code<'t>, call: Node<'t>) -> Option<Node<'t>> {
    let is_statement = call.parent()?.kind() == "expression_statement";
    (is_statement && names_attribute(code, call, "setattr", 3)).then_some(call)
}

fn names_attribute(code: &Code<'_>, call: Node<'_>, function: &str, count: usize) -> bool {
    let arguments = Arguments::of(code.module, call);
    let is_whole = arguments.keywords.is_empty() && !arguments.unpacked;
    let name = arguments.positional.get(1).map(|it| code.source(*it));
    let name = name.unwrap_or_default().trim_matches(['"', '\'']);
    let is_identifier = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(crate::source::in_name);
    let is_mangled = name.starts_with("__") && !name.ends_with("__");
    let is_text = arguments
        .positional
        .get(1)
        .is_some_and(|it| it.kind() == "string");
    let is_it = code.calls(call, &[function]) && is_whole && arguments.positional.len() == count;
    is_it && is_text && is_identifier && !is_mangled
}

/// `pytest.raises(Exception)` and `self.assertRaises(Exception)` that nothing else is asked of.
pub(super) fn raises_anything<'t>(code: &Code<'t>, call: Node<'t>) -> Option<Node<'t>> {
    let function = call.child_by_field_name("function")?;
    let is_unittest =
        function.kind() == "attribute" && code.field(function, "attribute") == "assertRaises";
    if !is_unittest && code.path(function)? != "pytest.raises" {
        return None;
    }
    let arguments = Arguments::of(code.module, call);
    let first = arguments.positional.first()?;
    let is_any = code.is_name(*first, &["Exception", "BaseException"]);
    let is_kept = call.parent()?.kind() == "as_pattern";
    (is_any && arguments.keyword("match").is_none() && !is_kept).then_some(call)
}

pub(super) fn utcnow<'t>(code: &Code<'t>, call: Node<'t>) -> Option<Node<'t>> {
    let path = code.path(call.child_by_field_name("function")?)?;
    // `utcnow().replace(tzinfo=...)`
    let is_made_aware = call.parent()?.kind() == "attribute"
        && code.field(call.parent()?, "attribute") == "replace";
    (path == "datetime.datetime.utcnow" && !is_made_aware).then_some(call)
}

pub(super) fn utcfromtimestamp<'t>(code: &Code<'t>, call: Node<'t>) -> Option<Node<'t>> {
    let path = code.path(call.child_by_field_name("function")?)?;
    (path == "datetime.datetime.utcfromtimestamp").then_some(call)
}

/// `zip(a, a[1:])`, `zip(a[:-1], a[1:])`
pub(super) fn zip_with_next<'t>(code: &Code<'t>, call: Node<'t>) -> Option<Node<'t>> {
    let arguments = Arguments::of(code.module, call);
    let [first, second] = arguments.positional[..] else {
        return None;
    };
    let first_name = match first.kind() {
        "subscript" if code.field(first, "subscript") == ":-1" => {
            first.child_by_field_name("value")?
        }
        _ => first,
    };
    let next = format!("{}[1:]", code.source(first_name));
    let is_next = first_name.kind() == "identifier" && code.source(second) == next;
    (code.calls(call, &["zip"]) && is_next && arguments.keywords.is_empty()).then_some(call)
}

pub(super) fn exec<'t>(code: &Code<'t>, call: Node<'t>) -> Option<Node<'t>> {
    code.calls(call, &["exec"]).then_some(call)
}

/// `"...".encode("utf-8")`. What is no character of a source has no shorter way.
pub(super) fn encoded_as_utf8<'t>(code: &Code<'t>, call: Node<'t>) -> Option<Node<'t>> {
    let function = call.child_by_field_name("function")?;
    let text = function.child_by_field_name("object")?;
    let source = code.source(text);
    let is_escaped = ["\\N", "\\U", "\\u"].iter().any(|it| source.contains(it));
    let is_text = matches!(text.kind(), "string" | "concatenated_string")
        && !source.starts_with(['b', 'B'])
        && !is_escaped;
    let arguments = Arguments::of(code.module, call);
    let name = match (&arguments.positional[..], &arguments.keywords[..]) {
        ([], []) if source.is_ascii() => "utf-8".to_owned(),
        ([name], []) | ([], [("encoding", name)]) => code.source(*name).to_ascii_lowercase(),
        _ => return None,
    };
    let is_utf8 = matches!(name.trim_matches(['"', '\'']), "utf-8" | "utf8");
    (is_text && code.field(function, "attribute") == "encode" && is_utf8).then_some(call)
}
