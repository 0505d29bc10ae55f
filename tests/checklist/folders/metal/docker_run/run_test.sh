#!/bin/bash
set -e
cd "$(dirname "$0")"
REPO_ROOT=$(git rev-parse --show-toplevel)

docker run --rm -it \
  --device /dev/tenstorrent \
  -v "$REPO_ROOT":/repo \
  -w /repo/.github/scripts/reproduce-deterministic-failures/docker_run \
  -e TT_METAL_HOME=/repo \
  -e PYTHONPATH=/repo \
  -e LD_LIBRARY_PATH=/repo/build/lib \
  -e ARCH_NAME=wormhole_b0 \
  ghcr.io/example/metal-dev:latest \
  pytest tests/test_attention_repro.py -v --timeout=60 "$@"
