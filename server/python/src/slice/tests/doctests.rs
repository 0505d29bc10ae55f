//! Doctests, which stay such.

use expect_test::expect;

use super::check;
use crate::model::{CriterionPhase, Level};

const MODULE: &str = r#"
//- pkg/shapes.py
import math
from .base import *

class Box:
    r"""
    A box::

        >>> import os
        >>> log = []
        >>> small = Box(1)
        >>> for side in (1, 2):
        ...     print(Box(side).area())
        1
        4

        >>> small.side = 3
        >>> log.append(small)
        >>> math.floor(small.area())<|>
        8

    More of it.

        >>> small.area()
        9"""

    def __init__(self, side):
        self.side = side
"#;

#[test]
fn the_examples_that_the_failing_one_needs_stay_in_a_docstring() {
    check(
        "pkg/shapes.py::pkg.shapes.Box",
        CriterionPhase::Call,
        Level::Smallest,
        MODULE,
        expect![[r#"
            def test_one():
                r"""
                >>> from pkg.shapes import Box, math
                >>> small = Box(1)
                >>> small.side = 3
                >>> math.floor(small.area()) #!
                8
                """
        "#]],
    );
}

#[test]
fn all_examples_before_it_stay_where_less_is_not_enough() {
    check(
        "pkg/shapes.py::pkg.shapes.Box",
        CriterionPhase::Call,
        Level::Conservative,
        MODULE,
        expect![[r#"
            def test_one():
                r"""
                >>> from pkg.shapes import Box, math
                >>> import os
                >>> log = []
                >>> small = Box(1)
                >>> for side in (1, 2):
                ...     print(Box(side).area())
                1
                4
                >>> small.side = 3
                >>> log.append(small)
                >>> math.floor(small.area()) #!
                8
                """
        "#]],
    );
}

#[test]
fn examples_of_a_text_file_stay_in_a_docstring() {
    check(
        "docs/usage.rst::usage.rst",
        CriterionPhase::Call,
        Level::Smallest,
        r#"
//- docs/usage.rst
Usage
=====

Begin with a list::

    >>> from pkg import total
    >>> values = ["\\", 2, 3]
    >>> other = 5
    >>> total(values)
    6

Then the next:

>>> total(
...     values + [4])<|>
11

That's it: (
"#,
        expect![[r#"
            def test_one():
                r"""
                >>> from pkg import total
                >>> values = ["\\", 2, 3]
                >>> total( #!
                ...     values + [4])
                11
                """
        "#]],
    );
}

#[test]
fn names_that_a_conftest_gives_are_the_modules() {
    check(
        "pkg/area.py::pkg.area.area",
        CriterionPhase::Call,
        Level::Smallest,
        r#"
//- pkg/conftest.py
import numpy
import pytest

OFFSETS = [2, 3]

@pytest.fixture(autouse=True)
def names(doctest_namespace):
    import os
    size = len(OFFSETS)
    doctest_namespace["np"] = numpy
    doctest_namespace["os"] = os
    doctest_namespace["OFFSET"] = OFFSETS[0] + size
    doctest_namespace["other"] = 7
//- pkg/area.py
def area(w, h):
    """The area.

    >>> os.sep
    '/'
    >>> np.array([area(1, 2)]) + OFFSET<|>
    array([3])
    """
    return w * h
"#,
        expect![[r#"
            import numpy as np  # noqa: F401

            OFFSETS = [2, 3]
            size = len(OFFSETS)
            OFFSET = OFFSETS[0] + size


            def test_one():
                """
                >>> from pkg.area import area
                >>> np.array([area(1, 2)]) + OFFSET #!
                array([3])
                """
        "#]],
    );
}
