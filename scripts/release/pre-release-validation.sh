#!/bin/sh
# Runs the gates before a release: pre-release-validation.sh [GATE…] [--skip GATE] [--quick]
set -eu
cd -- "$(dirname -- "$0")/../.."
exec cargo xtask preflight "$@"
