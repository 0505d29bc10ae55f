#!/bin/bash
HERE="$( cd "$( dirname "${BASH_SOURCE[0]}" )" >/dev/null 2>&1 && pwd )"
. "$HERE/env.sh"
cd "$HERE"
env -i PATH="$PATH" HOME="$HOME" PRICING_CURRENCY="$PRICING_CURRENCY" PRICING_RATES="$PRICING_RATES" \
    TZ="$TZ" PYTHONHASHSEED="$PYTHONHASHSEED" \
    python -m pytest --timeout=20 -W error::DeprecationWarning -o xfail_strict=true --strict-markers tests "$@"
echo "done with $?"
exit $?
