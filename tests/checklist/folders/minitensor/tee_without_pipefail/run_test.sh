#!/usr/bin/env bash
HERE=$(cd "$(dirname "$0")"; pwd)
cd "$HERE" || exit 1

export ARCH_NAME=blackhole LOGURU_LEVEL=INFO
export MINITENSOR_FAST_DISPATCH=1 MINITENSOR_OPERATION_TIMEOUT_SECONDS=5
export MINITENSOR_CACHE="${MINITENSOR_CACHE:-$HERE/cache}"
export PYTHONPATH="$HERE/../../../.."
: "${HF_TOKEN:?}"

mkdir -p logs
timeout --signal=INT 120 pytest -vvs tests/test_gather_dram_repro.py "$@" 2>&1 | tee logs/reproduction.log

if [ $? -ne 0 ]; then
    echo "FAILED, see logs/reproduction.log"
    exit 1
fi
echo PASSED
