//! The Python that a repro's script would run with here, told by the virtual environment's own file: nothing is run for it.

use std::path::Path;

use text::Workspace;

use crate::config::Config;
use crate::files::folders;

/// The version, such as `3.11.7`, of the first virtual environment that `run_test.sh` would activate.
pub(crate) fn version(workspace: &dyn Workspace, config: &Config) -> Option<String> {
    // Elsewhere is another Python.
    if !config.runner.is_empty() {
        return None;
    }
    let mut candidates: Vec<String> = config.venv.clone();
    candidates.extend(activated());
    candidates.extend([".venv".to_owned(), "venv".to_owned()]);
    candidates.iter().find_map(|venv| {
        let path = format!("{}/pyvenv.cfg", venv.trim_end_matches('/'));
        let text = if path.starts_with('/') {
            folders::text(Path::new(&path))?
        } else {
            workspace.read(&path)?.to_string()
        };
        of_configuration(&text)
    })
}

/// `version = 3.11.7` of the standard library's `venv`, `version_info = 3.11.7.final.0` of others.
fn of_configuration(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        if !matches!(key.trim(), "version" | "version_info") {
            return None;
        }
        let parts: Vec<&str> = value.trim().split('.').take(3).collect();
        (parts.len() == 3).then(|| parts.join("."))
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "the script itself asks for this variable"
)]
fn activated() -> Option<String> {
    std::env::var("VIRTUAL_ENV")
        .ok()
        .filter(|path| path.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_of_each_maker_of_environments() {
        for text in [
            "home = /usr/bin\nversion = 3.11.7\n",
            "version_info = 3.11.7.final.0\n",
            "home=/x\nversion_info=3.11.7\n",
        ] {
            assert_eq!(of_configuration(text).as_deref(), Some("3.11.7"), "{text}");
        }
        assert_eq!(of_configuration("home = /usr/bin\n"), None);
    }
}
