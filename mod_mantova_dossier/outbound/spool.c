/* Instead of a gateway: one file per message in the folder of DossierSpool. */
#include <apr_file_io.h>
#include <apr_strings.h>

#include <string.h>

#include "base/json.h"
#include "base/secrets.h"
#include "domain/date.h"
#include "outbound/courier.h"

/* Sorts by time: "20261124T091500.123456-<id>.json". */
static const char *file_name(const char *id, apr_time_t now, apr_pool_t *pool)
{
    apr_time_exp_t t;
    apr_time_exp_gmt(&t, now);
    return apr_psprintf(pool, "%04d%02d%02dT%02d%02d%02d.%06d-%s.json", t.tm_year + 1900,
                        t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, t.tm_usec, id);
}

static const char *file_content(const dossier_delivery_t *delivery, apr_time_t now)
{
    const dossier_outbox_message_t *message = delivery->message;
    dossier_json_t *file = dossier_json_object(delivery->pool);
    dossier_json_set(file, "id", message->id);
    dossier_json_set(file, "channel", message->channel);
    dossier_json_set(file, "to", message->to);
    dossier_json_set(file, "template", message->template);
    dossier_json_set(file, "language", message->language);
    dossier_json_set(file, "text", delivery->text);
    if (!strcmp(message->channel, "mail")) {
        dossier_json_set(file, "subject", delivery->subject);
    }
    dossier_json_set(file, "sent_at", dossier_time_format(now, delivery->pool));
    return dossier_json_text(file, delivery->pool);
}

/* Whoever reads the folder never meets half a message. */
static apr_status_t write_file(const char *folder, const char *name, const char *content,
                               apr_pool_t *pool)
{
    const char *hidden = apr_pstrcat(pool, folder, "/.", name, NULL);
    apr_file_t *file;
    apr_status_t status =
        apr_file_open(&file, hidden, APR_FOPEN_WRITE | APR_FOPEN_CREATE | APR_FOPEN_TRUNCATE,
                      APR_FPROT_UREAD | APR_FPROT_UWRITE, pool);
    apr_status_t closed;

    if (status != APR_SUCCESS) {
        return status;
    }
    status = apr_file_write_full(file, content, strlen(content), NULL);
    closed = apr_file_close(file);
    if (status == APR_SUCCESS) {
        status = closed;
    }
    if (status == APR_SUCCESS) {
        status = apr_file_rename(hidden, apr_pstrcat(pool, folder, "/", name, NULL), pool);
    }
    if (status != APR_SUCCESS) {
        apr_file_remove(hidden, pool);
    }
    return status;
}

void dossier_spool_take(dossier_courier_t *courier, dossier_delivery_t *delivery)
{
    apr_pool_t *pool = delivery->pool;
    apr_time_t now = apr_time_now();
    char reason[120];
    apr_status_t status;

    if (!dossier_secrets_is_uuid(delivery->message->id)) {
        dossier_delivery_settle(delivery, DOSSIER_OUTBOX_FAILED, "the id is not a UUID");
        return;
    }
    status = write_file(courier->config->spool, file_name(delivery->message->id, now, pool),
                        file_content(delivery, now), pool);
    if (status == APR_SUCCESS) {
        dossier_delivery_settle(delivery, DOSSIER_OUTBOX_SENT, NULL);
        return;
    }
    apr_strerror(status, reason, sizeof(reason));
    dossier_delivery_settle(delivery, DOSSIER_OUTBOX_RETRY, apr_pstrdup(pool, reason));
}
