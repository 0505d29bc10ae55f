//! The logs of real failing jobs, joined with their configuration: each variable that the job set, no other, and the command.
//!
//! `tests/workflows/README.md` says where they come from.
#![expect(clippy::disallowed_methods, reason = "the tests read their fixtures")]

use expect_test::{Expect, expect};
use reprolens_workflow::{Config, join};
use text::fixture::{File, Fixture};

#[track_caller]
fn check(case: &str, configuration: &str, expected: Expect) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/workflows");
    let read =
        |name: &str| std::fs::read(format!("{folder}/{case}/{name}")).expect("the case's file");
    let workspace = Fixture {
        files: vec![File {
            path: configuration.to_owned(),
            text: String::from_utf8(read("workflow.yml")).expect("UTF-8"),
            ..File::default()
        }],
    };
    let config = Config {
        ignore: Vec::new(),
        runner_labels: Vec::new(),
    };
    let answers = join(&log::parse(&read("ci.log")), None, &workspace, &config);
    let best = &answers[0];
    let mut rendered = format!("{:?} {:?} {:?}\n", best.path, best.job, best.why);
    for variable in &best.variables {
        let origin = &variable.origin;
        rendered += &format!(
            "{}={} ({} {}:{})\n",
            variable.name,
            variable.value.text(),
            origin.kind.name(),
            origin.path,
            origin.line
        );
    }
    if let Some((command, _)) = &best.command {
        rendered += &format!("$ {} in {:?}\n", command.argv.join(" "), command.cwd);
    }
    expected.assert_eq(&rendered);
}

#[test]
fn attrs() {
    check(
        "attrs",
        ".github/workflows/ci.yml",
        expect![[r#"
        Some(".github/workflows/ci.yml") Some("tests") ["the job's name gives \"Test on 3.11\"", "a step of it has the log's script"]
        FORCE_COLOR=1 (workflow-env .github/workflows/ci.yml:9)
        HYPOTHESIS_PROFILE=CI (job-env .github/workflows/ci.yml:20)
        PYTHONHASHSEED=42 (export :169)
        PYTHONPATH=src (inline :170)
        TZ=UTC (step-env .github/workflows/ci.yml:33)
        $ python -m pytest -v tests in Some("/home/runner/work/attrs/attrs")
    "#]],
    );
}

#[test]
fn furl() {
    check(
        "furl",
        ".github/workflows/ci.yml",
        expect![[r#"
        Some(".github/workflows/ci.yml") Some("test") ["the job's name gives \"test (3.11)\"", "a step of it has the log's script"]
        LC_ALL=C.UTF-8 (inline :171)
        PIP_NO_COLOR=1 (workflow-env .github/workflows/ci.yml:9)
        PYTHONUNBUFFERED=1 (job-env .github/workflows/ci.yml:19)
        $ python -m pytest --tb=short -q tests in Some("/home/runner/work/furl/furl")
    "#]],
    );
}

#[test]
fn jinja2() {
    check(
        "jinja2",
        ".github/workflows/ci.yml",
        expect![[r#"
        Some(".github/workflows/ci.yml") Some("tests") ["the job's name gives \"Python 3.11\"", "a step of it has the log's script"]
        FORCE_TEST_SEED=1234 (workflow-env .github/workflows/ci.yml:9)
        JINJA_DEBUG=1 (inline :167)
        LC_ALL=C.UTF-8 (job-env .github/workflows/ci.yml:20)
        PYTHONHASHSEED=0 (export :165)
        PYTHONPATH=src (step-env .github/workflows/ci.yml:34)
        $ python -m pytest -n 2 -p no:cacheprovider tests in Some("/home/runner/work/jinja/jinja")
    "#]],
    );
}

#[test]
fn networkx() {
    check(
        "networkx",
        ".github/workflows/ci.yml",
        expect![[r#"
        Some(".github/workflows/ci.yml") Some("default") ["the job's name gives \"default (ubuntu-latest, 3.11)\"", "a step of it has the log's script"]
        MPLBACKEND=Agg (workflow-env .github/workflows/ci.yml:9)
        NETWORKX_TEST_SUITE=core (export :174)
        OMP_NUM_THREADS=1 (job-env .github/workflows/ci.yml:20)
        PYTHONHASHSEED=0 (step-env .github/workflows/ci.yml:36)
        $ python -m pytest -ra --durations=5 -p no:warnings networkx/linalg networkx/tests networkx/algorithms/tests networkx/readwrite networkx/utils networkx/drawing in Some("/home/runner/work/networkx/networkx")
    "#]],
    );
}

#[test]
fn marshmallow_sqlalchemy() {
    check(
        "marshmallow-sqlalchemy",
        ".gitlab-ci.yml",
        expect![[r#"
            Some(".gitlab-ci.yml") Some("pytest") ["4 of its 4 script lines stand in the log"]
            PIP_CACHE_DIR=.cache/pip (workflow-env .gitlab-ci.yml:9)
            PYTHONWARNINGS=default (job-env .gitlab-ci.yml:15)
            SQLALCHEMY_WARN_20=1 (workflow-env .gitlab-ci.yml:10)
            TZ=UTC (export :43)
            $ python -m pytest --continue-on-collection-errors -ra tests in None
        "#]],
    );
}
