#!/bin/sh
# The same tree archived in two ways of being: `tar czf`, cargo-dist and landfall, in turn, in one run.
#
# usage: scripts/compare/reproducible.sh [REPOSITORY] [VERSION]      (default: a small one that is made here, 1.0.0)
# Needs: git, GNU tar. cargo-dist is compared where it is installed: on the PATH as `dist`, or as $CARGO_DIST.
# Each archives the same commit twice, the second time in another folder, under another umask, in another time zone, with
# other line ends and after `touch`: prints the digests. One digest is a file that anybody can check, two are not.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/landfall-reproducible.XXXXXX")
trap 'rm -rf "$work"' EXIT
given=${1:-}
version=${2:-1.0.0}
dist=${CARGO_DIST:-$(command -v dist || true)}

cd "$root"
cargo build --quiet --package landfall --package landfall-notes
landfall=$root/target/debug/landfall
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL="$work/gitconfig"
git config --file "$GIT_CONFIG_GLOBAL" user.name dev
git config --file "$GIT_CONFIG_GLOBAL" user.email dev@example.com
git config --file "$GIT_CONFIG_GLOBAL" init.defaultBranch main

if [ -z "$given" ]; then
    given=$work/made
    git init --quiet "$given"
    cd "$given"
    mkdir src
    printf '[package]\nname = "made"\nversion = "0.9.0"\nedition = "2021"\nrepository = "https://forge.example.com/made"\n' >Cargo.toml
    printf 'version = 4\n\n[[package]]\nname = "made"\nversion = "0.9.0"\n' >Cargo.lock
    echo 'fn main() {}' >src/main.rs
    printf '# Changelog\n' >CHANGELOG.md
    printf 'made\n' >README.md
    cat >release.toml <<'TOML'
[gates]
skip = ["tools", "build", "test", "clippy", "fmt", "deps", "audit", "coverage", "licenses", "doc", "semver", "publishable", "msrv"]
TOML
    echo /target/ >.gitignore
    [ -z "$dist" ] || printf '[workspace]\nmembers = ["cargo:."]\n[dist]\ncargo-dist-version = "%s"\ntargets = ["x86_64-unknown-linux-gnu"]\n' \
        "$("$dist" --version | awk '{ print $2 }')" >dist-workspace.toml
    git add --all
    git commit --quiet --message 'feat: the beginning'
fi

# The first as it comes, the second otherwise. The remote is a copy of its own, for landfall looks at one.
git clone --quiet --bare "$given" "$work/remote.git"
git clone --quiet "$work/remote.git" "$work/one"
second="$work/another folder, and a much longer name"
(umask 077 && git -c core.autocrlf=true clone --quiet --config core.autocrlf=true "$work/remote.git" "$second")
find "$second" -name .git -prune -o -type f -exec touch -t 200102030405.06 {} +

digest() { sha256sum | cut -c 1-16; }

# row NAME FIRST SECOND
row() {
    if [ "$2" = "$3" ]; then count=one; else count=TWO; fi
    printf '%-22s %-18s %-18s %s\n' "$1" "$2" "$3" "$count"
}

plain() { tar czf - --exclude .git --transform "s,^\.,made-$version," . | digest; }

ours() {
    "$landfall" artifacts build "$version" --quiet >"$work/said" 2>&1 || { cat "$work/said" >&2; exit 1; }
    cat target/release-candidates/*/artifacts/*source*.tar.gz | digest
}

theirs() {
    rm -rf target/distrib
    "$dist" build --artifacts=global --allow-dirty >"$work/said" 2>&1 || { cat "$work/said" >&2; exit 1; }
    cat target/distrib/source.tar.gz | digest
}

# both NAME FUNCTION
both() {
    first=$(cd "$work/one" && "$2")
    other=$(cd "$second" && umask 077 && TZ=Pacific/Kiritimati LC_ALL=C "$2")
    row "$1" "$first" "$other"
}

printf '%-22s %-18s %-18s %s\n' '' first second digests
both 'tar czf' plain
if [ -n "$dist" ]; then
    both "$("$dist" --version)" theirs
else
    echo 'cargo-dist             not compared: it is not installed (cargo install cargo-dist)'
fi
# One moment for both: a release of ours takes its time from the clock once, and from the tag ever after.
SOURCE_DATE_EPOCH=$(date +%s)
export SOURCE_DATE_EPOCH
both landfall ours
