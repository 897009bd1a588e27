#!/usr/bin/env bash
# The functions of the database and the web server that calls them: names, outcomes and keys (functions.mjs), and that
# what does not fit is seen. run.sh calls it and provides report and WORK.
set -uo pipefail

ROOT=${ROOT:-$(cd "$HERE/../.." && pwd -P)}
TREE=$WORK/tree

# What the database has, as functions.mjs reads it.
psql -X -q -A -t -v ON_ERROR_STOP=1 >"$WORK/functions" <<'SQL' || exit 1
SELECT jsonb_pretty(jsonb_agg(jsonb_build_object('schema', pronamespace::regnamespace, 'name', proname, 'source', prosrc,
    'arguments', (SELECT coalesce(jsonb_agg(a ORDER BY n), '[]') FROM unnest(proargnames) WITH ORDINALITY u (a, n)
                  WHERE coalesce(proargmodes[n], 'i') IN ('i', 'b', 'v'))) ORDER BY proname, oid))
FROM pg_proc WHERE pronamespace = 'dossier_lib'::regnamespace OR (pronamespace = 'dossier'::regnamespace AND pronargs = 1);
SQL

everything_fits()
{
    node "$HERE/functions.mjs" "$ROOT" "$WORK/functions" | tee "$WORK/said"
    [[ ${PIPESTATUS[0]} == 0 && ! -s $WORK/said ]]
}

# breach SAID FILE PATTERN: what is said of a copy in which PATTERN (sed) has changed FILE, its first three lines
breach()
{
    local said=$1 file=$2 pattern=$3

    rm -rf -- "$TREE"
    mkdir "$TREE"
    cp -r "$ROOT/mod_mantova_dossier" "$TREE"
    cp "$WORK/functions" "$TREE/functions"
    sed -i -E "$pattern" "$TREE/$file"
    diff <(node "$HERE/functions.mjs" "$TREE" "$TREE/functions" 2>&1 | head -3) <(printf '%b\n' "$said")
}

table=mod_mantova_dossier/store/functions.def
report "what the web server calls, sets and answers is what the functions offer, read and give" everything_fits
report "an outcome that is misspelt in SQL is seen" breach \
    "dossier.activity_list may give cursor_nonsense: store/functions.def does not say so
dossier.activity_list never gives cursor_invalid, as store/functions.def says
cursor_nonsense, an outcome of dossier.activity_list, is not in http/problems.json, nor known where it is called" \
    functions "s/outcome\('cursor_invalid'\)/outcome('cursor_nonsense')/"
report "so is one that only a shared function returns" breach \
    "dossier.relative_add may give role_aged: store/functions.def does not say so
dossier.relative_add never gives role_age, as store/functions.def says
role_aged, an outcome of dossier.relative_add, is not in http/problems.json, nor known where it is called" \
    functions "s/THEN 'role_age'/THEN 'role_aged'/"
report "an outcome that is not in the table is seen" breach \
    "dossier.session_end may give not_found: store/functions.def does not say so" \
    $table 's/^F\(session_end, ONCE, "not_found"\)/F(session_end, ONCE, "")/'
report "an outcome of the table that no function gives is seen" breach \
    "dossier.session_list never gives not_found, as store/functions.def says" \
    $table 's/^F\(session_list, REPEATABLE, ""\)/F(session_list, REPEATABLE, "not_found")/'
report "an outcome without a problem is seen" breach \
    "activation_used, an outcome of dossier.activation_complete, is not in http/problems.json, nor known where it is called" \
    mod_mantova_dossier/http/problems.json 's/"activation_used"/"activation_spent"/'
report "a function that is called by another name is seen" breach \
    "store/functions.def has notice_fetch, which schema dossier does not
dossier.notice_get is in no row of store/functions.def
nobody calls dossier_fn.notice_fetch" \
    $table 's/^F\(notice_get,/F(notice_fetch,/'
report "a key that is misspelt where it is set is seen" breach \
    "portal/document_content.c sets raed among the arguments, which no function that it is for reads
dossier.document_open reads read, which is not set where it is called" \
    mod_mantova_dossier/portal/document_content.c 's/arguments, "read"/arguments, "raed"/'
report "a key that is misspelt where it is read is seen" breach \
    "portal/hiding.c sets hidden among the arguments, which no function that it is for reads
dossier.hiding_set reads hiden, which is not set where it is called" \
    functions "s/p ->> 'hidden'/p ->> 'hiden'/"
report "a key that the body is checked for, and that is not handed on, is seen" breach \
    "dossier.leaving_service_set reads enabled, which is not set where it is called" \
    mod_mantova_dossier/portal/leaving.c 's/(dossier_json_set_bool\()arguments, "enabled"/\1body, "enabled"/'
