//! Scripts that mean no good, or nothing at all: an answer in bounded time, and no panic.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use reprolens_shell as shell;
use shell::{Context, Evaluation};

/// Without optimisation, on a machine that is busy with other tests.
const BOUND: Duration = Duration::from_secs(15);

fn evaluate(script: &str) -> Evaluation {
    let own = script.to_owned();
    let read = move |path: &str| Some((own.clone(), path.to_owned()));
    shell::evaluate(
        script,
        &Context {
            env: &[],
            arguments: &[],
            cwd: Some("/w"),
            read: &read,
        },
    )
}

#[track_caller]
fn check(script: &str) {
    let start = Instant::now();
    let evaluation = evaluate(script);
    assert!(
        start.elapsed() < BOUND,
        "{:?} for {:.80}",
        start.elapsed(),
        script
    );
    assert_spans(script, &evaluation);
}

#[track_caller]
fn assert_spans(script: &str, evaluation: &Evaluation) {
    let assignments = evaluation.assignments.iter();
    let spans = assignments
        .flat_map(|it| [it.span, it.value_span])
        .chain(evaluation.commands.iter().map(|it| it.span))
        .chain(evaluation.problems.iter().map(|it| it.span));
    for span in spans {
        assert!(
            script.get(span.start..span.end).is_some(),
            "{span:?} in {script:?}"
        );
    }
}

#[test]
fn deep_nesting() {
    for (open, close) in [
        ("(", ")"),
        ("$(", ")"),
        ("{ ", "; }"),
        ("if ", "; then a; fi"),
        ("echo \"$(", ")\""),
        ("${a:-", "}"),
        ("$((", "))"),
        ("[[ ( ", " ) ]]"),
        ("a=(", ")"),
        ("! ", ""),
        ("f() { ", "; }"),
        ("while ", "; do a; done"),
        ("{a,", "}"),
        ("`", "`"),
        ("eval \"", "\""),
    ] {
        for count in [10, 100, 20_000] {
            check(&format!("{}a{}", open.repeat(count), close.repeat(count)));
            check(&open.repeat(count));
            check(&format!("x={}a{}", open.repeat(count), close.repeat(count)));
        }
    }
    check(&format!(
        "echo $(({}1{}))",
        "(".repeat(9000),
        ")".repeat(9000)
    ));
    check(&format!("echo $(({}1))", "-".repeat(9000)));
    check(&format!("[ {} a ]", "! ".repeat(9000)));
    check(&format!(
        "if a; then b; {} fi",
        "elif a; then b; ".repeat(5000)
    ));
}

#[test]
fn loops_and_recursion() {
    check("while :; do a; done");
    check("for i in {1..100000}; do for j in {1..1000}; do a $i $j; done; done");
    check("for ((i=0;i<1000000;i++)); do X=$i; done");
    check("f() { f; f; }; f");
    check("f() { f; g; }; g() { f; g; }; f; g");
    check(". x.sh; . y.sh; . z.sh");
    check("./a; ./b; bash c; bash d");
    check("f() { if a; then f; else f; fi; }; f");
    check("a='eval \"$a$a\"'; eval \"$a\"");
    check("while a; do while b; do while c; do while d; do e; done; done; done; done");
    check("trap 'trap \"x\" EXIT; f' EXIT");
}

#[test]
fn expansion_bombs() {
    check(&format!("a=xxxxxxxxxxxxxxxx\n{}", "a=$a$a\n".repeat(200)));
    check(&format!(
        "a=(1 2 3 4)\n{}",
        "a=(\"${a[@]}\" \"${a[@]}\")\n".repeat(60)
    ));
    check(&format!(
        "export a=xxxxxxxxxxxxxxxx\n{}",
        "export a=$a$a; pytest\n".repeat(3000)
    ));
    check(&format!("a={}", "{a,b}".repeat(200)));
    check(&format!("a {}", "{a,b}".repeat(200)));
    check(&format!("a {}", "{1..999}".repeat(20)));
    check(&format!(
        "a={}; b=${{a//a/$a}}; c=${{b//a*/$b}}; d=${{a##*x*x*x}}",
        "a".repeat(60_000)
    ));
    check(&format!(
        "{}pytest\n",
        "if [ $x ]; then a=1; else a=2; fi\n".repeat(3000)
    ));
    let many: String = (0..5000)
        .map(|it| format!("export V{it}={it}\npytest\n"))
        .collect();
    check(&many);
    check(&format!("cat <<E\n{}", "$(a) ".repeat(20_000)));
}

#[test]
fn long_flat_scripts() {
    check(&"a && ".repeat(20_000));
    check(&"a | ".repeat(20_000));
    check(&"\"".repeat(50_001));
    check(&"$(\n".repeat(30_000));
    check(&"'\n\"".repeat(30_001));
    check(&"((".repeat(30_000));
    check(&"<<E ".repeat(20_000));
    check(&"a <<E\n".repeat(20_000));
    check(&"case a in ".repeat(10_000));
    check(&"x[".repeat(50_000));
    check(&"a=".repeat(50_000));
    check(&"${a/".repeat(20_000));
    check(&"\\".repeat(50_001));
    check(&"é\\".repeat(20_000));
}

proptest! {
    #[test]
    fn any_text(script in "\\PC{0,80}") {
        assert_spans(&script, &evaluate(&script));
    }

    #[test]
    fn any_shell_like_text(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "a", "é", " ", "\n", ";", "&", "&&", "||", "|", "(", ")", "{", "}", "$", "\"", "'", "`", "\\", "$(", "${", "$((", "))",
                "<<", "E", "=", "[", "]", "[[ ", " ]]", "if ", "then ", "fi", "for ", "in ", "do ", "done", "case ", "esac", "export ",
                "#", "%", "/", ":", ":-", "@", "*", "?", "!", "~", "1", "-", "+", ",", "..", "a=1", "f() ", "eval ", "set -e", "\r\n",
                "echo ", ">> $GITHUB_ENV", "while ", "test ", "local ", "x", "$'", "\u{0}", "${{ ", "}}", "trap ", "<(", "unset ", "printf ",
            ]),
            0..30,
        )
    ) {
        let script = parts.concat();
        assert_spans(&script, &evaluate(&script));
    }
}
