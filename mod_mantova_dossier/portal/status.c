/* Health, for load balancers and for the sysadmin's monitoring: never a number that tells of
 * patients. */
#include "portal/portal.h"

#include <http_log.h>
#include <http_main.h>

#include <string.h>

#include "http/errand.h"
#include "http/gateway_state.h"
#include "store/operation.h"
#include "vault/vault.h"

APLOG_USE_MODULE(mantova_dossier);

/* Whoever asks has an answer within two seconds, whatever hangs. */
#define PATIENCE apr_time_from_msec(1500)

static apr_status_t ask_database(void **brought, void *server, apr_pool_t *pool)
{
    return dossier_store_status((dossier_json_t **)brought, dossier_db_make(server, pool), pool);
}

/* Brings the word for it; APR_SUCCESS: documents can be read, and stored unless it is full. */
static apr_status_t ask_vault(void **brought, void *vault, apr_pool_t *pool)
{
    apr_status_t status = APR_SUCCESS;

    *brought = (void *)"full";
    if (dossier_vault_room(vault, 0) != DOSSIER_VAULT_FULL) {
        status = dossier_vault_check(vault, pool);
        *brought = (void *)(status == APR_SUCCESS ? "ok" : "failing");
    }
    return status;
}

static apr_status_t answer_of(void **brought, dossier_errand_t *errand, apr_time_t limit,
                              const char *of, dossier_exchange_t *x)
{
    apr_status_t status = dossier_errand_wait(brought, errand, limit, x->pool);

    if (status == APR_TIMEUP && !*brought) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, x->r,
                      "DOS0012: %s has not answered the question for its health in time", of);
    }
    return status;
}

static const char *word_of(apr_status_t database)
{
    return database == APR_SUCCESS            ? "ok"
           : database == DOSSIER_DB_READ_ONLY ? "read-only"
                                              : "unreachable";
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
    void *room = NULL;
    apr_status_t database = answer_of(&result, to_database, limit, "the database", x);
    apr_status_t vault = answer_of(&room, to_vault, limit, "DossierVault", x);
    int healthy = database == APR_SUCCESS && vault == APR_SUCCESS;

    int full = vault == APR_SUCCESS && !strcmp(room, "full");

    dossier_json_set(body, "status", !healthy ? "failing" : full ? "limited" : "ok");
    dossier_json_set(body, "database", word_of(database));
    dossier_json_set(body, "vault", room ? room : "failing");
    dossier_json_set_value(body, "outbox",
                           result ? dossier_json_get_value(result, "outbox") : NULL);
    dossier_json_set(states, "sms", dossier_gateway_state(gateways, "sms"));
    dossier_json_set(states, "mail", dossier_gateway_state(gateways, "mail"));
    dossier_json_set_value(body, "gateways", states);
    return dossier_answer(x, healthy ? HTTP_OK : HTTP_SERVICE_UNAVAILABLE, body);
}
