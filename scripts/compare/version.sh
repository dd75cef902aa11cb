#!/usr/bin/env bash
# The version of a large workspace, set by landfall and by cargo-release in turn, with `git status` beside them: medians and
# ratios of one run on one machine. version.sh [PATH-OF-LANDFALL]
#   CRATES=1000 DEPS=5 ROUNDS=5   how large, how often
#   CARGO_RELEASE=PATH            the peer; without it, the one on the search path, else it is left out and said
#   LIMIT=200                     seconds that the peer is given, once
set -euo pipefail

root=$(cd -- "$(dirname -- "$0")/../.." && pwd)
landfall=${1:-$root/target/debug/xtask}
crates=${CRATES:-1000} deps=${DEPS:-5} rounds=${ROUNDS:-5} limit=${LIMIT:-200}
peer=${CARGO_RELEASE:-$(command -v cargo-release || true)}
[ -x "$landfall" ] || { echo "no program $landfall: cargo build -p xtask" >&2; exit 2; }

area=$(mktemp -d)
trap 'rm -rf -- "$area"' EXIT
export GIT_CONFIG_GLOBAL=$area/gitconfig GIT_CONFIG_NOSYSTEM=1
git config --file "$GIT_CONFIG_GLOBAL" user.name Fixture
git config --file "$GIT_CONFIG_GLOBAL" user.email dev@example.com
(cd "$root" && cargo run --quiet -p landfall-testkit --example workspace -- "$area/workspace" --crates "$crates" --deps "$deps")
cd "$area/workspace"

# timed FILE COMMAND…: appends the seconds that it took; it must succeed.
timed() {
  local file=$1 from to
  shift
  from=$(date +%s%N)
  "$@" > "$area/out" 2>&1 || { echo "failed: $*" >&2; tail -5 "$area/out" >&2; return 1; }
  to=$(date +%s%N)
  echo "$(( (to - from) / 1000000 ))" >> "$area/$file"
}

median() { sort -n "$area/$1" | sed -n "$(( ($(wc -l < "$area/$1") + 1) / 2 ))p"; }

for round in $(seq "$rounds"); do
  timed status git status
  timed metadata cargo metadata --locked --offline --format-version=1
  timed ours "$landfall" version set "1.$round.0"
  cargo metadata --locked --offline --format-version=1 > /dev/null
  git checkout --quiet .
done
status=$(median status) metadata=$(median metadata) ours=$(median ours)
echo "$crates crates with $deps path dependencies each; medians of $rounds rounds, load $(cut -d' ' -f1 /proc/loadavg)"
echo "git status             $status ms"
echo "cargo metadata         $metadata ms"
echo "landfall version set   $ours ms   $(( ours / (status > 0 ? status : 1) )) times git status, $(( ours * 10 / (metadata > 0 ? metadata : 1) ))/10 times cargo metadata"
if [ -z "$peer" ]; then
  echo 'cargo-release          not measured: it is not installed'
  exit
fi
from=$(date +%s%N)
code=0
timeout "$limit" "$peer" release version 1.9.0 --workspace --execute --no-confirm > "$area/out" 2>&1 || code=$?
took=$(( ($(date +%s%N) - from) / 1000000 ))
case $code in
  0) echo "cargo-release version  $took ms   $(( took / (ours > 0 ? ours : 1) )) times landfall" ;;
  124) echo "cargo-release version  did not finish in $limit s: more than $(( limit * 1000 / (ours > 0 ? ours : 1) )) times landfall" ;;
  *) echo "cargo-release version  ended with $code: $(tail -1 "$area/out")" ;;
esac
