/*
 * Many transfers at once on one thread: libcurl's multi interface with what every transfer here
 * needs. Certificates are always verified, redirects never followed, connections never used twice
 * (libcurl would repeat a POST on one that died: the outbox alone decides about repeating).
 */
#ifndef DOSSIER_OUTBOUND_WIRE_H
#define DOSSIER_OUTBOUND_WIRE_H

#include <apr_pools.h>
#include <curl/curl.h>

typedef struct dossier_wire_t dossier_wire_t;

/* NULL when memory is short. Certificates are checked against the system's authorities and those in
   the file that the environment's SSL_CERT_FILE names. */
dossier_wire_t *dossier_wire_open(apr_pool_t *pool);

/* An easy handle for `url`, which may use these protocols only ("http,https"): 5 s to connect, 15 s
   in all. It goes with the pool, also in the middle of a transfer. NULL when memory is short. */
CURL *dossier_wire_easy(dossier_wire_t *wire, const char *url, const char *protocols,
                        apr_pool_t *pool);

/* Less time in all than that. */
void dossier_wire_limit(CURL *easy, int seconds);

/* The beginning of an answer, NUL-terminated; what is beyond is dropped. */
typedef struct {
    char text[4096];
    apr_size_t length;
} dossier_wire_answer_t;

/* Keeps what the server answers; without this it is dropped. In the pool of the handle's maker. */
dossier_wire_answer_t *dossier_wire_keep(CURL *easy, apr_pool_t *pool);

/* A dialogue with a mail server: what was said last. */
typedef struct {
    char command[5]; /* of what we said: "RCPT"; "" before, when the server greets */
    char reply[64];  /* the beginning of its last line, NUL-terminated: "550 5.1.1 No such" */
    int over;        /* we have said QUIT */
} dossier_wire_dialogue_t;

/* In the pool of the handle's maker. */
dossier_wire_dialogue_t *dossier_wire_listen(CURL *easy, apr_pool_t *pool);

/* Appends to a list that goes with the pool; make lists before the handle that uses them. */
void dossier_wire_append(struct curl_slist **list, const char *line, apr_pool_t *pool);

/* `status` is the last answer's code (HTTP or SMTP), 0 when there was none. */
typedef void dossier_wire_done_t(void *context, CURLcode result, long status);

/* Starts without waiting; done() is called once, by a later turn. 0 when it could not start. */
int dossier_wire_start(dossier_wire_t *wire, CURL *easy, dossier_wire_done_t *done, void *context);

/* Moves every transfer on and waits at most `wait_ms` for something to happen. */
void dossier_wire_turn(dossier_wire_t *wire, int wait_ms);

/* Whether a URL's host is this machine, and whether it holds a user name. */
int dossier_wire_is_loopback(const char *url);
int dossier_wire_has_user(const char *url);

#endif
