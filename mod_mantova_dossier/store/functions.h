/* The SQL functions the web server calls, as rows to call them by: dossier_fn.leaving_service_set. */
#ifndef DOSSIER_STORE_FUNCTIONS_H
#define DOSSIER_STORE_FUNCTIONS_H

typedef enum {
    DOSSIER_DB_ONCE,      /* never repeated after the function may have run */
    DOSSIER_DB_REPEATABLE /* reads only, or idempotent by key: tried once more on a lost connection */
} dossier_db_repeat_t;

typedef struct {
    const char *name; /* in schema `dossier` */
    dossier_db_repeat_t repeat;
    const char *outcomes; /* besides "ok" and "created", with spaces between */
} dossier_function_t;

typedef struct {
#define F(name, repeat, outcomes) dossier_function_t name;
#include "store/functions.def"
#undef F
} dossier_functions_t;

extern const dossier_functions_t dossier_fn;

#endif
