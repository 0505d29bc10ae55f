//! Where a job ran: folders, containers, services, runners.

use expect_test::expect;

use crate::table::check;

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

/// The same where no configuration tells of it: the runner's own mounts are nothing that is missed.
#[test]
fn container_of_the_log_alone() {
    check(
        r#"
//- log
##[group]Starting job container
##[command]/usr/bin/docker create --name a_b --workdir /__w/r/r -e "B=container" -e CI=true --device /dev/card0 -v "/mnt":"/mnt" -v "/var/run/docker.sock":"/var/run/docker.sock" -v "/home/runner/work":"/__w" -v "/home/runner/work/_temp/_github_home":"/github/home" --entrypoint "tail" ghcr.io/x/y:1 "-f" "/dev/null"
##[endgroup]
Complete job name: test
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job ? of ?
            B=container  # container log:2
            $ pytest tests  # in /home/runner/work/r/r, log:5
            ! hardware: device /dev/card0
            ! container: image ghcr.io/x/y:1
            ! mount: mount /mnt:/mnt
        "#]],
    );
}

/// A self-hosted runner does not print for which labels the job asked.
#[test]
fn runner_label_of_an_input() {
    check(
        r#"
//- log
##[group] Inputs
  arch: grayskull
  runner-label: E150
##[endgroup]
Complete job name: test
> pytest tests
F tests/test_a.py
"#,
        expect![[r#"
            job ? of ?
            label E150
            $ pytest tests  # in /home/runner/work/r/r, log:6
            ! hardware: runner label E150
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
