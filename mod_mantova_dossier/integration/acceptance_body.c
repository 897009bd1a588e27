#include "integration/acceptance_body.h"

#include <apr_strings.h>

#include <string.h>

#include "base/typed.h"
#include "domain/contact.h"
#include "integration/shared.h"

static const dossier_field_t body_shape[] = {
    {"facility", DOSSIER_FIELD_STRING, 64, 1}, {"mobile", DOSSIER_FIELD_STRING, 40, 1},
    {"email", DOSSIER_FIELD_STRING, 254, 0},   {"online_pickup", DOSSIER_FIELD_BOOL, 0, 0},
    {"patient", DOSSIER_FIELD_OBJECT, 0, 1},   {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

static const dossier_field_t patient_shape[] = {
    {"codice_fiscale", DOSSIER_FIELD_STRING, 32, 1},
    {"first_name", DOSSIER_FIELD_STRING, 100, 1},
    {"last_name", DOSSIER_FIELD_STRING, 100, 1},
    {"birth_date", DOSSIER_FIELD_STRING, 10, 0},
    {"birth_place", DOSSIER_FIELD_STRING, 100, 0},
    {"sex", DOSSIER_FIELD_STRING, 1, 0},
    {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

static void read_contacts(dossier_json_t *arguments, dossier_fields_t *fields,
                          const dossier_json_t *body)
{
    const char *mobile = dossier_json_get(body, "mobile");
    const char *email = dossier_json_get(body, "email");
    const char *number = mobile ? dossier_mobile_parse(mobile, fields->pool) : NULL;
    const char *address = email ? dossier_email_parse(email, fields->pool) : NULL;

    if (mobile && !number) {
        dossier_fields_error(fields, "mobile", "mobile");
    }
    if (email && !address) {
        dossier_fields_error(fields, "email", "email");
    }
    dossier_json_set(arguments, "mobile", number);
    dossier_json_set(arguments, "email", address);
}

/* 1 when a birth date is given and possible. */
static int read_birth_date(dossier_date_t *birth, dossier_fields_t *fields, const char *text)
{
    if (!text) {
        return 0;
    }
    if (!dossier_date_parse(birth, text)) {
        dossier_fields_error(fields, "patient.birth_date",
                             dossier_date_has_form(text) && strlen(text) == 10 ? "date"
                                                                               : "date_form");
        return 0;
    }
    if (dossier_date_compare(*birth, dossier_date_today()) > 0) {
        dossier_fields_error(fields, "patient.birth_date", "date_future");
        return 0;
    }
    return 1;
}

static dossier_json_t *warnings_json(const apr_array_header_t *codes, const char *language,
                                     apr_pool_t *pool)
{
    dossier_json_t *warnings = dossier_json_array(pool);

    for (int i = 0; i < codes->nelts; i++) {
        const char *code = APR_ARRAY_IDX(codes, i, const char *);
        dossier_json_t *warning = dossier_json_object(pool);

        dossier_json_set(warning, "field", apr_pstrcat(pool, "patient.", code, NULL));
        dossier_json_set(warning, "code", code);
        dossier_json_set(warning, "message", dossier_message(language, code));
        dossier_json_append(warnings, warning);
    }
    return warnings;
}

dossier_json_t *dossier_integration_patient_read(apr_array_header_t *warnings,
                                                 dossier_fields_t *fields, dossier_json_t *said)
{
    dossier_json_t *patient = dossier_json_object(fields->pool);
    const char *birth_date;
    const char *sex;
    dossier_cf_t cf;
    dossier_date_t birth;
    int birth_known;

    dossier_fields_check(fields, said, patient_shape, "patient");
    birth_date = dossier_json_get(said, "birth_date");
    birth_date = birth_date ? dossier_typed_code(birth_date, fields->pool) : NULL;
    sex = dossier_json_get(said, "sex");
    if (sex && strcmp(sex, "M") && strcmp(sex, "F")) {
        dossier_fields_error(fields, "patient.sex", "choice");
        sex = NULL;
    }
    dossier_json_set(patient, "first_name", dossier_json_get(said, "first_name"));
    dossier_json_set(patient, "last_name", dossier_json_get(said, "last_name"));
    dossier_json_set(patient, "birth_date", birth_date);
    dossier_json_set(patient, "birth_place", dossier_json_get(said, "birth_place"));
    dossier_json_set(patient, "sex", sex);
    birth_known = read_birth_date(&birth, fields, birth_date);
    if (dossier_cf_check(&cf, fields, "patient.codice_fiscale",
                         dossier_json_get(said, "codice_fiscale"))) {
        dossier_json_set(patient, "codice_fiscale", cf.text);
        dossier_cf_disagreements(warnings, &cf, dossier_json_get(patient, "first_name"),
                                 dossier_json_get(patient, "last_name"),
                                 birth_known ? &birth : NULL, sex, fields->pool);
    }
    return patient;
}

dossier_json_t *dossier_integration_acceptance_read(dossier_json_t *arguments,
                                                    dossier_fields_t *fields, dossier_json_t *body,
                                                    const char *language)
{
    dossier_json_t *said = dossier_json_get_value(body, "patient");
    apr_array_header_t *warnings = apr_array_make(fields->pool, 4, sizeof(const char *));
    int online_pickup = dossier_json_get_bool(body, "online_pickup", -1);

    dossier_fields_check(fields, body, body_shape, NULL);
    if (dossier_json_type(said) == DOSSIER_JSON_OBJECT) {
        dossier_json_set_value(arguments, "patient",
                               dossier_integration_patient_read(warnings, fields, said));
    }
    dossier_json_set(arguments, "facility", dossier_json_get(body, "facility"));
    if (online_pickup >= 0) {
        dossier_json_set_bool(arguments, "online_pickup", online_pickup);
    }
    read_contacts(arguments, fields, body);
    return warnings_json(warnings, language, fields->pool);
}
