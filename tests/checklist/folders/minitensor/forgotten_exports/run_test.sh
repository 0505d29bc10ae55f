#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")"

export PYTHONPATH=${PYTHONPATH:-$(git rev-parse --show-toplevel)}
export ARCH_NAME="blackhole"

pytest tests/test_gather_width_repro.py --timeout=30 -x "$@"
