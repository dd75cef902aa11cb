#!/usr/bin/env bash
# Four bad days, cargo-release and landfall side by side, each on a fresh workspace with a bare remote in a temporary folder.
# Needs `cargo install cargo-release` and a built landfall: cargo-release.sh [PATH-OF-LANDFALL]
set -euo pipefail

root=$(cd -- "$(dirname -- "$0")/../.." && pwd)
landfall=${1:-$root/target/debug/landfall}
command -v cargo-release >/dev/null || { echo 'cargo-release is not on the search path: cargo install cargo-release' >&2; exit 2; }
[ -x "$landfall" ] || { echo "no program $landfall: cargo build -p landfall -p landfall-notes" >&2; exit 2; }

area=$(mktemp -d)
trap 'rm -rf -- "$area"' EXIT
export GIT_CONFIG_GLOBAL=$area/gitconfig GIT_CONFIG_NOSYSTEM=1
git config --file "$GIT_CONFIG_GLOBAL" user.name Fixture
git config --file "$GIT_CONFIG_GLOBAL" user.email dev@example.com

# A workspace of `a` and `b`, where `b` needs `a = "0.9"`; the current folder becomes its checkout.
workspace() {
  mkdir "$area/$1" && cd "$area/$1"
  git init --quiet --bare --initial-branch=main remote.git
  git init --quiet --initial-branch=main repo && cd repo
  mkdir -p a/src b/src
  printf '[workspace]\nresolver = "3"\nmembers = ["a", "b"]\n' > Cargo.toml
  for name in a b; do
    printf '[package]\nname = "%s"\nversion = "0.9.0"\nedition = "2024"\npublish = false\n' "$name" > "$name/Cargo.toml"
    printf 'pub fn x() {}\n' > "$name/src/lib.rs"
  done
  printf '\n[dependencies]\na = { path = "../a", version = "0.9" }\n' >> b/Cargo.toml
  printf '# demo\n' > README.md
  printf '/target\n' > .gitignore
  # cargo-release takes release.toml for its own.
  printf '[gates]\nskip = ["build", "test", "clippy", "fmt"]\n' > landfall.toml
  cargo generate-lockfile --quiet --offline
  git add --all && git commit --quiet --message 'feat: first'
  git remote add origin ../remote.git && git push --quiet --set-upstream origin main
}

# tried NAME COMMAND…: runs it without a terminal; says how it ended, why, and what is where.
tried() {
  local name=$1 status=0
  shift
  "$@" > "$area/said" 2>&1 < /dev/null || status=$?
  printf '%-14s exit %s\n' "$name" "$status"
  grep -iE '^(error|help|fatal)|^ (unknown|fail)|\[y/N\]|tag .* already' "$area/said" | cut -c1-150 | sed 's/^/    | /' || true
  printf '    changed here: %s; commits here/remote: %s/%s; tags here: %s; remote: %s\n' \
    "$(git status --porcelain | tr '\n' ' ')" "$(git rev-list --count HEAD)" "$(git -C ../remote.git rev-list --count main)" \
    "$(git tag | tr '\n' ' ')" "$(git -C ../remote.git tag | tr '\n' ' ')"
}

theirs() { cargo-release release "$@" --workspace --no-publish; }
ours() { "$landfall" --config landfall.toml release "$@"; }
refuse() {
  printf '#!/bin/sh\n[ "$1" != refs/heads/main ]\n' > ../remote.git/hooks/update
  chmod +x ../remote.git/hooks/update
}

echo '── a pre-release, with a dependent on "0.9"'
workspace pre-theirs
tried 'dry run' theirs 1.0.0-mvp
tried cargo-release theirs 1.0.0-mvp --no-confirm --execute
workspace pre-ours
tried landfall ours 1.0.0-mvp --yes

echo '── nobody at the terminal'
workspace stdin-theirs
tried cargo-release theirs 0.9.1 --execute
workspace stdin-ours
tried landfall ours 0.9.1

echo '── the push is refused once, then allowed'
for who in theirs ours; do
  workspace "push-$who"
  refuse
  for run in first second; do
    case $who in
      theirs) tried "cargo-release, $run" theirs 0.9.1 --no-confirm --execute ;;
      ours) tried "landfall, $run" ours 0.9.1 --yes ;;
    esac
    rm -f ../remote.git/hooks/update
  done
done

echo '── the remote cannot be fetched'
for who in theirs ours; do
  workspace "fetch-$who"
  git remote set-url origin "$area/no-such.git"
  git remote set-url --push origin "$area/fetch-$who/remote.git"
  case $who in
    theirs) tried cargo-release theirs 0.9.1 --no-confirm --execute ;;
    ours) tried landfall ours 0.9.1 --yes ;;
  esac
done
