//! What runs, where, and whether for sure: functions, branches, loops, other scripts, shells in shells, containers.

use expect_test::expect;

use super::{check, check_in};

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
