//! What is quoted comes back from a real bash as it was.

use std::process::{Command, Stdio};

use proptest::prelude::*;
use reprolens_shell::ShellWord;

/// The texts as bash reads their words, in the given locale.
#[expect(
    clippy::disallowed_methods,
    reason = "the reference is the real program"
)]
fn read_back(texts: &[String], locale: &str) -> Vec<String> {
    let words: Vec<String> = texts
        .iter()
        .map(|it| ShellWord::new(it).to_string())
        .collect();
    let script = format!(
        "printf '%s\\0' {}\nA={}\nprintf '%s\\0' \"$A\"",
        words.join(" "),
        words[0]
    );
    let output = Command::new("bash")
        .args(["--noprofile", "--norc", "-c", &script])
        .env_clear()
        .env("LC_ALL", locale)
        .stdin(Stdio::null())
        .output()
        .expect("bash runs");
    let text = String::from_utf8(output.stdout).expect("what was text stays text");
    text.split_terminator('\0').map(str::to_owned).collect()
}

#[track_caller]
fn check(texts: &[&str]) {
    let texts: Vec<String> = texts.iter().map(|it| (*it).to_owned()).collect();
    let mut expected: Vec<String> = texts.iter().map(|it| it.replace('\0', "")).collect();
    expected.push(expected[0].clone());
    for locale in ["C", "C.UTF-8"] {
        assert_eq!(read_back(&texts, locale), expected, "{locale}");
    }
}

#[test]
fn texts_that_mean_no_good() {
    check(&[
        "$(touch /tmp/x)",
        "`id`",
        "a\nb",
        "it's",
        "\"",
        "\\",
        "",
        " ",
        "~",
        "*",
        "a;b",
        "--x=${y}",
        "!!",
        "\u{1b}[31m",
        "\u{7f}9",
        "\u{1}1",
        "a\u{202e}b\u{2066}0",
        "é'\n",
        "\u{0}a\u{0}",
        "#c",
        "A=1",
        "-n",
        "\r\n",
        "\u{85}",
        "{a,b}",
        "<(x)",
        "\\'\n",
        "$'x'",
        "\u{10ffff}",
        "\u{feff}x",
        "a\tb",
    ]);
}

#[test]
fn words_as_they_look() {
    let words = [
        "plain-1.2/x",
        "",
        "a b",
        "it's",
        "a\nb",
        "\u{202e}x",
        "k=v",
        "é",
    ];
    let quoted: Vec<String> = words
        .iter()
        .map(|it| ShellWord::new(it).to_string())
        .collect();
    expect_test::expect![[r#"
        plain-1.2/x
        ''
        'a b'
        'it'\''s'
        $'a\nb'
        $'\342\200\256x'
        k=v
        'é'"#]]
    .assert_eq(&quoted.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text(text in "(\\PC|[\u{0}-\u{1f}$'\"\\\\\u{80}-\u{9f}\u{2000}-\u{2070}]){0,30}") {
        check(&[&text]);
        let hidden = ShellWord::new(&text).as_str().contains(['\n', '\u{1b}', '\u{202e}']);
        prop_assert!(!hidden);
    }
}
