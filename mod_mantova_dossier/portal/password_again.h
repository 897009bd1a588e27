/* Judging a password: at login, and typed again before something that cannot be undone. */
#ifndef DOSSIER_PORTAL_PASSWORD_AGAIN_H
#define DOSSIER_PORTAL_PASSWORD_AGAIN_H

#include "http/workers.h"
#include "store/accounts.h"

/* Costs one hash, whether there is a stored one (NULL: none) or not and however long the password
   is. caller, who: http/workers.h. *rehash: the password under today's parameters when they have
   grown, else NULL. */
dossier_login_verdict_t dossier_portal_password_judge(const char **rehash, dossier_exchange_t *x,
                                                      const char *stored, const char *password,
                                                      dossier_worker_caller_t caller,
                                                      const char *who);

/* The account's own password, counted and judged. 1: the proof is among `arguments`, and the SQL
   function of the step it was asked for uses it up. 0: answered (password_wrong, throttled, busy),
   and *rc is what the handler returns. */
int dossier_portal_password_again(int *rc, dossier_json_t *arguments, dossier_exchange_t *x,
                                  const char *password);

/* The same of a body that holds the password and nothing else. */
int dossier_portal_password_read(int *rc, dossier_json_t *arguments, dossier_exchange_t *x);

#endif
