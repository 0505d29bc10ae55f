//! The rules' test harness: a folder as a fixture, annotated with what is found.
//!
//! `//- ../path` is a file of the workspace, `(missing)` a file that is not there, `(not executable)` a script without the
//! permission. A log that begins with `##[group]` gets the time stamps that GitHub writes.

use std::sync::Arc;

use expect_test::Expect;
use repro::{Evidence, Folder, FolderFile, FolderLog};
use text::Span;
use text::fixture::Fixture;
use workflow::JobConfiguration;

use crate::{Config, Finding, Subject};

pub(crate) struct Case {
    pub(crate) folder: Folder,
    pub(crate) evidence: Option<Evidence>,
    /// File, span, `ID: message`; a missing file's findings have the empty span.
    expected: Vec<(String, Span, String)>,
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
        for file in &parsed.files {
            let (path, flag) = file.path.split_once(" (").unwrap_or((&file.path, ""));
            let rows = file.annotations.iter();
            expected.extend(rows.map(|(span, row)| (path.to_owned(), *span, row.clone())));
            if flag == "missing)" {
                let rows = file.text.lines().filter(|line| !line.trim().is_empty());
                expected.extend(rows.map(|row| (path.to_owned(), Span::at(0), row.to_owned())));
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
        }
    }

    pub(crate) fn findings(&self, config: &Config) -> Vec<Finding> {
        let subject = Subject {
            folder: &self.folder,
            evidence: self.evidence.as_ref(),
            max_lines: 50,
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
        same_signature: Vec::new(),
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
    let before = case.findings(&Config::all());
    let own: Vec<&Finding> = before.iter().filter(|it| it.rule.id == id).collect();
    assert!(!own.is_empty(), "{id} finds nothing");
    let fixes: Vec<_> = own.iter().filter_map(|it| it.fix.as_ref()).collect();
    let mut changed = String::new();
    let folder = &mut case.folder;
    let files = folder
        .script
        .iter_mut()
        .chain(&mut folder.tests)
        .chain(&mut folder.readme);
    for file in files {
        let (text, _) = crate::apply(&file.path, &file.text, &fixes);
        if *text != *file.text {
            changed.push_str(&text);
            file.text = Arc::from(text);
            if file.path.ends_with(".py") {
                let module = python::source::Module::parse(&file.path, file.text.clone());
                assert!(
                    !module.root().has_error(),
                    "the test no longer parses:\n{}",
                    file.text
                );
            }
        }
    }
    expect.assert_eq(&changed);
    let after = case.findings(&Config::all());
    for finding in &after {
        assert_ne!(finding.rule.id, id, "still there: {}", finding.message);
        let known = before.iter().any(|it| it.rule.id == finding.rule.id);
        assert!(known, "new: {}: {}", finding.rule.id, finding.message);
    }
}
