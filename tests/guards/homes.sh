# shellcheck shell=bash
# One foreign library, one home.

# outside PATTERN HOME-PATTERN WHAT
outside()
{
    grep -rnE --include='*.[ch]' "$1" mod_mantova_dossier | grep -vE "^mod_mantova_dossier/($2)" |
        sed "s|\$|: $3|" || true
}

violations()
{
    outside '#[[:space:]]*include[[:space:]]*<json(-c/[a-z_]+)?\.h>|json_(object|tokener)_[a-z_]+ *\(' \
        'base/json\.c:' 'json-c stays in base/json.c'
    outside '#[[:space:]]*include[[:space:]]*<(openssl/|sodium)' \
        '(vault/|base/(secrets|digest)\.c:)' 'OpenSSL and libsodium stay in vault/, base/secrets.c and base/digest.c'
    outside '#[[:space:]]*include[[:space:]]*<curl/' 'outbound/' 'curl stays in outbound/'
    outside '#[[:space:]]*include[[:space:]]*<(cairo|pango|qrencode)' 'paper/page\.c:' \
        'cairo, pango and qrencode stay in paper/page.c'
    outside '#[[:space:]]*include[[:space:]]*<zlib' '(base/zip\.c|domain/content[a-z_]*\.[ch]):' 'zlib stays in base/zip.c and domain/content*'
    outside '#[[:space:]]*include[[:space:]]*<glib' '(paper/page|base/typed)\.c:' \
        'glib stays in paper/page.c and base/typed.c'
    outside '#[[:space:]]*include[[:space:]]*<(libpq|mod_dbd|apr_dbd)' 'store/(db\.c|connection\.[ch]):' \
        'the database driver stays in store/db.c and store/connection.c'
}

breach()
{
    sed -i '1i #include <curl/curl.h>' mod_mantova_dossier/portal/status.c
}
