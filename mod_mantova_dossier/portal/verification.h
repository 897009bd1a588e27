/* Verification codes, whatever waits for one: made, read as they are typed, proved by their MAC. */
#ifndef DOSSIER_PORTAL_VERIFICATION_H
#define DOSSIER_PORTAL_VERIFICATION_H

#include "http/call.h"

/* A fresh code, as the argument `code`. 0: answered. */
int dossier_portal_code_make(int *rc, dossier_json_t *arguments, dossier_exchange_t *x);

/* A new code for what waits for one, by the path's id and the body {}: what the handler returns.
   `function` voids the old one. kind: of a change to an account, which must be the caller's, or
   without account where none is logged in; NULL: a registration. */
int dossier_portal_code_resend(dossier_exchange_t *x, const dossier_function_t *function,
                               const char *kind);

/* The six digits of a body {"code"}. NULL: answered, and no try was counted. */
const char *dossier_portal_digits_read(int *rc, dossier_exchange_t *x);

/* The member "code" of a body checked by its own shape: an error unless it is six digits. */
void dossier_portal_digits_check(dossier_fields_t *fields, dossier_json_t *body);

/* Has `function` count a try before anything is compared. What it answered; code_id and mac, which
   prove the digits, are among `arguments` for the function that completes. NULL: answered. */
dossier_json_t *dossier_portal_digits_try(int *rc, dossier_json_t *arguments, dossier_exchange_t *x,
                                          const dossier_function_t *function, const char *digits);

/* The member "activation_code" of a body checked by its own shape: its MACs for this codice
   fiscale, as the SQL functions take them. NULL: none was given, or it is an error now. */
dossier_json_t *dossier_portal_slip_macs(dossier_fields_t *fields, dossier_exchange_t *x,
                                         const dossier_json_t *body, const char *codice_fiscale);

/* dossier_call() of a function that takes slip_macs. If they could not be judged, for codes were
   made under a key that the ring lacks, logs which. */
int dossier_portal_slip_call(int *rc, dossier_json_t **result, dossier_exchange_t *x,
                             const dossier_function_t *function, dossier_json_t *arguments);

#endif
