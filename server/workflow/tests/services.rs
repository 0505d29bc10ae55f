//! Azure Pipelines, Buildkite, CircleCI and Jenkins, and what a person configures: one fixture a rule.

mod table;

use expect_test::{Expect, expect};
use reprolens_workflow::{Config, join};
use text::fixture::Fixture;

const SESSION: &str =
    "============================= test session starts ==============================
platform linux -- Python 3.11.7, pytest-8.4.2, pluggy-1.6.0
collected 1 item

tests/test_a.py F                                        [100%]

=========================== short test summary info ============================
FAILED tests/test_a.py::test_a - assert 1 == 2
============================== 1 failed in 0.01s ===============================
";

/// The log is as the service writes it; `SESSION` in it is a failing session of pytest.
#[track_caller]
fn check(fixture: &str, expected: Expect) {
    let fixture = Fixture::parse(fixture);
    let log = fixture
        .file("log")
        .text
        .replace("\\e", "\u{1b}")
        .replace("\\a", "\u{7}")
        .replace("SESSION\n", SESSION);
    let log = log::parse(log.as_bytes());
    let mut answer = join(&log, None, &fixture, &table::plain()).swap_remove(0);
    answer
        .obstacles
        .retain(|obstacle| obstacle.kind.name() != "python");
    expected.assert_eq(&format!("{}\n{}", log.ci.name(), table::render(&answer)));
}

/// Variables of file, job and step; macros are not known.
#[test]
fn azure() {
    check(
        r##"
//- azure-pipelines.yml
variables:
  my.level: high
  BUILD: $(Build.BuildId)
jobs:
  - job: unit
    variables:
      - name: MODE
        value: fast
      - group: secrets
    steps:
      - script: pytest tests
        env:
          OWN: step
//- log
2026-01-01T00:00:00.0000000Z ##[section]Starting: Run tests
2026-01-01T00:00:00.0000000Z ==============================================================================
2026-01-01T00:00:00.0000000Z Task         : Command line
2026-01-01T00:00:00.0000000Z Generating script.
2026-01-01T00:00:00.0000000Z Script contents:
2026-01-01T00:00:00.0000000Z pytest tests
2026-01-01T00:00:00.0000000Z ========================== Starting Command Output ===========================
SESSION
2026-01-01T00:00:00.0000000Z ##[error]Bash exited with code '1'.
2026-01-01T00:00:00.0000000Z ##[section]Finishing: Run tests
"##,
        expect![[r#"
            azure
            job unit of azure-pipelines.yml
            BUILD=?$(Build.BuildId)  # workflow-env azure-pipelines.yml:3
            MODE=fast  # job-env azure-pipelines.yml:7
            MY_LEVEL=high  # workflow-env azure-pipelines.yml:2
            OWN=step  # step-env azure-pipelines.yml:13
            $ pytest tests  # in ?, log:8
        "#]],
    );
}

/// `env` of the pipeline and of the step.
#[test]
fn buildkite() {
    check(
        r##"
//- .buildkite/pipeline.yml
env:
  A: "1"
  BRANCH: ${BUILDKITE_BRANCH}
steps:
  - label: lint
    env: {WRONG: "1"}
    command: ruff check
  - label: unit
    env: {B: "2"}
    commands:
      - pip install .
      - pytest tests
//- log
\e_bk;t=1745322209921\a~~~ Running commands
\e_bk;t=1745322209921\a$ pytest tests
SESSION
\e_bk;t=1745322209999\a^^^ +++
"##,
        expect![[r#"
            buildkite
            job unit of .buildkite/pipeline.yml
            A=1  # workflow-env .buildkite/pipeline.yml:2
            B=2  # step-env .buildkite/pipeline.yml:9
            BRANCH=?${BUILDKITE_BRANCH}  # workflow-env .buildkite/pipeline.yml:3
            $ pytest tests  # in ?, log:1
        "#]],
    );
}

/// `environment` of job and step.
#[test]
fn circleci() {
    check(
        r##"
//- .circleci/config.yml
version: 2.1
jobs:
  unit:
    docker: [{image: cimg/python:3.11}]
    environment:
      A: one
      P: << parameters.p >>
    steps:
      - checkout
      - run:
          name: tests
          environment: {B: two}
          command: |
            pytest tests
//- log
#!/bin/bash -eo pipefail
pytest tests
SESSION

Exited with code exit status 1
"##,
        expect![[r#"
            circleci
            job unit of .circleci/config.yml
            A=one  # job-env .circleci/config.yml:6
            B=two  # step-env .circleci/config.yml:12
            P=?<< parameters.p >>  # job-env .circleci/config.yml:7
            $ pytest tests  # in ?, log:2
        "#]],
    );
}

/// `environment` blocks around the command.
#[test]
fn jenkins() {
    check(
        r##"
//- Jenkinsfile
pipeline {
  agent any
  environment {
    A = 'one'
    T = credentials('token')
  }
  stages {
    stage('lint') {
      environment { 
        WRONG = '1'
      }
      steps { sh 'ruff check' }
    }
    stage('unit') {
      environment {
        B = "two"
      }
      steps {
        sh 'pytest tests'
      }
    }
  }
}
//- log
Started by user anonymous
[Pipeline] { (unit)
[Pipeline] sh
+ pytest tests
SESSION
[Pipeline] }
Finished: FAILURE
"##,
        expect![[r#"
            jenkins
            job Jenkinsfile of Jenkinsfile
            A=one  # workflow-env Jenkinsfile:4
            B=two  # job-env Jenkinsfile:16
            T=?credentials('token')  # workflow-env Jenkinsfile:5
            $ pytest tests  # in ?, log:5
        "#]],
    );
}

const LABELLED: &str = "
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    env: {A: 1}
    runs-on: [self-hosted, N300]
    steps:
      - run: pytest tests
//- log
Complete job name: test
> pytest tests
| A: 1
F tests/test_a.py
";

/// Labels that a person maps to variables, under what the job sets itself.
#[test]
fn runner_labels_of_the_configuration() {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let config = Config {
        ignore: Vec::new(),
        runner_labels: vec![(
            "N300".to_owned(),
            vec![pair("ARCH_NAME", "wormhole_b0"), pair("A", "label")],
        )],
    };
    let rendered = table::variables(&table::best(LABELLED, &config));
    expect![[r#"
        A=1  # job-env .github/workflows/ci.yml:4
        ARCH_NAME=wormhole_b0  # runner-label .github/workflows/ci.yml:5
    "#]]
    .assert_eq(&rendered);
}

/// Names that a person sets apart.
#[test]
fn ignored_names() {
    let config = Config {
        ignore: vec!["A*".to_owned()],
        runner_labels: Vec::new(),
    };
    let answer = table::best(LABELLED, &config);
    assert_eq!(table::variables(&answer), "");
    assert_eq!(answer.noise[0].name, "A");
}

/// What every job of the service has, whether or not a log shows it.
#[test]
fn ci_is_true() {
    let ci = |log: &str| {
        let answer = table::best(log, &table::plain());
        let it = answer.noise.iter().find(|it| it.name == "CI");
        it.map(|it| format!("{} {}", it.value.text(), it.origin.kind.name()))
    };
    assert_eq!(ci(LABELLED).as_deref(), Some("true ci-default"));
    let other = LABELLED.replace("A: 1", "CI: no");
    assert_eq!(ci(&other), None);
}

/// Another operating system and the Python of the run are told.
#[test]
fn machine() {
    let log = LABELLED.replace("N300", "windows-2022");
    let answer = table::best(&log, &table::plain());
    let told: Vec<&str> = answer.obstacles.iter().map(|it| it.what.as_str()).collect();
    // pytest's own header says linux, which is what counts.
    assert!(told.contains(&"Python 3.11.7"), "{told:?}");
    assert!(!told.iter().any(|it| it.contains("windows")), "{told:?}");
}
