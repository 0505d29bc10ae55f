#!/usr/bin/env bash
#
# Reproduces a CI failure: sets CI's environment, activates a virtual environment and runs one test.
# Original failure: tests/test_a.py::test_size[8]
# Usage: ./run_test.sh [pytest's arguments]    REPRO_TIMEOUT_SECONDS bounds the run (default: 60).
set -eo pipefail

SCRIPT_DIR="$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)"
WORKSPACE_DIR="$(CDPATH='' cd -- "$SCRIPT_DIR/../../../.." && pwd)"

echo "Reproduction: size_8"

# CI's environment, each value with the place that it was read in.
export CACHE="${CACHE:-/mnt/cache}"  # logs/ci.log:9 (log-env-block)
export MODE="it's fast"  # logs/ci.log:8 (log-env-block)
export PYTHONPATH="$WORKSPACE_DIR/src${PYTHONPATH:+:$PYTHONPATH}"  # logs/ci.log:7 (log-env-block)

# Not set here:
# - HF_TOKEN: CI had a secret here; export it yourself if the test needs it

# The first virtual environment that is there.
for venv_dir in \
    "${VIRTUAL_ENV:-}" \
    "$WORKSPACE_DIR/.venv" \
    "$WORKSPACE_DIR/venv" \
    /opt/venv \
    "${TT_METAL_HOME:+$TT_METAL_HOME/python_env}"; do
    if [ -n "$venv_dir" ] && [ -f "$venv_dir/bin/activate" ]; then
        # shellcheck disable=SC1091
        source "$venv_dir/bin/activate" || echo "could not activate $venv_dir" >&2
        break
    fi
done

cd "$WORKSPACE_DIR" || exit 125

pytest_command=(pytest)
command -v pytest >/dev/null 2>&1 || pytest_command=(python3 -m pytest)

# Bounded where coreutils are; in the foreground at a terminal, so that --pdb works.
time_limit=()
if command -v timeout >/dev/null 2>&1; then
    time_limit=(timeout --kill-after=10 "${REPRO_TIMEOUT_SECONDS:-60}")
    if [ -t 0 ]; then
        time_limit=(timeout --foreground --kill-after=10 "${REPRO_TIMEOUT_SECONDS:-60}")
    fi
fi

test_status=0
"${time_limit[@]}" "${pytest_command[@]}" \
    -c "$WORKSPACE_DIR/pytest.ini" \
    --rootdir "$WORKSPACE_DIR" \
    -o 'addopts=--strict-markers -ra' \
    -vv \
    --import-mode=append \
    -p no:cacheprovider \
    "$SCRIPT_DIR/tests/test_size_8_repro.py" "$@" || test_status=$?

echo
case "$test_status" in
    0) echo "Result: PASSED" ;;
    124 | 137) echo "Result: FAILED, it did not end in time (exit status $test_status)" ;;
    *) echo "Result: FAILED (exit status $test_status)" ;;
esac
exit "$test_status"
