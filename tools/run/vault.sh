#!/usr/bin/env bash
# What vault and database say of each other, and the operator's word where they do not agree.
#   tools/run/vault.sh             which vault the database has, and how many documents
#   tools/run/vault.sh accept      the folder that DossierVault names is the vault, and this database is the newest
#                                 there is: after a restore, or when the vault was moved without its vault.id. Another
#                                 folder than before must have documents' files: the word waits until it has (DOS0527)
#   tools/run/vault.sh accept-without-documents
#                                 the same where the documents' files are all lost: the vault begins anew
#   tools/run/vault.sh sweep       the next sweep may set aside any number of files without a row (DOS0425)
# Which database it speaks to is said in database.sh, beside it.
set -euo pipefail

# shellcheck source=tools/run/database.sh
source "$(dirname "${BASH_SOURCE[0]}")/database.sh"
run_psql()
{
    psql -X -q -v ON_ERROR_STOP=1 "$@"
}
case ${1:-state} in
state) run_psql -x <<<'SELECT * FROM dossier_admin.vault_state()' ;;
accept)
    run_psql -o /dev/null <<<'SELECT dossier_admin.vault_accept()'
    echo "Noted: the folder that httpd finds next as DossierVault is the vault of this database, within a minute or at the next start; its log then has DOS0514, or DOS0527 if no document's file is in that folder: is the vault mounted?"
    ;;
accept-without-documents)
    run_psql -o /dev/null <<<'SELECT dossier_admin.vault_accept(true)'
    echo "Noted: the folder that httpd finds next as DossierVault is the vault of this database, also if no document's file is in it; httpd's log then has DOS0514."
    ;;
sweep)
    run_psql -o /dev/null <<<'SELECT dossier_admin.vault_sweep()'
    echo "Noted: the next sweep, within a minute while httpd runs, sets aside the files without a row; its log then has DOS0426."
    ;;
*)
    echo "vault.sh: accept, accept-without-documents, sweep, or nothing to see the state" >&2
    exit 2
    ;;
esac
