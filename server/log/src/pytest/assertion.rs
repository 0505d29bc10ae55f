//! Expected and actual values, where an assertion shows them.
//!
//! The rule: of `assert left == right` the left side is what the code gave and the right side what the test wanted, as
//! pytest's own diff has it (`-` wanted, `+` given), unless the source line tells that it is the other way round: a literal or
//! something named `expected` stands on the left. unittest's `first != second` reads the same way. Libraries and people that
//! name their sides (`ACTUAL`/`DESIRED`, `expected X, got Y`) are taken at their word.

mod alike;
mod nothing;
mod whole;
mod worded;

use crate::Exception;

/// (expected, actual).
pub(crate) type Sides = (Option<String>, Option<String>);

/// The two sides that a message shows; `source` is the failing line.
pub(crate) fn sides(exception: &Exception, source: Option<&str>) -> Sides {
    let message = exception.message.as_str();
    let named = labelled(message);
    if named.0.is_some() || named.1.is_some() {
        return named;
    }
    let introspected = message.lines().find(|it| it.starts_with("assert "));
    let first = introspected
        .or_else(|| message.lines().next())
        .unwrap_or_default();
    if let Some(sides) = nothing::sides(message) {
        return sides;
    }
    // What people and libraries say in words comes before pytest's own lines, which repeat the condition.
    let is_assertion = exception.type_name.ends_with("AssertionError");
    if is_assertion && let Some(sides) = worded::sides(message, source) {
        return sides;
    }
    if let Some(condition) = introspected.and_then(|it| it.strip_prefix("assert ")) {
        let (expected, actual) = match compared(condition) {
            Some((Some(expected), Some(actual))) if expected == actual => {
                let operator = split(condition).map_or("", |it| it.1);
                let (expected, actual) = alike::sides(&actual, operator, message);
                return match operator == "==" && is_swapped(source) {
                    true => (actual, expected),
                    false => (expected, actual),
                };
            }
            Some(sides) if is_swapped(source) => swapped(condition).unwrap_or(sides),
            Some(sides) => sides,
            None => falsy(condition, message),
        };
        let whole = |shown: String| whole::whole(&shown, message).unwrap_or(shown);
        return (expected.map(whole), actual.map(whole));
    }
    if let Some((first, second)) = of_unittest(first) {
        return if is_swapped(source) {
            (Some(first), Some(second))
        } else {
            (Some(second), Some(first))
        };
    }
    (None, None)
}

/// `expected == value`, the other way round.
fn swapped(condition: &str) -> Option<Sides> {
    let (left, operator, right) = split(condition)?;
    matches!(operator, "==" | "is").then(|| (Some(left.to_owned()), Some(right.to_owned())))
}

/// Whether the failing line has what is wanted on its left: by the names of its sides, or as only that one is a literal.
fn is_swapped(source: Option<&str>) -> bool {
    let sides = source.and_then(source_sides);
    sides.is_some_and(|(left, right)| match (side(left), side(right)) {
        (Some(Side::Expected), Some(Side::Expected)) => false,
        (Some(Side::Expected), _) | (None, Some(Side::Actual)) => true,
        (_, Some(Side::Expected)) | (Some(Side::Actual), _) => false,
        (None, None) => is_literal(left) && !is_literal(right),
    })
}

/// The two sides of `assert left == right, message`, or of `self.assertEqual(first, second, message)`.
fn source_sides(source: &str) -> Option<(&str, &str)> {
    let source = source.trim();
    if let Some(condition) = source.strip_prefix("assert ") {
        let condition = match top_level(condition, ", ") {
            Some(at) => &condition[..at],
            None => condition,
        };
        let (left, operator, right) = split(condition)?;
        return matches!(operator, "==" | "is").then_some((left, right));
    }
    let (call, arguments) = source.split_once('(')?;
    let method = call.rsplit('.').next().unwrap_or(call);
    let is_equality = method.starts_with("assert") && method.contains("Equal");
    let at = top_level(arguments, ", ").filter(|_| is_equality)?;
    let rest = arguments[at + 2..].trim_end_matches(')');
    let end = top_level(rest, ", ").unwrap_or(rest.len());
    Some((arguments[..at].trim(), rest[..end].trim()))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Expected,
    Actual,
}

/// What a name says of its value.
fn side(name: &str) -> Option<Side> {
    const EXPECTED: [&str; 7] = [
        "expect", "golden", "want", "referenc", "desired", "truth", "correct",
    ];
    const ACTUAL: [&str; 8] = [
        "actual", "result", "output", "got", "given", "comput", "receiv", "calculat",
    ];
    // The text of a literal is no name.
    if is_literal(name) && !name.starts_with('(') {
        return None;
    }
    let name = name.to_ascii_lowercase();
    if EXPECTED.iter().any(|word| name.contains(word)) {
        return Some(Side::Expected);
    }
    let has_word = ACTUAL.iter().any(|word| name.contains(word));
    has_word.then_some(Side::Actual)
}

fn is_literal(text: &str) -> bool {
    let text = text.trim();
    matches!(text, "None" | "True" | "False" | "...")
        || text.starts_with(['\'', '"', '[', '{', '('])
        || text
            .trim_start_matches('-')
            .starts_with(|c: char| c.is_ascii_digit())
        || ["b'", "b\"", "r'", "r\"", "f'", "f\"", "u'", "u\""]
            .iter()
            .any(|quote| text.starts_with(quote))
}

/// `left == right` with any comparison; the sides as printed.
fn compared(condition: &str) -> Option<Sides> {
    let (left, operator, right) = split(condition)?;
    let expected = match operator {
        "==" | "is" => right.to_owned(),
        other => format!("{other} {right}"),
    };
    Some((Some(expected), Some(left.to_owned())))
}

/// Left side, operator, right side of the first comparison.
fn split(condition: &str) -> Option<(&str, &str, &str)> {
    const OPERATORS: &[&str] = &[
        " == ", " != ", " is not ", " is ", " not in ", " in ", " <= ", " >= ", " < ", " > ",
    ];
    let (at, operator) = first_of(condition, OPERATORS)?;
    let left = condition[..at].trim();
    let right = condition[at + operator.len()..].trim();
    Some((left, operator.trim(), right))
}

/// Where an operator stands outside quotes and brackets.
fn top_level(text: &str, operator: &str) -> Option<usize> {
    first_of(text, &[operator]).map(|(at, _)| at)
}

/// The first of operators that stands outside quotes and brackets, and where. All begin alike.
fn first_of<'a>(text: &str, operators: &[&'a str]) -> Option<(usize, &'a str)> {
    let begins = operators.first()?.bytes().next()?;
    let bytes = text.as_bytes();
    let mut depth = 0_i32;
    let mut quote = None;
    let mut escaped = false;
    for (at, &it) in bytes.iter().enumerate() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if it == b'\\' => escaped = true,
            Some(open) if it == open => quote = None,
            Some(_) => {}
            None => match it {
                b'\'' | b'"' => quote = Some(it),
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => depth -= 1,
                _ if it == begins && depth <= 0 => {
                    let here = |it: &&&str| bytes[at..].starts_with(it.as_bytes());
                    if let Some(operator) = operators.iter().find(here) {
                        return Some((at, operator));
                    }
                }
                _ => {}
            },
        }
    }
    None
}

/// `assert False`, `assert not x`; pytest tells below what the value is of.
fn falsy(condition: &str, message: &str) -> Sides {
    let is_not = condition.strip_prefix("not ");
    let value = is_not.unwrap_or(condition).trim();
    let of = explained(value, message).map(|of| named(of, message));
    let is_false = matches!(value, "False" | "None" | "0" | "[]" | "{}" | "''" | "()");
    match (is_not, of) {
        (Some(_), Some(of)) => (Some(format!("{of} is false")), Some(value.to_owned())),
        (None, Some(of)) => (Some(format!("{of} is true")), Some(value.to_owned())),
        (Some(_), None) => (Some("a false value".to_owned()), Some(value.to_owned())),
        (None, None) if is_false => (Some("a true value".to_owned()), Some(value.to_owned())),
        (None, None) => (None, None),
    }
}

/// What pytest says that a value is of: `+  where False = any([])`.
fn explained<'a>(value: &str, message: &'a str) -> Option<&'a str> {
    message.lines().find_map(|line| {
        let rest = line.trim().strip_prefix("+")?.trim();
        let rest = rest.strip_prefix("where ")?.strip_prefix(value)?;
        rest.trim().strip_prefix("= ")
    })
}

/// A call of `<function allclose at 0x7f>`, by the name that pytest gives it below: `+    where <function ...> = np.allclose`.
fn named(call: &str, message: &str) -> String {
    let function = call.find(">(").map(|end| &call[..=end]);
    let function = function.filter(|it| it.starts_with('<'));
    let name = function.and_then(|it| Some((it, explained(it, message)?)));
    match name {
        Some((function, name)) => format!("{name}{}", &call[function.len()..]),
        None => call.to_owned(),
    }
}

/// `'a' != 'b'`, with what it is about before `: ` and unittest's own words behind ` : `.
fn of_unittest(first: &str) -> Option<(String, String)> {
    let at = top_level(first, " != ")?;
    let right = first[at + 4..].split(" : ").next().unwrap_or_default();
    let right = match top_level(right, " within ") {
        Some(end) => &right[..end],
        None => right,
    };
    let left = &first[..at];
    let left = match top_level(left, ": ") {
        Some(at) => &left[at + 2..],
        None => left,
    };
    Some((left.trim().to_owned(), right.trim().to_owned()))
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
        ("[right]: ", "[left]: "),
    ];
    for (wanted, given) in PAIRS {
        if let Some(expected) = after(message, wanted)
            && let Some(actual) = after(message, given)
        {
            return (Some(expected), Some(actual));
        }
    }
    (None, None)
}

/// The value behind a label, with its continuation lines while they are indented deeper.
fn after(message: &str, label: &str) -> Option<String> {
    if !message.contains(label.trim_start()) {
        return None;
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(message: &str, expected: &str, actual: &str) {
        check_at("", message, expected, actual);
    }

    #[track_caller]
    fn check_at(source: &str, message: &str, expected: &str, actual: &str) {
        let exception = Exception {
            type_name: "AssertionError".to_owned(),
            message: message.to_owned(),
            ..Exception::default()
        };
        let source = Some(source).filter(|it| !it.is_empty());
        assert_eq!(
            sides(&exception, source),
            (Some(expected.to_owned()), Some(actual.to_owned())),
            "{message}"
        );
    }

    #[test]
    fn source_tells_which_side_is_wanted() {
        check_at(
            "assert None is getattr(i, 'x')",
            "assert None is 3",
            "None",
            "3",
        );
        check_at(
            "assert expected == run()",
            "assert [1] == [2]",
            "[1]",
            "[2]",
        );
        check_at(
            "assert result == expected",
            "assert [1] == [2]",
            "[2]",
            "[1]",
        );
        check_at("assert run() == 3, 'no'", "no\nassert 2 == 3", "3", "2");
        check_at(
            "self.assertEqual(200, response.status)",
            "200 != 404",
            "200",
            "404",
        );
        check_at(
            "self.assertEqual(response.status, 200)",
            "404 != 200",
            "200",
            "404",
        );
        check(
            "assert <class 'C'> is <class 'C'>",
            "the same object as <class 'C'>",
            "<class 'C'>",
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
            "assert False\n +  where False = isinstance(1, str)",
            "isinstance(1, str) is true",
            "False",
        );
        check(
            "assert False\n +  where False = <function near at 0x7f>(1, 2)\n +    where <function near at 0x7f> = np.near",
            "np.near(1, 2) is true",
            "False",
        );
        check(
            "assert not True\n +  where True = <built-in any>([1])\n +    where <built-in all> = all",
            "<built-in any>([1]) is false",
            "True",
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
