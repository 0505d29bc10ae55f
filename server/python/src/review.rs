//! Facts about a test file as the checklist asks for them: its tests, what they do besides failing, what is not used.
//!
//! It looks at one file and judges nothing.

use std::collections::HashSet;
use std::sync::Arc;

use text::Span;
use tree_sitter::Node;

use crate::scope::{BindingKind, Scope, callee};
use crate::source::{Module, body, decorators, named_children, span, undecorated, walk};

/// What a test file holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Review {
    pub tests: Vec<TestFunction>,
    /// The docstring of the file, then those of its tests, as written.
    pub docstrings: Vec<Span>,
    /// Lines that hold code: neither blank, nor comment, nor docstring.
    pub code_lines: u32,
    pub unused_imports: Vec<Import>,
    /// The modules that are imported, dotted, with the statement.
    pub imports: Vec<(String, Span)>,
    /// `name = literal` anywhere in the file: name and the value's place.
    pub literals: Vec<(String, Span)>,
    /// The parser does not understand all of it: what is not seen may be there.
    pub has_error: bool,
}

/// A test function or method.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TestFunction {
    pub name: String,
    pub name_span: Span,
    /// Its arguments: fixtures and parameters.
    pub arguments: Vec<(String, Span)>,
    pub parametrize: Vec<Span>,
    /// `skip`, `skipif`, `xfail` as marks and as calls; `except` clauses and `suppress` that let the test go on.
    pub hides: Vec<Span>,
    /// Headers of loops and conditions, with the whole statement's span.
    pub branches: Vec<(Span, Span)>,
    pub asserts: usize,
    pub calls: usize,
    pub raises: usize,
}

/// An imported name that nothing uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    pub name: String,
    pub statement: Span,
    /// The statement imports nothing else.
    pub alone: bool,
}

/// Looks at a test file.
pub fn review(path: &str, text: Arc<str>) -> Review {
    let module = Module::parse(path, text);
    let mut review = Review {
        has_error: module.root().has_error(),
        ..Review::default()
    };
    review.docstrings.extend(docstring(&module.statements()));
    walk(module.root(), |node| {
        match node.kind() {
            "function_definition"
                if module.field(node, "name").starts_with("test") && is_item(node) =>
            {
                review.docstrings.extend(docstring(&body(node)));
                review.tests.push(test(&module, node));
            }
            "assignment" => {
                if let (Some(left), Some(right)) = (
                    node.child_by_field_name("left"),
                    node.child_by_field_name("right"),
                ) && left.kind() == "identifier"
                    && is_literal(right)
                {
                    review
                        .literals
                        .push((module.source(left).to_owned(), span(right)));
                }
            }
            _ => {}
        }
        true
    });
    imports(&module, &mut review);
    review.code_lines = code_lines(&module, &review.docstrings);
    review
}

/// A function of the module or of a class: pytest collects no others.
fn is_item(function: Node<'_>) -> bool {
    let mut node = function;
    while let Some(parent) = node.parent() {
        if parent.kind() == "function_definition" {
            return false;
        }
        node = parent;
    }
    true
}

fn docstring(statements: &[Node<'_>]) -> Option<Span> {
    let first = statements
        .first()
        .filter(|it| it.kind() == "expression_statement")?;
    let string = named_children(*first).into_iter().next()?;
    matches!(string.kind(), "string" | "concatenated_string").then(|| span(string))
}

fn test(module: &Module, function: Node<'_>) -> TestFunction {
    let name = function.child_by_field_name("name").unwrap_or(function);
    let mut test = TestFunction {
        name: module.source(name).to_owned(),
        name_span: span(name),
        ..TestFunction::default()
    };
    if let Some(parameters) = function.child_by_field_name("parameters") {
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
    for decorator in decorators(function) {
        let name = callee(module, decorator).unwrap_or_default();
        match name.rsplit('.').next().unwrap_or_default() {
            // One value for a fixture is how pytest hands it over, and no choice.
            "parametrize" if module.source(decorator).contains("indirect") => {}
            "parametrize" => test.parametrize.push(span(decorator)),
            "skip" | "skipif" | "xfail" | "skipIf" | "skipUnless" | "expectedFailure" => {
                test.hides.push(span(decorator));
            }
            _ => {}
        }
    }
    let Some(block) = function.child_by_field_name("body") else {
        return test;
    };
    walk(block, |node| {
        match node.kind() {
            "for_statement" | "while_statement" | "if_statement" | "match_statement" => {
                let start = node.start_byte();
                let header = module
                    .source(node)
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .trim_end();
                test.branches
                    .push((Span::new(start, start + header.len()), span(node)));
            }
            "except_clause" | "except_group_clause" => {
                let mut raises = false;
                walk(node, |inner| {
                    let fails = inner.kind() == "call"
                        && callee(module, inner).is_some_and(|it| it.ends_with(".fail"));
                    raises |=
                        fails || matches!(inner.kind(), "raise_statement" | "assert_statement");
                    !raises
                });
                if !raises {
                    let header = module
                        .source(node)
                        .lines()
                        .next()
                        .unwrap_or_default()
                        .trim_end();
                    test.hides.push(Span::new(
                        node.start_byte(),
                        node.start_byte() + header.len(),
                    ));
                }
            }
            "assert_statement" => test.asserts += 1,
            "raise_statement" => test.raises += 1,
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
    test
}

fn imports(module: &Module, review: &mut Review) {
    let statements = module.statements();
    let scope = Scope::of(module, &statements);
    let mut used: HashSet<&str> = HashSet::new();
    walk(module.root(), |node| {
        if node.kind() == "identifier" {
            used.insert(module.source(node));
        }
        !matches!(
            node.kind(),
            "import_statement" | "import_from_statement" | "future_import_statement"
        )
    });
    // `__all__ = ["x"]` and annotations in quotes use a name too; one in any string is left alone.
    let in_strings = |name: &str| {
        module.text.contains(&format!("\"{name}\"")) || module.text.contains(&format!("'{name}'"))
    };
    for binding in &scope.bindings {
        let BindingKind::Import {
            module: from,
            level,
            name,
        } = &binding.kind
        else {
            continue;
        };
        let statement = span(binding.statement);
        let dotted = format!("{}{from}", ".".repeat(*level));
        review.imports.push((dotted.clone(), statement));
        // A fixture is used by its name as an argument, which is an identifier; `from x import y as y` is meant to be seen.
        let is_future =
            from == "__future__" || binding.statement.kind() == "future_import_statement";
        if is_future
            || used.contains(binding.name)
            || in_strings(binding.name)
            || binding.conditional
        {
            continue;
        }
        let alone = scope
            .bindings
            .iter()
            .filter(|it| it.statement == binding.statement)
            .count()
            == 1;
        // A fixture that is brought in for pytest's sake alone, or a module that registers something.
        let registers = name.is_none() && module.source(binding.statement).contains('.');
        if !registers {
            review.unused_imports.push(Import {
                name: binding.name.to_owned(),
                statement,
                alone,
            });
        }
    }
}

fn is_literal(node: Node<'_>) -> bool {
    match node.kind() {
        "integer" | "float" | "true" | "false" | "none" => true,
        "string" => !named_children(node)
            .iter()
            .any(|it| it.kind() == "interpolation"),
        "unary_operator" | "tuple" | "list" => named_children(node)
            .into_iter()
            .all(|it| it.kind() != "unary_operator" && is_flat(it)),
        _ => false,
    }
}

/// A literal without others in it: enough for shapes, and bounded.
fn is_flat(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        "integer" | "float" | "true" | "false" | "none" | "string"
    )
}

fn code_lines(module: &Module, docstrings: &[Span]) -> u32 {
    let mut at = 0;
    let mut count = 0;
    for line in module.text.split_inclusive('\n') {
        let content = line.trim();
        let start = at + line.len() - line.trim_start().len();
        let in_docstring = docstrings
            .iter()
            .any(|it| it.start <= start && start < it.end);
        if !content.is_empty() && !content.starts_with('#') && !in_docstring {
            count += 1;
        }
        at += line.len();
    }
    count
}

/// Whether a definition is decorated as a fixture.
pub fn is_fixture(module: &Module, definition: Node<'_>) -> bool {
    let names = decorators(undecorated(definition))
        .into_iter()
        .filter_map(|it| callee(module, it));
    names
        .into_iter()
        .any(|it| it == "fixture" || it.ends_with(".fixture"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_and_what_it_does() {
        let text = "\"\"\"Doc.\"\"\"\nimport os\nimport pytest\nfrom a.b import c, d\n\n@pytest.mark.parametrize('x', [1])\ndef test_a(x, device):\n    for i in c:\n        try:\n            assert i\n        except ValueError:\n            pass\n";
        let review = review("t.py", Arc::from(text));
        let test = &review.tests[0];
        assert_eq!(
            (
                test.name.as_str(),
                test.arguments.len(),
                test.parametrize.len()
            ),
            ("test_a", 2, 1)
        );
        assert_eq!(
            (test.hides.len(), test.branches.len(), test.asserts),
            (1, 1, 1)
        );
        let unused: Vec<&str> = review
            .unused_imports
            .iter()
            .map(|it| it.name.as_str())
            .collect();
        assert_eq!(unused, ["os", "d"]);
        assert_eq!(review.code_lines, 10);
    }
}
