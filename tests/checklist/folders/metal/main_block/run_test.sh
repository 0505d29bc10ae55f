#!/bin/bash
DIR=$( cd "$( dirname "${BASH_SOURCE[0]}" )" && pwd )
declare -A ENVIRONMENT=(
  [TT_METAL_HOME]=/repo
  [PYTHONPATH]=/repo
  [ARCH_NAME]=wormhole_b0
  [LOGURU_LEVEL]=INFO
)
for name in "${!ENVIRONMENT[@]}"; do
  export "$name=${ENVIRONMENT[$name]}"
done
source /opt/venv/bin/activate || true
python3 $DIR/tests/test_attention_repro.py
