//! Scripts in, tables of what they set and run out.

use expect_test::{Expect, expect};
use reprolens_shell as shell;
use shell::{AssignmentKind, Command, Context, Evaluation};
use text::fixture::Fixture;
use text::{LineIndex, Value, Workspace};

#[track_caller]
fn check(script: &str, expect: Expect) {
    check_in(script, &[], None, expect);
}

/// The first file of the fixture is the script, the others are what it can read.
#[track_caller]
fn check_in(fixture: &str, env: &[(&str, &str)], cwd: Option<&str>, expect: Expect) {
    let fixture = Fixture::parse(fixture);
    let script = &fixture.files[0].text;
    let env: Vec<(String, Value)> = env
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Value::printed(*value)))
        .collect();
    let read = |path: &str| {
        let path = path.trim_start_matches("./");
        Some((fixture.read(path)?.to_string(), path.to_owned()))
    };
    let ctx = Context {
        env: &env,
        arguments: &["one".to_owned(), "two words".to_owned()],
        cwd,
        read: &read,
    };
    expect.assert_eq(&render(&fixture, &shell::evaluate(script, &ctx)));
}

fn render(fixture: &Fixture, evaluation: &Evaluation) -> String {
    let mut out = String::new();
    let place = |path: &str, offset: usize| {
        let text = match path {
            "" => &fixture.files[0].text,
            path => &fixture.file(path).text,
        };
        let line = LineIndex::new(text).line_of(offset) + 1;
        if path.is_empty() {
            line.to_string()
        } else {
            format!("{path}:{line}")
        }
    };
    for it in &evaluation.assignments {
        let kind = match it.kind {
            AssignmentKind::Export => "export ",
            AssignmentKind::Plain if it.exported => "exported ",
            AssignmentKind::Plain => "",
            AssignmentKind::Unset => "unset ",
            AssignmentKind::GithubEnv => "github-env ",
        };
        let marks = [
            (it.conditional, " (conditional)"),
            (it.overridable, " (overridable)"),
        ];
        let marks: String = marks.iter().filter(|it| it.0).map(|it| it.1).collect();
        out += &format!(
            "{}: {kind}{}={}{marks}\n",
            place(&it.path, it.span.start),
            it.name,
            value(&it.value)
        );
    }
    for it in &evaluation.commands {
        out += &format!("{}: $ {}\n", place(&it.path, it.span.start), command(it));
    }
    for it in &evaluation.problems {
        out += &format!(
            "{}: problem: {}\n",
            place(&it.path, it.span.start),
            it.message
        );
    }
    out
}

fn command(command: &Command) -> String {
    let words: Vec<String> = command
        .argv
        .iter()
        .map(|word| match word {
            shell::Word::Known(text) if !text.is_empty() && !text.contains([' ', '\n', '"']) => {
                text.clone()
            }
            shell::Word::Known(text) => format!("{text:?}"),
            shell::Word::Unresolved(text) => format!("<{text}>"),
        })
        .collect();
    let env: Vec<String> = command
        .environment
        .iter()
        .map(|(name, it)| format!("{name}={}", value(it)))
        .collect();
    let mut out = words.join(" ");
    if !env.is_empty() {
        out += &format!("  [{}]", env.join(", "));
    }
    if let Some(cwd) = &command.cwd {
        out += &format!(" in {cwd}");
    }
    if command.conditional {
        out += " (conditional)";
    }
    out
}

fn value(value: &Value) -> String {
    match value {
        Value::Known(text) => format!("{text:?}"),
        Value::Masked(text) => format!("masked {text:?}"),
        Value::Unresolved(text) => format!("<{text}>"),
    }
}

#[test]
fn exports() {
    check(
        r#"
export A=1 B="x $A" C
declare -x D='it'\''s'
E=2
typeset -x E
export -n A
pytest -m "not slow" tests
"#,
        expect![[r#"
            1: export A="1"
            1: export B=<"x $A">
            2: export D="it's"
            3: E="2"
            4: export E="2"
            6: $ pytest -m "not slow" tests  [B=<"x $A">, D="it's", E="2"]
        "#]],
    );
}

#[test]
fn plain_assignments_before_a_command_on_the_next_line() {
    check(
        "A=1 B=2\nC=3\npytest\n",
        expect![[r#"
        1: A="1"
        1: B="2"
        2: C="3"
        3: $ pytest
    "#]],
    );
}

#[test]
fn inline_and_env() {
    check(
        "export X=0 Z=9\nX=1 Y=\"a b\" pytest -x\nenv -u Z Y=2 pytest\nenv -i Q=1 pytest\n",
        expect![[r#"
            1: export X="0"
            1: export Z="9"
            2: $ pytest -x  [X="1", Z="9", Y="a b"]
            3: $ env -u Z Y=2 pytest  [X="0", Y="2"]
            4: $ env -i Q=1 pytest  [Q="1"]
        "#]],
    );
}

#[test]
fn set_a() {
    check(
        "set -a\nA=1\n. ./x.env\nset +a\nB=2\npytest",
        expect![[r#"
        2: export A="1"
        5: B="2"
        1: $ set -a
        3: $ . ./x.env  [A="1"]
        4: $ set +a  [A="1"]
        6: $ pytest  [A="1"]
    "#]],
    );
}

#[test]
fn github_env() {
    check(
        r#"
echo "X=1" >> "$GITHUB_ENV"
echo "Y=$(date)" >> $GITHUB_ENV
cat <<EOF >> $GITHUB_ENV
K=v
L=$A
EOF
{
  echo 'M<<END'
  echo "one"
  echo "two"
  echo END
} >> $GITHUB_ENV
echo Z=3 | tee -a $GITHUB_ENV
printf '%s=%s\n' P q R s >> "${GITHUB_ENV}"
"#,
        expect![[r#"
            1: github-env X="1"
            2: github-env Y=<$(date)>
            4: github-env K="v"
            5: github-env L=<$A>
            8: github-env M="one\ntwo"
            13: github-env Z="3"
            1: $ echo X=1
            2: $ date
            2: $ echo <"Y=$(date)">
            3: $ cat
            8: $ echo M<<END
            9: $ echo one
            10: $ echo two
            11: $ echo END
            13: $ echo Z=3
            13: $ tee -a <$GITHUB_ENV>
            14: $ printf %s=%s\n P q R s
        "#]],
    );
}

#[test]
fn defaults() {
    check_in(
        r#"
export A=${A:-a}
export B="${B:-b}"
: "${C:=c}"
export C
export D=${E:-e}
export P=$P:src
export PATH=$PATH:bin
export F=$G/x
pytest ${OPTS:-} "${OPTS:-}" $NOTHING
"#,
        &[("B", "given")],
        None,
        expect![[r#"
            1: export A="a" (overridable)
            2: export B="given" (overridable)
            3: C="c" (overridable)
            4: export C="c" (overridable)
            5: export D="e"
            6: export P=":src"
            7: export PATH=<$PATH:bin>
            8: export F=<$G/x>
            9: $ pytest "" <$NOTHING>  [B="given", A="a", C="c", D="e", P=":src", PATH=<$PATH:bin>, F=<$G/x>]
        "#]],
    );
}

#[test]
fn masked_stays_masked() {
    check_in(
        "export T=***\nexport U=https://$S@x\npytest --t=$T\n",
        &[("S", "***")],
        None,
        expect![[r#"
            1: export T=masked "***"
            2: export U=masked "https://***@x"
            3: $ pytest --t=***  [S=masked "***", T=masked "***", U=masked "https://***@x"]
        "#]],
    );
}

#[test]
fn functions_sources_and_loops() {
    check(
        r#"
//- run.sh
source lib.sh && run_a-b.c_tests wormhole
for size in 1b 3b; do
  DIR=$size pytest demo.py
done
//- lib.sh
run_a-b.c_tests() {
  local arch=$1
  ARCH=$arch pytest tests/"$arch" "$@" ; fail+=$?
}
"#,
        expect![[r#"
            lib.sh:2: arch="wormhole"
            lib.sh:3: fail=<$?>
            1: $ source lib.sh
            lib.sh:3: $ pytest tests/wormhole wormhole  [ARCH="wormhole"]
            3: $ pytest demo.py  [DIR="1b"]
            3: $ pytest demo.py  [DIR="3b"]
        "#]],
    );
}

#[test]
fn branches() {
    check_in(
        r#"
if [ "$A" = 1 ]; then export X=yes; else export X=no; fi
if [ -z "$MISSING" ]; then export Y=1; fi
if [ -f x ]; then export Z=1; else export Z=2; fi
case "$A" in
  1|2) export C=low ;;
  *) export C=high ;;
esac
[[ $A == [0-9] && -n "$A" ]] && export D=digit
make build && pytest
true || export NEVER=1
[ -d venv ] || exit 1
pytest again
"#,
        &[("A", "1")],
        None,
        expect![[r#"
            1: export X="yes"
            2: export Y="1" (conditional)
            3: export Z="1" (conditional)
            3: export Z="2" (conditional)
            5: export C="low"
            8: export D="digit"
            9: $ make build  [A="1", X="yes", Y=<1 or unset>, Z=<1 or 2>, C="low", D="digit"]
            9: $ pytest  [A="1", X="yes", Y=<1 or unset>, Z=<1 or 2>, C="low", D="digit"]
            11: $ exit 1  [A="1", X="yes", Y=<1 or unset>, Z=<1 or 2>, C="low", D="digit"] (conditional)
            12: $ pytest again  [A="1", X="yes", Y=<1 or unset>, Z=<1 or 2>, C="low", D="digit"]
        "#]],
    );
}

#[test]
fn arrays() {
    check(
        r#"
args=(-x -v "a b")
args+=(--foo)
pytest "${args[@]}" ${#args[@]} ${args[1]}
if [ -n "$CI" ]; then args+=(--ci); fi
pytest "${args[@]}"
flags="-q -s"
pytest $flags "$flags" "$@" $#
"#,
        expect![[r#"
            6: flags="-q -s"
            3: $ pytest -x -v "a b" --foo 4 -v
            5: $ pytest -x -v "a b" --foo <--ci>
            7: $ pytest -q -s "-q -s" one "two words" 2
        "#]],
    );
}

#[test]
fn directories() {
    check_in(
        r#"
cd tests
export R=$(pwd) S="$PWD/x" T=$(dirname "$PWD") U=$(cd .. && pwd)
( cd sub; pytest )
pushd ../a; pytest; popd
cd "$UNKNOWN"
cd sub
pytest
"#,
        &[],
        Some("/repo"),
        expect![[r#"
            2: export R="/repo/tests"
            2: export S="/repo/tests/x"
            2: export T="/repo"
            2: export U="/repo"
            1: $ cd tests in /repo
            3: $ cd sub  [R="/repo/tests", S="/repo/tests/x", T="/repo", U="/repo"] in /repo/tests
            3: $ pytest  [R="/repo/tests", S="/repo/tests/x", T="/repo", U="/repo"] in /repo/tests/sub
            4: $ pushd ../a  [R="/repo/tests", S="/repo/tests/x", T="/repo", U="/repo"] in /repo/tests
            4: $ pytest  [R="/repo/tests", S="/repo/tests/x", T="/repo", U="/repo"] in /repo/a
            4: $ popd  [R="/repo/tests", S="/repo/tests/x", T="/repo", U="/repo"] in /repo/a
            5: $ cd <"$UNKNOWN">  [R="/repo/tests", S="/repo/tests/x", T="/repo", U="/repo"] in /repo/tests
            6: $ cd sub  [R="/repo/tests", S="/repo/tests/x", T="/repo", U="/repo"]
            7: $ pytest  [R="/repo/tests", S="/repo/tests/x", T="/repo", U="/repo"]
        "#]],
    );
}

#[test]
fn quoting_and_expansion() {
    check(
        r#"
export A=$'a\tb\u00e9' B="\$x \\ \q" C=a\ b D='' E=$((1 + 2 * 3)) F=${A%%b*}
V=path/to/file.tar.gz
export G=${V##*/} H=${V%.*} I=${V/to/from} J=${#V} K=${V:0:4} L=${V^^}
pytest {a,b}/{1..2}.py tests/*.py "*" x[1]
"#,
        expect![[r#"
            1: export A="a\tbé"
            1: export B="$x \\ \\q"
            1: export C="a b"
            1: export D=""
            1: export E="7"
            1: export F=<${A%%b*}>
            2: V="path/to/file.tar.gz"
            3: export G="file.tar.gz"
            3: export H="path/to/file.tar"
            3: export I="path/from/file.tar.gz"
            3: export J="19"
            3: export K="path"
            3: export L="PATH/TO/FILE.TAR.GZ"
            4: $ pytest a/1.py a/2.py b/1.py b/2.py <tests/*.py> * x[1]  [A="a\tbé", B="$x \\ \\q", C="a b", D="", E="7", F=<${A%%b*}>, G="file.tar.gz", H="path/to/file.tar", I="path/from/file.tar.gz", J="19", K="path", L="PATH/TO/FILE.TAR.GZ"]
        "#]],
    );
}

#[test]
fn nested_shells() {
    check(
        r#"
//- x
bash -c 'X=1 pytest -x'
eval "pytest -q"
timeout 5 bash -ec "pytest -v" || true
./run.sh a
//- run.sh
export IN=1
pytest "$1"
"#,
        expect![[r#"
            run.sh:1: export IN="1"
            1: $ bash -c "X=1 pytest -x"
            1: $ pytest -x  [X="1"]
            2: $ pytest -q
            3: $ timeout 5 bash -ec "pytest -v"
            3: $ pytest -v
            4: $ ./run.sh a
            run.sh:2: $ pytest a  [IN="1"]
        "#]],
    );
}

#[test]
fn a_condition_without_its_end() {
    check(
        "if a; then\nexport A=1\n",
        expect![[r#"
        2: export A="1" (conditional)
        1: $ a
        3: problem: `fi` is missing here
    "#]],
    );
}

#[test]
fn a_quote_without_its_end() {
    check(
        "export A=\"x\nexport B=2\n",
        expect![[r#"
        1: export A="x"
        2: export B="2"
        1: problem: a quote or an expansion that is not closed
    "#]],
    );
}

#[test]
fn closers_without_openers() {
    check(
        "fi\n)\nexport A=1\n;; pytest\n",
        expect![[r#"
        3: export A="1"
        4: $ pytest  [A="1"]
        1: problem: this closes nothing, so it is left out
        2: problem: this closes nothing, so it is left out
        4: problem: this closes nothing, so it is left out
    "#]],
    );
}

#[test]
fn ci_expressions() {
    check(
        "pytest ${{ matrix.x }} --y=${{ a && 'b c' }}\nexport A=${{ env.B }}",
        expect![[r#"
            2: export A=<${{ env.B }}>
            1: $ pytest <${{ matrix.x }}> <--y=${{ a && 'b c' }}>
        "#]],
    );
}

#[test]
fn a_script_that_sources_itself() {
    check(
        "\n//- a.sh\n. b.sh\npytest\n//- b.sh\n. b.sh\nexport A=1\n",
        expect![[r#"
            b.sh:2: export A="1"
            1: $ . b.sh
            b.sh:1: $ . b.sh
            2: $ pytest  [A="1"]
            b.sh:1: problem: `b.sh` reads itself, so it is not followed again
        "#]],
    );
}

/// What a script writes into a file and runs from there.
#[test]
fn written_and_run() {
    check(
        r#"
SCRIPT='export A=1
pytest tests'
script=$(mktemp)
printf '%s\n' "$SCRIPT" > "$script"
bash -eo pipefail "$script" 2>&1 | tee -a log.txt
cat > run.sh <<END
B=2 pytest $1
END
echo 'pytest last' >> run.sh
chmod +x run.sh
./run.sh
echo 'export C=3' >> env.sh
source env.sh
"#,
        expect![[r#"
            1: SCRIPT="export A=1\npytest tests"
            3: script=<$(mktemp)>
            4: export A="1"
            12: export C="3"
            3: $ mktemp
            4: $ printf %s\n "export A=1\npytest tests"
            5: $ bash -eo pipefail <"$script">
            4: $ pytest tests  [A="1"]
            5: $ tee -a log.txt
            6: $ cat
            9: $ echo "pytest last"
            10: $ chmod +x run.sh
            11: $ ./run.sh
            9: $ pytest one  [B="2"]
            9: $ pytest last
            12: $ echo "export C=3"
            13: $ source env.sh
        "#]],
    );
}

/// The same expression, another file: what it holds is not known any more.
#[test]
fn written_to_an_unknown_place_twice() {
    check(
        r#"
echo 'pytest one' > "$(mktemp)"
echo 'pytest two' > "$(mktemp)"
bash "$(mktemp)"
if unknown; then echo 'pytest three' > maybe.sh; fi
bash maybe.sh
"#,
        expect![[r#"
            1: $ echo "pytest one"
            1: $ mktemp
            2: $ echo "pytest two"
            2: $ mktemp
            3: $ mktemp
            3: $ bash <"$(mktemp)">
            4: $ unknown
            4: $ echo "pytest three" (conditional)
            5: $ bash maybe.sh
        "#]],
    );
}

#[test]
fn unset_of_a_function_leaves_the_variable() {
    check(
        "export A=1\nunset -f A\npytest",
        expect![[r#"
            1: export A="1"
            3: $ pytest  [A="1"]
        "#]],
    );
}

#[test]
fn containers_get_what_they_are_given() {
    check_in(
        "//- script\nexport A=1 B=2\ndocker run -e A --env=C=3 -e \"D=4\" --env-file ci.env image pytest x\nuv run --env-file=ci.env pytest x\nenv $(cat f) pytest x\n//- ci.env\n# CI\nE=5\nexport F='6'\n",
        &[],
        None,
        expect![[r#"
            1: export A="1"
            1: export B="2"
            2: $ docker run -e A --env=C=3 -e D=4 --env-file ci.env image pytest x  [A="1", C="3", D="4", E="5", F="'6'"]
            3: $ uv run --env-file=ci.env pytest x  [A="1", B="2", E="5", F="6"]
            4: $ env <$(cat f)> pytest x  [A="1", B="2"]
        "#]],
    );
}
