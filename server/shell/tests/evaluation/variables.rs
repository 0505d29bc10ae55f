//! Variables: how they are set, exported, masked and unset.

use expect_test::expect;

use super::{check, check_in};

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
fn unset_of_a_function_leaves_the_variable() {
    check(
        "export A=1\nunset -f A\npytest",
        expect![[r#"
            1: export A="1"
            3: $ pytest  [A="1"]
        "#]],
    );
}
