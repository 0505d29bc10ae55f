//! A test function: its marks, and what it does besides failing.

use text::Span;
use tree_sitter::Node;

use super::{Parametrize, TestFunction, docstring, plain};
use crate::scope::callee;
use crate::source::{Module, named_children, span, walk};

pub(super) fn test(
    module: &Module,
    function: Node<'_>,
    whole: Span,
    decorators: &[Node<'_>],
) -> TestFunction {
    let name = function.child_by_field_name("name").unwrap_or(function);
    let mut test = TestFunction {
        name: module.source(name).to_owned(),
        name_span: span(name),
        span: whole,
        ..TestFunction::default()
    };
    if let Some(parameters) = function.child_by_field_name("parameters") {
        let brackets = span(parameters);
        test.signature = Span::new(brackets.start + 1, brackets.end.max(brackets.start + 2) - 1);
        for parameter in named_children(parameters) {
            let name = if parameter.kind() == "identifier" {
                Some(parameter)
            } else {
                parameter
                    .child_by_field_name("name")
                    .or(named_children(parameter).into_iter().next())
            };
            test.arguments
                .extend(name.map(|it| (module.source(it).to_owned(), span(it))));
        }
    }
    for &decorator in decorators {
        let name = callee(module, decorator).unwrap_or_default();
        match name.rsplit('.').next().unwrap_or_default() {
            "parametrize" => test.parametrize.push(parametrize(module, decorator)),
            "skip" | "skipif" | "xfail" | "skipIf" | "skipUnless" | "expectedFailure" => {
                test.hides.push(span(decorator));
            }
            _ => {}
        }
        walk(decorator, |node| {
            if node.kind() == "identifier" {
                test.identifiers
                    .push((module.source(node).to_owned(), span(node)));
            }
            true
        });
    }
    if let Some(block) = function.child_by_field_name("body") {
        test.first_statement = first_statement(function, block);
        test_body(module, block, &mut test);
    }
    test
}

fn parametrize(module: &Module, decorator: Node<'_>) -> Parametrize {
    let mut mark = Parametrize {
        span: span(decorator),
        indirect: module.source(decorator).contains("indirect"),
        ..Parametrize::default()
    };
    let arguments = decorator
        .child_by_field_name("arguments")
        .map(named_children)
        .unwrap_or_default();
    if let Some(names) = arguments.first() {
        let strings = match names.kind() {
            "string" => vec![*names],
            "tuple" | "list" => named_children(*names),
            _ => Vec::new(),
        };
        let texts = strings.into_iter().filter_map(|it| plain(module, it));
        for text in texts {
            let names = text.split(',').map(|it| it.trim().to_owned());
            mark.names.extend(names.filter(|it| !it.is_empty()));
        }
    }
    if let Some(values) = arguments.get(1)
        && matches!(values.kind(), "list" | "tuple")
    {
        let sets = named_children(*values).into_iter();
        mark.sets = sets.map(|it| set(it, mark.names.len())).collect();
    }
    mark
}

/// The values of one set; `pytest.param(...)` holds them as its arguments.
fn set(node: Node<'_>, names: usize) -> Vec<Span> {
    let values = match node.kind() {
        "call" => node
            .child_by_field_name("arguments")
            .map(named_children)
            .unwrap_or_default(),
        "tuple" | "list" if names > 1 => named_children(node),
        _ => vec![node],
    };
    let values = values.into_iter();
    values
        .filter(|it| it.kind() != "keyword_argument")
        .map(span)
        .collect()
}

/// Where the body starts, if it has lines of its own.
fn first_statement(function: Node<'_>, block: Node<'_>) -> Option<usize> {
    let statements = named_children(block);
    let skip = usize::from(docstring(&statements).is_some() && statements.len() > 1);
    let first = statements.get(skip)?;
    (first.start_position().row > function.start_position().row
        && first.start_position().column == block.start_position().column)
        .then(|| first.start_byte())
}

fn test_body(module: &Module, block: Node<'_>, test: &mut TestFunction) {
    let header = |node: Node<'_>| {
        let first = module.source(node).lines().next().unwrap_or_default();
        Span::new(
            node.start_byte(),
            node.start_byte() + first.trim_end().len(),
        )
    };
    walk(block, |node| {
        match node.kind() {
            "for_statement" | "while_statement" | "if_statement" | "match_statement" => {
                test.branches.push((header(node), span(node)));
            }
            "except_clause" | "except_group_clause" => {
                let mut raises = false;
                walk(node, |inner| {
                    let fails = inner.kind() == "call"
                        && callee(module, inner).is_some_and(|it| it.ends_with(".fail"));
                    raises |=
                        fails || matches!(inner.kind(), "raise_statement" | "assert_statement");
                    // A handler in the handler is looked at on its own.
                    !raises && (inner == node || !inner.kind().starts_with("except_"))
                });
                if !raises {
                    test.hides.push(header(node));
                }
            }
            "assert_statement" => test.asserts += 1,
            "raise_statement" => test.raises += 1,
            "identifier" => {
                test.identifiers
                    .push((module.source(node).to_owned(), span(node)));
            }
            "call" => {
                test.calls += 1;
                let name = callee(module, node).unwrap_or_default();
                if matches!(
                    name.as_str(),
                    "pytest.skip"
                        | "pytest.xfail"
                        | "contextlib.suppress"
                        | "suppress"
                        | "self.skipTest"
                        | "pytest.importorskip"
                ) {
                    test.hides.push(span(node));
                }
            }
            // A function inside is only run where it is called.
            "class_definition" => return false,
            _ => {}
        }
        true
    });
}
