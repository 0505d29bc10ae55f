#!/usr/bin/env bash
set -eo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
set -a
ARCH_NAME=blackhole
LOGURU_LEVEL=INFO
MINITENSOR_FAST_DISPATCH=1
MINITENSOR_OPERATION_TIMEOUT_SECONDS=5
MINITENSOR_CACHE=${MINITENSOR_CACHE:-/mnt/weights/cache}
PYTHONPATH=$(cd ../../../.. && pwd)
set +a
# HF_TOKEN is a secret of CI's; the test does not read it.
pytest -q --timeout 30 tests/test_gather_width_repro.py "$@"
