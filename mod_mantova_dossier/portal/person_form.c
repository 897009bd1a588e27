#include "portal/person_form.h"

#include <apr_strings.h>

#include "base/typed.h"
#include "domain/codice_fiscale.h"

#define OLDEST_AGE 130 /* years; nobody has reached it */

static const char *path_of(const char *prefix, const char *name, apr_pool_t *pool)
{
    return prefix ? apr_pstrcat(pool, prefix, ".", name, NULL) : name;
}

static int check_codice_fiscale(dossier_cf_t *cf, dossier_fields_t *fields, dossier_json_t *person,
                                const char *prefix)
{
    const char *path = path_of(prefix, "codice_fiscale", fields->pool);

    if (!dossier_cf_check(cf, fields, path, dossier_json_get(person, "codice_fiscale"))) {
        return 0;
    }
    dossier_json_set(person, "codice_fiscale", cf->text);
    return 1;
}

static int check_birth_date(dossier_date_t *birth, dossier_fields_t *fields, dossier_json_t *person,
                            const char *prefix)
{
    const char *typed = dossier_json_get(person, "birth_date");
    dossier_date_t today = dossier_date_today();
    const char *error = NULL;

    if (!typed) {
        return 0;
    }
    typed = dossier_typed_code(typed, fields->pool);
    dossier_json_set(person, "birth_date", typed);
    if (!dossier_date_parse(birth, typed)) {
        error = "date";
    } else if (dossier_date_compare(*birth, today) > 0) {
        error = "date_future";
    } else if (dossier_date_age(*birth, today) >= OLDEST_AGE) {
        error = "date_past";
    }
    if (error) {
        dossier_fields_error(fields, path_of(prefix, "birth_date", fields->pool), error);
    }
    return !error;
}

int dossier_portal_person_check(dossier_date_t *birth, dossier_fields_t *fields,
                                dossier_json_t *person, const char *prefix)
{
    dossier_cf_t cf;
    dossier_date_t today = dossier_date_today();
    dossier_date_t typed;
    int has_cf = check_codice_fiscale(&cf, fields, person, prefix);
    int has_birth = check_birth_date(&typed, fields, person, prefix);

    if (!has_cf || !has_birth) {
        return 0;
    }
    *birth = dossier_cf_birth(&cf, typed, today);
    if (dossier_date_is_minor(*birth, today) != dossier_date_is_minor(typed, today)) {
        /* a slip of a centenarian's pen: nobody is called a minor, or an adult, for it */
        dossier_fields_error(fields, path_of(prefix, "birth_date", fields->pool), "birth_date");
        return 0;
    }
    return 1;
}
