//! What a variable's value is: the layers of workflow, job and step, and what the log prints of them.

use expect_test::expect;

use crate::table::check;

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
