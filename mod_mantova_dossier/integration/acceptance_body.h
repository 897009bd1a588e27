/* The body of PUT /integration/acceptances/{external_id}: what must be right, and what only looks
 * odd. */
#ifndef DOSSIER_INTEGRATION_ACCEPTANCE_BODY_H
#define DOSSIER_INTEGRATION_ACCEPTANCE_BODY_H

#include "http/exchange.h"

/* Adds what the body says to the arguments, each value in its one spelling. Everything wrong becomes
   a field error. Answers the warnings [{field, code, message}], also when there are errors. */
dossier_json_t *dossier_integration_acceptance_read(dossier_json_t *arguments,
                                                    dossier_fields_t *fields, dossier_json_t *body,
                                                    const char *language);

/* The member `patient` of a body as the argument of that name. Appends to `warnings` the codes
   (const char *) of what the codice fiscale contradicts. */
dossier_json_t *dossier_integration_patient_read(apr_array_header_t *warnings,
                                                 dossier_fields_t *fields, dossier_json_t *said);

#endif
