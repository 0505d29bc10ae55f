//! What of `run_test.sh` a failure may not need: its exports and CI's arguments of pytest; and the script without some of them.

/// Tells a reader, and the checklist, what is missing on purpose.
const NOTE: &str = "# reprolens: ignore[ENV001, RUN007] the failure does not need ";

/// A line of the script that may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) line: usize,
    /// The variable, or the argument as it stands in the script.
    pub(super) name: String,
}

/// The lines that may go. The script's own arguments, which lead pytest to the workspace, stay, and so do those that decide how
/// a failure is shown.
pub(super) fn items(script: &str) -> Vec<Item> {
    const OWN: [&str; 8] = [
        "-c ",
        "--rootdir",
        "-p no:cacheprovider",
        "-v",
        "--verb",
        "--tb",
        "-l",
        "--showlocals",
    ];
    let mut items = Vec::new();
    let mut in_command = false;
    for (line, text) in script.lines().enumerate() {
        if let Some(rest) = text.strip_prefix("export ") {
            let name = rest.split(['=', ' ']).next().unwrap_or_default();
            items.push(Item {
                line,
                name: name.to_owned(),
            });
        } else if text.contains("\"${pytest_command[@]}\"") && text.ends_with('\\') {
            in_command = true;
        } else if in_command {
            let argument = text.trim().trim_end_matches('\\').trim_end();
            in_command = text.ends_with('\\') && !argument.contains("\"$@\"");
            if in_command && !OWN.iter().any(|own| argument.starts_with(own)) {
                items.push(Item {
                    line,
                    name: argument.to_owned(),
                });
            }
        }
    }
    items
}

/// The script without these lines, and with a word about them.
pub(super) fn without(script: &str, gone: &[&Item]) -> String {
    if gone.is_empty() {
        return script.to_owned();
    }
    let mut names: Vec<&str> = Vec::new();
    let is_pytest = |line: &&str| line.contains("\"${pytest_command[@]}\"") && line.ends_with('\\');
    let mut lines: Vec<&str> = Vec::new();
    for (number, line) in script.lines().enumerate() {
        if let Some(known) = line.strip_prefix(NOTE) {
            names.extend(known.split(", "));
        } else if !gone.iter().any(|item| item.line == number) {
            lines.push(line);
        }
    }
    for item in gone {
        if !names.contains(&item.name.as_str()) {
            names.push(&item.name);
        }
    }
    let note = format!("{NOTE}{}", names.join(", "));
    // Where the checklist says what is missing: at the command.
    let after_shebang = usize::from(lines.first().is_some_and(|line| line.starts_with("#!")));
    let place = lines.iter().position(is_pytest);
    lines.insert(place.unwrap_or(after_shebang), &note);
    if !lines.iter().any(|line| line.starts_with("export ")) {
        lines.retain(|line| !line.starts_with("# CI's environment, "));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// The README's table says of each variable what the script does about it.
pub(super) fn readme_without(readme: &str, gone: &[&Item]) -> String {
    let is_gone = |line: &str| {
        gone.iter()
            .any(|item| line.starts_with(&format!("| `{}` |", item.name)))
    };
    readme
        .lines()
        .map(|line| match line.strip_suffix(" set |") {
            Some(row) if is_gone(line) => format!("{row} the failure does not need it |\n"),
            _ => format!("{line}\n"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    const SCRIPT: &str = r#"#!/usr/bin/env bash
# CI's environment, each value with the place that it was read in.
export A=1  # x:1 (job-env)
export B=2  # x:2 (job-env)

"${time_limit[@]}" "${pytest_command[@]}" \
    -c "$WORKSPACE_DIR/pytest.ini" \
    --slow \
    "$SCRIPT_DIR/tests/test_x_repro.py" "$@" || test_status=$?
"#;

    #[test]
    fn exports_and_arguments_of_ci() {
        let names: Vec<String> = items(SCRIPT).into_iter().map(|item| item.name).collect();
        assert_eq!(names, ["A", "B", "--slow"]);
    }

    #[test]
    fn what_is_missing_is_told() {
        let all = items(SCRIPT);
        let once = without(SCRIPT, &[&all[0], &all[2]]);
        expect![[r##"
            #!/usr/bin/env bash
            # CI's environment, each value with the place that it was read in.
            export B=2  # x:2 (job-env)

            # reprolens: ignore[ENV001, RUN007] the failure does not need A, --slow
            "${time_limit[@]}" "${pytest_command[@]}" \
                -c "$WORKSPACE_DIR/pytest.ini" \
                "$SCRIPT_DIR/tests/test_x_repro.py" "$@" || test_status=$?
        "##]]
        .assert_eq(&once);
        let left = items(&once);
        let twice = without(&once, &[&left[0]]);
        assert!(
            twice.contains("does not need A, --slow, B\n") && !twice.contains("CI's environment")
        );
        assert_eq!(
            readme_without(
                "| `A` | `1` | x | set |\n| `AA` | `1` | x | set |\n",
                &[&all[0]]
            ),
            "| `A` | `1` | x | the failure does not need it |\n| `AA` | `1` | x | set |\n"
        );
    }
}
