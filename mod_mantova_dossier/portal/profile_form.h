/* "Il mio profilo" as it is typed: checked, and each value brought to its one spelling. */
#ifndef DOSSIER_PORTAL_PROFILE_FORM_H
#define DOSSIER_PORTAL_PROFILE_FORM_H

#include "base/fields.h"

/* Checks {codice_fiscale, first_name, last_name, birth_date, birth_place, mobile, email, language}
   and writes the spellings back into it; a missing language becomes `language`. Errors are at
   "profile.…". Minors do not register alone. A codice fiscale that disagrees with the names is no
   error: only the tax agency certifies it. */
void dossier_portal_profile_check(dossier_fields_t *fields, dossier_json_t *profile,
                                  const char *language);

/* What a password must not be made of, ending with NULL; `profile` may be NULL or hold errors. */
const char *const *dossier_portal_profile_personal(const dossier_json_t *profile, apr_pool_t *pool);

#endif
