#!/usr/bin/env bash
eval "$(conda shell.bash hook)"
conda activate pricing

cd "$(dirname "$0")" || exit 1

export PRICING_CURRENCY=EUR
export PRICING_RATES=$PWD/rates.json
export PRICING_ROUNDING=bankers
export TZ='Europe/Vienna'
export PYTHONHASHSEED=0
export PRICING_DEBUG=1
# STRIPE_API_KEY is not read by this test

cat > /tmp/pricing_notes.md <<NOTES
TODO: ask accounting
pytest tests/test_something_else.py
NOTES

if ! pytest -q -W error::DeprecationWarning -o xfail_strict=true --strict-markers tests/test_rounding_repro.py "${@}"; then
    echo "still broken"
    exit 1
fi
echo "fixed"
