#include "outbound/courier.h"

#include <string.h>

void dossier_delivery_settle(dossier_delivery_t *delivery, dossier_outbox_outcome_t outcome,
                             const char *error)
{
    delivery->result.outcome = outcome;
    delivery->result.error = error;
}

void dossier_delivery_trouble(dossier_delivery_t *delivery, const char *error)
{
    delivery->trouble = 1;
    dossier_delivery_settle(delivery, DOSSIER_OUTBOX_RETRY, error);
}

int dossier_delivery_patience(const dossier_delivery_t *delivery, int seconds)
{
    int left = delivery->message->seconds_left;
    if (left < 1) {
        left = 1;
    }
    return left < seconds ? left : seconds;
}

static void no_gateway_take(dossier_courier_t *courier, dossier_delivery_t *delivery)
{
    (void)courier;
    dossier_delivery_settle(delivery, DOSSIER_OUTBOX_FAILED,
                            "no gateway is configured (DossierSmsGateway, DossierSmtp)");
}

static void choose_sms(dossier_courier_t *courier, const dossier_config_t *config)
{
    courier->name = "the SMS gateway";
    courier->take = config->sms ? dossier_sms_take : no_gateway_take;
}

static void choose_mail(dossier_courier_t *courier, const dossier_config_t *config)
{
    courier->name = "the mail server";
    courier->take = config->smtp_url && config->mail_from ? dossier_mail_take : no_gateway_take;
}

dossier_courier_t *dossier_courier_choose(const dossier_config_t *config, const char *channel,
                                          dossier_wire_t *wire, apr_pool_t *pool)
{
    dossier_courier_t *courier = apr_pcalloc(pool, sizeof(*courier));
    courier->limits = !strcmp(channel, "sms") ? config->sms_limits : config->mail_limits;
    courier->config = config;
    courier->wire = wire;
    if (config->spool) {
        courier->name = "the spool directory";
        courier->take = dossier_spool_take;
    } else if (!strcmp(channel, "sms")) {
        choose_sms(courier, config);
    } else {
        choose_mail(courier, config);
    }
    return courier;
}
