/* Who somebody is, oneself or a relative, as it is typed. */
#ifndef DOSSIER_PORTAL_PERSON_FORM_H
#define DOSSIER_PORTAL_PERSON_FORM_H

#include "base/fields.h"
#include "domain/date.h"

/* Checks `codice_fiscale` and `birth_date` of an object whose shape was checked, and writes the
   spelling back into it. Errors are at "prefix.…"; a NULL prefix: at the body itself. 1: both can
   be read, *birth is the day of birth to go by (dossier_cf_birth()), and of age or not, what was
   typed says the same. */
int dossier_portal_person_check(dossier_date_t *birth, dossier_fields_t *fields,
                                dossier_json_t *person, const char *prefix);

#endif
