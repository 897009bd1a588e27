/*
 * Reads lines "code TAB first name TAB last name TAB birth date TAB sex" and prints for each
 * "verdict TAB kind TAB year TAB month TAB day TAB sex TAB place TAB warnings", for compare.py.
 */
#include <apr_general.h>
#include <apr_strings.h>

#include <stdio.h>
#include <string.h>

#include "domain/codice_fiscale.h"

enum { FIELDS = 5 };

/* Cuts the line at its tabs; fields that are not there are empty. */
static void split(const char *fields[FIELDS], char *line)
{
    line[strcspn(line, "\n")] = '\0';
    for (int i = 0; i < FIELDS; i++) {
        char *tab = strchr(line, '\t');

        fields[i] = line;
        if (tab) {
            *tab = '\0';
        }
        line = tab ? tab + 1 : line + strlen(line);
    }
}

static const char *given(const char *field)
{
    return *field ? field : NULL;
}

static void answer(const char *const fields[FIELDS], apr_pool_t *pool)
{
    static const char *const kinds[] = {"person", "provisional", "stp"};
    apr_array_header_t *warnings = apr_array_make(pool, 4, sizeof(const char *));
    dossier_date_t birth;
    int dated = dossier_date_parse(&birth, fields[3]);
    dossier_cf_t cf;
    const char *error = dossier_cf_parse(&cf, fields[0], pool);

    if (error) {
        printf("%s\t\t\t\t\t\t\t\n", error);
        return;
    }
    dossier_cf_disagreements(warnings, &cf, given(fields[1]), given(fields[2]),
                             dated ? &birth : NULL, given(fields[4]), pool);
    if (!cf.has_birth) {
        printf("ok\t%s\t\t\t\t\t\t%s\n", kinds[cf.kind], apr_array_pstrcat(pool, warnings, ','));
        return;
    }
    printf("ok\t%s\t%d\t%d\t%d\t%c\t%s\t%s\n", kinds[cf.kind], cf.birth_year_2, cf.birth_month,
           cf.birth_day, cf.sex, cf.place, apr_array_pstrcat(pool, warnings, ','));
}

int main(void)
{
    char line[1024];
    apr_pool_t *pool;

    if (apr_initialize() != APR_SUCCESS || apr_pool_create(&pool, NULL) != APR_SUCCESS) {
        return 1;
    }
    while (fgets(line, sizeof(line), stdin)) {
        const char *fields[FIELDS];

        split(fields, line);
        answer(fields, pool);
        apr_pool_clear(pool);
    }
    apr_pool_destroy(pool);
    apr_terminate();
    return 0;
}
