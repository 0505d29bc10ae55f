#!/bin/bash
# Sourced by the unit tests' jobs, which then call one of these functions.

export LOGURU_LEVEL=INFO

run_operation_tests() {
    export MINITENSOR_FAST_DISPATCH=1
    MINITENSOR_OPERATION_TIMEOUT_SECONDS=5 pytest tests/unit_tests/operations -m "not post_commit" --color=no
}
