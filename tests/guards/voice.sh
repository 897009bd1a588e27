# shellcheck shell=bash
# One voice: whatever a patient reads in Italian says "Lei" and "account", in German "Sie". What stands on a button is
# the person's order to the portal ("Accedi", "Salva"), and is not meant here.

# said PATTERN WHAT FILE...
said()
{
    local pattern=$1 what=$2

    shift 2
    grep -nwiE "$pattern" "$@" | sed "s|\$|: $what|" || true
}

violations()
{
    local -a italian catalogue=(mod_mantova_dossier/http/{problems,messages}.json)

    mapfile -t italian < <(printf '%s\n' htdocs/i18n/it.json htdocs/index.html "${catalogue[@]}" &&
        find mod_mantova_dossier -name '*.[ch]')
    said "tu|ti|te|tuo|tua|tuoi|tue|hai|puoi|devi|vuoi|sai|sei stat[oa]|sei tu|potrai|dovrai|riceverai|vedrai|vedi|avvisa|recuperala|comunicarlo" \
        'Italian texts say "Lei"' "${italian[@]}"
    said 'utenza|utenze|profilo utente' 'the word is "account"' "${italian[@]}"
    said 'du|dir|dich|dein|deine|deinen|deinem|deiner|kannst|musst|willst' 'German texts say "Sie"' htdocs/i18n/de.json "${catalogue[@]}"
}

breach()
{
    sed -i '0,/Il Suo codice/s//Il tuo codice/' mod_mantova_dossier/domain/message_text.c
}
