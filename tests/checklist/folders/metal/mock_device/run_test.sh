#!/bin/bash
# Reproduces the BERT attention failure without hardware
set -eo pipefail
ROOT="$(cd "$(dirname "$0")/../../../.." && pwd)"
declare -x TT_METAL_HOME="${TT_METAL_HOME:-$ROOT}"
declare -x PYTHONPATH="$TT_METAL_HOME"
declare -x LD_LIBRARY_PATH="$TT_METAL_HOME/build/lib"
declare -x ARCH_NAME=wormhole_b0 LOGURU_LEVEL=DEBUG
cd "$ROOT"
pytest .github/scripts/reproduce-deterministic-failures/mock_device/tests/test_attention_repro.py \
    -vv --timeout=60 -p no:cacheprovider "${@}"
