//! 500 repro folders, their logs of 5 MB parsed once; and one folder again after an edit.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use python::project::{Project, Sources};
use repro::{Evidence, Folder, FolderFile, FolderLog};
use reprolens_checklist as checklist;
use text::fixture::Fixture;

const WORKSPACE: &str = r#"
//- .github/workflows/ci.yml
on: push
env:
  MODE: slow
jobs:
  unit:
    runs-on: [self-hosted, N300]
    container:
      image: ghcr.io/a/b:latest
      env:
        TOP: /srv/top
    services:
      redis:
        image: redis:7
    steps:
      - run: |
          source .venv/bin/activate
          pytest -W error tests
//- conftest.py
import pytest

@pytest.fixture
def device(request): ...
//- tests/test_a.py
import pytest

@pytest.mark.parametrize("x, y", [(1, 1), (4, 8)])
def test_a(device, x, y):
    assert x == y
"#;

const SCRIPT: &str = r#"#!/bin/bash
set -e
SCRIPT_DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
export MODE=${MODE:-slow}
export ARCH=wormhole_b0
if [ -f /opt/venv/bin/activate ]; then
    source /opt/venv/bin/activate
fi
cd "$SCRIPT_DIR/tests"
pytest test_a_repro.py -x -v --timeout=60 "$@"
TEST_RESULT=$?
exit $TEST_RESULT
"#;

const TEST: &str = r#""""Minimal reproduction."""
import os
import pytest

@pytest.mark.parametrize("x, y", [(1, 1), (4, 4)])
def test_a(device, x, y):
    for i in range(3):
        assert x + i == y + i

def test_b(device):
    assert device.open
"#;

const README: &str = r#"# A

## Original Failure

- **Job**: <CI job name>
- **Error**: ValueError: no such thing

## Root Cause

## Minimal Reproduction

### Run Test

`./run_test.sh`
"#;

/// A job's log of at least 5 MB with one failure at its end.
fn log() -> Arc<log::Log> {
    let mut text = String::new();
    let mut line = |content: &str| {
        text.push_str("2026-03-01T10:00:00.0000000Z ");
        text.push_str(content);
        text.push('\n');
    };
    line("Complete job name: unit");
    for content in [
        "##[group]Run source .venv/bin/activate",
        "source .venv/bin/activate",
        "pytest -W error tests",
        "shell: /usr/bin/bash -e {0}",
        "env:",
        "  MODE: slow",
        "##[endgroup]",
        "============================= test session starts ==============================",
        "platform linux -- Python 3.12.3, pytest-8.3.2, pluggy-1.5.0",
    ] {
        line(content);
    }
    for number in 0..60_000 {
        line(&format!(
            "tests/test_many.py::test_number_{number} PASSED                    [ 50%]"
        ));
    }
    for content in [
        "=================================== FAILURES ===================================",
        "__________________________________ test_a[4-8] _________________________________",
        "    def test_a(device, x, y):",
        ">       assert x == y",
        "E       assert 4 == 8",
        "tests/test_a.py:5: AssertionError",
        "=========================== short test summary info ============================",
        "FAILED tests/test_a.py::test_a[4-8] - assert 4 == 8",
        "================== 1 failed, 60000 passed in 312.01s (0:05:12) =================",
    ] {
        line(content);
    }
    assert!(text.len() > 5_000_000);
    Arc::new(log::parse(text.as_bytes()))
}

fn folder(log: &Arc<log::Log>, number: usize) -> Folder {
    let file = |path: &str, text: &str| FolderFile {
        path: path.to_owned(),
        text: Arc::from(text),
        executable: true,
        modified: Some(1),
    };
    Folder {
        path: format!("repros/r{number}"),
        script: Some(file("run_test.sh", SCRIPT)),
        tests: vec![file("tests/test_a_repro.py", TEST)],
        readme: Some(file("README.md", README)),
        logs: vec![FolderLog {
            path: "logs/ci.log".to_owned(),
            log: Arc::clone(log),
            modified: Some(1),
        }],
        ..Folder::default()
    }
}

/// What the faces join before they check, from files that are parsed once for all folders.
fn evidence(log: &log::Log, configuration: &workflow::Files<'_>, python: &Sources<'_>) -> Evidence {
    let failure = log.failures[0].clone();
    let config = workflow::Config {
        ignore: Vec::new(),
        runner_labels: Vec::new(),
    };
    Evidence {
        log_path: "logs/ci.log".to_owned(),
        job: log.job.clone(),
        session: failure.session.map(|it| log.sessions[it].clone()),
        step: failure.step.map(|it| log.steps[it].clone()),
        configurations: workflow::join_in(configuration, log, failure.step, &config),
        test: python::find_in(&Project::new(python, &[]), &failure.id),
        failure,
        workspace_source: Some("assert x == y".to_owned()),
        printed: Vec::new(),
        same_failure: Vec::new(),
        ini: None,
        import_root: None,
        conftests: Vec::new(),
    }
}

fn check(folder: &Folder, evidence: &Evidence) -> usize {
    let subject = checklist::Subject {
        folder,
        evidence: Some(evidence),
        max_lines: 50,
        max_seconds: 10,
    };
    checklist::check(&subject, &checklist::Config::all()).len()
}

fn benches(criterion: &mut Criterion) {
    let workspace = Fixture::parse(WORKSPACE);
    let log = log();
    let folders: Vec<Folder> = (0..500).map(|number| folder(&log, number)).collect();
    let mut group = criterion.benchmark_group("check");
    group.sample_size(10);
    let some = |folders: &[Folder]| {
        let configuration = workflow::Files::new(&workspace);
        let python = Sources::new(&workspace);
        let found = folders
            .iter()
            .map(|folder| check(folder, &evidence(&log, &configuration, &python)));
        found.sum::<usize>()
    };
    group.bench_function("500 folders of one workspace, one thread", |bencher| {
        bencher.iter(|| black_box(some(&folders)));
    });
    // As the program does it: each thread parses what its folders share for itself.
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    group.bench_function("500 folders of one workspace", |bencher| {
        bencher.iter(|| {
            std::thread::scope(|scope| {
                let parts = folders.chunks(folders.len().div_ceil(threads));
                let some = &some;
                let running: Vec<_> = parts.map(|part| scope.spawn(move || some(part))).collect();
                let found = running.into_iter().map(|it| it.join().expect("it ends"));
                black_box(found.sum::<usize>())
            })
        });
    });
    let configuration = workflow::Files::new(&workspace);
    let known = evidence(&log, &configuration, &Sources::new(&workspace));
    let mut edited = folder(&log, 0);
    let texts = [SCRIPT.to_owned(), SCRIPT.replace("MODE=", "MODUS=")].map(Arc::<str>::from);
    let mut turn = 0;
    group.bench_function("one folder after an edit", |bencher| {
        bencher.iter(|| {
            turn = 1 - turn;
            if let Some(script) = &mut edited.script {
                script.text = Arc::clone(&texts[turn]);
            }
            black_box(check(&edited, &known))
        });
    });
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
