# shellcheck shell=bash
# Every SQL function that store/ calls exists, every one that exists is called, and every outcome has its problem.

called()
{
    grep -oE '^F\([a-z_]+' mod_mantova_dossier/store/functions.def | cut -c3- | sort -u
}

defined()
{
    cat sql/{api,lib}/*.sql | grep -oiE 'FUNCTION dossier\.[a-z_]+ *\(' |
        sed -E 's/.*dossier\.([a-z_]+).*/\1/' | sort -u
}

outcomes()
{
    cat sql/{api,lib}/*.sql | grep -oE "'outcome', *'[a-z_]+'" | sed -E "s/.*'([a-z_]+)'\$/\1/" |
        grep -vxE 'ok|created' | sort -u
}

problems()
{
    jq -r '.[].outcome' mod_mantova_dossier/http/problems.json | sort -u
}

violations()
{
    comm -23 <(called) <(defined) | sed 's/^/store\/ calls dossier./; s/$/, which sql\/api does not define/'
    comm -13 <(called) <(defined) | sed 's/^/dossier./; s/$/ is called by nobody in store\//'
    comm -23 <(outcomes) <(problems) | sed 's/$/ is an outcome without an entry in http\/problems.json/'
}

breach()
{
    sed -i 's/^F(notice_get,/F(notice_fetch,/' mod_mantova_dossier/store/functions.def
}
