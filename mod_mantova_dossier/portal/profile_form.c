#include "portal/profile_form.h"

#include <apr_strings.h>

#include <string.h>

#include "domain/contact.h"
#include "domain/date.h"
#include "domain/password_policy.h"
#include "portal/person_form.h"

static const dossier_field_t shape[] = {
    {"codice_fiscale", DOSSIER_FIELD_STRING, 32, 1},
    {"first_name", DOSSIER_FIELD_STRING, 100, 1},
    {"last_name", DOSSIER_FIELD_STRING, 100, 1},
    {"birth_date", DOSSIER_FIELD_STRING, 10, 1},
    {"birth_place", DOSSIER_FIELD_STRING, 100, 1},
    {"mobile", DOSSIER_FIELD_STRING, 32, 1},
    {"email", DOSSIER_FIELD_STRING, 254, 0},
    {"language", DOSSIER_FIELD_STRING, 2, 0},
    {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

static void check_mobile(dossier_fields_t *fields, dossier_json_t *profile)
{
    const char *typed = dossier_json_get(profile, "mobile");
    const char *mobile = typed ? dossier_mobile_parse(typed, fields->pool) : NULL;

    if (mobile) {
        dossier_json_set(profile, "mobile", mobile);
    } else if (typed) {
        dossier_fields_error(fields, "profile.mobile", "mobile");
    }
}

static void check_email(dossier_fields_t *fields, dossier_json_t *profile)
{
    const char *typed = dossier_json_get(profile, "email");
    const char *email = typed ? dossier_email_parse(typed, fields->pool) : NULL;

    if (typed && !email) {
        dossier_fields_error(fields, "profile.email", "email");
        return;
    }
    dossier_json_set(profile, "email", email);
}

void dossier_portal_profile_check(dossier_fields_t *fields, dossier_json_t *profile,
                                  const char *language)
{
    dossier_date_t birth;
    const char *chosen;

    dossier_fields_check(fields, profile, shape, "profile");
    if (!profile) {
        return;
    }
    if (dossier_portal_person_check(&birth, fields, profile, "profile") &&
        dossier_date_is_minor(birth, dossier_date_today())) {
        dossier_fields_error(fields, "profile.birth_date", "minor");
    }
    check_mobile(fields, profile);
    if (!dossier_json_get_value(profile, "email") || dossier_json_get(profile, "email")) {
        check_email(fields, profile);
    }
    chosen = dossier_json_get(profile, "language");
    if (chosen && strcmp(chosen, "it") && strcmp(chosen, "en")) {
        dossier_fields_error(fields, "profile.language", "choice");
    } else if (!chosen) {
        dossier_json_set(profile, "language", language);
    }
}

/* "1980-01-31" as people write it in a password: the year, 31011980, 310180, 19800131. */
static void add_birth(apr_array_header_t *personal, const char *birth, apr_pool_t *pool)
{
    dossier_date_t date;

    if (!birth || !dossier_date_parse(&date, birth)) {
        return;
    }
    APR_ARRAY_PUSH(personal, const char *) = apr_psprintf(pool, "%04d", date.year);
    APR_ARRAY_PUSH(personal, const char *) =
        apr_psprintf(pool, "%02d%02d%04d", date.day, date.month, date.year);
    APR_ARRAY_PUSH(personal, const char *) =
        apr_psprintf(pool, "%02d%02d%02d", date.day, date.month, date.year % 100);
    APR_ARRAY_PUSH(personal, const char *) =
        apr_psprintf(pool, "%04d%02d%02d", date.year, date.month, date.day);
}

/* Ends with NULL. */
static const char *const *personal_data(const dossier_json_t *profile, apr_pool_t *pool)
{
    static const char *const names[] = {"first_name",     "last_name", "birth_place",
                                        "codice_fiscale", "mobile",    "email"};
    apr_array_header_t *personal = apr_array_make(pool, 16, sizeof(const char *));
    const char *mobile = dossier_json_get(profile, "mobile");
    const char *email = dossier_json_get(profile, "email");

    for (apr_size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = dossier_json_get(profile, names[i]);

        if (value) {
            APR_ARRAY_PUSH(personal, const char *) = value;
        }
    }
    if (mobile && !strncmp(mobile, "+39", 3)) {
        APR_ARRAY_PUSH(personal, const char *) = mobile + 3;
    }
    if (email) {
        APR_ARRAY_PUSH(personal, const char *) = apr_pstrndup(pool, email, strcspn(email, "@"));
    }
    add_birth(personal, dossier_json_get(profile, "birth_date"), pool);
    APR_ARRAY_PUSH(personal, const char *) = NULL;
    return (const char *const *)personal->elts;
}

void dossier_portal_password_check(dossier_fields_t *fields, const char *name, const char *password,
                                   const dossier_json_t *profile)
{
    const char *refusal =
        password
            ? dossier_password_refusal(password, personal_data(profile, fields->pool), fields->pool)
            : NULL;

    if (refusal) {
        dossier_fields_error_max(fields, name, refusal, DOSSIER_PASSWORD_MAX);
    }
}
