//! The decorators and marks that the sliced test keeps.

use tree_sitter::Node;

use super::builder::Builder;
use super::facts::Names;
use crate::marks;
use crate::model::{CriterionPhase, Level};
use crate::params::value::Code;
use crate::project::Resolved;
use crate::scope::BindingKind;
use crate::source::{Module, decorated, decorators, span};

/// Decorators that choose whether or how often a test runs: the repro runs it once.
const DROPPED: [&str; 10] = [
    "parametrize",
    "skipif",
    "skip",
    "xfail",
    "flaky",
    "given",
    "settings",
    "example",
    "expand",
    "usefixtures",
];

impl<'s> Builder<'_, 's, '_> {
    /// Whether a decorator or mark is one that the repro goes without.
    fn drops(&self, decorator: &str) -> bool {
        let last = decorator
            .trim_start_matches('@')
            .trim()
            .rsplit('.')
            .next()
            .unwrap_or_default();
        DROPPED.contains(&last) && !(self.criterion.passed && last == "xfail")
    }

    /// Whether a decorator may skip the test: in CI it did not. What only its definition tells, is found out by running the repro.
    pub(super) fn only_skips(&self, decorator: &str) -> bool {
        let name = decorator.trim_start_matches('@').trim();
        if self.level >= Level::Body || name.starts_with("pytest.mark.") {
            return false;
        }
        let last = name.rsplit('.').next().unwrap_or_default();
        if last.starts_with("skip") {
            return true;
        }
        let Some(Resolved::Definition(found)) = self.project.lookup(self.module, name) else {
            return false;
        };
        let BindingKind::Function(function) = found.binding.kind else {
            return false;
        };
        let text = found.module.source(function);
        self.level == Level::Smallest
            && self.bring.is_test_code(&found.module.path)
            && (text.contains("skip") || text.contains("Skip"))
    }

    /// A decorator's expression, its rows as far in as they are behind its first one.
    fn written(&self, decorator: Node<'s>) -> String {
        let mut writer = self.bring.writer(self.module);
        writer.mark(None);
        writer.path(&[]);
        let own = span(decorator);
        let at = decorated(decorator.parent().unwrap_or(decorator)).start_byte();
        let mut lines = Vec::new();
        writer.span(own.start, own.end, at, 0, &mut lines);
        lines.join("\n")
    }

    /// Whether a decorator is a name of marks that are written elsewhere: they are among the test's own.
    pub(super) fn stands_for_marks(&self, module: &'s Module, decorator: Node<'s>) -> bool {
        let mut found = Vec::new();
        let node = decorator;
        marks::add(self.project, Code { module, node }, None, &mut found);
        let own = span(decorator);
        let is_here = |code: &Code<'_>| {
            let at = span(code.node);
            code.module.path == module.path && own.start <= at.start && at.end <= own.end
        };
        !found.is_empty() && !found.iter().any(|mark| is_here(&mark.code))
    }

    /// The decorators that stay, and the marks that stand elsewhere.
    pub(super) fn decorators(&mut self, function: Node<'s>) -> Vec<String> {
        let outer = decorated(function);
        let mut lines = Vec::new();
        for decorator in decorators(function) {
            let name = self.module.source(decorator);
            let name = name.split('(').next().unwrap_or_default();
            let draws = ["given", "settings", "example", "seed"]
                .iter()
                .any(|word| name.rsplit('.').next() == Some(word));
            let keep = if draws {
                // Where a fixture fails the test is never called.
                !self.has_example && self.criterion.phase != CriterionPhase::Setup
            } else {
                !self.drops(name)
                    && !self.only_skips(name)
                    && !self.stands_for_marks(self.module, decorator)
            };
            if keep {
                lines.push(format!("@{}", self.written(decorator)));
            }
        }
        let own = text::Span::new(outer.start_byte(), outer.end_byte());
        for mark in &self.test.marks {
            let inside = mark.path == self.module.path
                && own.start <= mark.span.start
                && mark.span.end <= own.end;
            let idle = mark.name == "filterwarnings"
                && self.level == Level::Smallest
                && !self.about_warnings();
            if !inside && !idle && !self.drops(&mark.name) {
                let arguments = mark.arguments.trim();
                let arguments = if arguments.is_empty() || arguments.starts_with('(') {
                    arguments.to_owned()
                } else {
                    format!("({arguments})")
                };
                lines.push(format!("@pytest.mark.{}{arguments}", mark.name));
                self.bring.import("import pytest".to_owned());
                let elsewhere = Some(&mark.path).filter(|path| **path != self.module.path);
                if let Some(module) = elsewhere.and_then(|path| self.project.module(path)) {
                    self.bring.needs_of(module, &arguments, &Names::new());
                }
            }
        }
        if let Some(filter) = self.filter_of_module() {
            lines.push(filter);
            self.bring.import("import pytest".to_owned());
        }
        // The failing set's value goes to the fixture that takes it, as long as the test comes to that fixture.
        for param in self.test.params.iter().filter(|param| param.indirect) {
            let goes = !self.holds_value(&param.name) && self.comes_to(&param.name);
            if let (Some(value), true) = (&param.value, goes) {
                lines.push(format!(
                    "@pytest.mark.parametrize(\"{}\", [{value}], indirect=True)",
                    param.name
                ));
                self.bring.import("import pytest".to_owned());
                if let Some(module) = self.project.module(&param.path) {
                    self.bring.needs_of(module, value, &Names::new());
                }
            }
        }
        if !self.usefixtures.is_empty() {
            let names: Vec<String> = self
                .usefixtures
                .iter()
                .map(|name| format!("\"{name}\""))
                .collect();
            lines.push(format!("@pytest.mark.usefixtures({})", names.join(", ")));
            self.bring.import("import pytest".to_owned());
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use text::fixture::Fixture;

    use super::super::tests::{check, check_with};
    use crate::model::{Criterion, CriterionPhase, Level};

    #[test]
    fn a_name_of_a_mark_is_that_mark() {
        check(
            "tests/test_a.py::test_render",
            CriterionPhase::Call,
            Level::Conservative,
            r#"
//- tests/conftest.py
import pytest
from product import find

def pytest_configure(config):
    pytest.exe = pytest.mark.skipif(config.getoption("--no-exe"), reason="no")
    pytest.locked = pytest.mark.usefixtures("lock")
    pytest.of = pytest.mark.of(find("exe"))
//- tests/test_a.py
import pytest
from product import render

slow = pytest.mark.slow

@pytest.exe
@pytest.of
@slow
def test_render():
    <|>assert render() == 1
"#,
            expect![[r#"
                import pytest
                from product import find, render

                slow = pytest.mark.slow


                @slow
                @pytest.mark.of(find("exe"))
                def test_one():
                    assert render() == 1 #!
            "#]],
        );
    }

    /// Where a test passes that is expected to fail, the mark fails it.
    #[test]
    fn the_mark_that_a_passing_test_fails_by_stays() {
        let fixture = Fixture::parse(
            r#"
//- tests/test_a.py
import pytest
from product import LIMIT, render

pytestmark = pytest.mark.slow

@pytest.mark.skipif(LIMIT > 3, reason="slow")
@pytest.mark.xfail(LIMIT > 2, strict=True, reason="not there yet")
def test_render():
    size = render()
    assert size == 1
"#,
        );
        let criterion = Criterion {
            passed: true,
            ..Criterion::default()
        };
        check_with(
            "tests/test_a.py::test_render",
            CriterionPhase::Call,
            Level::Smallest,
            &fixture,
            criterion,
            None,
            expect![[r#"
                import pytest
                from product import LIMIT, render


                @pytest.mark.xfail(LIMIT > 2, strict=True, reason="not there yet")
                @pytest.mark.slow
                def test_one():
                    size = render()
                    assert size == 1
            "#]],
        );
    }

    #[test]
    fn a_decorator_on_several_rows_keeps_its_layout() {
        check(
            "tests/test_a.py::TestSort::test_sort",
            CriterionPhase::Call,
            Level::Conservative,
            r#"
//- tests/test_a.py
from hypothesis import given
from hypothesis.strategies import text
from product import sort

class TestSort:
    @given(
        text(
            min_size=1,
        ),
    )  # no empty ones
    def test_sort(self, word):  # any
        <|>assert sort(word) == word
"#,
            expect![[r#"
                from hypothesis import given
                from hypothesis.strategies import text
                from product import sort


                @given(
                    text(
                        min_size=1,
                    ),
                )  # no empty ones
                def test_one(word):
                    assert sort(word) == word #!
            "#]],
        );
    }

    #[test]
    fn a_class_is_decorated_by_no_name_of_a_mark() {
        check(
            "tests/test_a.py::TestRender::test_render",
            CriterionPhase::Call,
            Level::Conservative,
            r#"
//- tests/test_a.py
import unittest
import pytest
from product import render

needs_exe = pytest.mark.skipif(not render, reason="no")

@needs_exe
class TestRender(unittest.TestCase):
    def test_render(self):
        <|>self.assertEqual(render(), 1)
"#,
            expect![[r#"
                import unittest

                from product import render


                class TestRender(unittest.TestCase):
                    def test_one(self):
                        self.assertEqual(render(), 1) #!
            "#]],
        );
    }

    #[test]
    fn nothing_is_drawn_for_a_test_whose_fixture_fails() {
        check(
            "tests/test_a.py::test_sort",
            CriterionPhase::Setup,
            Level::Conservative,
            r#"
//- tests/test_a.py
import pytest
from hypothesis import example, given, settings
from hypothesis.strategies import text
from product import load, sort

@pytest.fixture
def locale():
    <|>return load("en")

@given(x=text())
@example(x="a")
@settings(deadline=None)
def test_sort(x, locale):
    assert sort(x, locale) == x
"#,
            expect![[r#"
                import pytest
                from product import load


                @pytest.fixture
                def locale():
                    return load("en") #!


                def test_one(locale):
                    pass
            "#]],
        );
    }
}
