#include "domain/code.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include <string.h>

#include "base/secrets.h"
#include "base/text.h"
#include "base/typed.h"

enum { VERIFICATION_DIGITS = 6, RANDOM_CHARACTERS = 12, ALL_CHARACTERS = 13 };

static const char ALPHABET[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

const char *dossier_verification_code_make(apr_pool_t *pool)
{
    return apr_psprintf(pool, "%06u", dossier_secrets_uniform(1000000));
}

/* What people write between the groups of a code. */
static int is_separator(apr_uint32_t character)
{
    return character == ' ' || character == '.' || dossier_text_is_dash(character);
}

const char *dossier_verification_code_parse(const char *typed, apr_pool_t *pool)
{
    const char *cursor = typed ? dossier_typed_code(typed, pool) : "";
    const char *end = cursor + strlen(cursor);
    char code[VERIFICATION_DIGITS];
    apr_uint32_t character;
    int count = 0;
    int read;

    while ((read = dossier_text_next(&character, &cursor, end)) > 0) {
        if (is_separator(character)) {
            continue;
        }
        if (character < '0' || character > '9' || count == VERIFICATION_DIGITS) {
            return NULL;
        }
        code[count++] = (char)character;
    }
    return read == 0 && count == VERIFICATION_DIGITS ? apr_pstrmemdup(pool, code, sizeof(code))
                                                     : NULL;
}

/* Times the generator of GF(32), the field of polynomials modulo x^5 + x^2 + 1. */
static unsigned int times_generator(unsigned int element)
{
    element <<= 1;
    return element & 32 ? element ^ 37 : element;
}

/* The sum of character i times generator^(12-i), by Horner's rule. The thirteen powers differ and
   none is zero, so a wrong character changes the sum, and so does a swap of two different ones. A
   whole code sums to zero, the check character having the power 0. */
static unsigned int weighted_sum(const unsigned char *values, int count)
{
    unsigned int sum = 0;

    for (int i = 0; i < count; i++) {
        sum = times_generator(sum) ^ values[i];
    }
    return sum;
}

const char *dossier_activation_code_make(apr_pool_t *pool)
{
    unsigned char values[ALL_CHARACTERS];
    char c[ALL_CHARACTERS];

    for (int i = 0; i < RANDOM_CHARACTERS; i++) {
        values[i] = (unsigned char)dossier_secrets_uniform(32);
    }
    values[RANDOM_CHARACTERS] =
        (unsigned char)times_generator(weighted_sum(values, RANDOM_CHARACTERS));
    for (int i = 0; i < ALL_CHARACTERS; i++) {
        c[i] = ALPHABET[values[i]];
    }
    return apr_psprintf(pool, "%.4s-%.4s-%.4s-%c", c, c + 4, c + 8, c[12]);
}

/* The number a typed character stands for, -1 when it stands for none. */
static int value_of(apr_uint32_t character)
{
    const char *found;

    if (character == 0 || character > 127) {
        return -1;
    }
    switch (apr_toupper((int)character)) {
    case 'O':
        return 0;
    case 'I':
    case 'L':
        return 1;
    default:
        found = strchr(ALPHABET, apr_toupper((int)character));
        return found ? (int)(found - ALPHABET) : -1;
    }
}

const char *dossier_activation_code_parse(const char *typed, apr_pool_t *pool)
{
    const char *end;
    unsigned char values[ALL_CHARACTERS];
    char code[ALL_CHARACTERS];
    apr_uint32_t character;
    int count = 0;
    int read;

    if (!typed) {
        return NULL;
    }
    typed = dossier_typed_code(typed, pool);
    end = typed + strlen(typed);
    while ((read = dossier_text_next(&character, &typed, end)) > 0) {
        int value;

        if (is_separator(character)) {
            continue;
        }
        value = value_of(character);
        if (value < 0 || count == ALL_CHARACTERS) {
            return NULL;
        }
        code[count] = ALPHABET[value];
        values[count++] = (unsigned char)value;
    }
    if (read < 0 || count != ALL_CHARACTERS || weighted_sum(values, count) != 0) {
        return NULL;
    }
    return apr_pstrmemdup(pool, code, ALL_CHARACTERS);
}
