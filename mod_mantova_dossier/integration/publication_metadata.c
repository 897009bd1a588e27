#include "integration/publication_metadata.h"

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

/* RFC 3339 in UTC; NULL: not said, or with a field error. `late`: of what is beyond `latest`. */
static const char *read_moment(dossier_fields_t *fields, const char *field, const char *text,
                               apr_time_t latest, const char *late)
{
    apr_time_t moment;

    if (!text) {
        return NULL;
    }
    if (!dossier_time_parse(&moment, text)) {
        dossier_fields_error(fields, field, time_fault(text, fields->pool));
        return NULL;
    }
    if (moment > latest) {
        dossier_fields_error(fields, field, late);
        return NULL;
    }
    return dossier_time_format(moment, fields->pool);
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

/* The rest of it: what the metadata may leave out. */
static void read_optional(dossier_json_t *metadata, dossier_fields_t *fields,
                          const dossier_json_t *said)
{
    int hold = dossier_json_get_bool(said, "hold", -1);

    dossier_json_set(metadata, "acceptance", dossier_json_get(said, "acceptance"));
    dossier_json_set(metadata, "author", dossier_json_get(said, "author"));
    dossier_json_set(metadata, "class", dossier_json_get(said, "class"));
    dossier_json_set_bool(metadata, "told_by_doctor",
                          dossier_json_get_bool(said, "told_by_doctor", 0));
    if (hold >= 0) {
        dossier_json_set_bool(metadata, "hold", hold);
    }
    /* a date that has passed holds nothing: the same call may come again after it */
    dossier_json_set(metadata, "hold_until",
                     read_moment(fields, "metadata.hold_until",
                                 dossier_json_get(said, "hold_until"),
                                 apr_time_now() + HOLD_LONGEST, "date_far"));
    dossier_json_set_bool(metadata, "republish", dossier_json_get_bool(said, "republish", 0));
}

dossier_json_t *dossier_publication_metadata_read(const char **sha256, dossier_fields_t *fields,
                                                  dossier_json_t *said)
{
    dossier_json_t *metadata = dossier_json_object(fields->pool);
    const char *acceptance;
    dossier_cf_t cf;

    dossier_fields_check(fields, said, shape, "metadata");
    dossier_json_set(metadata, "facility", dossier_json_get(said, "facility"));
    dossier_json_set(metadata, "title", dossier_json_get(said, "title"));
    dossier_json_set(metadata, "type", dossier_json_get(said, "type"));
    read_optional(metadata, fields, said);
    *sha256 = read_sha256(fields, dossier_json_get(said, "sha256"));
    if (dossier_cf_check(&cf, fields, "metadata.codice_fiscale",
                         dossier_json_get(said, "codice_fiscale"))) {
        dossier_json_set(metadata, "codice_fiscale", cf.text);
    }
    acceptance = dossier_json_get(metadata, "acceptance");
    if (acceptance) {
        dossier_integration_check_id(fields, "metadata.acceptance", acceptance);
    }
    check_choice(fields, "metadata.type", types, dossier_json_get(metadata, "type"));
    check_choice(fields, "metadata.class", classes, dossier_json_get(metadata, "class"));
    dossier_json_set(metadata, "issued_at",
                     read_moment(fields, "metadata.issued_at", dossier_json_get(said, "issued_at"),
                                 apr_time_now() + FUTURE_TOLERATED, "date_future"));
    return metadata;
}
