//! The rules' test harness: a folder as a fixture, annotated with what is found.
//!
//! `//- ../path` is a file of the workspace, `(missing)` a file that is not there, `(not executable)` a script without the
//! permission. A log that begins with `##[group]` gets the time stamps that GitHub writes. `//- reprolens.toml` holds
//! `max-lines`.

use std::sync::Arc;

use expect_test::Expect;
use repro::{Evidence, Folder, FolderFile, FolderLog};
use text::Span;
use text::fixture::Fixture;
use workflow::JobConfiguration;

use crate::{Action, Config, Finding, Fix, Subject};

pub(crate) struct Case {
    pub(crate) folder: Folder,
    pub(crate) evidence: Option<Evidence>,
    /// File, span, `ID: message`; a missing file's findings have the empty span.
    expected: Vec<(String, Span, String)>,
    max_lines: u32,
}

impl Case {
    #[track_caller]
    pub(crate) fn parse(fixture: &str) -> Self {
        let parsed = Fixture::parse(fixture);
        let mut folder = Folder {
            path: "repro/case".to_owned(),
            ..Folder::default()
        };
        let mut workspace = Fixture::default();
        let mut expected = Vec::new();
        let mut max_lines = 50;
        for file in &parsed.files {
            let (path, flag) = file.path.split_once(" (").unwrap_or((&file.path, ""));
            let rows = file.annotations.iter();
            expected.extend(rows.map(|(span, row)| (path.to_owned(), *span, row.clone())));
            if flag == "missing)" {
                let rows = file.text.lines().filter(|line| !line.trim().is_empty());
                expected.extend(rows.map(|row| (path.to_owned(), Span::at(0), row.to_owned())));
                continue;
            }
            if path == "reprolens.toml" {
                let lines = file.text.trim().strip_prefix("max-lines = ");
                max_lines = lines.and_then(|it| it.parse().ok()).unwrap_or(max_lines);
                continue;
            }
            if let Some(outside) = path.strip_prefix("../") {
                let mut file = file.clone();
                file.path = outside.to_owned();
                workspace.files.push(file);
                continue;
            }
            let own = FolderFile {
                path: path.to_owned(),
                text: Arc::from(file.text.as_str()),
                executable: flag != "not executable)",
                modified: Some(if flag == "changed)" { 9 } else { 1 }),
            };
            if path.starts_with("logs/") {
                let log = FolderLog {
                    path: path.to_owned(),
                    log: Arc::new(log::parse(stamped(&file.text).as_bytes())),
                    modified: Some(5),
                };
                if path == "logs/reproduction.log" {
                    folder.reproduction = Some(log);
                } else {
                    folder.logs.push(log);
                }
            } else if path == "run_test.sh" {
                folder.script = Some(own);
            } else if path == "README.md" {
                folder.readme = Some(own);
            } else if path.starts_with("tests/") && path.ends_with(".py") {
                folder.tests.push(own);
            } else {
                folder.others.push(own);
            }
        }
        let evidence = evidence(&folder, &workspace);
        Self {
            folder,
            evidence,
            expected,
            max_lines,
        }
    }

    /// The fixture with the files of `other` in the place of its own.
    pub(crate) fn with(fixture: &str, other: &str) -> Self {
        let path = |file: &str| {
            let line = file.lines().next().unwrap_or_default();
            line.split(" (")
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned()
        };
        let files = |text: &str| -> Vec<String> {
            let files = text.split("//- ").filter(|it| !it.trim().is_empty());
            files.map(str::to_owned).collect()
        };
        let others = files(other);
        let kept = files(fixture)
            .into_iter()
            .filter(|file| !others.iter().any(|other| path(other) == path(file)));
        let all: Vec<String> = kept
            .chain(others.clone())
            .map(|it| format!("//- {it}"))
            .collect();
        Self::parse(&all.concat())
    }

    /// Whether the fixture names findings.
    pub(crate) fn expects(&self) -> bool {
        !self.expected.is_empty()
    }

    pub(crate) fn findings(&self, config: &Config) -> Vec<Finding> {
        let subject = Subject {
            folder: &self.folder,
            evidence: self.evidence.as_ref(),
            max_lines: self.max_lines,
            max_seconds: 10,
        };
        crate::check(&subject, config)
    }

    /// Compares the findings of one rule with the annotations.
    #[track_caller]
    pub(crate) fn assert_found(&self, id: &str) {
        let found = self.findings(&only(id));
        let mut found: Vec<_> = found
            .iter()
            .map(|it| {
                (
                    it.path.clone(),
                    it.span,
                    format!("{}: {}", it.rule.id, it.message),
                )
            })
            .collect();
        let mut expected = self.expected.clone();
        // Where a log is the matter, its finding stands at the log's own place for it.
        let place = |it: &mut (String, Span, String)| {
            if it.0.starts_with("logs/") {
                it.1 = Span::at(0);
            }
        };
        found.iter_mut().for_each(place);
        expected.iter_mut().for_each(place);
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
    }
}

fn only(id: &str) -> Config {
    Config {
        select: vec![id.to_owned()],
        ..Config::all()
    }
}

fn stamped(text: &str) -> String {
    if !text.starts_with("##[group]") {
        return text.to_owned();
    }
    let lines = text.lines();
    lines
        .map(|line| format!("2026-03-01T10:00:00.0000000Z {line}\n"))
        .collect()
}

/// What the program would join, from the log and the workspace's files alone.
fn evidence(folder: &Folder, workspace: &Fixture) -> Option<Evidence> {
    let log = folder
        .logs
        .iter()
        .find(|log| !log.log.failures.is_empty())?;
    let failure = log.log.failures[0].clone();
    let step = failure
        .step
        .and_then(|step| log.log.steps.get(step))
        .cloned();
    let session = failure
        .session
        .and_then(|it| log.log.sessions.get(it))
        .cloned();
    let config = workflow::Config {
        ignore: Vec::new(),
        runner_labels: Vec::new(),
    };
    let configurations: Vec<JobConfiguration> =
        workflow::join(&log.log, failure.step, workspace, &config);
    Some(Evidence {
        log_path: log.path.clone(),
        job: log.log.job.clone(),
        test: python::find(workspace, &[], &failure.id),
        workspace_source: failure.location.as_ref().and_then(|frame| {
            let text = text::Workspace::read(workspace, &frame.path)?;
            let line = text.lines().nth(frame.line.checked_sub(1)? as usize)?;
            Some(line.trim().to_owned())
        }),
        failure,
        session,
        step,
        configurations,
        printed: Vec::new(),
        same_failure: Vec::new(),
        ini: None,
        import_root: None,
        conftests: Vec::new(),
    })
}

/// Checks that the rule finds what the fixture's rows say, and nothing else.
#[track_caller]
pub(crate) fn check(id: &str, fixture: &str) {
    Case::parse(fixture).assert_found(id);
}

/// Applies the rule's fixes: the findings are gone, nothing new is found, twice changes nothing, and the files still parse.
#[track_caller]
pub(crate) fn check_fix(id: &str, fixture: &str, expect: Expect) {
    let mut case = Case::parse(fixture);
    expect.assert_eq(&case.assert_fixed(id));
}

impl Case {
    /// Applies the rule's fixes to all of its findings; gives the texts that changed.
    #[track_caller]
    pub(crate) fn assert_fixed(&mut self, id: &str) -> String {
        let before = self.findings(&Config::all());
        let own: Vec<&Finding> = before.iter().filter(|it| it.rule.id == id).collect();
        assert!(!own.is_empty(), "{id} finds nothing");
        let fixes: Vec<Fix> = own.iter().filter_map(|it| it.fix.clone()).collect();
        let changed = self.apply(&fixes);
        let once = self.texts();
        let after = self.findings(&Config::all());
        for finding in &after {
            assert_ne!(finding.rule.id, id, "still there: {}", finding.message);
            let known = before.iter().any(|it| it.rule.id == finding.rule.id);
            assert!(known, "new: {}: {}", finding.rule.id, finding.message);
        }
        let again: Vec<Fix> = after
            .iter()
            .filter(|it| it.rule.id == id)
            .filter_map(|it| it.fix.clone())
            .collect();
        self.apply(&again);
        assert_eq!(self.texts(), once, "{id}: a second time changes more");
        changed
    }

    fn files(&mut self) -> impl Iterator<Item = &mut FolderFile> {
        let folder = &mut self.folder;
        let files = folder.script.iter_mut().chain(&mut folder.tests);
        files.chain(&mut folder.readme).chain(&mut folder.others)
    }

    fn texts(&mut self) -> Vec<Arc<str>> {
        self.files().map(|file| Arc::clone(&file.text)).collect()
    }

    #[track_caller]
    fn apply(&mut self, fixes: &[Fix]) -> String {
        let fixes: Vec<&Fix> = fixes.iter().collect();
        let mut changed = String::new();
        for file in self.files() {
            let (text, _) = crate::apply(&file.path, &file.text, &fixes);
            if *text == *file.text {
                continue;
            }
            changed.push_str(&text);
            file.text = Arc::from(text);
            assert_parses(file);
        }
        let executable = fixes
            .iter()
            .any(|it| it.action == Some(Action::MakeExecutable));
        if let Some(script) = self.folder.script.as_mut().filter(|_| executable) {
            script.executable = true;
        }
        changed
    }
}

#[track_caller]
fn assert_parses(file: &FolderFile) {
    if file.path.ends_with(".py") {
        let module = python::source::Module::parse(&file.path, file.text.clone());
        assert!(
            !module.root().has_error(),
            "it no longer parses:\n{}",
            file.text
        );
    } else if file.path.ends_with(".sh") {
        assert_bash_parses(&file.text);
    }
}

/// bash itself reads it, and runs nothing.
#[track_caller]
#[expect(
    clippy::disallowed_methods,
    reason = "bash is the judge of what parses"
)]
fn assert_bash_parses(text: &str) {
    let bash = std::process::Command::new("bash")
        .args(["-n", "-c", text])
        .output();
    let output = bash.expect("bash is there: it runs the scripts that are looked at");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "it no longer parses: {error}\n{text}"
    );
}
