#include "integration/document_metadata.h"

#include <string.h>

#include "integration/shared.h"

/* Clocks of laboratory instruments run ahead, and time zones get confused. */
#define FUTURE_TOLERATED apr_time_from_sec(24 * 60 * 60)

static const dossier_field_t shape[] = {
    {"facility", DOSSIER_FIELD_STRING, 64, 1},   {"codice_fiscale", DOSSIER_FIELD_STRING, 32, 1},
    {"acceptance", DOSSIER_FIELD_STRING, 64, 0}, {"title", DOSSIER_FIELD_STRING, 200, 1},
    {"type", DOSSIER_FIELD_STRING, 32, 1},       {"issued_at", DOSSIER_FIELD_STRING, 40, 1},
    {"author", DOSSIER_FIELD_STRING, 120, 0},    {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

static const char *const types[] = {"laboratory",   "radiology",  "cardiology", "pathology",
                                    "microbiology", "outpatient", "discharge",  "emergency",
                                    "vaccination",  "other",      NULL};

static void check_type(dossier_fields_t *fields, const char *type)
{
    for (const char *const *known = types; *known; ++known) {
        if (!strcmp(*known, type)) {
            return;
        }
    }
    dossier_fields_error(fields, "metadata.type", "choice");
}

static const char *read_issued_at(dossier_fields_t *fields, const char *text)
{
    apr_time_t issued;

    if (!dossier_time_parse(&issued, text)) {
        dossier_fields_error(fields, "metadata.issued_at", "date");
        return NULL;
    }
    if (issued > apr_time_now() + FUTURE_TOLERATED) {
        dossier_fields_error(fields, "metadata.issued_at", "date_future");
        return NULL;
    }
    return dossier_time_format(issued, fields->pool);
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
    if (dossier_integration_codice_fiscale(&cf, fields, "metadata.codice_fiscale",
                                           dossier_json_get(metadata, "codice_fiscale"))) {
        publication->codice_fiscale = cf.text;
    }
    if (publication->acceptance) {
        dossier_integration_check_id(fields, "metadata.acceptance", publication->acceptance);
    }
    if (publication->type) {
        check_type(fields, publication->type);
    }
    if (issued_at) {
        publication->issued_at = read_issued_at(fields, issued_at);
    }
}
