//! Facts about a test file as the checklist asks for them: its tests, what they do besides failing, what is not used.
//!
//! It looks at one file and judges nothing. Each part of the tree is visited a bounded number of times, whatever the file holds.

mod imports;
mod test;

use text::Span;
use tree_sitter::Node;

use self::imports::imports;
use self::test::test;
use crate::scope::callee;
use crate::source::{Module, body, decorators, named_children, span, undecorated, walk};

/// What a test file holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Review {
    pub tests: Vec<TestFunction>,
    /// The docstring of the file, then those of its test classes and tests, as written.
    pub docstrings: Vec<Span>,
    /// Lines that hold code: neither blank, nor comment, nor docstring.
    pub code_lines: u32,
    pub unused_imports: Vec<Import>,
    /// The modules that are imported, dotted, with the statement.
    pub imports: Vec<(String, Span)>,
    /// `name = literal` anywhere in the file: name and the value's place.
    pub literals: Vec<(String, Span)>,
    /// Functions that are decorated as fixtures.
    pub fixtures: Vec<String>,
    /// Variables of the environment that the file sets, in the order of the text.
    pub environ: Vec<Environ>,
    /// The contents of strings in code, docstrings left out.
    pub strings: Vec<Span>,
    /// The parser does not understand all of it: what is not seen may be there.
    pub has_error: bool,
}

/// A test function or method.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TestFunction {
    pub name: String,
    pub name_span: Span,
    /// The whole definition, decorators included.
    pub span: Span,
    /// Its arguments: fixtures and parameters.
    pub arguments: Vec<(String, Span)>,
    /// What stands between the brackets after its name.
    pub signature: Span,
    /// Where its first statement after a docstring starts; `None` if that is on the line of the `def`.
    pub first_statement: Option<usize>,
    pub parametrize: Vec<Parametrize>,
    /// `skip`, `skipif`, `xfail` as marks and as calls; `except` clauses and `suppress` that let the test go on.
    pub hides: Vec<Span>,
    /// Headers of loops and conditions, with the whole statement's span.
    pub branches: Vec<(Span, Span)>,
    /// Where each identifier of its body and decorators stands.
    pub identifiers: Vec<(String, Span)>,
    pub asserts: usize,
    pub calls: usize,
    pub raises: usize,
}

/// A `parametrize` mark of a test.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parametrize {
    pub span: Span,
    /// The names, where they are written as strings.
    pub names: Vec<String>,
    /// One value for a fixture is how pytest hands it over, and no choice.
    pub indirect: bool,
    /// Its sets, where they are written as a list: the values of each, in the order of the names.
    pub sets: Vec<Vec<Span>>,
}

/// `os.environ[name] = value`, `os.environ.setdefault(name, value)`, `monkeypatch.setenv(name, value)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Environ {
    pub name: String,
    /// The text of the value and its place, where it is a plain string.
    pub value: Option<(String, Span)>,
    /// A value that the caller has wins.
    pub overridable: bool,
    pub span: Span,
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
pub fn review(text: &str) -> Review {
    let module = Module::generated(text);
    let mut review = Review {
        has_error: module.root().has_error(),
        ..Review::default()
    };
    review.docstrings.extend(docstring(&module.statements()));
    // A function in a function is none that pytest collects.
    let mut function_end = 0;
    // A decorated definition comes before what it decorates. Asking the tree for a parent would walk from the root each time.
    let mut decorated: Option<Node<'_>> = None;
    walk(module.root(), |node| {
        match node.kind() {
            "decorated_definition" => decorated = Some(node),
            "class_definition" if module.field(node, "name").starts_with("Test") => {
                review.docstrings.extend(docstring(&body(node)));
            }
            "function_definition" if node.start_byte() >= function_end => {
                function_end = node.end_byte();
                let outer = decorated.filter(|it| it.end_byte() == node.end_byte());
                let whole = span(outer.unwrap_or(node));
                let decorators = outer.map(decorators_of).unwrap_or_default();
                if decorators.iter().any(|it| is_fixture_mark(&module, *it)) {
                    review.fixtures.push(module.field(node, "name").to_owned());
                } else if module.field(node, "name").starts_with("test") {
                    review.docstrings.extend(docstring(&body(node)));
                    review.tests.push(test(&module, node, whole, &decorators));
                }
            }
            "assignment" => assignment(&module, node, &mut review),
            "call" => review.environ.extend(environ_call(&module, node)),
            "string" => {
                let place = span(node);
                // Docstrings are noted before their strings are come to.
                if review.docstrings.last() != Some(&place) {
                    review.strings.push(place);
                }
                return false;
            }
            _ => {}
        }
        true
    });
    imports(&module, &mut review);
    review.code_lines = code_lines(&module, &review.docstrings);
    review
}

fn assignment(module: &Module, node: Node<'_>, review: &mut Review) {
    let (Some(left), Some(right)) = (
        node.child_by_field_name("left"),
        node.child_by_field_name("right"),
    ) else {
        return;
    };
    if left.kind() == "identifier" && is_literal(right) {
        let name = module.source(left).to_owned();
        review.literals.push((name, span(right)));
    }
    if left.kind() == "subscript"
        && matches!(module.field(left, "value"), "os.environ" | "environ")
        && let Some(name) = left
            .child_by_field_name("subscript")
            .and_then(|it| plain(module, it))
    {
        review.environ.push(Environ {
            name,
            value: plain(module, right).map(|text| (text, span(right))),
            overridable: false,
            span: span(node),
        });
    }
}

fn environ_call(module: &Module, node: Node<'_>) -> Option<Environ> {
    let name = callee(module, node)?;
    let overridable = match name.as_str() {
        "os.environ.setdefault" | "environ.setdefault" => true,
        "os.putenv" => false,
        name if name.ends_with(".setenv") => false,
        _ => return None,
    };
    let arguments = named_children(node.child_by_field_name("arguments")?);
    let value = arguments.get(1)?;
    Some(Environ {
        name: plain(module, *arguments.first()?)?,
        value: plain(module, *value).map(|text| (text, span(*value))),
        overridable,
        span: span(node),
    })
}

/// The text of a string without prefix, escapes and parts that are computed.
fn plain(module: &Module, node: Node<'_>) -> Option<String> {
    let source = module.source(node);
    let quote = source.chars().next().filter(|it| "\"'".contains(*it))?;
    let inner = source.strip_prefix(quote)?.strip_suffix(quote)?;
    let is_plain = node.kind() == "string" && !inner.contains(['\\', quote, '\n']);
    is_plain.then(|| inner.to_owned())
}

fn docstring(statements: &[Node<'_>]) -> Option<Span> {
    let first = statements
        .first()
        .filter(|it| it.kind() == "expression_statement")?;
    let string = named_children(*first).into_iter().next()?;
    matches!(string.kind(), "string" | "concatenated_string").then(|| span(string))
}

fn decorators_of(outer: Node<'_>) -> Vec<Node<'_>> {
    let children = named_children(outer).into_iter();
    children
        .filter(|it| it.kind() == "decorator")
        .filter_map(|it| named_children(it).into_iter().next())
        .collect()
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
    let mut docstrings: Vec<Span> = docstrings.to_vec();
    docstrings.sort_unstable();
    let mut docstrings = docstrings.into_iter().peekable();
    let mut at = 0;
    let mut count = 0;
    for line in module.text.split_inclusive('\n') {
        let content = line.trim();
        let start = at + line.len() - line.trim_start().len();
        while docstrings.next_if(|it| it.end <= start).is_some() {}
        let in_docstring = docstrings.peek().is_some_and(|it| it.start <= start);
        if !content.is_empty() && !content.starts_with('#') && !in_docstring {
            count += 1;
        }
        at += line.len();
    }
    count
}

fn is_fixture_mark(module: &Module, decorator: Node<'_>) -> bool {
    callee(module, decorator).is_some_and(|it| it == "fixture" || it.ends_with(".fixture"))
}

/// Whether a definition is decorated as a fixture.
pub fn is_fixture(module: &Module, definition: Node<'_>) -> bool {
    decorators(undecorated(definition))
        .into_iter()
        .any(|it| is_fixture_mark(module, it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_and_what_it_does() {
        let text = "\"\"\"Doc.\"\"\"\nimport os\nimport meant  # noqa: F401  # why\nimport pytest\nfrom a.b import c, d\n\n@pytest.mark.parametrize('x', [1])\ndef test_a(x, device):\n    for i in c:\n        try:\n            assert i\n        except ValueError:\n            pass\n";
        let review = review(text);
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
        assert_eq!(review.code_lines, 11);
    }
}
