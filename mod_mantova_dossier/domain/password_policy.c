#include "domain/password_policy.h"

#include <string.h>

#include "base/text.h"
#include "base/typed.h"
#include "domain/password_common.h"
#include "domain/password_personal.h"
#include "domain/password_runs.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* What stands for a letter in "p@ssw0rd". */
static char unmasked(char c)
{
    static const char signs[] = "@4831!0$57";
    static const char letters[] = "aabeiiosst";
    const char *found = strchr(signs, c);

    return found ? letters[found - signs] : c;
}

static int is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

/* The letters between the first and the last one; `unmask` reads signs among them as letters. */
static const char *core_letters(const char *folded, int unmask, apr_pool_t *pool)
{
    const char *first = folded;
    const char *end = folded + strlen(folded);
    char *letters = apr_palloc(pool, strlen(folded) + 1);
    char *out = letters;

    while (first < end && !is_letter(*first)) {
        first++;
    }
    while (end > first && !is_letter(end[-1])) {
        end--;
    }
    for (; first < end; first++) {
        char c = unmask ? unmasked(*first) : *first;

        if (is_letter(c)) {
            *out++ = c;
        }
    }
    *out = '\0';
    return letters;
}

/* One common word, once or again and again. */
static int is_common_word(const char *letters)
{
    size_t length = strlen(letters);

    for (size_t i = 0; length > 0 && i < COUNT(COMMON_WORDS); i++) {
        size_t size = strlen(COMMON_WORDS[i]);
        size_t at = 0;

        while (at + size <= length && !memcmp(letters + at, COMMON_WORDS[i], size)) {
            at += size;
        }
        if (at == length) {
            return 1;
        }
    }
    return 0;
}

static int is_listed(const char *folded)
{
    for (size_t i = 0; i < COUNT(COMMON_PASSWORDS); i++) {
        if (!strcmp(folded, COMMON_PASSWORDS[i])) {
            return 1;
        }
    }
    return 0;
}

static int is_common(const char *folded, apr_pool_t *pool)
{
    return is_listed(folded) || dossier_password_is_repetition(folded) ||
           dossier_password_is_runs(folded) || is_common_word(core_letters(folded, 0, pool)) ||
           is_common_word(core_letters(folded, 1, pool));
}

const char *dossier_password_refusal(const char *password, const char *const *personal,
                                     apr_pool_t *pool)
{
    apr_size_t length;
    const char *folded;
    const char *rest;

    password = dossier_typed_secret(password, pool);
    length = dossier_text_length(password);
    if (length < DOSSIER_PASSWORD_MIN) {
        return "too_short";
    }
    if (length > DOSSIER_PASSWORD_MAX) {
        return "too_long";
    }
    folded = dossier_password_fold(password, pool);
    if (is_common(folded, pool)) {
        return "common";
    }
    rest = dossier_password_without(folded, personal, pool);
    if (!rest) {
        return NULL;
    }
    return strlen(rest) < DOSSIER_PASSWORD_REST_MIN || is_common(rest, pool) ? "personal" : NULL;
}
