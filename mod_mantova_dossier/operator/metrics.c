/* https://prometheus.io/docs/instrumenting/exposition_formats/, "Text-based format". Numbers that
   this server counts are of this node since it started; those from the database are of all nodes.
 */
#include <httpd.h>
#include <apr_strings.h>
#include <http_main.h>
#include <http_protocol.h>

#include <string.h>

#include "base/errand.h"
#include "base/meters.h"
#include "config/config.h"
#include "config/vault_match.h"
#include "http/gateway_state.h"
#include "http/workers.h"
#include "operator/key_metrics.h"
#include "operator/operator.h"
#include "store/db.h"
#include "vault/vault.h"

/* A scrape brings what there is, whatever hangs. */
#define PATIENCE apr_time_from_sec(2)

#define SECONDS(microseconds) ((double)(microseconds) / APR_USEC_PER_SEC)

typedef struct {
    const char *name;
    const char *labels; /* "": none */
    dossier_meter_t meter;
    const char *help; /* NULL: the same name as the line before */
} counter_t;

static const counter_t counters[] = {
    {"dossier_message_tries_total", "{channel=\"sms\",outcome=\"sent\"}", DOSSIER_METER_SMS_SENT,
     "Messages handed to a gateway; refused: for good, which is never tried again."},
    {"dossier_message_tries_total", "{channel=\"sms\",outcome=\"retried\"}",
     DOSSIER_METER_SMS_RETRIED, NULL},
    {"dossier_message_tries_total", "{channel=\"sms\",outcome=\"refused\"}",
     DOSSIER_METER_SMS_REFUSED, NULL},
    {"dossier_message_tries_total", "{channel=\"mail\",outcome=\"sent\"}", DOSSIER_METER_MAIL_SENT,
     NULL},
    {"dossier_message_tries_total", "{channel=\"mail\",outcome=\"retried\"}",
     DOSSIER_METER_MAIL_RETRIED, NULL},
    {"dossier_message_tries_total", "{channel=\"mail\",outcome=\"refused\"}",
     DOSSIER_METER_MAIL_REFUSED, NULL},
    {"dossier_database_failures_total", "{cause=\"unreachable\"}", DOSSIER_METER_DB_UNREACHABLE,
     "Calls of the database that brought no answer."},
    {"dossier_database_failures_total", "{cause=\"lost\"}", DOSSIER_METER_DB_LOST, NULL},
    {"dossier_database_failures_total", "{cause=\"timeout\"}", DOSSIER_METER_DB_TIMEOUT, NULL},
    {"dossier_database_failures_total", "{cause=\"read_only\"}", DOSSIER_METER_DB_READ_ONLY, NULL},
    {"dossier_database_failures_total", "{cause=\"failed\"}", DOSSIER_METER_DB_FAILED, NULL},
    {"dossier_purge_runs_total", "", DOSSIER_METER_PURGE_RUNS,
     "Rounds of the purge of expired documents, one a minute."},
    {"dossier_purge_failures_total", "", DOSSIER_METER_PURGE_FAILURES,
     "Rounds that the database broke off."},
    {"dossier_purged_files_total", "", DOSSIER_METER_PURGED_FILES,
     "Files of expired documents that were removed."},
    {"dossier_swept_files_total", "", DOSSIER_METER_SWEPT_FILES,
     "Files the sweep removed: destroyed before, or too long in the quarantine."},
    {"dossier_audit_seals_total", "", DOSSIER_METER_AUDIT_SEALS, "Batches of the audit sealed."},
    {"dossier_process_crashes_total", "", DOSSIER_METER_CRASHES,
     "Processes of httpd that crashed or were killed."},
};

static void head(request_rec *r, const char *name, const char *type, const char *help)
{
    ap_rprintf(r, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void gauge(request_rec *r, const char *name, double value, const char *help)
{
    head(r, name, "gauge", help);
    ap_rprintf(r, "%s %.3f\n", name, value);
}

static void write_counters(request_rec *r)
{
    for (apr_size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
        const counter_t *counter = &counters[i];

        if (counter->help) {
            head(r, counter->name, "counter", counter->help);
        }
        ap_rprintf(r, "%s%s %" APR_INT64_T_FMT "\n", counter->name, counter->labels,
                   (apr_int64_t)dossier_meter_get(counter->meter));
    }
    gauge(r, "dossier_vault_quarantine_files",
          (double)dossier_meter_get(DOSSIER_METER_QUARANTINE_FILES),
          "Files that no row names, set aside for DossierQuarantineDays.");
    gauge(r, "dossier_vault_unknown_files", (double)dossier_meter_get(DOSSIER_METER_UNKNOWN_FILES),
          "Files that no row names, too many at once: the sweep stands still.");
    gauge(r, "dossier_vault_missing_files", (double)dossier_meter_get(DOSSIER_METER_MISSING_FILES),
          "Of the newest hundred documents those whose file is not in this node's vault.");
    gauge(
        r, "dossier_database_behind", (double)dossier_vault_match_behind(),
        "1: the database is older than the vault, or another than the vault's; nobody is served.");
    gauge(r, "dossier_purge_last_timestamp_seconds",
          SECONDS(dossier_meter_get(DOSSIER_METER_PURGE_LAST)),
          "End of the last round of the purge that was whole; 0: none yet.");
    gauge(r, "dossier_counting_since_timestamp_seconds", SECONDS(dossier_meters_since()),
          "When this server began to count.");
}

/* `labels` without braces; "": none. */
static void write_histogram(request_rec *r, const char *name, const char *labels,
                            dossier_timer_t timer)
{
    const char *comma = *labels ? "," : "";
    const char *braced = *labels ? apr_pstrcat(r->pool, "{", labels, "}", NULL) : "";
    dossier_timing_t timing;
    apr_uint64_t sum = 0;

    dossier_timer_get(&timing, timer);
    for (int i = 0; i < DOSSIER_TIMER_BUCKETS; i++) {
        int last = i == DOSSIER_TIMER_BUCKETS - 1;

        sum += timing.count[i];
        ap_rprintf(r, "%s_bucket{%s%sle=\"%s\"} %" APR_UINT64_T_FMT "\n", name, labels, comma,
                   last ? "+Inf" : apr_psprintf(r->pool, "%.3f", SECONDS(dossier_timer_bounds[i])),
                   sum);
    }
    ap_rprintf(r, "%s_sum%s %.6f\n%s_count%s %" APR_UINT64_T_FMT "\n", name, braced,
               SECONDS(timing.total), name, braced, sum);
}

static const char *route_labels(request_rec *r, const dossier_route_t *route)
{
    if (!route) {
        return "method=\"any\",route=\"none\"";
    }
    return apr_psprintf(r->pool, "method=\"%s\",route=\"%s\"", route->method, route->pattern);
}

/* Calls back for each route that was asked for, and then for what was no route. */
static void each_route(request_rec *r, const dossier_route_t *routes,
                       void (*write)(request_rec *r, const char *labels, unsigned index))
{
    unsigned index = 0;

    for (; index < DOSSIER_TIMER_ROUTES && routes[index].method; index++) {
        if (dossier_meters_answers_all(index)) {
            write(r, route_labels(r, &routes[index]), index);
        }
    }
    write(r, route_labels(r, NULL), DOSSIER_TIMER_NO_ROUTE);
}

static void write_answers(request_rec *r, const char *labels, unsigned index)
{
    for (int class = 1; class < DOSSIER_STATUS_CLASSES; class ++) {
        apr_uint64_t count = dossier_meters_answers(index, class);

        if (count) {
            ap_rprintf(r, "dossier_requests_total{%s,status=\"%dxx\"} %" APR_UINT64_T_FMT "\n",
                       labels, class, count);
        }
    }
}

static void write_durations(request_rec *r, const char *labels, unsigned index)
{
    write_histogram(r, "dossier_request_duration_seconds", labels, index);
}

static void write_requests(request_rec *r, const dossier_route_t *routes)
{
    head(r, "dossier_requests_total", "counter",
         "Requests by route; route none: no such path or method.");
    each_route(r, routes, write_answers);
    head(r, "dossier_request_duration_seconds", "histogram",
         "From the request to the end of the answer, transfers included.");
    each_route(r, routes, write_durations);
}

/* A line per channel of one member of outbox{sms, mail}. */
static void write_outbox_member(request_rec *r, const dossier_json_t *outbox, const char *name,
                                const char *label, const char *member)
{
    static const char *const channels[] = {"sms", "mail"};

    for (int i = 0; i < 2; i++) {
        ap_rprintf(r, "%s{channel=\"%s\",%s} %" APR_INT64_T_FMT "\n", name, channels[i], label,
                   dossier_json_get_int(dossier_json_get_value(outbox, channels[i]), member, 0));
    }
}

static void write_outbox(request_rec *r, const dossier_json_t *outbox)
{
    const char *messages = "dossier_outbox_messages";
    const char *oldest = "dossier_outbox_oldest_seconds";

    head(r, messages, "gauge",
         "Messages by state; later: alerts that gather, and repetitions; given_up: for 30 days.");
    write_outbox_member(r, outbox, messages, "state=\"waiting\"", "waiting");
    write_outbox_member(r, outbox, messages, "state=\"later\"", "later");
    write_outbox_member(r, outbox, messages, "state=\"on_the_way\"", "on_the_way");
    write_outbox_member(r, outbox, messages, "state=\"given_up\"", "given_up");
    head(r, oldest, "gauge",
         "For how long the oldest message has been due; alerts wait through DossierQuietHours.");
    write_outbox_member(r, outbox, oldest, "kind=\"urgent\"", "oldest_urgent_seconds");
    write_outbox_member(r, outbox, oldest, "kind=\"alert\"", "oldest_alert_seconds");
}

static void write_gateways(request_rec *r, const dossier_config_t *config)
{
    static const char *const states[] = {"working", "paused", "probing", "none"};
    static const char *const channels[] = {"sms", "mail"};

    head(r, "dossier_gateway_state", "gauge", "1 for the state the gateway is in, on this node.");
    for (int c = 0; c < 2; c++) {
        const char *state = dossier_gateway_state(config, channels[c]);

        for (int s = 0; s < 4; s++) {
            ap_rprintf(r, "dossier_gateway_state{channel=\"%s\",state=\"%s\"} %d\n", channels[c],
                       states[s], !strcmp(state, states[s]));
        }
    }
}

static void write_password_workers(request_rec *r, const dossier_config_t *config)
{
    const char *name = "dossier_password_workers";
    int busy;
    int waiting;

    if (dossier_worker_count(&busy, &waiting, config) == APR_SUCCESS) {
        head(r, name, "gauge",
             "Passwords that are hashed on this node just now, and requests that wait for it.");
        ap_rprintf(r, "%s{state=\"busy\"} %d\n%s{state=\"waiting\"} %d\n", name, busy, name,
                   waiting);
    }
}

/* As the value of a label. */
static const char *quoted(apr_pool_t *pool, const char *text)
{
    char *result = apr_palloc(pool, 2 * strlen(text) + 1);
    char *end = result;

    for (; *text; text++) {
        if (*text == '"' || *text == '\\') {
            *end++ = '\\';
        }
        *end++ = *text;
    }
    *end = '\0';
    return result;
}

typedef struct {
    int up;
    apr_status_t space;
    apr_uint64_t left;
    apr_uint64_t whole;
} vault_state_t;

static apr_status_t ask_vault(void **brought, void *vault, apr_pool_t *pool)
{
    vault_state_t *state = apr_pcalloc(pool, sizeof(*state));

    state->up = dossier_vault_room(vault, 0) != DOSSIER_VAULT_FULL &&
                dossier_vault_check(vault, pool) == APR_SUCCESS &&
                dossier_vault_match_word() != DOSSIER_VAULT_MISSING &&
                dossier_vault_match_word() != DOSSIER_VAULT_FOREIGN &&
                dossier_vault_match_word() != DOSSIER_VAULT_LOCKED;
    state->space = dossier_vault_space(&state->left, &state->whole, vault);
    *brought = state;
    return APR_SUCCESS;
}

static void write_vault_space(request_rec *r, const char *folder, const vault_state_t *state)
{
    ap_rprintf(r,
               "dossier_vault_filesystem_bytes{folder=\"%s\",of=\"free\"} %" APR_UINT64_T_FMT "\n"
               "dossier_vault_filesystem_bytes{folder=\"%s\",of=\"all\"} %" APR_UINT64_T_FMT "\n",
               folder, state->left, folder, state->whole);
}

static void write_vault(request_rec *r, const dossier_config_t *config, apr_time_t limit)
{
    const char *folder = quoted(r->pool, config->vault_folder);
    const vault_state_t *state;
    void *brought;

    dossier_errand_wait(&brought, dossier_errand_start(ask_vault, config->vault), limit, r->pool);
    state = brought;
    head(r, "dossier_vault_up", "gauge",
         "1: it is the vault, and documents can be written to it; 0 also when it is nearly full.");
    ap_rprintf(r, "dossier_vault_up{folder=\"%s\"} %d\n", folder, state && state->up);
    head(r, "dossier_vault_filesystem_bytes", "gauge", "Room on the vault's file system.");
    if (state && state->space == APR_SUCCESS) {
        write_vault_space(r, folder, state);
    }
}

static apr_status_t ask_database(void **brought, void *portal, apr_pool_t *pool)
{
    dossier_db_t *db = dossier_db_make(portal, pool);
    dossier_json_t *metrics;
    dossier_json_t *result;
    apr_status_t status =
        dossier_db_call(&metrics, db, &dossier_fn.metrics, dossier_json_object(pool), pool);

    if (status == APR_SUCCESS) {
        status =
            dossier_db_call(&result, db, &dossier_fn.connections, dossier_json_object(pool), pool);
    }
    if (status == APR_SUCCESS) {
        dossier_json_set_value(metrics, "connections",
                               dossier_json_get_value(result, "connections"));
        *brought = metrics;
    }
    return status;
}

static void write_database_state(request_rec *r, const dossier_json_t *metrics)
{
    const dossier_json_t *connections = dossier_json_get_value(metrics, "connections");
    const dossier_json_t *vault = dossier_json_get_value(metrics, "vault");

    gauge(r, "dossier_database_connections_open",
          (double)dossier_json_get_int(connections, "open", 0),
          "Connections of the pools of all nodes.");
    gauge(r, "dossier_database_connections_busy",
          (double)dossier_json_get_int(connections, "busy", 0),
          "Those of them that work just now.");
    gauge(r, "dossier_database_connections_limit",
          (double)dossier_json_get_int(connections, "limit", 0),
          "How many connections PostgreSQL gives to all its clients.");
    gauge(r, "dossier_vault_documents", (double)dossier_json_get_int(vault, "documents", 0),
          "Documents whose key is there.");
    gauge(r, "dossier_vault_bytes", (double)dossier_json_get_int(vault, "bytes", 0),
          "Their size together.");
    gauge(r, "dossier_vault_counted_timestamp_seconds",
          (double)dossier_json_get_int(metrics, "counted", 0),
          "When these, and dossier_key_rows, were counted.");
    write_outbox(r, dossier_json_get_value(metrics, "outbox"));
    dossier_operator_write_keys(r, dossier_json_get_value(metrics, "keys"));
}

/* Little of these without the database, and dossier_database_up 0. */
static void write_database(request_rec *r, dossier_errand_t *errand, apr_time_t limit)
{
    void *metrics;
    int up = dossier_errand_wait(&metrics, errand, limit, r->pool) == APR_SUCCESS;

    gauge(r, "dossier_database_up", up, "1: the database answers, and takes changes.");
    head(r, "dossier_database_wait_seconds", "histogram",
         "How long calls waited for a connection of the pool that they got (DBDMax).");
    write_histogram(r, "dossier_database_wait_seconds", "", DOSSIER_TIMER_DB_WAIT);
    head(r, "dossier_database_call_seconds", "histogram", "How long the database took to answer.");
    write_histogram(r, "dossier_database_call_seconds", "", DOSSIER_TIMER_DB_CALL);
    if (up) {
        write_database_state(r, metrics);
    }
}

int dossier_operator_metrics(request_rec *r, const dossier_route_t *routes)
{
    dossier_errand_t *to_database;
    server_rec *portal;
    apr_time_t limit;

    if (!r->handler || strcmp(r->handler, "dossier-metrics")) {
        return DECLINED;
    }
    portal = dossier_config_first(ap_server_conf);
    if (!portal) {
        return HTTP_NOT_FOUND;
    }
    if (r->method_number != M_GET) {
        r->allowed |= AP_METHOD_BIT << M_GET;
        return HTTP_METHOD_NOT_ALLOWED;
    }
    limit = apr_time_now() + PATIENCE;
    to_database = dossier_errand_start(ask_database, portal);
    ap_set_content_type(r, "text/plain; version=0.0.4; charset=utf-8");
    apr_table_setn(r->headers_out, "Cache-Control", "no-store");
    write_requests(r, routes);
    write_counters(r);
    write_gateways(r, dossier_config_get(portal));
    write_password_workers(r, dossier_config_get(portal));
    write_vault(r, dossier_config_get(portal), limit);
    write_database(r, to_database, limit);
    return OK;
}
