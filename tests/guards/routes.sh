# shellcheck shell=bash
# Every route of the table is described in htdocs/openapi/paths/, and the reverse.

routes()
{
    sed -nE 's/^ *\{"([A-Z]+)", *"([^"]+)".*/\1 \2/p' mod_mantova_dossier/routes.c | sort -u
}

# HEAD is served by GET (http/router.h) and may be described apart from it
described()
{
    awk '/^\/[^ ]*:/ { path = substr($1, 1, length($1) - 1) }
        /^  (get|put|post|patch|delete):/ { print toupper(substr($1, 1, length($1) - 1)), path }' \
        htdocs/openapi/paths/*.yaml | sort -u
}

violations()
{
    comm -23 <(routes) <(described) | sed 's/$/ is missing in htdocs\/openapi\/paths/'
    comm -13 <(routes) <(described) | sed 's/$/ is described in htdocs\/openapi\/paths but is no route/'
}

breach()
{
    sed -i 's|"/notices/{kind}"|"/notes/{kind}"|' mod_mantova_dossier/routes.c
}
