//! The formats that other programs read.

use serde_json::Value;

use crate::{Workspace, here, read, text};

fn validator() -> jsonschema::Validator {
    // The pattern of a language tag has a bracket too many, which is no regular expression.
    let text = read(&here("sarif-2.1.0.schema.json")).replace("{2}]?$", "{2}$");
    let schema: Value = serde_json::from_str(&text).expect("the schema is JSON");
    jsonschema::validator_for(&schema).expect("the schema is one")
}

#[test]
fn sarif_is_what_the_schema_says() {
    let validator = validator();
    for folder in [
        "minitensor/like_the_public_one",
        "minitensor/another_failure",
    ] {
        let output = Workspace::of(folder).check(&["--format", "sarif"]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&report)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{folder}: {errors:#?}");
        let run = &report["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        let results = run["results"].as_array().unwrap();
        assert!(!results.is_empty());
        for result in results {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"]);
            let region = &result["locations"][0]["physicalLocation"]["region"];
            assert!(region["startLine"].as_u64().unwrap() >= 1, "{region}");
        }
    }
}

#[test]
fn a_schema_error_is_seen() {
    let validator = validator();
    assert!(
        !validator.is_valid(&serde_json::json!({"version": "2.1.0", "runs": [{"results": []}]}))
    );
}

/// A workflow command ends at its line's end, a property at `,` and `:`: what is in the text must not be read as either.
#[test]
fn annotations_are_escaped() {
    let workspace = Workspace::of("minitensor/forgotten_exports");
    workspace.write(
        "tests/test_100%,x:y_repro.py",
        "import os\n\n\ndef test_a():\n    assert 1\n",
    );
    let output = workspace.check(&["--format", "github", "--select", "TST011"]);
    assert_eq!(
        text(&output.stdout).trim_end(),
        "::notice file=.github/scripts/reproduce-deterministic-failures/forgotten_exports/tests/test_100%25%2Cx%3Ay_repro.py,\
         line=1,endLine=1,col=1,endColumn=10,title=TST011 unused-import::`os` is imported and not used; remove it"
    );
    let output = workspace.check(&["--format", "github", "--select", "ENV001"]);
    let lines = text(&output.stdout);
    assert!(lines.lines().count() == 4, "{lines}");
    for line in lines.lines() {
        assert!(
            line.starts_with("::error file=") && line.contains("/run_test.sh,line=8,endLine=8,"),
            "{line}"
        );
    }
}

/// A finding about a run stands at the line of the run's log.
#[test]
fn findings_of_logs_have_their_line() {
    let workspace = Workspace::of("minitensor/another_failure");
    let output = workspace.check(&["--select", "VER004"]);
    let shown = text(&output.stdout);
    assert!(shown.contains("logs/reproduction.log:10"), "{shown}");
}

#[test]
fn a_wrong_rule_is_told_with_the_nearest() {
    let workspace = Workspace::of("minitensor/forgotten_exports");
    let output = workspace.check(&["--select", "ENV01"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("no rule is called `ENV01`; did you mean ENV001?"),
        "{}",
        text(&output.stderr)
    );

    for (config, expected) in [
        (
            "[checklist]\nselekt = []\n",
            "unknown key `checklist.selekt`; did you mean `checklist.select`?",
        ),
        (
            "max-line = 3\n",
            "unknown key `max-line`; did you mean `max-lines`?",
        ),
        (
            "[checklist.severity]\nTST002 = \"loud\"\n",
            "none of error, warning, information, hint",
        ),
        (
            "[checklist.severity]\nTST02 = \"error\"\n",
            "did you mean TST002?",
        ),
    ] {
        crate::write(&workspace.root.path().join("reprolens.toml"), config);
        let output = workspace.check(&[]);
        assert_eq!(output.status.code(), Some(2), "{config}");
        assert!(
            text(&output.stderr).contains(expected),
            "{config}: {}",
            text(&output.stderr)
        );
    }
}

#[test]
fn configuration_selects_and_weighs() {
    let workspace = Workspace::of("minitensor/several_tests");
    crate::write(
        &workspace.root.path().join("reprolens.toml"),
        "max-lines = 5\n[checklist]\nselect = [\"TST\", \"VER\"]\nignore = [\"VER001\"]\n[checklist.severity]\nTST002 = \"error\"\n",
    );
    assert_eq!(
        workspace.rules(&[]),
        ["TST002", "TST003", "TST004", "TST005"]
    );
    assert_eq!(
        workspace.rules(&["--select", "VER", "--ignore", "TST"]),
        Vec::<String>::new()
    );
    let output = workspace.check(&["--format", "github", "--select", "TST002"]);
    assert!(
        text(&output.stdout).starts_with("::error file="),
        "{}",
        text(&output.stdout)
    );
}
