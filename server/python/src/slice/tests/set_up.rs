//! Tests whose set-up fails.

use expect_test::expect;

use super::check;
use crate::model::{CriterionPhase, Level};

#[test]
fn a_test_whose_set_up_fails_never_begins() {
    let fixture = |more: &str| {
        format!(
            "
//- tests/test_a.py
import unittest
from app import connect

class Base:
    def test_run(self):
        for n in range(3):
            self.task(n)

class TestBox(Base, unittest.TestCase):
    def setUp(self):
        self.client = connect()
        <|>self.client.drop()

    def task(self, n):
        self.client.run(n)
{more}"
        )
    };
    let slice = |more: &str, expected: expect_test::Expect| {
        check(
            "tests/test_a.py::TestBox::test_run",
            CriterionPhase::Call,
            Level::Smallest,
            &fixture(more),
            expected,
        );
    };
    slice(
        "",
        expect![[r#"
            import unittest

            from app import connect


            class TestBox(unittest.TestCase):
                def setUp(self):
                    self.client = connect()
                    self.client.drop() #!

                def test_one(self):
                    pass
        "#]],
    );
    slice(
        "
    def test_run(self):
        box = self.client.box()
        self.task(box)
",
        expect![[r#"
            import unittest

            from app import connect


            class TestBox(unittest.TestCase):
                def setUp(self):
                    self.client = connect()
                    self.client.drop() #!

                def test_one(self):
                    pass
        "#]],
    );
}
