# shellcheck shell=bash
# SQL stands in store/ and sql/ only, and no statement has a label: labelled ones never come back after the
# database restarts.

violations()
{
    grep -rniE --include='*.[ch]' '"[^"]*\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|BEGIN;|COMMIT;) ' mod_mantova_dossier |
        grep -v '^mod_mantova_dossier/store/' | sed 's/$/: SQL outside store\//' || true
    grep -rniE '^[^#]*\bDBDPrepareSQL\b|\bapr?_dbd_prepare\b' \
        --include='*.[ch]' --include='*.conf' mod_mantova_dossier conf |
        sed 's/$/: a labelled statement/' || true
}

breach()
{
    echo 'DBDPrepareSQL "SELECT 1" one' >>conf/run.conf
}
