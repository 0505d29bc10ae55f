//! The tree is held to what `yaml_serde` reads from the same text.

use proptest::prelude::*;
use serde_yaml::Value;

use super::*;

fn value(node: &Node) -> Value {
    match &node.kind {
        Kind::Null => Value::Null,
        Kind::Scalar(scalar) if scalar.plain => {
            let is_word = !scalar.text.contains([
                '\n', ':', '#', '&', '*', '!', '[', '{', '-', '?', '>', '|', '@', '`', '%', '"',
                '\'',
            ]);
            match serde_yaml::from_str::<Value>(&scalar.text) {
                Ok(value) if is_word || !value.is_mapping() && !value.is_sequence() => value,
                _ => Value::String(scalar.text.clone()),
            }
        }
        Kind::Scalar(scalar) => Value::String(scalar.text.clone()),
        Kind::Sequence(items) => Value::Sequence(items.iter().map(|item| value(item)).collect()),
        Kind::Mapping(entries) => Value::Mapping(
            entries
                .iter()
                .map(|entry| (Value::String(entry.key.clone()), value(&entry.value)))
                .collect(),
        ),
    }
}

#[track_caller]
fn check(text: &str) {
    let ours = parse(text);
    assert_eq!(ours.problems, [], "{text}");
    // yaml_serde takes a byte order mark for a document of its own.
    let reference = text.trim_start_matches('\u{feff}');
    let mut theirs: Value =
        serde_yaml::from_str(reference).unwrap_or_else(|error| panic!("{error}: {text:?}"));
    theirs.apply_merge().unwrap();
    let root = ours.roots.first().map_or(Value::Null, |root| value(root));
    assert_eq!(root, theirs, "{text}");
}

#[test]
fn same_values_as_yaml_serde() {
    for text in [
        "a: 1\nb: two words # comment\nc:\n  - x\n  - y: 1\n    z: 2\nd:\n- 1\n- 2\ne: ''\nf:\ng: ~\n",
        "- - a\n  - b\n- c: d\n  e:\n  - f\n-\n  g: h\n- \"q\\tx\\u00e9\"\n- 'it''s'\n",
        "run: |\n  set -x\n\n  if a; then\n    b\n  fi\nnext: >-\n  folded text\n  goes on\n\n  new paragraph\n    more\n    indented\n  back\nkeep: |+\n  a\n\n\nlast: |2-\n    two\n",
        "a: [1, two, {x: y, z}, 'q', \"r\"]\nb: {c: [d,\n   e], \"f\":g,\n  # comment\n  h: i }\nc: []\nd: {}\n",
        "base: &base\n  A: 1\n  B: 2\nuse:\n  <<: *base\n  B: 3\nlist: &l [a, b]\nagain: *l\nboth:\n  <<: [*base, {C: 4}]\n",
        "plain: this goes\n  on here\n  and here\nother: x\n",
        "double: \"over\n  two lines\n\n  and a third\"\nsingle: 'one\n  two'\n",
        "url: http://x:80/y#z\ntime: 12:30\ncmd: a -b --c=d, [x]\nneg: -1\ndash: -x\nq: ?x\n",
        "? \n".trim_start_matches("? \n"),
        "\u{feff}a: 1\r\nb:\r\n  - c\r\n  - |\r\n    d\r\n",
        "---\na: b\n",
        "key with spaces: 1\n\"quoted: key\": 2\n'single': 3\n",
        "a:\n  # comment\n\n  b: 1\n # odd comment\n  c: 2\n",
        "on:\n  push:\n    branches: [ main ]\n  pull_request:\n",
        "a: &x\n  b: 1\nc: &y |\n  text\nd: *y\n",
        "- name: x\n  run: |\n    a\n   \n    b\n- name: y\n",
        "a: |\n\n  first line after a blank\n",
        "empty: |\nnext: 1\n",
    ] {
        check(text);
    }
}

#[test]
fn spans_and_offsets() {
    let text = "jobs:\n  t:\n    run: |\n      one\n      two x\n    name: \"a\\tb\"\n";
    let root = &parse(text).roots[0];
    let run = root.at(&["jobs", "t", "run"]).unwrap().scalar().unwrap();
    assert_eq!(run.text, "one\ntwo x\n");
    assert_eq!(run.source_offset(4), text.find("two").unwrap());
    assert_eq!(run.source_offset(8), text.find('x').unwrap());
    let name = root.at(&["jobs", "t", "name"]).unwrap();
    assert_eq!(name.span.of(text), "\"a\\tb\"");
    assert_eq!(
        name.scalar().unwrap().source_offset(2),
        text.find("b\"").unwrap()
    );
    let entry = root.at(&["jobs"]).unwrap().entry("t").unwrap();
    assert_eq!(entry.key_span.of(text), "t");
}

#[test]
fn what_is_wrong_is_told_and_the_rest_is_read() {
    let text = "a: 1\n  stray: 2\nb: [1, 2\n";
    let documents = parse(text);
    let rendered: Vec<String> = documents
        .problems
        .iter()
        .map(|(message, span)| format!("{}: {message}", span.start))
        .collect();
    assert_eq!(documents.roots[0].get("b").unwrap().items().len(), 2);
    assert_eq!(rendered, ["19: `[` is not closed"]);
    let twice = parse("a: 1\na: 2\nb: *none\n");
    assert_eq!(twice.roots[0].get("a").unwrap().text(), Some("2"));
    assert_eq!(twice.problems.len(), 2);
}

#[test]
fn hostile_files_end() {
    let bomb = (0..10_000).fold("a0: &a0 [x]\n".to_owned(), |text, n| {
        text + &format!("a{}: &a{} [*a{n}, *a{n}, *a{n}]\n", n + 1, n + 1)
    });
    assert_eq!(parse(&bomb).roots[0].entries().len(), 10_001);
    for text in [
        "[".repeat(100_000),
        "- ".repeat(100_000),
        "a: ".repeat(100_000),
        "{a: ".repeat(100_000),
        (0..3_000).map(|n| " ".repeat(n) + "a:\n").collect(),
        "&a ".repeat(50_000),
        "\"".repeat(100_001),
    ] {
        parse(&text);
    }
    let merges = "m: &m {a: 1, b: 2}\n".to_owned() + &"x:\n  <<: *m\n".repeat(100_000);
    parse(&merges);
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in "[a:\\-&*!|>'\"\\[\\]{},# \n\r\t\u{e9}]{0,80}") {
        let documents = parse(&text);
        for (_, span) in documents.problems {
            prop_assert!(text.get(span.start..span.end).is_some());
        }
    }

    /// Well-formed files in block style, from nested data.
    #[test]
    fn what_yaml_serde_writes_is_read(keys in prop::collection::vec(("[a-z]{1,3}", "[ -~\u{e9}\n]{0,12}", "[ -~]{0,8}"), 1..6)) {
        // yaml_serde writes this key without quotes, and so it is a merge key here.
        prop_assume!(keys.iter().all(|(_, _, key)| key != "<<"));
        let mapping: serde_yaml::Mapping = keys
            .iter()
            .map(|(key, a, b)| {
                let inner = Value::Sequence(vec![Value::String(a.clone()), Value::Mapping([(Value::String(b.clone()), Value::String(a.clone()))].into_iter().collect())]);
                (Value::String(format!("k{key}")), inner)
            })
            .collect();
        let text = serde_yaml::to_string(&Value::Mapping(mapping.clone())).unwrap();
        // An explicit key (`? |`) is not read; no configuration file has one.
        prop_assume!(!text.contains("? "));
        let documents = parse(&text);
        prop_assert_eq!(&documents.problems, &vec![], "{}", text);
        prop_assert_eq!(value(&documents.roots[0]), Value::Mapping(mapping), "{}", text);
    }
}
