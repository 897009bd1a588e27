#include "outbound/housekeeping.h"

#include <httpd.h>
#include <apr_network_io.h>
#include <apr_strings.h>
#include <http_log.h>

#include <string.h>

#include "base/meters.h"
#include "config/config.h"
#include "config/vault_match.h"
#include "outbound/stopping.h"
#include "outbound/sweep.h"
#include "store/housekeeping.h"
#include "store/relatives.h"
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

/* The keys are gone already: a file that cannot be removed now is unreadable, and left to the
   sweep. */
static void remove_files(dossier_housekeeping_t *h, const apr_array_header_t *objects,
                         apr_pool_t *pool)
{
    dossier_vault_t *vault = dossier_config_get(h->portal)->vault;

    for (int i = 0; i < objects->nelts; i++) {
        const char *object = APR_ARRAY_IDX(objects, i, const char *);
        apr_status_t status = dossier_vault_remove(vault, object, pool);
        if (status != APR_SUCCESS) {
            ap_log_error(APLOG_MARK, APLOG_WARNING, status, h->portal,
                         "DOS0421: the file of the purged object %s cannot be removed: check the "
                         "permissions of DossierVault; the next sweep tries again",
                         object);
        }
    }
}

static void purge(dossier_housekeeping_t *h, apr_pool_t *pool)
{
    apr_pool_t *batch;
    int more = 1;
    apr_pool_create(&batch, pool);
    while (more && !dossier_outbound_stopping()) {
        apr_array_header_t *objects;
        dossier_db_t *db;
        int days;
        apr_status_t status;

        apr_pool_clear(batch);
        db = dossier_db_make(h->portal, batch);
        days = dossier_config_get(h->portal)->quarantine_days;
        status = dossier_store_purge(&objects, &more, db, PURGE_BATCH, days, batch);
        note_database(h, status);
        if (status != APR_SUCCESS) {
            break;
        }
        if (h->vault_stands) {
            remove_files(h, objects, batch);
        }
        dossier_meter_add(DOSSIER_METER_PURGED_FILES, (apr_uint64_t)objects->nelts);
    }
    apr_pool_destroy(batch);
}

/* What somebody is to be told because its time has come: a hold has ended, or a document is about
   to vanish. */
static void announce(dossier_housekeeping_t *h, apr_pool_t *pool)
{
    apr_pool_t *batch;
    int more = 1;
    apr_pool_create(&batch, pool);
    while (more && !dossier_outbound_stopping()) {
        apr_status_t status;

        apr_pool_clear(batch);
        status =
            dossier_store_announce(&more, dossier_db_make(h->portal, batch), PURGE_BATCH, batch);
        note_database(h, status);
        if (status != APR_SUCCESS) {
            break;
        }
    }
    apr_pool_destroy(batch);
}

/* Virtual hosts share the database: the longest of their times holds. */
static int audit_months(server_rec *server)
{
    int months = 0;
    for (; server; server = server->next) {
        const dossier_config_t *config = dossier_config_get(server);
        if (config->engine == 1 && config->audit_months > months) {
            months = config->audit_months;
        }
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
static void seal_audit(dossier_housekeeping_t *h, apr_pool_t *pool)
{
    apr_pool_t *batch;
    int months = audit_months(h->main);
    int more = 1;
    apr_pool_create(&batch, pool);
    while (more && !dossier_outbound_stopping()) {
        dossier_json_t *result;
        const char *hash;
        apr_int64_t number;
        apr_status_t status;

        apr_pool_clear(batch);
        status = dossier_store_audit_seal(&result, dossier_db_make(h->portal, batch), SEAL_BATCH,
                                          months, batch);
        note_database(h, status);
        if (status != APR_SUCCESS) {
            break;
        }
        hash = dossier_json_get(result, "hash");
        number = dossier_json_get_int(result, "number", 0);
        if (hash) {
            dossier_meter_add(DOSSIER_METER_AUDIT_SEALS, 1);
            ap_log_error(APLOG_MARK, APLOG_INFO, 0, h->portal,
                         "DOS0480: the audit is sealed: seal %" APR_INT64_T_FMT " %s", number,
                         hash);
        }
        if (hash && h->vault_stands) {
            note_in_vault(h, dossier_vault_note_seal(dossier_config_get(h->portal)->vault, number,
                                                     hash, batch));
        }
        more = dossier_json_get_bool(result, "more", 0);
    }
    apr_pool_destroy(batch);
}

static void hand_over(dossier_housekeeping_t *h, apr_pool_t *pool)
{
    int enabled = dossier_config_get(h->main)->minor_handover != 0;
    apr_pool_t *batch;
    int more = 1;
    apr_pool_create(&batch, pool);
    while (more && !dossier_outbound_stopping()) {
        dossier_db_t *db;

        apr_pool_clear(batch);
        db = dossier_db_make(h->portal, batch);
        note_database(h, dossier_store_handover(&more, db, enabled, HANDOVER_BATCH, batch));
    }
    apr_pool_destroy(batch);
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
    dossier_db_t *db = dossier_db_make(h->portal, pool);
    dossier_json_t *told = NULL;
    apr_status_t status = APR_SUCCESS;
    const char *lines;

    do {
        note_database(h, dossier_store_vault_destroyed(&lines, &told, db, told, TELL_BATCH, pool));
        if (h->broken_off || !*lines) {
            return;
        }
        status = dossier_vault_destroyed_add(vault, list_name(pool),
                                             apr_pstrcat(pool, "\n", lines, NULL), pool);
        note_in_vault(h, status);
    } while (status == APR_SUCCESS && !dossier_outbound_stopping());
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
    note_database(
        h, dossier_vault_match_look(&standing, h->portal, dossier_db_make(h->portal, pool), pool));
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
