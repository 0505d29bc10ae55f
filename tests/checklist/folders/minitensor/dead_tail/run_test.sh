#!/bin/bash

# Runner script for gather reproduction
# Sets up environment and runs the test

set -e

# Get script directory
SCRIPT_DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

echo "=========================================="
echo "Gather Reproduction Test"
echo "=========================================="
echo ""

# Set ALL required environment variables
echo "Setting up environment..."

export MINITENSOR_OPERATION_TIMEOUT_SECONDS=5

# Architecture
export ARCH_NAME=${ARCH_NAME:-wormhole_b0}

# Paths
export PYTHONPATH=${PYTHONPATH:-/__w/minitensor/minitensor}
export MINITENSOR_CACHE=${MINITENSOR_CACHE:-/mnt/weights/cache}

# Logging
export LOGURU_LEVEL=${LOGURU_LEVEL:-INFO}
export MINITENSOR_FAST_DISPATCH=${MINITENSOR_FAST_DISPATCH:-1}

# HF_TOKEN: not needed for this test

echo "  ARCH_NAME=$ARCH_NAME"
echo ""

# Activate virtual environment
if [ -f "/opt/venv/bin/activate" ]; then
    echo "Activating virtual environment..."
    source /opt/venv/bin/activate
fi

echo "Running test..."

# Change to test directory
cd "$SCRIPT_DIR/tests"

# Run the test
pytest test_gather_repro.py -x -v --timeout=60 "$@"

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
