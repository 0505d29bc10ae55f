//! Which leg of a matrix a log is of.

use expect_test::expect;

use crate::table::check;

/// A leg without a name of its own: all its values, in order.
#[test]
fn default_leg_name() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    strategy:
      matrix:
        os: [ubuntu-latest, macos-latest]
        python: ['3.10', '3.11']
    runs-on: ${{ matrix.os }}
    env:
      PY: ${{ matrix.python }}
    steps:
      - run: pytest tests
//- log
Complete job name: test (ubuntu-latest, 3.11)
> pytest tests
| PY: 3.11
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            PY=3.11  # job-env .github/workflows/ci.yml:10
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
        "#]],
    );
}

/// The matrix value that the name does not show is solved for through the printed environment.
#[test]
fn leg_by_environment() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    name: tests
    strategy:
      matrix:
        seed: [1, 2, 3]
    env:
      SEED: ${{ matrix.seed }}
    container:
      image: python:3
      env:
        C_SEED: c${{ matrix.seed }}
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
//- log
Complete job name: tests
> pytest tests
| SEED: 2
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            C_SEED=c2  # container .github/workflows/ci.yml:13
            SEED=2  # job-env .github/workflows/ci.yml:9
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
            ! container: image python:3
        "#]],
    );
}

/// Where nothing tells the legs apart, what they differ in is not known.
#[test]
fn legs_that_cannot_be_told_apart() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    name: tests
    strategy:
      matrix:
        seed: [1, 2]
        mode: [fast]
    container:
      image: python:3
      env:
        SEED: ${{ matrix.seed }}
        MODE: ${{ matrix.mode }}
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
//- log
Complete job name: tests
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            MODE=fast  # container .github/workflows/ci.yml:13
            SEED=?${{ matrix.seed }}  # container .github/workflows/ci.yml:12
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
            ! container: image python:3
        "#]],
    );
}

/// `include` adds keys to legs that it fits, and legs of its own.
#[test]
fn matrix_include() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    strategy:
      matrix:
        py: ['3.10', '3.11']
        include:
          - py: '3.11'
            extra: slow
          - py: '3.13'
            extra: new
    container:
      image: python:3
      env:
        EXTRA: ${{ matrix.extra }}
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
//- log
Complete job name: test (3.13, new)
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            EXTRA=new  # container .github/workflows/ci.yml:15
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
            ! container: image python:3
        "#]],
    );
}

/// `include` over an existing leg.
#[test]
fn matrix_include_extends() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    strategy:
      matrix:
        py: ['3.10', '3.11']
        include:
          - py: '3.11'
            extra: slow
    container:
      image: python:3
      env:
        EXTRA: x${{ matrix.extra }}
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
//- log
Complete job name: test (3.11, slow)
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            EXTRA=xslow  # container .github/workflows/ci.yml:13
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
            ! container: image python:3
        "#]],
    );
}

/// `exclude` takes legs out.
#[test]
fn matrix_exclude() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    name: unit ${{ matrix.a }}
    strategy:
      matrix:
        a: [1, 2]
        b: [x, y]
        exclude:
          - {a: 2, b: x}
    container:
      image: python:3
      env:
        B: ${{ matrix.b }}
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
//- log
Complete job name: unit 2
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            B=y  # container .github/workflows/ci.yml:14
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
            ! container: image python:3
        "#]],
    );
}

/// Objects of a matrix: their leaves stand in the name.
#[test]
fn matrix_of_objects() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    strategy:
      matrix:
        platform:
          - {arch: wormhole, card: N150}
          - {arch: blackhole, card: P150}
    runs-on: [self-hosted, '${{ matrix.platform.card }}']
    container:
      image: python:3
      env:
        ARCH: ${{ matrix.platform.arch }}
    steps:
      - run: pytest tests
//- log
Complete job name: test (blackhole, P150)
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            ARCH=blackhole  # container .github/workflows/ci.yml:13
            label self-hosted
            label P150
            $ pytest tests  # in /home/runner/work/r/r, log:2
            ! hardware: runner label P150
            ! container: image python:3
        "#]],
    );
}

/// A matrix in JSON text.
#[test]
fn matrix_from_json_text() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    strategy:
      matrix:
        v: ${{ fromJSON('["a","b"]') }}
    container:
      image: python:3
      env:
        V: ${{ matrix.v }}
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
//- log
Complete job name: test (b)
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            V=b  # container .github/workflows/ci.yml:10
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
            ! container: image python:3
        "#]],
    );
}

/// A matrix that another job computes is not known; what the log prints is.
#[test]
fn matrix_of_another_job() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    strategy:
      matrix:
        v: ${{ fromJSON(needs.list.outputs.v) }}
    env:
      V: ${{ matrix.v }}
    container:
      image: python:3
      env:
        HIDDEN: ${{ matrix.v }}
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
//- log
Complete job name: test (b)
> pytest tests
| V: b
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            HIDDEN=?${{ fromJSON(needs.list.outputs.v) }}  # container .github/workflows/ci.yml:12
            V=b  # log-env-block log:6, over ${{ fromJSON(needs.list.outputs.v) }} of job-env
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
            ! container: image python:3
        "#]],
    );
}
