//! Values in the place of names, for a test that is longer than it should be: `stride = 2` goes, and `stride=(2, 2)` stays.

use std::collections::BTreeMap;

use text::Span;
use tree_sitter::Node;

use super::FAILS_HERE;
use crate::source::{Module, is_label, named_children, span, undecorated, walk};

/// A name that is used more often stays.
const MOST_USES: usize = 3;
/// A longer value stays where it is.
const LONGEST: usize = 24;

/// The text with values in the place of names that the test named `test` binds to them, those used least first, until it has
/// at most `lines` lines; and the row of the failing line in it. The failing line stays as it is.
pub fn inlined(
    text: &str,
    failing: Option<u32>,
    test: &str,
    lines: usize,
) -> (String, Option<u32>) {
    let same = || (text.to_owned(), failing);
    let over = text.lines().count().saturating_sub(lines);
    let module = Module::generated(text);
    if over == 0 || module.root().has_error() {
        return same();
    }
    let function = named_children(module.root())
        .into_iter()
        .map(undecorated)
        .find(|node| node.kind() == "function_definition" && module.field(*node, "name") == test);
    let Some(function) = function else {
        return same();
    };
    let failing_row = failing.map(|row| row as usize).or_else(|| {
        text.lines()
            .position(|line| line.trim_end().ends_with(FAILS_HERE))
    });
    let names = names(&module, function, failing_row);
    let mut candidates: Vec<Candidate<'_>> = function
        .child_by_field_name("body")
        .map(named_children)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|statement| candidate(&module, statement, &names))
        .filter(|it| Some(it.row) != failing_row)
        .collect();
    candidates.sort_by_key(|it| it.uses.len());
    candidates.truncate(over);
    if candidates.is_empty() {
        return same();
    }
    let mut edits: Vec<(Span, &str)> = Vec::new();
    for candidate in &candidates {
        edits.push((candidate.line, ""));
        edits.extend(candidate.uses.iter().map(|at| (*at, candidate.value)));
    }
    let (text, failing) = edited(text, failing, edits);
    decided(&text, failing)
}

/// The text without `if True else` in its expressions, in the same way.
fn decided(text: &str, failing: Option<u32>) -> (String, Option<u32>) {
    let module = Module::generated(text);
    let mut edits = Vec::new();
    walk(module.root(), |node| {
        let parts = named_children(node);
        let [value, condition, other] = parts.as_slice() else {
            return true;
        };
        let chosen = match (node.kind(), condition.kind()) {
            ("conditional_expression", "true") => value,
            ("conditional_expression", "false") => other,
            _ => return true,
        };
        edits.push((span(node), module.source(*chosen)));
        false
    });
    edited(text, failing, edits)
}

/// The text with these edits, none of them in the failing line.
fn edited(text: &str, failing: Option<u32>, mut edits: Vec<(Span, &str)>) -> (String, Option<u32>) {
    edits.sort_by_key(|(span, _)| span.start);
    let line_ends = |text: &str| u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX);
    let mut out = String::new();
    let mut at = 0;
    let mut row = failing;
    for (span, with) in edits {
        if failing.is_some_and(|row| line_ends(&text[..span.start]) < row) {
            let gone = line_ends(span.of(text)).saturating_sub(line_ends(with));
            row = row.map(|row| row.saturating_sub(gone));
        }
        out.push_str(&text[at..span.start]);
        out.push_str(with);
        at = span.end;
    }
    out.push_str(&text[at..]);
    (out, row)
}

/// A name that is bound to a value once.
struct Candidate<'a> {
    row: usize,
    /// With its line end.
    line: Span,
    value: &'a str,
    uses: Vec<Span>,
}

/// What a function does with a name.
#[derive(Default)]
struct Name {
    bindings: usize,
    uses: Vec<Span>,
    /// Its value cannot stand in each place where it is used.
    stays: bool,
}

fn candidate<'a>(
    module: &'a Module,
    statement: Node<'_>,
    names: &BTreeMap<&str, Name>,
) -> Option<Candidate<'a>> {
    let assignment = named_children(statement)
        .into_iter()
        .next()
        .filter(|it| statement.kind() == "expression_statement" && it.kind() == "assignment")?;
    let left = assignment.child_by_field_name("left")?;
    let right = assignment.child_by_field_name("right")?;
    let name = names.get(module.source(left))?;
    let value = module.source(right);
    let row = statement.start_position().row;
    let line = module.lines.line(&module.text, u32::try_from(row).ok()?)?;
    let is_alone = line.of(&module.text).trim() == module.source(statement);
    let end = module.text[line.end..].find('\n')?;
    let fits = left.kind() == "identifier"
        && assignment.child_by_field_name("type").is_none()
        && is_alone
        && is_plain(module, right)
        && value.len() <= LONGEST
        && name.bindings == 1
        && !name.stays
        && (1..=MOST_USES).contains(&name.uses.len());
    fits.then(|| Candidate {
        row,
        line: Span::new(line.start, line.end + end + 1),
        value,
        uses: name.uses.clone(),
    })
}

/// A number, a text, a constant, or `module.name`.
fn is_plain(module: &Module, value: Node<'_>) -> bool {
    match value.kind() {
        "integer" | "float" | "true" | "false" | "none" => true,
        "string" => !module.source(value).contains(['{', '\n']),
        "attribute" => value
            .child_by_field_name("object")
            .is_some_and(|object| object.kind() == "identifier" || is_plain(module, object)),
        _ => false,
    }
}

/// Every name of a function.
fn names<'a>(
    module: &'a Module,
    function: Node<'_>,
    failing_row: Option<usize>,
) -> BTreeMap<&'a str, Name> {
    let mut names: BTreeMap<&str, Name> = BTreeMap::new();
    walk(function, |node| {
        if node.kind() != "identifier" || is_label(node) {
            return true;
        }
        let Some(parent) = node.parent() else {
            return true;
        };
        let is_field = |field: &str| parent.child_by_field_name(field) == Some(node);
        let name = names.entry(module.source(node)).or_default();
        if parent.kind() == "assignment" && is_field("left") {
            name.bindings += 1;
            return true;
        }
        name.uses.push(span(node));
        let is_value = match parent.kind() {
            "argument_list"
            | "keyword_argument"
            | "tuple"
            | "list"
            | "set"
            | "pair"
            | "slice"
            | "conditional_expression"
            | "return_statement"
            | "binary_operator" => true,
            "subscript" => !is_field("value"),
            "assignment" | "augmented_assignment" => is_field("right"),
            _ => false,
        };
        let row = node.start_position().row;
        name.stays |= !is_value || Some(row) == failing_row || is_target(node);
        true
    });
    names
}

/// Whether a name stands where names are bound: in a tuple on the left, a loop's header, a `with`, a signature.
fn is_target(node: Node<'_>) -> bool {
    let mut inner = node;
    while let Some(parent) = inner.parent() {
        let binds = match parent.kind() {
            "for_statement" | "for_in_clause" | "assignment" | "augmented_assignment" => {
                parent.child_by_field_name("left") == Some(inner)
            }
            "as_pattern_target" | "parameters" | "lambda_parameters" | "delete_statement"
            | "global_statement" | "nonlocal_statement" | "interpolation" => true,
            "named_expression" => parent.child_by_field_name("name") == Some(inner),
            kind if kind.ends_with("_statement") || kind == "block" => return false,
            _ => false,
        };
        if binds {
            return true;
        }
        inner = parent;
    }
    false
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    #[track_caller]
    fn check(lines: usize, text: &str, expected: Expect) {
        let row = text.lines().position(|line| line.contains("assert"));
        let row = row.and_then(|row| u32::try_from(row).ok());
        let (text, failing) = inlined(text, row, "test_one", lines);
        let shown = text.lines().position(|line| line.contains("assert"));
        assert_eq!(failing.map(|row| row as usize), shown);
        expected.assert_eq(&text);
    }

    const LONG: &str = r#"def test_one(device):
    stride_h = 2
    stride_w = 2
    dtype = lib.bfloat16
    batch = 1
    text = f"{batch}"
    shape = [batch, 3]
    pad = 1  # as in CI
    name = "x"
    name = "y"
    limit = 3
    for index in range(limit):
        device.use(index)
    size = conv(shape, stride=(stride_h, stride_w), dtype=dtype, pad=pad, name=name, limit=limit)
    assert size == limit
"#;

    #[test]
    fn values_take_the_place_of_names_that_are_bound_once() {
        check(
            1,
            LONG,
            expect![[r#"
                def test_one(device):
                    batch = 1
                    text = f"{batch}"
                    shape = [batch, 3]
                    pad = 1  # as in CI
                    name = "x"
                    name = "y"
                    limit = 3
                    for index in range(limit):
                        device.use(index)
                    size = conv(shape, stride=(2, 2), dtype=lib.bfloat16, pad=pad, name=name, limit=limit)
                    assert size == limit
            "#]],
        );
    }

    #[test]
    fn no_more_than_makes_it_short_enough() {
        check(
            14,
            LONG,
            expect![[r#"
                def test_one(device):
                    stride_w = 2
                    dtype = lib.bfloat16
                    batch = 1
                    text = f"{batch}"
                    shape = [batch, 3]
                    pad = 1  # as in CI
                    name = "x"
                    name = "y"
                    limit = 3
                    for index in range(limit):
                        device.use(index)
                    size = conv(shape, stride=(2, stride_w), dtype=dtype, pad=pad, name=name, limit=limit)
                    assert size == limit
            "#]],
        );
        assert_eq!(inlined(LONG, Some(14), "test_one", 15).0, LONG);
    }

    #[test]
    fn a_choice_that_a_value_decides_is_made() {
        check(
            1,
            r#"def test_one():
    has_bias = False
    is_low = True
    is_wide = True
    bias = (
        make(is_low)
        if has_bias
        else [
            None
        ]
    )
    mode = 1 if is_low else 2
    kind = 3 if is_wide and bias else 4
    run(bias, mode)
    assert False
"#,
            expect![[r#"
                def test_one():
                    is_wide = True
                    bias = (
                        [
                            None
                        ]
                    )
                    mode = 1
                    kind = 3 if is_wide and bias else 4
                    run(bias, mode)
                    assert False
            "#]],
        );
    }

    #[test]
    fn names_that_other_things_bind_or_call_stay() {
        let text = "def test_one():\n    a = 1\n    b = 'x'\n    c = lib.make\n    d = 2\n    e = 5\n    run = lambda d: d\n    e += 1\n    print([a for a in (1,)], b.upper(), c(), d, e)\n    assert a\n";
        assert_eq!(inlined(text, Some(9), "test_one", 1).0, text);
    }
}
