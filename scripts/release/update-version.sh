#!/bin/sh
# Writes a version to every place that declares it: update-version.sh 1.0.1
set -eu
if [ "$#" -ne 1 ]; then
  printf 'usage: %s VERSION\n\nwrites VERSION to every place that declares the version, for example 1.0.1\n' "$0" >&2
  exit 64
fi
cd -- "$(dirname -- "$0")/../.."
exec cargo xtask version set "$1"
