/* The module record: directives and hooks, nothing else. */
#include <httpd.h>
#include <http_config.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>

#include <string.h>

#include "base/meters.h"
#include "base/secrets.h"
#include "config/config.h"
#include "http/router.h"
#include "http/session.h"
#include "http/unread.h"
#include "operator/children.h"
#include "operator/operator.h"
#include "outbound/outbound.h"
#include "routes.h"
#include "store/db.h"

static int on_pre_config(apr_pool_t *pool, apr_pool_t *log, apr_pool_t *temporary)
{
    (void)pool;
    (void)temporary;
    return dossier_session_register_hooks(log);
}

static int on_post_config(apr_pool_t *pool, apr_pool_t *log, apr_pool_t *temporary,
                          server_rec *server)
{
    (void)log;
    (void)temporary;
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG ||
        !dossier_config_next(server)) {
        return OK; /* httpd reads its configuration twice: the first time is a rehearsal */
    }
    if (dossier_secrets_init() != APR_SUCCESS || dossier_db_init() != APR_SUCCESS) {
        ap_log_error(
            APLOG_MARK, APLOG_EMERG, 0, server,
            "DOS0505: no random numbers, or mod_dbd is not loaded: see apachectl configtest");
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    if (dossier_config_open(pool, server) != OK) {
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    if (dossier_meters_share(server->process->pool) != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_EMERG, 0, server,
                     "DOS0507: no shared memory for the counters");
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    return dossier_outbound_start(pool, server);
}

static void on_child_init(apr_pool_t *pool, server_rec *server)
{
    (void)pool;
    if (dossier_secrets_init() != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_EMERG, 0, server,
                     "DOS0506: the system provides no random numbers");
    }
}

static int on_post_read_request(request_rec *r)
{
    if (dossier_config_is_on(r->server)) {
        dossier_unread_expect(r);
    }
    return DECLINED;
}

/* Redirects and errors of httpd's own, on any site: the one that leads from http to https among
 * them. */
static void on_insert_error_filter(request_rec *r)
{
    dossier_unread_expect(r);
}

/* Routes are not files: without this, httpd would look for them below DocumentRoot. */
static int on_translate_name(request_rec *r)
{
    apr_size_t prefix = strlen(DOSSIER_API_PREFIX);

    if (!dossier_config_is_on(r->server) || strncmp(r->uri, DOSSIER_API_PREFIX, prefix) ||
        (r->uri[prefix] && r->uri[prefix] != '/')) {
        return DECLINED;
    }
    r->filename = (char *)"mantova-dossier";
    return OK;
}

static int on_map_to_storage(request_rec *r)
{
    return r->filename && !strcmp(r->filename, "mantova-dossier") ? OK : DECLINED;
}

static int on_handler(request_rec *r)
{
    return dossier_config_is_on(r->server) ? dossier_route(r, dossier_routes) : DECLINED;
}

static int on_metrics(request_rec *r)
{
    return dossier_operator_metrics(r, dossier_routes);
}

static void register_hooks(apr_pool_t *pool)
{
    /* mod_watchdog starts what was registered with it before its own post_config, which runs last
     */
    static const char *const before_watchdog[] = {"mod_watchdog.c", NULL};

    (void)pool;
    dossier_children_register_hooks();
    ap_hook_pre_config(on_pre_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_check_config(dossier_config_check, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(on_post_config, NULL, before_watchdog, APR_HOOK_MIDDLE);
    ap_hook_child_init(on_child_init, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_post_read_request(on_post_read_request, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_insert_error_filter(on_insert_error_filter, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_translate_name(on_translate_name, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_map_to_storage(on_map_to_storage, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_handler(on_handler, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_handler(on_metrics, NULL, NULL, APR_HOOK_MIDDLE);
    dossier_operator_register_hooks(pool);
    dossier_outbound_register_hooks(pool);
}

AP_DECLARE_MODULE(mantova_dossier) = {
    STANDARD20_MODULE_STUFF,
    NULL, /* per-directory configuration: none */
    NULL,
    dossier_config_create,
    dossier_config_merge,
    dossier_directives,
    register_hooks,
    AP_MODULE_FLAG_NONE,
};
