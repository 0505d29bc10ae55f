//! Which job of which workflow a log is of.

use expect_test::expect;

use crate::table::check;

/// The service cuts long names.
#[test]
fn truncated_name() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    name: a very long name of a job that goes on and on until it is cut by the service
    env:
      A: 1
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
//- log
Complete job name: a very long name of a job that goes on...
> pytest tests
| A: 1
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            A=1  # job-env .github/workflows/ci.yml:6
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
        "#]],
    );
}

/// Two jobs with the same script: the name decides.
#[test]
fn name_before_script() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  one:
    container:
      image: a
      env: {WHICH: one}
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
  two:
    container:
      image: b
      env: {WHICH: two}
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
//- log
Complete job name: two
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job two of .github/workflows/ci.yml
            WHICH=two  # container .github/workflows/ci.yml:13
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
            ! container: image b
        "#]],
    );
}

/// Without a job's name in the log, its script finds it.
#[test]
fn job_by_script() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - run: ruff check
  unit:
    env:
      A: 1
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests -k special
//- log
> pytest tests -k special
| A: 1
F tests/test_a.py
"#,
        expect![[r#"
            job unit of .github/workflows/ci.yml
            A=1  # job-env .github/workflows/ci.yml:9
            label ubuntu-latest
            $ pytest tests -k special  # in /home/runner/work/r/r, log:1
        "#]],
    );
}

/// A job whose name and script could have become anything is no match.
#[test]
fn templates_of_nothing() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  any:
    name: ${{ inputs.name }}
    runs-on: ubuntu-latest
    container:
      image: x
      env: {WRONG: 1}
    steps:
      - run: ${{ inputs.command }}
//- log
Complete job name: unit tests
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job ? of ?
            $ pytest tests  # in /home/runner/work/r/r, log:2
        "#]],
    );
}

/// Two workflows with a job of the same name: the one whose script and environment fit.
#[test]
fn two_workflows() {
    check(
        r#"
//- .github/workflows/a.yml
on: push
jobs:
  test:
    env: {A: 1}
    runs-on: ubuntu-latest
    steps:
      - run: tox
//- .github/workflows/b.yml
on: push
jobs:
  test:
    env: {B: 1}
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
//- log
Complete job name: test
> pytest tests
| B: 1
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/b.yml
            B=1  # job-env .github/workflows/b.yml:4
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
        "#]],
    );
}

/// A strange file does not hide the others.
#[test]
fn one_file_is_no_yaml() {
    check(
        r#"
//- .github/workflows/bad.yml
jobs: [test
  : : {
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    env: {A: 1}
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
//- log
Complete job name: test
> pytest tests
| A: 1
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            A=1  # job-env .github/workflows/ci.yml:4
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
        "#]],
    );
}
