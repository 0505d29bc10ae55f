//! Statements that act when a file is imported: those of the test's file, and of the conftests that pytest imports before it.

use std::collections::BTreeSet;

use super::Bring;
use crate::model::Level;
use crate::project::{Resolved, ancestors, join, split};
use crate::scope::BindingKind;
use crate::slice::effects::{self, Weight};
use crate::slice::test_code::is_visible;
use crate::slice::tree::{Kind, Statement};
use crate::source::Module;

impl<'s> Bring<'s, '_> {
    /// Statements of a test file that change the state of the process when it is imported.
    pub(in crate::slice) fn side_effects(&mut self, module: &'s Module) {
        for statement in self.tree(module).iter() {
            let text = statement.span.of(&module.text);
            if changes_process(statement) && !text.contains("register_assert_rewrite") {
                self.statement(module, statement);
            }
        }
    }

    /// What the test's file puts into modules that it imports (`app.COMMAND = [...]`). For the smallest slice, into those that it uses.
    pub(in crate::slice) fn changed_modules(&mut self, module: &'s Module) {
        let tree = self.tree(module);
        let scope = self.project.scope(module);
        let is_imported = |name: &String| {
            let kind = scope.get(name).map(|it| &it.kind);
            let of_tests = match self.project.lookup(module, name) {
                Some(Resolved::Module(other)) => self.is_test_code(&other.path),
                Some(Resolved::Definition(found)) => self.is_test_code(&found.module.path),
                _ => false,
            };
            matches!(kind, Some(BindingKind::Import { .. })) && !of_tests
        };
        let changes = |it: &&Statement<'s>| {
            it.kind == Kind::Simple && it.facts().stores.iter().any(is_imported)
        };
        let mut open: Vec<&Statement<'s>> = tree.iter().filter(changes).collect();
        // What one of them needs may use another module.
        while !open.is_empty() {
            let packages: BTreeSet<String> = self.imports.iter().map(|it| package_of(it)).collect();
            let (matter, rest): (Vec<_>, Vec<_>) = open.iter().partition(|statement| {
                self.level > Level::Smallest
                    || self
                        .packages(module, statement)
                        .any(|it| packages.contains(&it))
            });
            if matter.is_empty() {
                break;
            }
            for statement in matter {
                self.statement(module, statement);
            }
            open = rest;
        }
    }

    /// What the conftests above `test` do when they are imported, where none of them stands above the repro: they set up packages
    /// and the process. For the smallest slice, what they do to packages that it uses.
    pub(in crate::slice) fn conftests(&mut self, test: &str) {
        let packages: BTreeSet<String> = self.imports.iter().map(|it| package_of(it)).collect();
        for folder in ancestors(split(test).0) {
            let path = join(folder, "conftest.py");
            let Some(module) = self.project.module(&path) else {
                continue;
            };
            if is_visible(&path, &self.destination) {
                continue;
            }
            for statement in self.tree(module).iter() {
                let text = statement.span.of(&module.text);
                let is_for_pytest = ["register_assert_rewrite", "collect_ignore"]
                    .iter()
                    .any(|it| text.contains(it));
                if !acts(statement) || is_for_pytest {
                    continue;
                }
                let matters = self.level > Level::Smallest
                    || self
                        .packages(module, statement)
                        .any(|it| packages.contains(&it));
                if matters {
                    let files = self.edges.entry(test.to_owned()).or_default();
                    files.insert(path.clone());
                    self.statement(module, statement);
                }
            }
        }
    }

    /// The packages that a statement names by what its file imports.
    fn packages<'a>(
        &'a self,
        module: &'s Module,
        statement: &'a Statement,
    ) -> impl Iterator<Item = String> + 'a {
        let scope = self.project.scope(module);
        statement.facts().uses.iter().filter_map(move |name| {
            let BindingKind::Import { .. } = scope.get(name)?.kind else {
                return None;
            };
            Some(package_of(module.source(scope.get(name)?.statement)))
        })
    }
}

fn changes_process(statement: &Statement) -> bool {
    match statement.kind {
        Kind::Expression => statement.facts().calls.iter().any(|call| {
            effects::weight(call) == Weight::World
                || matches!(call.path.as_str(), "matplotlib.use" | "mpl.use")
        }),
        Kind::Simple => {
            let stores = &statement.facts().stores;
            stores.contains("os") || stores.contains("sys")
        }
        _ => false,
    }
}

/// Whether a statement of a module's outermost level is there for what it does, not for a name.
fn acts(statement: &Statement) -> bool {
    match statement.kind {
        Kind::Expression => !statement.facts().calls.is_empty(),
        Kind::With => true,
        Kind::Simple => !statement.facts().stores.is_empty(),
        _ => false,
    }
}

/// `a` of `import a.b` and of `from a.b import c`.
fn package_of(import: &str) -> String {
    let dotted = import.split_whitespace().nth(1).unwrap_or_default();
    let end = dotted.find(['.', ',']).unwrap_or(dotted.len());
    dotted[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::model::{CriterionPhase, Level};
    use crate::slice::tests::check;

    const FIXTURE: &str = r#"
//- tests/conftest.py
import logging
import sys
import box
import pytest

collect_ignore = []
collect_ignore.append("data")
logging.basicConfig(level=10)
with box.configure() as config:
    config.folder = "tests/data/"

@pytest.fixture
def other():
    return 1
//- tests/test_a.py
from box.load import load

def test_load():
    <|>assert load("a") == 1
"#;

    #[test]
    fn what_a_conftest_does_to_the_package_under_test() {
        check(
            "tests/test_a.py::test_load",
            CriterionPhase::Call,
            Level::Smallest,
            FIXTURE,
            expect![[r#"
                import box
                from box.load import load

                with box.configure() as config:
                    config.folder = "tests/data/"


                def test_one():
                    assert load("a") == 1 #!
            "#]],
        );
    }

    #[test]
    fn all_that_a_conftest_does() {
        check(
            "tests/test_a.py::test_load",
            CriterionPhase::Call,
            Level::Conservative,
            FIXTURE,
            expect![[r#"
                import logging

                import box
                from box.load import load

                logging.basicConfig(level=10)
                with box.configure() as config:
                    config.folder = "tests/data/"


                def test_one():
                    assert load("a") == 1 #!
            "#]],
        );
    }
}
