//! `reprolens check` as a person runs it, over repro folders that people wrote by hand.

mod fixes;
mod formats;
mod ran;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

const ROOT: &str = ".github/scripts/reproduce-deterministic-failures";

/// A project with one repro folder, a git work tree of its own.
struct Workspace {
    root: TempDir,
    /// The repro folder, from the project's root.
    folder: String,
}

impl Workspace {
    /// The folder `<project>/<name>` in its project, with the project's CI log.
    fn of(folder: &str) -> Self {
        let (project, name) = folder.split_once('/').expect("project/name");
        let workspace = Self {
            root: TempDir::new().expect("a temporary folder"),
            folder: format!("{ROOT}/{name}"),
        };
        let source = match project {
            "metal" => here("metal"),
            "pricing" => here("pricing"),
            _ => here("../examples/minitensor"),
        };
        copy(&source, workspace.root.path());
        copy(&here("folders").join(folder), &workspace.path(""));
        let log = names(&source.join("logs"))
            .into_iter()
            .next()
            .expect("the project has a log");
        let text = read(&source.join("logs").join(log));
        workspace.write("logs/ci.log", &text);
        workspace.later("logs/reproduction.log");
        run("git", &["init", "-q", "."], workspace.root.path());
        workspace
    }

    /// A file of the repro folder.
    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(&self.folder).join(name)
    }

    fn read(&self, name: &str) -> String {
        read(&self.path(name))
    }

    fn write(&self, name: &str, text: &str) {
        write(&self.path(name), text);
    }

    /// A run is of a later second than what was run.
    fn later(&self, name: &str) {
        if let Ok(file) = std::fs::File::options().append(true).open(self.path(name)) {
            let later = std::time::SystemTime::now() + std::time::Duration::from_secs(9);
            file.set_modified(later)
                .expect("the file is the test's own");
        }
    }

    fn check(&self, arguments: &[&str]) -> Output {
        let arguments = [&["check", self.folder.as_str()], arguments].concat();
        run(
            env!("CARGO_BIN_EXE_reprolens"),
            &arguments,
            self.root.path(),
        )
    }

    /// Rule, `file:line`, message of each finding.
    #[track_caller]
    fn findings(&self, arguments: &[&str]) -> Vec<(String, String, String)> {
        let output = self.check(&[arguments, &["--format", "json"]].concat());
        let json: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr)));
        let findings = json["folders"][0]["findings"].as_array().expect("findings");
        let prefix = format!("{}/", self.folder);
        let told = findings.iter().map(|finding| {
            let path = finding["path"].as_str().unwrap_or_default();
            let path = path.strip_prefix(&prefix).unwrap_or(path);
            (
                finding["rule"].as_str().unwrap_or_default().to_owned(),
                format!("{path}:{}", finding["start"]["line"]),
                finding["message"].as_str().unwrap_or_default().to_owned(),
            )
        });
        told.collect()
    }

    #[track_caller]
    fn rules(&self, arguments: &[&str]) -> Vec<String> {
        let mut rules: Vec<String> = self
            .findings(arguments)
            .into_iter()
            .map(|it| it.0)
            .collect();
        rules.sort();
        rules.dedup();
        rules
    }
}

/// The findings of a folder are those that `expected.txt` names.
#[track_caller]
fn check_planted(folder: &str) {
    let workspace = Workspace::of(folder);
    let mut found = workspace.findings(&[]);
    let expected = workspace.read("expected.txt");
    let mut missing = Vec::new();
    for line in expected.lines().filter(|it| !it.trim().is_empty()) {
        let mut parts = line.splitn(3, ' ');
        let (rule, place) = (
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
        );
        let words = parts.next().unwrap_or_default();
        let position = found
            .iter()
            .position(|it| it.0 == rule && it.1 == place && it.2.contains(words));
        match position {
            Some(at) => drop(found.remove(at)),
            None => missing.push(line),
        }
    }
    assert!(
        missing.is_empty() && found.is_empty(),
        "{folder}: not found: {missing:#?}, not planted: {found:#?}"
    );
}

#[test]
fn each_planted_gap_is_found_and_nothing_else() {
    let mut count = 0;
    for project in ["metal", "minitensor", "pricing"] {
        for name in names(&here("folders").join(project)) {
            check_planted(&format!("{project}/{name}"));
            count += 1;
        }
    }
    assert!(count >= 24, "{count} folders");
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/checklist")
        .join(path)
}

#[expect(clippy::disallowed_methods, reason = "a test reads its own folders")]
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder is in the repository");
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort_unstable();
    names
}

fn copy(from: &Path, to: &Path) {
    run("mkdir", &["-p", &to.display().to_string()], Path::new("."));
    let (from, to) = (format!("{}/.", from.display()), to.display().to_string());
    let output = run("cp", &["-rp", &from, &to], Path::new("."));
    assert!(output.status.success(), "{}", text(&output.stderr));
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test runs the program like a person does"
)]
fn run(program: &str, arguments: &[&str], folder: &Path) -> Output {
    Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test looks at what was written"
)]
fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test plays the person who writes a file"
)]
fn write(path: &Path, text: &str) {
    let folder = path.parent().expect("a file is in a folder");
    std::fs::create_dir_all(folder).expect("the folder is the test's own");
    std::fs::write(path, text).expect("the folder is the test's own");
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
