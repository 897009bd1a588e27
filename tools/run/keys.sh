#!/usr/bin/env bash
# Which keys of DossierKeyFile rows still need, of how many, and until when. Every line but the first whose id is
# not listed may go.
#   tools/run/keys.sh
# Which database it speaks to is said in database.sh, beside it.
set -euo pipefail

# shellcheck source=tools/run/database.sh
source "$(dirname "${BASH_SOURCE[0]}")/database.sh"
psql -X -q -v ON_ERROR_STOP=1 <<<'SELECT * FROM dossier_admin.keys_needed()'
