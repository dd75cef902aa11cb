#!/usr/bin/env bash
# Archives of one made-up tree: tar czf, tar | pigz, the same with sha256sum, and ours by 1, 2 and 3 threads, in one run.
#
# usage: scripts/compare/archive.sh [MEGABYTES [FILES]]      (default: 586 21000)
# Prints the median of three runs of each: seconds, CPU seconds, bytes, size in parts of pigz's, seconds in parts of
# tar | pigz, peak memory of the largest process in MB. Then ours on a tree of 2 GB, for its memory.
# Ours is built as users run it (cargo's dev profile of this workspace), and hashes both the archive and the tar inside.
# Needs: GNU tar, pigz, sha256sum, python3 for the resources of children. The trees stay below target/compare.
set -euo pipefail

root=$(cd -- "$(dirname -- "$0")/../.." && pwd)
area=$root/target/compare
cd "$root"
mkdir -p "$area"
cargo build --quiet --release --package landfall-testkit --example tree
cargo build --quiet --package landfall-archive --example pack
pack=$root/target/debug/examples/pack

# tree MEGABYTES FILES: its folder, made when it is not there.
tree() {
  local folder=$area/tree-$1-$2
  if ! [ -d "$folder" ]; then
    rm -rf -- "$folder.part"
    target/release/examples/tree "$folder.part" "$1" "$2"
    mv -- "$folder.part" "$folder"
  fi
  printf '%s\n' "$folder"
}

# measure OUT SCRIPT: seconds, CPU seconds, peak memory in MB of a shell command that writes OUT, and the bytes of it.
measure() {
  rm -f -- "$1"
  python3 - "$@" <<'PYTHON'
import os, resource, subprocess, sys, time
out, script = sys.argv[1:]
start = time.monotonic()
subprocess.run(["bash", "-c", "set -eo pipefail; " + script], check=True, stdout=subprocess.DEVNULL)
took = time.monotonic() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{took:.2f} {used.ru_utime + used.ru_stime:.2f} {used.ru_maxrss // 1024} {os.path.getsize(out)}")
PYTHON
}

median() {
  local _
  for _ in 1 2 3; do measure "$@"; done | sort -n | sed -n 2p
}

folder=$(tree "${1:-586}" "${2:-21000}")
name=$(basename "$folder")
# Into the cache of files, for everybody.
tar cf - -C "$area" "$name" | wc --bytes | awk '{ printf "%d bytes of tar\n", $1 }'
theirs=0 pigz_size=0
row() {
  read -r seconds cpu memory bytes <<<"$2"
  awk -v what="$1" -v seconds="$seconds" -v cpu="$cpu" -v memory="$memory" -v bytes="$bytes" -v theirs="$theirs" -v size="$pigz_size" \
    'BEGIN { printf "%-24s %6.2f s  %6.2f s CPU  %10d bytes", what, seconds, cpu, bytes
      if (size > 0) printf "  %.3f of the size", bytes / size
      if (theirs > 0) printf "  %.2f of the time", seconds / theirs
      printf "  %d MB\n", memory }'
}
out=$area/out.tar.gz
piped="tar cf - -C '$area' '$name' | pigz"
figures=$(median "$out" "$piped > '$out'")
read -r theirs _ _ pigz_size <<<"$figures"
row 'tar | pigz' "$figures"
row 'tar | pigz, sha256sum' "$(median "$out" "$piped | tee '$out' | sha256sum")"
row 'tar czf' "$(median "$out" "tar czf '$out' -C '$area' '$name'")"
sums=()
for threads in 1 2 3; do
  row "ours, $threads threads" "$(median "$out" "'$pack' '$folder' '$out' $threads")"
  sums+=("$(sha256sum <"$out")")
done
if [ "${sums[0]}" = "${sums[1]}" ] && [ "${sums[1]}" = "${sums[2]}" ]; then
  echo 'the same bytes by 1, 2 and 3 threads'
else
  echo 'DIFFERENT bytes by 1, 2 and 3 threads'
  exit 1
fi
large=$(tree 2000 40000)
row 'ours, 3 threads, 2 GB' "$(theirs=0 measure "$out" "'$pack' '$large' '$out' 3")"
