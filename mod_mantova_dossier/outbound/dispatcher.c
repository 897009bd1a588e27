#include "outbound/dispatcher.h"

#include <httpd.h>
#include <apr_network_io.h>
#include <apr_strings.h>
#include <http_log.h>

#include <string.h>
#include <unistd.h>

#include "base/meters.h"
#include "base/pace.h"
#include "base/secrets.h"
#include "config/vault_match.h"
#include "outbound/courier.h"
#include "outbound/delivery.h"
#include "outbound/stopping.h"
#include "store/outbox.h"

APLOG_USE_MODULE(mantova_dossier);

#define CLAIM_INTERVAL apr_time_from_msec(200)
#define SHORTEST_ABSENCE apr_time_from_msec(500)
#define LONGEST_ABSENCE apr_time_from_sec(3)
#define HELD_BACK_INTERVAL apr_time_from_sec(1)
#define HELD_LINE_INTERVAL apr_time_from_sec(3600)
#define STOP_GRACE apr_time_from_sec(2)
#define TURN_MS 50

struct dossier_dispatcher_t {
    apr_pool_t *pool;
    server_rec *server;
    server_rec *main;
    const dossier_config_t *config;
    const char *channel;
    const char *worker;
    const char *turn; /* how the worker's name ends */
    int begun;        /* the outbox knows whose turn it is */
    const dossier_channel_meters_t *meters;
    dossier_pace_t pace;
    apr_time_t next_held_line;
    apr_time_t next_key_line;
    dossier_wire_t *wire;
    dossier_courier_t *courier;
    /* The outcome before: a gateway's trouble is logged when it starts and when it ends. */
    dossier_outbox_outcome_t last;
    /* dossier_delivery_t *: on their way, or ended and not reported yet. */
    apr_array_header_t *deliveries;
    apr_time_t next_claim;
    int more; /* the last claim took all it could */
    /* While the database does not answer: the pause between tries, and when the next is due. */
    apr_interval_time_t absence;
    apr_time_t next_call;
};

static const char *worker_name(const char *turn, apr_pool_t *pool)
{
    char host[APRMAXHOSTLEN + 1];
    if (apr_gethostname(host, sizeof(host), pool) != APR_SUCCESS) {
        apr_cpystrn(host, "unknown", sizeof(host));
    }
    return apr_psprintf(pool, "%s:%ld:%s", host, (long)getpid(), turn);
}

static apr_pool_t *make_pool(void)
{
    apr_allocator_t *allocator;
    apr_pool_t *pool;
    if (apr_allocator_create(&allocator) != APR_SUCCESS) {
        return NULL;
    }
    if (apr_pool_create_ex(&pool, NULL, NULL, allocator) != APR_SUCCESS) {
        apr_allocator_destroy(allocator);
        return NULL;
    }
    apr_allocator_owner_set(allocator, pool);
    apr_pool_tag(pool, "dossier_dispatcher");
    return pool;
}

dossier_dispatcher_t *dossier_dispatcher_make(server_rec *portal, server_rec *main,
                                              const char *channel, const char *generation)
{
    apr_pool_t *pool = make_pool();
    dossier_wire_t *wire = pool ? dossier_wire_open(pool) : NULL;
    dossier_dispatcher_t *d;

    if (!wire) {
        return NULL;
    }
    d = apr_pcalloc(pool, sizeof(*d));
    d->pool = pool;
    d->server = portal;
    d->main = main;
    d->config = dossier_config_get(portal);
    d->channel = channel;
    d->meters = dossier_channel_meters(channel);
    d->turn = apr_pstrcat(pool, generation, ":", channel, NULL);
    d->worker = worker_name(d->turn, pool);
    d->wire = wire;
    d->courier = dossier_courier_choose(d->config, channel, wire, pool);
    d->last = DOSSIER_OUTBOX_SENT;
    dossier_pace_init(&d->pace, d->courier->limits->at_once, d->courier->limits->per_second);
    dossier_meter_set(d->meters->paused_until, 0); /* whatever the child before had met */
    d->deliveries = apr_array_make(pool, d->pace.places, sizeof(dossier_delivery_t *));
    return d;
}

/* One line when the database goes and one when it is back; between them ever rarer tries, because
   each that fails is logged elsewhere. */
static void note_database(dossier_dispatcher_t *d, apr_status_t status)
{
    if (status == APR_SUCCESS) {
        if (d->absence) {
            ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, d->server,
                         "DOS0402: the outbox can be read again, messages leave (%s)", d->channel);
        }
        d->absence = 0;
        return;
    }
    if (!d->absence) {
        ap_log_error(APLOG_MARK, APLOG_ERR, status, d->server,
                     "DOS0403: the outbox cannot be read: messages wait until the database "
                     "answers (%s)",
                     d->channel);
    }
    d->absence = d->absence ? 2 * d->absence : SHORTEST_ABSENCE;
    if (d->absence > LONGEST_ABSENCE) {
        d->absence = LONGEST_ABSENCE;
    }
    d->next_call = apr_time_now() + d->absence;
}

static int database_is_due(const dossier_dispatcher_t *d)
{
    return !d->absence || apr_time_now() >= d->next_call;
}

/* Every outcome is in the outbox; the log tells when a gateway's state changes. */
static void note_outcome(dossier_dispatcher_t *d, const dossier_delivery_t *delivery)
{
    dossier_outbox_outcome_t outcome = delivery->result.outcome;
    int level = outcome == d->last ? APLOG_DEBUG : APLOG_WARNING;

    dossier_meter_add(outcome == DOSSIER_OUTBOX_SENT    ? d->meters->sent
                      : outcome == DOSSIER_OUTBOX_RETRY ? d->meters->retried
                                                        : d->meters->refused,
                      1);
    if (outcome == DOSSIER_OUTBOX_RETRY) {
        ap_log_error(APLOG_MARK, level, 0, d->server,
                     "DOS0404: message %s was not taken by %s (%s): it is tried again, like the "
                     "others, until it works",
                     delivery->result.id, d->courier->name, delivery->result.error);
    } else if (outcome == DOSSIER_OUTBOX_FAILED) {
        ap_log_error(APLOG_MARK, level, 0, d->server,
                     "DOS0405: message %s cannot be sent by %s (%s): given up", delivery->result.id,
                     d->courier->name, delivery->result.error);
    } else if (d->last == DOSSIER_OUTBOX_RETRY) {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, d->server, "DOS0406: %s works again",
                     d->courier->name);
    }
    d->last = outcome;
    dossier_pace_note(&d->pace, delivery->trouble, dossier_secrets_uniform(1000) / 1000.0,
                      apr_time_now());
    dossier_meter_set(d->meters->paused_until, d->pace.paused_until);
}

/* The site of the facility that gave cause to the message, or the one whose gateways are used. */
static const dossier_config_t *site_of(const dossier_dispatcher_t *d, const char *facility)
{
    const dossier_config_t *config = dossier_config_of_facility(d->main, facility);

    return config ? config : d->config;
}

static void hand_over(dossier_dispatcher_t *d, const dossier_outbox_message_t *message)
{
    dossier_delivery_t *delivery =
        dossier_delivery_make(message, site_of(d, message->facility), d->pool);

    APR_ARRAY_PUSH(d->deliveries, dossier_delivery_t *) = delivery;
    if (delivery->result.outcome == DOSSIER_OUTBOX_PENDING) {
        d->courier->take(d->courier, delivery);
    }
}

static int room(dossier_dispatcher_t *d)
{
    return dossier_pace_room(&d->pace, d->deliveries->nelts, apr_time_now());
}

/* A quarter of the places is never an alert's, so that a gateway that is slow with a thousand
   alerts still takes a code at once. */
static int alert_room(const dossier_dispatcher_t *d)
{
    int places = d->pace.places - (d->pace.places + 3) / 4;
    for (int i = 0; i < d->deliveries->nelts; i++) {
        places -= !APR_ARRAY_IDX(d->deliveries, i, dossier_delivery_t *)->message->urgent;
    }
    return places > 0 ? places : 0;
}

/* Once an hour is enough: what is held back leaves by itself. */
static void note_held(dossier_dispatcher_t *d, int held)
{
    if (held && apr_time_now() >= d->next_held_line) {
        d->next_held_line = apr_time_now() + HELD_LINE_INTERVAL;
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, d->server,
                     "DOS0440: SMS wait because a budget or cap is used up (sms_per_... in "
                     "dossier_data.throttle_limit)");
    }
}

/* They leave by themselves when the key is back, if that is within their time. */
static void note_key(dossier_dispatcher_t *d, const char *key_id)
{
    if (key_id && apr_time_now() >= d->next_key_line) {
        d->next_key_line = apr_time_now() + HELD_LINE_INTERVAL;
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, d->server,
                     "DOS0282: messages wait whose code was sealed with key %s, which is not in "
                     "DossierKeyFile: put the line of that key back and reload "
                     "httpd (%s)",
                     key_id, d->channel);
    }
}

/* Claims as many as may leave. */
static void claim(dossier_dispatcher_t *d, dossier_db_t *db, apr_pool_t *pool)
{
    const dossier_outbox_claim_t wanted = {.worker = d->worker,
                                           .channel = d->channel,
                                           .limit = room(d),
                                           .alert_limit = alert_room(d),
                                           .quiet_from = d->config->quiet_from,
                                           .quiet_until = d->config->quiet_until,
                                           .keyring = d->config->keyring};
    dossier_outbox_claimed_t claimed;
    int alerts = 0;
    int admitted;
    apr_status_t status = dossier_vault_match_admit(&admitted, d->server, pool);

    if (status != APR_SUCCESS || !admitted) { /* what an old copy holds may have left long ago */
        if (status != APR_SUCCESS) {
            note_database(d, status);
        }
        d->more = 0;
        d->next_claim = apr_time_now() + HELD_BACK_INTERVAL;
        return;
    }
    status = dossier_store_outbox_claim(&claimed, db, &wanted, pool);

    note_database(d, status);
    d->begun = status == APR_SUCCESS; /* else it may have claimed what we shall never hear of */
    note_held(d, claimed.held);
    note_key(d, claimed.key_id);
    dossier_pace_spend(&d->pace, claimed.messages->nelts);
    for (int i = 0; i < claimed.messages->nelts; i++) {
        const dossier_outbox_message_t *message =
            &APR_ARRAY_IDX(claimed.messages, i, dossier_outbox_message_t);
        alerts += !message->urgent;
        hand_over(d, message);
    }
    d->more = claimed.messages->nelts == wanted.limit || (alerts && alerts == wanted.alert_limit);
    d->next_claim = apr_time_now() + CLAIM_INTERVAL;
}

static int may_claim(dossier_dispatcher_t *d)
{
    return database_is_due(d) && room(d) > 0 &&
           ((d->more && alert_room(d) > 0) || apr_time_now() >= d->next_claim);
}

/* 1 when the outbox knows that the turn is ours, and what we have in hand: said before the first
   claim, and after one that failed. While we live no other of our turn does: what such others had
   claimed, and what we have claimed without knowing, is free again. */
static int begin(dossier_dispatcher_t *d, dossier_db_t *db, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);
    dossier_json_t *kept = dossier_json_array(pool);
    dossier_json_t *result;
    apr_status_t status;

    if (d->begun || !database_is_due(d)) {
        return d->begun;
    }
    for (int i = 0; i < d->deliveries->nelts; i++) {
        dossier_json_append_text(
            kept, APR_ARRAY_IDX(d->deliveries, i, dossier_delivery_t *)->message->id);
    }
    dossier_json_set(arguments, "worker", d->worker);
    dossier_json_set(arguments, "turn", d->turn); /* the worker's name ends with ":" and this */
    dossier_json_set_value(arguments, "kept", kept);
    if (d->config->sms_prefixes) { /* SMS may go there from now on; NULL: as it is */
        dossier_json_set_value(arguments, "prefixes",
                               dossier_json_texts(d->config->sms_prefixes, pool));
    }
    status = dossier_db_call(&result, db, &dossier_fn.outbox_begin, arguments, pool);
    note_database(d, status);
    d->begun = status == APR_SUCCESS;
    return d->begun;
}

/* Takes what has ended off the list. */
static void forget_ended(dossier_dispatcher_t *d)
{
    int kept = 0;
    for (int i = 0; i < d->deliveries->nelts; i++) {
        dossier_delivery_t *delivery = APR_ARRAY_IDX(d->deliveries, i, dossier_delivery_t *);
        if (delivery->result.outcome == DOSSIER_OUTBOX_PENDING) {
            APR_ARRAY_IDX(d->deliveries, kept++, dossier_delivery_t *) = delivery;
            continue;
        }
        note_outcome(d, delivery);
        apr_pool_destroy(delivery->pool);
    }
    d->deliveries->nelts = kept;
}

/* What has ended stays in hand until the database knows it, and takes up its place: while nothing
   can be reported, nothing new is sent. Answers how many are still in hand unreported. */
static int report(dossier_dispatcher_t *d, dossier_db_t *db, apr_pool_t *pool)
{
    apr_array_header_t *results = apr_array_make(pool, 16, sizeof(dossier_outbox_result_t));
    apr_status_t status;

    for (int i = 0; i < d->deliveries->nelts; i++) {
        const dossier_delivery_t *delivery = APR_ARRAY_IDX(d->deliveries, i, dossier_delivery_t *);
        if (delivery->result.outcome != DOSSIER_OUTBOX_PENDING) {
            APR_ARRAY_PUSH(results, dossier_outbox_result_t) = delivery->result;
        }
    }
    if (!results->nelts) {
        return 0;
    }
    if (!database_is_due(d)) {
        return results->nelts;
    }
    status = dossier_store_outbox_report(db, d->worker, results, pool);
    note_database(d, status);
    if (status != APR_SUCCESS && status != APR_EGENERAL) {
        return results->nelts;
    }
    /* APR_EGENERAL is a defect: asking again would not cure it, and would block the rest. */
    forget_ended(d);
    return 0;
}

/* Gives what is on its way a moment to end; the rest goes back to the queue for another child. */
static void stop(dossier_dispatcher_t *d, dossier_db_t *db, apr_pool_t *pool)
{
    apr_time_t deadline = apr_time_now() + STOP_GRACE;
    int waiting = report(d, db, pool);
    while (d->deliveries->nelts > waiting && apr_time_now() < deadline) {
        dossier_wire_turn(d->wire, TURN_MS);
        waiting = report(d, db, pool);
    }
    d->last = DOSSIER_OUTBOX_RETRY; /* what follows is not the gateway's doing: no line about it */
    for (int i = 0; i < d->deliveries->nelts; i++) {
        dossier_delivery_t *delivery = APR_ARRAY_IDX(d->deliveries, i, dossier_delivery_t *);
        if (delivery->result.outcome == DOSSIER_OUTBOX_PENDING) {
            dossier_delivery_settle(delivery, DOSSIER_OUTBOX_RETRY, "the server stops");
        }
    }
    report(d, db, pool);
}

void dossier_dispatcher_run(dossier_dispatcher_t *d, apr_pool_t *pool)
{
    apr_pool_t *round;
    int busy = 1;

    apr_pool_create(&round, pool);
    apr_pool_tag(round, "dossier_dispatcher_round");
    while (busy && !dossier_outbound_stopping()) {
        dossier_db_t *db;
        int waiting;

        apr_pool_clear(round);
        db = dossier_db_make(d->server, round);
        waiting = report(d, db, round);
        if (!waiting && begin(d, db, round) && may_claim(d)) {
            claim(d, db, round);
        }
        dossier_wire_turn(d->wire, TURN_MS);
        busy = d->deliveries->nelts > waiting || (!waiting && d->begun && d->more && may_claim(d));
    }
    if (dossier_outbound_stopping()) {
        apr_pool_clear(round);
        stop(d, dossier_db_make(d->server, round), round);
    }
    apr_pool_destroy(round);
}
