# shellcheck shell=bash
# The sample patients, as their hospitals would send them: through the integration endpoints.

sample_load()
{
    local folder=$VAR/samples file id name system

    [[ ! -e $folder/loaded ]] || return 0
    (umask 077 && mkdir -p -- "$folder")
    while IFS=$'\t' read -r id name system; do
        sample_system "$id" "$system"
    done <"$ROOT/tools/sample/facilities.tsv"
    for file in "$ROOT"/tools/sample/acceptances/*.json; do
        sample_acceptance "$file"
    done
    for file in "$ROOT"/tools/sample/documents/*.json; do
        sample_document "$file"
    done
    : >"$folder/loaded"
}

# Those that run.conf names.
database_facilities()
{
    local id name

    while IFS=$'\t' read -r id name _; do
        as_admin "$ROOT/tools/mantova-dossier" facility add "$id" "$name" >/dev/null
    done <"$ROOT/tools/sample/facilities.tsv"
}

# sample_system FACILITY SYSTEM: a key for a facility's system
sample_system()
{
    local key=$VAR/samples/$1.key

    [[ ! -s $key ]] || return 0
    (umask 077 && as_admin "$ROOT/tools/mantova-dossier" integrator add "$2" "$1" >"$key.new")
    mv -f -- "$key.new" "$key"
}

# integration FACILITY METHOD PATH CURL-OPTION...: calls as that facility's system; the answer's body
integration()
{
    local key status answer=$VAR/samples/answer path=$3 method=$2

    read -r key <"$VAR/samples/$1.key"
    shift 3
    status=$(curl -q -sS -o "$answer" -w '%{http_code}' --max-time 60 --noproxy '*' \
        --cacert "$VAR/tls/cert.pem" -K <(printf 'header = "Authorization: Bearer %s"\n' "$key") \
        -X "$method" "$@" "$(portal_url)/api/v1/integration/$path") || status=0
    [[ $status == 2* ]] || fail "the sample data: $method $path answered $status: $(cat "$answer")"
    cat "$answer"
}

# A slip is kept for later starts: the activation code comes only once.
sample_acceptance()
{
    local id facility answer code

    id=$(basename "$1" .json)
    facility=$(jq -r .facility "$1")
    ! grep -qs "^$id	" "$VAR/samples/slips.tsv" || return 0
    answer=$(integration "$facility" PUT "acceptances/$id" -H 'Content-Type: application/json' \
        --data-binary "@$1")
    code=$(jq -r '.activation_code // empty' <<<"$answer")
    if [[ -z $code ]]; then # created by a start that was interrupted here
        answer=$(integration "$facility" POST "acceptances/$id/activation-codes" \
            -H 'Content-Type: application/json' --data-binary '{}')
        code=$(jq -r .activation_code <<<"$answer")
    fi
    (umask 077 && jq -r --arg id "$id" --arg code "$code" \
        '[$id, .patient.first_name + " " + .patient.last_name, .patient.codice_fiscale, .mobile, $code] | @tsv' \
        "$1" >>"$VAR/samples/slips.tsv")
}

sample_document()
{
    local id facility folder=$VAR/samples

    id=$(basename "$1" .json)
    facility=$(jq -r .facility "$1")
    # made once: the same bytes again are not a new version
    [[ -s $folder/$id.pdf ]] || {
        pango-view --no-display --markup --font='DejaVu Sans 10' --width=451 --height=698 --margin=72 \
            --output="$folder/$id.new.pdf" "${1%.json}.pango" >/dev/null
        mv -f -- "$folder/$id.new.pdf" "$folder/$id.pdf"
    }
    jq '.issued_at = (now | todate)' "$1" >"$folder/metadata.json"
    integration "$facility" PUT "documents/$id" -F "metadata=@$folder/metadata.json;type=application/json" \
        -F "file=@$folder/$id.pdf;type=application/pdf" >/dev/null
}

sample_show()
{
    local id name codice_fiscale mobile code

    [[ -s $VAR/samples/slips.tsv ]] || return 0
    say ""
    say "Pick-up slips of the sample patients. Register with the codice fiscale and the mobile of a slip; the"
    say "activation code opens that patient's dossier, once."
    printf '  %-14s %-16s %-17s %-14s %s\n' acceptance patient "codice fiscale" mobile "activation code"
    while IFS=$'\t' read -r id name codice_fiscale mobile code; do
        printf '  %-14s %-16s %-17s %-14s %s\n' "$id" "$name" "$codice_fiscale" "$mobile" "$code"
    done <"$VAR/samples/slips.tsv"
}
