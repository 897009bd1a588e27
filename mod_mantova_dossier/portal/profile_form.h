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

/* A new password (NULL: none): an error at `name` when the policy refuses it. It must not be made
   of `profile`, which may be NULL or hold errors. */
void dossier_portal_password_check(dossier_fields_t *fields, const char *name, const char *password,
                                   const dossier_json_t *profile);

#endif
