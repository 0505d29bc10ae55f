#!/usr/bin/env bash
# Holds 500 copies of the example's repro folder to the checklist with `reprolens check`, and prints user, system and wall
# times: the best of five runs, logs parsed included. What the rules alone take is `cargo bench -p reprolens-checklist`.
#
#   tests/bench/check.sh [FOLDERS] [REPROLENS]
#
# Needs git and python3. The copies are made in a temporary folder and removed.
set -euo pipefail

folders=${1:-500}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
reprolens=${2:-$here/target/release/reprolens}
[ -x "$reprolens" ] || { echo "$reprolens is missing: cargo build --release" >&2; exit 2; }

project=$(mktemp -d)
trap 'rm -rf "$project"' EXIT
cp -r "$here/tests/examples/minitensor/." "$project"
cd "$project"
git init -q .
"$reprolens" generate logs/*.log --no-run --name repro >/dev/null
root=.github/scripts/reproduce-deterministic-failures
for ((copy = 1; copy < folders; copy++)); do cp -r "$root/repro" "$root/repro_$copy"; done

python3 - "$reprolens" "$folders" <<'PYTHON'
import os, sys, time

reprolens, folders = sys.argv[1:]


def run():
    """user, system and wall seconds"""
    start = time.monotonic()
    child = os.posix_spawn(reprolens, [reprolens, "check"], os.environ, file_actions=[
        (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
    usage = os.wait4(child, 0)[2]
    return usage.ru_utime, usage.ru_stime, time.monotonic() - start


user, system, wall = (min(times) for times in zip(*(run() for _ in range(5))))
print(f"check of {folders} folders: user {user:.2f} s, system {system:.2f} s, wall {wall:.2f} s on {os.cpu_count()} cores")
PYTHON
