#!/usr/bin/env bash
set -euo pipefail
SCRIPT_DIR=$(cd -- "$(dirname -- "$0")" && pwd)
REPO_ROOT=${REPO_ROOT:-$(cd "$SCRIPT_DIR/../../../.." && pwd)}

env_vars=(
    ARCH_NAME=blackhole
    LOGURU_LEVEL=INFO
    MINITENSOR_FAST_DISPATCH=1
    MINITENSOR_OPERATION_TIMEOUT_SECONDS=5
    MINITENSOR_CACHE="${MINITENSOR_CACHE:-/mnt/weights/cache}"
    PYTHONPATH="$REPO_ROOT"
    HF_TOKEN="${HF_TOKEN-}"
)
cd "$REPO_ROOT"
env "${env_vars[@]}" timeout 60 pytest "$SCRIPT_DIR/tests/test_gather_narrow_repro.py" "$@"
