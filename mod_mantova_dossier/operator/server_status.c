/* mod_status asks its friends for lines: text for people, "Key: value" for ?auto. */
#include "operator/operator.h"

#include <apr_optional_hooks.h>
#include <http_main.h>
#include <http_protocol.h>
#include <mod_status.h>

#include "domain/meters.h"
#include "http/config.h"
#include "http/gateway_state.h"

typedef struct {
    apr_uint64_t requests;
    apr_uint64_t failed; /* answered with 500 and above */
    const char *sms;
    const char *mail;
} summary_t;

static summary_t summarize(const dossier_config_t *config)
{
    summary_t summary = {.sms = dossier_gateway_state(config, "sms"),
                         .mail = dossier_gateway_state(config, "mail")};

    for (unsigned route = 0; route <= DOSSIER_TIMER_NO_ROUTE; route++) {
        for (int class = 0; class < DOSSIER_STATUS_CLASSES; class ++) {
            summary.requests += dossier_meters_answers(route, class);
        }
        summary.failed += dossier_meters_answers(route, 5);
    }
    return summary;
}

static void write_keys(request_rec *r, const summary_t *summary)
{
    ap_rprintf(r,
               "DossierRequests: %" APR_UINT64_T_FMT "\nDossierServerErrors: %" APR_UINT64_T_FMT
               "\nDossierSmsSent: %" APR_INT64_T_FMT "\nDossierSmsRetried: %" APR_INT64_T_FMT
               "\nDossierSmsRefused: %" APR_INT64_T_FMT "\nDossierSmsGateway: %s"
               "\nDossierMailSent: %" APR_INT64_T_FMT "\nDossierMailRetried: %" APR_INT64_T_FMT
               "\nDossierMailRefused: %" APR_INT64_T_FMT "\nDossierMailGateway: %s\n",
               summary->requests, summary->failed,
               (apr_int64_t)dossier_meter_get(DOSSIER_METER_SMS_SENT),
               (apr_int64_t)dossier_meter_get(DOSSIER_METER_SMS_RETRIED),
               (apr_int64_t)dossier_meter_get(DOSSIER_METER_SMS_REFUSED), summary->sms,
               (apr_int64_t)dossier_meter_get(DOSSIER_METER_MAIL_SENT),
               (apr_int64_t)dossier_meter_get(DOSSIER_METER_MAIL_RETRIED),
               (apr_int64_t)dossier_meter_get(DOSSIER_METER_MAIL_REFUSED), summary->mail);
}

static void write_page(request_rec *r, const summary_t *summary)
{
    ap_rprintf(
        r,
        "<hr />\n<h2>Mantova Dossier</h2>\n<dl><dt>%" APR_UINT64_T_FMT
        " requests, %" APR_UINT64_T_FMT " of them answered with a server error</dt>\n"
        "<dt>SMS: %" APR_INT64_T_FMT " sent, %" APR_INT64_T_FMT " tries failed, gateway %s</dt>\n"
        "<dt>Mail: %" APR_INT64_T_FMT " sent, %" APR_INT64_T_FMT
        " tries failed, server %s</dt></dl>\n",
        summary->requests, summary->failed, (apr_int64_t)dossier_meter_get(DOSSIER_METER_SMS_SENT),
        (apr_int64_t)dossier_meter_get(DOSSIER_METER_SMS_RETRIED) +
            (apr_int64_t)dossier_meter_get(DOSSIER_METER_SMS_REFUSED),
        summary->sms, (apr_int64_t)dossier_meter_get(DOSSIER_METER_MAIL_SENT),
        (apr_int64_t)dossier_meter_get(DOSSIER_METER_MAIL_RETRIED) +
            (apr_int64_t)dossier_meter_get(DOSSIER_METER_MAIL_REFUSED),
        summary->mail);
}

static int on_status(request_rec *r, int flags)
{
    const server_rec *portal = dossier_config_first(ap_server_conf);

    if (!portal) {
        return DECLINED;
    }
    summary_t summary = summarize(dossier_config_get(portal));
    (flags & AP_STATUS_SHORT ? write_keys : write_page)(r, &summary);
    return OK;
}

void dossier_operator_register_hooks(apr_pool_t *pool)
{
    (void)pool;
    APR_OPTIONAL_HOOK(ap, status_hook, on_status, NULL, NULL, APR_HOOK_MIDDLE);
}
