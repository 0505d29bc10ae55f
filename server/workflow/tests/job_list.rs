//! Matrices read from a list of tests that is a file of the repository, as tt-metal's 2026 pipelines do it
//! (`.github/scripts/utils/prepare_test_matrix.py` of tenstorrent/tt-metal at 01656bf7 is what expands them there).

mod table;

use expect_test::expect;
use table::check;

/// The command goes through an action that puts it into a variable and runs it from a file, with its output kept.
#[test]
fn command_through_an_action_that_keeps_the_output() {
    check(
        r#"
//- .github/workflows/ops-impl.yaml
on:
  workflow_call:
    inputs:
      docker-image: {required: true, type: string}
jobs:
  load-test-matrix:
    runs-on: ubuntu-slim
    outputs:
      matrix: ${{ steps.filter.outputs.matrix }}
    steps:
      - run: python3 .github/scripts/utils/prepare_test_matrix.py tests/pipeline_reorg/ops_tests.yaml ALL .github/sku_config.yaml
  ops-unit-tests:
    needs: load-test-matrix
    strategy:
      fail-fast: false
      matrix:
        test-group: ${{ fromJson(needs.load-test-matrix.outputs.matrix) }}
    name: ${{ matrix.test-group.name }}
    runs-on: ${{ matrix.test-group.runs_on }}
    container:
      image: ${{ inputs.docker-image || 'docker-image-unresolved!' }}
      env:
        TT_METAL_HOME: /work
        ARCH_NAME: ${{ (contains(matrix.test-group.sku, 'bh_') || contains(matrix.test-group.sku, 'blackhole')) && 'blackhole' || 'wormhole_b0' }}
        TT_MM_THROTTLE_PERF: ${{ contains(matrix.test-group.sku, 'bh_') && '0' || '5' }}
      options: >-
        --device /dev/tenstorrent
        ${{ matrix.test-group.sku == 'bh_p150b_civ2' && '-e TT_GH_CI_INFRA=1' || '' }}
    defaults:
      run:
        shell: bash
        working-directory: /work
    steps:
      - uses: actions/checkout@v6
        with: {path: docker-job}
      - name: ${{ matrix.test-group.name }}
        uses: ./docker-job/.github/actions/run-with-log
        with:
          log-file: generated/test_logs/${{ matrix.test-group.name }}.log
          run: |
            if [[ "${{ matrix.test-group.slow_dispatch }}" == "true" ]]; then
              export TT_METAL_SLOW_DISPATCH_MODE=1
            fi
            ${{ matrix.test-group.cmd }}
//- .github/actions/run-with-log/action.yml
inputs:
  run: {required: true}
  log-file: {required: true}
  working-directory: {required: false, default: /work}
runs:
  using: composite
  steps:
    - shell: bash
      working-directory: ${{ inputs.working-directory }}
      env:
        RUN_WITH_LOG_SCRIPT: ${{ inputs.run }}
        RUN_WITH_LOG_FILE: ${{ inputs.log-file }}
      run: |
        set +e
        script=$(mktemp)
        printf '%s\n' "$RUN_WITH_LOG_SCRIPT" > "$script"
        bash --noprofile --norc -eo pipefail "$script" 2>&1 | tee -a "$RUN_WITH_LOG_FILE"
        rc=${PIPESTATUS[0]}
        exit $rc
//- tests/pipeline_reorg/ops_tests.yaml
- name: fused ops
  cmd: TT_CACHE={cache} pytest tests --timeout=60
  skus:
    bh_p150b_civ2: {timeout: 10, cache: /mnt/bh}
    wh_n150: {timeout: 20, cache: /mnt/wh}
  slow_dispatch: true
//- .github/sku_config.yaml
skus:
  bh_p150b_civ2:
    runs_on: [tt-ubuntu-2204-P150b-stable]
  wh_n150:
    runs_on: [N150]
//- log
Uses: r/r/.github/workflows/ops-impl.yaml@refs/heads/main (0123456789abcdef0123456789abcdef01234567)
Complete job name: ops / fused ops [bh_p150b_civ2]
##[group]Run set +e
set +e
script=$(mktemp)
printf '%s\n' "$RUN_WITH_LOG_SCRIPT" > "$script"
bash --noprofile --norc -eo pipefail "$script" 2>&1 | tee -a "$RUN_WITH_LOG_FILE"
rc=${PIPESTATUS[0]}
exit $rc
shell: bash --noprofile --norc -e -o pipefail {0}
env:
  RUN_WITH_LOG_SCRIPT: if [[ "true" == "true" ]]; then
\  export TT_METAL_SLOW_DISPATCH_MODE=1
\fi
\TT_CACHE=/mnt/bh pytest tests --timeout=60
\
  RUN_WITH_LOG_FILE: generated/test_logs/fused ops [bh_p150b_civ2].log
##[endgroup]
F tests/test_a.py
"#,
        expect![[r#"
            job ops-unit-tests of .github/workflows/ops-impl.yaml
            ARCH_NAME=blackhole  # container .github/workflows/ops-impl.yaml:24
            RUN_WITH_LOG_FILE=generated/test_logs/fused ops [bh_p150b_civ2].log  # step-env .github/actions/run-with-log/action.yml:12
            RUN_WITH_LOG_SCRIPT=if [[ "true" == "true" ]]; then
              export TT_METAL_SLOW_DISPATCH_MODE=1
            fi
            TT_CACHE=/mnt/bh pytest tests --timeout=60
              # step-env .github/actions/run-with-log/action.yml:11
            TT_CACHE=/mnt/bh  # inline log:6
            TT_GH_CI_INFRA=1  # container .github/workflows/ops-impl.yaml:26
            TT_METAL_HOME=/work  # container .github/workflows/ops-impl.yaml:23
            TT_METAL_SLOW_DISPATCH_MODE=1  # export log:6
            TT_MM_THROTTLE_PERF=0  # container .github/workflows/ops-impl.yaml:25
            label tt-ubuntu-2204-P150b-stable
            $ pytest tests --timeout=60  # in /work, log:3
            ! hardware: device /dev/tenstorrent
            ! hardware: runner label tt-ubuntu-2204-P150b-stable
            ! container: image ${{ inputs.docker-image || 'docker-image-unresolved!' }}
            ! path: TT_CACHE=/mnt/bh
            ! path: TT_METAL_HOME=/work
        "#]],
    );
}

/// 2026's layout: the matrix is a list of tests in a file, its labels in another.
#[test]
fn job_list() {
    check(
        r#"
//- .github/workflows/ci.yml
on: push
jobs:
  list:
    runs-on: ubuntu-latest
    steps:
      - run: echo
  ops:
    needs: list
    name: ${{ matrix.test-group.name }}
    strategy:
      matrix:
        test-group: ${{ fromJson(needs.list.outputs.matrix) }}
    runs-on: ${{ matrix.test-group.runs_on }}
    container:
      image: x
      env:
        ARCH_NAME: ${{ contains(matrix.test-group.sku, 'bh_') && 'blackhole' || 'wormhole_b0' }}
        OTHER: ${{ matrix.test-group.other }}
    steps:
      - run: ${{ matrix.test-group.cmd }}
//- tests/pipeline_reorg/ops_tests.yaml
- name: fused ops
  cmd: pytest {folder} --timeout=60
  folder: tests
  skus:
    bh_p150b: {timeout: 10}
    wh_n150: {timeout: 20}
//- .github/sku_config.yaml
skus:
  bh_p150b:
    runs_on: [P150b, in-service]
  wh_n150:
    runs_on: [N150]
//- log
Complete job name: fused ops [bh_p150b]
> pytest tests --timeout=60
F tests/test_a.py
"#,
        expect![[r#"
            job ops of .github/workflows/ci.yml
            ARCH_NAME=blackhole  # container .github/workflows/ci.yml:17
            OTHER=?${{ matrix.test-group.other }}  # container .github/workflows/ci.yml:18
            label P150b
            label in-service
            $ pytest tests --timeout=60  # in /home/runner/work/r/r, log:2
            ! hardware: runner label P150b
            ! container: image x
        "#]],
    );
}

/// In the merge queue another machine stands in, and the name says so; what is listed is the first one's. The same name
/// stands in a list that this workflow does not read.
#[test]
fn machine_of_the_merge_queue() {
    check(
        r#"
//- .github/workflows/gate.yaml
on: push
jobs:
  ops:
    uses: ./.github/workflows/ops-impl.yaml
    with:
      tests-yaml-path: ./tests/pipeline_reorg/gate_tests.yaml
//- .github/workflows/ops-impl.yaml
on:
  workflow_call:
    inputs:
      tests-yaml-path: {type: string, default: ./tests/pipeline_reorg/ops_tests.yaml}
jobs:
  load:
    runs-on: ubuntu-slim
    steps:
      - run: load ${{ inputs.tests-yaml-path }}
  tests:
    needs: load
    strategy:
      matrix:
        test-group: ${{ fromJson(needs.load.outputs.matrix) }}
    name: ${{ matrix.test-group.name }}
    runs-on: ${{ matrix.test-group.runs_on }}
    container:
      image: x
      env:
        SKU: ${{ matrix.test-group.sku }}
        LOGICAL: ${{ matrix.test-group.logical_sku }}
        MODEL: ${{ matrix.test-group.model }}
    steps:
      - run: ${{ matrix.test-group.cmd }}
//- tests/pipeline_reorg/ops_tests.yaml
- name: fused ops
  cmd: pytest other
  skus:
    bh: {timeout: 10, model: other}
//- tests/pipeline_reorg/gate_tests.yaml
- name: fused ops
  cmd: pytest tests -k {model}
  skus:
    bh: {timeout: 10, model: small}
- name: fused ops
  cmd: pytest tests -k {model}
  skus:
    wh: {timeout: 10, model: large}
//- .github/sku_config.yaml
skus:
  bh: {runs_on: [P150b], merge_queue_sku: bh_prio}
  bh_prio: {runs_on: [P150b-prio]}
  wh: {runs_on: [N150]}
//- log
Complete job name: ops / fused ops [bh_prio]
> pytest tests -k small
F tests/test_a.py
"#,
        expect![[r#"
            job tests of .github/workflows/ops-impl.yaml
            LOGICAL=bh  # container .github/workflows/ops-impl.yaml:21
            MODEL=small  # container .github/workflows/ops-impl.yaml:22
            SKU=bh_prio  # container .github/workflows/ops-impl.yaml:20
            label P150b-prio
            $ pytest tests -k small  # in /home/runner/work/r/r, log:2
            ! hardware: runner label P150b-prio
            ! container: image x
        "#]],
    );
}
