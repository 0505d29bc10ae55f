//! Expected and actual values, where an assertion shows them.
//!
//! The rule: of `assert left == right` the left side is what the code gave and the right side what the test wanted, as
//! pytest's own diff has it (`-` wanted, `+` given). unittest's `first != second` reads the same way. Libraries that name
//! their sides (`ACTUAL`/`DESIRED`, `expected: X, got: Y`) are taken at their word.

use crate::Exception;

/// (expected, actual).
pub(crate) type Sides = (Option<String>, Option<String>);

/// The two sides that a message shows; `source` is the failing line.
pub(crate) fn sides(exception: &Exception, source: Option<&str>) -> Sides {
    let message = exception.message.as_str();
    let labelled = labelled(message);
    if labelled.0.is_some() || labelled.1.is_some() {
        return labelled;
    }
    let first = message
        .lines()
        .find(|it| it.starts_with("assert "))
        .or_else(|| message.lines().next())
        .unwrap_or_default();
    if first.starts_with("DID NOT RAISE ") {
        let wanted = first.trim_start_matches("DID NOT RAISE ").to_owned();
        return (
            Some(format!("raises {wanted}")),
            Some("no exception".to_owned()),
        );
    }
    if let Some(condition) = first.strip_prefix("assert ") {
        return compared(condition).unwrap_or_else(|| falsy(condition));
    }
    if let Some((first, second)) = of_unittest(first) {
        // `assertEqual(expected, actual)` is as usual as the other way; the names in the source tell where they can.
        return if names_expected_first(source) {
            (Some(first), Some(second))
        } else {
            (Some(second), Some(first))
        };
    }
    (None, None)
}

/// `left == right` with any comparison; the sides as printed.
fn compared(condition: &str) -> Option<Sides> {
    const OPERATORS: &[&str] = &[
        " == ", " != ", " is not ", " is ", " not in ", " in ", " <= ", " >= ", " < ", " > ",
    ];
    let (at, operator) = OPERATORS
        .iter()
        .filter_map(|it| Some((top_level(condition, it)?, *it)))
        .min_by_key(|(at, _)| *at)?;
    let left = condition[..at].trim().to_owned();
    let right = condition[at + operator.len()..].trim().to_owned();
    let expected = match operator.trim() {
        "==" | "is" => right,
        other => format!("{other} {right}"),
    };
    Some((Some(expected), Some(left)))
}

/// Where an operator stands outside quotes and brackets.
fn top_level(text: &str, operator: &str) -> Option<usize> {
    let mut depth = 0_i32;
    let mut quote = None;
    let mut escaped = false;
    for (at, it) in text.char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if it == '\\' => escaped = true,
            Some(open) if it == open => quote = None,
            Some(_) => {}
            None => match it {
                '\'' | '"' => quote = Some(it),
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth -= 1,
                ' ' if depth <= 0 && text[at..].starts_with(operator) => return Some(at),
                _ => {}
            },
        }
    }
    None
}

/// `assert False`, `assert not x`.
fn falsy(condition: &str) -> Sides {
    match condition.strip_prefix("not ") {
        Some(value) => (
            Some("a false value".to_owned()),
            Some(value.trim().to_owned()),
        ),
        None if matches!(
            condition,
            "False" | "None" | "0" | "[]" | "{}" | "''" | "()"
        ) =>
        {
            (Some("a true value".to_owned()), Some(condition.to_owned()))
        }
        None => (None, None),
    }
}

/// `'a' != 'b'`, with unittest's own words behind ` : `.
fn of_unittest(first: &str) -> Option<(String, String)> {
    let at = top_level(first, " != ")?;
    let right = first[at + 4..].split(" : ").next().unwrap_or_default();
    Some((first[..at].trim().to_owned(), right.trim().to_owned()))
}

fn names_expected_first(source: Option<&str>) -> bool {
    source
        .and_then(|it| it.split_once("Equal(").or_else(|| it.split_once("Equals(")))
        .is_some_and(|(_, arguments)| {
            arguments
                .trim_start()
                .to_ascii_lowercase()
                .starts_with("expected")
        })
}

/// Messages that name their sides.
fn labelled(message: &str) -> Sides {
    const PAIRS: &[(&str, &str)] = &[
        ("DESIRED:", "ACTUAL:"),
        (" y: ", " x: "),
        ("Expected: ", "Actual: "),
        ("expected: ", "actual: "),
        ("Expected: ", "Got: "),
        ("Regex: ", "Input: "),
        ("Expected regex: ", "Actual message: "),
    ];
    for (wanted, given) in PAIRS {
        let (expected, actual) = (after(message, wanted), after(message, given));
        if expected.is_some() && actual.is_some() {
            return (expected, actual);
        }
    }
    if let Some(sides) = of_torch(message) {
        return sides;
    }
    (None, None)
}

/// The value behind a label, with its continuation lines while they are indented deeper.
fn after(message: &str, label: &str) -> Option<String> {
    let lines = message.lines().collect::<Vec<_>>();
    let at = lines
        .iter()
        .position(|it| it.trim_start().starts_with(label.trim_start()) || it.starts_with(label))?;
    let line = lines[at];
    let indent = line.len() - line.trim_start().len();
    let mut value = line.trim_start()[label.trim().len()..].trim().to_owned();
    for next in &lines[at + 1..] {
        let deeper = next.len() - next.trim_start().len() > indent + 1;
        if !deeper || next.trim().is_empty() {
            break;
        }
        value.push('\n');
        value.push_str(next.trim());
    }
    (!value.is_empty()).then_some(value)
}

/// `Expected 3 but got 4.` and the like of `torch.testing`.
fn of_torch(message: &str) -> Option<Sides> {
    message.lines().take(8).find_map(|line| {
        let rest = line
            .trim_start()
            .strip_prefix("Expected ")
            .or_else(|| line.trim_start().strip_prefix("expected "))?;
        let (wanted, given) = rest
            .split_once(" but got ")
            .or_else(|| rest.split_once(", got "))?;
        Some((
            Some(wanted.trim().to_owned()),
            Some(given.trim().trim_end_matches('.').to_owned()),
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(message: &str, expected: &str, actual: &str) {
        let exception = Exception {
            message: message.to_owned(),
            ..Exception::default()
        };
        assert_eq!(
            sides(&exception, None),
            (Some(expected.to_owned()), Some(actual.to_owned()))
        );
    }

    #[test]
    fn comparisons() {
        check("assert 'a == b' == f(1, 2)", "f(1, 2)", "'a == b'");
        check("text\nassert 3 < 2", "< 2", "3");
        check("assert 'x' not in ['x']", "not in ['x']", "'x'");
        check("'a' != 'b' : words", "'b'", "'a'");
        check("assert False", "a true value", "False");
        check(
            "DID NOT RAISE <class 'ValueError'>",
            "raises <class 'ValueError'>",
            "no exception",
        );
    }

    #[test]
    fn named_sides() {
        check(
            "\nArrays are not equal\n ACTUAL: array(1)\n DESIRED: array(2)",
            "array(2)",
            "array(1)",
        );
        check(
            "Not equal\n x: array([1,\n       2])\n y: array([3])",
            "array([3])",
            "array([1,\n2])",
        );
        check("Scalars are not equal!\n\nExpected 3 but got 4.", "3", "4");
    }
}
