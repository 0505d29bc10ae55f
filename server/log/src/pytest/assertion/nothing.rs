//! What `pytest.raises` and `pytest.warns` say where nothing was raised or emitted.

use super::Sides;

/// `DID NOT RAISE <class 'ValueError'>`, `DID NOT WARN. No warnings of type (<class 'UserWarning'>,) were emitted.`
pub(super) fn sides(message: &str) -> Option<Sides> {
    let first = message.lines().next()?;
    if let Some(wanted) = first.strip_prefix("DID NOT RAISE ") {
        let wanted = wanted.split(", expected ").last().unwrap_or(wanted);
        return Some((
            Some(format!("{} is raised", classes(wanted))),
            Some("no exception".to_owned()),
        ));
    }
    let wanted = first.strip_prefix("DID NOT WARN. No warnings of type ")?;
    let wanted = wanted.split(" were emitted").next().unwrap_or(wanted);
    let told = |label: &str| {
        let at = message.find(label)?;
        message[at + label.len()..].lines().next().map(str::trim)
    };
    let mut expected = classes(wanted.trim_end_matches(" matching the regex"));
    if let Some(regex) = told(" Regex: ") {
        expected.push_str(" matching ");
        expected.push_str(regex);
    }
    let emitted = told("Emitted warnings: ").or_else(|| told("emitted warnings is: "));
    let actual = match emitted.map(|list| list.trim_end_matches('.')) {
        None | Some("[]") => "no warning".to_owned(),
        Some(list) => list.to_owned(),
    };
    Some((Some(format!("{expected} is emitted")), Some(actual)))
}

/// The names in `<class 'a.B'>`, or in `any of (<class 'A'>, <class 'B'>)`; words are as they are.
fn classes(shown: &str) -> String {
    let names: Vec<&str> = shown
        .split("<class '")
        .skip(1)
        .filter_map(|rest| rest.split("'>").next())
        .collect();
    match names.is_empty() {
        true => shown.trim_matches('`').to_owned(),
        false => names.join(" or "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: &str, expected: &str, actual: &str) {
        let told = (Some(expected.to_owned()), Some(actual.to_owned()));
        assert_eq!(sides(message), Some(told));
    }

    #[test]
    fn nothing_was_raised() {
        check(
            "DID NOT RAISE <class 'ValueError'>",
            "ValueError is raised",
            "no exception",
        );
        check(
            "DID NOT RAISE (<class 'ValueError'>, <class 'a.b.Error'>)",
            "ValueError or a.b.Error is raised",
            "no exception",
        );
        check(
            "DID NOT RAISE any exception, expected `ExceptionGroup(ValueError)`",
            "ExceptionGroup(ValueError) is raised",
            "no exception",
        );
        check(
            "DID NOT RAISE any exception",
            "any exception is raised",
            "no exception",
        );
    }

    #[test]
    fn nothing_was_emitted() {
        check(
            "DID NOT WARN. No warnings of type (<class 'UserWarning'>,) were emitted.\n Emitted warnings: [].",
            "UserWarning is emitted",
            "no warning",
        );
        check(
            "DID NOT WARN. No warnings of type (<class 'A'>, <class 'B'>) were emitted. The list of emitted warnings is: [].",
            "A or B is emitted",
            "no warning",
        );
        check(
            "DID NOT WARN. No warnings of type (<class 'A'>,) matching the regex were emitted.\n Regex: old$\n Emitted warnings: [A('new')].",
            "A matching old$ is emitted",
            "[A('new')]",
        );
    }

    #[test]
    fn other_words() {
        assert_eq!(sides("DID NOT START"), None);
        assert_eq!(sides(""), None);
    }
}
