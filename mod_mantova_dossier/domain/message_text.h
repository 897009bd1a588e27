/*
 * What leaves by SMS and mail, in Italian and English. Templates: those of the table
 * dossier_data.outbox; "verification_code" and "email_code" hold a code. No text names a person, a
 * facility or anything of health: a message is read on a locked screen, by whoever holds the phone.
 * A mail that sends to the desk says where that is.
 */
#ifndef DOSSIER_DOMAIN_MESSAGE_TEXT_H
#define DOSSIER_DOMAIN_MESSAGE_TEXT_H

#include <apr_pools.h>

#include "domain/desk.h"

/* Characters of one SMS in the GSM 7-bit alphabet (3GPP TS 23.038). */
#define DOSSIER_SMS_LENGTH 160

/* What is to be said, of a row of the outbox. */
typedef struct {
    const char *template;
    const char *language;       /* any but "en" is Italian */
    const char *code;           /* NULL: shown as six dots */
    const char *site_url;       /* "https://host[:port]", where to log in; NULL: not said */
    const char *at;             /* when it happened, as an Italian clock shows it; NULL: not said */
    const char *device;         /* what was logged in with; NULL: not known */
    const dossier_desk_t *desk; /* told to who is sent there; NULL: not known */
} dossier_message_t;

/* One text that fits a single SMS. Below a verification code stands the line "@host #code" that
   lets the phone fill the code in (WICG, origin-bound one-time codes), behind a text that names the
   desk its telephone. What would not fit is left out. NULL for an unknown template. */
const char *dossier_message_sms(const dossier_message_t *message, apr_pool_t *pool);

/* The same as a mail, which has the room to say more, and where the desk is. */
const char *dossier_message_mail(const dossier_message_t *message, apr_pool_t *pool);

/* The subject of the same message as a mail, ASCII. NULL for an unknown template. */
const char *dossier_message_subject(const char *template, const char *language);

/* For alerts, which a person can switch off: the sentence before the address of the settings. NULL
   for what cannot be switched off. */
const char *dossier_message_settings(const char *template, const char *language);

#endif
