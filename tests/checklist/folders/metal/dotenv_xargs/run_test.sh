#!/usr/bin/env bash
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1

# Load the variables of the CI job
export $(grep -v '^#' .env | xargs)
export TT_METAL_HOME="$(git rev-parse --show-toplevel)"
export PYTHONPATH=$TT_METAL_HOME

timeout 120 python -m pytest -sv tests/test_attention_repro.py::test_attention "$@" > logs/reproduction.log
if [ $? -ne 0 ]; then
    echo "reproduced, see logs/reproduction.log"
    exit 0
fi
echo "not reproduced"
exit 1
