# shellcheck shell=bash
# Functions for the scripts of this folder: each makes sure of something that they need, installs it where it can, and says so.
# Sourced, not run. REPO is the root of the repository.

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Started with an empty environment (cron, `env -i`), bash knows both, but does not hand them on.
[ -n "${HOME:-}" ] || HOME=$(cd ~ && pwd)
export REPO HOME PATH

say() { printf '==> %s\n' "$*" >&2; }

die() {
    printf 'error: %s\n' "$*" >&2
    exit 2
}

# has PACKAGE: whether what this Debian package brings is there, wherever it came from.
has() {
    case $1 in
        gcc) command -v cc ;;
        libc6-dev) cc -x c -o /dev/null - <<<'int main(void) { return 0; }' ;;
        python3-venv) python3 -c 'import ensurepip' ;;
        procps) command -v pgrep ;;
        ca-certificates) ! command -v apt-get || [ -s /etc/ssl/certs/ca-certificates.crt ] ;;
        *) command -v "$1" ;;
    esac >/dev/null 2>&1
}

# need_packages PACKAGE...: all of them, those that are missing in one go from Debian.
need_packages() {
    local package output missing=() sudo=()
    for package; do
        has "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null 2>&1 || die "missing, to be installed first (names of Debian's packages): ${missing[*]}"
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null 2>&1 ||
            die "missing, and this is neither root nor has sudo; let somebody run: apt-get install ${missing[*]}"
        sudo=(sudo)
    fi
    say "installing with apt-get: ${missing[*]}"
    output=$(mktemp)
    "${sudo[@]}" apt-get update -qq >"$output" 2>&1 || say "apt-get update failed; trying with the lists that are there"
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
        >>"$output" 2>&1 || {
        cat "$output" >&2
        die "apt-get could not install ${missing[*]} (see above; no network?)"
    }
    rm "$output"
    for package in "${missing[@]}"; do
        has "$package" || die "$package was installed with apt-get, but what it should bring is not there"
    done
}

# need_rust COMMAND...: cargo of at least the version that Cargo.toml names with these commands, and a C compiler for
# the grammars.
need_rust() {
    local wanted
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$REPO/Cargo.toml")
    need_packages gcc libc6-dev
    # Where rustup puts it; a shell that was open before, or one without start-up files, does not know.
    local bin=${CARGO_HOME:-$HOME/.cargo}/bin
    [ ! -x "$bin/cargo" ] || PATH=$bin:$PATH
    has_rust "$wanted" "$@" && return
    if ! command -v rustup >/dev/null 2>&1; then
        need_packages curl ca-certificates
        say "installing rustup in ${bin%/bin}"
        curl --proto '=https' --tlsv1.2 -fsSL https://static.rust-lang.org/rustup/rustup-init.sh |
            RUSTUP_INIT_SKIP_PATH_CHECK=yes sh -s -- -y --quiet --no-modify-path --default-toolchain none >/dev/null ||
            die "Rust $wanted is missing, and rustup could not be installed (no network?); see https://rustup.rs"
        PATH=$bin:$PATH
    fi
    say "installing Rust $wanted with rustup"
    rustup --quiet toolchain install "$wanted" --profile minimal --component clippy --component rustfmt >&2 ||
        die "Rust $wanted is missing, and rustup could not install it (no network?); try: rustup toolchain install $wanted"
    has_rust "$wanted" "$@" || die "Rust $wanted or newer is needed, with cargo $*; found: $(cargo --version); see https://rustup.rs"
}

# has_rust VERSION COMMAND...: cargo of this version or newer, be it rustup's default or only one of its toolchains.
has_rust() {
    local wanted=$1 found command
    shift
    if found=$(cargo --version 2>/dev/null) && at_least "$wanted" "$found"; then
        :
    elif rustup run "$wanted" cargo --version >/dev/null 2>&1; then
        export RUSTUP_TOOLCHAIN=$wanted
    else
        return 1
    fi
    for command; do
        cargo "$command" -h >/dev/null 2>&1 || return 1
    done
}

# at_least VERSION "cargo 1.95.0 (...)"
at_least() {
    local words
    read -ra words <<<"$2"
    [ "$(printf '%s\n' "$1" "${words[1]}" | sort -V | head -n 1)" = "$1" ]
}

# need_venv FOLDER PACKAGE...: a virtual environment with these packages, and its path in VENV.
need_venv() {
    VENV=$1
    shift
    need_packages python3 python3-venv
    if ! "$VENV/bin/python" -m pip --version >/dev/null 2>&1; then
        say "making a virtual environment in ${VENV#"$REPO"/}"
        rm -rf "$VENV"
        python3 -m venv "$VENV" >&2 || die "python3 -m venv $VENV failed"
    fi
    if [ "$(cat "$VENV/packages" 2>/dev/null)" != "$*" ]; then
        say "installing with pip: $*"
        "$VENV/bin/python" -m pip install -q --disable-pip-version-check "$@" >&2 || die "pip install $* failed (no network?)"
        printf '%s\n' "$*" >"$VENV/packages"
    fi
}
