//! Tests that another test calls: they stay as helpers, under a name that pytest does not collect.

use std::collections::BTreeMap;

use crate::source::{Module, mentions, undecorated, walk};

/// Whether a text calls a method or function of that name.
pub(super) fn calls(text: &str, name: &str) -> bool {
    mentions(text, name).any(|at| {
        let defines = text[..at].trim_end_matches(' ').ends_with("def");
        text[at + name.len()..].starts_with('(') && !defines
    })
}

/// Gives the tests of a slice that are not `test`, but called, other names.
pub(super) fn as_helpers(code: &str, test: &str) -> String {
    let module = Module::generated(code);
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    walk(module.root(), |node| {
        let node = undecorated(node);
        if node.kind() != "function_definition" {
            return true;
        }
        let name = module.field(node, "name");
        if name.starts_with("test") && name != test && calls(code, name) {
            let mut other = format!("_{}", name["test".len()..].trim_start_matches('_'));
            while other == "_" || mentions(code, &other).next().is_some() {
                other.push_str(if other == "_" { "called" } else { "_called" });
            }
            names.insert(name.to_owned(), other);
        }
        // pytest looks for tests in modules and classes only.
        false
    });
    if names.is_empty() {
        return code.to_owned();
    }
    let mut text = String::with_capacity(code.len());
    let mut written = 0;
    walk(module.root(), |node| {
        if node.kind() == "identifier"
            && let Some(other) = names.get(module.source(node))
        {
            text.push_str(&code[written..node.start_byte()]);
            text.push_str(other);
            written = node.end_byte();
        }
        true
    });
    text.push_str(&code[written..]);
    text
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::as_helpers;

    #[test]
    fn called_tests_get_names_that_are_free() {
        let code = "\
class Base:
    def test_a(self):
        def test_inner(): pass
        test_inner()

def test(): pass
def _a(): pass
def test_alone(): pass

class TestB(Base):
    def test_one(self):
        super().test_a()
        test()
";
        expect![[r#"
            class Base:
                def _a_called(self):
                    def test_inner(): pass
                    test_inner()

            def _called(): pass
            def _a(): pass
            def test_alone(): pass

            class TestB(Base):
                def test_one(self):
                    super()._a_called()
                    _called()
        "#]]
        .assert_eq(&as_helpers(code, "test_one"));
    }
}
