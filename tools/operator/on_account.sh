# shellcheck shell=bash
# What the desk cannot do for a patient.

offer "account set-mobile" "CODICE_FISCALE MOBILE" <<'TEXT'
Moves a patient's account to another mobile number.

For who has lost both the account's mobile and the password, or where the next holder of a number cannot register because the
former one's account has it (409 mobile-taken). The desk sees who it is, and notes the new number at an acceptance first.
What the account had is told of it. Answers: codice_fiscale, mobile.
TEXT
account_set_mobile()
{
    done_with "'the account has this number now'" "SELECT :'code' AS codice_fiscale, :'mobile' AS mobile
        FROM dossier_admin.account_mobile_put(:'code', :'mobile')" -v code="${WORDS[0]}" -v mobile="${WORDS[1]}"
}

offer "patient change-code" "FORMER CODICE_FISCALE [--papers-seen]" <<'TEXT'
Joins what a patient has under two codici fiscali.

For where the desk's call is refused (409 person-differs, or call-superseded where a change that was taken back is to hold
after all). It goes by what is on record; --papers-seen says that the desk has seen the papers of both. It cannot be taken
back. Answers: former, codice_fiscale.
TEXT
patient_change_code()
{
    done_with "'joined'" "SELECT :'former' AS former, :'code' AS codice_fiscale
        FROM dossier_admin.codice_fiscale_change(:'former', :'code', :'seen' <> '')" \
        -v former="${WORDS[0]}" -v code="${WORDS[1]}" -v seen="${OPTIONS[papers-seen]:-}"
}
