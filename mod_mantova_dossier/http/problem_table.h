/* Every problem the portal can answer with: one line of facts, one sentence per language. */
#ifndef DOSSIER_HTTP_PROBLEM_TABLE_H
#define DOSSIER_HTTP_PROBLEM_TABLE_H

typedef struct {
    const char *outcome; /* as SQL functions and handlers name it */
    int status;
    int level; /* APLOG_…, of the one log line */
    const char *title_it;
    const char *detail_it; /* what to do */
    const char *title_en;
    const char *detail_en;
} dossier_problem_t;

/* NULL: no such problem. */
const dossier_problem_t *dossier_problem_find(const char *outcome);

#endif
