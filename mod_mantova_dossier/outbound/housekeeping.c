#include "outbound/housekeeping.h"

#include <httpd.h>
#include <apr_network_io.h>
#include <apr_strings.h>
#include <http_log.h>

#include "base/meters.h"
#include "config/config.h"
#include "config/vault_match.h"
#include "outbound/stopping.h"
#include "outbound/sweep.h"
#include "store/db.h"
#include "vault/vault.h"

APLOG_USE_MODULE(mantova_dossier);

#define PURGE_BATCH 200
#define HANDOVER_BATCH 200
#define SEAL_BATCH 10000
#define TELL_BATCH 1000
#define SWEEP_INTERVAL apr_time_from_sec(600)

static void note_database(dossier_housekeeping_t *h, apr_status_t status)
{
    int away = status != APR_SUCCESS && status != APR_EGENERAL;
    if (away && !h->database_away) {
        ap_log_error(APLOG_MARK, APLOG_ERR, status, h->portal,
                     "DOS0420: the database does not answer: expired documents can no longer be "
                     "read, and are purged when it does");
    }
    h->database_away = away;
    h->broken_off |= status != APR_SUCCESS;
}

/* One call; NULL, and the round is broken off, when the database has not done it. */
static const dossier_json_t *ask(dossier_housekeeping_t *h, const dossier_function_t *function,
                                 dossier_json_t *arguments, apr_pool_t *pool)
{
    dossier_json_t *result;
    apr_status_t status =
        dossier_db_call(&result, dossier_db_make(h->portal, pool), function, arguments, pool);

    if (status == APR_SUCCESS && !dossier_db_outcome_is(result, "ok")) {
        status = APR_EGENERAL;
    }
    note_database(h, status);
    return status == APR_SUCCESS ? result : NULL;
}

typedef void settle_t(const dossier_housekeeping_t *h, const dossier_json_t *result,
                      apr_pool_t *batch);

/* One batch after the other, until nothing is left. settle() does what is left to do after each;
   NULL: nothing. */
static void in_batches(dossier_housekeeping_t *h, const dossier_function_t *function,
                       dossier_json_t *arguments, settle_t *settle, apr_pool_t *pool)
{
    apr_pool_t *batch;
    int more = 1;

    apr_pool_create(&batch, pool);
    while (more && !dossier_outbound_stopping()) {
        const dossier_json_t *result;

        apr_pool_clear(batch);
        result = ask(h, function, arguments, batch);
        if (result && settle) {
            settle(h, result, batch);
        }
        more = dossier_json_get_bool(result, "more", 0);
    }
    apr_pool_destroy(batch);
}

/* The keys are gone already: a file that cannot be removed now is unreadable, and left to the
   sweep. */
static void remove_file(const dossier_housekeeping_t *h, const char *object, apr_pool_t *pool)
{
    apr_status_t status = dossier_vault_remove(dossier_config_get(h->portal)->vault, object, pool);

    if (status != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, status, h->portal,
                     "DOS0421: the file of the purged object %s cannot be removed: check the "
                     "permissions of DossierVault; the next sweep tries again",
                     object);
    }
}

static void settle_purge(const dossier_housekeeping_t *h, const dossier_json_t *result,
                         apr_pool_t *batch)
{
    const dossier_json_t *objects = dossier_json_get_value(result, "objects");
    apr_size_t count = dossier_json_length(objects);

    for (apr_size_t i = 0; i < count && h->vault_stands; i++) {
        const char *object = dossier_json_text_at(objects, i);

        if (object) {
            remove_file(h, object, batch);
        }
    }
    dossier_meter_add(DOSSIER_METER_PURGED_FILES, count);
}

/* Destroys the keys of expired documents, and removes stale rows. */
static void purge(dossier_housekeeping_t *h, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set_int(arguments, "limit", PURGE_BATCH);
    dossier_json_set_int(arguments, "quarantine_days",
                         dossier_config_get(h->portal)->quarantine_days);
    in_batches(h, &dossier_fn.purge, arguments, settle_purge, pool);
}

/* What somebody is to be told because its time has come: a hold has ended, or a document is about
   to vanish. */
static void announce(dossier_housekeeping_t *h, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set_int(arguments, "limit", PURGE_BATCH);
    in_batches(h, &dossier_fn.publication_announce, arguments, NULL, pool);
}

/* Virtual hosts share the database: the longest of their times holds. */
static int audit_months(const server_rec *server)
{
    int months = 0;

    for (; (server = dossier_config_next(server)); server = server->next) {
        const dossier_config_t *config = dossier_config_get(server);

        months = config->audit_months > months ? config->audit_months : months;
    }
    return months;
}

static void note_in_vault(const dossier_housekeeping_t *h, apr_status_t status)
{
    if (status != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, status, h->portal,
                     "DOS0428: the newest seal, or what was destroyed, could not be noted in the "
                     "vault: check free space and permissions of DossierVault");
    }
}

/* Each seal is named in the log too, where who rules over the database cannot change it. */
static void settle_seal(const dossier_housekeeping_t *h, const dossier_json_t *result,
                        apr_pool_t *batch)
{
    const char *hash = dossier_json_get(result, "hash");
    apr_int64_t number = dossier_json_get_int(result, "number", 0);

    if (!hash) {
        return; /* there was nothing to seal */
    }
    dossier_meter_add(DOSSIER_METER_AUDIT_SEALS, 1);
    ap_log_error(APLOG_MARK, APLOG_INFO, 0, h->portal,
                 "DOS0480: the audit is sealed: seal %" APR_INT64_T_FMT " %s", number, hash);
    if (h->vault_stands) {
        note_in_vault(
            h, dossier_vault_note_seal(dossier_config_get(h->portal)->vault, number, hash, batch));
    }
}

/* And removes the lines that are older than the audit's months. */
static void seal_audit(dossier_housekeeping_t *h, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set_int(arguments, "limit", SEAL_BATCH);
    dossier_json_set_int(arguments, "months", audit_months(h->main));
    in_batches(h, &dossier_fn.audit_seal, arguments, settle_seal, pool);
}

/* Tells account holders of minors who turn 18 soon, and ends what they had of those who have. */
static void hand_over(dossier_housekeeping_t *h, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set_bool(arguments, "enabled", dossier_config_get(h->main)->minor_handover != 0);
    dossier_json_set_int(arguments, "limit", HANDOVER_BATCH);
    in_batches(h, &dossier_fn.relative_handover, arguments, NULL, pool);
}

/* A list of a day and a node: one of our processes writes to it. Each batch begins a line, whatever
   a crash left before it. */
static const char *list_name(apr_pool_t *pool)
{
    char host[APRMAXHOSTLEN + 1];
    apr_time_exp_t now;

    apr_time_exp_gmt(&now, apr_time_now());
    if (apr_gethostname(host, sizeof(host), pool) != APR_SUCCESS) {
        apr_cpystrn(host, "unknown", sizeof(host));
    }
    return apr_psprintf(pool, "%04d-%02d-%02d.%s", now.tm_year + 1900, now.tm_mon + 1, now.tm_mday,
                        host);
}

/* The vault keeps a list of its own of what was destroyed, for a database that is restored. */
static void tell_destroyed(dossier_housekeeping_t *h, apr_pool_t *pool)
{
    dossier_vault_t *vault = dossier_config_get(h->portal)->vault;
    dossier_json_t *arguments = dossier_json_object(pool);
    dossier_json_t *told = dossier_json_array(pool);
    apr_status_t status = APR_SUCCESS;

    dossier_json_set_int(arguments, "limit", TELL_BATCH);
    while (status == APR_SUCCESS && !dossier_outbound_stopping()) {
        const dossier_json_t *result;
        const char *lines;

        dossier_json_set_value(arguments, "told", told);
        result = ask(h, &dossier_fn.vault_destroyed, arguments, pool);
        lines = dossier_json_get(result, "lines");
        if (!lines || !*lines) {
            return;
        }
        told = dossier_json_get_value(result, "objects");
        status = dossier_vault_destroyed_add(vault, list_name(pool),
                                             apr_pstrcat(pool, "\n", lines, NULL), pool);
        note_in_vault(h, status);
    }
}

static void count_run(const dossier_housekeeping_t *h)
{
    dossier_meter_add(DOSSIER_METER_PURGE_RUNS, 1);
    if (h->broken_off) {
        dossier_meter_add(DOSSIER_METER_PURGE_FAILURES, 1);
    } else {
        dossier_meter_set(DOSSIER_METER_PURGE_LAST, apr_time_now());
    }
}

static void sweep(dossier_housekeeping_t *h, int allowed, apr_pool_t *pool)
{
    if (h->database_away || !h->vault_stands || dossier_outbound_stopping() ||
        (!allowed && apr_time_now() < h->next_sweep)) {
        return;
    }
    h->next_sweep = apr_time_now() + SWEEP_INTERVAL;
    note_database(h, dossier_sweep(h->portal, dossier_db_make(h->portal, pool), allowed, pool));
}

void dossier_housekeeping_run(dossier_housekeeping_t *h, apr_pool_t *pool)
{
    dossier_vault_standing_t standing;

    h->broken_off = 0;
    note_database(h, dossier_vault_match_look(&standing, h->portal, pool));
    if (h->broken_off || standing.behind || standing.other) {
        h->broken_off = 1; /* an older or another database must forget nothing, and seal nothing */
        count_run(h);
        return;
    }
    h->vault_stands = standing.word == DOSSIER_VAULT_OK;
    purge(h, pool);
    seal_audit(h, pool);
    announce(h, pool);
    hand_over(h, pool);
    if (h->vault_stands) {
        tell_destroyed(h, pool);
    }
    count_run(h);
    sweep(h, standing.sweep_allowed, pool);
}
