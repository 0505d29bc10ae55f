//! Setup functions of the test's module, which the runner calls by their names: `setup_module`, `setup_function`, `setUpModule`.

use super::builder::Builder;
use super::effects;
use super::facts::Names;
use super::tree::{Kind, Statement};
use crate::model::Level;
use crate::source::{Module, named_children, walk};

/// One may set what another one reads.
const ROUNDS: usize = 2;

impl<'s> Builder<'_, 's, '_> {
    /// Brings along those that the failure goes through, and those that change what the slice reads.
    pub(super) fn bring_setups(&mut self) {
        let of_module = self.test.setups.iter();
        let of_module: Vec<_> = of_module
            .filter(|setup| setup.class.is_none() && !setup.is_teardown)
            .collect();
        for _ in 0..ROUNDS {
            for setup in &of_module {
                let Some(module) = self.project.module(&setup.path) else {
                    continue;
                };
                let tree = self.bring.tree(module);
                let function = tree.iter().find(|it| it.span.start == setup.span.start);
                let function = function.filter(|it| it.kind == Kind::Function);
                if let Some(function) = function.filter(|it| self.needs_setup(module, it)) {
                    self.bring.statement(module, function);
                }
            }
        }
    }

    fn needs_setup(&self, module: &'s Module, function: &Statement) -> bool {
        let fails_in_it = self.bring.row_in(module, function).is_some();
        let changed = || changed(module, function, &self.bring.fixed(module));
        self.bring.shape > Level::Smallest
            || fails_in_it
            || changed()
                .iter()
                .any(|name| self.bring.is_asked(module, name))
    }
}

/// The names of the module that a function may give another value, but those in `fixed` only where it assigns to them.
fn changed(module: &Module, function: &Statement, fixed: &Names) -> Names {
    let mut names = function.facts().stores.clone();
    let mut blocks = vec![function];
    while let Some(statement) = blocks.pop() {
        names.extend(statement.facts().outer.iter().cloned());
        let calls = statement.facts().calls.iter();
        for call in calls.filter(|it| !effects::is_pure(&it.method)) {
            let arguments = call.arguments.iter().filter(|_| call.root.is_none());
            let touched = call.root.iter().chain(arguments);
            names.extend(touched.filter(|it| !fixed.contains(*it)).cloned());
        }
        let clauses = statement.clauses().iter();
        blocks.extend(clauses.flat_map(|clause| &clause.body));
    }
    names.extend(set_on_module(module, function));
    names
}

/// The attributes of the module that pytest hands to `def setup_module(module)`.
fn set_on_module(module: &Module, function: &Statement) -> Names {
    let mut names = Names::new();
    let mut given = "";
    walk(module.root(), |node| {
        if node.end_byte() <= function.span.start || function.span.end <= node.start_byte() {
            return false;
        }
        match node.kind() {
            "parameters" if given.is_empty() => {
                let first = named_children(node).first().copied();
                given = first.map_or("", |it| module.source(it));
            }
            "attribute" if !given.is_empty() && module.field(node, "object") == given => {
                names.insert(module.field(node, "attribute").to_owned());
            }
            _ => {}
        }
        true
    });
    names
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::tests::check;
    use crate::model::{CriterionPhase, Level};

    const FILE: &str = r#"
//- tests/test_a.py
import os
from shop import Shop, clear

TILL = []

def setup_module(module):
    module.shop = Shop()
    global prices
    prices = {"a": 1}

def setup_function():
    clear()
    TILL.append(prices)

def teardown_module(module):
    module.shop.close()

def test_price():
    <|>assert shop.price("a") == 2

def test_prices():
    <|>assert prices == 2

def test_till():
    <|>assert TILL == 2

def test_clear():
    <|>assert clear(1) == 2
"#;

    #[track_caller]
    fn check_test(id: &str, expected: expect_test::Expect) {
        let only = |line: &str| match line.strip_prefix("    <|>") {
            Some(rest) => format!("    {rest}"),
            None => line.to_owned(),
        };
        let mut lines: Vec<String> = Vec::new();
        let mut is_it = false;
        for line in FILE.lines() {
            if line.starts_with("def ") {
                is_it = line.starts_with(&format!("def {id}("));
            }
            lines.push(if is_it { line.to_owned() } else { only(line) });
        }
        check(
            &format!("tests/test_a.py::{id}"),
            CriterionPhase::Call,
            Level::Smallest,
            &lines.join("\n"),
            expected,
        );
    }

    #[test]
    fn a_setup_that_sets_what_the_test_reads_comes_along() {
        check_test(
            "test_price",
            expect![[r#"
                from shop import Shop


                def setup_module(module):
                    module.shop = Shop()
                    global prices
                    prices = {"a": 1}


                def test_one():
                    assert shop.price("a") == 2 #!
            "#]],
        );
        check_test(
            "test_prices",
            expect![[r#"
                from shop import Shop


                def setup_module(module):
                    module.shop = Shop()
                    global prices
                    prices = {"a": 1}


                def test_one():
                    assert prices == 2 #!
            "#]],
        );
        check_test(
            "test_till",
            expect![[r#"
            from shop import Shop, clear

            TILL = []


            def setup_module(module):
                module.shop = Shop()
                global prices
                prices = {"a": 1}


            def setup_function():
                clear()
                TILL.append(prices)


            def test_one():
                assert TILL == 2 #!
        "#]],
        );
    }

    #[test]
    fn one_that_sets_nothing_of_it_does_not() {
        check_test(
            "test_clear",
            expect![[r#"
            from shop import clear


            def test_one():
                assert clear(1) == 2 #!
        "#]],
        );
    }

    #[test]
    fn one_that_fails_is_cut_at_the_line() {
        check(
            "tests/test_a.py::TestShop::test_price",
            CriterionPhase::Setup,
            Level::Smallest,
            r#"
//- tests/test_a.py
import unittest
from shop import Shop

def setUpModule():
    name = "a"
    <|>Shop(name)
    Shop("b")

class TestShop(unittest.TestCase):
    def test_price(self):
        assert Shop().price("a") == 2
"#,
            expect![[r#"
                from shop import Shop


                def setUpModule():
                    name = "a"
                    Shop(name) #!


                def test_one():
                    pass
            "#]],
        );
    }
}
