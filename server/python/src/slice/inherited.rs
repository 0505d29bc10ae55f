//! Tests that a class inherits: the class of the id stands around them, not the one that holds their function.

use super::Builder;
use super::tree::{Kind, Statement, statements};
use crate::source::Module;

impl<'s> Builder<'_, 's, '_> {
    /// The class that the id names and its file, where the test's function stands in a base of it.
    pub(super) fn inheriting(
        &self,
        owner: Option<&Statement<'_>>,
    ) -> Option<(&'s Module, Statement<'s>)> {
        let owner = owner?;
        let name = self.test.classes.last()?;
        let module = self.project.module(&self.test.path)?;
        if *name == owner.name && std::ptr::eq(module, self.module) {
            return None;
        }
        let failing = self.bring.failing_row(module);
        let tree = statements(module, &module.statements(), failing);
        let mut block: &[Statement<'s>] = &tree;
        let mut found: Option<&Statement<'s>> = None;
        for name in &self.test.classes {
            let class = block
                .iter()
                .rfind(|it| it.kind == Kind::Class && it.name == *name)?;
            block = class.clauses().first().map_or(&[], |clause| &clause.body);
            found = Some(class);
        }
        found.map(|class| (module, class.clone()))
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::tests::check;
    use crate::model::{CriterionPhase, Level};

    #[test]
    fn the_class_of_the_id_stands_around_an_inherited_test() {
        check(
            "tests/test_a.py::TestThree::test_base",
            CriterionPhase::Call,
            Level::Smallest,
            r#"
//- tests/base.py
from shop import price

class BaseSuite:
    start = 0
    def amount(self):
        return self.start
    def test_base(self):
        <|>assert price(self.amount()) == 6
    def test_more(self):
        assert price(self.start) == 0
//- tests/test_a.py
from tests.base import BaseSuite

class TestThree(BaseSuite):
    start = 3
    def test_own(self):
        assert False
"#,
            expect![[r#"
                from shop import price


                class BaseSuite:
                    def amount(self):
                        return self.start


                class TestThree(BaseSuite):
                    start = 3

                    def test_one(self):
                        assert price(self.amount()) == 6 #!
            "#]],
        );
    }

    #[test]
    fn fixtures_of_the_base_see_what_the_class_overrides() {
        check(
            "tests/test_a.py::TestFlask::test_get",
            CriterionPhase::Call,
            Level::Smallest,
            r#"
//- tests/common.py
import pytest

class CommonTestCase:
    def create_app(self):
        raise NotImplementedError
    @pytest.fixture
    def client(self):
        return self.create_app().client()
    def test_get(self, client):
        <|>assert client.get() == 1
//- tests/test_a.py
from app import make
from tests.common import CommonTestCase

class TestFlask(CommonTestCase):
    def create_app(self):
        return make()
"#,
            expect![[r#"
                import pytest
                from app import make


                class CommonTestCase:
                    @pytest.fixture
                    def client(self):
                        return self.create_app().client()


                class TestFlask(CommonTestCase):
                    def create_app(self):
                        return make()

                    def test_one(self, client):
                        assert client.get() == 1 #!
            "#]],
        );
    }

    #[test]
    fn a_decorator_of_the_class_stays() {
        check(
            "tests/test_a.py::Tester::test_date",
            CriterionPhase::Call,
            Level::Smallest,
            r#"
//- tests/test_a.py
import datetime
from freezegun import freeze_time

@freeze_time('2012-01-14')
class Tester:
    def test_date(self):
        <|>assert datetime.date.today() == 1
"#,
            expect![[r#"
                import datetime

                from freezegun import freeze_time


                @freeze_time('2012-01-14')
                class Tester:
                    def test_one(self):
                        assert datetime.date.today() == 1 #!
            "#]],
        );
    }

    #[test]
    fn what_the_class_overrides_wins_over_the_folders_fixture() {
        check(
            "tests/test_a.py::TestCffi::test_create",
            CriterionPhase::Call,
            Level::Body,
            r#"
//- tests/conftest.py
import pytest

@pytest.fixture
def user():
    return "me"

@pytest.fixture
def dsn():
    return "sqlite"
//- tests/test_a.py
import pytest
from db import create

class DatabaseTest:
    def test_create(self, dsn):
        <|>assert create(dsn)

class TestCffi(DatabaseTest):
    @pytest.fixture
    def dsn(self, user):
        return "cffi " + user
"#,
            expect![[r#"
                import pytest
                from db import create


                @pytest.fixture
                def user():
                    return "me"


                class DatabaseTest:
                    pass


                class TestCffi(DatabaseTest):
                    @pytest.fixture
                    def dsn(self, user):
                        return "cffi " + user

                    def test_one(self, dsn):
                        assert create(dsn) #!
            "#]],
        );
    }

    #[test]
    fn a_fixture_that_asks_for_others_by_name_finds_them() {
        check(
            "tests/test_a.py::TestFile::test_create",
            CriterionPhase::Call,
            Level::Smallest,
            r#"
//- tests/conftest.py
import pytest

@pytest.fixture
def memory():
    return ":memory:"

@pytest.fixture
def file():
    return "file"

@pytest.fixture
def dsn(request):
    if "file" in request.fixturenames:
        return request.getfixturevalue("file")
    return request.getfixturevalue("memory")
//- tests/test_a.py
import pytest
from db import create

@pytest.mark.usefixtures("file")
class TestFile:
    def test_create(self, dsn):
        <|>assert create(dsn)
"#,
            expect![[r#"
                import pytest
                from db import create


                @pytest.fixture
                def file():
                    return "file"


                @pytest.fixture
                def dsn(request):
                    if "file" in request.fixturenames:
                        return request.getfixturevalue("file")
                    return request.getfixturevalue("memory")


                @pytest.mark.usefixtures("file")
                def test_one(dsn):
                    assert create(dsn) #!
            "#]],
        );
    }

    #[test]
    fn a_test_that_is_called_stays_under_another_name() {
        check(
            "tests/test_a.py::TestFile::test_more",
            CriterionPhase::Call,
            Level::Conservative,
            r#"
//- tests/base.py
from db import create

class DatabaseTest:
    def test_create(self, dsn):
        <|>assert create(dsn)
    def test_other(self):
        assert create(2)
//- tests/test_a.py
from db import create
from tests.base import DatabaseTest

class TestFile(DatabaseTest):
    def test_more(self):
        create(2)
        <|>self.test_create(1)
"#,
            expect![[r#"
                from db import create


                class DatabaseTest:
                    def _create(self, dsn):
                        assert create(dsn) #!


                class TestFile(DatabaseTest):
                    def test_one(self):
                        create(2)
                        self._create(1)
            "#]],
        );
    }
}
