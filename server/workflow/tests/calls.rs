//! Reusable workflows: one fixture a rule.

mod table;

use expect_test::expect;
use table::check;

/// The log names the file and prints the inputs.
#[test]
fn inputs_of_the_log() {
    check(
        r#"
//- .github/workflows/main.yml
on: push
jobs:
  go:
    uses: ./.github/workflows/unit.yml
    with:
      arch: blackhole
    secrets: inherit
//- .github/workflows/unit.yml
on:
  workflow_call:
    inputs:
      arch: {type: string, required: true}
      level: {type: string, default: INFO}
jobs:
  unit:
    runs-on: ubuntu-latest
    container:
      image: x
      env:
        ARCH: ${{ inputs.arch }}
        LEVEL: ${{ inputs.level }}
    steps:
      - run: pytest tests
//- log
Uses: o/r/.github/workflows/unit.yml@refs/heads/main (0123456789012345678901234567890123456789)
##[group] Inputs
  arch: wormhole
  level: DEBUG
##[endgroup]
Complete job name: go / unit
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job unit of .github/workflows/unit.yml
            ARCH=wormhole  # container .github/workflows/unit.yml:12
            LEVEL=DEBUG  # container .github/workflows/unit.yml:13
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:7
            ! container: image x
        "#]],
    );
}

/// A log without inputs: the caller's `with`, then defaults.
#[test]
fn inputs_of_the_caller() {
    check(
        r#"
//- .github/workflows/main.yml
on: push
jobs:
  go:
    uses: ./.github/workflows/unit.yml
    with:
      arch: blackhole
    secrets: inherit
//- .github/workflows/unit.yml
on:
  workflow_call:
    inputs:
      arch: {type: string, required: true}
      level: {type: string, default: INFO}
jobs:
  unit:
    runs-on: ubuntu-latest
    container:
      image: x
      env:
        ARCH: ${{ inputs.arch }}
        LEVEL: ${{ inputs.level }}
    steps:
      - run: pytest tests
//- log
Complete job name: go / unit
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job unit of .github/workflows/unit.yml
            ARCH=blackhole  # container .github/workflows/unit.yml:12
            LEVEL=INFO  # container .github/workflows/unit.yml:13
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
            ! container: image x
        "#]],
    );
}

/// The log names the file but prints no inputs.
#[test]
fn named_file_without_inputs() {
    check(
        r#"
//- .github/workflows/main.yml
on: push
jobs:
  go:
    uses: ./.github/workflows/unit.yml
    with:
      arch: blackhole
    secrets: inherit
//- .github/workflows/unit.yml
on:
  workflow_call:
    inputs:
      arch: {type: string, required: true}
      level: {type: string, default: INFO}
jobs:
  unit:
    runs-on: ubuntu-latest
    container:
      image: x
      env:
        ARCH: ${{ inputs.arch }}
        LEVEL: ${{ inputs.level }}
    steps:
      - run: pytest tests
//- log
Job defined at: o/r/.github/workflows/unit.yml@refs/heads/main
Complete job name: go / unit
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job unit of .github/workflows/unit.yml
            ARCH=?${{ inputs.arch }}  # container .github/workflows/unit.yml:12
            LEVEL=?${{ inputs.level }}  # container .github/workflows/unit.yml:13
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:3
            ! container: image x
        "#]],
    );
}

/// No caller and no inputs: they are not known, defaults or not.
#[test]
fn inputs_of_nobody() {
    check(
        r#"
//- .github/workflows/unit.yml
on:
  workflow_call:
    inputs:
      arch: {type: string, required: true}
      level: {type: string, default: INFO}
jobs:
  unit:
    runs-on: ubuntu-latest
    container:
      image: x
      env:
        ARCH: ${{ inputs.arch }}
        LEVEL: ${{ inputs.level }}
    steps:
      - run: pytest tests
//- log
Job defined at: o/r/.github/workflows/unit.yml@refs/heads/main
Complete job name: go / unit
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job unit of .github/workflows/unit.yml
            ARCH=?${{ inputs.arch }}  # container .github/workflows/unit.yml:12
            LEVEL=?${{ inputs.level }}  # container .github/workflows/unit.yml:13
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:3
            ! container: image x
        "#]],
    );
}

/// The caller's matrix gives the inputs.
#[test]
fn matrix_of_the_caller() {
    check(
        r#"
//- .github/workflows/main.yml
on: push
jobs:
  go:
    strategy:
      matrix:
        card: [{arch: wh, label: N150}, {arch: bh, label: P150}]
    uses: ./.github/workflows/unit.yml
    with:
      arch: ${{ matrix.card.arch }}
//- .github/workflows/unit.yml
on:
  workflow_call:
    inputs:
      arch: {type: string, required: true}
      level: {type: string, default: INFO}
jobs:
  unit:
    runs-on: ubuntu-latest
    container:
      image: x
      env:
        ARCH: ${{ inputs.arch }}
        LEVEL: ${{ inputs.level }}
    steps:
      - run: pytest tests
//- log
Complete job name: go (bh, P150) / unit
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job unit of .github/workflows/unit.yml
            ARCH=bh  # container .github/workflows/unit.yml:12
            LEVEL=INFO  # container .github/workflows/unit.yml:13
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
            ! container: image x
        "#]],
    );
}

/// Calls of calls.
#[test]
fn nested_calls() {
    check(
        r#"
//- .github/workflows/main.yml
on: push
jobs:
  top:
    uses: ./.github/workflows/middle.yml
    with: {arch: bh}
//- .github/workflows/middle.yml
on:
  workflow_call:
    inputs:
      arch: {type: string}
jobs:
  mid:
    uses: ./.github/workflows/unit.yml
    with:
      arch: ${{ inputs.arch }}-x
//- .github/workflows/unit.yml
on:
  workflow_call:
    inputs:
      arch: {type: string, required: true}
      level: {type: string, default: INFO}
jobs:
  unit:
    runs-on: ubuntu-latest
    container:
      image: x
      env:
        ARCH: ${{ inputs.arch }}
        LEVEL: ${{ inputs.level }}
    steps:
      - run: pytest tests
//- log
Complete job name: top / mid / unit
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job unit of .github/workflows/unit.yml
            ARCH=bh-x  # container .github/workflows/unit.yml:12
            LEVEL=INFO  # container .github/workflows/unit.yml:13
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
            ! container: image x
        "#]],
    );
}

/// The caller's environment is not the called workflow's.
#[test]
fn environment_of_the_caller() {
    check(
        r#"
//- .github/workflows/main.yml
env: {OUTER: 1}
on: push
jobs:
  go:
    uses: ./.github/workflows/unit.yml
    with:
      arch: blackhole
    secrets: inherit
//- .github/workflows/unit.yml
on:
  workflow_call:
    inputs:
      arch: {type: string, required: true}
      level: {type: string, default: INFO}
jobs:
  unit:
    runs-on: ubuntu-latest
    container:
      image: x
      env:
        ARCH: ${{ inputs.arch }}
        LEVEL: ${{ inputs.level }}
    steps:
      - run: pytest tests
//- log
Complete job name: go / unit
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job unit of .github/workflows/unit.yml
            ARCH=blackhole  # container .github/workflows/unit.yml:12
            LEVEL=INFO  # container .github/workflows/unit.yml:13
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
            ! container: image x
        "#]],
    );
}

/// A workflow that calls itself.
#[test]
fn cycle() {
    check(
        r#"
//- .github/workflows/main.yml
on: push
jobs:
  go:
    uses: ./.github/workflows/main.yml
//- log
Complete job name: go / go / unit
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job ? of ?
            $ pytest tests  # in /home/runner/work/r/r, log:2
            problem .github/workflows/main.yml: `.github/workflows/main.yml` ends up calling itself
        "#]],
    );
}

/// A called workflow that is not there.
#[test]
fn missing_workflow() {
    check(
        r#"
//- .github/workflows/main.yml
on: push
jobs:
  go:
    uses: ./.github/workflows/gone.yml
//- log
Complete job name: go / unit
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job ? of ?
            $ pytest tests  # in /home/runner/work/r/r, log:2
            problem .github/workflows/main.yml: the called workflow `.github/workflows/gone.yml` is missing
        "#]],
    );
}

/// A name with ` / ` that is no call.
#[test]
fn slash_in_a_name() {
    check(
        r#"
//- .github/workflows/main.yml
on: push
jobs:
  a:
    name: unit / fast
    env: {A: 1}
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
//- log
Complete job name: unit / fast
> pytest tests
| A: 1
F tests/test_a.py
"#,
        expect![[r#"
            job a of .github/workflows/main.yml
            A=1  # job-env .github/workflows/main.yml:5
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
        "#]],
    );
}

/// Secrets that the call hands on.
#[test]
fn secrets_of_a_call() {
    check(
        r#"
//- .github/workflows/main.yml
on: push
jobs:
  go:
    uses: ./.github/workflows/unit.yml
    secrets:
      token: ${{ secrets.T }}
//- .github/workflows/unit.yml
on:
  workflow_call:
    secrets:
      token: {required: true}
jobs:
  unit:
    container:
      image: x
      env:
        TOKEN: ${{ secrets.token }}
    runs-on: ubuntu-latest
    steps:
      - run: pytest tests
//- log
Complete job name: go / unit
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job unit of .github/workflows/unit.yml
            TOKEN=?${{ secrets.token }}  # container .github/workflows/unit.yml:10
            label ubuntu-latest
            $ pytest tests  # in /home/runner/work/r/r, log:2
            ! container: image x
            ! secret: secret TOKEN
        "#]],
    );
}
