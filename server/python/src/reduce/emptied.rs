//! Fixtures of which nothing is left: they go, and so does the request of each.

use std::collections::BTreeSet;

use tree_sitter::Node;

use crate::edits::{Edit, applied};
use crate::source::{Module, body, decorated, decorators, named_children, span, walk};

/// A fixture that opens a device is the set-up that the original had, whatever is left of it.
const DEVICES: [&str; 3] = ["device", "devices", "mesh"];

/// The text without the fixtures whose body is `pass`, where nothing but a request needs them.
pub(super) fn without_emptied(text: &str) -> String {
    let module = Module::generated(text);
    if module.root().has_error() || !text.contains("fixture") {
        return text.to_owned();
    }
    let functions = functions(&module);
    let empty: Vec<Node<'_>> = functions
        .iter()
        .copied()
        .filter(|it| is_emptied(&module, *it))
        .collect();
    let names: BTreeSet<&str> = empty.iter().map(|it| module.field(*it, "name")).collect();
    let names: BTreeSet<&str> = names
        .into_iter()
        .filter(|name| is_only_requested(&module, &functions, name))
        .collect();
    if names.is_empty() {
        return text.to_owned();
    }
    let mut edits: Vec<Edit> = Vec::new();
    for function in empty {
        if names.contains(module.field(function, "name")) {
            edits.push((module.rows(span(decorated(function))), String::new()));
        }
    }
    for function in functions {
        if let Some(list) = function.child_by_field_name("parameters") {
            let kept = |it: Node<'_>| !names.contains(module.source(it));
            edits.extend(without(&module, list, kept));
        }
    }
    walk(module.root(), |node| {
        if let Some(list) = requests_by_name(&module, node) {
            let kept = |it: Node<'_>| !text_of(&module, it).is_some_and(|it| names.contains(it));
            if named_children(list).into_iter().any(kept) {
                edits.extend(without(&module, list, kept));
            } else if let Some(line) = mark_of(&module, node) {
                edits.push((module.rows(span(line)), String::new()));
            }
        }
        true
    });
    applied(text, edits)
}

fn functions(module: &Module) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    walk(module.root(), |node| {
        if node.kind() == "function_definition" {
            found.push(node);
        }
        true
    });
    found
}

/// Whether it is a fixture that goes by the function's own name, has no values and does nothing.
fn is_emptied(module: &Module, function: Node<'_>) -> bool {
    let all = decorators(function);
    let [decorator] = all.as_slice() else {
        return false;
    };
    let says = module.source(*decorator);
    let is_plain = says
        .split('(')
        .next()
        .is_some_and(|it| it.ends_with("fixture"))
        && !["params", "name", "autouse"]
            .iter()
            .any(|it| says.contains(it));
    let statements = body(function);
    let does_nothing = matches!(statements.as_slice(), [only] if only.kind() == "pass_statement");
    let is_device = module
        .field(function, "name")
        .split('_')
        .any(|part| DEVICES.contains(&part));
    is_plain && does_nothing && !is_device
}

/// Whether a name stands only where a fixture is defined or requested, and its value is read nowhere.
fn is_only_requested(module: &Module, functions: &[Node<'_>], name: &str) -> bool {
    let mut defined = 0;
    let mut is_used = false;
    walk(module.root(), |node| {
        match node.kind() {
            "identifier" if module.source(node) == name => {
                let parent = node.parent();
                let kind = parent.map_or("", |it| it.kind());
                match kind {
                    "function_definition" => defined += 1,
                    "parameters" => {}
                    _ => is_used = true,
                }
            }
            "string" if text_of(module, node) == Some(name) => {
                let call = node.parent().and_then(|list| list.parent());
                is_used |= !call.is_some_and(|it| {
                    requests_by_name(module, it).is_some() && mark_of(module, it).is_some()
                });
            }
            _ => {}
        }
        true
    });
    // One that overrides another fixture requests what it overrides.
    let overrides = functions.iter().any(|function| {
        let list = function.child_by_field_name("parameters");
        let own = list.map(named_children).unwrap_or_default();
        module.field(*function, "name") == name && own.iter().any(|it| module.source(*it) == name)
    });
    defined == 1 && !is_used && !overrides
}

/// The arguments of a call of `usefixtures`.
fn requests_by_name<'t>(module: &Module, node: Node<'t>) -> Option<Node<'t>> {
    let is_mark = node.kind() == "call" && module.field(node, "function").ends_with("usefixtures");
    is_mark
        .then(|| node.child_by_field_name("arguments"))
        .flatten()
}

/// The decorator or the `pytestmark` that a mark is all of.
fn mark_of<'t>(module: &Module, mark: Node<'t>) -> Option<Node<'t>> {
    let parent = mark.parent()?;
    match parent.kind() {
        "decorator" => Some(parent),
        "assignment" if module.field(parent, "left") == "pytestmark" => parent.parent(),
        _ => None,
    }
}

/// What a string says.
fn text_of<'m>(module: &'m Module, node: Node<'_>) -> Option<&'m str> {
    let children = named_children(node);
    let content = children.iter().find(|it| it.kind() == "string_content")?;
    (node.kind() == "string").then(|| module.source(*content))
}

/// A list on one row without some of its elements.
fn without(module: &Module, list: Node<'_>, kept: impl Fn(Node<'_>) -> bool) -> Option<Edit> {
    let all = named_children(list);
    let left: Vec<&str> = all
        .iter()
        .filter(|it| kept(**it))
        .map(|it| module.source(*it))
        .collect();
    (left.len() < all.len()).then(|| (span(list), format!("({})", left.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(without_emptied(text), expected);
    }

    #[test]
    fn a_fixture_of_which_nothing_is_left_goes_with_its_requests() {
        check(
            "@pytest.fixture\ndef reset():\n    pass\n\n\n@pytest.fixture()\ndef box(reset):\n    return 1\n\n\n@pytest.mark.usefixtures(\"reset\")\ndef test_one(reset, box):\n    assert box\n",
            "\n\n@pytest.fixture()\ndef box():\n    return 1\n\n\ndef test_one(box):\n    assert box\n",
        );
        check(
            "class TestA:\n    pytestmark = pytest.mark.usefixtures('a', 'b')\n\n    @pytest.fixture\n    def a(self):\n        pass\n\n    def test_one(self, a):\n        pass\n",
            "class TestA:\n    pytestmark = pytest.mark.usefixtures('b')\n\n\n    def test_one(self):\n        pass\n",
        );
    }

    #[test]
    fn one_that_is_read_or_is_a_device_stays() {
        for text in [
            "@pytest.fixture\ndef box():\n    pass\n\n\ndef test_one(box):\n    assert box\n",
            "@pytest.fixture\ndef mesh_device():\n    pass\n\n\ndef test_one(mesh_device):\n    pass\n",
            "@pytest.fixture\ndef box():\n    pass\n\n\ndef test_one(request):\n    assert request.getfixturevalue('box')\n",
            "@pytest.fixture(params=[1])\ndef box():\n    pass\n\n\ndef test_one(box):\n    pass\n",
            "@pytest.fixture\ndef box(box):\n    pass\n\n\ndef test_one(box):\n    pass\n",
        ] {
            check(text, text);
        }
    }
}
