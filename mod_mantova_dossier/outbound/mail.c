/* Mail: one SMTP session per message, to the server of DossierSmtp. */
#include "outbound/courier.h"

#include <string.h>

#include <apr_strings.h>

#include "domain/mail_html.h"
#include "domain/message_text.h"
#include "domain/mime.h"

#define TIMEOUT 15 /* seconds for a whole session */

typedef struct {
    const char *rest;
    apr_size_t left;
} upload_t;

static size_t read_upload(char *buffer, size_t size, size_t count, void *context)
{
    upload_t *upload = context;
    apr_size_t length = upload->left < size * count ? upload->left : size * count;
    memcpy(buffer, upload->rest, length);
    upload->rest += length;
    upload->left -= length;
    return length;
}

/* A 5xx is about the message only when it answered MAIL, RCPT or DATA, and not for lack of rights
   (RFC 4954): our own password may be wrong for an hour without a message being lost. */
static int refused_for_good(CURLcode result, long status)
{
    int about_rights = status == 530 || status == 534 || status == 535 || status == 538;
    return (result == CURLE_SEND_ERROR || result == CURLE_WEIRD_SERVER_REPLY) && status >= 500 &&
           status < 600 && !about_rights;
}

/* "Come again with this one" (greylisting, a full mailbox): nothing is wrong with the server. */
static int is_about_message(CURLcode result, long status)
{
    return (result == CURLE_SEND_ERROR || result == CURLE_WEIRD_SERVER_REPLY) && status >= 450 &&
           status < 460 && status != 454;
}

static void on_done(void *context, CURLcode result, long status)
{
    dossier_delivery_t *delivery = context;
    if (result == CURLE_OK) {
        dossier_delivery_settle(delivery, DOSSIER_OUTBOX_SENT, NULL);
        return;
    }
    const char *error = apr_psprintf(delivery->pool, "curl %d, %s, SMTP status %ld", result,
                                     curl_easy_strerror(result), status);
    if (refused_for_good(result, status)) {
        dossier_delivery_settle(delivery, DOSSIER_OUTBOX_FAILED, error);
    } else if (is_about_message(result, status)) {
        dossier_delivery_settle(delivery, DOSSIER_OUTBOX_RETRY, error);
    } else {
        dossier_delivery_trouble(delivery, error);
    }
}

/* smtp:// is upgraded by STARTTLS or not used, except within this machine, where there is nobody to
   hide from and the certificate seldom fits; a password is worth hiding even there when it can be.
 */
static long tls_of(const char *url)
{
    if (!dossier_wire_is_loopback(url)) {
        return CURLUSESSL_ALL;
    }
    return dossier_wire_has_user(url) ? CURLUSESSL_TRY : CURLUSESSL_NONE;
}

/* An alert says where alerts are chosen, for people and for mail programs. */
static const char *make_mail(const dossier_courier_t *courier, const dossier_delivery_t *delivery)
{
    const dossier_outbox_message_t *message = delivery->message;
    apr_pool_t *pool = delivery->pool;
    const char *language = strcmp(message->language, "en") == 0 ? "en" : "it";
    const char *settings = dossier_message_settings(message->template, language);
    const char *page = settings ? apr_pstrcat(pool, delivery->site_url, "/#/profilo", NULL) : NULL;
    const char *text =
        settings ? apr_pstrcat(pool, delivery->text, "\n\n", settings, page, NULL) : delivery->text;
    const dossier_mime_t mail = {.from = courier->config->mail_from,
                                 .to = message->to,
                                 .subject = delivery->subject,
                                 .text = text,
                                 .html = dossier_mail_html(delivery->subject, text, language, pool),
                                 .unsubscribe = page,
                                 .language = language,
                                 .id = message->id,
                                 .date = apr_time_now()};
    return dossier_mime_make(&mail, pool);
}

static CURL *make_session(const dossier_courier_t *courier, const dossier_delivery_t *delivery,
                          const char *mail)
{
    apr_pool_t *pool = delivery->pool;
    const char *url = courier->config->smtp_url;
    struct curl_slist *recipients = NULL;
    upload_t *upload = apr_palloc(pool, sizeof *upload);

    upload->rest = mail;
    upload->left = strlen(mail);
    dossier_wire_append(&recipients, apr_pstrcat(pool, "<", delivery->message->to, ">", NULL),
                        pool);
    CURL *easy = dossier_wire_easy(courier->wire, url, "smtp,smtps", pool);
    if (!easy || !recipients) {
        return NULL;
    }
    CURLcode failed = CURLE_OK;
#define SET(option, value) failed = failed ? failed : curl_easy_setopt(easy, option, value)
    dossier_wire_limit(easy, dossier_delivery_patience(delivery, TIMEOUT));
    SET(CURLOPT_USE_SSL, tls_of(url));
    SET(CURLOPT_MAIL_FROM, apr_pstrcat(pool, "<", courier->config->mail_from, ">", NULL));
    SET(CURLOPT_MAIL_RCPT, recipients);
    SET(CURLOPT_UPLOAD, 1L);
    SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)upload->left);
    SET(CURLOPT_READFUNCTION, read_upload);
    SET(CURLOPT_READDATA, upload);
#undef SET
    return failed ? NULL : easy;
}

void dossier_mail_take(dossier_courier_t *courier, dossier_delivery_t *delivery)
{
    const char *mail = make_mail(courier, delivery);
    if (!mail) {
        dossier_delivery_settle(delivery, DOSSIER_OUTBOX_FAILED, "not an address");
        return;
    }
    CURL *easy = make_session(courier, delivery, mail);
    if (!easy || !dossier_wire_start(courier->wire, easy, on_done, delivery)) {
        dossier_delivery_settle(delivery, DOSSIER_OUTBOX_RETRY, "out of memory");
    }
}
