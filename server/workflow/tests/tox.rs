//! `tox`: the files that configure it, and the environments that a call runs.

mod table;

use expect_test::{Expect, expect};
use table::check;

/// A job that calls tox; `rest` are the files, and the log behind the script.
#[track_caller]
fn check_tox(call: &str, files: &str, session: &str, expect: Expect) {
    check(
        &format!(
            "//- .github/workflows/ci.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    env: {{HANDED: 1, KEPT: 2}}
    steps:
      - run: {call}
{files}
//- log
Complete job name: test
> {call}
| HANDED: 1
| KEPT: 2
{session}"
        ),
        expect,
    );
}

/// Commands as lists, variables as tables, what is replaced; the environment's own key before the base.
#[test]
fn native_toml() {
    check_tox(
        "tox run -e 3.11 -- -k a",
        r#"//- pyproject.toml
[project]
name = "r"

[tool.tox]
env_list = ["3.10", "3.11"]

[tool.tox.env_run_base]
pass_env = ["HANDED"]
set_env = { A = "base", B = { replace = "env", name = "HANDED", default = "x" } }
commands = [["pytest", { replace = "posargs", default = ["tests"], extend = true }, "tests/it s.py"]]

[tool.tox.env."3.11"]
set_env.A = "own"
"#,
        "F tests/test_a.py\n",
        expect![[r#"
            job test of .github/workflows/ci.yml
            A=own  # tool-config pyproject.toml:13
            HANDED=1  # job-env .github/workflows/ci.yml:5
            label ubuntu-latest
            $ pytest -k a "tests/it s.py"  # in /home/runner/work/r/r, pyproject.toml:10
        "#]],
    );
}

/// The INI within TOML: its lines are the file's.
#[test]
fn ini_within_toml() {
    check_tox(
        "tox -e py311",
        r#"//- pyproject.toml
[tool.tox]
legacy_tox_ini = """
[testenv]
setenv =
    A = 1
commands = pytest {posargs:tests}
"""
"#,
        "F tests/test_a.py\n",
        expect![[r#"
            job test of .github/workflows/ci.yml
            A=1  # tool-config pyproject.toml:5
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, pyproject.toml:6
        "#]],
    );
}

#[test]
fn setup_cfg() {
    check_tox(
        "tox -e py311",
        "//- setup.cfg
[metadata]
name = r
[tox:tox]
envlist = py311
[testenv]
passenv = HANDED
commands = pytest tests
",
        "F tests/test_a.py\n",
        expect![[r#"
            job test of .github/workflows/ci.yml
            HANDED=1  # job-env .github/workflows/ci.yml:5
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, setup.cfg:7
        "#]],
    );
}

/// Without a name all of the list run: the failing session's command, which tox prints, tells which.
#[test]
fn environments_of_the_list() {
    check_tox(
        "tox",
        "//- tox.ini
[tox]
envlist = lint, py{310,311}-{a,b}
[testenv]
setenv =
    a: MODE = fast
    b: MODE = slow
commands =
    a: pytest tests -k a
    b: pytest tests -k b
[testenv:lint]
commands = flake8
",
        "py310-a: commands[0]> pytest tests -k a
P tests/test_a.py
py310-b: commands[0]> pytest tests -k b
F tests/test_a.py
",
        expect![[r#"
            job test of .github/workflows/ci.yml
            MODE=slow  # tool-config tox.ini:6
            label ubuntu-latest
            $ pytest tests -k b  # in /home/runner/work/r/r, tox.ini:9
        "#]],
    );
}

/// The place may choose, and nothing says what.
#[test]
fn environments_that_are_not_known() {
    check_tox(
        "TOXENV=$CHOICE tox",
        "//- tox.ini
[tox]
envlist = py310
[testenv]
setenv = A = 1
commands = pytest tests
",
        "F tests/test_a.py\n",
        expect![[r#"
            job test of .github/workflows/ci.yml
            HANDED=1  # job-env .github/workflows/ci.yml:5
            KEPT=2  # job-env .github/workflows/ci.yml:5
            label ubuntu-latest
            $   # in /home/runner/work/r/r, log:2
        "#]],
    );
}
