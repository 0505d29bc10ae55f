//! `tox`: `tox.ini`'s commands, `setenv` and `passenv`.

use shell::Command;
use text::{OriginKind, Span, Value};

use super::{Lines, Recipe, joined};
use crate::files::{Files, Source};

/// What tox 4 hands on without being asked.
const PASSED: [&str; 24] = [
    "https_proxy",
    "http_proxy",
    "no_proxy",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "LANG",
    "LANGUAGE",
    "CURL_CA_BUNDLE",
    "SSL_CERT_FILE",
    "CC",
    "CFLAGS",
    "CCSHARED",
    "CXX",
    "CPPFLAGS",
    "LD_LIBRARY_PATH",
    "LDFLAGS",
    "HOME",
    "FORCE_COLOR",
    "NO_COLOR",
    "NETRC",
    "PIP_*",
    "VIRTUALENV_*",
    "TMPDIR",
];
const MORE: [&str; 8] = [
    "PATH",
    "TERM",
    "PKG_CONFIG*",
    "NIX_LD*",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_DIR",
    "TOX_*",
    "CPATH",
];

/// One key of a section, with the lines of its value.
struct Key {
    name: String,
    lines: Vec<(usize, String)>,
}

struct Section {
    name: String,
    keys: Vec<Key>,
}

pub(super) fn recipe(
    arguments: &[&str],
    command: &Command,
    files: &Files<'_>,
    folder: &str,
) -> Option<Recipe> {
    let mut names: Vec<String> = Vec::new();
    let mut rest: Option<Vec<String>> = None;
    let mut path = "tox.ini".to_owned();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match *word {
            "--" => {
                rest = Some(words.by_ref().map(|word| (*word).to_owned()).collect());
            }
            "-e" | "-m" | "-f" => names.extend(words.next()?.split(',').map(str::to_owned)),
            "-c" | "--conf" => path = (*words.next()?).to_owned(),
            "-x" | "--override" | "--workdir" | "--result-json" => {
                words.next();
            }
            word if word.starts_with("-e") => names.extend(word[2..].split(',').map(str::to_owned)),
            _ => {}
        }
    }
    if names.is_empty() {
        let of_env = command
            .environment
            .iter()
            .find(|(name, _)| name == "TOXENV");
        let text = of_env.and_then(|(_, value)| value.known())?;
        names.extend(text.split(',').map(str::to_owned));
    }
    let source = files.source(&joined(folder, &path)?)?;
    let sections = sections(&source.text);
    let name = names.first()?;
    if names.len() != 1 || name.contains(['{', '$']) {
        // Several environments: which one failed is the log's to say.
        return None;
    }
    let key = |wanted: &[&str]| -> Option<&Key> {
        let own = format!("testenv:{name}");
        [own.as_str(), "testenv"].iter().find_map(|section| {
            let section = sections.iter().find(|known| known.name == *section)?;
            section
                .keys
                .iter()
                .find(|key| wanted.contains(&key.name.as_str()))
        })
    };
    let root = "$PWD";
    let fill = |text: &str| substitute(text, name, root, rest.as_deref());
    let mut lines = Lines::default();
    for wanted in [&["commands_pre"][..], &["commands"]] {
        for (number, line) in key(wanted).map_or(&[][..], |key| &key.lines) {
            if let Some(line) = factored(line, name) {
                let line = line.trim_start_matches("- ").trim_start_matches('-');
                lines.add(*number, &fill(line));
            }
        }
    }
    let mut env = Vec::new();
    for (number, line) in key(&["setenv", "set_env"]).map_or(&[][..], |key| &key.lines) {
        let Some((variable, value)) = factored(line, name).and_then(|line| line.split_once('='))
        else {
            continue;
        };
        let filled = fill(value.trim());
        let value = if filled.contains(['{', '$']) {
            Value::Unresolved(value.trim().to_owned())
        } else {
            Value::printed(filled)
        };
        env.push((
            variable.trim().to_owned(),
            value,
            Some(at(&source, *number)),
        ));
    }
    let mut passes: Vec<String> = PASSED
        .iter()
        .chain(&MORE)
        .map(|it| (*it).to_owned())
        .collect();
    for (_, line) in key(&["passenv", "pass_env"]).map_or(&[][..], |key| &key.lines) {
        if let Some(line) = factored(line, name) {
            passes.extend(
                line.split([',', ' ', '\t'])
                    .filter(|it| !it.is_empty())
                    .map(str::to_owned),
            );
        }
    }
    Some(Recipe {
        path: source.path.clone(),
        text: lines.text(),
        env,
        passes: Some(passes),
    })
}

fn at(source: &Source, line: usize) -> text::Origin {
    let start = source
        .text
        .split_inclusive('\n')
        .take(line)
        .map(str::len)
        .sum();
    source.origin(OriginKind::ToolConfig, Span::at(start))
}

fn sections(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = trimmed
            .strip_prefix('[')
            .and_then(|it| it.strip_suffix(']'))
            && !line.starts_with(char::is_whitespace)
        {
            sections.push(Section {
                name: name.to_owned(),
                keys: Vec::new(),
            });
            continue;
        }
        let Some(section) = sections.last_mut() else {
            continue;
        };
        if line.starts_with(char::is_whitespace) {
            if let Some(key) = section.keys.last_mut() {
                key.lines.push((number, trimmed.to_owned()));
            }
        } else if let Some((name, value)) = trimmed.split_once(['=', ':']) {
            let value = value.trim();
            let lines = if value.is_empty() {
                Vec::new()
            } else {
                vec![(number, value.to_owned())]
            };
            section.keys.push(Key {
                name: name.trim().to_owned(),
                lines,
            });
        }
    }
    sections
}

/// `py311,lint: command` holds for the environments that it names.
fn factored<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    let Some((factors, rest)) = line.split_once(": ") else {
        return Some(line);
    };
    let is_factors = factors
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, ',' | '-' | '!' | '{' | '}' | '_' | '.'));
    if !is_factors {
        return Some(line);
    }
    let parts: Vec<&str> = name.split('-').collect();
    let holds = factors.split(',').any(|choice| {
        choice
            .split('-')
            .all(|factor| match factor.strip_prefix('!') {
                Some(factor) => !parts.contains(&factor),
                None => parts.contains(&factor),
            })
    });
    holds.then_some(rest)
}

/// tox's `{...}`; what is not known here stays.
fn substitute(text: &str, name: &str, root: &str, rest: Option<&[String]>) -> String {
    let mut filled = String::new();
    let mut left = text;
    while let Some(start) = left.find('{') {
        filled.push_str(&left[..start]);
        let Some(end) = left[start..].find('}') else {
            break;
        };
        let inner = &left[start + 1..start + end];
        left = &left[start + end + 1..];
        match inner.split_once(':').unwrap_or((inner, "")) {
            ("posargs", default) => match rest {
                Some(rest) => filled.push_str(&rest.join(" ")),
                None => filled.push_str(default),
            },
            ("envname" | "env_name", _) => filled.push_str(name),
            ("toxinidir" | "tox_root", _) => filled.push_str(root),
            ("envpython" | "env_python", _) => filled.push_str("python"),
            ("env", variable) => {
                let (variable, default) = variable.split_once(':').unwrap_or((variable, ""));
                filled.push_str(&format!("${{{variable}:-{default}}}"));
            }
            ("/", "") => filled.push('/'),
            _ => filled.push_str(&format!("${{{}}}", inner.replace([':', '/'], "_"))),
        }
    }
    filled.push_str(left);
    filled
}
