# shellcheck shell=bash
# What vault and database say of each other, and the operator's word where they do not agree.

offer "vault show" "" <<'TEXT'
Which vault the database has, and how many documents.

Answers: id (as in the file vault.id), accepted (your word waits), sweep_allowed, documents, newest_seal, destroyed, untold (of
those that were destroyed, how many the vault has not noted yet).
TEXT
vault_show()
{
    one 'SELECT * FROM dossier_admin.vault_state()'
}

offer "vault accept" "[--without-documents]" <<'TEXT'
Your word that the directory of DossierVault is the vault, and this database the newest there is.

After a restore, or when the vault was moved without its vault.id. It holds for what httpd finds next, within a minute or at
its start. A directory that has none of the newest documents' files is not made the vault: the word waits (DOS0527), unless
--without-documents says that they are all lost. Answers: accepted, without_documents.
TEXT
vault_accept()
{
    local said='Noted: the directory that httpd finds next as DossierVault is the vault of this database, within a minute or at the next start; its log then has DOS0514'

    if [[ -n ${OPTIONS[without-documents]:-} ]]; then
        said+=', also if no document has its file there.'
    else
        said+=', or DOS0527 if no document has its file there: is the vault mounted?'
    fi
    done_with "'$said'" "SELECT true AS accepted, :'without' <> '' AS without_documents FROM dossier_admin.vault_accept(:'without' <> '')" \
        -v without="${OPTIONS[without-documents]:-}"
}

offer "vault sweep" "" <<'TEXT'
Lets the next sweep set aside any number of files without a row (DOS0425).

They go into the directory quarantine of the vault, and come back by themselves if a copy of the database knows them.
Answers: sweep_allowed.
TEXT
vault_sweep()
{
    done_with "'Noted: the next sweep, within a minute while httpd runs, sets aside the files without a row; its log then has DOS0426.'" \
        'SELECT true AS sweep_allowed FROM dossier_admin.vault_sweep()'
}
