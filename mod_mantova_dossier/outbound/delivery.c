#include "outbound/delivery.h"

#include <apr_strings.h>

#include <string.h>

#include "domain/message_text.h"
#include "vault/keyring.h"

static const dossier_outbox_message_t *copy_message(const dossier_outbox_message_t *message,
                                                    apr_pool_t *pool)
{
    dossier_outbox_message_t *copy = apr_pmemdup(pool, message, sizeof(*message));
    copy->id = apr_pstrdup(pool, message->id);
    copy->channel = apr_pstrdup(pool, message->channel);
    copy->to = apr_pstrdup(pool, message->to);
    copy->template = apr_pstrdup(pool, message->template);
    copy->language = apr_pstrdup(pool, message->language ? message->language : "it");
    copy->facility = apr_pstrdup(pool, message->facility);
    copy->site_url = apr_pstrdup(pool, message->site_url);
    copy->sealed = apr_pstrdup(pool, message->sealed);
    copy->code_id = apr_pstrdup(pool, message->code_id);
    copy->at = apr_pstrdup(pool, message->at);
    copy->device = apr_pstrdup(pool, message->device);
    return copy;
}

static const char *text_of(const dossier_delivery_t *delivery, const char *code)
{
    const dossier_outbox_message_t *message = delivery->message;
    const dossier_message_t text = {.template = message->template,
                                    .language = message->language,
                                    .code = code,
                                    .site_url = delivery->site_url,
                                    .at = message->at,
                                    .device = message->device,
                                    .desk = delivery->desk};

    return !strcmp(message->channel, "mail") ? dossier_message_mail(&text, delivery->pool)
                                             : dossier_message_sms(&text, delivery->pool);
}

static void write_text(dossier_delivery_t *delivery, const dossier_config_t *site)
{
    const dossier_outbox_message_t *message = delivery->message;
    const char *code = NULL;

    if (message->sealed && message->code_id) {
        code =
            dossier_keyring_open(site->keyring, message->code_id, message->sealed, delivery->pool);
        if (!code) {
            dossier_delivery_settle(
                delivery, DOSSIER_OUTBOX_FAILED,
                "its code cannot be opened: its key is lost, or it was changed");
            return;
        }
    }
    delivery->text = text_of(delivery, code);
    delivery->subject = dossier_message_subject(message->template, message->language);
    if (!delivery->text || !delivery->subject) {
        dossier_delivery_settle(delivery, DOSSIER_OUTBOX_FAILED, "its template is unknown");
    }
}

dossier_delivery_t *dossier_delivery_make(const dossier_outbox_message_t *message,
                                          const dossier_config_t *site, apr_pool_t *parent)
{
    apr_pool_t *pool;
    dossier_delivery_t *delivery;

    apr_pool_create(&pool, parent);
    apr_pool_tag(pool, "dossier_delivery");

    delivery = apr_pcalloc(pool, sizeof(*delivery));
    delivery->pool = pool;
    delivery->message = copy_message(message, pool);
    delivery->result.id = delivery->message->id;
    delivery->site_url =
        delivery->message->site_url ? delivery->message->site_url : site->public_url;
    delivery->desk = site->desk;
    write_text(delivery, site);
    return delivery;
}
