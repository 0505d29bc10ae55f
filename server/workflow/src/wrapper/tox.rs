//! `tox`: commands, variables and what is handed on, of `tox.ini`, `setup.cfg`, `tox.toml` and `pyproject.toml`
//! (<https://tox.wiki/en/stable/config.html>).

mod ini;
mod native;

use shell::Command;
use text::{Origin, OriginKind, Span, Value};

use super::{Lines, Recipe, joined};
use crate::files::{Files, Source};

/// How many environments of one call are looked at.
const MAX_ENVIRONMENTS: usize = 50;

/// What tox 4 hands on without being asked.
const PASSED: [&str; 32] = [
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
    "PATH",
    "TERM",
    "PKG_CONFIG*",
    "NIX_LD*",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_DIR",
    "TOX_*",
    "CPATH",
];

/// What a configuration says of one environment; each with its line, 0-based.
#[derive(Default)]
struct Configured {
    commands: Vec<(usize, String)>,
    set_env: Vec<(usize, String, String)>,
    pass_env: Vec<(usize, String)>,
}

/// A configuration, and the names of the environments that run where none is named.
trait Configuration {
    fn names(&self) -> Vec<String>;
    fn environment(&self, name: &str) -> Configured;
}

/// One recipe for each environment that the call runs, in their order.
pub(super) fn recipes(
    arguments: &[&str],
    command: &Command,
    files: &Files<'_>,
    folder: &str,
) -> Vec<Recipe> {
    let mut names: Vec<String> = Vec::new();
    let mut rest: Option<Vec<String>> = None;
    let mut path = None;
    let list = |text: &str| -> Vec<String> {
        let parts = text.split(',').map(str::trim);
        parts
            .filter(|it| !it.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match *word {
            "--" => {
                rest = Some(words.by_ref().map(|word| (*word).to_owned()).collect());
            }
            "-e" | "-m" | "-f" => names.extend(words.next().map(|it| list(it)).unwrap_or_default()),
            "-c" | "--conf" => path = words.next().copied(),
            "-x" | "--override" | "--workdir" | "--result-json" => {
                words.next();
            }
            word if word.starts_with("-e") => names.extend(list(&word[2..])),
            _ => {}
        }
    }
    if names.is_empty() {
        let of_env = command
            .environment
            .iter()
            .find(|(name, _)| name == "TOXENV");
        if let Some((_, value)) = of_env {
            match value.known() {
                Some(text) => names.extend(list(text)),
                // It was chosen by something that is not known.
                None => return Vec::new(),
            }
        }
    }
    let Some((source, configuration)) = configuration(path, files, folder) else {
        return Vec::new();
    };
    if names.is_empty() {
        names = configuration.names();
    }
    names
        .iter()
        .filter(|name| !name.contains(['{', '$']))
        .take(MAX_ENVIRONMENTS)
        .map(|name| {
            recipe(
                &source,
                &configuration.environment(name),
                name,
                rest.as_deref(),
            )
        })
        .collect()
}

/// The first file that holds one, in tox's order.
fn configuration(
    path: Option<&str>,
    files: &Files<'_>,
    folder: &str,
) -> Option<(Source, Box<dyn Configuration>)> {
    let names = ["tox.ini", "setup.cfg", "pyproject.toml", "tox.toml"];
    let given = path.as_ref().map(std::slice::from_ref);
    given.unwrap_or(&names).iter().find_map(|name| {
        let source = files.source(&joined(folder, name)?)?;
        let read: Box<dyn Configuration> = if name.ends_with(".toml") {
            native::read(&source.text, name.ends_with("tox.toml"))?
        } else {
            Box::new(ini::read(&source.text, name.ends_with("setup.cfg"), 0)?)
        };
        Some((source, read))
    })
}

fn recipe(source: &Source, configured: &Configured, name: &str, rest: Option<&[String]>) -> Recipe {
    let fill = |text: &str| substitute(text, name, "$PWD", rest);
    let mut lines = Lines::default();
    for (number, line) in &configured.commands {
        // `-` before a command: its status does not count.
        let line = line.trim_start_matches("- ").trim_start_matches('-');
        lines.add(*number, &fill(line));
    }
    let env = configured.set_env.iter().map(|(number, variable, text)| {
        let filled = fill(text);
        let value = if filled.contains(['{', '$']) {
            Value::Unresolved(text.clone())
        } else {
            Value::printed(filled)
        };
        (variable.clone(), value, Some(at(source, *number)))
    });
    let given = configured.pass_env.iter().flat_map(|(_, line)| {
        let words = line.split([',', ' ', '\t']);
        words.filter(|it| !it.is_empty()).map(str::to_owned)
    });
    let passes = PASSED.iter().map(|it| (*it).to_owned()).chain(given);
    Recipe {
        path: source.path.clone(),
        text: lines.text(),
        env: env.collect(),
        passes: Some(passes.collect()),
    }
}

fn at(source: &Source, line: usize) -> Origin {
    let start = source
        .text
        .split_inclusive('\n')
        .take(line)
        .map(str::len)
        .sum();
    source.origin(OriginKind::ToolConfig, Span::at(start))
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
