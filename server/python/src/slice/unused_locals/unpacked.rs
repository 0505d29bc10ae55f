//! Names that a function unpacks and nothing reads, as linters report them (RUF059): they begin with an underscore.

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use super::Reads;
use crate::edits::{Edit, applied};
use crate::slice::facts::target_parts;
use crate::slice::linters;
use crate::slice::write::is_in_marked;
use crate::source::{Module, span, unparenthesized, walk};

/// The text with an underscore before unpacked names that nothing reads. A failing statement stays, as its line is compared: linters
/// are told of it.
pub(super) fn with_underscores(text: &str) -> String {
    let module = Module::generated(text);
    if module.root().has_error() {
        return text.to_owned();
    }
    let mut edits: Vec<Edit> = Vec::new();
    let mut told = BTreeMap::new();
    let mut names: BTreeSet<&str> = BTreeSet::new();
    walk(module.root(), |node| {
        if node.kind() == "function_definition" {
            let (unread, failing) = unread(&module, node);
            for name in failing {
                let row = name.start_position().row;
                told.insert(row, vec!["RUF059"]);
            }
            for name in unread {
                let other = format!("_{}", module.source(name).trim_end_matches('_'));
                edits.push((span(name), other));
            }
        } else if node.kind() == "identifier" {
            names.insert(module.source(node));
        }
        true
    });
    edits.retain(|(_, other)| !names.contains(other.as_str()));
    edits.extend(linters::tell(&module, told));
    applied(text, edits)
}

/// The unpacked names of a function that nothing in it reads, and those of them that are on the failing line.
fn unread<'t>(module: &Module, function: Node<'t>) -> (Vec<Node<'t>>, Vec<Node<'t>>) {
    let Some(body) = function.child_by_field_name("body") else {
        return (Vec::new(), Vec::new());
    };
    let mut sites: BTreeMap<usize, Node<'t>> = BTreeMap::new();
    let mut kept: BTreeSet<&str> = BTreeSet::new();
    walk(body, |node| {
        if matches!(
            node.kind(),
            "function_definition" | "class_definition" | "lambda"
        ) {
            return false;
        }
        for name in unpacked(node) {
            sites.insert(name.start_byte(), name);
            // One of the names on the failing line, too: it is one name.
            if is_in_marked(module, name) {
                kept.insert(module.source(name));
            }
        }
        true
    });
    let reads = Reads::of(module, function, |node| {
        sites.contains_key(&node.start_byte())
    });
    sites
        .into_values()
        .filter(|name| {
            let source = module.source(*name);
            !reads.reads(source) && !reads.is_told(source) && !source.starts_with('_')
        })
        .partition(|name| !kept.contains(module.source(*name)))
}

/// The names in the patterns that a node assigns to: `a, (b, *c) = x`, `with x as (a, b)`.
fn unpacked(node: Node<'_>) -> Vec<Node<'_>> {
    let target = match node.kind() {
        "assignment" => node.child_by_field_name("left"),
        "as_pattern" if node.parent().is_some_and(|it| it.kind() == "with_item") => node
            .child_by_field_name("alias")
            .and_then(|alias| alias.named_child(0)),
        _ => None,
    };
    let pattern = target.filter(|it| unparenthesized(*it).kind() != "identifier");
    let mut names = pattern.map(target_parts).unwrap_or_default();
    names.retain(|it| it.kind() == "identifier");
    names
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::with_underscores;
    use crate::slice::write::MARK;

    #[test]
    fn names_that_are_unpacked_for_others() {
        let text = format!(
            "\
def test_one(thing):
    a, b = thing
    [c, (d, *e)] = a
    with thing as (f, g):
        run(g, 'the key h')
    for i, j in thing:
        pass
    _k, k = h, self.m = l_, o = thing

    def inner():
        nonlocal o
        return c, locals_of(thing)

    p, q = thing{MARK}
    p, r = thing


def other(thing):
    a, b = thing
    return locals()
"
        );
        expect![[r#"
            def test_one(thing):
                a, _b = thing
                [c, (_d, *_e)] = a
                with thing as (_f, g):
                    run(g, 'the key h')
                for i, j in thing:
                    pass
                _k, k = h, self.m = _l, o = thing

                def inner():
                    nonlocal o
                    return c, locals_of(thing)

                p, q = thing  # noqa: RUF059 #!
                p, _r = thing  # noqa: RUF059


            def other(thing):
                a, b = thing
                return locals()
        "#]]
        .assert_eq(&with_underscores(&text).replace(MARK, " #!"));
    }
}
