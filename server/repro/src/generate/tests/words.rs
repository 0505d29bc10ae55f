//! What is said of a failure.

use super::*;

#[test]
fn a_folder_whose_conftest_cannot_be_imported() {
    let mut evidence = evidence(LOG);
    let frame = |path: &str| log::Frame {
        path: path.to_owned(),
        line: 690,
        ..evidence.failure.location.clone().expect("it has one")
    };
    evidence.failure.frames = [
        "<frozen importlib._bootstrap>",
        "docs/conftest.py",
        "r/parse.py",
        "../venv/lib/python3.11/site-packages/tool/docs.py",
        "../opt/lib/python3.11/enum.py",
    ]
    .map(frame)
    .to_vec();
    evidence.failure.location = evidence.failure.frames.last().cloned();
    (evidence.failure.expected, evidence.failure.actual) = (None, None);
    "docs".clone_into(&mut evidence.failure.id);
    evidence.failure.kind = log::Kind::CollectionError;
    if let Ok(test) = &mut evidence.test {
        "docs/conftest.py".clone_into(&mut test.path);
    }
    let files = generate(&evidence, &slice(), &config());
    let readme = &files.readme;
    assert!(readme.contains("Start at `r/parse.py:690`, the deepest frame"));
    evidence.failure.frames[2].path = "/home/runner/work/r/r/r/parse.py".to_owned();
    let whole = generate(&evidence, &slice(), &config()).readme;
    assert!(whole.contains("Start at `r/parse.py:690`, the deepest frame"));
    assert!(readme.contains("while the folder's conftest.py is imported"));
    assert!(
        files
            .test
            .contains("Expected: the folder's conftest.py is imported")
    );
}

#[test]
fn two_files_of_one_module_name_are_collected_as_they_are() {
    let message = "import file mismatch:
imported module 'test_a' has this __file__ attribute:
  /home/runner/work/r/r/old/test_a.py
which is not the same as the test file we want to collect:
  /home/runner/work/r/r/tests/test_a.py
HINT: remove __pycache__ / .pyc files and/or use a unique basename for your test file modules";
    let mut evidence = evidence(LOG);
    let failure = &mut evidence.failure;
    failure.kind = log::Kind::CollectionError;
    failure.phase = log::Phase::Collect;
    "tests/test_a.py".clone_into(&mut failure.id);
    (failure.location, failure.frames) = (None, Vec::new());
    let exception = failure.exception.as_mut().expect("it has one");
    exception.type_name.clear();
    message.clone_into(&mut exception.message);
    let files = generate(&evidence, &python::Slice::default(), &config());
    assert_eq!(files.test, "");
    let both = "\"$WORKSPACE_DIR/old/test_a.py\" \"$WORKSPACE_DIR/tests/test_a.py\" \"$@\"";
    assert!(files.script.contains(both), "{}", files.script);
    for said in [
        "\n`old/test_a.py` was imported as `test_a`, and this file would be imported by the same name: pytest refuses it.\n",
        "\nThere is no test of its own here: whatever is in the file, pytest refuses it. The script collects both files.\n",
        "\n1. Give one of the two files another name, ",
    ] {
        assert!(files.readme.contains(said), "{}", files.readme);
    }
}

#[test]
fn a_class_that_cannot_be_collected_is_told_as_such() {
    let mut evidence = evidence(LOG);
    evidence.failure.kind = log::Kind::CollectionError;
    evidence.failure.phase = log::Phase::Collect;
    "tests/test_a.py::TestA".clone_into(&mut evidence.failure.id);
    (evidence.failure.expected, evidence.failure.actual) = (None, None);
    if let Ok(test) = &mut evidence.test {
        test.classes = vec!["TestA".to_owned()];
    }
    let files = generate(&evidence, &slice(), &config());
    let title = "# `TestA` fails with `AssertionError`\n";
    assert!(files.readme.starts_with(title), "{}", files.readme);
    assert!(
        files
            .readme
            .contains("while the test class is collected: no test of it can run")
    );
    assert!(files.test.contains(
        "\nExpected: the test class is collected\nActual: collecting it raises AssertionError\n"
    ));
}

#[test]
fn a_missing_member_is_told_as_such() {
    let mut evidence = evidence(LOG);
    let mut told = |expected: &str| {
        evidence.failure.expected = Some(expected.to_owned());
        evidence.failure.actual = Some("'a'".to_owned());
        generate(&evidence, &slice(), &config()).readme
    };
    assert!(told("in ['b']").contains(": `'a'` is not in `['b']`."));
    assert!(told("not in 'a'").contains(": `'a'` is in `'a'`."));
    assert!(told("'b'").contains(": `'a'` is given where `'b'` is expected."));
}

#[test]
fn what_is_expected_is_told_by_a_line_that_the_log_shows() {
    let mut evidence = evidence(LOG);
    let frame = |path: &str, source: &str| log::Frame {
        path: path.to_owned(),
        line: 4,
        source: Some(source.to_owned()),
        ..evidence.failure.location.clone().expect("it has one")
    };
    let test = frame("tests/test_a.py", "box.size = 8");
    let asked = frame("tests/test_a.py", "assert box.size() == 8");
    let long = format!("box.size = {}8", "8 + ".repeat(20));
    let long = frame("tests/test_a.py", &long);
    let ends = [
        frame("<string>", "???"),
        frame("r.py", "raise Frozen(name) from error"),
    ];
    evidence.failure.kind = log::Kind::Exception;
    (evidence.failure.expected, evidence.failure.actual) = (None, None);
    for end in ends {
        evidence.failure.frames = vec![test.clone(), end.clone()];
        evidence.failure.location = Some(end);
        let files = generate(&evidence, &slice(), &config());
        assert!(files.test.contains("box.size = 8 raises nothing"));
        assert!(!files.readme.contains("The line is `???`"));
    }
    for (end, expected) in [
        (long, "no AssertionError"),
        (asked, "box.size() == 8 raises nothing"),
    ] {
        evidence.failure.frames = vec![end.clone()];
        evidence.failure.location = Some(end);
        let files = generate(&evidence, &slice(), &config());
        assert!(files.test.contains(&format!("Expected: {expected}\n")));
    }
}
