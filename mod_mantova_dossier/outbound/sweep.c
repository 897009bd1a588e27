#include "outbound/sweep.h"

#include <httpd.h>
#include <apr_strings.h>
#include <http_log.h>

#include "base/meters.h"
#include "config/config.h"
#include "outbound/stopping.h"
#include "store/vault.h"
#include "vault/vault.h"

APLOG_USE_MODULE(mantova_dossier);

#define BATCH 500
/* Far longer than the time between a file's last byte and its row. */
#define ORPHAN_AGE apr_time_from_sec(3600)
/* So many may come of uploads that were broken off. More at once: rather the database is not the
 * right one. */
#define HANDFUL 5

typedef struct {
    server_rec *portal;
    dossier_vault_t *vault;
    dossier_db_t *db;
    apr_pool_t *pool;            /* of the sweep */
    apr_pool_t *batch;           /* cleared after each */
    apr_array_header_t *asked;   /* const char *: the batch being collected */
    apr_array_header_t *unknown; /* const char *: no row names them */
    apr_time_t too_old;          /* what was set aside before it goes */
    apr_array_header_t *aside;   /* aside_t: all that is set aside */
    int removed;
    int back;
    int left;            /* still set aside */
    apr_status_t status; /* the database's; a failure ends the sweep */
} sweep_t;

typedef struct {
    const char *object;
    apr_time_t since;
} aside_t;

static int going_on(const sweep_t *sweep)
{
    return sweep->status == APR_SUCCESS && !dossier_outbound_stopping();
}

static int has(apr_hash_t *set, const char *object)
{
    return apr_hash_get(set, object, APR_HASH_KEY_STRING) != NULL;
}

static void remove_file(sweep_t *sweep, const char *object)
{
    if (dossier_vault_remove(sweep->vault, object, sweep->batch) == APR_SUCCESS) {
        sweep->removed++;
    }
}

/* Asks for the collected batch. No answer: nothing is moved. */
static void settle_batch(sweep_t *sweep)
{
    apr_hash_t *live;
    apr_hash_t *destroyed;

    if (sweep->asked->nelts && going_on(sweep)) {
        sweep->status =
            dossier_store_vault_live(&live, &destroyed, sweep->db, sweep->asked, sweep->batch);
        for (int i = 0; i < sweep->asked->nelts && sweep->status == APR_SUCCESS; i++) {
            const char *object = APR_ARRAY_IDX(sweep->asked, i, const char *);

            if (has(destroyed, object)) {
                remove_file(sweep, object);
            } else if (!has(live, object)) {
                APR_ARRAY_PUSH(sweep->unknown, const char *) = apr_pstrdup(sweep->pool, object);
            }
        }
    }
    apr_pool_clear(sweep->batch);
    sweep->asked = apr_array_make(sweep->batch, BATCH, sizeof(const char *));
}

/* Collects. What is not an object was never finished: it has no row, and may go without asking. */
static int on_old_file(void *context, const char *object)
{
    sweep_t *sweep = context;

    if (!object) {
        return 1;
    }
    if (going_on(sweep)) {
        APR_ARRAY_PUSH(sweep->asked, const char *) = apr_pstrdup(sweep->batch, object);
        if (sweep->asked->nelts == BATCH) {
            settle_batch(sweep);
        }
    }
    return 0;
}

static void on_aside(void *context, const char *object, apr_time_t since)
{
    sweep_t *sweep = context;

    APR_ARRAY_PUSH(sweep->aside, aside_t) = (aside_t){object, since};
}

/* A row knows it again, or nobody will any more. */
static void settle_aside(sweep_t *sweep, int from, int to)
{
    apr_array_header_t *asked = apr_array_make(sweep->batch, BATCH, sizeof(const char *));
    apr_hash_t *live;
    apr_hash_t *destroyed;

    for (int i = from; i < to; i++) {
        APR_ARRAY_PUSH(asked, const char *) = APR_ARRAY_IDX(sweep->aside, i, aside_t).object;
    }
    sweep->status = dossier_store_vault_live(&live, &destroyed, sweep->db, asked, sweep->batch);
    for (int i = from; i < to && sweep->status == APR_SUCCESS; i++) {
        const aside_t *file = &APR_ARRAY_IDX(sweep->aside, i, aside_t);

        if (has(live, file->object)) {
            sweep->back += dossier_vault_move(sweep->vault, file->object, DOSSIER_VAULT_BACK,
                                              sweep->batch) == APR_SUCCESS;
        } else if (has(destroyed, file->object) || file->since < sweep->too_old) {
            remove_file(sweep, file->object);
        } else {
            sweep->left++;
        }
    }
    apr_pool_clear(sweep->batch);
}

static apr_status_t look_through_aside(sweep_t *sweep)
{
    apr_status_t status = dossier_vault_each_aside(sweep->vault, on_aside, sweep, sweep->pool);

    for (int from = 0; from < sweep->aside->nelts && going_on(sweep); from += BATCH) {
        int to = from + BATCH;

        settle_aside(sweep, from, to < sweep->aside->nelts ? to : sweep->aside->nelts);
    }
    if (sweep->back) {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, sweep->portal,
                     "DOS0427: %d files came back from the quarantine of DossierVault: the "
                     "database knows them",
                     sweep->back);
    }
    return status;
}

static void alarm_of_many(const sweep_t *sweep)
{
    ap_log_error(
        APLOG_MARK, APLOG_ALERT, 0, sweep->portal,
        "DOS0425: the database does not know %d files of DossierVault, and none of them was "
        "touched: is it an old copy, or another database? Put that right. Only if the files are "
        "not needed: mantova-dossier vault sweep sets them aside",
        sweep->unknown->nelts);
}

static void set_aside_unknown(sweep_t *sweep)
{
    int count = 0;

    for (int i = 0; i < sweep->unknown->nelts; i++) {
        count += dossier_vault_move(sweep->vault, APR_ARRAY_IDX(sweep->unknown, i, const char *),
                                    DOSSIER_VAULT_ASIDE, sweep->batch) == APR_SUCCESS;
    }
    sweep->left += count;
    if (count) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, sweep->portal,
                     "DOS0426: %d files that the database does not know were set aside in the "
                     "quarantine of DossierVault, the first is %s: their uploads were interrupted, "
                     "or the database has lost their rows",
                     count, APR_ARRAY_IDX(sweep->unknown, 0, const char *));
    }
}

static apr_status_t look_through_objects(sweep_t *sweep, int allowed)
{
    apr_status_t status = dossier_vault_sweep(sweep->vault, apr_time_now() - ORPHAN_AGE,
                                              on_old_file, sweep, sweep->pool);
    dossier_json_t *result;
    int many;

    settle_batch(sweep);
    many = sweep->unknown->nelts > HANDFUL && !allowed;
    if (many) {
        alarm_of_many(sweep);
    } else if (going_on(sweep)) {
        set_aside_unknown(sweep);
    }
    dossier_meter_set(DOSSIER_METER_UNKNOWN_FILES, many ? sweep->unknown->nelts : 0);
    if (allowed && going_on(sweep)) {
        sweep->status = dossier_db_call(&result, sweep->db, &dossier_fn.vault_swept,
                                        dossier_json_object(sweep->pool), sweep->pool);
    }
    return status;
}

static void report(const sweep_t *sweep, apr_status_t status)
{
    if (status != APR_SUCCESS) {
        ap_log_error(
            APLOG_MARK, APLOG_WARNING, status, sweep->portal,
            "DOS0423: the directories of DossierVault cannot be read: check their permissions");
    }
    if (sweep->removed) {
        ap_log_error(APLOG_MARK, APLOG_INFO, 0, sweep->portal,
                     "DOS0424: %d files were removed from DossierVault: their documents were "
                     "destroyed, or they were in the quarantine long enough",
                     sweep->removed);
    }
    dossier_meter_add(DOSSIER_METER_SWEPT_FILES, (apr_uint64_t)sweep->removed);
    if (going_on(sweep)) {
        dossier_meter_set(DOSSIER_METER_QUARANTINE_FILES, sweep->left);
    }
}

apr_status_t dossier_sweep(server_rec *portal, dossier_db_t *db, int allowed, apr_pool_t *pool)
{
    const dossier_config_t *config = dossier_config_get(portal);
    sweep_t sweep = {.portal = portal, .vault = config->vault, .db = db};
    apr_status_t status;
    apr_status_t again;

    apr_pool_create(&sweep.pool, pool);
    apr_pool_create(&sweep.batch, sweep.pool);
    sweep.unknown = apr_array_make(sweep.pool, 16, sizeof(const char *));
    sweep.aside = apr_array_make(sweep.pool, 16, sizeof(aside_t));
    sweep.too_old = apr_time_now() - config->quarantine_days * apr_time_from_sec(86400);
    status = look_through_aside(&sweep);
    sweep.asked = apr_array_make(sweep.batch, BATCH, sizeof(const char *));
    again = look_through_objects(&sweep, allowed);
    status = status == APR_SUCCESS ? again : status;
    again = dossier_vault_destroyed_each(sweep.vault, sweep.too_old, NULL, NULL, sweep.batch);
    report(&sweep, status == APR_SUCCESS ? again : status);
    apr_pool_destroy(sweep.pool);
    return sweep.status;
}
