#include "domain/message_text.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include <string.h>

#include "base/text.h"

typedef struct {
    const char *subject;
    const char *before_code; /* NULL: the template has no code */
    const char *text;
    const char *where; /* stands before the portal's URL; NULL: the URL is not shown */
    const char *here;  /* instead of it when there is no URL to show */
} wording_t;

typedef struct {
    const char *template;
    wording_t it;
    wording_t en;
} message_t;

/* Letters with accents are avoided: outside the 7-bit alphabet an SMS holds 70 characters only, and
   some gateways garble them. An apostrophe behind a word's last vowel stands for its accent, which
   a mail has. */
static const message_t messages[] = {
    {"verification_code",
     {"Codice di verifica", "Il Suo codice di verifica: ",
      ". Vale 10 minuti. Non lo comunichi a nessuno, nemmeno al telefono.", NULL, NULL},
     {"Verification code", "Your verification code: ",
      ". It is valid for 10 minutes. Do not give it to anyone, not even by phone.", NULL, NULL}},
    {"mobile_corrected",
     {"Numero di cellulare corretto", NULL,
      "Il codice inviato a questo numero non vale: allo sportello risulta ora un altro cellulare. "
      "Se non l'ha chiesto Lei, avvisi lo sportello.",
      NULL, NULL},
     {"Mobile number corrected", NULL,
      "The code sent to this number is void: the desk now holds another mobile number. If you did "
      "not ask for this, tell the desk.",
      NULL, NULL}},
    {"email_code",
     {"Codice di verifica", "Il Suo codice di verifica: ",
      ". Vale 10 minuti. Non lo comunichi a nessuno, nemmeno al telefono.", NULL, NULL},
     {"Verification code", "Your verification code: ",
      ". It is valid for 10 minutes. Do not give it to anyone, not even by phone.", NULL, NULL}},
    {"mobile_changed",
     {"Cellulare cambiato", NULL,
      "Il Suo account ha ora un altro numero di cellulare. Se non l'ha chiesto Lei, avvisi lo "
      "sportello.",
      NULL, NULL},
     {"Mobile number changed", NULL,
      "Your account now has another mobile number. If it was not you, tell the desk.", NULL, NULL}},
    {"email_changed",
     {"Indirizzo e-mail cambiato", NULL,
      "L'indirizzo e-mail del Suo account e' cambiato. Se non l'ha chiesto Lei, cambi la password "
      "e avvisi lo sportello.",
      NULL, NULL},
     {"E-mail address changed", NULL,
      "The e-mail address of your account has changed. If it was not you, change your password and "
      "tell the desk.",
      NULL, NULL}},
    {"password_changed",
     {"Password cambiata", NULL,
      "La password del Suo account e' cambiata. Se non l'ha chiesto Lei, scelga subito una nuova "
      "password sul portale e avvisi lo sportello.",
      NULL, NULL},
     {"Password changed", NULL,
      "The password of your account has changed. If it was not you, choose a new one at once on "
      "the portal and tell the desk.",
      NULL, NULL}},
    {"new_device",
     {"Accesso da un nuovo dispositivo", NULL,
      "Qualcuno e' entrato nel Suo account da un dispositivo nuovo. Se non e' stato Lei, cambi la "
      "password e avvisi lo sportello.",
      NULL, NULL},
     {"Login from a new device", NULL,
      "Somebody logged in to your account from a new device. If it was not you, change your "
      "password and tell the desk.",
      NULL, NULL}},
    {"relative_taken_over",
     {"Un familiare ha ora un proprio account", NULL,
      "Un Suo familiare ha attivato il fascicolo con un proprio account: da ora Lei non lo vede "
      "piu'.",
      NULL, NULL},
     {"A relative has an account now", NULL,
      "One of your relatives has activated the dossier with an own account: from now on you no "
      "longer see it.",
      NULL, NULL}},
    {"codice_fiscale_changed",
     {"Codice fiscale aggiornato", NULL,
      "E' cambiato un codice fiscale del Suo account; i documenti sono in un solo fascicolo. Se "
      "non "
      "lo sapeva, avvisi lo sportello.",
      NULL, NULL},
     {"Codice fiscale updated", NULL,
      "A codice fiscale of your account has changed; its documents are in one dossier. If you did "
      "not know, tell the desk.",
      NULL, NULL}},
    {"minor_handover_soon",
     {"Un familiare diventa maggiorenne", NULL,
      "Entro 30 giorni un Suo familiare diventa maggiorenne e Lei non vedra' piu' il suo "
      "fascicolo. Il familiare potra' registrarsi con il proprio cellulare.",
      NULL, NULL},
     {"A relative comes of age", NULL,
      "Within 30 days one of your relatives comes of age and you will no longer see the dossier. "
      "They can register with their own mobile.",
      NULL, NULL}},
    {"minor_handover",
     {"Un familiare ha compiuto 18 anni", NULL,
      "Un Suo familiare e' maggiorenne: da oggi Lei non vede piu' il suo fascicolo. Il familiare "
      "puo' registrarsi con il proprio cellulare.",
      NULL, NULL},
     {"A relative has come of age", NULL,
      "One of your relatives has come of age: from today you no longer see the dossier. They can "
      "register with their own mobile.",
      NULL, NULL}},
    {"service_disabled",
     {"Servizio disattivato", NULL,
      "Il servizio e' stato disattivato per un fascicolo del Suo account. Lo puo' riattivare dal "
      "profilo.",
      NULL, NULL},
     {"Service disabled", NULL,
      "The service has been disabled for a dossier of your account. You can enable it again in the "
      "profile.",
      NULL, NULL}},
    {"account_deleted",
     {"Account cancellato", NULL,
      "Il Suo account e' stato cancellato con tutti i dati. Se non l'ha chiesto Lei, avvisi "
      "lo sportello.",
      NULL, NULL},
     {"Account deleted", NULL,
      "Your account has been deleted with all its data. If it was not you, tell the desk.", NULL,
      NULL}},
    {"last_call",
     {"Documenti in scadenza", NULL, "Un documento non ancora letto sta per scadere.",
      " Per leggerlo acceda a ", " Per leggerlo acceda al portale."},
     {"Documents about to expire", NULL, "A document you have not read is about to expire.",
      " To read it, log in at ", " To read it, log in to the portal."}},
    {"new_documents",
     {"Nuovi documenti disponibili", NULL, "Ci sono nuovi documenti per Lei.",
      " Per leggerli acceda a ", " Per leggerli acceda al portale."},
     {"New documents available", NULL, "There are new documents for you.",
      " To read them, log in at ", " To read them, log in to the portal."}},
};

static const wording_t *find(const char *template, const char *language)
{
    for (apr_size_t i = 0; template && i < sizeof(messages) / sizeof(*messages); i++) {
        if (!strcmp(template, messages[i].template)) {
            return language && !strcmp(language, "en") ? &messages[i].en : &messages[i].it;
        }
    }
    return NULL;
}

static const char *if_it_fits(const char *longer, const char *shorter)
{
    return dossier_text_length(longer) <= DOSSIER_SMS_LENGTH ? longer : shorter;
}

/* The host of a URL without scheme, port and path. NULL when there is none. */
static const char *host_of(const char *url, apr_pool_t *pool)
{
    const char *host = url ? strstr(url, "://") : NULL;
    apr_size_t length;

    if (!host) {
        return NULL;
    }
    host += 3;
    length = strcspn(host, ":/?#");
    return length ? apr_pstrmemdup(pool, host, length) : NULL;
}

static const char *with_code(const wording_t *wording, const char *code, const char *portal_url,
                             apr_pool_t *pool)
{
    const char *text;
    const char *host;

    if (!code) {
        code = "••••••";
    }
    text = apr_pstrcat(pool, wording->before_code, code, wording->text, NULL);
    host = host_of(portal_url, pool);
    if (!host) {
        return text;
    }
    return if_it_fits(apr_pstrcat(pool, text, "\n\n@", host, " #", code, NULL), text);
}

static const char *with_telephone(const char *text, const dossier_desk_t *desk, apr_pool_t *pool)
{
    if (!desk || !dossier_desk_named(text)) {
        return text;
    }
    return if_it_fits(apr_pstrcat(pool, text, " Tel. ", desk->telephone, NULL), text);
}

const char *dossier_message_sms(const dossier_message_t *message, apr_pool_t *pool)
{
    const wording_t *wording = find(message->template, message->language);
    const char *text;

    if (!wording) {
        return NULL;
    }
    if (wording->before_code) {
        return with_code(wording, message->code, message->site_url, pool);
    }
    if (!wording->where) {
        return with_telephone(wording->text, message->desk, pool);
    }
    text = apr_pstrcat(pool, wording->text, wording->here, NULL);
    if (!message->site_url) {
        return text;
    }
    return if_it_fits(apr_pstrcat(pool, wording->text, wording->where, message->site_url, NULL),
                      text);
}

const char *dossier_message_subject(const char *template, const char *language)
{
    const wording_t *wording = find(template, language);
    return wording ? wording->subject : NULL;
}

const char *dossier_message_settings(const char *template, const char *language)
{
    if (strcmp(template, "new_documents") && strcmp(template, "last_call")) {
        return NULL;
    }
    return language && !strcmp(language, "en") ? "Choose which alerts you receive: "
                                               : "Scelga quali avvisi ricevere: ";
}

/* With what, and what to do: where the account is open one closes what one does not know, and finds
   the way to a new password. */
static const char *with_device(const char *text, const dossier_message_t *message, int english,
                               apr_pool_t *pool)
{
    const char *device = message->device;

    if (!device) {
        device = english ? "not known" : "non riconosciuto";
    }
    text = apr_pstrcat(pool, text, english ? "\n\nDevice: " : "\n\nDispositivo: ", device, NULL);
    if (!message->site_url) {
        return text;
    }
    return apr_pstrcat(pool, text,
                       english ? "\n\nHere you log the other devices out and change the password: "
                               : "\n\nQui puo' far uscire gli altri dispositivi e cambiare la "
                                 "password: ",
                       message->site_url, "/#/profilo/accessi", NULL);
}

/* "e' cambiata" as a mail writes it; of what is elided ("L'ha chiesto") a letter follows. */
static const char *with_accents(const char *text, apr_pool_t *pool)
{
    static const char plain[] = "aeiouE";
    static const char *const accented[] = {"à", "è", "ì", "ò", "ù", "È"};
    char *written = apr_palloc(pool, 2 * strlen(text) + 1); /* each is two bytes */
    char *end = written;

    while (*text) {
        const char *found = text[1] == '\'' && !apr_isalnum(text[2]) ? strchr(plain, *text) : NULL;

        if (found) {
            memcpy(end, accented[found - plain], 2);
            end += 2;
            text += 2;
        } else {
            *end++ = *text++;
        }
    }
    *end = '\0';
    return written;
}

const char *dossier_message_mail(const dossier_message_t *message, apr_pool_t *pool)
{
    const wording_t *wording = find(message->template, message->language);
    int english = message->language && !strcmp(message->language, "en");
    dossier_message_t said = *message;
    const char *text;

    said.desk = NULL;
    text = dossier_message_sms(&said, pool);
    if (!text) {
        return NULL;
    }
    if (message->at && !wording->before_code && !wording->where) { /* something has happened */
        text = apr_pstrcat(pool, text, english ? "\n\nWhen: " : "\n\nQuando: ", message->at,
                           english ? " (Italian time)" : " (ora italiana)", NULL);
    }
    if (!strcmp(message->template, "new_device")) {
        text = with_device(text, message, english, pool);
    }
    if (!english) {
        text = with_accents(text, pool);
    }
    if (!message->desk || !dossier_desk_named(text)) {
        return text;
    }
    return apr_pstrcat(pool, text, "\n\n", dossier_desk_line(message->desk, english, pool), NULL);
}
