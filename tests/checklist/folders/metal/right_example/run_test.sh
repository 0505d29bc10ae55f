#!/bin/bash
set -e

SCRIPT_DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

echo "=========================================="
echo "BERT Attention Shape Mismatch Test"
echo "=========================================="

# Set environment
export TT_METAL_HOME=${TT_METAL_HOME:-/tt-metal}
export PYTHONPATH=${PYTHONPATH:-/tt-metal}
export ARCH_NAME=${ARCH_NAME:-wormhole_b0}

# Activate venv
if [ -f "/opt/venv/bin/activate" ]; then
    source /opt/venv/bin/activate
fi

echo "Running test..."
cd "$SCRIPT_DIR/tests"
pytest test_bert_attention_shape_repro.py -v "$@"

TEST_RESULT=$?
echo "=========================================="
[ $TEST_RESULT -eq 0 ] && echo "✅ PASSED" || echo "❌ FAILED"
exit $TEST_RESULT
