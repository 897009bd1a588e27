# shellcheck shell=bash
# The certificate and the keys of a first start. Written under another name first: never half a file.

# keep_secret FILE: standard input into a file that only the service user reads
keep_secret()
{
    (umask 077 && cat >"$1.new")
    ((EUID != 0)) || chown "$SERVICE_USER:" "$1.new"
    mv -f -- "$1.new" "$1"
}

tls_make()
{
    local scratch

    if [[ -s $VAR/tls/key.pem ]] &&
        openssl x509 -in "$VAR/tls/cert.pem" -noout -checkend 86400 >/dev/null 2>&1; then
        return
    fi
    scratch=$(mktemp -d)
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 825 \
        -subj "/CN=localhost" -addext "subjectAltName=DNS:localhost,DNS:citta-di-suzzara.localhost,IP:127.0.0.1" -addext "extendedKeyUsage=serverAuth" \
        -addext "keyUsage=digitalSignature" -addext "basicConstraints=critical,CA:FALSE" -keyout "$scratch/key" -out "$scratch/cert" 2>"$scratch/errors" ||
        fail "openssl could not make a certificate: $(cat "$scratch/errors")"
    keep_secret "$VAR/tls/key.pem" <"$scratch/key"
    keep_secret "$VAR/tls/cert.pem" <"$scratch/cert"
    chmod 644 "$VAR/tls/cert.pem"
    rm -rf -- "$scratch"
}

keys_make()
{
    [[ -s $VAR/keys/dossier.keys ]] ||
        printf '%s %s\n' "$(date -u +%Y-%m-%d)" "$(openssl rand -base64 32)" |
        keep_secret "$VAR/keys/dossier.keys"
}
