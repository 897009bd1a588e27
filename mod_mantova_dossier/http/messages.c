/* The sentences behind field error and warning codes. */
#include <apr_strings.h>

#include <string.h>

#include "base/template.h"
#include "http/exchange.h"

typedef struct {
    const char *code;
    const char *it;
    const char *en;
} message_t;

static const message_t messages[] = {
#include "messages.rows" /* http/messages.json */
};

const char *dossier_message(const char *language, const char *code)
{
    int english = !strcmp(language, "en");

    for (apr_size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        if (!strcmp(messages[i].code, code)) {
            return english ? messages[i].en : messages[i].it;
        }
    }
    return english ? "The value is not valid." : "Il valore non è valido.";
}

const char *dossier_message_of(const char *language, const dossier_field_error_t *error,
                               apr_pool_t *pool)
{
    const dossier_template_value_t values[] = {
        {"max_length", apr_psprintf(pool, "%" APR_SIZE_T_FMT, error->max)},
        {NULL, NULL},
    };

    return dossier_template_expand(dossier_message(language, error->code), values,
                                   DOSSIER_TEMPLATE_HEADER, pool);
}
