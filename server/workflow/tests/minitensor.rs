//! The first users' layout, whole: a pipeline calls a workflow, whose leg sources a script and calls a function of it.
#![expect(clippy::disallowed_methods, reason = "the test reads the example")]

mod table;

use expect_test::expect;
use reprolens_workflow::join;
use text::fixture::{File, Fixture};

#[test]
fn the_example_is_resolved_whole() {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/examples/minitensor"
    );
    let read = |name: &str| std::fs::read(format!("{folder}/{name}")).expect("the example's file");
    let file = |path: &str| File {
        path: path.to_owned(),
        text: String::from_utf8(read(path)).expect("UTF-8"),
        ..File::default()
    };
    let workspace = Fixture {
        files: vec![
            file(".github/workflows/pipeline.yaml"),
            file(".github/workflows/unit-tests.yaml"),
            file("tests/scripts/run_unit_tests.sh"),
        ],
    };
    let log = log::parse(&read("logs/unit-tests-blackhole.log"));
    let answers = join(&log, None, &workspace, &table::plain());
    let rendered: String = answers.iter().map(table::render).collect();
    expect![[r#"
        job unit-tests of .github/workflows/unit-tests.yaml
        ARCH_NAME=blackhole  # container .github/workflows/unit-tests.yaml:30
        HF_TOKEN=?${{ secrets.HF_TOKEN }}  # container .github/workflows/unit-tests.yaml:32
        LOGURU_LEVEL=INFO  # export tests/scripts/run_unit_tests.sh:4
        MINITENSOR_CACHE=/mnt/weights/cache  # job-env .github/workflows/unit-tests.yaml:37
        MINITENSOR_FAST_DISPATCH=1  # export tests/scripts/run_unit_tests.sh:7
        MINITENSOR_OPERATION_TIMEOUT_SECONDS=5  # inline tests/scripts/run_unit_tests.sh:8
        PYTHONPATH=/__w/minitensor/minitensor  # container .github/workflows/unit-tests.yaml:31
        label in-service
        label P150b
        $ pytest tests/unit_tests/operations -m "not post_commit" --color=no  # in /__w/minitensor/minitensor, tests/scripts/run_unit_tests.sh:8
        ! hardware: device /dev/tensor
        ! python: Python 3.11.7
        ! hardware: runner label P150b
        ! container: image ghcr.io/example/minitensor-ci:latest
        ! mount: mount /mnt/weights:/mnt/weights
        ! secret: secret HF_TOKEN
        ! path: MINITENSOR_CACHE=/mnt/weights/cache
        ! path: PYTHONPATH=/__w/minitensor/minitensor
    "#]].assert_eq(&rendered);
}
