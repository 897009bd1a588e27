/*
 * What leaves by SMS and mail, in Italian and English. Templates: those of the table
 * dossier_data.outbox; "verification_code" and "email_code" hold a code. No text names a person, a
 * facility or anything of health: a message is read on a locked screen, by whoever holds the phone.
 */
#ifndef DOSSIER_DOMAIN_MESSAGE_TEXT_H
#define DOSSIER_DOMAIN_MESSAGE_TEXT_H

#include <apr_pools.h>

/* Characters of one SMS in the GSM 7-bit alphabet (3GPP TS 23.038). */
#define DOSSIER_SMS_LENGTH 160

/* One text that fits a single SMS. `code` NULL is shown as six dots. `portal_url`
   ("https://host[:port]" or NULL) says where to log in; below a verification code it becomes the
   line "@host #code" that lets the phone fill the code in (WICG, origin-bound one-time codes). What
   would not fit is left out. NULL for an unknown template. Any language but "en" is Italian. */
const char *dossier_message_text(const char *template, const char *language, const char *code,
                                 const char *portal_url, apr_pool_t *pool);

/* The subject of the same message as a mail, ASCII. NULL for an unknown template. */
const char *dossier_message_subject(const char *template, const char *language);

/* For alerts, which a person can switch off: the sentence before the address of the settings. NULL
   for what cannot be switched off. */
const char *dossier_message_settings(const char *template, const char *language);

#endif
