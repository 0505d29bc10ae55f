//! Values that pytest shortens in the assertion's line (`[0, 1, ...98, 99]`), whole: out of the diff below it.

/// The value that `shown` stands for, if the message has its whole diff.
pub(super) fn whole(shown: &str, message: &str) -> Option<String> {
    let (head, tail) = shown.split_once("...")?;
    let (_, diff) = message.split_once("Full diff:\n")?;
    let (head, tail) = (squeezed(head), squeezed(tail));
    // Which mark is whose changed with pytest 5.4.
    ['+', '-'].into_iter().find_map(|mark| {
        let value = side(diff, mark);
        let plain = squeezed(&value);
        let fits = plain.starts_with(&head) && plain.ends_with(&tail);
        (fits && !value.contains("...")).then_some(value)
    })
}

/// The lines of one side, put together as they stand in a repr of one line.
fn side(diff: &str, mark: char) -> String {
    let mut value = String::new();
    for line in diff.lines() {
        let line = line.strip_prefix("  ").unwrap_or(line);
        let Some(text) = line.strip_prefix([' ', mark]) else {
            continue;
        };
        let text = text.trim();
        let closes = text.starts_with([']', '}']);
        if closes && value.ends_with(',') {
            value.pop();
        } else if !(closes || value.is_empty() || value.ends_with(['[', '{', '('])) {
            value.push(' ');
        }
        value.push_str(text);
    }
    value
}

/// Without blanks: lines are broken where a repr of one line has them.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

#[cfg(test)]
mod tests {
    use super::whole;

    #[test]
    fn shortened_values_are_taken_from_the_diff() {
        let message = "assert {'a': 1, 'b':...2], 'c': None} == {'a': 1, 'b':...3], 'd': None}\n  \n  Full diff:\n    {\n        'a': 1,\n        'b': [\n            1,\n  -         3,\n  ?         ^\n  +         2,\n  ?         ^\n        ],\n  -     'd': None,\n  ?      ^\n  +     'c': None,\n  ?      ^\n    }";
        assert_eq!(
            whole("{'a': 1, 'b':...2], 'c': None}", message).as_deref(),
            Some("{'a': 1, 'b': [1, 2], 'c': None}")
        );
        assert_eq!(
            whole("{'a': 1, 'b':...3], 'd': None}", message).as_deref(),
            Some("{'a': 1, 'b': [1, 3], 'd': None}")
        );
        assert_eq!(whole("{'x': 1, ...2}", message), None);
        assert_eq!(whole("[1, 2]", message), None);
        let cut = message.replace("    }", "  ...Full output truncated (9 lines hidden)");
        assert_eq!(whole("{'a': 1, 'b':...2], 'c': None}", &cut), None);
    }
}
