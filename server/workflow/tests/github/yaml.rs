//! YAML as GitHub reads it.

use expect_test::expect;

use crate::table::check;

/// Anchors, aliases and merge keys.
#[test]
fn anchors_and_merge_keys() {
    check(
        r#"
//- .github/workflows/ci.yml
x-env: &env
  A: 1
  B: 2
on: push
jobs:
  test:
    env:
      <<: *env
      B: 3
    runs-on: ubuntu-latest
    steps:
      - &run
        run: pytest tests
//- log
Complete job name: test
> pytest tests
| A: 1
| B: 3
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            A=1  # job-env .github/workflows/ci.yml:2
            B=3  # job-env .github/workflows/ci.yml:9
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
        "#]],
    );
}

/// Block scalars keep or fold their lines.
#[test]
fn block_scalars() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    container:
      image: x
      env:
        FOLDED: >-
          one
          two
        LITERAL: |
          one
          two
        QUOTED: "a\tb"
        COLON: 'a: b' # comment
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
//- log
Complete job name: test
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            COLON=a: b  # container .github/workflows/ci.yml:14
            FOLDED=one two  # container .github/workflows/ci.yml:7
            LITERAL=one
            two
              # container .github/workflows/ci.yml:10
            QUOTED=a	b  # container .github/workflows/ci.yml:13
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
            ! container: image x
        "#]],
    );
}
