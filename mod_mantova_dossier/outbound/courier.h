/*
 * A courier takes messages of one channel and reports each one's outcome, at once or while the wire
 * turns. Behind it stand the SMS gateway, the mail server and the spool folder.
 */
#ifndef DOSSIER_OUTBOUND_COURIER_H
#define DOSSIER_OUTBOUND_COURIER_H

#include <apr_pools.h>
#include <apr_tables.h>

#include "config/config.h"
#include "outbound/wire.h"
#include "store/outbox.h"

/* One message on its way. */
typedef struct {
    apr_pool_t *pool; /* its own; everything below lives there */
    const dossier_outbox_message_t *message;
    const char *text;
    const char *subject;
    const char *site_url;           /* of the portal the text leads to */
    const dossier_desk_t *desk;     /* of the same facility; NULL: not known */
    dossier_outbox_result_t result; /* outcome DOSSIER_OUTBOX_PENDING until it is known */
    int trouble;                    /* 1: not taken for a reason that others would meet too */
} dossier_delivery_t;

typedef struct dossier_courier_t dossier_courier_t;

struct dossier_courier_t {
    const char *name; /* for the log */
    const dossier_gateway_limits_t *limits;
    /* Starts one message and never waits. */
    void (*take)(dossier_courier_t *courier, dossier_delivery_t *delivery);
    const dossier_config_t *config;
    dossier_wire_t *wire;
};

/* Says how it ended, once. `error` names a class of errors and holds nothing of the message; NULL
   when sent. */
void dossier_delivery_settle(dossier_delivery_t *delivery, dossier_outbox_outcome_t outcome,
                             const char *error);

/* To be tried again, like every other message until the gateway works. */
void dossier_delivery_trouble(dossier_delivery_t *delivery, const char *error);

/* `seconds`, or what is left of the message's time if that is less; never 0. */
int dossier_delivery_patience(const dossier_delivery_t *delivery, int seconds);

/* The courier of a channel ("sms" or "mail") as the directives have it. Without a gateway: one that
   fails every message. */
dossier_courier_t *dossier_courier_choose(const dossier_config_t *config, const char *channel,
                                          dossier_wire_t *wire, apr_pool_t *pool);

/* The kinds there are. */
void dossier_sms_take(dossier_courier_t *courier, dossier_delivery_t *delivery);
void dossier_mail_take(dossier_courier_t *courier, dossier_delivery_t *delivery);
void dossier_spool_take(dossier_courier_t *courier, dossier_delivery_t *delivery);

#endif
