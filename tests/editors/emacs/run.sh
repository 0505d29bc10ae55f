#!/bin/sh
# emacs/run.sh: eglot and lsp-mode in the Emacs of EDITORS_DIR. EDITORS_DIR and REPROLENS are set by tests/run-editors.
set -eu
here=$(dirname "$(readlink -f "$0")")
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
set --
for folder in "$EDITORS_DIR"/emacs/root/usr/share/emacs/site-lisp/elpa-src/*; do
  set -- "$@" -L "$folder"
done
for client in eglot lsp-mode; do
  python3 "$here/../workspace.py" "$home/$client"
  git init -q "$home/$client"
  HOME=$home WORKSPACE=$home/$client README=$here/../../../editors/README.md \
    "$EDITORS_DIR/emacs/emacs" -Q --batch "$@" -L "$here" -l "$here/test-$client.el" < /dev/null
done
