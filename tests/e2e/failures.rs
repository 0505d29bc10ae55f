//! `failures`: what a log holds, alone and joined with the configuration.

use super::{LOG, Project, read, text, write, write_bytes};

#[test]
fn failures_tells_ids_messages_and_where_they_stand() {
    let (json, status) = Project::new().json(&["failures", LOG]);
    assert_eq!(status, Some(0));
    let log = &json["logs"][0];
    assert_eq!(log["ci"], "github");
    assert_eq!(
        log["job"],
        "unit-tests (blackhole, P150b) / operations blackhole P150b"
    );
    let failures = log["failures"].as_array().unwrap();
    assert_eq!(failures.len(), 2);
    assert_eq!(failures[0]["phase"], "call");
    assert_eq!(failures[0]["exception"]["type"], "AssertionError");
    assert_eq!(
        failures[0]["location"]["path"],
        "tests/utils_for_testing.py"
    );
    assert_eq!(failures[0]["location"]["line"], 19);
}

/// Windows' PowerShell redirects output as UTF-16; CircleCI serves a step's output in JSON.
#[test]
fn failures_reads_logs_in_other_forms() {
    let project = Project::new();
    let log = read(&project.path().join(LOG));
    let wide = format!("\u{feff}{log}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect::<Vec<u8>>();
    write_bytes(&project.path().join("wide.log"), &wide);
    let message =
        serde_json::json!([{"message": log, "time": "2026-01-01T00:00:00Z", "type": "out"}]);
    write(&project.path().join("step.json"), &message.to_string());
    let (expected, _) = project.json(&["failures", LOG]);
    for name in ["wide.log", "step.json"] {
        let (json, _) = project.json(&["failures", name]);
        assert_eq!(json["logs"][0]["failures"], expected["logs"][0]["failures"]);
    }
}

/// What `generate` calls number 3 of a folder is the third that `failures` shows of it.
#[test]
fn failures_of_a_folder_are_counted_through() {
    let project = Project::new();
    for name in ["a.log", "b.log"] {
        write(
            &project.path().join("ci").join(name),
            &read(&project.path().join(LOG)),
        );
    }
    let shown = text(&project.reprolens(&["failures", "ci"]).stdout);
    let numbers: Vec<&str> = shown
        .lines()
        .filter(|line| line.contains("::test_gather[") && line.contains(".log:"))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(numbers, ["1", "2", "3", "4"], "{shown}");
    let arguments = ["generate", "ci", "--failure", "4", "--no-run"];
    let (json, _) = project.json(&arguments);
    assert!(
        json["repros"][0]["failure"].to_string().contains("L1"),
        "{json:#}"
    );
}

#[test]
fn environment_is_joined_with_the_configuration() {
    let project = Project::new();
    let (json, _) = project.json(&["failures", LOG, "--env"]);
    let environment = &json["logs"][0]["environments"][0];
    assert_eq!(environment["path"], ".github/workflows/unit-tests.yaml");
    assert_eq!(
        environment["command"]["outcome_flags"][0][1],
        "not post_commit"
    );
    assert_eq!(
        environment["command"]["paths"][0],
        "tests/unit_tests/operations"
    );
    let output = project.reprolens(&["failures", LOG, "--env"]);
    let shown = text(&output.stdout);
    for expected in [
        "ARCH_NAME=blackhole  container .github/workflows/unit-tests.yaml:30",
        "MINITENSOR_FAST_DISPATCH=1  export tests/scripts/run_unit_tests.sh:7",
        "MINITENSOR_OPERATION_TIMEOUT_SECONDS=5  inline tests/scripts/run_unit_tests.sh:8",
        "cannot be had here: runner label P150b",
    ] {
        assert!(shown.contains(expected), "{expected}\n{shown}");
    }
}
