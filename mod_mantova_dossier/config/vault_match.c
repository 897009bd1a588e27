#include "config/vault_match.h"

#include <httpd.h>
#include <apr_strings.h>
#include <http_log.h>

#include <string.h>

#include "base/errand.h"
#include "base/meters.h"
#include "base/secrets.h"
#include "vault/canary.h"

APLOG_USE_MODULE(mantova_dossier);

/* A vault that hangs may not take the requests with it. */
#define PATIENCE apr_time_from_msec(1500)
#define OPERATOR "mantova-dossier vault accept"

typedef struct {
    server_rec *server;
    const dossier_config_t *config;
    dossier_db_t *db;
    apr_pool_t *pool;
    dossier_vault_identity_t identity;
    int held;              /* of the newest documents, whose files the folder has */
    apr_int64_t destroyed; /* of what the vault's list told the database */
    apr_status_t status;   /* the database's */
    const char *error;     /* what is wrong with keys or folder, in the words of the start */
} look_t;

enum { BEHIND = 1, OTHER = 2 }; /* of DOSSIER_METER_DATABASE_BEHIND */

static apr_status_t read_identity(void **brought, void *vault, apr_pool_t *pool)
{
    dossier_vault_identity_t *identity = apr_palloc(pool, sizeof(*identity));

    *brought = identity;
    return dossier_vault_identity(identity, vault, pool);
}

static int vault_answers(look_t *look)
{
    void *brought;
    dossier_errand_t *errand = dossier_errand_start(read_identity, look->config->vault);
    apr_status_t status =
        dossier_errand_wait(&brought, errand, apr_time_now() + PATIENCE, look->pool);

    if (status != APR_SUCCESS) {
        return 0;
    }
    look->identity = *(const dossier_vault_identity_t *)brought;
    return 1;
}

static int count_object(void *count, const char *object_id)
{
    *(int *)count += object_id != NULL;
    return 0;
}

/* A database that knows no vault yet: the right folder has its documents, or both are empty. */
static int proves(const look_t *look, const dossier_vault_standing_t *standing)
{
    int objects = 0;

    if (standing->documents->nelts) {
        return look->held;
    }
    return dossier_vault_sweep(look->config->vault, apr_time_now() + apr_time_from_sec(86400),
                               count_object, &objects, look->pool) == APR_SUCCESS &&
           !objects;
}

/* The word is about the database too, and is given where nobody looks at the folder: it makes none
 * the vault that has nothing of it, as a mount point has whose file system is not there. */
static int word_suffices(const look_t *look, const dossier_vault_standing_t *standing)
{
    return standing->accepted &&
           (standing->word == DOSSIER_VAULT_OK || standing->without_documents ||
            !standing->documents->nelts || look->held);
}

/* A vault that begins without the documents is another one: the former is known as such if it comes
 * back, and hides nothing. */
static const char *proposed_id(const look_t *look, const dossier_vault_standing_t *standing)
{
    return standing->id && (look->held || !standing->documents->nelts)
               ? standing->id
               : dossier_secrets_uuid(look->pool);
}

static void destroy_listed(void *context, const char *lines)
{
    look_t *look = context;
    dossier_json_t *arguments = dossier_json_object(look->pool);
    dossier_json_t *result;

    if (look->status == APR_SUCCESS) {
        dossier_json_set(arguments, "lines", lines);
        look->status =
            dossier_db_call(&result, look->db, &dossier_fn.vault_destroy, arguments, look->pool);
        look->destroyed += dossier_json_get_int(result, "destroyed", 0);
    }
}

/* What the vault says of itself first, so that the operator's word is used up only by what was
 * done. */
static apr_status_t claim(dossier_vault_standing_t *standing, look_t *look)
{
    dossier_vault_t *vault = look->config->vault;
    dossier_vault_identity_t claimed = {
        .seal = standing->seal, .seal_hash = standing->seal_hash, .database = standing->database};
    int newest = standing->documents->nelts;
    apr_status_t status =
        dossier_vault_identify(&claimed.id, vault, proposed_id(look, standing), look->pool);

    if (status == APR_SUCCESS && standing->accepted) {
        status = dossier_vault_destroyed_each(vault, 0, destroy_listed, look, look->pool);
    }
    if (status == APR_SUCCESS && look->status == APR_SUCCESS && standing->accepted) {
        status = dossier_vault_note_seal(
            vault, standing->seal, standing->seal_hash ? standing->seal_hash : "none", look->pool);
    }
    if (status == APR_SUCCESS && look->status == APR_SUCCESS && standing->accepted) {
        status = dossier_vault_note_database(vault, standing->database, 1, look->pool);
    }
    if (status != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_ALERT, status, look->server,
                     "DOS0430: %s cannot be made the vault of this database: check its "
                     "permissions, it must belong to the user httpd runs as",
                     look->config->vault_folder);
        standing->word = DOSSIER_VAULT_FAILING;
        return look->status;
    }
    if (look->status != APR_SUCCESS) {
        return look->status;
    }
    status = dossier_store_vault_ask(standing, look->db, &dossier_fn.vault_claim, &claimed,
                                     look->config->keyring, look->pool);
    if (status == APR_SUCCESS && standing->word == DOSSIER_VAULT_OK) {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, look->server,
                     "DOS0514: %s is the vault of this database from now on (vault.id %s); it has "
                     "the files of %d of the newest %d documents; documents that it lists as "
                     "destroyed, and that are now destroyed in the database too: %" APR_INT64_T_FMT,
                     look->config->vault_folder, claimed.id, look->held, newest, look->destroyed);
    }
    return status;
}

static apr_status_t settle(dossier_vault_standing_t *standing, look_t *look)
{
    int unclaimed = standing->word == DOSSIER_VAULT_UNCLAIMED;

    look->held = dossier_vault_holds(look->config->vault, standing->documents, look->pool);
    if (word_suffices(look, standing) ||
        (unclaimed && !standing->other && proves(look, standing))) {
        return claim(standing, look);
    }
    if (unclaimed) {
        standing->word = standing->documents->nelts && !look->identity.id ? DOSSIER_VAULT_MISSING
                                                                          : DOSSIER_VAULT_FOREIGN;
    }
    return APR_SUCCESS;
}

/* The folder is the vault: from now on things are written there, if the keys fit. */
static void take_up(dossier_vault_standing_t *standing, look_t *look)
{
    dossier_vault_t *vault = look->config->vault;
    apr_status_t status = dossier_vault_take_up(&look->error, vault, look->pool);

    if (status == APR_SUCCESS && !look->identity.database) {
        /* another one was as quick, or there is no room: the next look finds out */
        dossier_vault_note_database(vault, standing->database, 0, look->pool);
    }
    if (status == APR_SUCCESS && standing->new_keys) {
        dossier_store_keys_note(look->db, look->config->keyring,
                                look->pool); /* or at the next look */
    }
    if (status != APR_SUCCESS) {
        standing->word = status == APR_EMISMATCH ? DOSSIER_VAULT_LOCKED : DOSSIER_VAULT_FAILING;
    }
}

static void say_vault(const look_t *look, const dossier_vault_standing_t *standing)
{
    const char *folder = look->config->vault_folder;

    if (standing->word == DOSSIER_VAULT_MISSING) {
        ap_log_error(APLOG_MARK, APLOG_ALERT, 0, look->server,
                     "DOS0510: DossierVault %s holds no vault: is its file system not mounted? "
                     "Mount it: until then no document is taken or shown, and afterwards "
                     "everything resumes by itself. Only if this directory is to be the vault from "
                     "now on, without its file vault.id: " OPERATOR,
                     folder);
    } else if (standing->word == DOSSIER_VAULT_FOREIGN) {
        ap_log_error(APLOG_MARK, APLOG_ALERT, 0, look->server,
                     "DOS0511: DossierVault %s (%s) is not the vault of this database (%s): mount "
                     "the right one, or name the right database; until then no "
                     "document is taken or shown. Only if they are to belong together: " OPERATOR,
                     folder, look->identity.id ? look->identity.id : "without vault.id",
                     standing->id                 ? standing->id
                     : standing->documents->nelts ? "none yet, but other documents"
                                                  : "none yet, and no documents");
    } else if (standing->word == DOSSIER_VAULT_FAILING) {
        ap_log_error(APLOG_MARK, APLOG_ALERT, 0, look->server,
                     "DOS0429: DossierVault %s cannot be read or written: check its disk and its "
                     "permissions%s%s",
                     folder, look->error ? ": " : "", look->error ? look->error : "");
    } else if (standing->word == DOSSIER_VAULT_LOCKED) {
        ap_log_error(APLOG_MARK, APLOG_ALERT, 0, look->server,
                     "DOS0436: DossierVault %s: %s. Then reload httpd; until then nobody is served",
                     folder, look->error);
    }
}

static void say_behind(const look_t *look, const dossier_vault_standing_t *standing)
{
    ap_log_error(
        APLOG_MARK, APLOG_ALERT, 0, look->server,
        "DOS0512: the database %s: it lacks seal %" APR_INT64_T_FMT
        " of the audit, which the vault has noted (the database's newest is %" APR_INT64_T_FMT
        "). Is it an old copy, a copy that was used on its own, or a standby that lagged behind? "
        "Nobody is served and nothing is removed. Put the newest copy there is in its place; if "
        "this is the newest: " OPERATOR,
        standing->seal < look->identity.seal ? "is older than the vault"
                                             : "has diverged from the vault",
        look->identity.seal, standing->seal);
}

static void say_other(const look_t *look, const dossier_vault_standing_t *standing)
{
    ap_log_error(APLOG_MARK, APLOG_ALERT, 0, look->server,
                 "DOS0437: another database (%s) uses DossierVault %s, or has used it; this one is "
                 "%s. Nobody is served and nothing is removed. Make DBDParams and DossierVault "
                 "name what belongs together. Only if this database takes the place of the other "
                 "(restored from a dump, moved, after pg_upgrade): " OPERATOR
                 "; the other is refused then",
                 look->identity.database, look->config->vault_folder, standing->database);
}

static void say_database(const look_t *look, const dossier_vault_standing_t *standing, int64_t news)
{
    if (standing->behind && (news & BEHIND)) {
        say_behind(look, standing);
    }
    if (standing->other && (news & OTHER)) {
        say_other(look, standing);
    }
}

static void say_word_refused(const look_t *look, const dossier_vault_standing_t *standing)
{
    ap_log_error(
        APLOG_MARK, APLOG_ALERT, 0, look->server,
        "DOS0527: %s was not made the vault, although you gave your word (mantova-dossier "
        "vault accept): it has no file of the newest %d documents. Is its file system not "
        "mounted? Mount the vault, or copy its files there: your word holds as soon as one "
        "is found. Only if they are all lost, and the vault is to begin without "
        "them: " OPERATOR " --without-documents",
        look->config->vault_folder, standing->documents->nelts);
}

/* Each change is a line, once on this node. */
static void say(const look_t *look, const dossier_vault_standing_t *standing)
{
    int64_t refused = (standing->behind ? BEHIND : 0) | (standing->other ? OTHER : 0);
    int64_t word = dossier_meter_exchange(DOSSIER_METER_VAULT_WORD, standing->word);
    int64_t before = dossier_meter_exchange(DOSSIER_METER_DATABASE_BEHIND, refused);
    int64_t waits = standing->accepted && (standing->word == DOSSIER_VAULT_MISSING ||
                                           standing->word == DOSSIER_VAULT_FOREIGN);

    if (!dossier_meter_exchange(DOSSIER_METER_WORD_REFUSED, waits) && waits) {
        say_word_refused(look, standing);
    }
    if (word != (int64_t)standing->word) {
        say_vault(look, standing);
    }
    say_database(look, standing, refused & ~before);
    if (standing->word == DOSSIER_VAULT_OK && !refused &&
        (before || (word != DOSSIER_VAULT_OK && word != DOSSIER_VAULT_UNKNOWN &&
                    word != DOSSIER_VAULT_UNCLAIMED))) {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, look->server,
                     "DOS0513: vault and database belong together again");
    }
}

/* How often the database was lost until now, and 1. */
static int64_t stamp(void)
{
    return dossier_meter_get(DOSSIER_METER_DB_BREAKS) + 1;
}

apr_status_t dossier_vault_match_look(dossier_vault_standing_t *standing, server_rec *server,
                                      apr_pool_t *pool)
{
    look_t look = {.server = server,
                   .config = dossier_config_get(server),
                   .db = dossier_db_make(server, pool),
                   .pool = pool};
    int64_t now = stamp();
    int answers = vault_answers(&look);
    apr_status_t status = dossier_store_vault_ask(standing, look.db, &dossier_fn.vault_check,
                                                  &look.identity, look.config->keyring, pool);

    if (status == APR_SUCCESS && !answers) {
        standing->word = DOSSIER_VAULT_FAILING;
        standing->behind = (dossier_meter_get(DOSSIER_METER_DATABASE_BEHIND) & BEHIND) != 0;
        standing->other = dossier_vault_match_is_of_other(); /* as far as is known */
    }
    if (status == APR_SUCCESS && standing->wrong_key) { /* known without the vault, too */
        standing->word = DOSSIER_VAULT_LOCKED;
        look.error = dossier_canary_changed(standing->wrong_key, pool);
    } else if (status == APR_SUCCESS && answers) {
        status = settle(standing, &look);
    }
    if (status == APR_SUCCESS && standing->word == DOSSIER_VAULT_OK && answers &&
        !standing->behind && !standing->other) {
        take_up(standing, &look);
    }
    if (status == APR_SUCCESS) {
        say(&look, standing);
        dossier_meter_set(DOSSIER_METER_VAULT_SEEN, now);
    }
    return status;
}

/* Never looked, perhaps another database since, or not well when it was looked last. A vault that
   hangs is left to the housekeeping. */
static int is_doubtful(void)
{
    dossier_vault_word_t word = dossier_vault_match_word();

    return dossier_meter_get(DOSSIER_METER_VAULT_SEEN) != stamp() || dossier_vault_match_behind() ||
           (word != DOSSIER_VAULT_OK && word != DOSSIER_VAULT_FAILING);
}

apr_status_t dossier_vault_match_admit(int *admitted, server_rec *server, apr_pool_t *pool)
{
    apr_status_t status = APR_SUCCESS;

    if (is_doubtful()) {
        dossier_vault_standing_t standing;

        status = dossier_vault_match_look(&standing, server, pool);
    }
    *admitted = status == APR_SUCCESS && !dossier_vault_match_behind() &&
                dossier_vault_match_word() != DOSSIER_VAULT_LOCKED;
    return status;
}

int dossier_vault_match_stands(server_rec *server, apr_pool_t *pool)
{
    dossier_vault_standing_t standing;

    return dossier_vault_match_look(&standing, server, pool) == APR_SUCCESS &&
           standing.word == DOSSIER_VAULT_OK;
}

int dossier_vault_match_ready(server_rec *server, apr_pool_t *pool)
{
    return dossier_vault_taken_up(dossier_config_get(server)->vault) ||
           dossier_vault_match_stands(server, pool);
}

void dossier_vault_match_refused(const dossier_json_t *result, server_rec *server, apr_pool_t *pool)
{
    if (dossier_db_outcome_is(result, "storage_failed")) {
        dossier_vault_match_stands(server, pool);
    }
}

dossier_vault_word_t dossier_vault_match_word(void)
{
    return (dossier_vault_word_t)dossier_meter_get(DOSSIER_METER_VAULT_WORD);
}

int dossier_vault_match_behind(void)
{
    return dossier_meter_get(DOSSIER_METER_DATABASE_BEHIND) != 0;
}

int dossier_vault_match_is_of_other(void)
{
    return (dossier_meter_get(DOSSIER_METER_DATABASE_BEHIND) & OTHER) != 0;
}
