//! `addopts` and plain options of pytest's configuration files.

/// What the file sets of one option, as the words that pytest makes of it. `None` where it does not set it.
pub fn words(path: &str, text: &str, option: &str) -> Option<Vec<String>> {
    let name = path.rsplit('/').next().unwrap_or(path);
    if name.ends_with(".toml") {
        return of_toml(text, option);
    }
    let section = if name == "setup.cfg" {
        "tool:pytest"
    } else {
        "pytest"
    };
    Some(split(&of_ini(text, section, option)?))
}

fn of_toml(text: &str, option: &str) -> Option<Vec<String>> {
    let table: toml::Table = text.parse().ok()?;
    let tool = table.get("tool").and_then(|tool| tool.get("pytest"));
    // `[tool.pytest.ini_options]`; since pytest 9 also `[tool.pytest]`, and `[pytest]` in `pytest.toml`.
    let value = tool
        .and_then(|pytest| pytest.get("ini_options"))
        .and_then(|options| options.get(option))
        .or_else(|| tool.and_then(|pytest| pytest.get(option)))
        .or_else(|| table.get("pytest").and_then(|pytest| pytest.get(option)))?;
    Some(match value {
        toml::Value::Array(items) => items
            .iter()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect(),
        toml::Value::String(text) => split(text),
        other => vec![other.to_string()],
    })
}

/// The value with its continuation lines, comments left out.
fn of_ini(text: &str, wanted: &str, option: &str) -> Option<String> {
    let mut in_section = false;
    let mut value: Option<String> = None;
    for line in text.lines() {
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        let is_continuation = line.starts_with([' ', '\t']);
        match &mut value {
            Some(value) if is_continuation => {
                value.push('\n');
                value.push_str(content);
                continue;
            }
            Some(_) => break,
            None => {}
        }
        if let Some(section) = content
            .strip_prefix('[')
            .and_then(|rest| rest.split(']').next())
        {
            in_section = section == wanted;
        } else if in_section && !is_continuation {
            let Some((key, rest)) = content.split_once(['=', ':']) else {
                continue;
            };
            if key.trim() == option {
                // iniconfig takes ` #` as the start of a comment.
                let rest = rest.split(" #").next().unwrap_or(rest);
                value = Some(rest.trim().to_owned());
            }
        }
    }
    value
}

fn split(text: &str) -> Vec<String> {
    shlex::split(text).unwrap_or_else(|| text.split_whitespace().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addopts_of_each_kind_of_file() {
        for (path, text) in [
            (
                "pytest.ini",
                "[pytest]\nminversion = 6\naddopts =\n    -ra\n    # no\n    -k 'a b'\ntestpaths = x\n",
            ),
            (
                "setup.cfg",
                "[x]\naddopts = no\n[tool:pytest]\naddopts = -ra -k 'a b'\n",
            ),
            ("a/tox.ini", "[pytest]\naddopts: -ra -k 'a b'\n"),
            (
                "pyproject.toml",
                "[tool.pytest.ini_options]\naddopts = \"-ra -k 'a b'\"\n",
            ),
            (
                "pyproject.toml",
                "[tool.pytest.ini_options]\naddopts = ['-ra', '-k', 'a b']\n",
            ),
        ] {
            assert_eq!(
                words(path, text, "addopts").unwrap_or_default(),
                ["-ra", "-k", "a b"],
                "{text}"
            );
        }
        assert_eq!(
            words("pytest.ini", "[pytest]\n[x]\naddopts=1\n", "addopts"),
            None
        );
        assert_eq!(words("pyproject.toml", "[[[", "addopts"), None);
    }
}
