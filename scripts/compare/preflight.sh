#!/usr/bin/env bash
# The same checks of this repository twice: one after another by a shell script, and by `cargo xtask preflight`.
# Each starts from a fresh clone in which nothing but xtask is built; then a second run, a run after a change of one file,
# and --quick. Prints seconds and ratios: preflight.sh [GATE…]; without names all checks that have a command below.
set -euo pipefail

root=$(cd -- "$(dirname -- "$0")/../.." && pwd)
area=$(mktemp -d)
trap 'rm -rf -- "$area"' EXIT

# What a script would call for a gate.
declare -A script=(
  [build]='cargo build --workspace --all-targets --locked'
  [test]='cargo test --workspace --no-fail-fast --locked'
  [clippy]='cargo clippy --workspace --all-targets --locked -- --deny warnings'
  [doc]='cargo doc --workspace --no-deps --locked'
  [coverage]='cargo llvm-cov --workspace --summary-only --json --output-path target/coverage.json --locked'
  [fmt]='cargo fmt --all --check'
  [deps]='cargo metadata --locked --format-version 1'
  [publishable]='cargo package --workspace --locked --no-verify --allow-dirty'
)
order=(deps fmt build clippy test doc coverage publishable)
gates=("$@")
[ "${#gates[@]}" -gt 0 ] || gates=("${order[@]}")

# seconds COMMAND…: how long it took; what it said goes to a file, and counts when it fails.
seconds() {
  local start=$EPOCHREALTIME
  if ! "$@" > "$area/said" 2>&1; then
    tail -n 40 "$area/said" >&2
    echo "failed: $*" >&2
  fi
  awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.2f", b - a }'
}

one_after_another() {
  local gate
  for gate in "${order[@]}"; do
    case " ${gates[*]} " in *" $gate "*) bash -c "${script[$gate]}" || return ;; esac
  done
}

checkout() {
  git clone --quiet "$root" "$area/$1"
  cd -- "$area/$1"
  cargo build --quiet --package xtask --locked
}

checkout theirs
theirs=$(seconds one_after_another)
theirs_warm=$(seconds one_after_another)
checkout ours
ours=$(seconds cargo xtask preflight "${gates[@]}")
warm=$(seconds cargo xtask preflight "${gates[@]}")
program=$(seconds target/debug/xtask preflight "${gates[@]}")
quick=$(seconds target/debug/xtask preflight --quick)
printf '\n' >> crates/manifest/src/lib.rs
changed=$(seconds target/debug/xtask preflight "${gates[@]}")

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
printf 'checks: %s\n' "${gates[*]}"
printf '%-34s %8s %10s %6s\n' '' script preflight ratio
printf '%-34s %7ss %9ss %6s\n' 'cold (xtask built, nothing else)' "$theirs" "$ours" "$(ratio "$ours" "$theirs")"
printf '%-34s %7ss %9ss %6s\n' 'again, nothing changed' "$theirs_warm" "$warm" "$(ratio "$warm" "$theirs_warm")"
printf '%-34s %8s %9ss\n' 'again, without cargo in front' '' "$program"
printf '%-34s %8s %9ss\n' 'one file changed' '' "$changed"
printf '%-34s %8s %9ss\n' '--quick, without cargo in front' '' "$quick"
