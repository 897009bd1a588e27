/* Judging a password: at login, and typed again before something that cannot be undone. */
#ifndef DOSSIER_PORTAL_PASSWORD_AGAIN_H
#define DOSSIER_PORTAL_PASSWORD_AGAIN_H

#include "http/call.h"
#include "http/workers.h"

/* Argon2id in one of the host's places (caller, who: http/workers.h): the argument
   `password_hash`. 0: answered as busy. */
int dossier_portal_password_hash(int *rc, dossier_json_t *arguments, dossier_exchange_t *x,
                                 const char *password, dossier_worker_caller_t caller,
                                 const char *who);

/* Costs one hash, whether there is a stored one (NULL: none) or not and however long the password
   is. 1: the argument `right` says what came of it, and when today's parameters have grown,
   `rehash` is the password under them. 0: no room or memory to look at it; the function that
   finishes gives the attempt back when it is called without `right`. */
int dossier_portal_password_judge(dossier_json_t *arguments, dossier_exchange_t *x,
                                  const char *stored, const char *password,
                                  dossier_worker_caller_t caller, const char *who);

/* The account's own password, counted and judged. 1: the proof is among `arguments`, and the SQL
   function of the step it was asked for uses it up. 0: answered (password_wrong, throttled, busy),
   and *rc is what the handler returns. */
int dossier_portal_password_again(int *rc, dossier_json_t *arguments, dossier_exchange_t *x,
                                  const char *password);

/* The same of a body that holds the password and nothing else. */
int dossier_portal_password_read(int *rc, dossier_json_t *arguments, dossier_exchange_t *x);

#endif
