//! Classes and functions of the outermost level that do nothing any more: bases of which nothing is left, definitions that
//! nothing mentions.

use tree_sitter::Node;

use super::write::MARK;
use crate::edits::{Edit, applied};
use crate::source::{Module, body, named_children, span, undecorated, walk};
use text::Span;

/// What goes may leave something else idle: so often at most.
const ROUNDS: usize = 8;

/// The text without classes that have no members and no base: whoever has one as its base has the same without it.
pub(crate) fn without_idle_bases(text: &str) -> String {
    repeated(text, |module| {
        let classes = definitions(module, "class_definition");
        let mut idle = classes.into_iter().filter(|class| is_idle(module, *class));
        let idle = idle.find(|class| {
            let mentions = mentions(module, *class);
            !mentions.is_empty()
                && mentions.iter().all(|it| is_base(*it))
                && !is_in_string(module, module.field(*class, "name"))
        })?;
        let mut edits = Vec::new();
        for base in mentions(module, idle) {
            let list = base.parent()?;
            let others = named_children(list).into_iter();
            let left: Vec<&str> = others
                .filter(|it| *it != base)
                .map(|it| module.source(it))
                .collect();
            let instead = match left.is_empty() {
                true => String::new(),
                false => format!("({})", left.join(", ")),
            };
            edits.push((span(list), instead));
        }
        edits.push((with_blank_rows(module, idle), String::new()));
        Some(edits)
    })
}

/// The text without classes, functions and attributes of tests that nothing mentions and that neither Python nor pytest looks for
/// by itself.
pub(crate) fn without_unmentioned(text: &str) -> String {
    repeated(text, |module| {
        let mut found = definitions(module, "class_definition");
        found.extend(definitions(module, "function_definition"));
        let is_called = |node: &Node<'_>| {
            let name = module.field(*node, "name");
            let own = [
                "test", "setup", "setUp", "teardown", "tearDown", "pytest_", "__",
            ];
            own.iter().any(|it| name.starts_with(it)) || module.source(*node).contains("def test")
        };
        let goes = found.into_iter().find(|it| {
            let name = module.field(*it, "name");
            !is_called(it) && mentions(module, *it).is_empty() && !is_in_string(module, name)
        });
        match goes {
            Some(goes) => Some(vec![(with_blank_rows(module, goes), String::new())]),
            None => Some(unmentioned_attributes(module)).filter(|it| !it.is_empty()),
        }
    })
}

/// What takes the attributes out of a class of tests that nothing mentions.
fn unmentioned_attributes(module: &Module) -> Vec<Edit> {
    let mut edits = Vec::new();
    for class in definitions(module, "class_definition") {
        let bases = class.child_by_field_name("superclasses");
        let bases = bases.map(named_children).unwrap_or_default();
        let is_plain = |it: &Node<'_>| {
            let base = module.source(*it);
            base == "object" || base.ends_with("TestCase")
        };
        if !module.source(class).contains("def test") || !bases.iter().all(is_plain) {
            continue;
        }
        for (at, member) in body(class).into_iter().enumerate() {
            let Some(name) = attribute(module, member) else {
                continue;
            };
            let rows = match at {
                0 => with_blank_rows(module, member),
                _ => module.rows(span(member)),
            };
            let is_read = named(module, name, span(member)).next().is_some();
            if !is_read && !is_in_string(module, name) && !rows.of(&module.text).contains(MARK) {
                edits.push((rows, String::new()));
            }
        }
    }
    edits
}

/// The name of `name = value` that is none of those that `unittest`, pytest or Python look for.
fn attribute<'m>(module: &'m Module, member: Node<'_>) -> Option<&'m str> {
    let assignment = member.named_child(0);
    let assignment = assignment.filter(|it| it.kind() == "assignment")?;
    let name = assignment.child_by_field_name("left")?;
    let text = module.source(name);
    let own = ["__", "pytest", "maxDiff", "longMessage", "failureException"];
    let is_own = own.iter().any(|it| text.starts_with(it));
    (name.kind() == "identifier" && !is_own).then_some(text)
}

/// The undecorated definitions of the outermost level.
fn definitions<'t>(module: &'t Module, kind: &str) -> Vec<Node<'t>> {
    let mut found = module.statements();
    found.retain(|it| it.kind() == kind && *it == undecorated(*it));
    found
}

fn is_idle(module: &Module, class: Node<'_>) -> bool {
    let bases = class
        .child_by_field_name("superclasses")
        .map(named_children);
    let is_plain = bases.is_none_or(|it| it.iter().all(|it| module.source(*it) == "object"));
    is_plain && body(class).iter().all(|it| it.kind() == "pass_statement")
}

/// Where the name of a definition stands, but for the definition's own.
fn mentions<'t>(module: &'t Module, definition: Node<'_>) -> Vec<Node<'t>> {
    named(module, module.field(definition, "name"), span(definition)).collect()
}

/// Where a name stands outside of some bytes.
fn named<'t>(module: &'t Module, name: &str, own: Span) -> impl Iterator<Item = Node<'t>> {
    let mut found = Vec::new();
    walk(module.root(), |node| {
        let is_own = own.start <= node.start_byte() && node.end_byte() <= own.end;
        if node.kind() == "identifier" && !is_own && module.source(node) == name {
            found.push(node);
        }
        true
    });
    found.into_iter()
}

fn is_base(name: Node<'_>) -> bool {
    let list = name.parent();
    let class = list.and_then(|it| it.parent());
    class.is_some_and(|it| {
        it.kind() == "class_definition" && it.child_by_field_name("superclasses") == list
    })
}

/// Whether a string names it: a model names another one so, a test what it replaces.
fn is_in_string(module: &Module, name: &str) -> bool {
    let mut found = false;
    walk(module.root(), |node| {
        found |= node.kind() == "string_content" && module.source(node).contains(name);
        !found
    });
    found
}

fn repeated(text: &str, edits: impl Fn(&Module) -> Option<Vec<Edit>>) -> String {
    let mut text = text.to_owned();
    for _ in 0..ROUNDS {
        let module = Module::generated(&text);
        let Some(edits) = edits(&module).filter(|_| !module.root().has_error()) else {
            break;
        };
        text = applied(&text, edits);
    }
    text
}

/// A definition's rows, and the blank ones behind it.
fn with_blank_rows(module: &Module, node: Node<'_>) -> Span {
    let own = module.rows(span(node));
    let behind = &module.text[own.end..];
    let blank: usize = behind
        .split_inclusive('\n')
        .take_while(|line| line.trim().is_empty())
        .map(str::len)
        .sum();
    Span::new(own.start, own.end + blank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bases_of_which_nothing_is_left_go() {
        assert_eq!(
            without_idle_bases(
                "class A(object):\n    pass\nclass B(A):\n    pass\nclass C:\n    pass\nclass TestX(Case, B):\n    a = C\nclass TestY(A):\n    b = 1\n"
            ),
            "class C:\n    pass\nclass TestX(Case):\n    a = C\nclass TestY:\n    b = 1\n"
        );
        for text in [
            "@register\nclass A:\n    pass\nclass B(A):\n    b = 1\n",
            "class A(Meta):\n    pass\nclass B(A):\n    b = 1\n",
            "class A:\n    pass\nclass B(A):\n    b = A()\n",
        ] {
            assert_eq!(without_idle_bases(text), text);
        }
    }

    #[test]
    fn attributes_of_tests_that_nothing_mentions_go() {
        let text = "class TestX(TestCase):\n    maxDiff = None\n    url = get(\"URL\")\n    port = 1\n\n    def test_x(self):\n        connect(self.port)\n\n\nclass Model:\n    url = 1\n";
        let less = text.replace("    url = get(\"URL\")\n", "");
        assert_eq!(
            without_unmentioned(&format!("Model()\n{text}")),
            format!("Model()\n{text}")
        );
        let text = text.replace("    url = 1", "    uri = 1");
        let less = less.replace("    url = 1", "    uri = 1");
        assert_eq!(
            without_unmentioned(&format!("Model()\n{text}")),
            format!("Model()\n{less}")
        );
    }

    #[test]
    fn definitions_that_nothing_mentions_go() {
        assert_eq!(
            without_unmentioned(
                "class A:\n    pass\n\nclass B(A):\n    pass\n\ndef f():\n    f()\n\n@hook\ndef g():\n    pass\n\ndef setUpModule():\n    pass\n\nclass TestX:\n    def test_x(self):\n        relate(\"Student\")\n\nclass Student:\n    pass\n"
            ),
            "@hook\ndef g():\n    pass\n\ndef setUpModule():\n    pass\n\nclass TestX:\n    def test_x(self):\n        relate(\"Student\")\n\nclass Student:\n    pass\n"
        );
    }
}
