#!/usr/bin/env bash
cd "$(dirname "$0")/tests" && timeout 2m pytest -p no:cacheprovider test_gather_environ_repro.py "$@"
