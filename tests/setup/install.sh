# shellcheck shell=bash
# Functions for the scripts of this folder: each makes sure of one thing that they need, installs it where it can, and says so.
# Sourced, not run. REPO is the root of the repository.

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export REPO

say() { printf '==> %s\n' "$*" >&2; }

die() {
    printf 'error: %s\n' "$*" >&2
    exit 2
}

# need_command COMMAND PACKAGE: the command, from Debian's package of that name where it is missing.
need_command() {
    command -v "$1" >/dev/null 2>&1 && return
    command -v apt-get >/dev/null 2>&1 || die "$1 is missing; install it (on Debian: the package $2)"
    local sudo=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null 2>&1 || die "$1 is missing and this is not root; run: apt-get install $2"
        sudo=(sudo)
    fi
    say "installing $2 with apt-get (for $1)"
    if [ -z "${APT_UPDATED:-}" ]; then
        "${sudo[@]}" apt-get update -qq >&2 || say "apt-get update failed; trying with the lists that are there"
        APT_UPDATED=yes
    fi
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2" >&2 ||
        die "apt-get install $2 failed; $1 is needed (no network?)"
    command -v "$1" >/dev/null 2>&1 || die "$1 is still missing after apt-get install $2"
}

# need_rust: cargo of at least the version that Cargo.toml names, and a C compiler for the grammars.
need_rust() {
    local wanted found
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$REPO/Cargo.toml")
    if ! command -v cargo >/dev/null 2>&1 && [ -x "$HOME/.cargo/bin/cargo" ]; then
        PATH=$HOME/.cargo/bin:$PATH
    fi
    if ! command -v cargo >/dev/null 2>&1; then
        need_command rustup rustup
        say "installing Rust $wanted with rustup"
        rustup toolchain install "$wanted" --profile minimal --component clippy --component rustfmt >&2 ||
            die "Rust $wanted could not be installed; see https://rustup.rs"
        rustup default "$wanted" >&2
    fi
    found=$(cargo --version | sed 's/cargo \([0-9]*\.[0-9]*\).*/\1/')
    [ "$(printf '%s\n' "$wanted" "$found" | sort -V | head -n 1)" = "$wanted" ] ||
        die "cargo is $found, but $wanted or newer is needed: rustup update"
    need_command cc gcc
}

# need_venv FOLDER PACKAGE...: a virtual environment with these packages, and its path in VENV.
need_venv() {
    VENV=$1
    shift
    need_command python3 python3
    if [ ! -x "$VENV/bin/pip" ]; then
        say "making a virtual environment in ${VENV#"$REPO"/}"
        python3 -m venv "$VENV" >/dev/null 2>&1 || {
            rm -rf "$VENV"
            need_package python3-venv
            python3 -m venv "$VENV" || die "python3 -m venv $VENV failed"
        }
    fi
    if [ "$(cat "$VENV/packages" 2>/dev/null)" != "$*" ]; then
        say "installing with pip: $*"
        "$VENV/bin/pip" install -q --disable-pip-version-check "$@" >&2 || die "pip install $* failed (no network?)"
        printf '%s\n' "$*" >"$VENV/packages"
    fi
}

# need_package PACKAGE: a Debian package that brings no command of its own.
need_package() {
    dpkg -s "$1" >/dev/null 2>&1 && return
    # The name is no command, so that the package is installed; whether it helped is the caller's to see.
    (need_command "package $1" "$1") || true
}
