//! Facts about a test file as the checklist asks for them: its tests, what they do besides failing, what is not used.
//!
//! It looks at one file and judges nothing. Each part of the tree is visited a bounded number of times, whatever the file holds.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use text::Span;
use tree_sitter::Node;

use crate::scope::{BindingKind, Scope, callee};
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
pub fn review(path: &str, text: Arc<str>) -> Review {
    let module = Module::parse(path, text);
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

fn test(module: &Module, function: Node<'_>, whole: Span, decorators: &[Node<'_>]) -> TestFunction {
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

fn imports(module: &Module, review: &mut Review) {
    let statements = module.statements();
    let scope = Scope::of(module, &statements);
    let mut used: HashSet<&str> = HashSet::new();
    walk(module.root(), |node| {
        match node.kind() {
            "identifier" => {
                used.insert(module.source(node));
            }
            // `__all__ = ["x"]` and annotations in quotes use a name too; one in any string is left alone.
            "string" => {
                let source = module.source(node).trim_start_matches(char::is_alphabetic);
                used.insert(source.trim_matches(['"', '\'']));
            }
            _ => {}
        }
        !matches!(
            node.kind(),
            "import_statement" | "import_from_statement" | "future_import_statement"
        )
    });
    let mut names: HashMap<usize, usize> = HashMap::new();
    for binding in &scope.bindings {
        *names.entry(binding.statement.id()).or_default() += 1;
    }
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
        review.imports.push((dotted, statement));
        // A fixture is used by its name as an argument, which is an identifier; `from x import y as y` is meant to be seen.
        let is_future =
            from == "__future__" || binding.statement.kind() == "future_import_statement";
        if is_future || used.contains(binding.name) || binding.conditional {
            continue;
        }
        if is_meant(module, statement) {
            continue;
        }
        let alone = names.get(&binding.statement.id()) == Some(&1);
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

/// Whether a comment tells linters that the statement's unused names are meant: `# noqa`, `# noqa: F401`.
fn is_meant(module: &Module, statement: Span) -> bool {
    let rest = &module.text[statement.end..];
    let line = rest.lines().next().unwrap_or_default().to_ascii_lowercase();
    line.split_once("# noqa").is_some_and(|(_, codes)| {
        let listed = codes.trim_start().strip_prefix(':');
        listed.is_none_or(|codes| codes.contains("f401"))
    })
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
        assert_eq!(review.code_lines, 11);
    }
}
