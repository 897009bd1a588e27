/* "Il mio profilo": what the account holder wrote, and how alerts come. */
#include <string.h>

#include "portal/portal.h"
#include "portal/steps.h"

static const dossier_field_t change_shape[] = {
    {"language", DOSSIER_FIELD_STRING, 2, 0},
    {"alerts", DOSSIER_FIELD_OBJECT, 0, 0},
    {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

static const dossier_field_t alerts_shape[] = {
    {"sms", DOSSIER_FIELD_BOOL, 0, 0},
    {"mail", DOSSIER_FIELD_BOOL, 0, 0},
    {"last_call", DOSSIER_FIELD_BOOL, 0, 0},
    {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

int dossier_portal_profile_get(dossier_exchange_t *x)
{
    return dossier_call_answer(x, &dossier_fn.profile_get, dossier_call_arguments(x), HTTP_OK);
}

static void check_change(dossier_fields_t *fields, dossier_json_t *arguments, dossier_exchange_t *x,
                         dossier_json_t *body)
{
    dossier_json_t *alerts = dossier_portal_object(body, "alerts");
    const char *language;

    (void)x;
    dossier_fields_check(fields, body, change_shape, NULL);
    dossier_fields_check(fields, alerts, alerts_shape, "alerts");
    language = dossier_json_get(body, "language");
    if (language && strcmp(language, "it") && strcmp(language, "en")) {
        dossier_fields_error(fields, "language", "choice");
    }
    dossier_json_set(arguments, "language", language);
    dossier_json_set_value(arguments, "alerts", alerts);
}

int dossier_portal_profile_change(dossier_exchange_t *x)
{
    dossier_json_t *arguments = dossier_call_arguments(x);
    int rc;

    return dossier_body_checked(&rc, arguments, x, check_change)
               ? dossier_call_answer(x, &dossier_fn.profile_change, arguments, HTTP_OK)
               : rc;
}
