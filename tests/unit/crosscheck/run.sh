#!/bin/sh
# Builds cf_tool into the folder named (build/ by default) and compares; needs python3-stdnum and `npm ci` in tests/.
set -eu
cd "$(dirname "$0")/../../.."
out=${1:-build}
mkdir -p "$out"
# shellcheck disable=SC2046,SC2086
${CC:-cc} -std=c17 -Wall -Wextra -Werror -I mod_mantova_dossier ${CFLAGS:-} -o "$out/cf_tool" \
    tests/unit/crosscheck/cf_tool.c mod_mantova_dossier/domain/codice_fiscale*.c \
    mod_mantova_dossier/domain/date.c mod_mantova_dossier/base/fields.c mod_mantova_dossier/base/json*.c \
    mod_mantova_dossier/base/latin.c mod_mantova_dossier/base/text.c mod_mantova_dossier/base/typed.c \
    $(pkg-config --cflags --libs apr-1 glib-2.0 json-c)
exec /usr/bin/python3 -B tests/unit/crosscheck/compare.py "$out/cf_tool" "${2:-10000}"
