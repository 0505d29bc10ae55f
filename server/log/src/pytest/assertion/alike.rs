//! Two sides that print the same: what the lines below the assertion tell of their difference.

use super::Sides;

/// (expected, actual) of `left operator right`, where both are printed as `shown`.
pub(super) fn sides(shown: &str, operator: &str, message: &str) -> Sides {
    let found = shown
        .contains("...")
        .then(|| at_index(message).or_else(|| lines(message)))
        .flatten();
    if let Some((expected, actual)) = found {
        return (Some(expected), Some(actual));
    }
    let expected = match operator {
        "is" => format!("the same object as {shown}"),
        _ => format!("a value equal to {shown}"),
    };
    (Some(expected), Some(shown.to_owned()))
}

/// `At index 8 diff: 'left' != 'right'`
fn at_index(message: &str) -> Option<(String, String)> {
    let line = message
        .lines()
        .find_map(|line| line.trim_start().strip_prefix("At index "))?;
    let (index, values) = line.split_once(" diff: ")?;
    let (left, right) = values.split_once(" != ")?;
    let whole = index.chars().all(|c| c.is_ascii_digit()) && !right.contains(" != ");
    whole.then(|| {
        (
            format!("{right} at index {index}"),
            format!("{left} at index {index}"),
        )
    })
}

/// The first lines that a diff has of one side alone: `-` wanted, `+` given.
fn lines(message: &str) -> Option<(String, String)> {
    let first = |mark: &str| {
        let mut lines = message.lines().skip(1).map(str::trim_start);
        let line = lines.find_map(|line| line.strip_prefix(mark))?.trim();
        (!line.is_empty()).then(|| line.to_owned())
    };
    Some((first("- ")?, first("+ ")?))
        .filter(|(expected, actual)| expected != actual)
        .map(|(expected, actual)| {
            (
                format!("a text with the line `{expected}`"),
                format!("a text with the line `{actual}`"),
            )
        })
}

#[cfg(test)]
mod tests {
    use super::sides;

    #[track_caller]
    fn check(shown: &str, operator: &str, message: &str, expected: &str, actual: &str) {
        let found = sides(shown, operator, message);
        assert_eq!(found, (Some(expected.to_owned()), Some(actual.to_owned())));
    }

    #[test]
    fn what_differs_is_told() {
        check(
            "'usage: a...l\\n'",
            "==",
            "assert 'usage: a...l\\n' == 'usage: a...l\\n'\n  \n    usage: a\n  - optional arguments:\n  + options:\n      all",
            "a text with the line `optional arguments:`",
            "a text with the line `options:`",
        );
        check(
            "['a', ...]",
            "==",
            "assert ['a', ...] == ['a', ...]\n  \n  At index 8 diff: 'options:' != 'optional:'\n  Use -v to get more diff",
            "'optional:' at index 8",
            "'options:' at index 8",
        );
    }

    #[test]
    fn what_prints_the_same_is_no_same_object() {
        check(
            "nan",
            "==",
            "assert nan == nan",
            "a value equal to nan",
            "nan",
        );
        check(
            "C()",
            "is",
            "assert C() is C()",
            "the same object as C()",
            "C()",
        );
        check(
            "[...]",
            "==",
            "assert [...] == [...]",
            "a value equal to [...]",
            "[...]",
        );
    }
}
