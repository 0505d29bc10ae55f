//! A block of a module's outermost level that is brought along for one of its names: the tests in it stay behind.

use super::super::collection::is_test;
use super::super::cut::Cut;
use super::super::tree::{Kind, Statement};

/// What is kept of an `if`, a `try` or the like that holds tests; `None` where it holds none.
pub(super) fn without_tests(block: &Statement) -> Option<Cut> {
    let mut cut = Cut::default();
    (!keep(block, &mut cut)).then_some(cut)
}

/// Whether all of a statement is kept.
fn keep(statement: &Statement, cut: &mut Cut) -> bool {
    if is_test(statement) {
        return false;
    }
    let is_definition = matches!(statement.kind, Kind::Function | Kind::Class);
    let mut all = true;
    if !is_definition {
        for inner in statement.clauses().iter().flat_map(|clause| &clause.body) {
            all &= keep(inner, cut);
        }
    }
    let kept = if all { &mut cut.whole } else { &mut cut.partly };
    kept.insert(statement.id());
    all
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::super::tests::check;
    use crate::model::{CriterionPhase, Level};

    #[test]
    fn a_helper_beside_its_tests_in_a_condition() {
        check(
            "tests/test_a.py::test_total",
            CriterionPhase::Call,
            Level::Smallest,
            r#"
//- tests/test_a.py
import sys
from app import total

if sys.version_info >= (3,):
    exec("def numbers(*, last): return [1, last]")

    def numbers(*, last=2):
        return [1, last]

    def test_total():
<|>        assert total(numbers()) == 4

    class TestMore:
        def test_more(self):
            assert total(numbers(last=3)) == 4
else:
    def test_old():
        assert total([]) == 0
"#,
            expect![[r#"
                import sys

                from app import total

                if sys.version_info >= (3,):
                    exec("def numbers(*, last): return [1, last]")  # noqa: S102
                    def numbers(*, last=2):
                        return [1, last]


                def test_one():
                    assert total(numbers()) == 4 #!
            "#]],
        );
    }
}
