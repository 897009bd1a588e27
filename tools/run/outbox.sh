#!/usr/bin/env bash
# Messages that were given up: lists them, or puts them back into the queue.
#   tools/run/outbox.sh            the list
#   tools/run/outbox.sh all        puts all back that can be (codes cannot)
#   tools/run/outbox.sh ID...      puts these back
# Which database it speaks to is said in database.sh, beside it.
set -euo pipefail

# shellcheck source=tools/run/database.sh
source "$(dirname "${BASH_SOURCE[0]}")/database.sh"
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
