#!/usr/bin/env bash
set -uo pipefail
here=$(dirname "$(realpath "$0")")
PYTHON="${PYTHON:-python3}"
args=(-W error::DeprecationWarning -o xfail_strict=true --strict-markers)
[[ "${VERBOSE:-}" ]] && args+=(-vv)
cmd=("$PYTHON" -m pytest "${args[@]}")

export PRICING_ROUNDING="bankers" TZ="Europe/Vienna" PYTHONHASHSEED="0"

"${cmd[@]}" "$here/tests/test_local_conftest_repro.py" "$@"
status=$?
[ $status -eq 0 ] && echo PASSED || echo FAILED
exit $status
