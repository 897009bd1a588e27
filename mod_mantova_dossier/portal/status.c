/* Health, for load balancers and for the sysadmin's monitoring: never a number that tells of
 * patients. */
#include <httpd.h>
#include <http_log.h>
#include <http_main.h>

#include <string.h>

#include "base/errand.h"
#include "config/vault_match.h"
#include "http/gateway_state.h"
#include "portal/portal.h"
#include "vault/vault.h"

APLOG_USE_MODULE(mantova_dossier);

/* Whoever asks has an answer within two seconds, whatever hangs. */
#define PATIENCE apr_time_from_msec(1500)

static apr_status_t ask_database(void **brought, void *server, apr_pool_t *pool)
{
    return dossier_db_call((dossier_json_t **)brought, dossier_db_make(server, pool),
                           &dossier_fn.status, dossier_json_object(pool), pool);
}

typedef struct {
    dossier_vault_identity_t identity;
    apr_status_t writing;
    int full; /* documents can be read, and new ones are refused */
} vault_answer_t;

static apr_status_t ask_vault(void **brought, void *vault, apr_pool_t *pool)
{
    vault_answer_t *answer = apr_pcalloc(pool, sizeof(*answer));
    apr_status_t status = dossier_vault_identity(&answer->identity, vault, pool);

    *brought = answer;
    answer->full = dossier_vault_room(vault, 0) == DOSSIER_VAULT_FULL;
    /* nothing is written where no vault is, or no room */
    answer->writing =
        answer->identity.id && !answer->full ? dossier_vault_check(vault, pool) : APR_SUCCESS;
    return status;
}

static apr_status_t answer_of(void **brought, dossier_errand_t *errand, apr_time_t limit,
                              const char *of, dossier_exchange_t *x)
{
    apr_status_t status = dossier_errand_wait(brought, errand, limit, x->pool);

    if (status == APR_TIMEUP && !*brought) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, x->r,
                      "DOS0012: %s has not answered the health check in time", of);
    }
    return status;
}

/* The vault may have heard of a newer seal since anybody looked. */
static const char *database_word(apr_status_t database, const dossier_json_t *result,
                                 const vault_answer_t *answer)
{
    int newer = result && answer && answer->identity.seal > dossier_json_get_int(result, "seal", 0);

    return database == DOSSIER_DB_READ_ONLY    ? "read-only"
           : database != APR_SUCCESS           ? "unreachable"
           : newer                             ? "behind"
           : dossier_vault_match_is_of_other() ? "foreign"
           : dossier_vault_match_behind()      ? "behind"
                                               : "ok";
}

/* The first start: the folder becomes the vault, or it is known what it is instead. */
static const char *first_word(dossier_exchange_t *x)
{
    dossier_vault_standing_t standing;

    if (dossier_vault_match_look(&standing, x->r->server, x->pool) != APR_SUCCESS) {
        return "failing";
    }
    return standing.word == DOSSIER_VAULT_OK        ? "ok"
           : standing.word == DOSSIER_VAULT_LOCKED  ? "locked"
           : standing.word == DOSSIER_VAULT_MISSING ? "missing"
           : standing.word == DOSSIER_VAULT_FOREIGN ? "foreign"
                                                    : "failing";
}

/* As far as can be said while the database does not say which is its vault. */
static const char *vault_word(dossier_exchange_t *x, apr_status_t vault,
                              const dossier_json_t *result, const vault_answer_t *answer)
{
    const char *id = result ? dossier_json_get(result, "vault") : NULL;
    dossier_vault_word_t known = dossier_vault_match_word();
    int there;
    int lacks; /* folders of its own: it was moved without them, and gets them again */

    if (vault != APR_SUCCESS || !answer) {
        return "failing";
    }
    if (result && !id) {
        return first_word(x);
    }
    there = answer->identity.id && (!id || !strcmp(id, answer->identity.id));
    /* whether the keys fit is known once the folder is taken up, as it is now if it can be; the
       database knows a wrong one whatever is there */
    lacks = result && there && APR_STATUS_IS_ENOENT(answer->writing);
    if (lacks || (result && (known == DOSSIER_VAULT_UNKNOWN || known == DOSSIER_VAULT_LOCKED ||
                             (there && !dossier_vault_taken_up(x->config->vault))))) {
        const char *word = first_word(x);

        if (strcmp(word, "ok")) {
            return word;
        }
    }
    if (!there) {
        return answer->identity.id ? "foreign" : "missing";
    }
    return answer->full ? "full" : answer->writing != APR_SUCCESS && !lacks ? "failing" : "ok";
}

static int is_ok(const char *word)
{
    return !strcmp(word, "ok");
}

int dossier_portal_status(dossier_exchange_t *x)
{
    const dossier_config_t *gateways = dossier_config_get(dossier_config_first(ap_server_conf));
    apr_time_t limit = apr_time_now() + PATIENCE;
    dossier_errand_t *to_database = dossier_errand_start(ask_database, x->r->server);
    dossier_errand_t *to_vault = dossier_errand_start(ask_vault, x->config->vault);
    dossier_json_t *states = dossier_json_object(x->pool);
    dossier_json_t *body = dossier_json_object(x->pool);
    void *result = NULL;
    void *answer = NULL;
    apr_status_t asked = answer_of(&result, to_database, limit, "the database", x);
    apr_status_t looked = answer_of(&answer, to_vault, limit, "DossierVault", x);
    const char *vault = vault_word(x, looked, result, answer);
    const char *database = database_word(asked, result, answer);
    int full = !strcmp(vault, "full");
    int healthy = is_ok(database) && (full || is_ok(vault));

    dossier_json_set(body, "status", !healthy ? "failing" : full ? "limited" : "ok");
    dossier_json_set(body, "database", database);
    dossier_json_set(body, "vault", vault);
    dossier_json_set_value(body, "outbox",
                           result ? dossier_json_get_value(result, "outbox") : NULL);
    dossier_json_set(states, "sms", dossier_gateway_state(gateways, "sms"));
    dossier_json_set(states, "mail", dossier_gateway_state(gateways, "mail"));
    dossier_json_set_value(body, "gateways", states);
    return dossier_answer(x, healthy ? HTTP_OK : HTTP_SERVICE_UNAVAILABLE, body);
}
