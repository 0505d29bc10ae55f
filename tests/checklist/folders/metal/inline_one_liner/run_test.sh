#!/bin/bash -e
cd "${BASH_SOURCE%/*}"; ARCH_NAME=wormhole_b0 LOGURU_LEVEL=INFO TT_METAL_HOME=${TT_METAL_HOME:-$PWD/../../../..} PYTHONPATH=${TT_METAL_HOME:-$PWD/../../../..} LD_LIBRARY_PATH=${TT_METAL_HOME:-$PWD/../../../..}/build/lib timeout -k 5 60 pytest -q tests "$@" | tee logs/reproduction.log
