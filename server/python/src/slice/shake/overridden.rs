//! Members of a base that nobody reaches: the one class that is made of it has its own.

use std::collections::BTreeSet;

use tree_sitter::Node;

use super::assignment;
use crate::source::{Module, named_children, undecorated, walk};

/// Class and member.
pub(super) type Overridden = BTreeSet<(String, String)>;

/// The members that the classes of a module override in their bases beside them, without a look at what they override.
pub(super) fn overridden(module: &Module) -> Overridden {
    let statements = module.statements().into_iter().map(undecorated);
    let classes: Vec<Node<'_>> = statements
        .filter(|it| it.kind() == "class_definition")
        .collect();
    let mut found = Overridden::new();
    for class in &classes {
        let mut members = members(module, *class);
        let mut class = *class;
        // Each class is above one other at most, so that this comes to an end.
        for _ in 0..classes.len() {
            let source = module.source(class);
            members.retain(|member| !looks_up(source, member));
            let above = classes
                .iter()
                .find(|it| is_only_base(module, module.field(**it, "name"), class));
            let Some(base) = above else {
                break;
            };
            let name = module.field(*base, "name");
            let known = members.iter().map(|it| (name.to_owned(), it.clone()));
            found.extend(known);
            class = *base;
        }
    }
    found
}

fn members(module: &Module, class: Node<'_>) -> BTreeSet<String> {
    let body = class.child_by_field_name("body");
    let statements = body.map(named_children).unwrap_or_default();
    let names = statements.into_iter().filter_map(|statement| {
        let member = undecorated(statement);
        match member.kind() {
            // A property of more than one function is one member.
            "function_definition" if member == statement => {
                Some(module.field(member, "name").to_owned())
            }
            "function_definition" => {
                let decorators = module.text[statement.start_byte()..member.start_byte()].trim();
                (!decorators.contains(".setter") && !decorators.contains("fixture"))
                    .then(|| module.field(member, "name").to_owned())
            }
            "expression_statement" => assignment(module, member).map(|(name, _)| name),
            _ => None,
        }
    });
    names
        .filter(|name| !(name.starts_with("__") && name.ends_with("__")))
        .collect()
}

/// Whether a class mentions a member of a class above it.
fn looks_up(source: &str, member: &str) -> bool {
    source.contains("super") && source.contains(&format!(").{member}"))
}

/// Whether a class is a base of another one, and nothing else of the module names it, itself apart.
fn is_only_base(module: &Module, name: &str, class: Node<'_>) -> bool {
    let bases = class.child_by_field_name("superclasses");
    let mut bases = bases.map(named_children).unwrap_or_default().into_iter();
    if !bases.any(|it| it.kind() == "identifier" && module.source(it) == name) {
        return false;
    }
    let mut is_used = false;
    walk(module.root(), |node| {
        if node.kind() == "identifier"
            && module.source(node) == name
            && let Some(parent) = node.parent()
        {
            let above = parent.parent();
            match parent.kind() {
                "class_definition" => {}
                "argument_list" if above == Some(class) => {}
                "argument_list"
                    if above.is_some_and(|it| module.field(it, "function") == "super") => {}
                _ => is_used = true,
            }
        }
        !is_used
    });
    !is_used
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::model::{CriterionPhase, Level};
    use crate::slice::tests::check;

    #[test]
    fn what_a_class_overrides_goes_from_its_base() {
        check(
            "tests/test_a.py::TestSafe::test_get",
            CriterionPhase::Call,
            Level::Conservative,
            r#"
//- tests/test_a.py
from unittest import TestCase
from shop import Server, Shop

class TestPlain(TestCase):
    server = Server()
    limit = 3

    def setUp(self):
        self.url = "http://" + self.server.name

    def get(self):
        return Shop(self.url).get(self.limit)

    def test_get(self):
        assert self.get()

class TestSafe(TestPlain):
    server = Server(safe=True)
    limit = 4

    def setUp(self):
        self.url = "https://" + self.server.name

    def get(self):
        return super().get() + self.limit

    def test_get(self):
        <|>assert self.get() == 5
"#,
            expect![[r#"
                from unittest import TestCase

                from shop import Server, Shop


                class TestPlain(TestCase):
                    def get(self):
                        return Shop(self.url).get(self.limit)


                class TestSafe(TestPlain):
                    server = Server(safe=True)
                    limit = 4

                    def setUp(self):
                        self.url = "https://" + self.server.name

                    def get(self):
                        return super().get() + self.limit

                    def test_one(self):
                        assert self.get() == 5 #!
            "#]],
        );
    }
}
