//! GitHub jobs: one fixture a rule, a log in short form and the workspace's files.

mod table;

use expect_test::expect;
use table::check;

/// Step over job over workflow; what a layer replaced is kept.
#[test]
fn the_nearest_layer_wins() {
    check(
        r#"
//- .github/workflows/ci.yml
env:
  A: workflow
  B: workflow
  C: workflow
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    env:
      B: job
      C: job
    steps:
      - run: pytest tests
        env:
          C: step
//- log
Complete job name: test
> pytest tests
| A: workflow
| B: job
| C: step
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            A=workflow  # workflow-env .github/workflows/ci.yml:2
            B=job  # job-env .github/workflows/ci.yml:10, over workflow of workflow-env
            C=step  # step-env .github/workflows/ci.yml:15, over job of job-env, over workflow of workflow-env
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
        "#]],
    );
}

/// A number, a flag and nothing become texts as GitHub prints them.
#[test]
fn scalars_become_texts() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    env:
      V: 3.10
      Q: '3.10'
      FLAG: True
      NOTHING:
      YES: yes
      OCTAL: 0o17
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
//- log
Complete job name: test
> pytest tests
| V: 3.1
| Q: 3.10
| FLAG: true
| NOTHING: 
| YES: yes
| OCTAL: 15
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            FLAG=true  # job-env .github/workflows/ci.yml:7
            NOTHING=  # job-env .github/workflows/ci.yml:8
            OCTAL=15  # job-env .github/workflows/ci.yml:10
            Q=3.10  # job-env .github/workflows/ci.yml:6
            V=3.1  # job-env .github/workflows/ci.yml:5
            YES=yes  # job-env .github/workflows/ci.yml:9
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
        "#]],
    );
}

/// Expressions of `env` see the layers below.
#[test]
fn expressions_see_lower_layers() {
    check(
        r#"
//- .github/workflows/ci.yml
env:
  ROOT: /opt
on: push
jobs:
  test:
    env:
      LIB: ${{ env.ROOT }}/lib
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
//- log
Complete job name: test
> pytest tests
| ROOT: /opt
| LIB: /opt/lib
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            LIB=/opt/lib  # job-env .github/workflows/ci.yml:7
            ROOT=/opt  # workflow-env .github/workflows/ci.yml:2
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
            ! path: LIB=/opt/lib
            ! path: ROOT=/opt
        "#]],
    );
}

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

/// The service cuts long names.
#[test]
fn truncated_name() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    name: a very long name of a job that goes on and on until it is cut by the service
    env:
      A: 1
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
//- log
Complete job name: a very long name of a job that goes on...
> pytest tests
| A: 1
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            A=1  # job-env .github/workflows/ci.yml:6
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
        "#]],
    );
}

/// Two jobs with the same script: the name decides.
#[test]
fn name_before_script() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  one:
    container:
      image: a
      env: {WHICH: one}
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
  two:
    container:
      image: b
      env: {WHICH: two}
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
//- log
Complete job name: two
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job two of .github/workflows/ci.yml
            WHICH=two  # container .github/workflows/ci.yml:13
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
            ! container: image b
        "#]],
    );
}

/// Without a job's name in the log, its script finds it.
#[test]
fn job_by_script() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - run: ruff check
  unit:
    env:
      A: 1
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests -k special
//- log
> pytest tests -k special
| A: 1
F tests/test_a.py
"#,
        expect![[r#"
            job unit of .github/workflows/ci.yml
            A=1  # job-env .github/workflows/ci.yml:9
            label ubuntu-latest
            $ pytest tests -k special  # in /home/runner/work/r/r, log:1
        "#]],
    );
}

/// A job whose name and script could have become anything is no match.
#[test]
fn templates_of_nothing() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  any:
    name: ${{ inputs.name }}
    runs-on: ubuntu-latest
    container:
      image: x
      env: {WRONG: 1}
    steps:
      - run: ${{ inputs.command }}
//- log
Complete job name: unit tests
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job ? of ?
            $ pytest tests  # in /home/runner/work/r/r, log:2
        "#]],
    );
}

/// The log's environment is whole: what it does not print was not set.
#[test]
fn another_commit() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    env:
      OLD: 1
      KEPT: 2
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
//- log
Complete job name: test
> pytest tests
| KEPT: 2
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            KEPT=2  # job-env .github/workflows/ci.yml:6
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
            problem .github/workflows/ci.yml: the log's environment has no `OLD`: the job ran another version of this configuration
        "#]],
    );
}

/// What the log prints wins over the configuration.
#[test]
fn log_wins() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    env:
      A: new
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
//- log
Complete job name: test
> pytest tests
| A: old
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            A=old  # log-env-block log:6, over new of job-env
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
        "#]],
    );
}

/// `defaults.run` of job and workflow.
#[test]
fn default_working_directory() {
    check(
        r#"
//- .github/workflows/ci.yml
defaults:
  run:
    working-directory: outer
    shell: bash
on: push
jobs:
  test:
    defaults:
      run:
        working-directory: python
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
//- log
##[group]Run actions/checkout@v4
with:
  path: 
##[endgroup]
Working directory is '/home/runner/work/r/r'
Complete job name: test
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r/python, log:7
        "#]],
    );
}

/// A step's own folder.
#[test]
fn step_working_directory() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
        working-directory: pkg/${{ 'a' }}
//- log
Complete job name: test
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r/pkg/a, log:2
        "#]],
    );
}

/// `container`: its variables, options and mounts; the job's own environment is over it.
#[test]
fn container() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    env:
      A: job
    container:
      image: ghcr.io/x/y:${{ github.sha }}
      env:
        A: container
        B: container
      options: --device /dev/card0 -e C="two words" --env=D=4 -e FROM_HOST -v /data:/data
      volumes:
        - /mnt:/mnt
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
//- log
Complete job name: test
> pytest tests
| A: job
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            A=job  # job-env .github/workflows/ci.yml:5, over container of container
            B=container  # container .github/workflows/ci.yml:10
            C=two words  # container .github/workflows/ci.yml:11
            D=4  # container .github/workflows/ci.yml:11
            FROM_HOST=?FROM_HOST of the CI machine  # container .github/workflows/ci.yml:11
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
            ! hardware: device /dev/card0
            ! container: image ghcr.io/x/y:${{ github.sha }}
            ! mount: mount /mnt:/mnt
            ! mount: mount /data:/data
        "#]],
    );
}

/// A container in one word.
#[test]
fn container_as_text() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    container: python:3.11
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
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
            ! container: image python:3.11
        "#]],
    );
}

/// Services are obstacles.
#[test]
fn services() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    services:
      db:
        image: postgres:16
        env:
          POSTGRES_PASSWORD: x
      cache: {image: redis}
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
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
            ! service: service db (postgres:16)
            ! service: service cache (redis)
        "#]],
    );
}

/// Secrets: masked, empty, or nowhere to be seen.
#[test]
fn secrets() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    env:
      TOKEN: ${{ secrets.TOKEN }}
      EMPTY: ${{ secrets.EMPTY }}
    container:
      image: x
      env:
        INNER: ${{ secrets.INNER }}
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
//- log
Complete job name: test
> pytest tests
| TOKEN: ***
| EMPTY: 
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            EMPTY=  # log-env-block log:7, over ${{ secrets.EMPTY }} of job-env
            INNER=?${{ secrets.INNER }}  # container .github/workflows/ci.yml:10
            TOKEN=~***  # log-env-block log:6, over ${{ secrets.TOKEN }} of job-env
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
            ! container: image x
            ! secret: secret EMPTY
            ! secret: secret INNER
            ! secret: secret TOKEN
        "#]],
    );
}

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

/// `env` as one expression.
#[test]
fn env_of_one_expression() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    env: ${{ fromJSON('{"A":"1"}') }}
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
//- log
Complete job name: test
> pytest tests
| A: 1
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            A=1  # job-env .github/workflows/ci.yml:4
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
        "#]],
    );
}

/// A strange file does not hide the others.
#[test]
fn one_file_is_no_yaml() {
    check(
        r#"
//- .github/workflows/bad.yml
jobs: [test
  : : {
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    env: {A: 1}
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
//- log
Complete job name: test
> pytest tests
| A: 1
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            A=1  # job-env .github/workflows/ci.yml:4
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
        "#]],
    );
}

/// Steps that do not run write nothing.
#[test]
fn conditions_of_steps() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - if: ${{ false }}
        run: echo "NEVER=1" >> $GITHUB_ENV
      - if: github.ref == 'refs/heads/main'
        run: echo "MAYBE=1" >> $GITHUB_ENV
      - run: echo "ALWAYS=1" >> $GITHUB_ENV
      - run: pytest tests
        continue-on-error: true
//- log
Complete job name: test
> pytest tests
| ALWAYS: 1
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            ALWAYS=1  # github-env .github/workflows/ci.yml:10
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
        "#]],
    );
}

/// `$GITHUB_ENV` of an earlier step, over the job's environment, under the step's.
#[test]
fn github_env() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    env:
      A: job
      B: job
    runs-on: ubuntu-latest
    steps:
      - run: |
          echo setup
          echo "A=written" >> "$GITHUB_ENV"
          echo "B=written" >> "$GITHUB_ENV"
      - run: pytest tests
        env:
          B: step
      - run: echo "LATER=1" >> $GITHUB_ENV
//- log
Complete job name: test
> pytest tests
| A: written
| B: step
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            A=written  # github-env .github/workflows/ci.yml:11, over job of job-env
            B=step  # step-env .github/workflows/ci.yml:15, over written of github-env, over job of job-env
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
        "#]],
    );
}

/// Written with expressions, in a heredoc.
#[test]
fn github_env_heredoc() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    strategy:
      matrix:
        v: [one, two]
    runs-on: ubuntu-latest
    steps:
      - run: |
          cat >> $GITHUB_ENV <<EOF
          V=${{ matrix.v }}
          W=x
          EOF
      - run: pytest tests
//- log
Complete job name: test (two)
> pytest tests
| V: two
| W: x
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            V=two  # github-env .github/workflows/ci.yml:11
            W=x  # github-env .github/workflows/ci.yml:12
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
        "#]],
    );
}

/// Written by a script of the repository.
#[test]
fn github_env_of_a_script() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: ./ci/setup.sh
      - run: pytest tests
//- ci/setup.sh
#!/bin/bash
echo "FROM_SCRIPT=1" >> $GITHUB_ENV
//- log
Complete job name: test
> pytest tests
| FROM_SCRIPT: 1
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            FROM_SCRIPT=1  # github-env ci/setup.sh:2
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
        "#]],
    );
}

/// What set-up actions add is theirs.
#[test]
fn setup_action() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    env: {A: 1}
    runs-on: ubuntu-latest
    steps:
      - uses: actions/setup-python@v5
      - run: pytest tests
//- log
Complete job name: test
> pytest tests
| A: 1
| pythonLocation: /opt/hostedtoolcache/Python/3.11.7/x64
| LD_LIBRARY_PATH: /opt/hostedtoolcache/Python/3.11.7/x64/lib
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            A=1  # job-env .github/workflows/ci.yml:4
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
        "#]],
    );
}

/// Hardware labels and the machine's own.
#[test]
fn runner_labels() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    runs-on: [self-hosted, linux, N300, in-service]
    steps:
      - run: pytest tests
//- log
Complete job name: test
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            label self-hosted
            label linux
            label N300
            label in-service
            $ pytest tests  # in /home/runner/work/r/r, log:2
            ! hardware: runner label N300
        "#]],
    );
}

/// `runs-on` with a group.
#[test]
fn runner_group() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    runs-on:
      group: lab
      labels: [gpu-a100]
    steps:
      - run: pytest tests
//- log
Complete job name: test
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            label gpu-a100
            $ pytest tests  # in /home/runner/work/r/r, log:2
            ! hardware: runner label gpu-a100
        "#]],
    );
}

/// Two workflows with a job of the same name: the one whose script and environment fit.
#[test]
fn two_workflows() {
    check(
        r#"
//- .github/workflows/a.yml
on: push
jobs:
  test:
    env: {A: 1}
    runs-on: ubuntu-latest
    steps:
      - run: tox
//- .github/workflows/b.yml
on: push
jobs:
  test:
    env: {B: 1}
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
//- log
Complete job name: test
> pytest tests
| B: 1
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/b.yml
            B=1  # job-env .github/workflows/b.yml:4
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
        "#]],
    );
}
