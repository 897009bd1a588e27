#include "domain/password_personal.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_tables.h>

#include <stdlib.h>
#include <string.h>

#include "base/latin.h"
#include "base/text.h"
#include "domain/date.h"

enum { VALUE_MIN = 4 };

const char *dossier_password_fold(const char *text, apr_pool_t *pool)
{
    const char *end = text + strlen(text);
    char *folded = apr_palloc(pool, strlen(text) * 2 + 1);
    char *out = folded;
    apr_uint32_t character;
    int read;

    for (const char *start = text; (read = dossier_text_next(&character, &text, end)) != 0;
         start = text) {
        const char *plain = read > 0 ? dossier_latin_fold(character) : NULL;

        if (plain) {
            for (; *plain; plain++) {
                *out++ = (char)apr_tolower(*plain);
            }
        } else {
            memcpy(out, start, (size_t)(text - start));
            out += text - start;
        }
    }
    *out = '\0';
    return folded;
}

/* Letters and digits; a byte of a letter beyond ASCII counts as one. */
static int is_word_character(char c)
{
    return (unsigned char)c >= 128 || apr_isalnum(c);
}

static char *words_only(const char *folded, apr_pool_t *pool)
{
    char *words = apr_palloc(pool, strlen(folded) + 1);
    char *out = words;

    for (; *folded; folded++) {
        if (is_word_character(*folded)) {
            *out++ = *folded;
        }
    }
    *out = '\0';
    return words;
}

static void add(apr_array_header_t *values, const char *value)
{
    if (dossier_text_length(value) >= VALUE_MIN) {
        APR_ARRAY_PUSH(values, const char *) = value;
    }
}

static void add_date(apr_array_header_t *values, dossier_date_t date, apr_pool_t *pool)
{
    add(values, apr_psprintf(pool, "%02d%02d%04d", date.day, date.month, date.year));
    add(values, apr_psprintf(pool, "%02d%02d%02d", date.day, date.month, date.year % 100));
    add(values, apr_psprintf(pool, "%d%d%04d", date.day, date.month, date.year));
    add(values, apr_psprintf(pool, "%04d", date.year));
}

/* The value without what separates its words, and each word of it. */
static void add_words(apr_array_header_t *values, const char *value, apr_pool_t *pool)
{
    const char *folded = dossier_password_fold(value, pool);
    const char *whole = words_only(folded, pool);

    add(values, whole);
    if (!strncmp(whole, "39", 2) && strlen(whole) > 10) {
        add(values, whole + 2); /* a mobile number as it is dialled at home */
    }
    while (*folded) {
        size_t length = 0;

        while (folded[length] && is_word_character(folded[length])) {
            length++;
        }
        add(values, apr_pstrmemdup(pool, folded, length));
        folded += length + (folded[length] != '\0');
    }
}

static int longest_first(const void *a, const void *b)
{
    size_t left = strlen(*(const char *const *)a);
    size_t right = strlen(*(const char *const *)b);

    return (left < right) - (left > right);
}

static apr_array_header_t *values_of(const char *const *personal, apr_pool_t *pool)
{
    apr_array_header_t *values = apr_array_make(pool, 16, sizeof(const char *));

    for (; personal && *personal; personal++) {
        dossier_date_t date;

        add_words(values, *personal, pool);
        if (dossier_date_parse(&date, *personal)) {
            add_date(values, date, pool);
        }
    }
    if (values->nelts > 1) {
        qsort(values->elts, (size_t)values->nelts, sizeof(const char *), longest_first);
    }
    return values;
}

const char *dossier_password_without(const char *folded, const char *const *personal,
                                     apr_pool_t *pool)
{
    const apr_array_header_t *values = values_of(personal, pool);
    char *words = words_only(folded, pool);
    int found = 0;

    for (int i = 0; i < values->nelts; i++) {
        const char *value = APR_ARRAY_IDX(values, i, const char *);

        for (char *at = strstr(words, value); at; at = strstr(at, value)) {
            /* Marked rather than closed up, so that its two sides do not make a new word. */
            memset(at, ' ', strlen(value));
            found = 1;
        }
    }
    return found ? words_only(words, pool) : NULL;
}
