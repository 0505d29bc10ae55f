//! Configuration that nobody should write: the answer comes in bounded time, with a problem where there is one to tell.

mod table;

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use reprolens_workflow::{JobConfiguration, jobs_of, join};
use text::fixture::{File, Fixture};

const LOG: &str = "Complete job name: test\n> pytest tests\n| A: 1\nF tests/test_a.py\n";

#[track_caller]
fn answer(files: &[(&str, &str)]) -> JobConfiguration {
    let files = files.iter().map(|(path, text)| File {
        path: (*path).to_owned(),
        text: (*text).to_owned(),
        ..File::default()
    });
    let workspace = Fixture {
        files: files.collect(),
    };
    let log = log::parse(table::log_text(LOG).as_bytes());
    let start = Instant::now();
    let answer = join(&log, None, &workspace, &table::plain()).swap_remove(0);
    // A debug build on a busy machine; what is exponential takes hours.
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{:?}",
        start.elapsed()
    );
    answer
}

fn workflow(job: &str) -> String {
    format!(
        "on: push\njobs:\n  test:\n    env: {{A: 1}}\n    runs-on: ubuntu-latest\n{job}    steps:\n      - run: pytest tests\n"
    )
}

#[test]
fn ten_thousand_aliases() {
    let mut text = String::from("a0: &a0 [x, x]\n");
    for level in 1..10_000 {
        let below = level - 1;
        let _ = writeln!(text, "a{level}: &a{level} [*a{below}, *a{below}]");
    }
    text += &workflow("");
    let answer = answer(&[(".github/workflows/ci.yml", &text)]);
    assert_eq!(answer.job.as_deref(), Some("test"));
    assert!(!answer.problems.is_empty());
}

#[test]
fn a_hundred_thousand_legs() {
    let values: Vec<String> = (0..317).map(|value| value.to_string()).collect();
    let values = values.join(", ");
    let text = workflow(&format!(
        "    strategy:\n      matrix:\n        a: [{values}]\n        b: [{values}]\n    container:\n      image: x\n      env: {{B: '${{{{ matrix.b }}}}'}}\n"
    ));
    let answer = answer(&[(".github/workflows/ci.yml", &text)]);
    assert_eq!(answer.job.as_deref(), Some("test"));
    assert!(
        answer.problems.iter().any(|it| it.message.contains("legs")),
        "{:?}",
        answer.problems
    );
    let b = answer.variables.iter().find(|it| it.name == "B");
    assert!(
        b.is_some_and(|it| it.value.known().is_none()),
        "a leg was guessed: {b:?}"
    );
}

#[test]
fn workflows_that_call_each_other_in_every_way() {
    let mut files = Vec::new();
    for file in 0..8 {
        let mut text = String::from("on: workflow_call\njobs:\n");
        for called in 0..8 {
            let _ = writeln!(
                text,
                "  j{called}:\n    name: ${{{{ inputs.x }}}}\n    uses: ./.github/workflows/w{called}.yml"
            );
        }
        files.push((format!(".github/workflows/w{file}.yml"), text));
    }
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let long = "Complete job name: a / b / c / d / e / f / g / h / i / j / k\n> pytest tests\nF tests/test_a.py\n";
    let workspace = Fixture {
        files: files
            .iter()
            .map(|(path, text)| File {
                path: (*path).to_owned(),
                text: (*text).to_owned(),
                ..File::default()
            })
            .collect(),
    };
    let start = Instant::now();
    let answers = join(
        &log::parse(table::log_text(long).as_bytes()),
        None,
        &workspace,
        &table::plain(),
    );
    assert!(start.elapsed() < Duration::from_secs(20));
    assert!(answers[0].job.is_none());
}

#[test]
fn actions_that_use_each_other_in_every_way() {
    let mut files = vec![(
        ".github/workflows/ci.yml".to_owned(),
        "on: push\njobs:\n  test:\n    env: {A: 1}\n    runs-on: ubuntu-latest\n    steps:\n      - uses: ./a0\n      - run: pytest tests\n".to_owned(),
    )];
    for action in 0..8 {
        let mut text = String::from("runs:\n  using: composite\n  steps:\n");
        for used in 0..8 {
            let _ = writeln!(text, "    - uses: ./a{used}");
        }
        files.push((format!("a{action}/action.yml"), text));
    }
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    assert_eq!(answer(&files).job.as_deref(), Some("test"));
}

#[test]
fn deep_nesting() {
    let text = format!("{}{}", "[".repeat(100_000), workflow(""));
    let answer = answer(&[
        (".github/workflows/deep.yml", &text),
        (".github/workflows/ci.yml", &workflow("")),
    ]);
    assert_eq!(answer.path.as_deref(), Some(".github/workflows/ci.yml"));
}

#[test]
fn a_thousand_targets_that_need_each_other() {
    let mut makefile = String::new();
    for target in 0..1_000 {
        let _ = writeln!(
            makefile,
            "t{target}: t{} t{}\n\techo $(X{target})",
            (target + 1) % 1_000,
            (target + 7) % 1_000
        );
        let _ = writeln!(makefile, "X{target} = $(X{0})$(X{0})$(X{0})", target + 1);
    }
    let workflow = workflow("").replace("pytest tests", "make t0");
    let files = [
        (".github/workflows/ci.yml", workflow.as_str()),
        ("Makefile", &makefile),
    ];
    answer(&files);
}

#[test]
fn gitlab_jobs_that_extend_each_other_in_every_way() {
    let mut text = String::new();
    for job in 0..12 {
        let all: Vec<String> = (0..12).map(|other| format!("j{other}")).collect();
        let _ = writeln!(
            text,
            "j{job}:\n  extends: [{}]\n  script: [pytest tests]",
            all.join(", ")
        );
    }
    let workspace = Fixture {
        files: vec![File {
            path: ".gitlab-ci.yml".to_owned(),
            text,
            ..File::default()
        }],
    };
    let log = "Running with gitlab-runner 17.7.0 (3153ccc6)\nsection_start:1795411160:step_script\r\u{1b}[0KExecuting\n\u{1b}[32;1m$ pytest tests\u{1b}[0;m\nFAILED tests/test_a.py::test_a - x\nERROR: Job failed: exit code 1\n";
    let start = Instant::now();
    join(
        &log::parse(log.as_bytes()),
        None,
        &workspace,
        &table::plain(),
    );
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{:?}",
        start.elapsed()
    );
}

/// Without a log: what all legs share is known, what they differ in is not.
#[test]
fn jobs_without_a_log() {
    let text = workflow(
        "    strategy:\n      matrix:\n        a: [1, 2]\n    container:\n      image: x\n      env:\n        B: ${{ matrix.a }}\n        C: ${{ inputs.c }}\n",
    );
    let workspace = Fixture {
        files: vec![File {
            path: "w.yml".to_owned(),
            text,
            ..File::default()
        }],
    };
    let jobs = jobs_of("w.yml", &workspace, &table::plain());
    let rendered: String = jobs.iter().map(table::render).collect();
    expect_test::expect![[r#"
        job test of w.yml
        A=1  # job-env w.yml:4
        B=?${{ matrix.a }}  # container w.yml:12
        C=?${{ inputs.c }}  # container w.yml:13
        label ubuntu-latest
        ! container: image x
    "#]]
    .assert_eq(&rendered);
    assert!(jobs_of("gone.yml", &workspace, &table::plain()).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// A workflow with pieces put anywhere: no panic, and always an answer.
    #[test]
    fn pieces_anywhere(pieces in proptest::collection::vec((0usize..400, "[a-z:{}\\[\\]&*<$'\" \n-]{1,6}"), 0..8)) {
        let mut text = workflow("    strategy:\n      matrix:\n        a: [1, 2]\n        include: [{a: 1, b: 2}]\n    container: {image: x, env: {B: '${{ matrix.a }}'}, options: '-e C=${{ env.A }}'}\n");
        for (at, piece) in pieces {
            let at = at % (text.len() + 1);
            if text.is_char_boundary(at) {
                text.insert_str(at, &piece);
            }
        }
        answer(&[(".github/workflows/ci.yml", &text), ("action.yml", &text), ("tox.ini", &text)]);
    }
}
