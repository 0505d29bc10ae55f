//! pytest command lines in their parts.

use expect_test::{Expect, expect};
use reprolens_shell as shell;
use shell::{Context, Launcher, pytest_command};

#[track_caller]
fn check(line: &str, expect: Expect) {
    let ctx = Context {
        env: &[],
        arguments: &[],
        cwd: None,
        read: &|_| None,
    };
    let evaluation = shell::evaluate(line, &ctx);
    let mut out = String::new();
    for command in evaluation.commands.iter().filter_map(pytest_command) {
        let launcher = match command.launcher {
            Launcher::Program => "program",
            Launcher::Module => "module",
        };
        out += &format!(
            "{launcher}: {:?} after {:?}",
            command.direct().join(" "),
            command.wrapper.join(" ")
        );
        for (name, flags) in [
            ("outcome", &command.outcome_flags),
            ("reporting", &command.reporting_flags),
            ("selection", &command.selection_flags),
        ] {
            if !flags.is_empty() {
                let flags: Vec<String> = flags.iter().map(|it| it.join(" ")).collect();
                out += &format!("\n  {name}: {}", flags.join(" | "));
            }
        }
        if !command.paths.is_empty() {
            out += &format!("\n  paths: {}", command.paths.join(" | "));
        }
        if let Some(cwd) = &command.cwd {
            out += &format!("\n  in {cwd}");
        }
        out.push('\n');
    }
    expect.assert_eq(&out);
}

#[test]
fn options() {
    check(
        "pytest -xvs -n2 -k 'a or b' -m \"not slow\" -p no:cacheprovider -W error -ra --tb=short --splits 7 --group 6 --cov tests --timeout 60 -o x=y -- -odd",
        expect![[r#"
            program: "pytest -xvs -n2 -k a or b -m not slow -p no:cacheprovider -W error -ra --tb=short --splits 7 --group 6 --cov tests --timeout 60 -o x=y -- -odd" after ""
              outcome: -n2 | -m not slow | -p no:cacheprovider | -W error | --timeout 60 | -o x=y
              reporting: -v | -s | -ra | --tb=short | --cov tests
              selection: -x | -k a or b | --splits 7 | --group 6
              paths: -odd
        "#]],
    );
    check(
        "pytest --cov=x --cov-report xml --junitxml=~/j.xml --ignore=examples/ a.py::T::t[x-1] --durations 10 -vv",
        expect![[r#"
            program: "pytest --cov=x --cov-report xml --junitxml=~/j.xml --ignore=examples/ a.py::T::t[x-1] --durations 10 -vv" after ""
              reporting: --cov=x | --cov-report xml | --junitxml=~/j.xml | --durations 10 | -v | -v
              selection: --ignore=examples/
              paths: a.py::T::t[x-1]
        "#]],
    );
}

#[test]
fn unknown_options() {
    check(
        "pytest --backend torch tests --run-x tests/a.py --flag --other=1 --last",
        expect![[r#"
            program: "pytest --backend torch tests --run-x tests/a.py --flag --other=1 --last" after ""
              outcome: --backend torch | --run-x | --flag | --other=1 | --last
              paths: tests | tests/a.py
        "#]],
    );
}

#[test]
fn launchers() {
    for (line, expect) in [
        (
            "python -m pytest -q",
            expect![[r#"
            module: "python -m pytest -q" after ""
              reporting: -q
        "#]],
        ),
        (
            "/opt/py/bin/python3.11 -W default::Warning -X dev -bb -mpytest -q",
            expect![[r#"
                module: "/opt/py/bin/python3.11 -W default::Warning -X dev -bb -mpytest -q" after ""
                  reporting: -q
            "#]],
        ),
        (
            "$PYTHON -m pytest tests",
            expect![[r#"
            module: "$PYTHON -m pytest tests" after ""
              paths: tests
        "#]],
        ),
        (
            "py.test tests",
            expect![[r#"
            program: "py.test tests" after ""
              paths: tests
        "#]],
        ),
        (
            "py -3.11 -m pytest",
            expect![[r#"
            module: "py -3.11 -m pytest" after ""
        "#]],
        ),
        (
            "coverage run --source x -m pytest tests/unit",
            expect![[r#"
            module: "python -m pytest tests/unit" after "coverage run --source x"
              paths: tests/unit
        "#]],
        ),
        (
            "python -m coverage run -p -m pytest tests",
            expect![[r#"
            module: "python -m pytest tests" after "python -m coverage run -p"
              paths: tests
        "#]],
        ),
        (
            "python /usr/bin/pytest x",
            expect![[r#"
            program: "/usr/bin/pytest x" after "python"
              paths: x
        "#]],
        ),
        (
            "bin/pytest-3 x",
            expect![[r#"
            program: "bin/pytest-3 x" after ""
              paths: x
        "#]],
        ),
    ] {
        check(line, expect);
    }
}

#[test]
fn wrappers() {
    for (line, expect) in [
        (
            "xvfb-run -a -s '-screen 0 1x1' pytest x",
            expect![[r#"
            program: "pytest x" after "xvfb-run -a -s -screen 0 1x1"
              paths: x
        "#]],
        ),
        (
            "timeout -k 5 60 nice -n 3 stdbuf -oL pytest x",
            expect![[r#"
            program: "pytest x" after "timeout -k 5 60 nice -n 3 stdbuf -oL"
              paths: x
        "#]],
        ),
        (
            "A=1 env B=2 sudo -E -u me C=3 pytest x",
            expect![[r#"
            program: "pytest x" after "env B=2 sudo -E -u me C=3"
              paths: x
        "#]],
        ),
        (
            "poetry run pytest x",
            expect![[r#"
            program: "pytest x" after "poetry run"
              paths: x
        "#]],
        ),
        (
            "uv run --with x --frozen --directory sub pytest x",
            expect![[r#"
                program: "pytest x" after "uv run --with x --frozen --directory sub"
                  paths: x
                  in sub
            "#]],
        ),
        (
            "uv run -m pytest x",
            expect![[r#"
            module: "python -m pytest x" after "uv run"
              paths: x
        "#]],
        ),
        (
            "uvx --with y pytest x",
            expect![[r#"
            program: "pytest x" after "uvx --with y"
              paths: x
        "#]],
        ),
        (
            "hatch run test:pytest x",
            expect![[r#"
                program: "pytest x" after "hatch run"
                  paths: x
            "#]],
        ),
        (
            "conda run -n env --no-capture-output python -m pytest x",
            expect![[r#"
                module: "python -m pytest x" after "conda run -n env --no-capture-output"
                  paths: x
            "#]],
        ),
        (
            "mpirun --allow-run-as-root -np 2 --mca a b python -m pytest x",
            expect![[r#"
                module: "python -m pytest x" after "mpirun --allow-run-as-root -np 2 --mca a b"
                  paths: x
            "#]],
        ),
        (
            "dbus-run-session -- pytest x",
            expect![[r#"
            program: "pytest x" after "dbus-run-session --"
              paths: x
        "#]],
        ),
        (
            "srun -N 1 -p gpu --exclusive pytest x",
            expect![[r#"
            program: "pytest x" after "srun -N 1 -p gpu --exclusive"
              paths: x
        "#]],
        ),
        (
            "docker run --rm -e A=1 -w /w image:1 pytest x",
            expect![[r#"
            program: "pytest x" after "docker run --rm -e A=1 -w /w image:1"
              paths: x
              in /w
        "#]],
        ),
        (
            "docker compose exec -T web pytest x",
            expect![[r#"
            program: "pytest x" after "docker compose exec -T web"
              paths: x
        "#]],
        ),
        (
            "find . | xargs -n 1 pytest -x",
            expect![[r#"
            program: "pytest -x" after "xargs -n 1"
              selection: -x
        "#]],
        ),
        (
            "time pytest x",
            expect![[r#"
            program: "pytest x" after "time"
              paths: x
        "#]],
        ),
        (
            "catchsegv python -X faulthandler -m pytest x",
            expect![[r#"
            module: "python -X faulthandler -m pytest x" after "catchsegv"
              paths: x
        "#]],
        ),
        (
            "python -m poetry run pytest x",
            expect![[r#"
            program: "pytest x" after "python -m poetry run"
              paths: x
        "#]],
        ),
        (
            "strange --flag python -m pytest x",
            expect![[r#"
            module: "python -m pytest x" after "strange --flag"
              paths: x
        "#]],
        ),
        (
            "strange run -- pytest x",
            expect![[r#"
            program: "pytest x" after "strange run --"
              paths: x
        "#]],
        ),
        (
            "cd tests && bash -c 'pytest -x' | tee log",
            expect![[r#"
            program: "pytest -x" after ""
              selection: -x
              in tests
        "#]],
        ),
    ] {
        check(line, expect);
    }
}

#[test]
fn no_pytest() {
    for line in [
        "pip install pytest",
        "python -m pip install pytest",
        "which pytest",
        "echo pytest tests",
        "cat pytest.ini",
        "python runtests.py -- -rs",
        "python -c 'import pytest'",
        "grep pytest x",
        "tox -e py",
        "make pytest",
        "coverage report",
        "uv pip install pytest",
        "pytest_x",
        "command -v pytest",
        "python -m tox -- -x",
        "conda install pytest",
        "poetry add pytest",
        "hatch test",
        "echo python -m pytest",
        "docker build .",
    ] {
        check(line, expect![""]);
    }
}
