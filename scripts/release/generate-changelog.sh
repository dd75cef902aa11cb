#!/bin/sh
# Writes the changelog section of a version from its commits: generate-changelog.sh 1.0.1
set -eu
if [ "$#" -ne 1 ]; then
  printf 'usage: %s VERSION\n\ninserts the section of VERSION into the changelog, for example 1.0.1\n' "$0" >&2
  exit 64
fi
cd -- "$(dirname -- "$0")/../.."
exec cargo xtask changelog write "$1"
