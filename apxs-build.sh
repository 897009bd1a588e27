#!/usr/bin/env bash
# One entry to everything: builds the module, runs the portal on this machine, tests it, installs it.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
for part in common packages service tls postgres apache portal sample follow install check; do
    # shellcheck source=/dev/null
    . "$ROOT/tools/run/$part.sh"
done

usage()
{
    cat <<'TEXT'
./apxs-build.sh run      build, start, load the sample data, show the messages; Ctrl-C stops it all
./apxs-build.sh check    everything that tests
./apxs-build.sh start    as run, in the background
./apxs-build.sh stop     stops what run or start started
./apxs-build.sh status   what runs, and what the portal says of itself
./apxs-build.sh build    the module only, build/mod_mantova_dossier.so
./apxs-build.sh install  into the Apache of this machine

PORT=8443    the port, above 1024
VAR=var      the directory for database, documents, keys and logs
SAMPLE=yes   no: no sample patients
GATEWAYS=    a file with DossierSmsGateway and DossierSmtp: messages leave instead of being shown
APACHE_NODE= another name than main (APACHE_NODE=b PORT=8444): start only another Apache on the same VAR; stop stops all
TEXT
}

(($# <= 1)) || {
    printf 'apxs-build.sh: one word at a time; settings stand before it: %s ./apxs-build.sh %s\n' "$2" "$1" >&2
    exit 2
}
settings_check
cd / # the servers may not be able to stand where the caller stands
case "${1:-}" in
run) portal_run ;;
start) portal_start ;;
stop) portal_stop ;;
status) portal_status ;;
build) portal_build ;;
install) install_module ;;
check) check_all ;;
-h | --help | help) usage ;;
*)
    usage >&2
    exit 2
    ;;
esac
