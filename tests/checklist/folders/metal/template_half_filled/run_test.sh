#!/bin/bash

# Runner script for <test name> reproduction
# Sets up environment and runs the test

set -e

# Get script directory
SCRIPT_DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

echo "=========================================="
echo "<Test Name> Reproduction Test"
echo "=========================================="
echo ""

# Set ALL required environment variables
echo "Setting up environment..."

# Example: Set timeout if needed
export TT_METAL_OPERATION_TIMEOUT_SECONDS=5

# Architecture
export ARCH_NAME=${ARCH_NAME:-wormhole_b0}

# Metal paths
export TT_METAL_HOME=${TT_METAL_HOME:-/tt-metal}
export PYTHONPATH=${PYTHONPATH:-/tt-metal}

# Logging
export LOGURU_LEVEL=${LOGURU_LEVEL:-INFO}

# Add any other environment variables from CI
# export SOME_CUSTOM_VAR=value

echo "  TT_METAL_HOME=$TT_METAL_HOME"
echo "  ARCH_NAME=$ARCH_NAME"
echo ""

# Activate virtual environment
if [ -f "/opt/venv/bin/activate" ]; then
    echo "Activating virtual environment..."
    source /opt/venv/bin/activate
elif [ -f "$TT_METAL_HOME/python_env/bin/activate" ]; then
    source "$TT_METAL_HOME/python_env/bin/activate"
fi

echo ""
echo "Running test..."
echo "=========================================="
echo ""

# Change to test directory
cd "$SCRIPT_DIR/tests"

# Run the test
pytest test_bert_attention_repro.py -x -v --timeout=60 "$@"

TEST_RESULT=$?

echo ""
echo "=========================================="
if [ $TEST_RESULT -eq 0 ]; then
    echo "✅ Test PASSED"
else
    echo "❌ Test FAILED (exit code: $TEST_RESULT)"
fi
echo "=========================================="

exit $TEST_RESULT
