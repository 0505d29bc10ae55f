//! What is found in the source, compared with what pytest 7, 8 and 9 collected from it (`oracle/record.py`).

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use expect_test::expect_file;
use proptest::prelude::*;
use reprolens_python::project::{Project, Sources};
use reprolens_python::{ItemKind, NotFound, Test, find, find_in};
use text::Workspace;

/// A project in memory.
#[derive(Debug, Clone, Default)]
struct Files(HashMap<String, Arc<str>>);

impl Workspace for Files {
    fn read(&self, path: &str) -> Option<Arc<str>> {
        self.0.get(path).cloned()
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let mut names: Vec<String> = self
            .0
            .keys()
            .filter_map(|path| {
                let rest = if folder.is_empty() {
                    path
                } else {
                    path.strip_prefix(folder)?.strip_prefix('/')?
                };
                Some(match rest.split_once('/') {
                    Some((below, _)) => format!("{below}/"),
                    None => rest.to_owned(),
                })
            })
            .collect();
        names.sort();
        names.dedup();
        names
    }
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle")
}

#[expect(clippy::disallowed_methods, reason = "a test reads its data")]
fn project() -> Files {
    let root = here().join("project");
    let mut files = Files::default();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                let name = path
                    .strip_prefix(&root)
                    .expect("it is below")
                    .to_string_lossy();
                files.0.insert(name.replace('\\', "/"), text.into());
            }
        }
    }
    files
}

#[expect(clippy::disallowed_methods, reason = "a test reads its data")]
fn recorded(name: &str) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(here().join(format!("{name}.json"))).expect("recorded");
    serde_json::from_str(&text).expect("JSON")
}

const RECORDS: [&str; 6] = [
    "pytest7",
    "pytest8",
    "pytest9",
    "pytest7-hook",
    "pytest8-hook",
    "pytest9-hook",
];

fn texts(value: &serde_json::Value) -> Vec<&str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(serde_json::Value::as_str)
        .collect()
}

/// Items that the comparison leaves out: their ids hold addresses, or pytest 7 gives the same id twice.
fn is_unstable(id: &str) -> bool {
    id.contains(" at 0x") || (id.contains("test_duplicates") && id.ends_with("a0]"))
}

#[track_caller]
fn found(project: &Project<'_>, id: &str) -> Test {
    find_in(project, id).unwrap_or_else(|why| panic!("{id}: {why:?}"))
}

/// A literal in one spelling, if it is a number, a name or a short string; others are compared by the snapshot.
fn plain(source: &str) -> Option<String> {
    let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let inner = source.trim_matches(['"', '\'']);
    let is_number = source.parse::<i64>().is_ok();
    (is_number || (inner.len() + 2 == source.len() && is_word(inner)))
        .then(|| source.replace('"', "'"))
}

#[test]
fn every_item_is_where_pytest_found_it() {
    let files = project();
    let sources = Sources::new(&files);
    let project = Project::new(&sources, &[]);
    for record in RECORDS {
        for item in recorded(record) {
            let id = item["id"].as_str().unwrap();
            let test = found(&project, id);
            let path = test.defined_in.as_deref().unwrap_or(&test.path);
            assert_eq!(path, item["file"], "{record} {id}");
            let line = text::LineIndex::new(&files.0[path]).line_of(test.span.start) + 1;
            assert_eq!(line, item["line"], "{record} {id}");
        }
    }
}

#[test]
fn values_are_those_that_pytest_gave() {
    let files = project();
    let sources = Sources::new(&files);
    let project = Project::new(&sources, &[]);
    let mut compared = 0;
    for record in RECORDS {
        for item in recorded(record) {
            let id = item["id"].as_str().unwrap();
            if is_unstable(id) {
                continue;
            }
            let test = found(&project, id);
            for param in &test.params {
                let expected = item["params"][&param.name].as_str();
                if let (Some(mine), Some(expected)) = (
                    param.value.as_deref().and_then(plain),
                    expected.and_then(plain),
                ) {
                    compared += 1;
                    assert_eq!(mine, expected, "{record} {id} {}", param.name);
                }
            }
        }
    }
    assert!(compared > 900, "only {compared} values were compared");
}

#[test]
fn fixtures_and_marks_are_those_that_pytest_gave() {
    let files = project();
    let sources = Sources::new(&files);
    let project = Project::new(&sources, &[]);
    for record in RECORDS {
        for item in recorded(record) {
            let id = item["id"].as_str().unwrap();
            if is_unstable(id) {
                continue;
            }
            let test = found(&project, id);
            let direct = |name: &str| {
                test.params
                    .iter()
                    .any(|param| param.name == name && !param.indirect)
            };
            let mut mine: Vec<&str> = test.fixtures.iter().map(|it| it.name.as_str()).collect();
            mine.dedup();
            // What a test asks for by value is not in pytest's closure; what code parametrizes is a direct parameter to pytest.
            mine.retain(|name| {
                *name != "arch" && !(id.contains("test_by_value") && *name == "axis")
            });
            let mut theirs = texts(&item["fixtures"]);
            theirs.retain(|name| !direct(name) && *name != "arch");
            if record.starts_with("pytest9") {
                // Since 9 pytest goes depth first; the sets are the same.
                mine.sort_unstable();
                theirs.sort_unstable();
            }
            assert_eq!(mine, theirs, "{record} {id}");
            let mut mine: Vec<&str> = test.marks.iter().map(|it| it.name.as_str()).collect();
            let mut theirs = texts(&item["marks"]);
            mine.sort_unstable();
            theirs.retain(|name| !(*name == "skip" && id.contains("test_empty")));
            theirs.sort_unstable();
            assert_eq!(mine, theirs, "{record} {id}");
        }
    }
}

#[test]
fn values_of_all_ids() {
    let files = project();
    let sources = Sources::new(&files);
    let project = Project::new(&sources, &[]);
    let mut out = String::new();
    for item in recorded("pytest9")
        .into_iter()
        .chain(recorded("pytest8-hook"))
    {
        let id = item["id"].as_str().unwrap();
        if is_unstable(id) {
            continue;
        }
        let test = found(&project, id);
        let values: Vec<String> = test
            .params
            .iter()
            .map(|param| {
                let value = param.value.as_deref().unwrap_or("?");
                let indirect = if param.indirect { " (indirect)" } else { "" };
                format!("{}{indirect} = {value}", param.name)
            })
            .collect();
        if !values.is_empty() {
            out.push_str(&format!(
                "{}\n    {}\n",
                id.escape_debug(),
                values.join("\n    ")
            ));
        }
    }
    expect_file!["./oracle/values.txt"].assert_eq(&out);
}

#[test]
fn ids_without_a_path() {
    let files = project();
    let sources = Sources::new(&files);
    let project = Project::new(&sources, &[]);
    for (id, path, function) in [
        (
            "TestClass.test_method[1-10]",
            "test_fixtures.py",
            "test_method",
        ),
        (
            "TestOther.TestNested.test_deep",
            "test_fixtures.py",
            "test_deep",
        ),
        ("test_stacked[bottom0-p-1]", "test_ids.py", "test_stacked"),
    ] {
        let test = found(&project, id);
        assert_eq!(
            (test.path.as_str(), test.function.as_str()),
            (path, function)
        );
    }
    let stacked = found(&project, "test_stacked[bottom0-p-1]");
    assert_eq!(stacked.params[0].value.as_deref(), Some("[1]"));
    assert_eq!(stacked.param_sets, Some(8));
}

#[test]
fn files_of_other_machines_and_what_is_not_there() {
    let files = project();
    let sources = Sources::new(&files);
    let project = Project::new(&sources, &[]);
    let there = found(
        &project,
        "/home/ci/work/repo/pkg/inner/test_inner.py::TestAgain::test_own",
    );
    assert_eq!(there.path, "pkg/inner/test_inner.py");
    let module = found(&project, "test_ids.py");
    assert_eq!(module.kind, ItemKind::Module);
    let conftest = found(&project, "pkg/");
    assert_eq!(conftest.path, "pkg/conftest.py");
    assert_eq!(conftest.kind, ItemKind::Module);
    let class = found(&project, "pkg/inner/test_inner.py::TestAgain");
    assert_eq!(class.id, "pkg/inner/test_inner.py::TestAgain");
    assert_eq!(class.classes, ["TestAgain"]);
    assert_eq!(class.function, "test_own");
    let missing = |id: &str| find_in(&project, id).unwrap_err();
    assert_eq!(missing("test_gone.py::test_x"), NotFound::File);
    assert_eq!(missing("gone.yaml::case"), NotFound::File);
    assert_eq!(missing("test_ids.py::TestGone::test_x"), NotFound::Class);
    assert_eq!(missing("test_ids.py::test_gone[1]"), NotFound::Function);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Broken Python is no reason to panic, and spans stay within the text.
    #[test]
    fn broken_files(cut in 0usize..6000, len in 0usize..400, junk in "[(\\[{'\"@:\\\\ \\na-z*é,=]{0,12}", which in 0usize..8) {
        let mut project = project();
        let mut paths: Vec<String> = project.0.keys().filter(|path| path.ends_with(".py")).cloned().collect();
        paths.sort();
        let path = paths[which % paths.len()].clone();
        let text = project.0[&path].to_string();
        let start = text.floor_char_boundary(cut.min(text.len()));
        let end = text.floor_char_boundary((start + len).min(text.len()));
        let broken = format!("{}{junk}{}", &text[..start], &text[end.max(start)..]);
        project.0.insert(path, broken.into());
        for id in ["test_ids.py::test_stacked[bottom0-p-1]", "test_ids.py::test_kinds[v3]", "test_fixtures.py::TestClass::test_more[ex-1-True-10]",
            "pkg/inner/test_inner.py::TestAgain::test_own[ex-p0]", "named/test_named.py::test_gather[dim=-1-shape=[8, 8]]", "test_product[1-a]"] {
            if let Ok(test) = find(&project, &[], id) {
                let path = test.defined_in.as_deref().unwrap_or(&test.path);
                let text = &project.0[path];
                prop_assert!(text.get(test.span.start..test.span.end).is_some());
            }
        }
    }

    /// Hostile ids.
    #[test]
    fn any_id(id in "\\PC{0,40}", param in "[-\\[\\]a-z0-9:.]{0,60}") {
        let project = project();
        let _ = find(&project, &[], &id);
        let _ = find(&project, &[], &format!("test_ids.py::test_stacked[{param}]"));
        let _ = find(&project, &[], &format!("test_ids.py::test_made[{param}]"));
    }
}
