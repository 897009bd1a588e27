# shellcheck shell=bash
# The lines of DossierKeyFile.

offer "key list" "" <<'TEXT'
Which keys of the key file rows still need, and until when.

Every line of the key file but the first whose id is not listed may go. needed_until is as things are now: a document that is
held has its days after its release.
Answers: keys, each with key_id, documents, activation_codes, verification_codes, messages, needed_until.
TEXT
key_list()
{
    many keys 'SELECT * FROM dossier_admin.key_needed()'
}
