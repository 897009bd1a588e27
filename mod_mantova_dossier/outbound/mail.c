/* Mail: one SMTP session per message, to the server of DossierSmtp. */
#include <apr_strings.h>

#include <string.h>

#include "base/mail_html.h"
#include "base/mime.h"
#include "domain/message_text.h"
#include "outbound/courier.h"

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

typedef struct {
    dossier_delivery_t *delivery;
    const dossier_wire_dialogue_t *dialogue;
} session_t;

/* What a status in answer to RCPT, DATA or the text says is about this message. A greeting, EHLO,
   AUTH and MAIL have nothing to do with it, whatever the status. */
static int is_about_message(const session_t *session, CURLcode result)
{
    const char *command = session->dialogue->command;

    return (result == CURLE_SEND_ERROR || result == CURLE_WEIRD_SERVER_REPLY) &&
           (!strcmp(command, "RCPT") || !strcmp(command, "DATA"));
}

/* A 5xx about the message, and not for lack of rights (RFC 4954): our own password may be wrong for
   an hour without a message being lost. Servers refuse clients as late as RCPT: an enhanced status
   (RFC 3463) must speak of the recipient (X.1, X.2) or the text (X.6), not of policy or sender. */
static int refused_for_good(const session_t *session, long status)
{
    const char *reply = session->dialogue->reply;
    const char *said = strlen(reply) > 4 ? reply + 4 : "";
    int about_rights = status == 530 || status == 534 || status == 535 || status == 538;
    int enhanced = said[0] == '5' && said[1] == '.';
    int about_sender = !strncmp(said, "5.1.7", 5) || !strncmp(said, "5.1.8", 5);

    return status >= 500 && status < 600 && !about_rights && !about_sender &&
           (!enhanced || said[2] == '1' || said[2] == '2' || said[2] == '6');
}

/* Nothing is wrong with the server: "come again with this one" (greylisting, a full mailbox), or a
   refusal that another try may not meet. */
static int only_this_one(long status)
{
    return status >= 450 && status < 600 && status != 454;
}

static void on_done(void *context, CURLcode result, long status)
{
    const session_t *session = context;
    dossier_delivery_t *delivery = session->delivery;
    const char *error;
    int about;

    if (result == CURLE_OK) {
        dossier_delivery_settle(delivery, DOSSIER_OUTBOX_SENT, NULL);
        return;
    }
    error = apr_psprintf(delivery->pool, "curl %d, %s, SMTP status %ld", result,
                         curl_easy_strerror(result), status);
    about = is_about_message(session, result);
    if (about && refused_for_good(session, status)) {
        dossier_delivery_settle(delivery, DOSSIER_OUTBOX_FAILED, error);
    } else if (about && only_this_one(status)) {
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
    const char *language = !strcmp(message->language, "en") ? "en" : "it";
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
    upload_t *upload = apr_palloc(pool, sizeof(*upload));
    CURLcode failed;
    CURL *easy;

    upload->rest = mail;
    upload->left = strlen(mail);
    dossier_wire_append(&recipients, apr_pstrcat(pool, "<", delivery->message->to, ">", NULL),
                        pool);
    easy = dossier_wire_easy(courier->wire, url, "smtp,smtps", pool);
    if (!easy || !recipients) {
        return NULL;
    }
    failed = CURLE_OK;
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
    session_t *session;
    CURL *easy;

    if (!mail) {
        dossier_delivery_settle(delivery, DOSSIER_OUTBOX_FAILED, "not an address");
        return;
    }
    session = apr_pcalloc(delivery->pool, sizeof(*session));
    easy = make_session(courier, delivery, mail);
    session->delivery = delivery;
    if (easy) {
        session->dialogue = dossier_wire_listen(easy, delivery->pool);
    }
    if (!easy || !dossier_wire_start(courier->wire, easy, on_done, session)) {
        dossier_delivery_settle(delivery, DOSSIER_OUTBOX_RETRY, "out of memory");
    }
}
