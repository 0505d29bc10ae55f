//! The editor's settings, and the schema of them that VS Code's manifest holds.

use serde_json::{Map, Value};

/// Settings of the section `reprolens` that are the client's own business.
const CLIENTS: &[&str] = &["server", "trace", "views", "trusted", "settings"];

/// What the server takes of the section: what is set (a client sends `null` for what is not), without the client's own.
pub(crate) fn of_server(settings: &Value) -> Option<Value> {
    let section = settings.get("reprolens").unwrap_or(settings).as_object()?;
    let own = section
        .iter()
        .filter(|(name, _)| !CLIENTS.contains(&name.as_str()));
    let own: Map<String, Value> = own
        .filter_map(|(name, value)| Some((name.clone(), set(value)?)))
        .collect();
    (!own.is_empty()).then_some(Value::Object(own))
}

/// The value without what is not set in it.
fn set(value: &Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Object(table) => {
            let inner: Map<String, Value> = table
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), set(value)?)))
                .collect();
            (!inner.is_empty()).then_some(Value::Object(inner))
        }
        other => Some(other.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{KEYS, Kind};
    use serde_json::json;

    #[test]
    fn unset_and_the_clients_own_are_left_out() {
        let settings = json!({"root": null, "max-lines": 40, "env": {"ignore": null}, "server": {"path": "x"}, "trace": {}});
        assert_eq!(of_server(&settings), Some(json!({"max-lines": 40})));
        assert_eq!(
            of_server(&json!({"reprolens": {"venv": ["a"]}})),
            Some(json!({"venv": ["a"]}))
        );
        assert_eq!(of_server(&json!({"root": null})), None);
    }

    /// One property for each key. The default is `null`, so that what is not set in the editor leaves the word to
    /// `reprolens.toml`.
    fn schema() -> Map<String, Value> {
        let text = json!({"type": "string"});
        let property = |key: &crate::config::Key| {
            let (name, mut schema) = match key.kind {
                Kind::Folder => ("string", json!({})),
                Kind::Number => ("integer", json!({"minimum": 1})),
                Kind::Texts => ("array", json!({"items": text})),
                Kind::TextByName => ("object", json!({"additionalProperties": text})),
                Kind::VariablesByLabel => (
                    "object",
                    json!({"additionalProperties": {"type": "object", "additionalProperties": text}}),
                ),
            };
            schema["type"] = json!([name, "null"]);
            schema["default"] = Value::Null;
            schema["scope"] = json!("resource");
            schema["markdownDescription"] =
                json!(format!("{} Default: `{}`.", key.meaning, key.default));
            (format!("reprolens.{}", key.name), schema)
        };
        KEYS.iter().map(property).collect()
    }

    /// They compare it with the server that they start.
    #[test]
    fn the_editors_plugins_have_the_servers_version() {
        let version = env!("CARGO_PKG_VERSION");
        let vscode = include_str!("../../../../editors/vscode/package.json");
        let neovim = include_str!("../../../../editors/neovim/lua/reprolens/config.lua");
        assert!(vscode.contains(&format!("\"version\": \"{version}\"")));
        assert!(neovim.contains(&format!("M.version = '{version}'")));
    }

    /// `UPDATE_EXPECT=1` writes the schema into the manifest.
    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "the test compares a file of the repository"
    )]
    fn the_settings_of_vs_code_are_the_servers() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../editors/vscode/package.json"
        );
        let mut manifest: Value =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let properties = manifest["contributes"]["configuration"]["properties"]
            .as_object_mut()
            .unwrap();
        let mut wanted: Map<String, Value> = properties
            .iter()
            .filter(|(name, _)| {
                CLIENTS
                    .iter()
                    .any(|own| name.starts_with(&format!("reprolens.{own}")))
            })
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        wanted.extend(schema());
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            *properties = wanted.clone();
            std::fs::write(
                path,
                serde_json::to_string_pretty(&manifest).unwrap() + "\n",
            )
            .unwrap();
            return;
        }
        assert_eq!(*properties, wanted, "run this test with UPDATE_EXPECT=1");
    }
}
