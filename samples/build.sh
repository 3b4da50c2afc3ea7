#!/bin/sh
# Typesets every sample paper: samples/sources/ID/ID.tex -> samples/pdf/ID.pdf.
# Usage: build.sh [ID...]     Needs pdflatex (TeX Live: latex-recommended, latex-extra, publishers, pictures).
# Dates and identifiers are fixed, so the same TeX installation gives the same bytes again.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT HUP INT TERM

SOURCE_DATE_EPOCH=1767225600
FORCE_SOURCE_DATE=1
export SOURCE_DATE_EPOCH FORCE_SOURCE_DATE

[ $# -gt 0 ] || set -- $(cd "$here/sources" && ls -d [0-9]*.[0-9]*)
mkdir -p "$here/pdf"

for id in "$@"; do
  source="$here/sources/$id/$id.tex"
  [ -f "$source" ] || { echo "build.sh: no such source: $source" >&2; exit 1; }
  mkdir -p "$work/$id"
  cp "$source" "$work/$id/"
  for pass in 1 2; do
    if ! (cd "$work/$id" && pdflatex -interaction=nonstopmode -halt-on-error -jobname "$id" \
      "\\pdfcompresslevel=9\\pdfobjcompresslevel=2\\pdfinfoomitdate=1\\pdftrailerid{}\\pdfsuppressptexinfo=-1\\input{$id.tex}" >"pass$pass.txt" 2>&1); then
      tail -n 30 "$work/$id/pass$pass.txt" >&2
      echo "build.sh: pdflatex failed on $id (pass $pass)" >&2
      exit 1
    fi
  done
  cp "$work/$id/$id.pdf" "$here/pdf/$id.pdf"
  overfull=$(grep -c '^Overfull .hbox' "$work/$id/$id.log" || true)
  echo "$id: $(wc -c <"$here/pdf/$id.pdf" | tr -d ' ') bytes, $overfull overfull lines"
  if [ -n "${SAMPLES_LOG_DIR:-}" ]; then cp "$work/$id/$id.log" "$SAMPLES_LOG_DIR/"; fi
done
