#include "operator/children.h"

#include <httpd.h>
#include <ap_mpm.h>
#include <http_config.h>
#include <http_log.h>

#include <unistd.h>

#include "base/meters.h"

APLOG_USE_MODULE(mantova_dossier);

static apr_status_t end_in_order(void *data)
{
    (void)data;
    dossier_meters_process_end(getpid());
    return APR_SUCCESS;
}

static void on_child_init(apr_pool_t *pool, server_rec *server)
{
    (void)server;
    dossier_meters_process_begin(getpid());
    apr_pool_cleanup_register(pool, NULL, end_in_order, apr_pool_cleanup_null);
}

/* In the parent, for each child that has ended. */
static void on_child_status(server_rec *server, pid_t process, ap_generation_t generation, int slot,
                            mpm_child_status state)
{
    (void)generation;
    (void)slot;
    if (state == MPM_CHILD_EXITED && dossier_meters_process_end(process)) {
        dossier_meter_add(DOSSIER_METER_CRASHES, 1);
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, server,
                     "DOS0409: process %" APR_PID_T_FMT
                     " crashed or was killed, and its requests were lost. AH00052, at LogLevel "
                     "core:notice, names the signal",
                     process);
    }
}

void dossier_children_register_hooks(void)
{
    ap_hook_child_init(on_child_init, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_child_status(on_child_status, NULL, NULL, APR_HOOK_MIDDLE);
}
