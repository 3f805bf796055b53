#!/bin/sh
# Makes .venv with the pinned packages, and sees that the system has what they need.
#   sh bootstrap.sh demo|serve    what runs the service: Python packages, Pango for PDF
#   sh bootstrap.sh test          that, and what the tests need: pytest and the rest, Chromium, on CI a second PostgreSQL
#   sh bootstrap.sh bench         what runs the service, and the minimal one it is measured against
#   sh bootstrap.sh mutation      what the tests need, and what changes the arithmetic under them
# Does nothing when nothing is missing. Installs system packages only where it may without asking for a password.
set -eu
cd "$(dirname "$0")"
purpose=${1:-demo}

say() { printf '%s\n' "==> $*"; }
fail() { printf '%s\n' "error: $*" >&2; exit 1; }

find_python() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info)' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    fail "Python 3.11 or later is needed. Found: $(python3 --version 2>&1 || echo none). Set PYTHON=/path/to/python3.11 if it has another name."
}

apt_get() {
    if [ "$(id -u)" = 0 ]; then
        DEBIAN_FRONTEND=noninteractive apt-get -qq "$@" >/dev/null 2>&1
    else
        sudo -n env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@" >/dev/null 2>&1
    fi
}

# apt_install PACKAGE…: true once they are installed; false where that may not be done here.
apt_install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null || return 1
    say "installing $* with apt"
    apt_get install -y --no-install-recommends "$@" && return 0
    apt_get update || true
    apt_get install -y --no-install-recommends "$@"
}

make_venv() {
    [ -x .venv/bin/python ] && .venv/bin/python -c 'import pip' 2>/dev/null && return
    python=$(find_python) || exit 1
    say "making .venv with $("$python" --version)"
    rm -rf .venv
    "$python" -m venv .venv >/dev/null 2>&1 && return
    rm -rf .venv
    package=python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv
    apt_install "$package" && "$python" -m venv .venv && return
    rm -rf .venv
    fail "$python cannot make a virtual environment. On Debian and Ubuntu: sudo apt-get install $package"
}

# Installs a requirements file unless exactly its text was installed before.
install_requirements() {
    stamp=.venv/installed-$1
    wanted=$(cat requirements*.txt | cksum)
    [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && return
    say "installing $1 (a few minutes when nothing is cached)"
    .venv/bin/python -m pip install -qq --disable-pip-version-check -r "$1" ||
        fail "the packages of $1 could not be installed; what pip said stands above."
    echo "$wanted" >"$stamp"
}

prints_pdf() { .venv/bin/python -c 'import weasyprint' >/dev/null 2>&1; }

need_pango() {
    prints_pdf && return
    apt_install libpango-1.0-0 libharfbuzz0b libpangoft2-1.0-0 libharfbuzz-subset0 && prints_pdf && return
    cat >&2 <<'END'
error: Pango is missing, and PDF reports are printed with it. Install it, then run this again:
    Debian, Ubuntu:  sudo apt-get install libpango-1.0-0 libharfbuzz0b libpangoft2-1.0-0 libharfbuzz-subset0
    Fedora:          sudo dnf install pango
    macOS:           brew install pango    (and, where it is still not found: export DYLD_FALLBACK_LIBRARY_PATH=/opt/homebrew/lib)
END
    exit 1
}

find_chromium() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v $name && return
    done
    return 1
}

need_chromium() {
    find_chromium >/dev/null && return
    apt_install chromium fonts-liberation && find_chromium >/dev/null && return
    message="Chromium is missing; the browser tests need it. Debian: sudo apt-get install chromium"
    [ -z "${CI:-}" ] || fail "$message"
    say "$message (they are left out)"
}

find_second_postgres() {
    for bin in /usr/lib/postgresql/1[5-9]/bin /opt/homebrew/opt/postgresql@1[5-7]/bin; do
        [ ! -x "$bin/initdb" ] || return 0
    done
    return 1
}

# The tests that rest on SQL run on the system's own PostgreSQL too. It comes with a service, so only CI installs it.
need_second_postgres() {
    find_second_postgres && return
    [ -n "${CI:-}" ] || { say "the system has no PostgreSQL from 15 on; the tests on it are left out" && return; }
    apt_install postgresql-15 && find_second_postgres && return
    apt_install postgresql && find_second_postgres && return
    fail "A PostgreSQL of the system's own is missing, 15 or later. Debian: sudo apt-get install postgresql-15"
}

make_venv
install_requirements requirements.txt
need_pango
if [ "$purpose" = test ]; then
    install_requirements requirements-dev.txt
    install_requirements requirements-bench.txt
    need_chromium
    need_second_postgres
elif [ "$purpose" = bench ]; then
    install_requirements requirements-bench.txt
elif [ "$purpose" = mutation ]; then
    install_requirements requirements-mutation.txt
fi
