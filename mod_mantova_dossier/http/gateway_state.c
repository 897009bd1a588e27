#include "http/gateway_state.h"

#include <string.h>

#include "base/meters.h"

const char *dossier_gateway_state(const dossier_config_t *config, const char *channel)
{
    int sms = !strcmp(channel, "sms");
    apr_time_t paused_until = dossier_meter_get(dossier_channel_meters(channel)->paused_until);

    if (!config->spool && !(sms ? config->sms != NULL : config->smtp_url && config->mail_from)) {
        return "none";
    }
    if (!paused_until) {
        return "working";
    }
    return apr_time_now() < paused_until ? "paused" : "probing";
}
