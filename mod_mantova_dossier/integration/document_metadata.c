#include "integration/document_metadata.h"

#include <apr_strings.h>

#include <string.h>

#include "integration/shared.h"

/* Clocks of laboratory instruments run ahead, and time zones get confused. */
#define FUTURE_TOLERATED apr_time_from_sec(24 * 60 * 60)
/* As long as the database keeps what waits for its release (hold_days). */
#define HOLD_LONGEST apr_time_from_sec(180 * 24 * 60 * 60)

static const dossier_field_t shape[] = {
    {"facility", DOSSIER_FIELD_STRING, 64, 1},    {"codice_fiscale", DOSSIER_FIELD_STRING, 32, 1},
    {"acceptance", DOSSIER_FIELD_STRING, 64, 0},  {"title", DOSSIER_FIELD_STRING, 200, 1},
    {"type", DOSSIER_FIELD_STRING, 32, 1},        {"issued_at", DOSSIER_FIELD_STRING, 40, 1},
    {"author", DOSSIER_FIELD_STRING, 120, 0},     {"class", DOSSIER_FIELD_STRING, 32, 0},
    {"told_by_doctor", DOSSIER_FIELD_BOOL, 0, 0}, {"hold", DOSSIER_FIELD_BOOL, 0, 0},
    {"hold_until", DOSSIER_FIELD_STRING, 40, 0},  {"sha256", DOSSIER_FIELD_STRING, 64, 0},
    {"republish", DOSSIER_FIELD_BOOL, 0, 0},      {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

static const char *const types[] = {"laboratory",   "radiology",  "cardiology", "pathology",
                                    "microbiology", "outpatient", "discharge",  "emergency",
                                    "vaccination",  "other",      NULL};

/* Genetic reports are known here so that their refusal says why. */
static const char *const classes[] = {"ordinary",
                                      "genetic",
                                      "hiv",
                                      "abortion",
                                      "sexual_violence",
                                      "substances",
                                      "anonymous_birth",
                                      "family_counselling",
                                      NULL};

static void check_choice(dossier_fields_t *fields, const char *field, const char *const *choices,
                         const char *value)
{
    for (const char *const *known = choices; value && *known; ++known) {
        if (!strcmp(*known, value)) {
            return;
        }
    }
    if (value) {
        dossier_fields_error(fields, field, "choice");
    }
}

/* Its day does not exist, or it is not written as RFC 3339 writes a moment. */
static const char *time_fault(const char *text, apr_pool_t *pool)
{
    dossier_date_t day;

    return dossier_date_has_form(text) && !dossier_date_parse(&day, apr_pstrndup(pool, text, 10))
               ? "date"
               : "time_form";
}

static const char *read_issued_at(dossier_fields_t *fields, const char *text)
{
    apr_time_t issued;

    if (!dossier_time_parse(&issued, text)) {
        dossier_fields_error(fields, "metadata.issued_at", time_fault(text, fields->pool));
        return NULL;
    }
    if (issued > apr_time_now() + FUTURE_TOLERATED) {
        dossier_fields_error(fields, "metadata.issued_at", "date_future");
        return NULL;
    }
    return dossier_time_format(issued, fields->pool);
}

/* A date that has passed holds nothing: the same call may come again after it. */
static const char *read_hold_until(dossier_fields_t *fields, const char *text)
{
    apr_time_t until;

    if (!text) {
        return NULL;
    }
    if (!dossier_time_parse(&until, text)) {
        dossier_fields_error(fields, "metadata.hold_until", time_fault(text, fields->pool));
        return NULL;
    }
    if (until > apr_time_now() + HOLD_LONGEST) {
        dossier_fields_error(fields, "metadata.hold_until", "date_far");
        return NULL;
    }
    return dossier_time_format(until, fields->pool);
}

/* Digits in upper case, as some tools write them, are the same digest. */
static const char *read_sha256(dossier_fields_t *fields, const char *text)
{
    char *digest;

    if (!text) {
        return NULL;
    }
    digest = apr_pstrdup(fields->pool, text);
    ap_str_tolower(digest);
    if (strlen(digest) != 64 || strspn(digest, "0123456789abcdef") != 64) {
        dossier_fields_error(fields, "metadata.sha256", "digest_form");
    }
    return digest;
}

void dossier_integration_metadata_read(dossier_publication_t *publication, dossier_fields_t *fields,
                                       dossier_json_t *metadata)
{
    const char *issued_at;
    dossier_cf_t cf;

    dossier_fields_check(fields, metadata, shape, "metadata");
    issued_at = dossier_json_get(metadata, "issued_at");
    publication->facility = dossier_json_get(metadata, "facility");
    publication->acceptance = dossier_json_get(metadata, "acceptance");
    publication->title = dossier_json_get(metadata, "title");
    publication->type = dossier_json_get(metadata, "type");
    publication->author = dossier_json_get(metadata, "author");
    publication->class_name = dossier_json_get(metadata, "class");
    publication->told_by_doctor = dossier_json_get_bool(metadata, "told_by_doctor", 0);
    publication->hold = dossier_json_get_bool(metadata, "hold", -1);
    publication->hold_until = read_hold_until(fields, dossier_json_get(metadata, "hold_until"));
    publication->republish = dossier_json_get_bool(metadata, "republish", 0);
    publication->sha256 = read_sha256(fields, dossier_json_get(metadata, "sha256"));
    if (dossier_integration_codice_fiscale(&cf, fields, "metadata.codice_fiscale",
                                           dossier_json_get(metadata, "codice_fiscale"))) {
        publication->codice_fiscale = cf.text;
    }
    if (publication->acceptance) {
        dossier_integration_check_id(fields, "metadata.acceptance", publication->acceptance);
    }
    check_choice(fields, "metadata.type", types, publication->type);
    check_choice(fields, "metadata.class", classes, publication->class_name);
    if (issued_at) {
        publication->issued_at = read_issued_at(fields, issued_at);
    }
}
