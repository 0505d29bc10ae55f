//! The pytest command and what its script sets: one fixture a rule.

mod table;

use expect_test::expect;
use table::check;

/// The first of several commands fails, and ends the script.
#[test]
fn first_of_several() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: |
          A=1 pytest tests
          B=2 pytest more
//- log
Complete job name: test
> A=1 pytest tests
> B=2 pytest more
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            A=1  # inline log:3
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
        "#]],
    );
}

/// The second one fails.
#[test]
fn second_of_several() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: |
          A=1 pytest tests/a
          B=2 pytest tests/b
//- log
Complete job name: test
> A=1 pytest tests/a
> B=2 pytest tests/b
P tests/a/test_x.py
F tests/b/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            B=2  # inline log:4
            label ubuntu-latest
            $ pytest tests/b  # in /home/runner/work/r/r, log:2
        "#]],
    );
}

/// Paths before order.
#[test]
fn paths_decide() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: |
          A=1 pytest unit
          B=2 pytest integration
//- log
Complete job name: test
> A=1 pytest unit
> B=2 pytest integration
F integration/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            B=2  # inline log:2
            label ubuntu-latest
            $ pytest integration  # in /home/runner/work/r/r, log:2
        "#]],
    );
}

/// A trace tells the very words.
#[test]
fn trace_decides() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: |
          set -x
          for k in a b; do pytest -k $k tests; done
//- log
Complete job name: test
> set -x
> for k in a b; do pytest -k $k tests; done
+ pytest -k b tests
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            label ubuntu-latest
            $ pytest -k b tests  # in /home/runner/work/r/r, log:2
        "#]],
    );
}

/// A loop over known values.
#[test]
fn loop_over_known_values() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: |
          for arch in wh bh; do
            ARCH=$arch pytest tests/$arch
          done
//- log
Complete job name: test
> for arch in wh bh; do
>   ARCH=$arch pytest tests/$arch
> done
P tests/wh/test_a.py
F tests/bh/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            ARCH=bh  # inline log:4
            label ubuntu-latest
            $ pytest tests/bh  # in /home/runner/work/r/r, log:2
        "#]],
    );
}

/// Exports, an unset, and a name that was never exported.
#[test]
fn exports_and_unset() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: |
          export A=1 B=2
          unset B
          C=3
          set -a
          D=4
          set +a
          pytest tests
//- log
Complete job name: test
> export A=1 B=2
> unset B
> C=3
> set -a
> D=4
> set +a
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            A=1  # export log:3
            D=4  # export log:7
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
        "#]],
    );
}

/// What depends on the machine is not known.
#[test]
fn unknown_values() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: |
          export WHEN=$(date +%s)
          export ROOT=${SOME_ROOT}/x
          export OK=${NOT_SET:-default}
          pytest tests
//- log
Complete job name: test
> export WHEN=$(date +%s)
> export ROOT=${SOME_ROOT}/x
> export OK=${NOT_SET:-default}
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            OK=default  # export log:5
            ROOT=?${SOME_ROOT}/x  # export log:4
            WHEN=?$(date +%s)  # export log:3
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
        "#]],
    );
}

/// Virtual environments.
#[test]
fn activation() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: |
          source .venv/bin/activate
          pytest tests
//- log
Complete job name: test
> source .venv/bin/activate
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
            activates .venv/bin/activate
        "#]],
    );
}

/// Another folder.
#[test]
fn cd() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: |
          cd python
          pytest tests
//- log
Complete job name: test
> cd python
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r/python, log:2
        "#]],
    );
}

/// A script that is called sees exports.
#[test]
fn called_script() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: |
          export A=1
          ./ci/test.sh fast
//- ci/test.sh
#!/bin/bash
export MODE=$1
B=$A-b python -m pytest tests
//- log
Complete job name: test
> export A=1
> ./ci/test.sh fast
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            A=1  # export log:3
            B=1-b  # inline ci/test.sh:3
            MODE=fast  # export ci/test.sh:2
            label ubuntu-latest
            $ python -m pytest tests  # in /home/runner/work/r/r, ci/test.sh:3
        "#]],
    );
}
