//! `*args` and `**kwargs` of the test: pytest gives nothing by them, so what hands them on gives nothing.

use tree_sitter::Node;

use super::write::MARK;
use crate::edits::{Edit, applied};
use crate::source::{Module, decorators, named_children, span, walk};

/// The text without them, where the test only hands them on, on other lines than the failing one, and no decorator may fill them.
pub(super) fn without_splats(code: &str, test: &str) -> String {
    let module = Module::generated(code);
    let mut edits = Vec::new();
    walk(module.root(), |node| {
        if node.kind() == "function_definition" && module.field(node, "name") == test {
            let mut decorators = decorators(node).into_iter();
            if decorators.all(|it| module.source(it).starts_with("pytest.mark.")) {
                for splat in parameters(node) {
                    edits.extend(removed(&module, node, splat).into_iter().flatten());
                }
            }
            return false;
        }
        true
    });
    applied(code, edits)
}

fn parameters(function: Node<'_>) -> Vec<Node<'_>> {
    let kinds = ["list_splat_pattern", "dictionary_splat_pattern"];
    let list = function.child_by_field_name("parameters");
    let all = list.map(named_children).unwrap_or_default();
    all.into_iter()
        .filter(|it| kinds.contains(&it.kind()))
        .collect()
}

/// What takes a parameter out, and each argument that hands it on; `None` where it is used in another way.
fn removed(module: &Module, function: Node<'_>, parameter: Node<'_>) -> Option<Vec<Edit>> {
    let name = module.source(parameter).trim_start_matches('*');
    let mut handed = vec![Some(parameter)];
    walk(function, |node| {
        if node == parameter {
            return false;
        }
        if node.kind() == "identifier" && module.source(node) == name {
            let splat = node.parent().filter(|it| {
                let list = it.parent().is_some_and(|it| it.kind() == "argument_list");
                let is_failing = module.rows(span(*it)).of(&module.text).contains(MARK);
                list && it.kind().ends_with("_splat") && !is_failing
            });
            handed.push(splat);
        }
        true
    });
    let mut edits = Vec::new();
    for element in handed {
        let element = element?;
        edits.push((span(element), String::new()));
        edits.extend(comma(element).map(|it| (it, String::new())));
    }
    Some(edits)
}

/// What parts an element of a list from the one before it, or the first one from the next.
fn comma(element: Node<'_>) -> Option<text::Span> {
    let own = span(element);
    let before = element.prev_named_sibling();
    let before = before.map(|it| text::Span::new(it.end_byte(), own.start));
    let next = element.next_named_sibling();
    before.or(next.map(|it| text::Span::new(own.end, it.start_byte())))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::tests::check;
    use crate::model::{CriterionPhase, Level};

    #[test]
    fn what_is_handed_on_is_nothing() {
        check(
            "tests/test_a.py::test_sample",
            CriterionPhase::Call,
            Level::Conservative,
            r#"
//- tests/test_a.py
import pytest
from product import sample

@pytest.mark.slow
def test_sample(*args, **kwargs):
    <|>helper(2, *args, **kwargs)

def helper(move, seed=1, **options):
    <|>assert sample(move, seed) == 1
"#,
            expect![[r#"
                import pytest
                from product import sample


                def helper(move, seed=1, **options):
                    assert sample(move, seed) == 1 #!


                @pytest.mark.slow
                def test_one():
                    helper(2)
            "#]],
        );
    }

    #[test]
    fn what_is_read_or_filled_stays() {
        check(
            "tests/test_a.py::test_sample",
            CriterionPhase::Call,
            Level::Conservative,
            r#"
//- tests/test_a.py
from product import patched, sample

@patched
def test_sample(*args, **kwargs):
    kwargs["seed"] = args[0]
    <|>assert sample(**kwargs) == 1
"#,
            expect![[r#"
                from product import patched, sample


                @patched
                def test_one(*args, **kwargs):
                    kwargs["seed"] = args[0]
                    assert sample(**kwargs) == 1 #!
            "#]],
        );
    }
}
