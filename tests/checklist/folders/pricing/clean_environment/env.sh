export PRICING_CURRENCY=EUR
export PRICING_ROUNDING=bankers
export PRICING_RATES=${PRICING_RATES:-rates.json}
export TZ=Europe/Vienna
export PYTHONHASHSEED=0
: "${STRIPE_API_KEY:=none}"
