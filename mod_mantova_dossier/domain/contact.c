#include "domain/contact.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include <string.h>

#include "base/text.h"
#include "base/typed.h"

enum {
    MOBILE_DIGITS_MIN = 8,
    MOBILE_DIGITS_MAX = 15,
    NATIONAL_MAX = 10,
    EMAIL_MAX = 254, /* RFC 5321, 4.5.3.1.3: 256 with the angle brackets */
    EMAIL_LOCAL_MAX = 64,
    LABEL_MAX = 63
};

/* What people write between digits. */
static int is_decoration(apr_uint32_t character)
{
    return dossier_text_is_dash(character) ||
           (character < 128 && strchr(" .()[]/", (int)character) != NULL);
}

/* The digits of a number, with "+" where one stands in front. 0 when anything else is in it. */
static int undecorate(char *number, apr_size_t room, const char *typed)
{
    const char *end = typed + strlen(typed);
    apr_uint32_t character;
    apr_size_t length = 0;
    int read;

    while ((read = dossier_text_next(&character, &typed, end)) > 0) {
        if (is_decoration(character)) {
            continue;
        }
        if (!(character >= '0' && character <= '9') && !(character == '+' && length == 0)) {
            return 0;
        }
        if (length + 1 >= room) {
            return 0;
        }
        number[length++] = (char)character;
    }
    number[length] = '\0';
    return read == 0;
}

const char *dossier_mobile_parse(const char *typed, apr_pool_t *pool)
{
    char number[MOBILE_DIGITS_MAX + 4] = "";
    const char *digits;
    size_t count;

    if (!typed || !undecorate(number, sizeof(number), dossier_typed_code(typed, pool))) {
        return NULL;
    }
    if (number[0] == '+') {
        digits = number + 1;
    } else if (!strncmp(number, "00", 2)) {
        digits = number + 2;
    } else if (!strncmp(number, "393", 3) && strlen(number) > NATIONAL_MAX) {
        digits = number; /* too long for a mobile of 39…: the country, without its + */
    } else {
        digits = apr_pstrcat(pool, "39", number, NULL);
    }
    count = strlen(digits);
    if (digits[0] == '0' || count < MOBILE_DIGITS_MIN || count > MOBILE_DIGITS_MAX) {
        return NULL;
    }
    if (!strncmp(digits, "39", 2) && (digits[2] != '3' || count < 11 || count > 12)) {
        return NULL;
    }
    return apr_pstrcat(pool, "+", digits, NULL);
}

const char *dossier_mobile_mask(const char *mobile, apr_pool_t *pool)
{
    char *masked = apr_pstrdup(pool, mobile);
    size_t length = strlen(masked);
    size_t shown = length > 6 ? 3 : 0;

    for (size_t i = shown; i < length - shown; i++) {
        masked[i] = '*';
    }
    return masked;
}

/* RFC 5322's dot-atom: quoted local parts are not taken, nobody has one and they may hold anything.
 */
static int is_local_part(const char *text, size_t length)
{
    if (length == 0 || length > EMAIL_LOCAL_MAX || text[0] == '.' || text[length - 1] == '.') {
        return 0;
    }
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c >= 128 || !(apr_isalnum(c) || strchr("!#$%&'*+-/=?^_`{|}~.", c)) ||
            (c == '.' && text[i + 1] == '.')) {
            return 0;
        }
    }
    return 1;
}

static int is_label(const char *text, size_t length)
{
    if (length == 0 || length > LABEL_MAX || text[0] == '-' || text[length - 1] == '-') {
        return 0;
    }
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c >= 128 || !(apr_isalnum(c) || c == '-')) {
            return 0;
        }
    }
    return 1;
}

/* Two labels or more; the last is not a number, so that no IP address passes. */
static int is_domain(const char *text)
{
    int labels = 0;

    for (;;) {
        size_t length = strcspn(text, ".");

        if (!is_label(text, length)) {
            return 0;
        }
        labels++;
        if (!text[length]) {
            return labels >= 2 && length >= 2 && strspn(text, "0123456789") < length;
        }
        text += length + 1;
    }
}

const char *dossier_email_parse(const char *typed, apr_pool_t *pool)
{
    const char *clean;
    const char *at;
    char *email;

    if (!typed) {
        return NULL;
    }
    clean = dossier_typed_code(typed, pool);
    at = strchr(clean, '@');
    if (!at || strlen(clean) > EMAIL_MAX || !is_local_part(clean, (size_t)(at - clean)) ||
        !is_domain(at + 1)) {
        return NULL;
    }
    email = apr_pstrdup(pool, clean);
    for (char *c = email; *c; c++) {
        *c = (char)apr_tolower(*c);
    }
    return email;
}

const char *dossier_email_mask(const char *email, apr_pool_t *pool)
{
    const char *at = strchr(email, '@');

    return at ? apr_psprintf(pool, "%.1s****%s", email, at) : "****";
}
