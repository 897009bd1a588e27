#!/usr/bin/env bash
# Every configuration mistake is told by `apachectl configtest`, with the directive and the cure.
#   tests/config/run.sh          needs build/mod_mantova_dossier.so and Debian's apache2-bin
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
FOLDER=$(mktemp -d)
trap 'rm -rf -- "$FOLDER"' EXIT
PASSED=0
FAILED=0

mkdir -p "$FOLDER/vault" "$FOLDER/spool"
chmod 700 "$FOLDER/vault"
key_line() { printf '%s %s\n' "$1" "$(openssl rand -base64 32)"; }
key_line first >"$FOLDER/keys"
chmod 600 "$FOLDER/keys"
[[ $EUID != 0 ]] || chown www-data "$FOLDER/vault" "$FOLDER/spool"

# The lines that are right; a case replaces or adds some.
good()
{
    cat <<TEXT
DossierEngine on
DossierFacility san-pellegrino "Ospedale San Pellegrino"
DossierVault $FOLDER/vault
DossierKeyFile $FOLDER/keys
DossierPublicUrl https://localhost
DossierSpool $FOLDER/spool
TEXT
}

# configtest [MODULE LEFT OUT] <lines: its output
configtest()
{
    local without=${1:-none} module

    {
        printf 'ServerRoot "%s"\nServerName localhost\nListen 127.0.0.1:8443\nErrorLog /dev/stderr\nUser www-data\n' "$FOLDER"
        for module in "${MPM:-mpm_event}" authz_core dbd session; do
            [[ $module == "$without" ]] ||
                printf 'LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n' "$module" "$module"
        done
        printf 'LoadModule mantova_dossier_module "%s/build/mod_mantova_dossier.so"\n' "$ROOT"
        cat
    } >"$FOLDER/httpd.conf"
    /usr/sbin/apache2 -t -f "$FOLDER/httpd.conf" 2>&1
}

# says NAME WANTED OUTPUT: the output has the words; only `Syntax OK` may have none of a mistake
says()
{
    local name=$1 wanted=$2 output=$3

    if [[ $output == *"$wanted"* ]] && [[ $wanted == "Syntax OK" || $output != *"Syntax OK"* ]]; then
        PASSED=$((PASSED + 1))
    else
        FAILED=$((FAILED + 1))
        printf 'FAILED %s: wanted "%s", got:\n%s\n' "$name" "$wanted" "$output"
    fi
}

# advises NAME WANTED OUTPUT: the configuration is taken, and the output has the words; nothing WANTED: no advice at all
advises()
{
    local name=$1 wanted=$2 output=$3

    if [[ $output == *"Syntax OK"* && ($output == *"$wanted"*) && (-n $wanted || $output != *DOS05*) ]]; then
        PASSED=$((PASSED + 1))
    else
        FAILED=$((FAILED + 1))
        printf 'FAILED %s: wanted "%s" and to be taken, got:\n%s\n' "$name" "$wanted" "$output"
    fi
}

# without DIRECTIVE: the good lines but that one
without() { good | grep -v "^$1 "; }
# with LINE: the good lines, the directive of that name replaced
with()
{
    without "${1%% *}"
    printf '%s\n' "$1"
}

says "the right lines" "Syntax OK" "$(good | configtest || true)"
says "a desk to turn to" "Syntax OK" "$(with 'DossierContact "+39 0376 635101" "lunedì-venerdì 8-18" "Via Roma 1, Mantova" "Mon-Fri 8-18"' | configtest || true)"
says "nothing is made where a vault may be mounted later" "empty" "$([[ -n $(ls -A "$FOLDER/vault") ]] || echo empty)"
if [[ $EUID == 0 ]]; then
    mkdir "$FOLDER/vault/tmp"
    says "a folder of the vault that is not its writer's" "DossierVault: $FOLDER/vault/tmp must belong to" "$(good | configtest || true)"
    rmdir "$FOLDER/vault/tmp"
fi
says "the engine off needs nothing" "Syntax OK" "$(echo "DossierEngine off" | configtest || true)"

while IFS='|' read -r directive wanted; do
    says "no $directive" "$wanted" "$(without "$directive" | configtest || true)"
done <<'CASES'
DossierVault|DossierVault is missing
DossierKeyFile|DossierKeyFile is missing
DossierPublicUrl|DossierPublicUrl is missing
DossierSpool|DossierSmsGateway is missing
CASES

while IFS='|' read -r line wanted; do
    says "$line" "$wanted" "$(with "${line//FOLDER/$FOLDER}" | configtest || true)"
done <<'CASES'
DossierEngine maybe|DossierEngine must be On or Off
DossierFacility "San Pellegrino" "Ospedale"|the id is 1 to 64 of a-z
DossierFacility san-pellegrino|takes id and name
DossierFacility san-pellegrino "Ospedale" blue|the colour is written like #0066cc
DossierFacility san-pellegrino "Ospedale" "#ffcc00"|white letters cannot be read on this colour
DossierFacility san-pellegrino "Ospedale" "#0066cc" https://example.org/logo.svg|the logo is the address of a file among the pages
DossierContact "0376 635101" "lun-ven 8-18"|DossierContact takes the telephone, the hours and the address
DossierContact "0376 635101" "lun-ven 8-18" "Via Roma 1" "Mon-Fri 8-18" more|DossierContact takes the telephone, the hours and the address
DossierContact "call us" "lun-ven 8-18" "Via Roma 1"|DossierContact: the telephone is digits and blanks
DossierContact "0376 635101" "" "Via Roma 1"|DossierContact: hours and address are a line of UTF-8
DossierVault FOLDER/nowhere|DossierVault: 
DossierKeyFile FOLDER/nowhere|DossierKeyFile: 
DossierRetentionDays 61|whole days from 1 to 60
DossierRetentionDays 0|whole days from 1 to 60
DossierRetentionDays due|whole days from 1 to 60
DossierAuditMonths 23|whole months from 24 to 120
DossierAuditMonths 121|whole months from 24 to 120
DossierQuarantineDays 0|whole days from 1 to 3650
DossierQuarantineDays 3651|whole days from 1 to 3650
DossierQuarantineDays long|whole days from 1 to 3650
DossierMinorHandover later|DossierMinorHandover must be On or Off
DossierMaxDocumentSize 0|give bytes, or a number with K, M or G
DossierMaxDocumentSize 10X|give bytes, or a number with K, M or G
DossierMaxDocumentSize 99999999999999G|give bytes, or a number with K, M or G
DossierSmsGateway DELETE https://sms.example.org|GET, POST or PUT, then the URL
DossierSmsGateway GET ftp://sms.example.org/{text}|the URL must start with https://
DossierSmsGateway GET https://sms.example.org/?to={to}|{text} and {to} (or {digits}) must stand
DossierSmsGateway POST https://sms.example.org/ body "text={text}"|{text} and {to} (or {digits}) must stand
DossierSmsGateway POST https://sms.example.org/{text} header|after the URL come pairs
DossierSmsGateway GET https://sms.example.org/{to}{text} accepted "("|after the URL come pairs
DossierSmsGateway GET https://sms.example.org/{to}{text} message-id "no group"|after the URL come pairs
DossierSmsGateway GET https://sms.example.org/{to}{text} timeout 0|after the URL come pairs
DossierSmsGateway GET https://sms.example.org/{to}{text}?key={secret:token}|DossierSmsSecretFile: the directives speak of {secret:token}, which needs the file
DossierSmsReceipts secret callback status status delivered 1 undelivered 2|DossierSmsReceipts: give the pairs
DossierSmsReceipts secret callback reference id message-id id status status delivered 1 undelivered 2|DossierSmsReceipts: give the pairs
DossierSmsReceipts secret callback reference id status status delivered "(" undelivered 2|DossierSmsReceipts: give the pairs
DossierSmsReceipts secret callback reference id status status delivered 1 undelivered 2|speak of {secret:callback}
DossierSmsSecretFile FOLDER/nowhere|DossierSmsSecretFile: 
DossierSmsLimits 1 10|DossierSmsLimits: give how many at once
DossierSmsLimits 8 fast|DossierSmsLimits: give how many at once
DossierMailLimits 65 0|DossierMailLimits: give how many at once
DossierSmsPrefixes 0039|DossierSmsPrefixes: give what numbers begin with
DossierSmsPrefixes +39 +|DossierSmsPrefixes: give what numbers begin with
DossierQuietHours 22:00|DossierQuietHours: give two different times
DossierQuietHours 22:00-24:00|DossierQuietHours: give two different times
DossierQuietHours 7:00-22:00|DossierQuietHours: give two different times
DossierQuietHours 07:00-07:00|DossierQuietHours: give two different times
DossierSmtp mail.example.org|give smtp://
DossierSmtp smtp://mail.example.org|DossierMailFrom is missing
DossierMailFrom "Referti <referti@example.org>"|give one plain address
DossierPublicUrl http://localhost|give https://host
DossierPublicUrl https://localhost/|give https://host
DossierPasswordWorkers 0|give 1 to 64
DossierPasswordWorkers 65|give 1 to 64
DossierSpool FOLDER/nowhere|DossierSpool: 
CASES

says "a rule of the whole server in a virtual host" "DossierMinorHandover: say it once" "$({
    good
    printf '<VirtualHost *:8443>\nDossierMinorHandover off\n</VirtualHost>\n'
} | configtest || true)"
mkdir -p "$FOLDER/other"
[[ $EUID != 0 ]] || chown www-data "$FOLDER/other"
says "two vaults on one database" "one database, and so one vault" "$({
    good
    printf '<VirtualHost *:8443>\nDossierVault %s/other\n</VirtualHost>\n' "$FOLDER"
} | configtest || true)"
says "the same vault said twice" "Syntax OK" "$({
    good
    printf '<VirtualHost *:8443>\nDossierVault %s/vault\n</VirtualHost>\n' "$FOLDER"
} | configtest || true)"
[[ $EUID != 0 ]] || {
    mkdir -p "$FOLDER/mountpoint"
    says "a mount point of root's" "mount that" "$(with "DossierVault $FOLDER/mountpoint" | configtest || true)"
}
# secrets MODE LINE: a file with this line, and directives that name it
secrets()
{
    printf '%s\n' "$2" >"$FOLDER/secrets"
    chmod "$1" "$FOLDER/secrets"
    good
    cat <<TEXT
DossierSmsSecretFile $FOLDER/secrets
DossierSmsGateway GET https://sms.example.org/{to}{text}?key={secret:token}
DossierSmsReceipts secret token reference id status status delivered ^1\$ undelivered ^2\$
TEXT
}
says "secrets as they should be" "Syntax OK" "$(secrets 600 "token 0123456789abcdef" | configtest || true)"
says "secrets that others read" "chmod 600" "$(secrets 640 "token 0123456789abcdef" | configtest || true)"
says "a secret under another name" "which the file lacks" "$(secrets 600 "tokne 0123456789abcdef" | configtest || true)"
says "a name without a value" "a line is" "$(secrets 600 "token" | configtest || true)"
says "a secret that can be guessed" "16 characters or more" "$(secrets 600 "token secret" | configtest || true)"
for example in "$ROOT"/conf/gateways/*.conf; do
    printf '%s 0123456789abcdef0123456789abcdef\n' account basic callback kannel token >"$FOLDER/secrets"
    says "${example##*/}" "Syntax OK" "$({ good; sed "s|/etc/mantova-dossier/sms.secrets|$FOLDER/secrets|" "$example"; } | configtest || true)"
done

# What `make install` lays down, but for the folders, certificates and secrets a sysadmin makes, with the modules
# that mantova-dossier.load names beside those Debian enables.
production()
{
    local module

    for module in authz_host log_config status unixd \
        $(sed -n 's/^# Depends: //p' "$ROOT/conf/mantova-dossier.load"); do
        [[ ! -e /usr/lib/apache2/modules/mod_$module.so || $module == dbd || $module == session ]] ||
            printf 'LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n' "$module" "$module"
    done
    printf 'LoadModule socache_shmcb_module /usr/lib/apache2/modules/mod_socache_shmcb.so\n'
    printf 'TypesConfig /dev/null\nDefine APACHE_LOG_DIR %s\n' "$FOLDER"
    sed -e "s|/var/lib/mantova-dossier/vault|$FOLDER/vault|" -e "s|/etc/mantova-dossier/dossier.keys|$FOLDER/keys|" \
        -e "s|/etc/mantova-dossier/sms.secrets|$FOLDER/secrets|" -e "s|/usr/share/mantova-dossier/htdocs|$ROOT/htdocs|" \
        -e "s|/usr/share/mantova-dossier/portal.conf|$ROOT/conf/portal.conf|" \
        -e "s|/etc/letsencrypt/live/referti.example.org|$FOLDER|" "$ROOT/conf/mantova-dossier.conf"
}
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=referti.example.org -keyout "$FOLDER/privkey.pem" \
    -out "$FOLDER/fullchain.pem" 2>/dev/null
printf '%s 0123456789abcdef0123456789abcdef\n' token mail callback >"$FOLDER/secrets"
says "mantova-dossier.conf" "Syntax OK" "$(production | configtest || true)"
sed -i /mail/d "$FOLDER/secrets"
says "mantova-dossier.conf without the secret of the mail server" "{secret:mail}" "$(production | configtest || true)"

# neighbour LIMITS: the portal's virtual host behind one that has these lines
neighbour()
{
    printf '<VirtualHost *:8443>\nServerName other.example.org\n%s\n</VirtualHost>\n' "$1"
    printf '<VirtualHost *:8444>\nServerName elsewhere.example.org\n</VirtualHost>\n'
    printf '<VirtualHost *:8443>\nServerName referti.example.org\nLimitRequestFieldSize 16384\n'
    good
    printf '</VirtualHost>\n'
}
says "a neighbour with the portal's limits" "Syntax OK" "$(neighbour "LimitRequestFieldSize 16384" | configtest || true)"
lower=$(neighbour "" | configtest || true)
says "a neighbour with lower limits is no mistake" "Syntax OK" "$lower"
says "but told" "DOS0520: the virtual host at $FOLDER/httpd.conf:" "${lower//Syntax OK/}"

# What works, but not for long.
advises "the right lines need no advice" "" "$(good | configtest || true)"
advises "no facility" "DOS0517" "$(without DossierFacility | configtest || true)"
chmod 755 "$FOLDER/vault"
advises "a vault that others can look into" "chmod 700 $FOLDER/vault" "$(good | configtest || true)"
chmod 700 "$FOLDER/vault"
# dbd PARAMETERS
dbd()
{
    good
    printf 'DBDriver pgsql\nDBDParams "%s"\n' "$1"
}
advises "no timeouts" "no tcp_user_timeout" "$(dbd "host=db.example.org dbname=dossier" | configtest || true)"
advises "no timeout for a host that vanishes" "DOS0518" "$(dbd "host=db.example.org connect_timeout=5" | configtest || true)"
advises "a socket without a timeout" "DOS0518" "$(dbd "host=/run/postgresql" | configtest || true)"
advises "a socket" "" "$(dbd "host=/run/postgresql connect_timeout=5" | configtest || true)"
advises "the example's parameters" "" "$({ good; grep '^DBD' "$ROOT/conf/mantova-dossier.conf"; } | configtest || true)"
if [[ $EUID == 0 ]]; then
    chown www-data "$FOLDER/keys"
    advises "keys that PHP could read" "chown root: $FOLDER/keys" "$(good | configtest || true)"
    chown root "$FOLDER/keys"
    chmod 400 "$FOLDER/keys"
    advises "keys of root alone" "" "$(good | configtest || true)"
    chmod 600 "$FOLDER/keys"
fi
mkdir "$FOLDER/vault/spool" "$FOLDER/outer"
ln -s "$FOLDER/vault" "$FOLDER/link"
[[ $EUID != 0 ]] || chown www-data "$FOLDER/vault/spool"
for line in "DossierSpool $FOLDER/vault" "DossierSpool $FOLDER/vault/spool" "DossierSpool $FOLDER/link" "DossierVault $FOLDER/spool"; do
    says "$line" "DossierSpool and DossierVault lie one within the other" "$(with "$line" | configtest || true)"
done
install -m 600 "$FOLDER/keys" "$FOLDER/vault/keyfile"
says "keys among the documents" "DossierKeyFile lies in DossierVault" "$(with "DossierKeyFile $FOLDER/vault/keyfile" | configtest || true)"
rm -r "$FOLDER/vault/keyfile" "$FOLDER/vault/spool"
says "prefork" "a2dismod mpm_prefork" "$(good | MPM=mpm_prefork configtest || true)"
says "prefork without the portal" "Syntax OK" "$(echo "DossierEngine off" | MPM=mpm_prefork configtest || true)"

chmod 640 "$FOLDER/keys"
says "a key file that others read" "DossierKeyFile: " "$(good | configtest || true)"
chmod 600 "$FOLDER/keys"
says "no mod_session" "LoadModule session_module" "$(good | configtest session || true)"
says "no mod_dbd" "needs mod_dbd" "$(good | configtest dbd || true)"

# as the running portal leaves a vault
mkdir "$FOLDER/vault/keys"
echo 3f2a1b00-0000-4000-8000-00000000000a >"$FOLDER/vault/vault.id"
touch "$FOLDER/vault/keys/first.canary"
[[ $EUID != 0 ]] || chown www-data "$FOLDER/vault/keys"
key_line second >"$FOLDER/keys"
says "a key that documents are sealed with is gone" "first" "$(good | configtest || true)"

# The pages, where npm reaches nothing: why is said, not only that they do not build.
mkdir "$FOLDER/checkout"
(cd "$ROOT" && cp -r --parents Makefile htdocs mod_mantova_dossier tools/catalogue tools/pages/*.mjs tools/pages/*.json "$FOLDER/checkout/")
says "npm without its registry" "ECONNREFUSED" "$(npm_config_registry=http://127.0.0.1:1 npm_config_fetch_retries=0 \
    npm_config_cache="$FOLDER/npm" make --no-print-directory -C "$FOLDER/checkout" pages 2>&1 || true)"

printf 'config: %d passed, %d failed\n' "$PASSED" "$FAILED"
((FAILED == 0))
