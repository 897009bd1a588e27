#include "outbound/watch.h"

#include <httpd.h>
#include <apr_strings.h>
#include <http_log.h>

#include <string.h>

#include "base/meters.h"
#include "config/config.h"
#include "config/vault_match.h"
#include "store/db.h"
#include "vault/key_need.h"

APLOG_USE_MODULE(mantova_dossier);

#define KEYS_INTERVAL apr_time_from_sec(600)
#define NEWEST 100 /* documents that are looked for in the vault */

/* The row of key_needed that speaks of this key; NULL: no row needs it. */
static const dossier_json_t *need_of(const dossier_json_t *keys, const char *key_id)
{
    for (apr_size_t i = 0; i < dossier_json_length(keys); i++) {
        const dossier_json_t *key = dossier_json_at(keys, i);
        const char *id = dossier_json_get(key, "key_id");

        if (id && !strcmp(id, key_id)) {
            return key;
        }
    }
    return NULL;
}

static dossier_key_need_t numbers_of(const dossier_json_t *key)
{
    return (dossier_key_need_t){dossier_json_get_int(key, "documents", 0),
                                dossier_json_get_int(key, "activation_codes", 0) +
                                    dossier_json_get_int(key, "verification_codes", 0) +
                                    dossier_json_get_int(key, "messages", 0),
                                NULL};
}

/* Whether this key seals in any virtual host with this vault. */
static int seals(const server_rec *server, const dossier_config_t *vault, const char *key_id)
{
    for (; (server = dossier_config_next(server)); server = server->next) {
        const dossier_config_t *config = dossier_config_get(server);

        if (!strcmp(config->vault_folder, vault->vault_folder) &&
            !strcmp(dossier_keyring_current(config->keyring), key_id)) {
            return 1;
        }
    }
    return 0;
}

static void note_needs(const dossier_watch_t *watch, const dossier_config_t *config,
                       const dossier_json_t *keys, apr_pool_t *pool)
{
    const apr_array_header_t *ids = dossier_keyring_ids(config->keyring);
    char day[APR_RFC822_DATE_LEN];
    apr_time_exp_t now;
    apr_size_t length;

    apr_time_exp_gmt(&now, apr_time_now());
    apr_strftime(day, &length, sizeof(day), "%Y-%m-%d", &now);
    for (int i = 0; i < ids->nelts; i++) {
        const char *id = APR_ARRAY_IDX(ids, i, const char *);
        dossier_key_need_t need = numbers_of(need_of(keys, id));
        apr_status_t status;

        need.day = day;
        status = dossier_key_need_note(config->vault_folder, id,
                                       seals(watch->main, config, id) ? NULL : &need, pool);
        if (status != APR_SUCCESS) {
            ap_log_error(
                APLOG_MARK, APLOG_WARNING, status, watch->portal,
                "DOS0432: what needs key \"%s\" cannot be noted in the directory keys of "
                "DossierVault: check its permissions; until then that line of DossierKeyFile "
                "must stay",
                id);
        }
    }
}

static int is_held(const server_rec *server, const char *key_id)
{
    for (; (server = dossier_config_next(server)); server = server->next) {
        const dossier_config_t *config = dossier_config_get(server);

        if (dossier_keyring_holds(config->keyring, key_id)) {
            return 1;
        }
    }
    return 0;
}

static void say_missing(dossier_watch_t *watch, const dossier_json_t *keys)
{
    int missing = 0;
    int said = watch->keys_missing;

    for (apr_size_t i = 0; i < dossier_json_length(keys); i++) {
        const dossier_json_t *key = dossier_json_at(keys, i);
        const char *id = dossier_json_get(key, "key_id");
        dossier_key_need_t need = numbers_of(key);

        if (id && !is_held(watch->main, id) && ++missing > said) {
            ap_log_error(APLOG_MARK, APLOG_ALERT, 0, watch->portal,
                         "DOS0431: %" APR_INT64_T_FMT " documents and %" APR_INT64_T_FMT
                         " codes need key \"%s\", which is not in DossierKeyFile: put the "
                         "line of that key back from your backup and reload httpd",
                         need.documents, need.others, id);
        }
    }
    watch->keys_missing = missing;
}

static void watch_keys(dossier_watch_t *watch, apr_pool_t *pool)
{
    dossier_json_t *result;
    const dossier_json_t *keys;

    if (dossier_db_call(&result, dossier_db_make(watch->portal, pool), &dossier_fn.key_needed,
                        dossier_json_object(pool), pool) != APR_SUCCESS) {
        return; /* the purge has said so; at its next round */
    }
    watch->next_keys = apr_time_now() + KEYS_INTERVAL;
    keys = dossier_json_get_value(result, "keys");

    say_missing(watch, keys);
    /* an older copy of the database does not know all that needs a key */
    if (dossier_vault_match_word() == DOSSIER_VAULT_OK && !dossier_vault_match_behind()) {
        note_needs(watch, dossier_config_get(watch->portal), keys, pool);
    }
}

static void say_room(const dossier_watch_t *watch, dossier_vault_room_t room, const char *folder)
{
    if (room == DOSSIER_VAULT_FULL) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, watch->portal,
                     "DOS0434: %s is full: documents are refused (507). Give its file "
                     "system more room",
                     folder);
    } else if (room == DOSSIER_VAULT_LOW) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, watch->portal,
                     "DOS0433: %s has little room left: give its file system more, or documents "
                     "will soon be refused",
                     folder);
    } else {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, watch->portal,
                     "DOS0435: DossierVault has room again");
    }
}

static void watch_room(dossier_watch_t *watch)
{
    const dossier_config_t *config = dossier_config_get(watch->portal);
    dossier_vault_room_t room = dossier_vault_room(config->vault, 0);

    if (room != watch->room) {
        watch->room = room;
        say_room(watch, room, config->vault_folder);
    }
}

/* The row that was read may have gone since, and its file with it. */
static apr_status_t count_missing(int *missing, int *looked_for, const dossier_watch_t *watch,
                                  apr_pool_t *pool)
{
    dossier_db_t *db = dossier_db_make(watch->portal, pool);
    apr_array_header_t *objects;
    apr_hash_t *live;
    apr_hash_t *destroyed;
    apr_status_t status = dossier_store_vault_newest(&objects, db, NEWEST, pool);

    *missing = 0;
    if (status != APR_SUCCESS) {
        return status;
    }
    *looked_for = objects->nelts;
    objects = dossier_vault_lacks(dossier_config_get(watch->portal)->vault, objects, pool);
    if (objects->nelts) {
        status = dossier_store_vault_live(&live, &destroyed, db, objects, pool);
        *missing = status == APR_SUCCESS ? (int)apr_hash_count(live) : 0;
    }
    return status;
}

static void say_documents(const dossier_watch_t *watch, int missing, int looked_for)
{
    const char *folder = dossier_config_get(watch->portal)->vault_folder;

    if (missing) {
        ap_log_error(APLOG_MARK, APLOG_ALERT, 0, watch->portal,
                     "DOS0521: the files of %d of the newest %d documents are not in DossierVault "
                     "%s, nor in its quarantine: is it an older copy of the vault, or a second "
                     "one, so that other nodes write elsewhere? Name the same directory on every "
                     "node (or put the newest in its place), and copy into it what only another "
                     "one has: cp -an OTHER/. %s/. What is nowhere has to be published again",
                     missing, looked_for, folder, folder);
    } else {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, watch->portal,
                     "DOS0522: the files of the newest documents are all in DossierVault again");
    }
}

/* A copy of the vault has its id, its keys and all else; only what came after it tells. */
static void watch_documents(const dossier_watch_t *watch, apr_pool_t *pool)
{
    int missing;
    int looked_for;

    if (dossier_vault_match_word() != DOSSIER_VAULT_OK || dossier_vault_match_behind() ||
        count_missing(&missing, &looked_for, watch, pool) != APR_SUCCESS) {
        return; /* which has been said */
    }
    if ((dossier_meter_exchange(DOSSIER_METER_MISSING_FILES, missing) != 0) != (missing != 0)) {
        say_documents(watch, missing, looked_for);
    }
}

static dossier_json_t *facilities(const server_rec *server, apr_pool_t *pool)
{
    dossier_json_t *ids = dossier_json_array(pool);

    for (; (server = dossier_config_next(server)); server = server->next) {
        const dossier_config_t *config = dossier_config_get(server);

        if (config->facility_id) {
            dossier_json_append_text(ids, config->facility_id);
        }
    }
    return ids;
}

static void check_once(dossier_watch_t *watch, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);
    const dossier_json_t *unknown;
    dossier_json_t *result;

    dossier_json_set_value(arguments, "facilities", facilities(watch->main, pool));
    if (dossier_db_call(&result, dossier_db_make(watch->portal, pool), &dossier_fn.server_check,
                        arguments, pool) != APR_SUCCESS) {
        return; /* at the next round */
    }
    watch->checked = 1;
    unknown = dossier_json_get_value(result, "facilities_unknown");
    for (apr_size_t i = 0; i < dossier_json_length(unknown); i++) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, watch->portal,
                     "DOS0407: the database knows no facility \"%s\", which DossierFacility names: "
                     "is it misspelt? Otherwise register it: mantova-dossier facility add",
                     dossier_json_text_at(unknown, i));
    }
    if (!dossier_json_get_bool(result, "statement_timeout", 1) ||
        !dossier_json_get_bool(result, "lock_timeout", 1)) {
        ap_log_error(
            APLOG_MARK, APLOG_WARNING, 0, watch->portal,
            "DOS0408: statements have no statement_timeout or no lock_timeout: give both "
            "in options= of DBDParams, or run mantova-dossier migrate, which sets them for "
            "the role dossier_app");
    }
}

void dossier_watch_run(dossier_watch_t *watch, apr_pool_t *pool)
{
    if (!watch->checked) {
        check_once(watch, pool);
    }
    watch_room(watch);
    watch_documents(watch, pool);
    if (apr_time_now() >= watch->next_keys) {
        watch_keys(watch, pool);
    }
}
