//! The three files of one failure, and hostile text in all of them.

mod words;

use super::*;
use expect_test::expect_file;
use text::{Origin, OriginKind, Value, Variable};
use workflow::{JobConfiguration, Obstacle, ObstacleKind};

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
fn the_three_files_of_a_failure() {
    let mut evidence = evidence(LOG);
    evidence.configurations.clear();
    let files = generate(&evidence, &slice(), &config());
    assert_eq!(files.problems, []);
    assert_eq!(files.test_name, "test_size_8_repro.py");
    expect_file!["snapshots/run_test.sh"].assert_eq(&files.script);
    expect_file!["snapshots/test_size_8_repro.py"].assert_eq(&files.test);
    expect_file!["snapshots/README.md"].assert_eq(&files.readme);
}

/// Text that tries to become code in bash, Python and Markdown.
const HOSTILE: [&str; 14] = [
    "$(touch OWNED)`touch OWNED`${HOME}$HOME",
    "'; touch OWNED; '",
    "\"; touch OWNED; \"",
    "a\nb\n\ntouch OWNED\n",
    "\"\"\" + __import__('os').system('touch OWNED') + \"\"\"",
    "ends with a backslash \\",
    "\\\"\\'\\`\\$(touch OWNED)\\N{x}\\x",
    "``` \n# Title\n<script>alert(1)</script> | cell | [x](javascript:x) ```",
    "\u{202e}reversed\u{2066}\u{200b}\u{feff}",
    "\u{1b}[31mred\u{7}\u{8}\r\u{85}\u{2028}\t",
    "{{ 7 * 7 }}{% include 'x' %}{# x #}",
    "}\"; touch OWNED; #${X:-}}",
    "é ü 😀 !history ~root *glob? [a-z] {a,b} #no",
    "-leading=dash # <- fails here",
];

fn variable(name: &str, value: Value) -> Variable {
    Variable {
        name: name.to_owned(),
        value,
        origin: Origin {
            kind: OriginKind::JobEnv,
            path: "a b\ntouch OWNED".to_owned(),
            line: 3,
            span: Span::default(),
        },
        overridden: Vec::new(),
    }
}

fn configuration(variables: Vec<Variable>) -> JobConfiguration {
    JobConfiguration {
        path: None,
        job: Some(HOSTILE[0].to_owned()),
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

fn hostile(text: &str) -> Evidence {
    let mut evidence = evidence(LOG);
    let at = Span::default();
    let fact = |text: &str| log::Fact {
        text: text.to_owned(),
        span: at,
        line: 1,
    };
    evidence.failure.id = format!("tests/test_a.py::test_size[{text}]");
    evidence.failure.param_id = Some(text.to_owned());
    evidence.failure.expected = Some(text.to_owned());
    evidence.failure.actual = Some(text.to_owned());
    if let Some(exception) = &mut evidence.failure.exception {
        exception.type_name = text.to_owned();
        exception.message = text.to_owned();
    }
    if let Some(frame) = &mut evidence.failure.location {
        frame.path = text.to_owned();
        frame.function = text.to_owned();
        frame.source = Some(text.to_owned());
    }
    evidence.log_path = text.to_owned();
    evidence.job.name = Some(fact(text));
    evidence.job.commit = Some(fact(text));
    evidence.job.started = Some(fact(text));
    evidence.job.image = Some(fact(text));
    evidence.same_failure = vec![text.to_owned()];
    evidence.import_root = Some(text.to_owned());
    if let Some(session) = &mut evidence.session {
        session.plugins.push(text.to_owned());
    }
    let mut job = configuration(vec![
        variable("VALUE", Value::Known(text.to_owned())),
        variable("SECRET_KEY", Value::Known("never-shown".to_owned())),
        variable("UNKNOWN", Value::Unresolved(text.to_owned())),
        variable("BASH_ENV", Value::Known(text.to_owned())),
        variable(text, Value::Known("x".to_owned())),
        variable("MASKED", Value::Masked(format!("***{text}"))),
    ]);
    job.activates = vec![(text.to_owned(), variable("x", Value::printed("")).origin)];
    job.obstacles = vec![Obstacle {
        kind: ObstacleKind::Mount,
        what: text.to_owned(),
        why: text.to_owned(),
        stand_in: text.to_owned(),
        origin: variable("x", Value::printed("")).origin,
    }];
    let words = ["pytest", "-o", text, &format!("--option={text}")];
    let argv = words.map(|word| shell::Word::Known(word.to_owned()));
    job.command = shell::pytest_command(&shell::Command {
        argv: argv.to_vec(),
        source: text.to_owned(),
        cwd: Some(text.to_owned()),
        ..shell::Command::default()
    })
    .map(|command| (command, variable("x", Value::printed("")).origin));
    evidence.configurations = vec![job];
    evidence
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test holds the files to their own parsers"
)]
fn run(
    program: &str,
    arguments: &[&str],
    folder: &std::path::Path,
) -> Option<std::process::Output> {
    std::process::Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("PYTHONPATH", "/callers own")
        .env_remove("VIRTUAL_ENV")
        .output()
        .ok()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the parsers of bash and Python read files"
)]
fn write(path: &std::path::Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

#[test]
fn hostile_text_becomes_no_code() {
    for text in HOSTILE {
        let folder = tempfile::tempdir().unwrap();
        let files = generate(&hostile(text), &slice(), &config());
        assert_eq!(files.problems, []);
        write(&folder.path().join("run_test.sh"), &files.script);
        write(&folder.path().join("test_x.py"), &files.test);
        let bash = run("bash", &["-n", "run_test.sh"], folder.path()).unwrap();
        assert!(
            bash.status.success(),
            "{text:?}: {bash:?}\n{}",
            files.script
        );
        if let Some(output) = run("shellcheck", &["run_test.sh"], folder.path()) {
            let told = String::from_utf8_lossy(&output.stdout);
            assert!(
                output.status.success(),
                "{text:?}: {told}\n{}",
                files.script
            );
        }
        // The module is the docstring and the slice, nothing else, and the docstring reads as it is in the file.
        let check = "import ast, sys\n\
            text = open('test_x.py', encoding='utf-8', newline='').read()\n\
            tree = ast.parse(text)\n\
            assert [type(it).__name__ for it in tree.body] == ['Expr', 'ImportFrom', 'FunctionDef'], tree.body\n\
            doc = ast.get_docstring(tree, clean=False)\n\
            assert doc in text and doc.count(chr(10)) == 4, doc\n\
            for label in ['Original failure:', 'Error:', 'Expected:', 'Actual:', 'Run with:']: assert chr(10) + label in chr(10) + doc\n";
        let python = run("python3", &["-W", "error", "-c", check], folder.path()).unwrap();
        assert!(
            python.status.success(),
            "{text:?}: {python:?}\n{}",
            files.test
        );
        assert!(
            !files.readme.contains("never-shown") && !files.script.contains("never-shown"),
            "{text:?}"
        );
        headings_are_the_templates(&files.readme);
        // What the exports give is what CI had.
        let exports: String = files
            .script
            .lines()
            .filter(|line| line.starts_with("export "))
            .map(|line| format!("{line}\n"))
            .collect();
        let program = format!(
            "set -eo pipefail\nWORKSPACE_DIR=/w\n{exports}exec python3 -c 'import os, sys; sys.stdout.buffer.write(os.environb[b\"VALUE\"])'"
        );
        let output = run("bash", &["-c", &program], folder.path()).unwrap();
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            text,
            "{:?}\n{exports}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(!folder.path().join("OWNED").exists(), "{text:?}");
        // The whole script, with a pytest that only tells its arguments.
        whole_script(&files, folder.path());
        assert!(!folder.path().join("OWNED").exists(), "{text:?}");
    }
}

/// Text of a log that gets out of its quotes would add a heading, end a fence, or begin HTML.
#[track_caller]
fn headings_are_the_templates(readme: &str) {
    let mut fence: Option<&str> = None;
    let mut headings = Vec::new();
    for line in readme.lines() {
        let ticks = &line[..line.len() - line.trim_start_matches('`').len()];
        match fence {
            Some(open) => {
                if ticks.len() >= open.len() && line.trim_end() == ticks {
                    fence = None;
                }
            }
            None if ticks.len() >= 3 && !line[ticks.len()..].contains('`') => fence = Some(ticks),
            None => {
                if line.starts_with('#') {
                    headings.push(line.split(" fails with ").next().unwrap_or(line).to_owned());
                }
                // Outside of code spans nothing of HTML is left.
                let mut outside = String::new();
                let mut rest = line;
                while let Some(at) = rest.find('`') {
                    outside.push_str(&rest[..at]);
                    if outside.ends_with('\\') {
                        rest = &rest[at + 1..];
                        continue;
                    }
                    let run = rest[at..].len() - rest[at..].trim_start_matches('`').len();
                    let ticks = &rest[at..at + run];
                    let after = &rest[at + run..];
                    let mut searched = 0;
                    let close = loop {
                        let Some(found) = after[searched..].find(ticks).map(|it| it + searched)
                        else {
                            break None;
                        };
                        let length =
                            after[found..].len() - after[found..].trim_start_matches('`').len();
                        if length == run {
                            break Some(found);
                        }
                        searched = found + length;
                    };
                    let close = close.unwrap_or_else(|| panic!("an open code span: {line}"));
                    rest = &after[close + run..];
                }
                outside.push_str(rest);
                assert!(!outside.contains("<script"), "{line}");
            }
        }
    }
    assert_eq!(fence, None, "{readme}");
    let expected = [
        "# `test_size`",
        "## Original Failure",
        "## Root Cause",
        "## Minimal Reproduction",
        "### Run Test",
        "### Expected Output",
        "## Fix Strategy",
        "## Verification",
        "## Environment",
        "## Not replicated",
    ];
    assert_eq!(headings, expected);
}

/// Runs the script in a workspace of its own with a `pytest` that fails with status 3.
#[expect(clippy::disallowed_methods, reason = "the test lays out a workspace")]
fn whole_script(files: &Files, base: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    let folder = base.join("w/.github/scripts/reproduce-deterministic-failures/size_8");
    std::fs::create_dir_all(folder.join("tests")).unwrap();
    std::fs::create_dir_all(base.join("bin")).unwrap();
    let pytest = base.join("bin/pytest");
    write(
        &pytest,
        "#!/bin/sh\nprintf '<%s>' \"$@\" > \"$TOLD\"\nexit 3\n",
    );
    std::fs::set_permissions(&pytest, std::fs::Permissions::from_mode(0o755)).unwrap();
    let script = folder.join("run_test.sh");
    write(&script, &files.script);
    let path = format!("{}:/usr/bin:/bin", base.join("bin").display());
    let output = std::process::Command::new("bash")
        .arg(&script)
        .args(["-k", "a b"])
        .current_dir("/")
        .env_clear()
        .env("PATH", path)
        .env("TOLD", base.join("told"))
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    // A working directory of CI that is not here ends the script before pytest.
    if output.status.code() == Some(125) {
        return;
    }
    assert_eq!(
        output.status.code(),
        Some(3),
        "{output:?}\n{}",
        files.script
    );
    assert!(
        stdout.contains("Result: FAILED (exit status 3)"),
        "{stdout}"
    );
    let told = std::fs::read_to_string(base.join("told")).unwrap();
    assert!(
        told.ends_with("tests/test_size_8_repro.py><-k><a b>"),
        "{told}"
    );
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
