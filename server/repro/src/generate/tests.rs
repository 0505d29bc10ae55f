//! The three files of one failure.

mod hostile;
mod words;

use super::*;
use expect_test::expect_file;
use text::{Origin, OriginKind, Value, Variable};
use workflow::JobConfiguration;

const LOG: &str = "\u{feff}2026-01-02T03:04:05.1000000Z Uses: o/r/.github/workflows/ci.yml@refs/heads/main (1111111111111111111111111111111111111111)
2026-01-02T03:04:05.1000000Z Complete job name: unit (3.11)
2026-01-02T03:04:05.1000000Z ##[group]Run pytest tests -n 4 -m 'not slow' --import-mode=importlib --junitxml=out.xml -vv
2026-01-02T03:04:05.1000000Z \u{1b}[36;1mpytest tests -n 4 -m 'not slow' --import-mode=importlib --junitxml=out.xml -vv\u{1b}[0m
2026-01-02T03:04:05.1000000Z shell: /usr/bin/bash -e {0}
2026-01-02T03:04:05.1000000Z env:
2026-01-02T03:04:05.1000000Z   PYTHONPATH: /home/runner/work/r/r/src
2026-01-02T03:04:05.1000000Z   MODE: it's fast
2026-01-02T03:04:05.1000000Z   CACHE: /mnt/cache
2026-01-02T03:04:05.1000000Z   HF_TOKEN: ***
2026-01-02T03:04:05.1000000Z ##[endgroup]
2026-01-02T03:04:05.1000000Z ============================= test session starts ==============================
2026-01-02T03:04:05.1000000Z platform linux -- Python 3.11.7, pytest-8.4.2, pluggy-1.6.0
2026-01-02T03:04:05.1000000Z rootdir: /home/runner/work/r/r
2026-01-02T03:04:05.1000000Z configfile: pytest.ini
2026-01-02T03:04:05.1000000Z plugins: timeout-2.4.0
2026-01-02T03:04:05.1000000Z collected 2 items
2026-01-02T03:04:05.1000000Z
2026-01-02T03:04:05.1000000Z tests/test_a.py::test_size[8] FAILED                                     [100%]
2026-01-02T03:04:05.1000000Z
2026-01-02T03:04:05.1000000Z =================================== FAILURES ===================================
2026-01-02T03:04:05.1000000Z _________________________________ test_size[8] _________________________________
2026-01-02T03:04:05.1000000Z
2026-01-02T03:04:05.1000000Z n = 8
2026-01-02T03:04:05.1000000Z
2026-01-02T03:04:05.1000000Z     def test_size(n):
2026-01-02T03:04:05.1000000Z >       assert len(make(n)) == n
2026-01-02T03:04:05.1000000Z E       assert 7 == 8
2026-01-02T03:04:05.1000000Z E        +  where 7 = len([0, 1, 2, 3, 4, 5, 6])
2026-01-02T03:04:05.1000000Z
2026-01-02T03:04:05.1000000Z tests/test_a.py:6: AssertionError
2026-01-02T03:04:05.1000000Z =========================== short test summary info ============================
2026-01-02T03:04:05.1000000Z FAILED tests/test_a.py::test_size[8] - assert 7 == 8
2026-01-02T03:04:05.1000000Z ============================== 1 failed in 0.12s ===============================
2026-01-02T03:04:05.1000000Z ##[error]Process completed with exit code 1.
";

const CODE: &str =
    "from r import make\n\n\ndef test_size_8_repro():\n    n = 8\n    assert len(make(n)) == n\n";

fn evidence(log: &str) -> Evidence {
    let log = log::parse(log.as_bytes());
    let failure = log.failures[0].clone();
    Evidence {
        log_path: "logs/ci.log".to_owned(),
        session: failure.session.and_then(|at| log.sessions.get(at).cloned()),
        step: failure.step.and_then(|at| log.steps.get(at).cloned()),
        job: log.job,
        configurations: Vec::new(),
        test: Ok(python::Test {
            id: failure.id.clone(),
            path: "tests/test_a.py".to_owned(),
            function: "test_size".to_owned(),
            ..python::Test::default()
        }),
        failure,
        workspace_source: None,
        printed: Vec::new(),
        same_failure: vec!["tests/test_a.py::test_size[9]".to_owned()],
        ini: Some((
            "pytest.ini".to_owned(),
            "[pytest]\naddopts = -ra --cov=r --strict-markers\n".to_owned(),
        )),
        import_root: Some("tests".to_owned()),
        conftests: Vec::new(),
    }
}

fn slice() -> python::Slice {
    python::Slice {
        code: CODE.to_owned(),
        failing_line: Some(5),
        ..python::Slice::default()
    }
}

fn config() -> Config {
    Config {
        workspace: "/w".to_owned(),
        root: ".github/scripts/reproduce-deterministic-failures".to_owned(),
        name: "size_8".to_owned(),
        venv: Vec::new(),
        max_seconds: 10,
        runs_original: false,
        templates: Vec::new(),
    }
}

fn variable(name: &str, value: Value) -> Variable {
    Variable {
        name: name.to_owned(),
        value,
        origin: Origin {
            kind: OriginKind::JobEnv,
            path: "ci.yml".to_owned(),
            line: 3,
            span: Span::default(),
        },
        overridden: Vec::new(),
    }
}

fn configuration(variables: Vec<Variable>) -> JobConfiguration {
    JobConfiguration {
        path: None,
        job: None,
        line: None,
        why: Vec::new(),
        variables,
        noise: Vec::new(),
        inputs: Vec::new(),
        matrix: Vec::new(),
        runner_labels: Vec::new(),
        container: None,
        shell: None,
        activates: Vec::new(),
        command: None,
        obstacles: Vec::new(),
        problems: Vec::new(),
    }
}

#[test]
fn the_original_is_imported_as_ci_did_and_a_test_of_a_hidden_folder_is_not() {
    let script = |runs_original| {
        let config = Config {
            runs_original,
            ..config()
        };
        generate(&evidence(LOG), &slice(), &config).script
    };
    assert!(script(false).contains("--import-mode=append"));
    assert!(script(true).contains("--import-mode=importlib"));
}

#[test]
fn addopts_of_the_command_line_are_told_as_ci_gave_them() {
    let log = LOG.replace("pytest tests -n 4", "pytest tests -o addopts=");
    let files = generate(&evidence(&log), &slice(), &config());
    assert!(files.script.contains("    -o addopts= \\\n"));
    assert!(!files.readme.contains("cacheprovider"));
}

#[test]
fn the_three_files_of_a_failure() {
    let files = generate(&evidence(LOG), &slice(), &config());
    assert_eq!(files.problems, []);
    assert_eq!(files.test_name, "test_size_8_repro.py");
    expect_file!["snapshots/run_test.sh"].assert_eq(&files.script);
    expect_file!["snapshots/test_size_8_repro.py"].assert_eq(&files.test);
    expect_file!["snapshots/README.md"].assert_eq(&files.readme);
}

#[test]
fn values_that_are_folders_of_ci() {
    let mut evidence = evidence(LOG);
    let known = |name: &str, value: &str| variable(name, Value::Known(value.to_owned()));
    evidence.configurations = vec![configuration(vec![
        known("HERE", "/home/runner/work/r/r"),
        known("DATA", "/mnt/data:/mnt/more"),
        known("FLAGS", "-I/home/runner/work/r/r/include -DX"),
        known(
            "LD_LIBRARY_PATH",
            "/opt/hostedtoolcache/Python/3.11/x64/lib",
        ),
        known(
            "PYTHONPATH",
            "src:/opt/hostedtoolcache/x:/home/runner/work/r/r",
        ),
        known("PYTEST_ADDOPTS", "-n 4 --cov=r -W error"),
        known("PATH", "/evil"),
        known("UID", "0"),
        known("venv_dir", "x"),
        variable("API_KEY", Value::Masked("***".to_owned())),
        variable("OTHER_KEY", Value::Masked("***".to_owned())),
    ])];
    evidence.ini = None;
    let mut slice = slice();
    slice.code = format!("# API_KEY\n{CODE}");
    slice.failing_line = Some(6);
    if let Some((_, command)) = evidence.step.iter_mut().next().map(|step| ((), step)) {
        command.command = None;
    }
    if let Some(session) = &mut evidence.session {
        session.command = None;
    }
    let files = generate(&evidence, &slice, &config());
    let shown: String = files
        .script
        .lines()
        .filter(|line| line.starts_with("export ") || line.starts_with("# - "))
        .map(|line| format!("{}\n", line.split("  # ").next().unwrap_or(line)))
        .collect();
    expect_test::expect![[r#"
        export API_KEY="${API_KEY:?set API_KEY: CI had a secret here}"
        export DATA="${DATA:-/mnt/data:/mnt/more}"
        export FLAGS="-I$WORKSPACE_DIR/include -DX"
        export HERE="$WORKSPACE_DIR"
        export PYTEST_ADDOPTS="-W error${PYTEST_ADDOPTS:+ $PYTEST_ADDOPTS}"
        export PYTHONPATH="src:$WORKSPACE_DIR${PYTHONPATH:+:$PYTHONPATH}"
        export PYTHONPATH="$WORKSPACE_DIR/tests${PYTHONPATH:+:$PYTHONPATH}"
        # - LD_LIBRARY_PATH: it points into CI's tool cache
        # - OTHER_KEY: CI had a secret here; export it yourself if the test needs it
        # - PATH: it belongs to CI's machine
        # - UID: it would change how bash runs the script
        # - venv_dir: the script needs the name itself
    "#]]
    .assert_eq(&shown);
}

#[test]
fn hanging_tests_end_before_the_script_does() {
    let mut evidence = evidence(LOG);
    evidence.failure.kind = log::Kind::Timeout;
    let arguments = |evidence: &Evidence| {
        let places = Places::of(evidence);
        command::build(evidence, &config(), &places)
            .arguments
            .join(" ")
    };
    assert!(arguments(&evidence).contains("-o faulthandler_timeout=50"));
    evidence.ini = Some(("tox.ini".to_owned(), "[pytest]\ntimeout = 900\n".to_owned()));
    assert!(arguments(&evidence).contains("--timeout=50"));
}

#[test]
fn roots_elsewhere_and_templates_of_a_person() {
    let mut config = config();
    config.root = "/elsewhere".to_owned();
    config.workspace = "/my work\"$x".to_owned();
    config.templates = vec![
        (
            "run_test.sh.jinja".to_owned(),
            "{{ workspace_dir }}\n".to_owned(),
        ),
        ("README.md".to_owned(), "{% if %}".to_owned()),
    ];
    let files = generate(&evidence(LOG), &slice(), &config);
    assert_eq!(files.script, "\"${WORKSPACE_DIR:-/my work\\\"\\$x}\"\n");
    assert!(files.readme.contains("## Original Failure"));
    let message = &files.problems[0].message;
    assert!(message.contains("README.md cannot be used"), "{message}");
}

#[test]
fn without_the_original_test_the_script_names_it() {
    let mut evidence = evidence(LOG);
    evidence.test = Err(python::NotFound::File);
    let files = generate(&evidence, &python::Slice::default(), &config());
    assert_eq!((files.test.as_str(), files.test_name.as_str()), ("", ""));
    assert!(
        files
            .script
            .contains("\"$WORKSPACE_DIR/tests/test_a.py::test_size[8]\"")
    );
    assert!(files.readme.contains("its file is not in this workspace"));
}

#[test]
fn a_test_that_is_no_python_is_collected_as_it_is() {
    let mut evidence = evidence(LOG);
    "tests/cases.yaml::case: simple".clone_into(&mut evidence.failure.id);
    evidence.test = Err(python::NotFound::NoPython);
    let files = generate(&evidence, &python::Slice::default(), &config());
    let target = "\"$WORKSPACE_DIR/tests/cases.yaml::case: simple\" \"$@\"";
    assert!(files.script.contains(target), "{}", files.script);
    let said = "There is no test of its own here: the original is no Python. The script has pytest collect it.";
    assert!(files.readme.contains(said), "{}", files.readme);
}

#[test]
fn an_assertion_of_a_helper_stays_unexplained() {
    let mut evidence = evidence(LOG);
    let marked = |evidence: &Evidence| {
        let files = generate(evidence, &slice(), &config());
        files.test.contains("\nPYTEST_DONT_REWRITE")
    };
    assert!(!marked(&evidence));
    if let Some(exception) = &mut evidence.failure.exception {
        exception.message = "7 items".to_owned();
    }
    assert!(marked(&evidence));
}

#[test]
fn pytest_is_told_of_a_test_that_it_would_not_take_for_one() {
    let arguments = |ini: &str, code: &str| {
        let mut evidence = evidence(LOG);
        evidence.ini = Some(("pytest.ini".to_owned(), format!("[pytest]\n{ini}\n")));
        let slice = python::Slice {
            code: code.to_owned(),
            ..python::Slice::default()
        };
        let script = generate(&evidence, &slice, &config()).script;
        let lines = script.lines().map(str::trim);
        let told = lines.filter(|line| line.starts_with("-o python_"));
        told.map(|line| line.trim_end_matches([' ', '\\']).to_owned())
            .collect::<Vec<_>>()
    };
    let method = "class PriceTest:\n    def test_a_repro(self):\n        pass\n";
    let test_case = "class PriceTest(TestCase):\n    def test_a_repro(self):\n        pass\n";
    assert_eq!(arguments("", method), ["-o python_classes=PriceTest"]);
    assert!(arguments("python_classes = *Test", method).is_empty());
    assert!(arguments("", test_case).is_empty());
    assert!(arguments("", CODE).is_empty());
    assert_eq!(
        arguments("python_functions = check_* it_*", CODE),
        ["-o python_functions=test_size_8_repro"]
    );
}
