#include "outbound/wire.h"

#include <apr_strings.h>

#include <stdlib.h>
#include <string.h>

#define CONNECT_TIMEOUT_MS 5000L
#define TOTAL_TIMEOUT_MS 15000L

struct dossier_wire_t {
    CURLM *multi;
    const char *ca_file; /* NULL: the system's */
};

/* One handle and what to call at its end; libcurl keeps the pointer for us. */
typedef struct {
    dossier_wire_t *wire;
    CURL *easy;
    int running;
    dossier_wire_done_t *done;
    void *context;
} transfer_t;

static apr_status_t close_multi(void *multi)
{
    curl_multi_cleanup(multi);
    return APR_SUCCESS;
}

static apr_status_t close_transfer(void *data)
{
    transfer_t *transfer = data;
    if (transfer->running) {
        /* its time is over: else libcurl says QUIT to a mail server that hangs, and waits */
        curl_easy_setopt(transfer->easy, CURLOPT_TIMEOUT_MS, 1L);
        curl_multi_remove_handle(transfer->wire->multi, transfer->easy);
    }
    curl_easy_cleanup(transfer->easy);
    return APR_SUCCESS;
}

static apr_status_t close_list(void *list)
{
    curl_slist_free_all(*(struct curl_slist **)list);
    return APR_SUCCESS;
}

dossier_wire_t *dossier_wire_open(apr_pool_t *pool)
{
    dossier_wire_t *wire = apr_pcalloc(pool, sizeof(*wire));
    const char *ca_file = getenv("SSL_CERT_FILE");

    wire->multi = curl_multi_init();
    if (!wire->multi) {
        return NULL;
    }
    wire->ca_file = ca_file && *ca_file ? apr_pstrdup(pool, ca_file) : NULL;
    apr_pool_cleanup_register(pool, wire->multi, close_multi, apr_pool_cleanup_null);
    return wire;
}

/* One part of a URL; NULL when it is missing. To be freed by curl_free. */
static char *url_part(const char *url, CURLUPart part)
{
    char *value = NULL;
    CURLU *parsed = curl_url();
    if (parsed && curl_url_set(parsed, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK) {
        curl_url_get(parsed, part, &value, 0);
    }
    curl_url_cleanup(parsed);
    return value;
}

int dossier_wire_is_loopback(const char *url)
{
    char *host = url_part(url, CURLUPART_HOST);
    int is_loopback =
        host && (!strcmp(host, "localhost") || !strcmp(host, "[::1]") ||
                 (!strncmp(host, "127.", 4) && strspn(host, "0123456789.") == strlen(host)));
    curl_free(host);
    return is_loopback;
}

int dossier_wire_has_user(const char *url)
{
    char *user = url_part(url, CURLUPART_USER);
    int has_user = user && *user;
    curl_free(user);
    return has_user;
}

static size_t drop_answer(char *data, size_t size, size_t count, void *context)
{
    (void)data;
    (void)context;
    return size * count;
}

static CURLcode set_common(CURL *easy, const dossier_wire_t *wire, const char *url,
                           const char *protocols)
{
    CURLcode failed = CURLE_OK;
#define SET(option, value) failed = failed ? failed : curl_easy_setopt(easy, option, value)
    SET(CURLOPT_URL, url);
    SET(CURLOPT_PROTOCOLS_STR, protocols);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
    SET(CURLOPT_TIMEOUT_MS, TOTAL_TIMEOUT_MS);
    SET(CURLOPT_FORBID_REUSE, 1L);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_WRITEFUNCTION, drop_answer);
    SET(CURLOPT_USERAGENT, "mod_mantova_dossier");
    if (wire->ca_file) {
        SET(CURLOPT_CAINFO, wire->ca_file);
    }
    if (dossier_wire_is_loopback(url)) {
        SET(CURLOPT_NOPROXY, "*"); /* whatever proxy the environment names */
    }
#undef SET
    return failed;
}

CURL *dossier_wire_easy(dossier_wire_t *wire, const char *url, const char *protocols,
                        apr_pool_t *pool)
{
    transfer_t *transfer = apr_pcalloc(pool, sizeof(*transfer));
    transfer->wire = wire;
    transfer->easy = curl_easy_init();
    if (!transfer->easy) {
        return NULL;
    }
    apr_pool_cleanup_register(pool, transfer, close_transfer, apr_pool_cleanup_null);
    if (curl_easy_setopt(transfer->easy, CURLOPT_PRIVATE, transfer) != CURLE_OK ||
        set_common(transfer->easy, wire, url, protocols) != CURLE_OK) {
        return NULL;
    }
    return transfer->easy;
}

void dossier_wire_limit(CURL *easy, int seconds)
{
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 1000L * seconds);
}

/* Bytes that would end the text early become blanks. */
static size_t keep_answer(char *data, size_t size, size_t count, void *context)
{
    dossier_wire_answer_t *answer = context;
    apr_size_t room = sizeof(answer->text) - 1 - answer->length;
    apr_size_t kept = size * count < room ? size * count : room;

    for (apr_size_t i = 0; i < kept; i++) {
        answer->text[answer->length++] = data[i];
        if (!data[i]) {
            answer->text[answer->length - 1] = ' ';
        }
    }
    answer->text[answer->length] = '\0';
    return size * count;
}

dossier_wire_answer_t *dossier_wire_keep(CURL *easy, apr_pool_t *pool)
{
    dossier_wire_answer_t *answer = apr_pcalloc(pool, sizeof(*answer));
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep_answer);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer);
    return answer;
}

static void remember(char *kept, apr_size_t room, const char *data, apr_size_t size)
{
    size = size < room ? size : room - 1;
    memcpy(kept, data, size);
    kept[size] = '\0';
}

/* QUIT and its answer are not part of what was said about the message. */
static int hear(CURL *easy, curl_infotype type, char *data, size_t size, void *context)
{
    dossier_wire_dialogue_t *dialogue = context;

    (void)easy;
    if (type == CURLINFO_HEADER_OUT) {
        dialogue->over |= size >= 4 && !memcmp(data, "QUIT", 4);
    }
    if (dialogue->over) {
        return 0;
    }
    if (type == CURLINFO_HEADER_OUT) {
        remember(dialogue->command, sizeof(dialogue->command), data, size);
    } else if (type == CURLINFO_HEADER_IN) {
        remember(dialogue->reply, sizeof(dialogue->reply), data, size);
    }
    return 0;
}

dossier_wire_dialogue_t *dossier_wire_listen(CURL *easy, apr_pool_t *pool)
{
    dossier_wire_dialogue_t *dialogue = apr_pcalloc(pool, sizeof(*dialogue));
    curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, hear); /* prints nothing */
    curl_easy_setopt(easy, CURLOPT_DEBUGDATA, dialogue);
    curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
    return dialogue;
}

void dossier_wire_append(struct curl_slist **list, const char *line, apr_pool_t *pool)
{
    struct curl_slist *longer = curl_slist_append(*list, line);
    if (!longer) {
        return;
    }
    if (!*list) {
        struct curl_slist **owned = apr_palloc(pool, sizeof(*owned));
        *owned = longer;
        apr_pool_cleanup_register(pool, owned, close_list, apr_pool_cleanup_null);
    }
    *list = longer;
}

static transfer_t *transfer_of(CURL *easy)
{
    char *private = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
    return (transfer_t *)(void *)private;
}

int dossier_wire_start(dossier_wire_t *wire, CURL *easy, dossier_wire_done_t *done, void *context)
{
    transfer_t *transfer = transfer_of(easy);
    transfer->done = done;
    transfer->context = context;
    transfer->running = curl_multi_add_handle(wire->multi, easy) == CURLM_OK;
    return transfer->running;
}

static void reap(dossier_wire_t *wire)
{
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(wire->multi, &left))) {
        CURL *easy;
        CURLcode result;
        transfer_t *transfer;
        long status;

        if (message->msg != CURLMSG_DONE) {
            continue;
        }
        easy = message->easy_handle;
        result = message->data.result; /* the message dies with the next call */
        transfer = transfer_of(easy);
        status = 0;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        curl_multi_remove_handle(wire->multi, easy);
        transfer->running = 0;
        transfer->done(transfer->context, result, status);
    }
}

void dossier_wire_turn(dossier_wire_t *wire, int wait_ms)
{
    int running = 0;
    curl_multi_perform(wire->multi, &running);
    reap(wire);
    if (running) {
        curl_multi_poll(wire->multi, NULL, 0, wait_ms, NULL);
        curl_multi_perform(wire->multi, &running);
        reap(wire);
    }
}
