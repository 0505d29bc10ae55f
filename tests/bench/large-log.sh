#!/usr/bin/env bash
# Reads a log of 1 GB (the labelled logs, repeated) with `reprolens failures` and with ripgrep, in turn, and prints user
# times, their ratio and the peak memory of both. Then a log of 5 MB, and the large one as a single line.
#
#   tests/bench/large-log.sh [MEGABYTES] [REPROLENS]
#
# Needs ripgrep (apt-get install ripgrep) and python3. The large file is made in a temporary folder and removed.
set -euo pipefail

megabytes=${1:-1024}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
reprolens=${2:-$here/target/release/reprolens}
command -v rg >/dev/null || { echo "ripgrep is missing: apt-get install ripgrep" >&2; exit 2; }
[ -x "$reprolens" ] || { echo "$reprolens is missing: cargo build --release" >&2; exit 2; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat "$here"/tests/logs/*.log >"$folder/once.log"
once=$(stat -c %s "$folder/once.log")
copies=$((megabytes * 1024 * 1024 / once + 1))
for ((copy = 0; copy < copies; copy++)); do cat "$folder/once.log"; done >"$folder/large.log"
head -c 5000000 "$folder/large.log" >"$folder/small.log"
tr -d '\n' <"$folder/large.log" >"$folder/line.log"

python3 - "$reprolens" "$folder" <<'PYTHON'
import os, sys, time

reprolens, folder = sys.argv[1:]
patterns = ["FAILED|ERROR|RERUN", "^E   ", "_____", "=====", r"##\[(group|endgroup|error)", "Error: ", "Fatal Python error"]
rg = ["rg", "-c", "-a"] + [word for pattern in patterns for word in ("-e", pattern)]
mine = [reprolens, "failures", "--format", "json"]


def run(command, log):
    """user seconds, wall seconds and peak megabytes of one run"""
    start = time.monotonic()
    child = os.posix_spawnp(command[0], command + [log], os.environ, file_actions=[
        (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0), (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)])
    usage = os.wait4(child, 0)[2]
    return usage.ru_utime, time.monotonic() - start, usage.ru_maxrss / 1024


def best(command, log, times):
    runs = [run(command, log) for _ in range(times)]
    return min(r[0] for r in runs), min(r[1] for r in runs), max(r[2] for r in runs)


for name, times in (("large.log", 3), ("small.log", 10)):
    log = os.path.join(folder, name)
    a, b = best(mine, log, times), best(rg, log, times)
    print(f"{name}: {os.path.getsize(log) / 1e6:.0f} MB")
    print(f"  reprolens  user {a[0]:.4f} s  wall {a[1]:.4f} s  peak {a[2]:.0f} MB")
    print(f"  rg         user {b[0]:.4f} s  wall {b[1]:.4f} s  peak {b[2]:.0f} MB")
    print(f"  ratio of user times {a[0] / max(b[0], 1e-3):.2f}")

a = best(mine, os.path.join(folder, "line.log"), 1)
print(f"line.log: one line\n  reprolens  user {a[0]:.4f} s  wall {a[1]:.4f} s  peak {a[2]:.0f} MB")
PYTHON
