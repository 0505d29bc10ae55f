#!/bin/bash
# Reproduces the gather failure of the blackhole unit tests.
set -uo pipefail

HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
REPO="$(git -C "$HERE" rev-parse --show-toplevel)"

export ARCH_NAME=blackhole
export LOGURU_LEVEL=INFO
export MINITENSOR_CACHE="${MINITENSOR_CACHE:-/mnt/weights/cache}"
export MINITENSOR_FAST_DISPATCH=1
export MINITENSOR_OPERATION_TIMEOUT_SECONDS=5
export PYTHONPATH="$REPO"
export HF_TOKEN="${HF_TOKEN:?ask the infra team for a token}"

source "$REPO/.venv/bin/activate"
cd "$REPO"
timeout 60 python -m pytest "$HERE/tests/test_gather_repro.py" "$@"
exit $?
