/* A password beside the person's own names, numbers and addresses. */
#ifndef DOSSIER_DOMAIN_PASSWORD_PERSONAL_H
#define DOSSIER_DOMAIN_PASSWORD_PERSONAL_H

#include <apr_pools.h>

/* A password that holds personal data needs this many letters and digits besides. */
enum { DOSSIER_PASSWORD_REST_MIN = 8 };

/* Lower case, marks on letters dropped: what two spellings of one password have in common. */
const char *dossier_password_fold(const char *text, apr_pool_t *pool);

/* The letters and digits that are left when every personal value is taken out, whole and word by
   word; of a date also its usual spellings. NULL when none was in it. */
const char *dossier_password_without(const char *folded, const char *const *personal,
                                     apr_pool_t *pool);

#endif
