/* Health, for load balancers and for the sysadmin's monitoring: never a number that tells of
 * patients. */
#include "portal/portal.h"

#include <http_main.h>

#include "http/gateway_state.h"
#include "store/operation.h"
#include "vault/vault.h"

int dossier_portal_status(dossier_exchange_t *x)
{
    const dossier_config_t *gateways = dossier_config_get(dossier_config_first(ap_server_conf));
    dossier_json_t *states = dossier_json_object(x->pool);
    dossier_json_t *body = dossier_json_object(x->pool);
    dossier_json_t *result = NULL;
    apr_status_t database = dossier_store_status(&result, x->db, x->pool);
    apr_status_t vault = dossier_vault_check(x->config->vault, x->pool);
    int healthy = database == APR_SUCCESS && vault == APR_SUCCESS;

    dossier_json_set(body, "status", healthy ? "ok" : "failing");
    dossier_json_set(body, "database", database == APR_SUCCESS ? "ok" : "unreachable");
    dossier_json_set(body, "vault", vault == APR_SUCCESS ? "ok" : "failing");
    dossier_json_set_value(body, "outbox",
                           result ? dossier_json_get_value(result, "outbox") : NULL);
    dossier_json_set(states, "sms", dossier_gateway_state(gateways, "sms"));
    dossier_json_set(states, "mail", dossier_gateway_state(gateways, "mail"));
    dossier_json_set_value(body, "gateways", states);
    return dossier_answer(x, healthy ? HTTP_OK : HTTP_SERVICE_UNAVAILABLE, body);
}
