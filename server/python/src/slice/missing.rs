//! A fixture that does not exist: the way to its request is all that fails, no body of a test or fixture runs.

use std::collections::{BTreeMap, VecDeque};

use tree_sitter::Node;

use super::fixtures::used_by_mark;
use super::{Builder, indented, write};
use crate::model::{CriterionPhase, ItemKind, Level};
use crate::source::in_name;

impl<'s> Builder<'_, 's, '_> {
    /// The test, and before it the fixtures on the way to the missing one, by their signatures alone; `None` where the source does
    /// not show who requests it.
    pub(super) fn missing_fixture(
        &mut self,
        function: Node<'s>,
        arguments: &[(String, String)],
    ) -> Option<String> {
        if self.level >= Level::Body || self.criterion.phase != CriterionPhase::Setup {
            return None;
        }
        let (_, rest) = self
            .criterion
            .message
            .as_deref()?
            .trim()
            .split_once("fixture '")?;
        let (missing, rest) = rest.split_once('\'')?;
        if !rest.trim_start().starts_with("not found")
            || missing.is_empty()
            || !missing.chars().all(in_name)
        {
            return None;
        }
        let way = self.way_to(missing, arguments)?;
        self.bring.import("import pytest".to_owned());
        let mut parts = Vec::new();
        for pair in way.windows(2).rev() {
            let [name, request] = pair else { continue };
            let mark = if request == missing { write::MARK } else { "" };
            parts.push(format!(
                "@pytest.fixture\ndef {name}({request}):{mark}\n    pass"
            ));
        }
        let mark = if way.len() == 1 { write::MARK } else { "" };
        let is_async = self.module.source(function).starts_with("async");
        let mut lines = Vec::new();
        if is_async {
            // A plugin's mark makes it another kind of item.
            lines = self.decorators(function);
        }
        let keyword = if is_async { "async def" } else { "def" };
        let name = &self.criterion.name;
        // A method of a test case is another kind of item too; it requests fixtures by marks alone.
        let case = (self.test.classes.last()).filter(|_| self.test.kind == ItemKind::TestCase);
        if case.is_some() {
            lines.push(format!("@pytest.mark.usefixtures(\"{}\")", way[0]));
        }
        let request = if case.is_some() { "self" } else { &way[0] };
        lines.push(format!("{keyword} {name}({request}):{mark}\n    pass"));
        let mut test = lines.join("\n");
        if let Some(case) = case {
            self.bring.import("import unittest".to_owned());
            let lines: Vec<String> = test.lines().map(str::to_owned).collect();
            test = format!("class {case}(unittest.TestCase):\n{}", indented(&lines));
        }
        self.bring.needs_of(self.module, &test, &Default::default());
        self.requested.push(way[0].clone());
        parts.push(test);
        Some(parts.join("\n\n\n"))
    }

    /// The names from one that the test requests to a missing one, by the shortest way.
    fn way_to(&self, missing: &str, arguments: &[(String, String)]) -> Option<Vec<String>> {
        let direct = |name: &str| {
            let mut params = self.test.params.iter();
            params.any(|param| param.name == name && !param.indirect)
        };
        let autouse = self.test.fixtures.iter().filter(|fixture| fixture.autouse);
        let first: Vec<String> = arguments
            .iter()
            .map(|(name, _)| name.clone())
            .filter(|name| !direct(name))
            .chain(self.test.marks.iter().flat_map(used_by_mark))
            .chain(autouse.map(|fixture| fixture.name.clone()))
            .collect();
        let mut from: BTreeMap<String, Option<String>> = BTreeMap::new();
        let mut queue = VecDeque::new();
        for name in first {
            queue.push_back((name, None));
        }
        while let Some((name, by)) = queue.pop_front() {
            if from.contains_key(&name) {
                continue;
            }
            from.insert(name.clone(), by);
            if name == missing {
                let mut way = vec![name];
                while let Some(Some(by)) = from.get(&way[way.len() - 1]) {
                    way.push(by.clone());
                }
                way.reverse();
                return Some(way);
            }
            let found = self.test.fixtures.iter().filter(|it| it.name == name);
            for request in found.flat_map(|fixture| &fixture.requests) {
                queue.push_back((request.clone(), Some(name.clone())));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use text::fixture::Fixture;

    use super::super::tests::check_with;
    use crate::model::{Criterion, CriterionPhase, Level};

    fn missing(id: &str, message: &str, fixture: &str, expected: expect_test::Expect) {
        let criterion = Criterion {
            exception: Some("FixtureLookupError".to_owned()),
            message: Some(message.to_owned()),
            ..Criterion::default()
        };
        check_with(
            id,
            CriterionPhase::Setup,
            Level::Conservative,
            &Fixture::parse(fixture),
            criterion,
            None,
            expected,
        );
    }

    #[test]
    fn the_way_to_a_missing_fixture_needs_no_bodies() {
        missing(
            "tests/test_a.py::TestParser::test_get",
            "fixture 'loop' not found",
            r#"
//- webargs/testing.py
import pytest

class CommonTestCase:
    @pytest.fixture
    def testapp(self):
        return self.create_app()
    def test_get(self, testapp):
        assert testapp.get() == 1
//- tests/test_a.py
import pytest
from webargs.testing import CommonTestCase
from app import make

class TestParser(CommonTestCase):
    @pytest.fixture
    <|>def testapp(self, loop):
        return make(loop)
"#,
            expect![[r#"
                import pytest


                @pytest.fixture
                def testapp(loop): #!
                    pass


                def test_one(testapp):
                    pass
            "#]],
        );
    }

    #[test]
    fn a_test_that_requests_a_missing_fixture_itself() {
        missing(
            "tests/test_a.py::test_get",
            "fixture 'mocker' not found",
            r#"
//- tests/test_a.py
import pytest
from app import make

@pytest.fixture
def app():
    return make()

<|>def test_get(app, mocker):
    assert app.get() == 1
"#,
            expect![[r#"
                def test_one(mocker): #!
                    pass
            "#]],
        );
    }

    #[test]
    fn a_coroutine_stays_one() {
        missing(
            "tests/test_a.py::TestA::test_get",
            "fixture 'server' not found",
            r#"
//- tests/test_a.py
import pytest

class TestA:
    @pytest.mark.asyncio
    <|>async def test_get(self, server):
        await server.get()
"#,
            expect![[r#"
                import pytest


                @pytest.mark.asyncio
                async def test_one(server): #!
                    pass
            "#]],
        );
    }

    #[test]
    fn a_test_case_stays_one() {
        missing(
            "tests/test_a.py::TestA::test_get",
            "fixture 'home' not found",
            r#"
//- tests/test_a.py
import pytest
import unittest

@pytest.mark.usefixtures("home")
class TestA(unittest.TestCase):
    <|>def test_get(self):
        self.fail()
"#,
            expect![[r#"
                import unittest

                import pytest


                class TestA(unittest.TestCase):
                    @pytest.mark.usefixtures("home")
                    def test_one(self): #!
                        pass
            "#]],
        );
    }
}
