//! The configuration: `reprolens.toml`, `[tool.reprolens]` in `pyproject.toml`, and the same keys as editor settings.
//!
//! [`KEYS`] is the one list of them: it checks what a person wrote, and the editors' settings and the README's table are
//! made from it.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use serde::Deserialize;
use serde_json::{Map, Value};
use text::Span;
use thiserror::Error;
use toml::de::{DeTable, DeValue};

/// The files of a workspace that hold it.
pub(crate) const OWN_FILE: &str = "reprolens.toml";
pub(crate) const PYPROJECT: &str = "pyproject.toml";

/// One key of the configuration.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    /// Dotted: `env.ignore`.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// As JSON.
    pub(crate) default: &'static str,
    pub(crate) meaning: &'static str,
}

/// What a key's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A path within the workspace, relative to it.
    Folder,
    Number,
    Texts,
    /// A table of texts by name.
    TextByName,
    /// A table of tables of texts: label -> variable -> value.
    VariablesByLabel,
}

pub(crate) const KEYS: &[Key] = &[
    Key {
        name: "root",
        kind: Kind::Folder,
        default: r#"".github/scripts/reproduce-deterministic-failures""#,
        meaning: "The folder that holds repro folders, relative to the workspace.",
    },
    Key {
        name: "venv",
        kind: Kind::Texts,
        default: "[]",
        meaning: "Virtual environments that `run_test.sh` tries first, in this order: folders, absolute or relative to the workspace.",
    },
    Key {
        name: "runner",
        kind: Kind::Texts,
        default: "[]",
        meaning: "A command that a repro is run through, such as `[\"ssh\", \"lab\", \"--\"]` or `[\"docker\", \"exec\", \"box\"]`: how it reaches the machine that has the device.",
    },
    Key {
        name: "env.ignore",
        kind: Kind::Texts,
        default: "[]",
        meaning: "Variables of the CI job that are never exported; `*` stands for any characters.",
    },
    Key {
        name: "env.runner-labels",
        kind: Kind::VariablesByLabel,
        default: "{}",
        meaning: "Variables that a runner label stands for: label -> variable -> value.",
    },
    Key {
        name: "checklist.select",
        kind: Kind::Texts,
        default: "[]",
        meaning: "Rules to apply, by id or by its beginning (`ENV`); empty applies all.",
    },
    Key {
        name: "checklist.ignore",
        kind: Kind::Texts,
        default: "[]",
        meaning: "Rules to leave out, by id or by its beginning.",
    },
    Key {
        name: "checklist.severity",
        kind: Kind::TextByName,
        default: "{}",
        meaning: "Severity by rule id: `error`, `warning`, `information` or `hint`.",
    },
    Key {
        name: "max-lines",
        kind: Kind::Number,
        default: "50",
        meaning: "Lines that a repro test may have.",
    },
    Key {
        name: "max-seconds",
        kind: Kind::Number,
        default: "10",
        meaning: "Seconds that a repro test should take at most.",
    },
    Key {
        name: "templates",
        kind: Kind::Folder,
        default: r#""""#,
        meaning: "A folder, relative to the workspace, whose files replace the built-in templates of the same name.",
    },
];

/// The configuration in effect.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Config {
    pub(crate) root: String,
    pub(crate) venv: Vec<String>,
    pub(crate) runner: Vec<String>,
    pub(crate) env: Env,
    pub(crate) checklist: Checklist,
    pub(crate) max_lines: u32,
    pub(crate) max_seconds: u32,
    pub(crate) templates: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Env {
    pub(crate) ignore: Vec<String>,
    pub(crate) runner_labels: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Checklist {
    pub(crate) select: Vec<String>,
    pub(crate) ignore: Vec<String>,
    pub(crate) severity: BTreeMap<String, String>,
}

/// Why a configuration cannot be used.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum ConfigError {
    #[error("{place}: {message}")]
    Syntax { place: String, message: String },
    #[error("{place}: unknown key `{key}`; did you mean `{nearest}`?")]
    UnknownKey {
        place: String,
        key: String,
        nearest: String,
    },
    #[error("{place}: `{key}` must be {wanted}. {meaning}")]
    WrongType {
        place: String,
        key: String,
        wanted: &'static str,
        meaning: &'static str,
    },
}

impl ConfigError {
    /// The file of the workspace that it is about; `None` where that is an editor's settings.
    pub(crate) fn file(&self) -> Option<&'static str> {
        let (Self::Syntax { place, .. }
        | Self::UnknownKey { place, .. }
        | Self::WrongType { place, .. }) = self;
        [OWN_FILE, PYPROJECT]
            .into_iter()
            .find(|file| place.starts_with(file))
    }

    /// Where it is in that file's text: the key, or where the file ends to be TOML.
    pub(crate) fn span_in(&self, text: &str) -> Span {
        let mut table = match DeTable::parse(text) {
            Ok(table) => table.into_inner(),
            Err(error) => return error.span().map(Span::from).unwrap_or_default(),
        };
        let (Self::UnknownKey { place, key, .. } | Self::WrongType { place, key, .. }) = self
        else {
            return Span::default();
        };
        let above: &[&str] = if place.starts_with(PYPROJECT) {
            &["tool", "reprolens"]
        } else {
            &[]
        };
        let mut span = Span::default();
        for part in above.iter().copied().chain(key.split('.')) {
            let Some((name, value)) = table.remove_entry(part) else {
                break;
            };
            span = name.span().into();
            let DeValue::Table(inner) = value.into_inner() else {
                break;
            };
            table = inner;
        }
        span
    }
}

impl Config {
    /// The defaults, overridden by each source in turn. A source is what a person wrote, with the place to name in an error.
    pub(crate) fn from_sources(sources: &[(String, Value)]) -> Result<Self, ConfigError> {
        let mut merged = Map::new();
        for key in KEYS {
            let default = serde_json::from_str(key.default)
                .expect("the defaults are JSON, a test reads them");
            insert(&mut merged, key.name, default);
        }
        for (place, source) in sources {
            let table = source.as_object().ok_or_else(|| ConfigError::Syntax {
                place: place.clone(),
                message: "expected a table of keys".to_owned(),
            })?;
            merge(&mut merged, table, "", place)?;
        }
        Ok(serde_json::from_value(Value::Object(merged))
            .expect("every value was checked against its key's kind"))
    }

    /// The sources that a workspace holds, weakest first: `pyproject.toml`'s table, then `reprolens.toml`.
    pub(crate) fn workspace_sources(
        workspace: &dyn text::Workspace,
    ) -> Result<Vec<(String, Value)>, ConfigError> {
        let mut sources = Vec::new();
        if let Some(text) = workspace.read(PYPROJECT)
            && let Some(table) = parse(PYPROJECT, &text)?.pointer("/tool/reprolens")
        {
            sources.push((format!("{PYPROJECT} [tool.reprolens]"), table.clone()));
        }
        if let Some(text) = workspace.read(OWN_FILE) {
            sources.push((OWN_FILE.to_owned(), parse(OWN_FILE, &text)?));
        }
        Ok(sources)
    }

    /// The configuration of a workspace, without an editor's settings.
    pub(crate) fn of_workspace(workspace: &dyn text::Workspace) -> Result<Self, ConfigError> {
        Self::from_sources(&Self::workspace_sources(workspace)?)
    }
}

fn parse(place: &str, text: &str) -> Result<Value, ConfigError> {
    toml::from_str(text).map_err(|error| ConfigError::Syntax {
        place: place.to_owned(),
        message: error.to_string().trim_end().to_owned(),
    })
}

/// Takes over the keys of `table`, each checked against [`KEYS`].
fn merge(
    merged: &mut Map<String, Value>,
    table: &Map<String, Value>,
    prefix: &str,
    place: &str,
) -> Result<(), ConfigError> {
    for (name, value) in table {
        let full = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}.{name}")
        };
        if let Some(key) = KEYS.iter().find(|key| key.name == full) {
            if let Err(wanted) = key.kind.check(value) {
                return Err(ConfigError::WrongType {
                    place: place.to_owned(),
                    key: full,
                    wanted,
                    meaning: key.meaning,
                });
            }
            insert(merged, key.name, value.clone());
        } else if let Some(inner) = value.as_object()
            && KEYS
                .iter()
                .any(|key| key.name.starts_with(&format!("{full}.")))
        {
            merge(merged, inner, &full, place)?;
        } else {
            return Err(ConfigError::UnknownKey {
                place: place.to_owned(),
                nearest: nearest(&full),
                key: full,
            });
        }
    }
    Ok(())
}

fn insert(map: &mut Map<String, Value>, name: &str, value: Value) {
    match name.split_once('.') {
        None => {
            map.insert(name.to_owned(), value);
        }
        Some((table, rest)) => {
            let inner = map
                .entry(table)
                .or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

fn nearest(name: &str) -> String {
    let distance = |key: &&Key| {
        let last = key.name.rsplit('.').next().unwrap_or(key.name);
        strsim::damerau_levenshtein(key.name, name).min(strsim::damerau_levenshtein(last, name))
    };
    KEYS.iter()
        .min_by_key(distance)
        .map(|key| key.name.to_owned())
        .unwrap_or_default()
}

/// Whether a relative path leads nowhere else: what is written below it stays in the workspace.
fn is_within(path: &str) -> bool {
    let mut parts = Path::new(path).components();
    parts.all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

impl Kind {
    /// What to say if `value` is not of this kind.
    fn check(self, value: &Value) -> Result<(), &'static str> {
        let is_table_of = |inner: &dyn Fn(&Value) -> bool| {
            value
                .as_object()
                .is_some_and(|table| table.values().all(inner))
        };
        let (fits, wanted) = match self {
            Self::Folder => (
                value.as_str().is_some_and(is_within),
                "a folder within the workspace, relative to it",
            ),
            Self::Number => {
                let in_range = value
                    .as_u64()
                    .is_some_and(|number| (1..=u64::from(u32::MAX)).contains(&number));
                (in_range, "a whole number of at least 1")
            }
            Self::Texts => (
                value
                    .as_array()
                    .is_some_and(|items| items.iter().all(Value::is_string)),
                "a list of strings",
            ),
            Self::TextByName => (is_table_of(&Value::is_string), "a table of strings"),
            Self::VariablesByLabel => {
                let is_variables = |value: &Value| {
                    value
                        .as_object()
                        .is_some_and(|table| table.values().all(Value::is_string))
                };
                (is_table_of(&is_variables), "a table of tables of strings")
            }
        };
        if fits { Ok(()) } else { Err(wanted) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use text::fixture::Fixture;

    fn load(fixture: &str) -> Result<Config, String> {
        Config::of_workspace(&Fixture::parse(fixture)).map_err(|error| error.to_string())
    }

    /// `^` under what an error is about, in the file that it names.
    #[track_caller]
    fn check_span(file: &str, text: &str, wanted: &str) {
        let fixture = format!("//- {file}\n{text}");
        let error = Config::of_workspace(&Fixture::parse(&fixture)).unwrap_err();
        assert_eq!(error.file(), Some(file));
        assert_eq!(error.span_in(text).of(text), wanted, "{error}");
    }

    #[test]
    fn an_error_knows_its_place() {
        check_span(
            "reprolens.toml",
            "max-lines = 3\nmaxlines = 4\n",
            "maxlines",
        );
        check_span("reprolens.toml", "env.ignore = 3\n", "ignore");
        check_span("reprolens.toml", "[checklist]\nselekt = []\n", "selekt");
        check_span(
            "pyproject.toml",
            "[tool.x]\nvenv=1\n[tool.reprolens]\nvenv = 1\n",
            "venv",
        );
        // No value is there to point at: the place where it belongs.
        let text = "max-lines = \n";
        let workspace = Fixture::parse(&format!("//- reprolens.toml\n{text}"));
        let error = Config::of_workspace(&workspace).unwrap_err();
        assert_eq!(error.span_in(text), Span::at(text.len() - 1));
    }

    #[test]
    fn defaults_are_values_of_their_kind() {
        let config = load("").unwrap();
        assert_eq!(
            config.root,
            ".github/scripts/reproduce-deterministic-failures"
        );
        for key in KEYS {
            let default: Value = serde_json::from_str(key.default).unwrap();
            assert_eq!(key.kind.check(&default), Ok(()), "{}", key.name);
        }
    }

    #[test]
    fn own_file_wins_over_pyproject() {
        let config = load(
            "//- pyproject.toml\n[tool.reprolens]\nmax-lines = 40\nvenv = ['a']\n//- reprolens.toml\nvenv = ['b']\nenv.ignore = ['X_*']\n",
        )
        .unwrap();
        assert_eq!(
            (config.max_lines, config.venv, config.env.ignore),
            (40, vec!["b".to_owned()], vec!["X_*".to_owned()])
        );
    }

    #[test]
    fn errors_name_place_key_and_what_to_do() {
        let error = |fixture| load(fixture).unwrap_err();
        assert_eq!(
            error("//- reprolens.toml\nmax_lines = 3\n"),
            "reprolens.toml: unknown key `max_lines`; did you mean `max-lines`?"
        );
        assert_eq!(
            error("//- reprolens.toml\nenv.ignored = []\n"),
            "reprolens.toml: unknown key `env.ignored`; did you mean `env.ignore`?"
        );
        assert_eq!(
            error("//- reprolens.toml\nvenv = 'x'\n"),
            "reprolens.toml: `venv` must be a list of strings. Virtual environments that `run_test.sh` tries first, in this order: folders, absolute or relative to the workspace."
        );
        assert_eq!(
            error("//- reprolens.toml\nmax-lines = 0\n"),
            "reprolens.toml: `max-lines` must be a whole number of at least 1. Lines that a repro test may have."
        );
        assert_eq!(
            error("//- reprolens.toml\nroot = '../..'\n"),
            "reprolens.toml: `root` must be a folder within the workspace, relative to it. The folder that holds repro folders, relative to the workspace."
        );
        assert!(
            error("//- reprolens.toml\nvenv = [\n")
                .starts_with("reprolens.toml: TOML parse error at line")
        );
    }

    #[test]
    fn labels_hold_variables() {
        let config =
            load("//- reprolens.toml\n[env.runner-labels.N150]\nARCH_NAME = 'wormhole_b0'\n")
                .unwrap();
        assert_eq!(config.env.runner_labels["N150"]["ARCH_NAME"], "wormhole_b0");
    }

    #[test]
    fn the_readme_lists_the_keys() {
        let readme = include_str!("../../../README.md");
        for key in KEYS {
            let row = format!("| `{}` | `{}` | {} |", key.name, key.default, key.meaning);
            assert!(readme.contains(&row), "README.md lacks the row:\n{row}");
        }
    }
}
