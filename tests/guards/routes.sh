# shellcheck shell=bash
# Every route of the table stands in openapi.yaml, and the reverse.

routes()
{
    sed -nE 's/^ *\{"([A-Z]+)", *"([^"]+)".*/\1 \2/p' mod_mantova_dossier/routes.c | sort -u
}

# HEAD is served by GET (http/router.h) and may be described apart from it
described()
{
    awk '/^paths:/ { inside = 1; next }
        /^[^ #]/ { inside = 0 }
        inside && /^  \/[^ ]*:/ { path = substr($1, 1, length($1) - 1) }
        inside && /^    (get|put|post|patch|delete):/ { print toupper(substr($1, 1, length($1) - 1)), path }' \
        htdocs/openapi.yaml | sort -u
}

violations()
{
    comm -23 <(routes) <(described) | sed 's/$/ is missing in htdocs\/openapi.yaml/'
    comm -13 <(routes) <(described) | sed 's/$/ is described in htdocs\/openapi.yaml but is no route/'
}

breach()
{
    sed -i 's|"/notices/{kind}"|"/notes/{kind}"|' mod_mantova_dossier/routes.c
}
