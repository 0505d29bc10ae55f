//! What a file uses by a full name: of a test module, which comes along under its own name (`import pkg.tests.support`), or of
//! itself, by a text that is put together with `__name__` or that names the file's module.

use std::collections::BTreeSet;

use super::Bring;
use crate::edits::applied;
use crate::project::Resolved;
use crate::scope::BindingKind;
use crate::slice::tree::Kind;
use crate::slice::write::MARK;
use crate::source::{Module, in_name, span, walk};

impl<'s> Bring<'s, '_> {
    /// Brings along what a text that stood in `module` uses of test modules by their full names.
    pub(super) fn dotted(&mut self, module: &'s Module, text: &Module) {
        for (path, other) in self.imported_tests(module) {
            let prefix = format!("{path}.");
            if !text.text.contains(&prefix) {
                continue;
            }
            let mut names: BTreeSet<String> = BTreeSet::new();
            walk(text.root(), |node| {
                if node.kind() == "attribute"
                    && let Some(name) = text.source(node).strip_prefix(&prefix)
                    && !name.contains('.')
                {
                    names.insert(name.to_owned());
                }
                true
            });
            for name in names {
                // A name that the file has itself is another thing.
                if self.project.scope(module).get(&name).is_none()
                    && self.project.lookup(other, &name).is_some()
                {
                    self.edge(module, other);
                    self.name(other, &name, &BTreeSet::new());
                    self.by_full_name.insert(format!("{prefix}{name}"), name);
                }
            }
        }
    }

    /// The test modules that a file imports by their full names.
    fn imported_tests(&mut self, module: &'s Module) -> Vec<(String, &'s Module)> {
        let tree = self.tree(module);
        let imports = tree.iter().filter(|it| it.kind == Kind::Import);
        let lists = imports.filter_map(|it| it.span.of(&module.text).strip_prefix("import "));
        let paths = lists.flat_map(|list| list.split(',')).map(str::trim);
        paths
            .filter(|path| path.contains('.') && !path.contains([' ', '#']))
            .filter_map(|path| match self.project.import(&module.path, path, 0) {
                Some(Resolved::Module(other)) if self.is_test_code(&other.path) => {
                    Some((path.to_owned(), other))
                }
                _ => None,
            })
            .collect()
    }

    /// Brings along what the strings of a text name of the module that `__name__` in it stands for.
    pub(super) fn by_module_name(&mut self, module: &'s Module, text: &Module) {
        let mut words: BTreeSet<String> = BTreeSet::new();
        walk(text.root(), |node| {
            if node.kind() == "string_content" {
                let parts = text.source(node).split(|c| !in_name(c));
                words.extend(parts.map(str::to_owned));
            }
            true
        });
        let scope = self.project.scope(module);
        for word in words {
            let is_definition = scope.get(&word).is_some_and(|it| {
                matches!(it.kind, BindingKind::Function(_) | BindingKind::Class(_))
            });
            if is_definition && !word.starts_with("test") {
                self.name(module, &word, &BTreeSet::new());
            }
        }
    }

    /// The blocks with the short names in the place of the full ones; imports that were for those go.
    pub(super) fn with_own_names(&mut self, blocks: &mut [String]) {
        if self.by_full_name.is_empty() {
            return;
        }
        for block in blocks.iter_mut() {
            let module = Module::generated(block);
            let mut edits = Vec::new();
            walk(module.root(), |node| {
                let name = self.by_full_name.get(module.source(node));
                if let Some(name) = name.filter(|_| node.kind() == "attribute") {
                    edits.push((span(node), name.clone()));
                    return false;
                }
                true
            });
            *block = applied(block, edits);
        }
        let full: BTreeSet<&str> = self
            .by_full_name
            .keys()
            .filter_map(|full| Some(full.rsplit_once('.')?.0))
            .collect();
        for path in full {
            if blocks
                .iter()
                .any(|block| block.contains(&format!("{path}.")))
            {
                continue;
            }
            self.imports.remove(&format!("import {path}"));
            // It bound the package, too.
            let root = path.split('.').next().unwrap_or(path);
            let below = format!("import {root}.");
            if !self.imports.iter().any(|line| line.starts_with(&below)) {
                self.imports.insert(format!("import {root}"));
            }
        }
    }

    /// The blocks with `__name__` in the place of the original module's name, where a text names by it what came along:
    /// `"test_a.Thing"`, `patch("tests.test_a.helper")`.
    pub(super) fn with_own_module(&self, blocks: &mut [String]) {
        let mut names: BTreeSet<String> = BTreeSet::new();
        for (path, name) in &self.asked {
            let Some(module) = self.project.module(path) else {
                continue;
            };
            let scope = self.project.scope(module);
            let is_definition = scope.get(name).is_some_and(|it| {
                matches!(it.kind, BindingKind::Function(_) | BindingKind::Class(_))
            });
            if !is_definition || !self.is_test_code(path) {
                continue;
            }
            let dotted = path.trim_end_matches(".py").replace('/', ".");
            let parts = dotted.match_indices('.').map(|(at, _)| at + 1);
            for start in std::iter::once(0).chain(parts) {
                names.insert(format!("{}.{name}", &dotted[start..]));
            }
        }
        for block in blocks.iter_mut() {
            if !names.iter().any(|name| block.contains(name)) {
                continue;
            }
            let module = Module::generated(block);
            let mut edits = Vec::new();
            walk(module.root(), |node| {
                if node.kind() == "string" {
                    let text = module.source(node);
                    // The failing line is its author's.
                    if module.rows(span(node)).of(&module.text).contains(MARK) {
                        return false;
                    }
                    edits.extend(by_own_module(text, &names).map(|it| (span(node), it)));
                    return false;
                }
                true
            });
            if !edits.is_empty() {
                *block = applied(block, edits);
            }
        }
    }
}

/// A string as one that is put together with `__name__`; `None` where it names nothing of these.
fn by_own_module(string: &str, names: &BTreeSet<String>) -> Option<String> {
    let is_plain = string.starts_with(['"', '\'']) && !string.contains('\n');
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    let mut written = String::new();
    let mut found = false;
    for word in string.split_inclusive(|c| !is_part(c)).filter(|_| is_plain) {
        let end = word.find(|c| !is_part(c)).unwrap_or(word.len());
        let (word, after) = word.split_at(end);
        // The longest module name that the word begins with, and a name of it.
        let dots = word.match_indices('.').map(|(at, _)| at);
        let mut ends = dots.chain(std::iter::once(word.len()));
        let named = ends.rfind(|end| names.contains(&word[..*end]));
        let name_of = named.and_then(|end| word[..end].rfind('.'));
        match name_of {
            Some(at) => written.push_str(&format!("{{__name__}}{}", &word[at..])),
            None => written.push_str(word),
        }
        found |= name_of.is_some();
        written.push_str(&after.replace('{', "{{").replace('}', "}}"));
    }
    found.then(|| format!("f{written}"))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::model::{CriterionPhase, Level};
    use crate::slice::tests::check;

    #[test]
    fn what_is_used_of_a_test_module_by_its_full_name_comes_along() {
        check(
            "shop/tests/test_a.py::TestA::test_price",
            CriterionPhase::Call,
            Level::Smallest,
            r#"
//- shop/__init__.py
//- shop/core.py
def price(name):
    return 1
//- shop/tests/__init__.py
//- shop/tests/support.py
class Helper:
    def ask(self, name):
        return self.price(name)
//- shop/tests/test_a.py
import shop.core
import shop.tests.support

class TestA(shop.tests.support.Helper):
    price = staticmethod(shop.core.price)
    def test_price(self):
        <|>assert self.ask("tea") == 3
"#,
            expect![[r#"
                import shop.core


                class Helper:
                    def ask(self, name):
                        return self.price(name)


                class TestA(Helper):
                    price = staticmethod(shop.core.price)

                    def test_one(self):
                        assert self.ask("tea") == 3 #!
            "#]],
        );
    }

    #[test]
    fn what_a_text_names_of_its_own_module_comes_along() {
        check(
            "test_a.py::test_load",
            CriterionPhase::Call,
            Level::Smallest,
            r#"
//- test_a.py
from shop import load

class Plugin:
    pass

class Other:
    pass

def test_load():
    text = "use %s.Plugin" % __name__
    <|>assert load(text) == 3
"#,
            expect![[r#"
                from shop import load


                class Plugin:
                    pass


                def test_one():
                    text = "use %s.Plugin" % __name__  # noqa: UP031
                    assert load(text) == 3 #!
            "#]],
        );
    }

    #[test]
    fn a_text_that_names_the_module_of_what_came_along() {
        check(
            "tests/test_a.py::test_dump",
            CriterionPhase::Call,
            Level::Smallest,
            r#"
//- tests/test_a.py
from product import dump

class Thing:
    pass

def test_dump():
    expected = {"kind": "test_a.Thing", "all": "{tests.test_a.Thing.x}", "other": "test_a.None"}
    <|>assert dump(Thing()) == expected
"#,
            expect![[r#"
                from product import dump


                class Thing:
                    pass


                def test_one():
                    expected = {"kind": f"{__name__}.Thing", "all": f"{{{__name__}.Thing.x}}", "other": "test_a.None"}
                    assert dump(Thing()) == expected #!
            "#]],
        );
    }

    #[test]
    fn the_failing_line_keeps_its_text() {
        check(
            "tests/test_a.py::test_dump",
            CriterionPhase::Call,
            Level::Smallest,
            r#"
//- tests/test_a.py
from product import dump

class Thing:
    pass

def test_dump():
    <|>assert dump(Thing())["kind"] == "test_a.Thing"
"#,
            expect![[r#"
                from product import dump


                class Thing:
                    pass


                def test_one():
                    assert dump(Thing())["kind"] == "test_a.Thing" #!
            "#]],
        );
    }
}
