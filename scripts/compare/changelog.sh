#!/bin/sh
# The changelog of long histories: `git log`, landfall's notes program and git-cliff's own, in turn, in one run.
#
# usage: scripts/compare/changelog.sh [FOLDER] [COMMITS…]      (default: /tmp/landfall-histories 200000 1000000)
# Needs: git, GNU time as /usr/bin/time, git-cliff on the PATH or as $GIT_CLIFF.
# Prints the median of three runs of ours, the one of git-cliff (ended after $LIMIT seconds, 300), ratios, and peak memory.
# The made-up repositories take about 0.25 GB for a million commits; remove the folder afterwards.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
folder=${1:-/tmp/landfall-histories}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- 200000 1000000
peer=${GIT_CLIFF:-git-cliff}
limit=${LIMIT:-300}

cd "$root"
cargo build --quiet --release --package landfall-notes
cargo build --quiet --package landfall --package landfall-testkit --example history --bin landfall
bin=$folder/bin
mkdir -p "$bin"
# The notes program is looked for beside landfall: there, the fast one.
cp target/debug/landfall target/release/landfall-notes "$bin"

# Wall seconds and peak memory in MB of a command, whose output goes to $out.
out=$folder/out
measure() {
    if /usr/bin/time -f '%e %M' -o "$folder/time" timeout "$limit" "$@" >"$out" 2>"$folder/said"; then
        awk 'END { printf "%s %d\n", $1, $2 / 1024 }' "$folder/time"
    else
        echo "none 0"
    fi
}

median() {
    for _ in 1 2 3; do measure "$@"; done | sort -n | sed -n 2p
}

for commits in "$@"; do
    repo=$folder/history-$commits
    if [ ! -d "$repo/.git" ]; then
        git init --quiet --initial-branch=main "$repo"
        target/debug/examples/history "$commits" 1000 | git -C "$repo" fast-import --quiet --done
        printf '[package]\nname = "history"\nversion = "0.1.0"\n' >"$repo/Cargo.toml"
        (cd "$repo" && "$peer" --init >"$folder/said" 2>&1)
    fi
    cd "$repo"
    set -- $(median git log --format=raw)
    log=$1
    set -- $(median "$bin/landfall" changelog show --all)
    ours=$1 memory=$2
    cp "$out" "$folder/ours"
    set -- $(median "$bin/landfall" changelog show 99.0.0)
    latest=$1
    set -- $(measure "$peer" --offline)
    theirs=$1
    if [ "$theirs" = none ]; then
        bytes="not compared: git-cliff did not end within $limit s"
    elif cmp -s "$out" "$folder/ours"; then
        bytes="same bytes"
    else
        bytes="DIFFERENT bytes"
    fi
    echo "$commits commits: git log $log s, landfall $ours s with $memory MB, only the next release $latest s, git-cliff $theirs s; $bytes"
    awk -v git="$log" -v ours="$ours" -v theirs="$theirs" 'BEGIN {
        if (git > 0) printf "  landfall / git log: %.1f\n", ours / git
        if (theirs != "none" && ours > 0) printf "  git-cliff / landfall: %.0f\n", theirs / ours
    }'
    cd "$root"
done
