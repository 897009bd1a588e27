# shellcheck shell=bash
# What patients are told on every screen, before the login too: plain text, for a while.

offer "banner list" "" <<'TEXT'
What patients are told on every screen now.

Answers: banners, each with facility ("(all)": of all of them), text_it, text_en, ends_at.
TEXT
banner_list()
{
    many banners 'SELECT * FROM dossier_admin.banners()'
}

offer "banner add" "ITALIAN ENGLISH UNTIL [--facility ID]" <<'TEXT'
Tells patients something on every screen, until a time.

The texts are a line of up to 300 characters each, without tags; UNTIL is like "2026-11-29 18:00", by Italian clocks, at most
31 days ahead. Without --facility it is shown on all sites, beside the facility's own. It takes the place of the one before;
open pages follow with their next screen, a minute later at most.
Answers: facility (null: all), ends_at.
TEXT
banner_add()
{
    done_with "format('shown until %s', to_char(ends_at, 'YYYY-MM-DD HH24:MI'))" \
        "SELECT nullif(:'facility', '') AS facility, :'ends'::timestamptz AS ends_at
            FROM dossier_admin.banner_put(:'it', :'en', :'ends'::timestamptz, nullif(:'facility', ''))" \
        -v it="${WORDS[0]}" -v en="${WORDS[1]}" -v ends="${WORDS[2]}" -v facility="${OPTIONS[facility]:-}"
}

offer "banner remove" "[--facility ID]" <<'TEXT'
Takes a banner away before its time.

Without --facility the one for all sites. Answers: facility (null: all).
TEXT
banner_remove()
{
    done_with "'taken away'" "SELECT nullif(:'facility', '') AS facility FROM dossier_admin.banner_remove(nullif(:'facility', ''))" \
        -v facility="${OPTIONS[facility]:-}"
}
