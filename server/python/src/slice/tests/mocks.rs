//! Mocks: what a test sets on them, the product sees.

use expect_test::expect;

use super::check;
use crate::model::{CriterionPhase, Level};

/// Without `side_effect` nothing would be raised either: for another reason.
#[test]
fn what_is_set_on_a_patch_stays_though_the_failing_line_does_not_name_it() {
    check(
        "tests/test_a.py::TestSize::test_with",
        CriterionPhase::Call,
        Level::Smallest,
        r#"
//- tests/test_a.py
import os
import unittest
from unittest import mock

import product

class TestSize(unittest.TestCase):
    def test_with(self):
        unused = product.size("b")
        patcher = mock.patch("os.path.exists")
        exists = patcher.start()
        exists.strict = True
        with mock.patch.object(os.path, "getsize") as getsize:
            getsize.wraps = None
            error = OSError("no")
            getsize.side_effect = error
            <|>with self.assertRaises(OSError):
                product.size("a")
"#,
        expect![[r#"
            import os
            import unittest
            from unittest import mock

            import product


            class TestSize(unittest.TestCase):
                def test_one(self):
                    patcher = mock.patch("os.path.exists")
                    exists = patcher.start()
                    exists.strict = True
                    with mock.patch.object(os.path, "getsize") as getsize:
                        getsize.wraps = None
                        error = OSError("no")
                        getsize.side_effect = error
                        with self.assertRaises(OSError): #!
                            product.size("a")
        "#]],
    );
}

#[test]
fn how_a_mock_answers_stays_wherever_it_comes_from() {
    check(
        "tests/test_a.py::test_decorated",
        CriterionPhase::Call,
        Level::Smallest,
        r#"
//- tests/test_a.py
from unittest import mock

import product

@mock.patch("os.path.getsize")
def test_decorated(getsize):
    getsize.return_value.__enter__.return_value.size = 3
    name = "a"
    name.lower()
    <|>assert product.size(name) == 4
"#,
        expect![[r#"
            from unittest import mock

            import product


            @mock.patch("os.path.getsize")
            def test_one(getsize):
                getsize.return_value.__enter__.return_value.size = 3
                name = "a"
                name.lower()
                assert product.size(name) == 4 #!
        "#]],
    );
}
