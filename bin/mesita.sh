#!/bin/sh
# `mesita` over the build in mesita/dist.
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd) || exit 1
[ -f "$root/mesita/dist/mesita.js" ] || (cd "$root" && npm run --silent build) || exit 1
exec node "$root/mesita/dist/mesita.js" "$@"
