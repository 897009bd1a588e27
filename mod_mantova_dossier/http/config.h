/* What the directives of a virtual host say, checked and ready to use. Read-only after start. */
#ifndef DOSSIER_HTTP_CONFIG_H
#define DOSSIER_HTTP_CONFIG_H

#include <httpd.h>
#include <http_config.h>

#include "vault/keyring.h"
#include "vault/vault.h"

typedef struct {
    const char *method;          /* "GET" or "POST" */
    const char *url;             /* template: {to}, {text}, {id} are replaced, URL-encoded */
    apr_array_header_t *headers; /* const char *, "Name: value" templates */
    const char *body; /* template; NULL: none. JSON bodies are JSON-escaped, others URL-encoded */
} dossier_sms_gateway_t;

typedef struct {
    int engine;              /* -1: not said */
    const char *facility_id; /* of this virtual host; NULL: none */
    const char *facility_name;
    const char *vault_folder;
    const char *key_file;
    int retention_days;          /* 1 to 60 */
    int audit_months;            /* 24 to 120 */
    int minor_handover;          /* of the main server; -1: not said, which is on */
    apr_off_t max_document_size; /* bytes */
    dossier_sms_gateway_t *sms;  /* NULL: none */
    const char *smtp_url;        /* smtp:// or smtps://, with user and password in it; NULL: none */
    const char *mail_from;
    const char *public_url; /* "https://host[:port]", without a slash at the end */
    int password_workers;
    const char *spool; /* a folder: messages are written there instead of being sent */

    /* made at start */
    const dossier_keyring_t *keyring;
    dossier_vault_t *vault;
    const char *worker_lock; /* the file http/workers.c takes its places in */
} dossier_config_t;

extern module AP_MODULE_DECLARE_DATA mantova_dossier_module;

const dossier_config_t *dossier_config_get(const server_rec *server);
/* Of the first virtual host, from `server` on, that is this facility's site; NULL: it has none. */
const dossier_config_t *dossier_config_of_facility(const server_rec *server, const char *facility);

void *dossier_config_create(apr_pool_t *pool, server_rec *server);
void *dossier_config_merge(apr_pool_t *pool, void *base, void *added);
extern const command_rec dossier_directives[];

/* Hook check_config: every mistake that can be known without a database, one log line each. */
int dossier_config_check(apr_pool_t *pool, apr_pool_t *log, apr_pool_t *temporary,
                         server_rec *server);
/* Hook post_config: opens key ring and vault. */
int dossier_config_open(apr_pool_t *pool, server_rec *server);

#endif
