#include "base/base64.h"

#include <apr_base64.h>
#include <apr_lib.h>

#include <string.h>

static void take(dossier_base64_t *base64, unsigned char c)
{
    if (base64->armour || c == '-') {
        base64->armour = c != '\n';
        base64->over = base64->begun;
    } else if (apr_isalnum(c) || c == '+' || c == '/') {
        base64->begun = 1;
        base64->text[base64->have++] = (char)c;
    } else if (!apr_isspace(c)) {
        base64->over = 1;
        base64->broken = c != '=';
    }
}

/* The first `count` characters of the text. */
static apr_size_t decode(unsigned char *out, dossier_base64_t *base64, apr_size_t count)
{
    char next = base64->text[count];
    apr_size_t made;

    base64->text[count] = '\0';
    made = (apr_size_t)apr_base64_decode_binary(out, base64->text);
    base64->text[count] = next;
    base64->have -= count;
    memmove(base64->text, base64->text + count, base64->have);
    return made;
}

apr_size_t dossier_base64_decode(unsigned char *out, dossier_base64_t *base64,
                                 const unsigned char **data, apr_size_t *length)
{
    for (; *length && !base64->over && base64->have < DOSSIER_BASE64_TEXT; --*length) {
        take(base64, *(*data)++);
    }
    if (base64->over) {
        *length = 0;
        return dossier_base64_end(out, base64);
    }
    return decode(out, base64, base64->have - base64->have % 4);
}

apr_size_t dossier_base64_end(unsigned char *out, dossier_base64_t *base64)
{
    return decode(out, base64, base64->have);
}
