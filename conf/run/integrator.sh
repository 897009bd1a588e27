#!/usr/bin/env bash
# Registers a hospital system and prints its key, once: the database keeps only its SHA-256.
#   conf/run/integrator.sh "LIS of San Pellegrino" san-pellegrino [more facilities]
# Speaks to the database that PGHOST, PGDATABASE, PGUSER and so on name, as an owner of the database;
# without PGHOST to the one of `./apxs-build.sh start` (VAR as there).
set -euo pipefail

if (($# < 2)) || [[ -z $1 ]]; then
    printf 'usage: %s NAME FACILITY...\n' "$0" >&2
    exit 2
fi
if [[ -z ${PGHOST:-} ]]; then
    VAR=${VAR:-$(dirname "${BASH_SOURCE[0]}")/../../var}
    [[ -r $VAR/run/sock ]] || {
        printf '%s: set PGHOST, or start the portal first\n' "$0" >&2
        exit 1
    }
    PGHOST=$(cat "$VAR/run/sock")
    export PGHOST PGUSER=dossier_admin PGDATABASE=dossier
fi
name=$1
shift
key=$(openssl rand -base64 32 | tr '+/' '-_' | tr -d '=\n')
hash=$(printf %s "$key" | openssl dgst -sha256 -r)
psql -X -q -v ON_ERROR_STOP=1 -v name="$name" -v hash="${hash%% *}" -v facilities="$*" >/dev/null <<'SQL'
SELECT dossier_admin.integrator_put(:'name', :'hash', string_to_array(:'facilities', ' '));
SQL
printf '%s\n' "$key"
