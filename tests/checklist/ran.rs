//! Rules that look at the evidence and at a run, each through the program: what is planted here is changed in a folder or in
//! its workspace.

use crate::{Workspace, write};

/// A run of the test that fails with `error` at `source`.
fn run_log(source: &str, error: &str, kind: &str) -> String {
    format!(
        "============================= test session starts ==============================\n\
         platform linux -- Python 3.11.7, pytest-8.4.2, pluggy-1.6.0\n\
         collected 1 item\n\n\
         tests/test_discount_repro.py F                                           [100%]\n\n\
         =================================== FAILURES ===================================\n\
         _____________________ TestDiscount.test_half_of_25_cents ______________________\n\n    \
         def test_half_of_25_cents(self):\n\
         >       {source}\n\
         E       {kind}: {error}\n\n\
         tests/test_discount_repro.py:21: {kind}\n\
         =========================== short test summary info ============================\n\
         FAILED tests/test_discount_repro.py::TestDiscount::test_half_of_25_cents - {kind}: ...\n\
         ============================== 1 failed in 0.04s ===============================\n"
    )
}

const PASSED: &str = "============================= test session starts ==============================\ncollected 1 item\n\ntests/test_discount_repro.py .                                           [100%]\n\n============================== 1 passed in 0.01s ===============================\n";

const SOURCE: &str = "assert invoice.total() == Decimal(expected)";
const ERROR: &str = "assert Decimal('0.12') == Decimal('0.13')\nE        +  where Decimal('0.12') = total()\nE        +    where total = <pricing.Invoice object at 0x7f0000000010>.total\nE        +  and   Decimal('0.13') = Decimal('0.13')";

/// The verification rules that a run's log gives.
#[track_caller]
fn check_run(log: &str, expected: &[&str]) {
    let workspace = Workspace::of("pricing/class_in_a_subdirectory");
    workspace.write("logs/reproduction.log", log);
    workspace.later("logs/reproduction.log");
    assert_eq!(workspace.rules(&["--select", "VER"]), expected, "{log}");
}

#[test]
fn a_run_is_compared_with_ci() {
    check_run(&run_log(SOURCE, ERROR, "AssertionError"), &[]);
    check_run(
        &run_log(
            SOURCE,
            "assert Decimal('0.11') == Decimal('0.13')",
            "AssertionError",
        ),
        &["VER004"],
    );
    check_run(&run_log(SOURCE, "'EUR'", "KeyError"), &["VER004"]);
    check_run(
        &run_log(
            "assert invoice.total() == Decimal(wanted)",
            ERROR,
            "AssertionError",
        ),
        &["VER005"],
    );
    check_run(PASSED, &["VER003"]);
    check_run(
        &format!("{}{PASSED}", run_log(SOURCE, ERROR, "AssertionError")),
        &["VER007"],
    );
    check_run(
        &run_log(SOURCE, ERROR, "AssertionError").replace("in 0.04s", "in 61.20s (0:01:01)"),
        &["VER006"],
    );
}

#[test]
fn an_edit_after_the_run_is_told() {
    let workspace = Workspace::of("minitensor/another_failure");
    assert!(
        !workspace
            .rules(&["--select", "VER002"])
            .contains(&"VER002".to_owned())
    );
    workspace.later("tests/test_gather_narrow_repro.py");
    workspace.write("logs/reproduction.log", "1 failed\n");
    assert_eq!(workspace.rules(&["--select", "VER002"]), ["VER002"]);
}

/// The evidence rules, by what is changed in the workspace around a folder.
#[test]
fn the_log_is_compared_with_the_workspace() {
    let folder = "pricing/class_in_a_subdirectory";
    let rules = |workspace: &Workspace| workspace.rules(&["--select", "LOG"]);
    assert_eq!(rules(&Workspace::of(folder)), Vec::<String>::new());

    let workspace = Workspace::of(folder);
    let log = workspace.read("logs/ci.log");
    let end = log
        .find("=== short test summary")
        .and_then(|at| log[..at].rfind('\n'));
    workspace.write("logs/ci.log", &log[..end.expect("the log has a summary")]);
    assert_eq!(rules(&workspace), ["LOG003"]);

    let workspace = Workspace::of(folder);
    write(
        &workspace.root.path().join(".github/workflows/tests.yml"),
        "on: push\njobs: {}\n",
    );
    assert_eq!(rules(&workspace), ["LOG004"]);

    let workspace = Workspace::of(folder);
    let test = workspace.root.path().join("tests/test_invoice.py");
    write(&test, "def test_other(): ...\n");
    assert!(rules(&workspace).contains(&"LOG005".to_owned()));

    let workspace = Workspace::of(folder);
    let test = workspace.root.path().join("tests/test_invoice.py");
    write(
        &test,
        &crate::read(&test).replace("Decimal(expected)", "Decimal(expected) + 0"),
    );
    assert_eq!(rules(&workspace), ["LOG006"]);

    let workspace = Workspace::of(folder);
    workspace.write("logs/ci.log", "all is well\n");
    assert_eq!(rules(&workspace), ["LOG002"]);
}
