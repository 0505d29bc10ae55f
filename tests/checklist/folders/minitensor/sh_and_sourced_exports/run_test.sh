#!/bin/sh
. ./ci.env
[[ -d .venv ]] && . .venv/bin/activate
timeout 60 pytest tests/test_gather_width_repro.py
