//! Where CI's folders are in this workspace.

use crate::quote::ShellWord;
use crate::{Config, Evidence};

/// The variable of the script that holds the workspace's folder.
pub(crate) const WORKSPACE: &str = "WORKSPACE_DIR";

/// CI's folders, and what stands for them here.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    /// Absolute folders of the CI machine that were the workspace.
    pub(crate) checkouts: Vec<String>,
    /// pytest's rootdir, relative to the workspace.
    pub(crate) rootdir: String,
    /// Where pytest was started, relative to the workspace.
    pub(crate) cwd: String,
}

impl Places {
    pub(crate) fn of(evidence: &Evidence) -> Self {
        let mut checkouts = Vec::new();
        let mut add = |path: &str| {
            let path = path.trim_end_matches('/');
            // A folder such as `/` or `/root` holds more than the workspace.
            if path.starts_with('/') && path[1..].contains('/') || is_plain_checkout(path) {
                let path = path.to_owned();
                if !checkouts.contains(&path) {
                    checkouts.push(path);
                }
            }
        };
        if let Some(checkout) = &evidence.job.checkout {
            add(&checkout.text);
        }
        let configuration = evidence.configurations.first();
        for variable in configuration.iter().flat_map(|it| &it.noise) {
            const NAMES: [&str; 5] = [
                "GITHUB_WORKSPACE",
                "CI_PROJECT_DIR",
                "BUILD_SOURCESDIRECTORY",
                "WORKSPACE",
                "BUILDKITE_BUILD_CHECKOUT_PATH",
            ];
            if NAMES.contains(&variable.name.as_str())
                && let Some(value) = variable.value.known()
            {
                add(value);
            }
        }
        let printed = evidence
            .session
            .as_ref()
            .and_then(|session| session.rootdir.as_ref())
            .map(|rootdir| rootdir.text.trim_end_matches('/').to_owned());
        let beside_test = rootdir_of_test(evidence);
        let known = printed
            .as_deref()
            .and_then(|printed| below_any(printed, &checkouts));
        let rootdir = known.clone().or(beside_test).unwrap_or_default();
        if let (None, Some(printed)) = (&known, &printed) {
            // The log does not say where the checkout was: what is above the rootdir's own part is it.
            let above = match rootdir.as_str() {
                "" => Some(printed.as_str()),
                own => printed
                    .strip_suffix(own)
                    .and_then(|rest| rest.strip_suffix('/')),
            };
            if let Some(above) = above.filter(|above| above.starts_with('/') && above.len() > 1) {
                checkouts.push(above.to_owned());
            }
        }
        let command = crate::command::of(evidence);
        let working_directory = evidence
            .step
            .as_ref()
            .and_then(|step| step.working_directory.as_ref());
        let cwd = command
            .and_then(|command| command.cwd.as_deref())
            .or(working_directory.map(|fact| fact.text.as_str()))
            .and_then(|cwd| match cwd.starts_with('/') {
                true => below_any(cwd, &checkouts),
                false => relative(cwd),
            })
            .unwrap_or_default();
        Self {
            checkouts,
            rootdir,
            cwd,
        }
    }

    /// A word with CI's folders replaced by the workspace's.
    pub(crate) fn word(&self, value: &str) -> ShellWord {
        self.mapped(value).unwrap_or_else(|| ShellWord::new(value))
    }

    /// The same, if one of CI's folders is in it.
    pub(crate) fn mapped(&self, value: &str) -> Option<ShellWord> {
        ShellWord::with_folders(value, &self.checkouts, WORKSPACE)
    }

    /// A path of CI as one relative to the workspace.
    pub(crate) fn relative(&self, path: &str) -> Option<String> {
        match path.starts_with('/') {
            true => below_any(path, &self.checkouts),
            false => relative(path),
        }
    }

    /// A path as pytest prints it, relative to its rootdir or whole, as one relative to the workspace; `None` outside of it.
    pub(crate) fn of_rootdir(&self, path: &str) -> Option<String> {
        match path.starts_with('/') {
            true => below_any(path, &self.checkouts),
            false => relative(format!("{}/{path}", self.rootdir).trim_start_matches('/')),
        }
    }
}

/// How the script finds the workspace from its own folder.
pub(crate) fn workspace_dir(config: &Config) -> String {
    let depth = match relative(&config.root) {
        Some(root) if !config.root.starts_with('/') => root
            .split('/')
            .filter(|part| !part.is_empty())
            .count()
            .saturating_add(1),
        _ => {
            let default = ShellWord::default_of(WORKSPACE, &config.workspace);
            return default
                .unwrap_or_else(|| ShellWord::new(&config.workspace))
                .to_string();
        }
    };
    let up = vec![".."; depth].join("/");
    format!("\"$(CDPATH='' cd -- \"$SCRIPT_DIR/{up}\" && pwd)\"")
}

/// The path without `.` and empty parts; `None` if it is absolute, leaves its folder, or cannot be a path.
pub(crate) fn relative(path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains(['\0', '\n', '$', '*']) {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn below_any(path: &str, folders: &[String]) -> Option<String> {
    folders.iter().find_map(|folder| {
        let rest = path.strip_prefix(folder.as_str())?;
        match rest.strip_prefix('/') {
            Some(rest) => relative(rest),
            None => rest.is_empty().then(String::new),
        }
    })
}

/// Node ids are relative to the rootdir, the test's path to the workspace: what the latter has more is where the rootdir is.
fn rootdir_of_test(evidence: &Evidence) -> Option<String> {
    let test = evidence.test.as_ref().ok()?;
    let in_rootdir = evidence.failure.path.as_deref()?;
    let above = test.path.strip_suffix(in_rootdir)?;
    match above {
        "" => Some(String::new()),
        above => relative(above.strip_suffix('/')?),
    }
}

/// `/app`, `/src`, `/code`, ...: folders of one part that images use for the project.
fn is_plain_checkout(path: &str) -> bool {
    const SYSTEM: [&str; 18] = [
        "bin", "boot", "dev", "etc", "home", "lib", "lib64", "media", "mnt", "opt", "proc", "root",
        "run", "sbin", "sys", "tmp", "usr", "var",
    ];
    path.strip_prefix('/')
        .is_some_and(|name| !name.is_empty() && !name.contains('/') && !SYSTEM.contains(&name))
}
