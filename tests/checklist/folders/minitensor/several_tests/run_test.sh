#!/bin/bash
DIR=$(dirname "$(readlink -f "$0")")
export ARCH_NAME=blackhole
export LOGURU_LEVEL=INFO
export MINITENSOR_FAST_DISPATCH=1
export MINITENSOR_OPERATION_TIMEOUT_SECONDS=5
export MINITENSOR_CACHE=${MINITENSOR_CACHE:-/mnt/weights/cache}
export PYTHONPATH=${PYTHONPATH:-/workspace/minitensor}
export HF_TOKEN=${HF_TOKEN:-}
run() {
    timeout 60 python3 -m pytest -x "$DIR/tests" "$@"
}
run "$@"
