#include "http/problem_table.h"

#include <httpd.h>
#include <http_log.h>

#include <string.h>

static const dossier_problem_t problems[] = {
#include "problems.rows" /* http/problems.json */
};

const dossier_problem_t *dossier_problem_find(const char *outcome)
{
    for (apr_size_t i = 0; i < sizeof(problems) / sizeof(problems[0]); i++) {
        if (!strcmp(problems[i].outcome, outcome)) {
            return &problems[i];
        }
    }
    return NULL;
}
