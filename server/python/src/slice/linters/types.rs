//! Types that Python has better names for by now.

use tree_sitter::Node;

use super::Code;
use crate::source::named_children;

/// Names of `typing` that builtins and `collections` have taken the place of.
const GENERICS: [&str; 8] = [
    "DefaultDict",
    "Deque",
    "Dict",
    "FrozenSet",
    "List",
    "Set",
    "Tuple",
    "Type",
];

/// Further names of `typing` that are another module's.
const MOVED: &str = " AbstractSet AsyncContextManager AsyncGenerator AsyncIterable AsyncIterator Awaitable Callable ChainMap \
Collection Container ContextManager Coroutine Counter Generator Hashable ItemsView Iterable Iterator KeysView Mapping MappingView \
Match MutableMapping MutableSequence MutableSet OrderedDict Pattern Reversible Sequence Sized ValuesView ";

/// What `collections` had of `collections.abc`.
const ABSTRACT: &str = " Awaitable Callable Container Coroutine Generator Hashable ItemsView Iterable Iterator KeysView Mapping \
MappingView MutableMapping MutableSequence MutableSet Sequence Set Sized ValuesView ";

/// `List`, `typing.Dict`
pub(super) fn old_generic<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Node<'t>> {
    let is_part = node.parent().is_some_and(|it| {
        let is_object = it.child_by_field_name("object") == Some(node);
        matches!(it.kind(), "dotted_name" | "aliased_import" | "attribute" if !is_object)
            || it.kind() == "keyword_argument" && it.child_by_field_name("name") == Some(node)
    });
    if is_part {
        return None;
    }
    let path = code.path(node)?;
    let name = path.strip_prefix("typing.")?;
    GENERICS.contains(&name).then_some(node)
}

/// `Optional[int]`
pub(super) fn optional<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Node<'t>> {
    is_of(code, node, "typing.Optional").then_some(node)
}

/// `Union[int, str]`
pub(super) fn union<'t>(code: &Code<'t>, node: Node<'t>) -> Option<Node<'t>> {
    is_of(code, node, "typing.Union").then_some(node)
}

/// A type of types that stand as they are: with one in a text, `|` is none of theirs.
fn is_of(code: &Code<'_>, node: Node<'_>, path: &str) -> bool {
    let head = node
        .child_by_field_name("value")
        .or_else(|| node.named_child(0));
    let is_it = head
        .and_then(|head| code.path(head))
        .is_some_and(|it| it == path);
    is_it && !code.source(node).contains(['"', '\''])
}

/// `from typing import List`, `from collections import Mapping`
pub(super) fn old_import<'t>(code: &Code<'t>, statement: Node<'t>) -> Option<Node<'t>> {
    let is_typing = match code.field(statement, "module_name") {
        "typing" => true,
        "collections" => false,
        _ => return None,
    };
    let is_old = |node: Node<'t>| {
        let name = match node.kind() {
            "aliased_import" => code.field(node, "name"),
            _ => code.source(node),
        };
        match is_typing {
            true => GENERICS.contains(&name) || MOVED.contains(&format!(" {name} ")),
            false => ABSTRACT.contains(&format!(" {name} ")),
        }
    };
    named_children(statement)
        .into_iter()
        .any(is_old)
        .then_some(statement)
}
