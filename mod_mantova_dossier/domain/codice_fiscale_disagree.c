/* What a codice fiscale says against the names, the date and the sex beside it, and which date then
   holds. */
#include <apr_lib.h>
#include <apr_strings.h>

#include <string.h>

#include "base/latin.h"
#include "base/text.h"
#include "domain/codice_fiscale.h"

typedef const char *(*fold_t)(apr_uint32_t letter);

/* The letters A to Z of a name; blanks, apostrophes, dashes and points drop out. NULL when there is
   none, or when one is of another alphabet: how an office spelt that one cannot be told. */
static const char *letters_of(const char *name, fold_t fold, apr_pool_t *pool)
{
    const char *end = name + strlen(name);
    char *letters = apr_palloc(pool, strlen(name) * 2 + 1);
    char *out = letters;
    apr_uint32_t character;
    int read;

    while ((read = dossier_text_next(&character, &name, end)) != 0) {
        const char *plain = read > 0 ? fold(character) : NULL;

        if (plain) {
            for (; *plain; plain++) {
                *out++ = (char)apr_toupper(*plain);
            }
        } else if (read < 0 ||
                   (character >= 0xC0 && !(character >= 0x2000 && character < 0x2070))) {
            return NULL;
        }
    }
    *out = '\0';
    return out > letters ? letters : NULL;
}

static int is_vowel(char letter)
{
    return strchr("AEIOU", letter) != NULL;
}

/* D.M. 23 December 1976, art. 3 and 4: consonants, then vowels, then X; of a first name with four
   consonants or more the second is left out. */
static void three_letters(char three[3], const char *letters, int is_first_name)
{
    char ordered[4];
    int count = 0;

    memset(three, 'X', 3);
    for (const char *c = letters; *c && count < 4; c++) {
        if (!is_vowel(*c)) {
            ordered[count++] = *c;
        }
    }
    if (is_first_name && count == 4) {
        three[0] = ordered[0];
        three[1] = ordered[2];
        three[2] = ordered[3];
        return;
    }
    for (const char *c = letters; *c && count < 3; c++) {
        if (is_vowel(*c)) {
            ordered[count++] = *c;
        }
    }
    memcpy(three, ordered, count < 3 ? (size_t)count : 3);
}

static int name_agrees(const char *code, const char *name, int is_first_name, apr_pool_t *pool)
{
    static const fold_t folds[] = {dossier_latin_fold, dossier_latin_fold_long};

    for (int i = 0; i < 2; i++) {
        const char *letters = letters_of(name, folds[i], pool);
        char three[3];

        if (!letters) {
            return 1;
        }
        three_letters(three, letters, is_first_name);
        if (!memcmp(code, three, 3)) {
            return 1;
        }
    }
    return 0;
}

static void warn(apr_array_header_t *warnings, const char *code)
{
    APR_ARRAY_PUSH(warnings, const char *) = code;
}

static int birth_agrees(const dossier_cf_t *cf, const dossier_date_t *birth)
{
    return cf->birth_year_2 == birth->year % 100 && cf->birth_month == birth->month &&
           cf->birth_day == birth->day;
}

dossier_date_t dossier_cf_birth(const dossier_cf_t *cf, dossier_date_t typed, dossier_date_t today)
{
    dossier_date_t birth = {2000 + cf->birth_year_2, cf->birth_month, cf->birth_day};

    if (!cf->has_birth || birth_agrees(cf, &typed)) {
        return typed;
    }
    if (dossier_date_compare(birth, today) > 0) {
        birth.year -= 100;
    }
    return birth;
}

void dossier_cf_disagreements(apr_array_header_t *warnings, const dossier_cf_t *cf,
                              const char *first_name, const char *last_name,
                              const dossier_date_t *birth, const char *sex, apr_pool_t *pool)
{
    if (cf->kind != DOSSIER_CF_PERSON) {
        return;
    }
    if (last_name && !name_agrees(cf->text, last_name, 0, pool)) {
        warn(warnings, "last_name");
    }
    if (first_name && !name_agrees(cf->text + 3, first_name, 1, pool)) {
        warn(warnings, "first_name");
    }
    if (birth && !birth_agrees(cf, birth)) {
        warn(warnings, "birth_date");
    }
    if (sex && (apr_toupper(*sex) == 'M' || apr_toupper(*sex) == 'F') &&
        apr_toupper(*sex) != cf->sex) {
        warn(warnings, "sex");
    }
}
