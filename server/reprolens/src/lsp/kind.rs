//! What a file is to the server, by its path and language alone.

use std::path::Path;

use tower_lsp::ls_types::Uri;

use super::convert;

/// The kinds of documents that the server has something to say about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A CI log, or a terminal's pytest output.
    Log,
    /// Python that may hold tests.
    Test,
    /// The `run_test.sh` of a repro folder.
    Script,
    /// The `README.md` of a repro folder.
    Readme,
    /// CI configuration.
    Workflow,
    Other,
}

impl Kind {
    /// The kind of what a client names, where nothing but that is known.
    pub(crate) fn of_uri(uri: &Uri) -> Self {
        convert::path(uri).map_or(Self::Other, |path| Self::of(&path, ""))
    }

    /// The kind of a path, with `language` as the client calls it (empty where there is no client's word).
    pub(crate) fn of(path: &Path, language: &str) -> Self {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let extension = path
            .extension()
            .and_then(|extension| extension.to_str())
            .unwrap_or_default();
        let folders = || path.parent().into_iter().flat_map(Path::iter);
        let within = |folder: &str| folders().any(|part| part == folder);
        match (name, extension) {
            ("run_test.sh", _) => Self::Script,
            ("README.md", _) => Self::Readme,
            (_, "log") => Self::Log,
            (_, "txt") if within("logs") => Self::Log,
            (_, "py") => Self::Test,
            (".gitlab-ci.yml", _) => Self::Workflow,
            (_, "yml" | "yaml")
                if within(".github") || within(".circleci") || within(".buildkite") =>
            {
                Self::Workflow
            }
            _ if language == "log" => Self::Log,
            _ if language == "python" => Self::Test,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_by_path() {
        let kind = |path: &str| Kind::of(Path::new(path), "plaintext");
        assert_eq!(kind("/w/build.log"), Kind::Log);
        assert_eq!(kind("/w/x/logs/0_test.txt"), Kind::Log);
        assert_eq!(kind("/w/notes.txt"), Kind::Other);
        assert_eq!(kind("/w/x/run_test.sh"), Kind::Script);
        assert_eq!(kind("/w/.github/workflows/ci.yaml"), Kind::Workflow);
        assert_eq!(kind("/w/compose.yaml"), Kind::Other);
        assert_eq!(Kind::of(Path::new("/w/output"), "log"), Kind::Log);
    }
}
