#!/usr/bin/env bash
# Messages that were given up: lists them, or puts them back into the queue.
#   conf/run/outbox.sh            the list
#   conf/run/outbox.sh all        puts all back that can be (codes cannot)
#   conf/run/outbox.sh ID...      puts these back
# Speaks to the database that PGHOST, PGDATABASE, PGUSER and so on name, as an owner of the database;
# without PGHOST to the one of `./apxs-build.sh start` (VAR as there).
set -euo pipefail

if [[ -z ${PGHOST:-} ]]; then
    VAR=${VAR:-$(dirname "${BASH_SOURCE[0]}")/../../var}
    [[ -r $VAR/run/sock ]] || {
        printf '%s: set PGHOST, or start the portal first\n' "$0" >&2
        exit 1
    }
    PGHOST=$(cat "$VAR/run/sock")
    export PGHOST PGUSER=dossier_admin PGDATABASE=dossier
fi
run_psql()
{
    psql -X -q -v ON_ERROR_STOP=1 "$@"
}
if (($# == 0)); then
    run_psql <<<'SELECT * FROM dossier_admin.outbox_dead()'
elif [[ $* == all ]]; then
    run_psql -A -t <<<'SELECT dossier_admin.outbox_requeue()'
else
    for id in "$@"; do
        run_psql -A -t -v id="$id" <<<"SELECT dossier_admin.outbox_requeue(:'id'::uuid)"
    done
fi
