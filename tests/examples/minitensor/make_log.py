#!/usr/bin/env python3
"""Makes logs/unit-tests-blackhole.log: runs the job's script here and writes what GitHub's runner would have kept.

pytest's output is the real one of this run; the lines around it are those of actions/runner, with a fixed start time.
Needs bash and, on PATH, pytest.
"""
import datetime
import os
import re
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
CHECKOUT = "/__w/minitensor/minitensor"
SCRIPT = "source tests/scripts/run_unit_tests.sh && run_operation_tests"
COMMIT = "5d1f0c3a9be24d7c8f61e2a7704bb9c3d8e6f512"
SET_UP = f"""\
Current runner version: '2.331.0'
Runner name: 'blackhole-runner-7'
Runner group name: 'in-service'
Machine name: 'bh-07'
##[group]GITHUB_TOKEN Permissions
Contents: read
Metadata: read
##[endgroup]
Secret source: Actions
Prepare workflow directory
Prepare all required actions
Getting action download info
Download action repository 'actions/checkout@v4' (SHA:34e114876b0b11c390a56381ad16ebd13914f8d5)
Uses: example/minitensor/.github/workflows/unit-tests.yaml@refs/heads/main ({COMMIT})
##[group] Inputs
  arch: blackhole
  runner-label: P150b
  timeout: 20
##[endgroup]
Complete job name: unit-tests (blackhole, P150b) / operations blackhole P150b
##[group]Checking docker version
##[command]/usr/bin/docker version --format '{{{{.Server.APIVersion}}}}'
'1.47'
##[endgroup]
##[group]Starting job container
##[command]/usr/bin/docker pull ghcr.io/example/minitensor-ci:latest
##[command]/usr/bin/docker create --name 2f9e_ghcrio --label 0c1d2e --workdir {CHECKOUT} --network github_network_5f \
--device /dev/tensor -e "ARCH_NAME" -e "PYTHONPATH" -e "HF_TOKEN" -e "HOME=/github/home" -e GITHUB_ACTIONS=true -e CI=true \
-v "/var/run/docker.sock":"/var/run/docker.sock" -v "/mnt/weights":"/mnt/weights" \
--entrypoint "tail" ghcr.io/example/minitensor-ci:latest "-f" "/dev/null"
##[endgroup]
##[group]Run actions/checkout@v4
with:
  repository: example/minitensor
  token: ***
env:
  MINITENSOR_CACHE: /mnt/weights/cache
##[endgroup]
Syncing repository: example/minitensor
##[group]Run {SCRIPT}
\x1b[36;1m{SCRIPT}\x1b[0m
shell: bash --noprofile --norc -e -o pipefail {{0}}
env:
  MINITENSOR_CACHE: /mnt/weights/cache
##[endgroup]
"""


def run_job():
    environment = {
        "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "CI": "true", "GITHUB_ACTIONS": "true",
        "ARCH_NAME": "blackhole", "PYTHONPATH": str(HERE), "MINITENSOR_CACHE": "/mnt/weights/cache",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", SCRIPT]
    job = subprocess.run(command, cwd=HERE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    # Where this machine keeps its Python is no part of the job.
    output = re.sub(r"( -- )\S+/python3?$", r"\1/usr/bin/python3", job.stdout.replace(str(HERE), CHECKOUT), flags=re.M)
    return output, job.returncode


def main():
    output, status = run_job()
    if status != 1:
        raise SystemExit(f"the job ended with {status}, but its tests should fail:\n{output}")
    lines = SET_UP.splitlines() + output.splitlines() + [
        f"##[error]Process completed with exit code {status}.",
        "Stop and remove container: 2f9e_ghcrio",
        "Cleaning up orphan processes",
    ]
    now = datetime.datetime(2026, 11, 20, 8, 14, 3)
    stamped = []
    for number, line in enumerate(lines):
        moment = now + datetime.timedelta(milliseconds=37 * number)
        stamped.append(f"{moment:%Y-%m-%dT%H:%M:%S.%f}0Z {line}\n")
    target = HERE / "logs" / "unit-tests-blackhole.log"
    target.write_text("\ufeff" + "".join(stamped), encoding="utf-8")
    print(f"{target.relative_to(HERE)}: {len(lines)} lines")


if __name__ == "__main__":
    main()
