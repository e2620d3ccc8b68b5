#!/bin/bash
# calls_nothing.sh ARCHIVE MEMBER: fails if the member needs any symbol from outside itself.
set -euo pipefail
archive=$(readlink -f "$1")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
ar x "$archive" "$2"
needed=$(nm --undefined-only "$2" | awk '$NF != "_GLOBAL_OFFSET_TABLE_" { print $NF }' | c++filt)
if [ -n "$needed" ]; then
    echo "$2 must not need: $needed"
    exit 1
fi
