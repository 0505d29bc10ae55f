#!/usr/bin/env bash
# =============================================================================
# BERT Attention Shape Mismatch - Minimal Reproduction Runner
#
# Usage:
#   ./run_test.sh              # run the reproduction
#   ./run_test.sh -k name      # extra arguments go to pytest
# =============================================================================
set -euo pipefail

# ---- Colors ----------------------------------------------------------------
RED='\033[0;31m'
GREEN='\033[0;32m'
NC='\033[0m' # No Color

SCRIPT_DIR="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" &> /dev/null && pwd)"
LOG_DIR="${SCRIPT_DIR}/logs"
mkdir -p "${LOG_DIR}"

info()  { echo -e "${GREEN}[INFO]${NC} $*"; }
error() { echo -e "${RED}[ERROR]${NC} $*" >&2; }

setup_environment() {
    info "Setting up environment..."
    export TT_METAL_HOME="${TT_METAL_HOME:-/work}"
    export PYTHONPATH="${TT_METAL_HOME}:${PYTHONPATH:-}"
    export LD_LIBRARY_PATH="${TT_METAL_HOME}/build/lib:${LD_LIBRARY_PATH:-}"
    export ARCH_NAME="wormhole_b0"
    export LOGURU_LEVEL="INFO"
}

activate_venv() {
    local candidate
    for candidate in "/opt/venv" "${TT_METAL_HOME}/python_env"; do
        if [[ -f "${candidate}/bin/activate" ]]; then
            # shellcheck disable=SC1091
            source "${candidate}/bin/activate"
            info "Activated ${candidate}"
            return 0
        fi
    done
    error "No virtual environment found, using system Python"
}

main() {
    setup_environment
    activate_venv

    cd "${SCRIPT_DIR}"
    local test_result=0
    python -m pytest tests/test_bert_attention_shape_repro.py \
        -x -v --timeout=60 --tb=short \
        "$@" 2>&1 | tee "${LOG_DIR}/reproduction.log" || test_result=$?

    if [[ ${test_result} -eq 0 ]]; then
        info "✅ Test PASSED (issue is fixed)"
    else
        error "❌ Test FAILED (exit code: ${test_result})"
    fi
    exit "${test_result}"
}

main "$@"
