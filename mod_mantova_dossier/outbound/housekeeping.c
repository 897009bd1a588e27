#include "outbound/housekeeping.h"

#include <string.h>

#include <apr_strings.h>
#include <http_log.h>

#include "domain/meters.h"
#include "http/config.h"
#include "outbound/outbound.h"
#include "store/housekeeping.h"
#include "store/relatives.h"
#include "vault/vault.h"

APLOG_USE_MODULE(mantova_dossier);

#define PURGE_BATCH 200
#define HANDOVER_BATCH 200
#define SWEEP_BATCH 500
#define SEAL_BATCH 10000
#define SWEEP_INTERVAL apr_time_from_sec(600)
/* Far longer than the time between a file's last byte and its row. */
#define ORPHAN_AGE apr_time_from_sec(3600)
/* Where the database knows not one of the files nothing is removed: it may be another vault's. With
   so many files that is certain, and said. */
#define STRANGERS 10

typedef struct {
    dossier_housekeeping_t *housekeeping;
    dossier_vault_t *vault;
    dossier_db_t *db;
    apr_pool_t *pool;          /* cleared after each batch */
    apr_array_header_t *asked; /* const char *: the batch being collected */
    int known;                 /* of all asked so far, how many a row needs */
    int removed;
    int given_up; /* nothing is removed any more */
} sweep_t;

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
 * sweep. */
static void remove_files(dossier_housekeeping_t *h, const apr_array_header_t *vaults,
                         const apr_array_header_t *objects, apr_pool_t *pool)
{
    for (int v = 0; v < vaults->nelts; v++) {
        for (int i = 0; i < objects->nelts; i++) {
            const char *object = APR_ARRAY_IDX(objects, i, const char *);
            apr_status_t status = dossier_vault_remove(
                APR_ARRAY_IDX(vaults, v, const dossier_config_t *)->vault, object, pool);
            if (status != APR_SUCCESS) {
                ap_log_error(APLOG_MARK, APLOG_WARNING, status, h->portal,
                             "DOS0421: the file of the purged object %s cannot be removed: check "
                             "the rights of DossierVault; the next sweep tries again",
                             object);
            }
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
        apr_pool_clear(batch);
        dossier_db_t *db = dossier_db_make(h->portal, batch);
        apr_status_t status = dossier_store_purge(&objects, &more, db, PURGE_BATCH, batch);
        note_database(h, status);
        if (status != APR_SUCCESS) {
            break;
        }
        remove_files(h, dossier_config_vaults(h->main, batch), objects, batch);
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
        apr_pool_clear(batch);
        apr_status_t status =
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

/* Each seal is named in the log too, where who rules over the database cannot change it. */
static void seal_audit(dossier_housekeeping_t *h, apr_pool_t *pool)
{
    apr_pool_t *batch;
    int months = audit_months(h->main);
    int more = 1;
    apr_pool_create(&batch, pool);
    while (more && !dossier_outbound_stopping()) {
        dossier_json_t *result;
        apr_pool_clear(batch);
        apr_status_t status = dossier_store_audit_seal(&result, dossier_db_make(h->portal, batch),
                                                       SEAL_BATCH, months, batch);
        note_database(h, status);
        if (status != APR_SUCCESS) {
            break;
        }
        const char *hash = dossier_json_get(result, "hash");
        if (hash) {
            dossier_meter_add(DOSSIER_METER_AUDIT_SEALS, 1);
            ap_log_error(APLOG_MARK, APLOG_INFO, 0, h->portal,
                         "DOS0480: the audit is sealed: seal %" APR_INT64_T_FMT " %s",
                         dossier_json_get_int(result, "number", 0), hash);
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
        apr_pool_clear(batch);
        dossier_db_t *db = dossier_db_make(h->portal, batch);
        note_database(h, dossier_store_handover(&more, db, enabled, HANDOVER_BATCH, batch));
    }
    apr_pool_destroy(batch);
}

static void refuse_to_sweep(sweep_t *sweep)
{
    sweep->given_up = 1;
    if (sweep->asked->nelts < STRANGERS) {
        return; /* it may be the rest of a first upload: it waits until the database knows a file */
    }
    if (!sweep->housekeeping->sweep_refused) {
        ap_log_error(APLOG_MARK, APLOG_ALERT, 0, sweep->housekeeping->portal,
                     "DOS0422: the database knows none of %d files in DossierVault: nothing was "
                     "removed. If it was restored from an old copy, or is another one, put that "
                     "right; if the files are not needed, remove them by hand",
                     sweep->asked->nelts);
    }
    sweep->housekeeping->sweep_refused = 1;
}

/* Asks for the collected batch and removes what no row needs. No answer: nothing is removed. */
static void settle_batch(sweep_t *sweep)
{
    apr_hash_t *live;
    int asked = sweep->asked->nelts;
    if (asked && !sweep->given_up) {
        apr_status_t status = dossier_store_vault_live(&live, sweep->db, sweep->asked, sweep->pool);
        note_database(sweep->housekeeping, status);
        sweep->given_up = status != APR_SUCCESS;
    }
    if (asked && !sweep->given_up) {
        sweep->known += (int)apr_hash_count(live);
        if (!sweep->known) {
            refuse_to_sweep(sweep);
        }
    }
    for (int i = 0; i < asked && !sweep->given_up; i++) {
        const char *object = APR_ARRAY_IDX(sweep->asked, i, const char *);
        if (!apr_hash_get(live, object, APR_HASH_KEY_STRING) &&
            dossier_vault_remove(sweep->vault, object, sweep->pool) == APR_SUCCESS) {
            sweep->removed++;
        }
    }
    apr_pool_clear(sweep->pool);
    sweep->asked = apr_array_make(sweep->pool, SWEEP_BATCH, sizeof(const char *));
}

/* Collects; the files are removed batch by batch, not by the vault. What is no object was never
   finished: it has no row, and may go without asking. */
static int on_old_file(void *context, const char *object)
{
    sweep_t *sweep = context;
    if (!object) {
        return 1;
    }
    if (!sweep->given_up && !dossier_outbound_stopping()) {
        APR_ARRAY_PUSH(sweep->asked, const char *) = apr_pstrdup(sweep->pool, object);
        if (sweep->asked->nelts == SWEEP_BATCH) {
            settle_batch(sweep);
        }
    }
    return 0;
}

static void sweep_vault(dossier_housekeeping_t *h, dossier_vault_t *vault, apr_pool_t *pool)
{
    sweep_t sweep = {.housekeeping = h, .vault = vault, .db = dossier_db_make(h->portal, pool)};
    apr_pool_create(&sweep.pool, pool);
    sweep.asked = apr_array_make(sweep.pool, SWEEP_BATCH, sizeof(const char *));
    apr_status_t status =
        dossier_vault_sweep(vault, apr_time_now() - ORPHAN_AGE, on_old_file, &sweep, pool);
    settle_batch(&sweep);
    if (status != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, status, h->portal,
                     "DOS0423: DossierVault cannot be read through: check its rights");
    }
    dossier_meter_add(DOSSIER_METER_SWEPT_FILES, (apr_uint64_t)sweep.removed);
    if (sweep.removed) {
        ap_log_error(APLOG_MARK, APLOG_INFO, 0, h->portal,
                     "DOS0424: %d files without a row removed from DossierVault", sweep.removed);
    }
    apr_pool_destroy(sweep.pool);
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

void dossier_housekeeping_run(dossier_housekeeping_t *h, apr_pool_t *pool)
{
    h->broken_off = 0;
    purge(h, pool);
    seal_audit(h, pool);
    announce(h, pool);
    hand_over(h, pool);
    count_run(h);
    if (h->database_away || apr_time_now() < h->next_sweep || dossier_outbound_stopping()) {
        return;
    }
    h->next_sweep = apr_time_now() + SWEEP_INTERVAL;
    const apr_array_header_t *vaults = dossier_config_vaults(h->main, pool);
    for (int i = 0; i < vaults->nelts; i++) {
        sweep_vault(h, APR_ARRAY_IDX(vaults, i, const dossier_config_t *)->vault, pool);
    }
}
