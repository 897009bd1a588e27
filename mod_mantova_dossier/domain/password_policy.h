/* What a password may be: 12 to 128 characters, no composition rules, nothing truncated. */
#ifndef DOSSIER_DOMAIN_PASSWORD_POLICY_H
#define DOSSIER_DOMAIN_PASSWORD_POLICY_H

#include <apr_pools.h>

enum { DOSSIER_PASSWORD_MIN = 12, DOSSIER_PASSWORD_MAX = 128 }; /* characters */

/* NULL when acceptable, else a field error code: "too_short", "too_long", "common" (a well-known
   password, a run, a repetition), "personal" (made of the person's own data).
   `personal` ends with NULL; values shorter than 4 characters are not looked for. */
const char *dossier_password_refusal(const char *password, const char *const *personal,
                                     apr_pool_t *pool);

#endif
