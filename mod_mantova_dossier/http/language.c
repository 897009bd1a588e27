#include "http/language.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include <stdlib.h>
#include <string.h>

/* Thousandths, so that no floating point is compared. */
static int quality(const char *range)
{
    const char *q = strstr(range, "q=");

    return q ? (int)(strtod(q + 2, NULL) * 1000) : 1000;
}

static int names(const char *range, const char *language)
{
    apr_size_t length = strlen(language);

    return !strncasecmp(range, language, length) && !apr_isalnum(range[length]);
}

const char *dossier_language_choose(const char *accept_language, apr_pool_t *pool)
{
    int italian = 0;
    int english = 0;
    char *last = NULL;
    char *range;

    if (!accept_language) {
        return "it";
    }
    range = apr_strtok(apr_pstrdup(pool, accept_language), ", \t", &last);
    for (; range; range = apr_strtok(NULL, ", \t", &last)) {
        if (names(range, "it")) {
            italian = quality(range);
        } else if (names(range, "en")) {
            english = quality(range);
        }
    }
    return english > italian ? "en" : "it";
}
