/* mod_status asks its friends for lines: text for people, "Key: value" for ?auto. */
#include <httpd.h>
#include <apr_optional_hooks.h>
#include <http_main.h>
#include <http_protocol.h>
#include <mod_status.h>

#include "base/meters.h"
#include "config/config.h"
#include "http/gateway_state.h"
#include "operator/operator.h"

typedef struct {
    apr_uint64_t requests;
    apr_uint64_t failed; /* answered with 500 and above */
} summary_t;

static summary_t summarize(void)
{
    summary_t summary = {0, 0};

    for (unsigned route = 0; route <= DOSSIER_TIMER_NO_ROUTE; route++) {
        summary.requests += dossier_meters_answers_all(route);
        summary.failed += dossier_meters_answers(route, 5);
    }
    return summary;
}

/* A channel's three keys, and its gateway's. */
static void write_channel_keys(request_rec *r, const dossier_config_t *config, const char *channel,
                               const char *word)
{
    const dossier_channel_meters_t *meters = dossier_channel_meters(channel);

    ap_rprintf(r,
               "Dossier%sSent: %" APR_INT64_T_FMT "\nDossier%sRetried: %" APR_INT64_T_FMT
               "\nDossier%sRefused: %" APR_INT64_T_FMT "\nDossier%sGateway: %s\n",
               word, (apr_int64_t)dossier_meter_get(meters->sent), word,
               (apr_int64_t)dossier_meter_get(meters->retried), word,
               (apr_int64_t)dossier_meter_get(meters->refused), word,
               dossier_gateway_state(config, channel));
}

static void write_keys(request_rec *r, const dossier_config_t *config)
{
    summary_t summary = summarize();

    ap_rprintf(
        r, "DossierRequests: %" APR_UINT64_T_FMT "\nDossierServerErrors: %" APR_UINT64_T_FMT "\n",
        summary.requests, summary.failed);
    write_channel_keys(r, config, "sms", "Sms");
    write_channel_keys(r, config, "mail", "Mail");
}

static void write_channel_line(request_rec *r, const dossier_config_t *config, const char *channel,
                               const char *word, const char *gateway)
{
    const dossier_channel_meters_t *meters = dossier_channel_meters(channel);

    ap_rprintf(
        r, "<dt>%s: %" APR_INT64_T_FMT " sent, %" APR_INT64_T_FMT " tries failed, %s %s</dt>\n",
        word, (apr_int64_t)dossier_meter_get(meters->sent),
        (apr_int64_t)(dossier_meter_get(meters->retried) + dossier_meter_get(meters->refused)),
        gateway, dossier_gateway_state(config, channel));
}

static void write_page(request_rec *r, const dossier_config_t *config)
{
    summary_t summary = summarize();

    ap_rprintf(r,
               "<hr />\n<h2>Mantova Dossier</h2>\n<dl><dt>%" APR_UINT64_T_FMT
               " requests, %" APR_UINT64_T_FMT " of them answered with a server error</dt>\n",
               summary.requests, summary.failed);
    write_channel_line(r, config, "sms", "SMS", "gateway");
    write_channel_line(r, config, "mail", "Mail", "server");
    ap_rputs("</dl>\n", r);
}

static int on_status(request_rec *r, int flags)
{
    const server_rec *portal = dossier_config_first(ap_server_conf);

    if (!portal) {
        return DECLINED;
    }
    (flags & AP_STATUS_SHORT ? write_keys : write_page)(r, dossier_config_get(portal));
    return OK;
}

void dossier_operator_register_hooks(apr_pool_t *pool)
{
    (void)pool;
    APR_OPTIONAL_HOOK(ap, status_hook, on_status, NULL, NULL, APR_HOOK_MIDDLE);
}
