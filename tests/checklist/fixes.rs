//! `--fix`, `--diff` and suppression comments, on folders that people wrote.

use crate::{Workspace, run, text};

/// What can be mended is, the second time nothing is left to do, and scripts stay scripts.
#[test]
fn fix_goes_on_until_nothing_changes() {
    for folder in [
        "minitensor/forgotten_exports",
        "minitensor/dead_tail",
        "minitensor/half_filled_readme",
        "minitensor/like_the_public_one",
        "minitensor/sh_and_sourced_exports",
        "pricing/one_line_script",
        "pricing/clean_environment",
    ] {
        let workspace = Workspace::of(folder);
        let fixed = workspace.check(&["--fix"]);
        assert!(
            fixed.status.code().is_some_and(|it| it < 2),
            "{}",
            text(&fixed.stderr)
        );
        let script = workspace.read("run_test.sh");
        let parsed = run("bash", &["-n", "run_test.sh"], &workspace.path(""));
        assert!(
            parsed.status.success(),
            "{folder}: {}\n{script}",
            text(&parsed.stderr)
        );
        let rest = workspace.rules(&[]);
        let mended = [
            "ENV001", "ENV002", "RUN002", "RUN003", "RUN006", "RUN007", "RUN008", "RUN009",
            "RUN010", "TST006", "DOC002", "DOC004", "DOC005",
        ];
        let left: Vec<&String> = rest
            .iter()
            .filter(|it| mended.contains(&it.as_str()))
            .collect();
        // What `env -i` keeps from pytest is for the person to pass.
        let expected: &[&str] = if folder == "pricing/clean_environment" {
            &["ENV001"]
        } else {
            &[]
        };
        assert_eq!(
            left, expected,
            "{folder}
{script}"
        );

        let diff = workspace.check(&["--diff"]);
        assert_eq!(text(&diff.stdout), "", "{folder}");
    }
}

#[test]
fn diff_shows_what_fix_would_do_and_does_nothing() {
    let workspace = Workspace::of("minitensor/sh_and_sourced_exports");
    let before = (workspace.read("run_test.sh"), workspace.read("ci.env"));
    let shown = text(&workspace.check(&["--diff"]).stdout);
    for line in [
        "-#!/bin/sh",
        "+#!/usr/bin/env bash",
        "-export ARCH_NAME=grayskull",
        "+export ARCH_NAME=blackhole",
    ] {
        assert!(shown.lines().any(|it| it == line), "{line}\n{shown}");
    }
    assert_eq!(
        (workspace.read("run_test.sh"), workspace.read("ci.env")),
        before
    );
}

/// What removes a person's work is applied only if it is asked for.
#[test]
fn unsafe_fixes_are_for_who_asks() {
    let workspace = Workspace::of("minitensor/like_the_public_one");
    workspace.check(&["--fix"]);
    assert!(workspace.rules(&[]).contains(&"TST003".to_owned()));
    workspace.check(&["--fix", "--unsafe-fixes"]);
    let rules = workspace.rules(&[]);
    assert!(!rules.contains(&"TST003".to_owned()), "{rules:?}");
    let test = workspace.read("tests/test_gather_shapes.py");
    assert!(
        test.contains("def test_gather_shape_mismatch(") && !test.contains("_stress"),
        "{test}"
    );
}

/// The failing set's values go into the test, its marks and arguments go.
#[test]
fn the_failing_set_is_hard_coded() {
    let workspace = Workspace::of("minitensor/copied_whole_test");
    workspace.check(&["--fix", "--unsafe-fixes"]);
    let test = workspace.read("tests/test_gather_repro.py");
    let body = test.split("def test_gather").nth(1).unwrap_or_default();
    assert!(
        body.starts_with("(device, reset_seeds):\n    input_shape = [4, WIDE]\n    index_shape = [4, 32]\n    dim = -1\n")
            || body.starts_with("(device, reset_seeds):\n    memory_config = \"DRAM\"\n    input_shape = [4, WIDE]\n"),
        "{test}"
    );
    let rules = workspace.rules(&[]);
    assert!(!rules.contains(&"TST004".to_owned()), "{rules:?}");
}

#[test]
fn comments_keep_findings_with_a_reason() {
    let workspace = Workspace::of("minitensor/forgotten_exports");
    let script = workspace.read("run_test.sh");
    workspace.write(
        "run_test.sh",
        &script.replace(
            "\npytest",
            "\n# reprolens: ignore[ENV001, ENV003] the test reads none of them\npytest",
        ),
    );
    assert_eq!(workspace.rules(&[]), ["DOC005", "VER001"]);
    workspace.write(
        "run_test.sh",
        &script.replace(
            "\npytest",
            "\n# reprolens: ignore[ENV01] the test reads none of them\npytest",
        ),
    );
    let output = workspace.check(&[]);
    assert!(workspace.rules(&[]).contains(&"ENV001".to_owned()));
    assert!(
        text(&output.stderr).contains("run_test.sh:8: nothing is ignored here: no rule is called `ENV01`; did you mean ENV001?"),
        "{}",
        text(&output.stderr)
    );
}
