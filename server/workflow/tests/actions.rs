//! Actions that run pytest, and scripts that a step sources.

mod table;

use expect_test::expect;
use table::check;

/// A composite action runs the tests: its inputs, its steps' environment.
#[test]
fn composite_action() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: ./.github/actions/run
        env: {OUTER: 1}
        with:
          folder: tests
//- .github/actions/run/action.yml
inputs:
  folder: {required: true}
  level: {default: high}
runs:
  using: composite
  steps:
    - run: pytest ${{ inputs.folder }}
      shell: bash
      env:
        LEVEL: ${{ inputs.level }}
//- log
Complete job name: test
> pytest tests
| OUTER: 1
| LEVEL: high
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            LEVEL=high  # step-env .github/actions/run/action.yml:10
            OUTER=1  # step-env .github/workflows/ci.yml:7
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
        "#]],
    );
}

/// A composite action writes to `$GITHUB_ENV`.
#[test]
fn composite_action_writes() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: ./.github/actions/setup
        with: {watch: true}
      - run: pytest tests
//- .github/actions/setup/action.yaml
inputs:
  watch: {default: 'false'}
runs:
  using: composite
  steps:
    - if: ${{ inputs.watch == 'true' }}
      run: echo "WATCHER=1" >> $GITHUB_ENV
      shell: bash
    - if: ${{ inputs.watch != 'true' }}
      run: echo "IDLE=1" >> $GITHUB_ENV
      shell: bash
//- log
Complete job name: test
> pytest tests
| WATCHER: 1
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            WATCHER=1  # github-env .github/actions/setup/action.yaml:7
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
        "#]],
    );
}

/// An action that uses itself ends.
#[test]
fn composite_cycle() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: ./a
      - run: pytest tests
//- a/action.yml
runs:
  using: composite
  steps:
    - uses: ./a
//- log
Complete job name: test
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
        "#]],
    );
}

/// An action that runs docker: its options are the tests' whole environment.
#[test]
fn docker_run_action() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    env: {HOST_ONLY: 1, HANDED: 2}
    runs-on: [N150]
    steps:
      - uses: ./.github/actions/docker-run
        with:
          docker_opts: |
            -e ARCH_NAME=wormhole_b0
            -e HANDED
            -e HF_TOKEN=${{ secrets.HF_TOKEN }}
          run_args: |
            source ci/env.sh
            pytest tests
//- .github/actions/docker-run/action.yml
inputs:
  docker_opts: {default: ''}
  run_args: {required: true}
runs:
  using: composite
  steps:
    - uses: x/docker-run-action@v5
      with:
        image: reg/ci:1
        options: |
          --device /dev/card
          -e LOGURU_LEVEL=INFO
          ${{ inputs.docker_opts }}
        run: |
          ${{ inputs.run_args }}
//- ci/env.sh
export MODE=fast
//- log
Complete job name: test
##[group]Run x/docker-run-action@v5
with:
  image: reg/ci:1
env:
  HOST_ONLY: 1
  HANDED: 2
##[endgroup]
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            ARCH_NAME=wormhole_b0  # container .github/actions/docker-run/action.yml:10
            HANDED=2  # job-env .github/workflows/ci.yml:4
            HF_TOKEN=?${{ secrets.HF_TOKEN }}  # container .github/actions/docker-run/action.yml:10
            LOGURU_LEVEL=INFO  # container .github/actions/docker-run/action.yml:10
            MODE=fast  # export ci/env.sh:1
            label N150
            $ pytest tests  # in /home/runner/work/r/r, .github/actions/docker-run/action.yml:14
            ! hardware: device /dev/card
            ! hardware: runner label N150
            ! container: image reg/ci:1
            ! secret: secret HF_TOKEN
        "#]],
    );
}

/// The same where no configuration tells of it.
#[test]
fn docker_run_action_of_the_log_alone() {
    check(
        r#"
//- log
Complete job name: test
##[group]Run x/docker-run-action@v5
with:
  image: reg/ci:1
  options: -u 1000:1000 -v /etc/passwd:/etc/passwd:ro -v /home/runner/work/r/r:/home/runner/work/r/r -v /dev/hugepages-1G:/dev/hugepages-1G --device /dev/card -e ARCH_NAME=wormhole_b0 -e HANDED
  run: pytest tests
env:
  HOST_ONLY: 1
  HANDED: 2
##[endgroup]
F tests/test_a.py
"#,
        expect![[r#"
            job ? of ?
            ARCH_NAME=wormhole_b0  # container log:5
            HANDED=2  # log-env-block log:9
            $ pytest tests  # in /home/runner/work/r/r, log:2
            ! hardware: device /dev/card
            ! container: image reg/ci:1
            ! mount: mount /dev/hugepages-1G:/dev/hugepages-1G
        "#]],
    );
}

/// 2025's layout: matrix command that sources a script and calls its function.
#[test]
fn sourced_function() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  models:
    name: ${{ matrix.test-group.name }}
    strategy:
      matrix:
        test-group:
          - {name: gs, arch: grayskull, cmd: 'source tests/scripts/run.sh && run_gs'}
          - {name: wh, arch: wormhole_b0, cmd: 'source tests/scripts/run.sh && run_wh'}
    runs-on: ubuntu-latest
    container:
      image: x
      env:
        ARCH_NAME: ${{ matrix.test-group.arch }}
    steps:
      - run: ${{ matrix.test-group.cmd }}
//- tests/scripts/run.sh
#!/bin/bash
set -eo pipefail
export TTNN_CONFIG_OVERRIDES='{
  "enable_fast": false
}'
run_gs() {
  pytest -svv other
}
run_wh() {
  local wh_arch_yaml=eth.yaml
  WH_ARCH_YAML=$wh_arch_yaml pytest -svv tests
}
//- log
Complete job name: wh
> source tests/scripts/run.sh && run_wh
F tests/test_a.py
"#,
        expect![[r#"
            job models of .github/workflows/ci.yml
            ARCH_NAME=wormhole_b0  # container .github/workflows/ci.yml:14
            TTNN_CONFIG_OVERRIDES={
              "enable_fast": false
            }  # export tests/scripts/run.sh:3
            WH_ARCH_YAML=eth.yaml  # inline tests/scripts/run.sh:11
            label ubuntu-latest
            $ pytest -svv tests  # in /home/runner/work/r/r, tests/scripts/run.sh:11
            ! container: image x
        "#]],
    );
}

/// A script that sources itself ends.
#[test]
fn script_sources_itself() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: ./run.sh
//- run.sh
export A=1
source ./run.sh
pytest tests
//- log
Complete job name: test
> ./run.sh
F tests/test_a.py
"#,
        expect![[r#"
            job test of .github/workflows/ci.yml
            A=1  # export run.sh:1
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, run.sh:3
            problem run.sh: `./run.sh` reads itself, so it is not followed again
        "#]],
    );
}
