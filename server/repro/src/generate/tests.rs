//! The three files of one failure, and hostile text in all of them.

use super::*;
use expect_test::expect_file;

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
        same_signature: vec!["tests/test_a.py::test_size[9]".to_owned()],
        ini: Some((
            "pytest.ini".to_owned(),
            "[pytest]\naddopts = -ra --cov=r --strict-markers\n".to_owned(),
        )),
        import_root: Some("tests".to_owned()),
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
        templates: Vec::new(),
    }
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
