//! A repro fails for the original's reason, not by its words alone.

use serde_json::Value;

use super::{Project, ROOT, read, run, write};

/// `assert passed` would fail without half of what makes its value, too: the text beside it tells that it fails as it did.
#[test]
fn a_vague_assertion_keeps_the_value_that_was_wrong() {
    let project = Project::empty();
    let at = |path: &str| project.path().join(path);
    write(
        &at("tensor.py"),
        "def scaled(values, factor, mode=None):\n    return [value * factor * 1.0371 for value in values]\n\n\ndef close(wanted, given):\n    worst = max(abs(a - b) for a, b in zip(wanted, given))\n    return worst < 0.01, f'largest difference {worst}'\n",
    );
    write(&at("conftest.py"), "");
    let beside: String = (0..12)
        .map(|number| format!("    mode.append({number})\n"))
        .collect();
    write(
        &at("tests/test_tensor.py"),
        &format!(
            "from tensor import close, scaled\n\n\ndef test_scaled():\n    mode = []\n{beside}    values = [1.5, 2.25]\n    values.append(7.75)\n    given = scaled(values, 3, mode=mode)\n    wanted = [value * 3 for value in values]\n    passed, text = close(wanted, given)\n    assert passed\n"
        ),
    );
    let pytest = "python3 -m pytest -p no:cacheprovider tests > ci.log; true";
    run("sh", &["-c", pytest], project.path());
    let (json, _) = project.json(&["generate", "ci.log", "--name", "scaled"]);
    assert_eq!(json["repros"][0]["verified"], Value::Bool(true), "{json:#}");
    let test = read(&at(ROOT).join("scaled/tests/test_scaled_repro.py"));
    assert!(
        test.contains("values.append(7.75)") && !test.contains("mode.append"),
        "{test}"
    );
}

/// A block that a `with` looked back at and found wanting would be found so without its statements, too: they stay.
#[test]
fn a_block_that_is_looked_back_at_keeps_its_statements() {
    let project = Project::empty();
    let at = |path: &str| project.path().join(path);
    write(
        &at("shop.py"),
        "class Expect:\n    def __init__(self, words):\n        self.words = words\n\n    def __enter__(self):\n        pass\n\n    def __exit__(self, *raised):\n        if 'bye' not in self.words:\n            raise RuntimeError('nobody said bye')\n\n\ndef say(words, word):\n    words.append(word)\n",
    );
    write(&at("conftest.py"), "");
    let greetings: String = (0..16)
        .map(|number| format!("        say(words, 'hello {number}')\n"))
        .collect();
    write(
        &at("tests/test_shop.py"),
        &format!(
            "from shop import Expect, say\n\n\ndef test_say():\n    words = []\n    with Expect(words):\n{greetings}    assert words\n"
        ),
    );
    let pytest = "python3 -m pytest -p no:cacheprovider tests > ci.log; true";
    run("sh", &["-c", pytest], project.path());
    let (json, _) = project.json(&["generate", "ci.log", "--name", "say"]);
    assert_eq!(json["repros"][0]["verified"], Value::Bool(true), "{json:#}");
    let test = read(&at(ROOT).join("say/tests/test_say_repro.py"));
    assert!(test.contains(&greetings), "{test}");
}

/// A smaller test can fail with the same words, because what made the value is gone: that is no repro.
#[test]
fn a_repro_fails_with_the_value_that_the_test_failed_with() {
    let project = Project::empty();
    let at = |path: &str| project.path().join(path);
    write(
        &at("shop.py"),
        "class Text:\n    def __init__(self):\n        self.text = ''\n\n    def value(self):\n        return self.text\n\n\ndef run(text):\n    text.text += 'milk'\n",
    );
    write(&at("conftest.py"), "");
    write(
        &at("tests/test_shop.py"),
        "import unittest\nfrom shop import Text, run\n\n\nclass TestRun(unittest.TestCase):\n    def setUp(self):\n        self.out = Text()\n\n    def start(self):\n        run(self.out)\n\n    def test_run(self):\n        self.start()\n        out = self.out.value()\n        self.assertTrue(out.count('tea'))\n",
    );
    let pytest = "python3 -m pytest -p no:cacheprovider tests > ci.log; true";
    run("sh", &["-c", pytest], project.path());
    let (json, _) = project.json(&["generate", "ci.log", "--name", "run"]);
    assert_eq!(json["repros"][0]["verified"], Value::Bool(true), "{json:#}");
    let test = read(&at(ROOT).join("run/tests/test_run_repro.py"));
    assert!(test.contains("        self.start()\n"), "{test}");
}

/// `False is not true` shows nothing of what was compared: any part of it would do, and none of it may go.
#[test]
fn a_vague_assertion_keeps_the_data_that_it_compares() {
    let project = Project::empty();
    let at = |path: &str| project.path().join(path);
    write(&at("shop.py"), "def sold():\n    return ['tea']\n");
    write(&at("conftest.py"), "");
    let wanted: String = (0..16)
        .map(|number| format!("            'tea {number}',\n"))
        .collect();
    write(
        &at("tests/test_shop.py"),
        &format!(
            "import unittest\nfrom shop import sold\n\n\nclass TestShop(unittest.TestCase):\n    def test_sold(self):\n        given = set(sold())\n        wanted = set([\n{wanted}        ])\n        self.assertTrue(wanted <= given)\n"
        ),
    );
    let pytest = "python3 -m pytest -p no:cacheprovider tests > ci.log; true";
    run("sh", &["-c", pytest], project.path());
    let (json, _) = project.json(&["generate", "ci.log", "--name", "sold"]);
    assert_eq!(json["repros"][0]["verified"], Value::Bool(true), "{json:#}");
    let test = read(&at(ROOT).join("sold/tests/test_sold_repro.py"));
    assert!(
        (0..16).all(|number| test.contains(&format!("'tea {number}'"))),
        "{test}"
    );
}

/// Without what a mock was told, nothing would be raised either.
#[test]
fn what_a_test_sets_on_a_mock_stays() {
    let project = Project::empty();
    let at = |path: &str| project.path().join(path);
    write(
        &at("sizes.py"),
        "import os\n\n\ndef size(path):\n    try:\n        return os.path.getsize(path)\n    except OSError:\n        return -1\n",
    );
    write(&at("conftest.py"), "");
    write(
        &at("tests/test_sizes.py"),
        "import unittest\nfrom unittest import mock\n\nimport sizes\n\n\nclass TestSize(unittest.TestCase):\n    @mock.patch(\"os.path.getsize\")\n    def test_size(self, getsize):\n        getsize.side_effect = OSError(\"no\")\n        with self.assertRaises(OSError):\n            sizes.size(\"a\")\n",
    );
    let pytest = "python3 -m pytest -p no:cacheprovider tests > ci.log; true";
    run("sh", &["-c", pytest], project.path());
    let (json, _) = project.json(&["generate", "ci.log", "--name", "size"]);
    assert_eq!(json["repros"][0]["verified"], Value::Bool(true), "{json:#}");
    let test = read(&at(ROOT).join("size/tests/test_size_repro.py"));
    assert!(test.contains("getsize.side_effect = OSError"), "{test}");
}

/// Writes the project's files and `ci.log`, what pytest says of them; the verified test that is made of its one failure.
fn test_of(files: &[(&str, &str)], arguments: &str) -> String {
    let project = Project::empty();
    for (path, text) in files {
        write(&project.path().join(path), text);
    }
    write(&project.path().join("conftest.py"), "");
    let pytest = format!("python3 -m pytest -p no:cacheprovider {arguments} > ci.log; true");
    run("sh", &["-c", &pytest], project.path());
    let (json, _) = project.json(&["generate", "ci.log", "--name", "one"]);
    assert_eq!(json["repros"][0]["verified"], Value::Bool(true), "{json:#}");
    let findings = project.reprolens(&["check", ROOT]);
    assert!(
        findings.status.success(),
        "{}",
        String::from_utf8_lossy(&findings.stdout)
    );
    read(
        &project
            .path()
            .join(ROOT)
            .join("one/tests/test_one_repro.py"),
    )
}

#[test]
fn a_doctest_stays_one() {
    let area = "def area(side):\n    \"\"\"The area.\n\n    >>> unused = area(1)\n    >>> small = area(2)\n    >>> small\n    5\n    \"\"\"\n    return side * side\n";
    let files = [("shapes/box.py", area), ("shapes/__init__.py", "")];
    let test = test_of(&files, "--doctest-modules shapes");
    let examples = ">>> small = area(2)\n    >>> small  # <- fails here\n    5\n";
    assert!(
        test.contains(examples) && !test.contains("unused"),
        "{test}"
    );
}

#[test]
fn a_doctest_of_a_text_file_is_one_of_a_docstring() {
    let usage = "Usage\n=====\n\nHere it is (\n\n    >>> from shapes import area\n    >>> unused = area(1)\n\nThen:\n\n>>> area(2)\n5\n\nDone.\n";
    let files = [
        ("shapes.py", "def area(side):\n    return side * side\n"),
        ("docs/usage.rst", usage),
    ];
    let test = test_of(&files, "docs/usage.rst");
    let examples =
        ">>> from shapes import area\n    >>> area(2)  # <- fails here\n    5\n    \"\"\"";
    assert!(
        test.contains(examples) && !test.contains("unused"),
        "{test}"
    );
}

#[test]
fn a_test_that_passes_unexpectedly_keeps_its_mark() {
    let marked = "import sys\n\nimport pytest\n\nimport shapes\n\n\n@pytest.mark.xfail(sys.platform != \"\", reason=\"not yet\", strict=True)\ndef test_area():\n    small = shapes.area(2)\n    assert small == 4\n";
    let product = ("shapes.py", "def area(side):\n    return side * side\n");
    let test = test_of(&[product, ("tests/test_shapes.py", marked)], "tests");
    assert!(
        test.contains("strict=True") && test.contains("assert small == 4"),
        "{test}"
    );
    let case = "import unittest\n\nimport shapes\n\n\nclass TestShapes(unittest.TestCase):\n    @unittest.expectedFailure\n    def test_area(self):\n        self.assertEqual(shapes.area(2), 4)\n";
    let test = test_of(&[product, ("tests/test_shapes.py", case)], "tests");
    assert!(test.contains("@unittest.expectedFailure"), "{test}");
}
