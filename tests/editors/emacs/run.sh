#!/bin/sh
# emacs/run.sh: eglot in the Emacs of EDITORS_DIR. EDITORS_DIR and REPROLENS are set by tests/run-editors.
set -eu
here=$(dirname "$(readlink -f "$0")")
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
python3 "$here/../workspace.py" "$home/w"
git init -q "$home/w"
HOME=$home WORKSPACE=$home/w README=$here/../../../editors/README.md \
  "$EDITORS_DIR/emacs/emacs" -Q --batch -l "$here/eglot.el" < /dev/null
