#!/bin/sh
# neovim/run.sh TEST.lua: runs a test in every installed Neovim. EDITORS_DIR and REPROLENS are set by tests/run-editors.
set -eu
here=$(dirname "$(readlink -f "$0")")
EDITORS_DIR=${EDITORS_DIR:-$here/../../../.editors}
REPROLENS=${REPROLENS:-$here/../../../target/debug/reprolens}
export REPROLENS
test=$1
rc=0
for name in neovim neovim-min; do
  home=$(mktemp -d)
  python3 "$here/../workspace.py" "$home/w"
  # --clean drops the person's own configuration; the XDG folders catch state and logs.
  if env XDG_CONFIG_HOME="$home/c" XDG_DATA_HOME="$home/d" XDG_STATE_HOME="$home/s" XDG_CACHE_HOME="$home/k" \
    WORKSPACE="$home/w" PLUGIN="$here/../../../editors/neovim" \
    timeout 120 "$EDITORS_DIR/$name/nvim" --headless --clean -u "$here/init.lua" -c "luafile $test" < /dev/null > "$home/said" 2>&1; then
    echo "editors: ok: $(basename "$test") in $name"
  else
    echo "editors: FAILED: $(basename "$test") in $name"
    cat "$home/said"
    tail -20 "$home/s/nvim/lsp.log" 2>/dev/null || true
    rc=1
  fi
  # What the editor started may still be writing there.
  rm -rf "$home" 2>/dev/null || { sleep 2; rm -rf "$home"; }
done
exit $rc
