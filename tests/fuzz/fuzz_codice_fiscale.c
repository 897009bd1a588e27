/*
 * What people type: codice fiscale, activation code, mobile, e-mail, dates. Whatever is accepted
 * has one spelling, and that spelling is accepted again and stays as it is.
 */
#include <apr_general.h>
#include <apr_strings.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/typed.h"
#include "domain/code.h"
#include "domain/codice_fiscale.h"
#include "domain/contact.h"

#define REQUIRE(truth)                                                                             \
    do {                                                                                           \
        if (!(truth)) {                                                                            \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static void check_birth(const dossier_cf_t *cf)
{
    const dossier_date_t birth = {2000 + cf->birth_year_2 - cf->birth_year_2 % 4, cf->birth_month,
                                  cf->birth_day};

    REQUIRE(cf->birth_year_2 >= 0 && cf->birth_year_2 <= 99);
    REQUIRE(dossier_date_valid(birth)); /* in a leap year: the code does not say the century */
    REQUIRE(cf->sex == 'M' || cf->sex == 'F');
    REQUIRE(strlen(cf->place) == 4 && strspn(cf->place + 1, "0123456789") == 3);
}

/* Any other last letter is wrong: that is what a check letter is for. */
static void check_last_letter(const dossier_cf_t *cf, apr_pool_t *pool)
{
    char *text = apr_pstrdup(pool, cf->text);
    char right = text[15];
    dossier_cf_t other;

    for (char letter = 'A'; letter <= 'Z'; ++letter) {
        text[15] = letter;
        REQUIRE((dossier_cf_parse(&other, text, pool) == NULL) == (letter == right));
    }
}

static void check_codice_fiscale(const char *typed, const char *rest, apr_pool_t *pool)
{
    apr_array_header_t *warnings = apr_array_make(pool, 4, sizeof(const char *));
    dossier_date_t birth;
    dossier_cf_t cf;
    dossier_cf_t again;

    if (dossier_cf_parse(&cf, typed, pool)) {
        return;
    }
    REQUIRE(!dossier_cf_parse(&again, cf.text, pool));
    REQUIRE(!strcmp(cf.text, again.text) && cf.kind == again.kind);
    REQUIRE(strlen(cf.text) == (cf.kind == DOSSIER_CF_PROVISIONAL ? 11 : 16));
    if (cf.has_birth) {
        check_birth(&cf);
    }
    if (cf.kind == DOSSIER_CF_PERSON) {
        check_last_letter(&cf, pool);
    }
    dossier_cf_disagreements(warnings, &cf, rest, rest,
                             dossier_date_parse(&birth, rest) ? &birth : NULL, rest, pool);
    REQUIRE(warnings->nelts <= 4);
}

static void check_codes_and_contacts(const char *typed, apr_pool_t *pool)
{
    const char *code = dossier_activation_code_parse(typed, pool);
    const char *mobile = dossier_mobile_parse(typed, pool);
    const char *email = dossier_email_parse(typed, pool);

    if (code) {
        REQUIRE(strlen(code) == 13);
        REQUIRE(!strcmp(code, dossier_activation_code_parse(code, pool)));
    }
    if (mobile) {
        REQUIRE(mobile[0] == '+' && strspn(mobile + 1, "0123456789") == strlen(mobile) - 1);
        REQUIRE(strlen(mobile) >= 9 && strlen(mobile) <= 16);
        REQUIRE(!strcmp(mobile, dossier_mobile_parse(mobile, pool)));
        REQUIRE(strlen(dossier_mobile_mask(mobile, pool)) == strlen(mobile));
    }
    if (email) {
        REQUIRE(strlen(email) <= 254 && !strpbrk(email, "\r\n \t<>"));
        REQUIRE(!strcmp(email, dossier_email_parse(email, pool)));
    }
}

/* What is cleaned is clean; accents in any order and place are the same password. */
static void check_typed(const char *typed, apr_pool_t *pool)
{
    const char *text = dossier_typed_text(typed, pool);
    const char *code = dossier_typed_code(typed, pool);
    const char *secret = dossier_typed_secret(typed, pool);
    const char *apart = dossier_typed_secret_apart(typed, pool);

    REQUIRE(!strcmp(text, dossier_typed_text(text, pool)));
    REQUIRE(!strcmp(code, dossier_typed_code(code, pool)));
    REQUIRE(!strcmp(code, dossier_typed_code(text, pool)));
    REQUIRE(!strcmp(secret, dossier_typed_secret(secret, pool)));
    if (strlen(typed) <= 600) { /* beyond 2 KiB nothing is cleaned, and accents apart are longer */
        REQUIRE(!strcmp(secret, dossier_typed_secret(apart, pool)));
    }
}

static void check_times(const char *typed, apr_pool_t *pool)
{
    dossier_date_t date;
    apr_time_t time;
    apr_time_t again;

    if (dossier_date_parse(&date, typed)) {
        REQUIRE(dossier_date_valid(date) && strlen(typed) == 10);
    }
    if (dossier_time_parse(&time, typed)) {
        REQUIRE(dossier_time_parse(&again, dossier_time_format(time, pool)));
        REQUIRE(again <= time && time - again < APR_USEC_PER_SEC); /* also before 1970 */
    }
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return apr_initialize();
}

/* One line for each, the second for what stands beside the codice fiscale. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = calloc(1, size + 1);
    char *rest;
    apr_pool_t *pool;

    memcpy(text, data, size);
    rest = strchr(text, '\n');
    if (rest) {
        *rest++ = '\0';
    }
    apr_pool_create(&pool, NULL);
    check_codice_fiscale(text, rest ? rest : "", pool);
    check_codes_and_contacts(text, pool);
    check_typed(text, pool);
    check_times(text, pool);
    apr_pool_destroy(pool);
    free(text);
    return 0;
}
