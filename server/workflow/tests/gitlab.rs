//! GitLab jobs: one fixture a rule.

mod table;

use expect_test::{Expect, expect};
use text::fixture::Fixture;

/// The commands `$ ...` and the sessions in the shape of a GitLab runner's log.
#[track_caller]
fn check(fixture: &str, expected: Expect) {
    let fixture = Fixture::parse(fixture);
    let mut log = String::from(
        "Running with gitlab-runner 17.7.0 (3153ccc6)\nsection_start:1795411160:step_script\r\u{1b}[0KExecuting \"step_script\" stage of the job script\n",
    );
    for line in table::log_text(&fixture.file("log").text).lines() {
        let line = line.split_once("Z ").map_or("", |(_, line)| line);
        match line.strip_prefix("$ ") {
            Some(command) => log += &format!("\u{1b}[32;1m$ {command}\u{1b}[0;m\n"),
            None if line.starts_with("##[error]") => log += "ERROR: Job failed: exit code 1\n",
            None => log += &format!("{}\n", line.replace("/home/runner/work/r/r", "/builds/o/r")),
        }
    }
    let mut answer =
        reprolens_workflow::join(&log::parse(log.as_bytes()), None, &fixture, &table::plain())
            .swap_remove(0);
    answer
        .obstacles
        .retain(|obstacle| obstacle.kind.name() != "python");
    expected.assert_eq(&table::render(&answer));
}

/// The file's variables, the job's over them; numbers stay as they are written.
#[test]
fn variables() {
    check(
        r#"
//- .gitlab-ci.yml
variables:
  A: global
  B: 3.10
unit:
  variables:
    A: job
    C: {value: long, description: x}
  script:
    - pytest tests
//- log
$ pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job unit of .gitlab-ci.yml
            A=job  # job-env .gitlab-ci.yml:6, over global of workflow-env
            B=3.1  # workflow-env .gitlab-ci.yml:3
            C=long  # job-env .gitlab-ci.yml:7
            $ pytest tests  # in ?, log:2
        "#]],
    );
}

/// `extends`, several and nested: the later wins.
#[test]
fn extends() {
    check(
        r#"
//- .gitlab-ci.yml
.base:
  variables: {A: base, B: base}
.more:
  extends: .base
  variables: {B: more}
.other:
  variables: {C: other}
unit:
  extends: [.more, .other]
  script: pytest tests
//- log
$ pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job unit of .gitlab-ci.yml
            A=base  # job-env .gitlab-ci.yml:2
            B=more  # job-env .gitlab-ci.yml:5, over base of job-env
            C=other  # job-env .gitlab-ci.yml:7
            $ pytest tests  # in ?, log:2
        "#]],
    );
}

/// Local includes; the file itself wins.
#[test]
fn include() {
    check(
        r#"
//- .gitlab-ci.yml
include:
  - local: /ci/base.yml
  - local: ci/gone.yml
unit:
  variables: {A: own}
  script: [pytest tests]
//- ci/base.yml
variables: {G: 1}
unit:
  variables: {A: base, B: base}
//- log
$ pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job unit of .gitlab-ci.yml
            A=own  # job-env .gitlab-ci.yml:5, over base of job-env
            B=base  # job-env ci/base.yml:3
            G=1  # workflow-env ci/base.yml:1
            $ pytest tests  # in ?, log:2
            problem .gitlab-ci.yml: the included file `ci/gone.yml` is missing
        "#]],
    );
}

/// Includes by pattern.
#[test]
fn include_by_pattern() {
    check(
        r#"
//- .gitlab-ci.yml
include: ['/ci/*.yml', /more/**.yml]
unit:
  script: [pytest tests]
//- ci/base.yml
variables: {G: 1}
//- ci/base.txt
variables: {NO: 1}
//- ci/deep/other.yml
variables: {NO: 2}
//- more/deep/jobs.yml
unit:
  variables: {A: 2}
//- log
$ pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job unit of .gitlab-ci.yml
            A=2  # job-env more/deep/jobs.yml:2
            G=1  # workflow-env ci/base.yml:1
            $ pytest tests  # in ?, log:2
        "#]],
    );
}

/// `!reference` to scripts and values.
#[test]
fn reference() {
    check(
        r#"
//- .gitlab-ci.yml
.setup:
  script:
    - export MODE=fast
  variables:
    V: one
unit:
  variables:
    W: !reference [.setup, variables, V]
  script:
    - !reference [.setup, script]
    - pytest tests
//- log
$ export MODE=fast
$ pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job unit of .gitlab-ci.yml
            MODE=fast  # export log:3
            W=one  # job-env .gitlab-ci.yml:8
            $ pytest tests  # in ?, log:2
        "#]],
    );
}

/// `default` and `before_script`.
#[test]
fn default() {
    check(
        r#"
//- .gitlab-ci.yml
default:
  image: python:3.11
  before_script:
    - export A=1
  services: [postgres:16]
  tags: [gpu]
unit:
  script: [pytest tests]
//- log
$ export A=1
$ pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job unit of .gitlab-ci.yml
            A=1  # export log:3
            label gpu
            $ pytest tests  # in ?, log:2
            ! service: service postgres:16
            ! hardware: runner label gpu
            ! container: image python:3.11
        "#]],
    );
}

/// References in values: filled in where they are known.
#[test]
fn value_references() {
    check(
        r#"
//- .gitlab-ci.yml
variables:
  ROOT: /opt
  LIB: $ROOT/lib
  OWN: ${CI_COMMIT_SHA}-x
  PRICE: 5$$
  RAW: {value: $ROOT, expand: false}
unit:
  script: [pytest tests]
//- log
$ pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job unit of .gitlab-ci.yml
            LIB=/opt/lib  # workflow-env .gitlab-ci.yml:3
            OWN=?${CI_COMMIT_SHA}-x  # workflow-env .gitlab-ci.yml:4
            PRICE=5$  # workflow-env .gitlab-ci.yml:5
            RAW=$ROOT  # workflow-env .gitlab-ci.yml:6
            ROOT=/opt  # workflow-env .gitlab-ci.yml:2
            $ pytest tests  # in ?, log:2
            ! path: LIB=/opt/lib
            ! path: ROOT=/opt
        "#]],
    );
}

/// `parallel: matrix`: the log does not name its leg.
#[test]
fn parallel_matrix() {
    check(
        r#"
//- .gitlab-ci.yml
unit:
  parallel:
    matrix:
      - PY: ['3.10', '3.11']
        MODE: fast
  script: [pytest tests]
//- log
$ pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job unit of .gitlab-ci.yml
            MODE=fast  # matrix .gitlab-ci.yml:5
            PY=?one of 3.10, 3.11  # matrix .gitlab-ci.yml:4
            $ pytest tests  # in ?, log:2
        "#]],
    );
}

/// Variables of rules hold where the rule does.
#[test]
fn rules() {
    check(
        r#"
//- .gitlab-ci.yml
unit:
  variables: {A: 1}
  rules:
    - if: $CI_COMMIT_BRANCH
      variables: {A: 2}
  script: [pytest tests]
//- log
$ pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job unit of .gitlab-ci.yml
            A=?2, where a rule holds  # job-env .gitlab-ci.yml:5, over 1 of job-env
            $ pytest tests  # in ?, log:2
        "#]],
    );
}

/// A job that does not inherit variables.
#[test]
fn inherit() {
    check(
        r#"
//- .gitlab-ci.yml
variables: {A: 1, B: 2}
unit:
  inherit:
    variables: [B]
  script: [pytest tests]
//- log
$ pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job unit of .gitlab-ci.yml
            B=2  # workflow-env .gitlab-ci.yml:1
            $ pytest tests  # in ?, log:2
        "#]],
    );
}

/// Jobs that extend each other.
#[test]
fn extends_cycle() {
    check(
        r#"
//- .gitlab-ci.yml
.a: {extends: .b}
.b: {extends: .a}
unit:
  extends: .a
  variables: {A: 1}
  script: [pytest tests]
//- log
$ pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job unit of .gitlab-ci.yml
            A=1  # job-env .gitlab-ci.yml:5
            $ pytest tests  # in ?, log:2
            problem .gitlab-ci.yml: `.a` extends itself, or too many jobs extend each other
        "#]],
    );
}

/// A command of several lines: the log shows the first.
#[test]
fn collapsed_command() {
    check(
        r#"
//- .gitlab-ci.yml
unit:
  script:
    - |
      export A=1
      B=2 pytest tests
//- log
$ export A=1 # collapsed multi-line command
F tests/test_a.py
"#,
        expect![[r#"
            job unit of .gitlab-ci.yml
            A=1  # export log:3
            B=2  # inline .gitlab-ci.yml:2
            $ pytest tests  # in ?, .gitlab-ci.yml:2
        "#]],
    );
}

/// Two jobs: the one whose commands stand in the log.
#[test]
fn job_by_commands() {
    check(
        r#"
//- .gitlab-ci.yml
lint:
  script: [ruff check, pytest --version]
unit:
  variables: {A: 1}
  script: [pip install ., pytest tests]
//- log
$ pip install .
$ pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job unit of .gitlab-ci.yml
            A=1  # job-env .gitlab-ci.yml:4
            $ pytest tests  # in ?, log:2
        "#]],
    );
}

/// `parallel: matrix`: the image that the runner pulled tells the leg.
#[test]
fn parallel_matrix_whose_image_the_log_names() {
    check(
        r#"
//- .gitlab-ci.yml
variables: {REGISTRY: hub}
unit:
  image: $REGISTRY/python:${PY}-slim
  parallel:
    matrix:
      - PY: ['3.10', '3.11']
        MODE: [fast, slow]
      - PY: '3.11'
        MODE: slow
        EXTRA: 1
  script: [pytest tests]
//- log
Using Docker executor with image hub/python:3.11-slim ...
$ pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job unit of .gitlab-ci.yml
            EXTRA=?one of 1  # matrix .gitlab-ci.yml:10
            MODE=?one of fast, slow  # matrix .gitlab-ci.yml:7
            PY=3.11  # matrix .gitlab-ci.yml:6
            REGISTRY=hub  # workflow-env .gitlab-ci.yml:1
            $ pytest tests  # in ?, log:2
            ! container: image hub/python:3.11-slim
        "#]],
    );
}
