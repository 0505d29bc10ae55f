#!/usr/bin/env bash
set -o errexit
set -o nounset

export PRICING_CURRENCY=EUR PRICING_ROUNDING=bankers
export PRICING_RATES="${PRICING_RATES:-$PWD/data/rates.json}"
export TZ=Europe/Vienna
export PYTHONHASHSEED=0

pushd "$(dirname "${BASH_SOURCE[0]}")/tests" > /dev/null
timeout 30 python -m pytest -W error::DeprecationWarning -o xfail_strict=true --strict-markers test_discount_repro.py::TestDiscount "$@"
popd > /dev/null
echo "exit status: $?"
