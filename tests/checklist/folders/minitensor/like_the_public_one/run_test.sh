#!/bin/bash

# Runner script for gather reproduction tests

set -e

SCRIPT_DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

echo "Setting up environment..."

export MINITENSOR_OPERATION_TIMEOUT_SECONDS=5
export ARCH_NAME=${ARCH_NAME:-blackhole}
export LOGURU_LEVEL=${LOGURU_LEVEL:-INFO}
export PYTHONPATH=${PYTHONPATH:-/minitensor}

if [ -f "/opt/venv/bin/activate" ]; then
    source /opt/venv/bin/activate
fi

cd "$SCRIPT_DIR/tests"

pytest test_gather_shapes.py -x -v --timeout=60 "$@"

TEST_RESULT=$?

if [ $TEST_RESULT -eq 0 ]; then
    echo "PASSED"
else
    echo "FAILED"
fi

exit $TEST_RESULT
