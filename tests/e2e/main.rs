//! The program as a person runs it: the real binary, the example project, real pytest.
//!
//! `tests/run` puts pytest, ruff and shellcheck on PATH.

mod failures;
mod hostile;
mod same_reason;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

const LOG: &str = "logs/unit-tests-blackhole.log";
const ROOT: &str = ".github/scripts/reproduce-deterministic-failures";

/// What the example's device is opened with.
const DEVICE: &str = "@pytest.mark.parametrize(\"device_params\", [{\"l1_small_size\": 24576}], indirect=True)\ndef test_gather_repro(device";

/// A copy of the example project, a git work tree of its own.
struct Project(TempDir);

impl Project {
    fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/examples/minitensor");
        run(
            "cp",
            &["-r", &format!("{}/.", example.display()), "."],
            folder.path(),
        );
        run("git", &["init", "-q", "."], folder.path());
        Self(folder)
    }

    /// A work tree without files.
    fn empty() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        run("git", &["init", "-q", "."], folder.path());
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn reprolens(&self, arguments: &[&str]) -> Output {
        run(env!("CARGO_BIN_EXE_reprolens"), arguments, self.path())
    }

    /// Runs a command that prints JSON, and says with which status it ended.
    #[track_caller]
    fn json(&self, arguments: &[&str]) -> (Value, Option<i32>) {
        let output = self.reprolens(&[arguments, &["--format", "json"]].concat());
        let value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!(
                "{arguments:?}: {error}\n{}",
                String::from_utf8_lossy(&output.stderr)
            )
        });
        (value, output.status.code())
    }
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
        .unwrap_or_else(|error| {
            panic!("{program}: {error}; run the tests with tests/run, which installs it")
        })
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test looks at what was written"
)]
fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("the file was written")
}

fn write(path: &Path, text: &str) {
    write_bytes(path, text.as_bytes());
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test plays the person who edits a file"
)]
fn write_bytes(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().expect("it is a file"))
        .expect("the folder is the test's own");
    std::fs::write(path, bytes).expect("the folder is the test's own");
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn generated_repro_fails_like_ci_did() {
    let project = Project::new();
    let (json, status) = project.json(&["generate", LOG, "--failure", "DRAM", "--name", "gather"]);
    let repro = &json["repros"][0];
    assert_eq!(
        (status, &repro["verified"]),
        (Some(0), &Value::Bool(true)),
        "{json:#}"
    );
    assert!(repro["test_lines"].as_u64().unwrap() <= 50, "{json:#}");

    let dir = project.path().join(ROOT).join("gather");
    let test = read(&dir.join("tests/test_gather_repro.py"));
    for expected in [
        "Expected: [4, 32]\n",
        "Actual: [4, 24]\n",
        "dim = -1\n",
        "input_shape = [4, 64]\n",
        "random.seed(0)\n",
    ] {
        assert!(test.contains(expected), "{expected}\n{test}");
    }
    let obstacles = repro["obstacles"].to_string();
    assert!(!obstacles.contains("PYTHONPATH"), "{obstacles}");
    // What the checklist says of the new folder is what `check` says of it.
    let (checked, _) = project.json(&["check", dir.to_str().unwrap()]);
    assert_eq!(repro["findings"], checked["folders"][0]["findings"]);
    assert_eq!(repro["findings"], Value::Array(Vec::new()));

    let (verdict, status) = project.json(&["verify", dir.to_str().unwrap()]);
    assert_eq!(
        (status, &verdict["verdict"]),
        (Some(0), &Value::from("same")),
        "{verdict:#}"
    );

    let script = read(&dir.join("run_test.sh"));
    assert!(
        script.contains("export ARCH_NAME=blackhole"),
        "the container's environment decides: {script}"
    );
    let checked = run("shellcheck", &["run_test.sh"], &dir);
    assert!(checked.status.success(), "{}", text(&checked.stdout));
    let tests = dir.join("tests");
    let linted = run("ruff", &["check", "--isolated", "."], &tests);
    assert!(linted.status.success(), "{}", text(&linted.stdout));

    // The bug is fixed: the verdict changes.
    let operations = project.path().join("minitensor/operations.py");
    let fixed = read(&operations)
        .replace("width // cores", "-(-width // cores)")
        .replace(
            "range(core * columns_per_core, (core + 1) * columns_per_core)",
            "range(core * columns_per_core, min(width, (core + 1) * columns_per_core))",
        );
    write(&operations, &fixed);
    let (verdict, status) = project.json(&["verify", dir.to_str().unwrap()]);
    assert_eq!(
        (status, &verdict["verdict"]),
        (Some(1), &Value::from("passed")),
        "{verdict:#}"
    );
}

#[test]
fn minimized_repro_fails_the_same_and_says_what_it_does_not_need() {
    let project = Project::new();
    project.json(&["generate", LOG, "--failure", "DRAM", "--name", "gather"]);
    let dir = project.path().join(ROOT).join("gather");
    let (json, status) = project.json(&["minimize", dir.to_str().unwrap(), "--runs", "40"]);
    assert_eq!(status, Some(0), "{json:#}");
    assert!(
        json["lines_after"].as_u64() <= json["lines_before"].as_u64(),
        "{json:#}"
    );
    let removed = json["removed_variables"].to_string();
    assert!(
        removed.contains("LOGURU_LEVEL") && !removed.contains("ARCH_NAME"),
        "{removed}"
    );
    let test = read(&dir.join("tests/test_gather_repro.py"));
    assert!(
        test.contains(DEVICE) && test.contains("    random.seed(0)\n"),
        "the set-up stays word for word: {test}"
    );
    let script = read(&dir.join("run_test.sh"));
    assert!(
        script.contains("the failure does not need") && !script.contains("export LOGURU_LEVEL"),
        "{script}"
    );
    let (verdict, _) = project.json(&["verify", dir.to_str().unwrap()]);
    assert_eq!(verdict["verdict"], "same", "{verdict:#}");
    let checked = project.reprolens(&["check", dir.to_str().unwrap(), "--select", "ENV,RUN,TST"]);
    assert!(checked.status.success(), "{}", text(&checked.stdout));
}

/// Outside of the workspace no conftest is found: fixtures come along, with what gives them their parameters.
#[test]
fn a_repro_outside_of_the_workspace_brings_its_fixtures() {
    let project = Project::new();
    let elsewhere = TempDir::new().expect("a temporary folder");
    let into = elsewhere.path().to_str().unwrap();
    let arguments = ["--failure", "DRAM", "--name", "gather", "--into", into];
    let (json, status) = project.json(&[&["generate", LOG], &arguments[..]].concat());
    assert_eq!(
        (status, &json["repros"][0]["verified"]),
        (Some(0), &Value::Bool(true)),
        "{json:#}"
    );
    let test = read(&elsewhere.path().join("gather/tests/test_gather_repro.py"));
    for expected in [
        "def device_params(request):",
        "device = minitensor.open_device(device_id=0, **device_params)",
        DEVICE,
        "random.seed(213919)",
    ] {
        assert!(test.contains(expected), "{expected}\n{test}");
    }
}

/// A fixture that may be empty is still requested where it is used: without that its name would stand for the function.
#[test]
fn a_smaller_repro_uses_no_fixture_without_its_request() {
    let project = Project::empty();
    let at = |path: &str| project.path().join(path);
    write(
        &at("shop.py"),
        "class App:\n    def __init__(self, name):\n        self.config = {}\n\n\nclass Store:\n    def __init__(self, app):\n        self.app.open()\n",
    );
    // Its folder is where pytest has modules imported from.
    write(&at("conftest.py"), "");
    let settings: String = (0..12)
        .map(|number| format!("    app.config[\"key{number}\"] = {number}\n"))
        .collect();
    write(
        &at("tests/test_store.py"),
        &format!(
            "import pytest\nfrom shop import App, Store\n\n\n@pytest.fixture\ndef app(request):\n    app = App(request.module.__name__)\n{settings}    return app\n\n\n@pytest.fixture\ndef store(app):\n    return Store(app)\n\n\ndef test_store(store):\n    assert store\n"
        ),
    );
    let pytest = "python3 -m pytest -p no:cacheprovider tests > ci.log; true";
    run("sh", &["-c", pytest], project.path());
    let (json, _) = project.json(&["generate", "ci.log", "--name", "store"]);
    assert_eq!(json["repros"][0]["verified"], Value::Bool(true), "{json:#}");
    let test = read(&at(ROOT).join("store/tests/test_store_repro.py"));
    assert!(
        test.contains("def store(app):\n    return Store(app)  # <- fails here\n")
            && !test.contains("key3"),
        "{test}"
    );
}

/// The branch that a conftest took when it was imported, and values that are iterated only once: a run tells of both.
#[test]
fn what_only_a_run_tells_is_written_into_the_repro() {
    let project = Project::empty();
    let at = |path: &str| project.path().join(path);
    write(
        &at("tests/conftest.py"),
        "import pytest\n\ntry:\n    from unittest.mock import Mock\nexcept ImportError:\n    from mock import Mock\n\n\n@pytest.fixture\ndef shop():\n    return Mock(price=1)\n",
    );
    write(
        &at("tests/test_a.py"),
        "import pytest\n\n\ndef sets():\n    yield int, \"1\"\n    yield float, \"2\"\n\n\n@pytest.mark.parametrize(\"kind, text\", sets())\ndef test_price(shop, kind, text):\n    assert kind(text) == shop.price\n",
    );
    let pytest = "python3 -m pytest -p no:cacheprovider tests > ci.log; true";
    run("sh", &["-c", pytest], project.path());
    let (json, _) = project.json(&["generate", "ci.log", "--name", "price"]);
    assert_eq!(json["repros"][0]["verified"], Value::Bool(true), "{json:#}");
    let test = read(&at(ROOT).join("price/tests/test_price_repro.py"));
    assert!(
        test.contains("\nfrom unittest.mock import Mock\n")
            && test.contains("kind = list(sets())[1][0]\n")
            && !test.contains("import mock"),
        "{test}"
    );
}

/// CI showed no traceback: the line is the one that the original fails at here, and the verdict does not make more of it.
#[test]
fn a_failing_line_that_the_log_does_not_tell_is_looked_for() {
    let project = Project::empty();
    let at = |path: &str| project.path().join(path);
    write(
        &at("tests/test_a.py"),
        "def test_sum():\n    unused = [1]\n    total = 1 + 1\n    assert total == 3\n    assert unused\n\n\ndef test_other():\n    assert 2 + 2 == 5\n",
    );
    let pytest = "python3 -m pytest -p no:cacheprovider -v --tb=no -rN tests > ci.log; true";
    run("sh", &["-c", pytest], project.path());
    let (json, _) = project.json(&["generate", "ci.log", "--failure", "test_sum"]);
    let repro = &json["repros"][0];
    assert_eq!(repro["verified"], Value::Null, "{json:#}");
    let folder = at(ROOT).join("sum");
    let test = read(&folder.join("tests/test_sum_repro.py"));
    assert!(
        test.ends_with(
            "def test_sum_repro():\n    total = 1 + 1\n    assert total == 3  # <- fails here\n"
        ),
        "{test}"
    );
    let readme = read(&folder.join("README.md"));
    assert!(
        readme.contains("it is that of the original test's run here"),
        "{readme}"
    );
    // Nothing tells that the other one fails in the same way.
    assert!(!readme.contains("test_other"), "{readme}");
}

/// Two tests of one name fail in different ways: neither repro takes the other's place, and a second time each finds its own.
#[test]
fn tests_of_one_name_have_folders_of_their_own() {
    let project = Project::empty();
    let source = "class TestA:\n    def test_sum(self):\n        assert 1 + 1 == 3\n\n\nclass TestB:\n    def test_sum(self):\n        assert 2 + 2 == 5\n";
    write(&project.path().join("tests/test_a.py"), source);
    let pytest = "python3 -m pytest -p no:cacheprovider tests > ci.log; true";
    run("sh", &["-c", pytest], project.path());
    for _ in 0..2 {
        let (json, _) = project.json(&["generate", "ci.log", "--no-run"]);
        assert_eq!(json["repros"].as_array().map(Vec::len), Some(2), "{json:#}");
        for (folder, line) in [("sum", "1 + 1 == 3"), ("b_sum", "2 + 2 == 5")] {
            let test = format!("{folder}/tests/test_{folder}_repro.py");
            let test = read(&project.path().join(ROOT).join(test));
            assert!(test.contains(line), "{test}");
        }
    }
    let folders = project.path().join(ROOT);
    let listed = run("ls", &[folders.to_str().unwrap()], project.path());
    assert_eq!(text(&listed.stdout), "b_sum\nsum\n");
}

/// Logs of many services without the projects that they are of: what can be made is without fault.
#[test]
fn folders_without_the_project_are_whole() {
    let logs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/logs");
    let project = Project::empty();
    let mut made = 0;
    for (number, log) in text(&run("ls", &["."], &logs).stdout)
        .lines()
        .filter(|it| it.ends_with(".log"))
        .enumerate()
    {
        let into = format!("repros/{number}");
        let log = logs.join(log);
        let output = project.reprolens(&[
            "generate",
            log.to_str().unwrap(),
            "--no-run",
            "--into",
            &into,
        ]);
        made += usize::from(output.status.code() == Some(0));
    }
    assert!(made > 20, "{made}");
    let scripts = text(&run("find", &["repros", "-name", "run_test.sh"], project.path()).stdout);
    let scripts: Vec<&str> = scripts.lines().collect();
    let linted = run("shellcheck", &scripts, project.path());
    assert!(linted.status.success(), "{}", text(&linted.stdout));
    let allowed = "LOG,TST001,VER001";
    let checked = project.reprolens(&["check", "repros", "--ignore", allowed]);
    assert!(checked.status.success(), "{}", text(&checked.stdout));
}

#[test]
fn edited_files_are_kept() {
    let project = Project::new();
    let generate = [
        "generate",
        LOG,
        "--failure",
        "DRAM",
        "--name",
        "gather",
        "--no-run",
    ];
    let (json, status) = project.json(&generate);
    assert_eq!(
        (status, &json["repros"][0]["verified"]),
        (Some(0), &Value::Null)
    );
    let readme = project.path().join(ROOT).join("gather/README.md");
    write(&readme, "mine\n");

    let (json, status) = project.json(&generate);
    assert_eq!(status, Some(1));
    assert_eq!(json["repros"][0]["kept"].as_array().map(Vec::len), Some(1));
    assert_eq!(read(&readme), "mine\n");

    let forced = [&generate[..], &["--force"]].concat();
    assert_eq!(project.json(&forced).1, Some(0));
    assert_ne!(read(&readme), "mine\n");
    let copies: Vec<PathBuf> = readme
        .parent()
        .unwrap()
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "md") && *path != readme)
        .collect();
    assert_eq!(
        copies.iter().map(|path| read(path)).collect::<Vec<_>>(),
        ["mine\n"]
    );
}

#[test]
fn unusable_input_says_what_to_do() {
    let project = Project::new();
    write(&project.path().join("empty.log"), "");
    let cases: [(&[&str], &str); 5] = [
        (&["failures", "nowhere.log"], "cannot read nowhere.log"),
        (&["failures", "empty.log"], "empty.log: it is empty"),
        (
            &["failures", "minitensor/device.py"],
            "no CI log and no output of pytest is recognised",
        ),
        (
            &["generate", LOG, "--failure", "test_gather"],
            "2 failures' ids hold \"test_gather\"; give a longer part or a number, among them:\n  1  tests/",
        ),
        (
            &["generate", LOG, "--failure", "1", "--name", "../up"],
            "cannot name a repro folder",
        ),
    ];
    for (arguments, expected) in cases {
        let output = project.reprolens(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(text(&output.stdout), "", "{arguments:?}");
        assert!(
            text(&output.stderr).contains(expected),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
    }
}
