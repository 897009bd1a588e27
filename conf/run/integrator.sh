#!/usr/bin/env bash
# Registers a hospital system and prints its key, once: the database keeps only its SHA-256.
#   conf/run/integrator.sh "LIS of San Pellegrino" san-pellegrino [more facilities]
# Which database it speaks to is said in database.sh, beside it.
set -euo pipefail

if (($# < 2)) || [[ -z $1 ]]; then
    printf 'usage: %s NAME FACILITY...\n' "$0" >&2
    exit 2
fi
# shellcheck source=conf/run/database.sh
source "$(dirname "${BASH_SOURCE[0]}")/database.sh"
name=$1
shift
key=$(openssl rand -base64 32 | tr '+/' '-_' | tr -d '=\n')
hash=$(printf %s "$key" | openssl dgst -sha256 -r)
psql -X -q -v ON_ERROR_STOP=1 -v name="$name" -v hash="${hash%% *}" -v facilities="$*" >/dev/null <<'SQL'
SELECT dossier_admin.integrator_put(:'name', :'hash', string_to_array(:'facilities', ' '));
SQL
printf '%s\n' "$key"
