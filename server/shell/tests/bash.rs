//! Literal scripts, run by a real bash: what a child sees must be what evaluation says.

use std::process::{Command, Stdio};

use proptest::prelude::*;
use reprolens_shell as shell;
use shell::{Context, Word};
use text::Value;

/// What a child of the script's last line gets: its arguments, and its environment, sorted. `None` without bash.
#[expect(
    clippy::disallowed_methods,
    reason = "the reference is the real program"
)]
fn bash(script: &str) -> Option<(Vec<String>, Vec<String>)> {
    // `probe` is a function for bash and an unknown program for evaluation.
    let probe =
        "probe() { command printf '%s\\0' \"$@\"; command printf '\\1'; /usr/bin/env -0; exit; }\n";
    let output = Command::new("bash")
        .args(["--noprofile", "--norc", "-c", &format!("{probe}{script}")])
        .env_clear()
        .env("LC_ALL", "C.UTF-8")
        .current_dir("/")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (arguments, environment) = text.split_once('\u{1}')?;
    let list =
        |text: &str| -> Vec<String> { text.split_terminator('\0').map(str::to_owned).collect() };
    let own = ["PWD", "OLDPWD", "SHLVL", "_", "LC_ALL"];
    let mut environment = list(environment);
    environment.retain(|it| !own.iter().any(|name| it.split('=').next() == Some(name)));
    environment.sort();
    let mut arguments = list(arguments);
    // printf without arguments still prints one empty field.
    if arguments == [""] {
        arguments.clear();
    }
    Some((arguments, environment))
}

fn ours(script: &str) -> Option<(Vec<String>, Vec<String>)> {
    let ctx = Context {
        env: &[],
        arguments: &[],
        cwd: Some("/"),
        read: &|_| None,
    };
    let evaluation = shell::evaluate(script, &ctx);
    let command = evaluation
        .commands
        .iter()
        .find(|it| it.argv.first() == Some(&Word::Known("probe".to_owned())))?;
    let mut environment = Vec::new();
    for (name, value) in command.environment.iter() {
        match value {
            Value::Known(value) | Value::Masked(value) => {
                environment.push(format!("{name}={value}"));
            }
            Value::Unresolved(_) => return None,
        }
    }
    environment.sort();
    let mut arguments = Vec::new();
    for word in &command.argv[1..] {
        match word {
            Word::Known(word) => arguments.push(word.clone()),
            Word::Unresolved(_) => return None,
        }
    }
    if arguments == [""] {
        arguments.clear();
    }
    Some((arguments, environment))
}

/// What differs, if something does.
fn check(script: &str) -> Option<String> {
    let Some(theirs) = bash(script) else {
        return Some(format!("bash does not reach the probe in\n{script}\n"));
    };
    let ours = ours(script);
    (ours.as_ref() != Some(&theirs))
        .then(|| format!("{script}\nbash: {theirs:?}\nours: {ours:?}\n"))
}

#[test]
fn scripts_that_people_write() {
    let differences: Vec<String> = [
        "export A=1 B=\"x $A\"; C=2\nD=3 probe \"$C\" $A",
        "A=1 B=2\nC=3\nprobe $A$B$C",
        "set -a; A=1; set +a; B=2; probe",
        "export A='it'\\''s' B=$'a\\tb\\'' C=\"a\\\"b\\$c\\d\"; probe",
        "args=(-x \"a b\" ''); args+=(c); probe \"${args[@]}\" ${#args[@]} \"${args[*]}\" ${args[1]} \"${args[@]:1:2}\"",
        "f() { local A=$1; export A; probe \"$@\" $#; }; f \"x y\" z",
        "export A=1; f() { local A=2; B=$A; }; f; probe $A $B",
        "for i in a 'b c' d; do x=\"$x$i,\"; done; probe \"$x\"",
        "i=0; while [ $i -lt 3 ]; do i=$((i+1)); y+=$i; done; probe $y",
        "for ((i=0; i<4; i++)); do if [[ $i == 2 ]]; then continue; fi; y+=$i; done; probe $y",
        "case abc in x*) a=1;; a*c) a=2;; *) a=3;; esac; probe $a",
        "if [ 1 = 2 ] || ! [ -z '' ]; then a=1; elif [[ abc == a?c && 3 -gt 2 ]]; then a=2; fi; probe $a",
        "probe {a,b{1..3},c} {x} {1..3}{a,b} {3..1} a{,b}",
        "a=path/to/f.tar.gz; probe ${a##*/} ${a#*/} ${a%.*} ${a%%.*} ${a/t/T} ${a//t/T} ${#a} ${a:2} ${a:0:4} ${a: -2} ${a^^} ${a^}",
        "a=; probe \"${a:-b}\" \"${a-b}\" \"${a:+c}\" \"${a+c}\" ${a:=d} $a",
        "unset q; a=1; probe ${a:+\"x y\"} ${a:+x y} \"${a:+x y}\" \"${a:-\"q r\"}\"",
        "x=$(echo a b; echo c); probe \"$x\" $x `echo hi`",
        "x=$(cat <<E\nq $((1+1))\nE\n); probe \"$x\"",
        "probe $(( 2 * (3 + 4) % 5 )) $((0x1f)) $((1 ? 2 : 3)) $((5/2)) $((1<<3)) $((!0)) $((3 > 2 && 1))",
        "true && a=1; false && b=1; false || c=1; ! true || d=1; probe \"$a\" \"$b\" \"$c\" \"$d\"",
        "(a=1; export b=2); { c=3; }; probe \"$a\" \"$b\" \"$c\"",
        "set -- 1 '2 3' 4; shift; probe \"$@\" \"$*\" $#",
        "a='1 2  3'; probe $a \"$a\" x$a'y'",
        "IFS=,; a='1,2,,3'; probe $a",
        "IFS=' ,'; a=' 1 , 2,,3 '; probe $a x$a",
        "IFS=; a='1 2'; b=; probe $a $b",
        "export A=1; unset A; probe; ",
        "a=x; b=a; probe ${!b}",
        "true x \\\n  y; export A=a\\\nb; probe a\\\nb",
        "export A=1 # no\n#probe x\nprobe a#b",
        "cd /tmp && export A=$PWD B=$(pwd); cd ..; probe $(pwd) $(dirname /a/b/c) $(basename /a/b.c .c)",
        "f() { return 1; }; f || a=1; f && b=1; probe \"$a\" \"$b\"",
        "printf -v x y; a=$(printf '%s-%s\\n' a b); probe \"$a\"",
        "A=1 eval 'probe x'",
        "eval \"export A='b c'\"; probe",
        "readonly R=1; declare -i n; typeset -x T=2; declare -x U; probe $R",
        "a=~x; probe \"~\" '~/x' a~",
        "[[ -n x && ( a == b || c == c ) ]] && a=1; [[ ! x ]] || b=2; probe $a $b",
        "select_=1; if true; then\n  # note\n  export A=1\nfi\nprobe",
        "export A=$'line\nnext' B=\"two\nlines\"; probe \"$A\"",
        "x=1; x+=2; export x+=3; probe $x",
        "false; probe $?",
        "true | false; probe $? ${PIPESTATUS[0]}",
        "set -o pipefail; false | true; probe $?",
        "until [ \"$n\" = xxx ]; do n=x$n; done; probe $n",
        "while true; do a=1$a; [ $a = 111 ] && break; done; probe $a",
        "f() { for a in 1 2 3; do [ $a = 2 ] && return 5; done; }; f; probe $? $a",
        "a=(1 2 3); a[1]=x; probe ${a[@]} ${a[-1]}",
        "probe a=b -k 'x or y' --opt=\"v w\" tests/a.py::t[1-2]",
        "case x in (x) a=1;& y) b=2;; esac; probe $a$b",
        "function g { probe \"$1\"; }; g 'q'",
        "cat <<'E' >/dev/null\n$x `y`\nE\nprobe ok",
        "if ! false; then a=1; fi; ((a==1)) && b=1; let c=4+1; probe $a$b$c",
        "a=1; { a=2; } ; ( a=3 ); a=4 :; probe $a",
        "trap 'x' EXIT; trap - EXIT; probe t",
        "x='a*b'; probe \"$x\" '*' \"?\"",
    ]
    .into_iter()
    .map(|script| format!("unset A a b c d n\n{script}"))
    .filter_map(|script| check(&script))
    .collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever evaluation says to know is what bash does.
    #[test]
    fn known_is_true(
        lines in prop::collection::vec(
            prop::sample::select(vec![
                "export A=1", "A=2", "export B=\"$A x\"", "B+=y", "export C=${A:-d}", "C=${B:+e}", "unset A", "A='q w'",
                "export D=$((1+2))", "D=$(echo $A $B)", "if [ \"$A\" = 2 ]; then export E=1; else E=2; fi", "export E", "export -n B",
                "f() { local A=l; export F=$A$1; }", "f z", "f \"$B\"", "for i in $A $B; do G=$G$i; done", "set -a", "set +a",
                "[[ $A == q* ]] && H=1 || H=2", "( A=sub; export Z=1 )", "{ A=group; }", "A=3 B=4", "x=(a \"$A\" c)", "export X=\"${x[*]}\"",
                "X=${x[1]}${#x[@]}", "case $A in 1|2) K=low;; *) K=other;; esac", "set -- $A \"$B\"", "shift", "export N=$#",
                "true && M=1", "false || M=2", "A=${A%?}", "A=${A#q}", "export A", "cat <<E >/dev/null\n$A\nE", "A=$'\\x41'\"$A\"", "B=${B/x/$A}",
            ]),
            0..12,
        )
    ) {
        let script = format!("{}\nprobe $A \"$B\" ${{x[@]}} \"$@\" $G $H $K $M\n", lines.join("\n"));
        if let (Some(theirs), Some(ours)) = (bash(&script), ours(&script)) {
            prop_assert_eq!(ours, theirs, "{}", script);
        }
    }
}
