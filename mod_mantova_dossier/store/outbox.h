/* The queue of messages that wait to leave: claimed by a worker, reported back. */
#ifndef DOSSIER_STORE_OUTBOX_H
#define DOSSIER_STORE_OUTBOX_H

#include <apr_pools.h>
#include <apr_tables.h>
#include <apr_time.h>

#include "store/db.h"
#include "vault/keyring.h"

typedef struct {
    const char *id;      /* UUID: stays the same at every try */
    const char *channel; /* "sms" or "mail" */
    const char *to;
    const char *template;
    const char *language;
    const char *facility; /* whose site the text leads to, unless site_url says it; NULL: any */
    const char *site_url; /* of a code: where it was asked for; NULL: not known */
    const char *sealed;   /* the code, see vault/keyring.h; NULL: the template has none */
    const char *code_id;  /* the context it was sealed with */
    const char *at;       /* when it was written, by an Italian clock: "24/11/2026 alle 10:15" */
    const char *device;   /* what it tells of: "Firefox, Windows"; NULL: none, or not known */
    int tries;            /* before this one */
    int urgent;           /* 1: no alert, which others go before */
    int seconds_left;     /* until it is worth nothing any more */
} dossier_outbox_message_t;

typedef enum {
    DOSSIER_OUTBOX_PENDING, /* not known yet: never reported */
    DOSSIER_OUTBOX_SENT,
    DOSSIER_OUTBOX_RETRY,
    DOSSIER_OUTBOX_FAILED /* never again */
} dossier_outbox_outcome_t;

typedef struct {
    const char *id;
    dossier_outbox_outcome_t outcome;
    const char *provider_id; /* NULL: not known */
    const char *error;       /* a class of errors, nothing of the message; NULL when sent */
} dossier_outbox_result_t;

typedef struct {
    const char *worker;
    const char *channel;
    int limit;              /* messages */
    int alert_limit;        /* alerts among them */
    const char *quiet_from; /* "22:00": alerts wait from then; NULL: they never do */
    const char *quiet_until;
    const dossier_keyring_t *keyring; /* what is sealed with a key it lacks waits */
} dossier_outbox_claim_t;

typedef struct {
    apr_array_header_t *messages; /* dossier_outbox_message_t */
    int held;                     /* 1: budgets or caps kept some back */
    const char *key_id; /* a key that the ring lacks and a message waits for; NULL: none */
} dossier_outbox_claimed_t;

/* Claims messages of one channel for 60 s; codes come before alerts. APR_SUCCESS or db_call's
 * status; then nothing is claimed. */
apr_status_t dossier_store_outbox_claim(dossier_outbox_claimed_t *claimed, dossier_db_t *db,
                                        const dossier_outbox_claim_t *claim, apr_pool_t *pool);

/* `results` holds dossier_outbox_result_t. A claim that has passed to another worker meanwhile is
   left alone, so that a report may be repeated. */
apr_status_t dossier_store_outbox_report(dossier_db_t *db, const char *worker,
                                         const apr_array_header_t *results, apr_pool_t *pool);

#endif
