//! Commands that a task runner makes: make, tox, just, hatch, nox and tasks of TOML files.

mod table;

use expect_test::expect;
use table::check;

/// `make` with variables and a target's needs.
#[test]
fn make() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: |
          make test ARGS=-x
//- Makefile
PYTEST = python -m pytest
export MODE := fast
.PHONY: test
test: prepare
	A=1 $(PYTEST) $(ARGS) tests
prepare:
	echo ready
//- log
Complete job name: test
> make test ARGS=-x
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            A=1  # inline Makefile:5
            ARGS=-x  # inline log:2
            MODE=fast  # tool-config Makefile:2
            label ubuntu-latest
            $ python -m pytest -x tests  # in /home/runner/work/r/r, Makefile:5
        "#]],
    );
}

/// `tox` hands on what it is told to, and sets its own.
#[test]
fn tox() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: |
          export SEEN=1 HIDDEN=2
          tox -e py311 -- -k a
//- tox.ini
[testenv]
passenv =
    SEEN
setenv =
    A = 1
    py311: B = 2
    py310: C = 3
commands =
    pytest {posargs:tests} tests
//- log
Complete job name: test
> export SEEN=1 HIDDEN=2
> tox -e py311 -- -k a
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            A=1  # tool-config tox.ini:5
            B=2  # tool-config tox.ini:6
            SEEN=1  # export log:3
            label ubuntu-latest
            $ pytest -k a tests  # in /home/runner/work/r/r, tox.ini:9
        "#]],
    );
}

/// `just`.
#[test]
fn just() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: |
          just test tests
//- justfile
export A := "1"
test folder='x':
    pytest {{folder}}
//- log
Complete job name: test
> just test tests
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            A=1  # tool-config justfile:1
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, justfile:3
        "#]],
    );
}

/// `hatch run`.
#[test]
fn hatch() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: |
          hatch run test
//- pyproject.toml
[tool.hatch.envs.default]
dependencies = []
[tool.hatch.envs.default.env-vars]
A = "1"
[tool.hatch.envs.default.scripts]
test = "pytest {args:tests}"
//- log
Complete job name: test
> hatch run test
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            A=1  # tool-config pyproject.toml:4
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, pyproject.toml:6
        "#]],
    );
}

/// `nox`.
#[test]
fn nox() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: |
          nox -s tests-3.11 -- -x
//- noxfile.py
import nox

@nox.session(python=["3.11"])
def tests(session):
    session.install("pytest")
    session.run("pytest", "tests", *session.posargs, env={"A": "1"})
//- log
Complete job name: test
> nox -s tests-3.11 -- -x
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            A=1  # inline noxfile.py:6
            label ubuntu-latest
            $ pytest tests -x  # in /home/runner/work/r/r, noxfile.py:6
        "#]],
    );
}

/// A wrapper that the log's own trace sees through.
#[test]
fn trace_through_make() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: |
          make check
//- Makefile
check:
	A=1 python -m pytest $(shell cat list)
//- log
Complete job name: test
> make check
+ python -m pytest tests/test_a.py
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            A=1  # inline Makefile:2
            label ubuntu-latest
            $ python -m pytest tests/test_a.py  # in /home/runner/work/r/r, log:7
        "#]],
    );
}

/// Tasks with variables of their own, of all tasks, and of an environment.
#[test]
fn tasks_of_toml_files() {
    let cases = [
        (
            "pdm run test -v",
            "pyproject.toml",
            "[tool.pdm.scripts]\n_.env = {ALL = \"1\"}\nunit = {cmd = \"pytest tests\", env = {OWN = \"2\"}}\ntest = {composite = [\"lint\", \"unit -x\"]}\nlint = \"ruff check\"",
            expect![[r#"
                job test of .github/workflows/ci.yml
                ALL=1  # tool-config pyproject.toml:1
                OWN=2  # tool-config pyproject.toml:1
                label ubuntu-latest
                $ pytest tests -x -v  # in /home/runner/work/r/r, pyproject.toml:4
                problem .github/workflows/ci.yml: the log's environment has no `HOST`: the job ran another version of this configuration
                problem .github/workflows/ci.yml: the log's environment has no `PASSED`: the job ran another version of this configuration
            "#]],
        ),
        (
            "pixi run -e py311 test",
            "pixi.toml",
            "[tasks]\ntest = {cmd = \"pytest tests -n 2\", env = {PX = \"1\"}}\n[feature.old.activation.env]\nAC = \"2\"\n[environments]\npy311 = [\"old\"]",
            expect![[r#"
                job test of .github/workflows/ci.yml
                AC=2  # tool-config pixi.toml:4
                PX=1  # tool-config pixi.toml:1
                label ubuntu-latest
                $ pytest tests -n 2  # in /home/runner/work/r/r, pixi.toml:2
                problem .github/workflows/ci.yml: the log's environment has no `HOST`: the job ran another version of this configuration
                problem .github/workflows/ci.yml: the log's environment has no `PASSED`: the job ran another version of this configuration
            "#]],
        ),
        (
            "poetry run poe test",
            "pyproject.toml",
            "[tool.poe]\nenv = {G = \"1\", D.default = \"2\"}\n[tool.poe.tasks.test]\ncmd = \"pytest --maxfail=1 tests\"\nenv = {T = \"3\"}",
            expect![[r#"
                job test of .github/workflows/ci.yml
                D=2  # tool-config pyproject.toml:1
                G=1  # tool-config pyproject.toml:1
                T=3  # tool-config pyproject.toml:1
                label ubuntu-latest
                $ pytest --maxfail=1 tests  # in /home/runner/work/r/r, pyproject.toml:1
                problem .github/workflows/ci.yml: the log's environment has no `HOST`: the job ran another version of this configuration
                problem .github/workflows/ci.yml: the log's environment has no `PASSED`: the job ran another version of this configuration
            "#]],
        ),
        (
            "hatch run test:cov -x",
            "pyproject.toml",
            "[tool.hatch.envs.test.env-vars]\nHV = \"1\"\n[tool.hatch.envs.test.scripts]\nrun = \"pytest {args:tests}\"\ncov = \"run --cov {args}\"",
            expect![[r#"
                job test of .github/workflows/ci.yml
                HV=1  # tool-config pyproject.toml:2
                label ubuntu-latest
                $ pytest tests --cov -x  # in /home/runner/work/r/r, pyproject.toml:5
                problem .github/workflows/ci.yml: the log's environment has no `HOST`: the job ran another version of this configuration
                problem .github/workflows/ci.yml: the log's environment has no `PASSED`: the job ran another version of this configuration
            "#]],
        ),
        (
            "pipx run nox -s tests-3.11",
            "noxfile.py",
            "@nox.session\ndef tests(session):\n    session.env[\"A\"] = \"1\"\n    session.run(\"pytest\", env={\"B\": \"2\"})",
            expect![[r#"
                job test of .github/workflows/ci.yml
                A=1  # export noxfile.py:3
                B=2  # inline noxfile.py:4
                label ubuntu-latest
                $ pytest  # in /home/runner/work/r/r, noxfile.py:4
                problem .github/workflows/ci.yml: the log's environment has no `HOST`: the job ran another version of this configuration
                problem .github/workflows/ci.yml: the log's environment has no `PASSED`: the job ran another version of this configuration
            "#]],
        ),
        (
            "docker run -e PASSED -e IN=3 image pytest -v tests",
            "Dockerfile",
            "FROM scratch",
            expect![[r#"
                job test of .github/workflows/ci.yml
                IN=3  # container log:3
                label ubuntu-latest
                $ pytest -v tests  # in /home/runner/work/r/r, log:2
                problem .github/workflows/ci.yml: the log's environment has no `HOST`: the job ran another version of this configuration
                problem .github/workflows/ci.yml: the log's environment has no `PASSED`: the job ran another version of this configuration
            "#]],
        ),
    ];
    for (command, path, text, expected) in cases {
        let fixture = format!(
            "//- .github/workflows/ci.yml\non: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    env: {{HOST: a, PASSED: b}}\n    steps:\n      - run: {command}\n//- {path}\n{text}\n//- log\nComplete job name: test\n> {command}\nF tests/test_a.py\n"
        );
        check(&fixture, expected);
    }
}
