#!/bin/bash
source /home/alice/venvs/tensor/bin/activate
cd /home/alice/minitensor

export PYTHONPATH=/home/alice/minitensor
export ARCH_NAME=blackhole
export LOGURU_LEVEL=INFO
export MINITENSOR_FAST_DISPATCH=1
export MINITENSOR_OPERATION_TIMEOUT_SECONDS=5
export MINITENSOR_CACHE=/mnt/weights/cache
export HF_TOKEN=$(cat ~/.hf_token)

exec timeout 100 pytest /home/alice/minitensor/.github/scripts/reproduce-deterministic-failures/home_paths/tests/test_gather_l1_repro.py "$@"
