#!/bin/sh
# Builds every tests/fuzz/fuzz_*.c and runs each for SECONDS, starting from tests/fuzz/corpus/<name>/.
# A finding ends the run and stays in $BUILD/fuzz/<name>/.
#   tests/fuzz/run.sh SECONDS [name...]
set -eu

cd "$(dirname "$0")/../.."
seconds=${1:?usage: tests/fuzz/run.sh SECONDS [name...]}
shift
build=${BUILD:-build}/fuzz
clang=${FUZZ_CC:-clang}
sanitizers=fuzzer,address,undefined
libraries="libsodium json-c libcrypto glib-2.0 zlib apr-1 apr-util-1"

if ! printf 'int LLVMFuzzerTestOneInput(const char *d, long n) { return d && n < 0; }' |
    "$clang" -fsanitize=$sanitizers -x c - -o /dev/null 2>/dev/null; then
    echo "$clang cannot build fuzzers: install clang and libclang-rt-dev, or name a compiler in FUZZ_CC" >&2
    exit 1
fi
if [ $# -eq 0 ]; then
    for source in tests/fuzz/fuzz_*.c; do
        name=${source#tests/fuzz/fuzz_}
        set -- "$@" "${name%.c}"
    done
fi

mkdir -p "$build/objects"
includes="-I mod_mantova_dossier"
# shellcheck disable=SC2086 # a list of words
for directory in $(pkg-config --cflags-only-I $libraries | sed 's/-I//g'); do
    includes="$includes -isystem $directory"
done
objects=
for source in mod_mantova_dossier/base/*.c mod_mantova_dossier/domain/*.c mod_mantova_dossier/vault/*.c; do
    object=$build/objects/$(echo "$source" | tr / _).o
    # shellcheck disable=SC2086,SC2046 # lists of words
    "$clang" -std=c17 -D_GNU_SOURCE -g -O1 -fsanitize=fuzzer-no-link,address,undefined \
        -fno-sanitize-recover=all $(pkg-config --cflags-only-other $libraries) $includes -c "$source" -o "$object"
    objects="$objects $object"
done

for name in "$@"; do
    echo "== fuzz $name, $seconds s"
    found=$build/$name
    mkdir -p "$found/corpus"
    # shellcheck disable=SC2086,SC2046 # lists of words
    "$clang" -std=c17 -D_GNU_SOURCE -g -O1 -fsanitize=$sanitizers -fno-sanitize-recover=all \
        $(pkg-config --cflags-only-other $libraries) $includes \
        "tests/fuzz/fuzz_$name.c" $objects -o "$build/fuzz_$name" $(pkg-config --libs $libraries)
    if ! ASAN_OPTIONS=quarantine_size_mb=16 "$build/fuzz_$name" -max_total_time="$seconds" -max_len=16384 \
        -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 -artifact_prefix="$found/" \
        "$found/corpus" "tests/fuzz/corpus/$name" >"$found/log" 2>&1; then
        tail -n 60 "$found/log"
        exit 1
    fi
    grep -E '^stat::(number_of_executed_units|peak_rss_mb)' "$found/log"
done
