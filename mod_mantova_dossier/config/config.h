/* What the directives of a virtual host say, checked and ready to use. Read-only after start. */
#ifndef DOSSIER_CONFIG_CONFIG_H
#define DOSSIER_CONFIG_CONFIG_H

#include <httpd.h>
#include <http_config.h>

#include "base/template.h"
#include "domain/desk.h"
#include "vault/keyring.h"
#include "vault/vault.h"

/* Templates: {to}, {digits} ({to} without its +), {text}, {id}, {secret:name} are replaced, encoded
   as the place needs it. */
typedef struct {
    const char *method; /* "GET", "POST" or "PUT" */
    const char *url;
    apr_array_header_t *headers; /* const char *, "Name: value" */
    const char *body;            /* NULL: none. JSON bodies are JSON-escaped, others URL-encoded */
    ap_regex_t *accepted;        /* the answer must match it, besides status 2xx; NULL: any does */
    ap_regex_t
        *message_id; /* its first group is the provider's id in the answer; NULL: none kept */
    int timeout;     /* seconds for one try */
} dossier_sms_gateway_t;

/* How much a gateway is given. */
typedef struct {
    int at_once;    /* messages on their way */
    int per_second; /* of each node; 0: no limit */
} dossier_gateway_limits_t;

/* What the provider says of a message later, at the callback route. Fields are those of a query, of
   a form, or of JSON ("data.status"). */
typedef struct {
    const char *secret;      /* name in the secret file: who calls must know it */
    const char *reference;   /* the field that holds our {id}; NULL: message_id is told */
    const char *message_id;  /* the field that holds the provider's id; NULL: reference is told */
    const char *status;      /* the field that says what became of it */
    ap_regex_t *delivered;   /* its values that mean: on the phone */
    ap_regex_t *undelivered; /* and: it will never be; anything else says nothing final */
} dossier_sms_receipts_t;

typedef struct {
    int engine;              /* -1: not said */
    const char *facility_id; /* of this virtual host; NULL: none */
    const char *facility_name;
    const char *facility_colour; /* "#rrggbb", dark enough for white letters; NULL: the group's */
    const char *facility_logo;   /* address among the pages; NULL: the group's */
    const dossier_desk_t *desk;  /* how the facility's desk is reached; NULL: not said */
    const char *vault_folder;
    const char *key_file;
    int retention_days;               /* 1 to 60 */
    int audit_months;                 /* 24 to 120 */
    int quarantine_days;              /* for so long files without a row are kept */
    int minor_handover;               /* of the main server; -1: not said, which is on */
    apr_off_t max_document_size;      /* bytes */
    dossier_sms_gateway_t *sms;       /* NULL: none */
    dossier_sms_receipts_t *receipts; /* NULL: none are taken */
    const char *secret_file;          /* NULL: none */
    const char *smtp_url; /* smtp:// or smtps://, with user and password in it; NULL: none */
    const char *mail_from;
    dossier_gateway_limits_t *sms_limits;
    dossier_gateway_limits_t *mail_limits;
    apr_array_header_t *sms_prefixes; /* const char *: "+39"; NULL: those in the database */
    const char *quiet_from; /* "22:00", by Italian clocks; NULL: alerts leave at any time */
    const char *quiet_until;
    const char *public_url; /* "https://host[:port]", without a slash at the end */
    int password_workers;
    const char *spool; /* a folder: messages are written there instead of being sent */

    /* made at start */
    const dossier_template_value_t *secrets; /* of secret_file; smtp_url is expanded with them */
    const dossier_keyring_t *keyring;
    dossier_vault_t *vault;
    const char *worker_lock; /* the file http/workers.c takes its places in */
} dossier_config_t;

extern module AP_MODULE_DECLARE_DATA mantova_dossier_module;

const dossier_config_t *dossier_config_get(const server_rec *server);
/* Whether its DossierEngine is on. */
int dossier_config_is_on(const server_rec *server);
/* This virtual host or the first after it whose DossierEngine is on; NULL: there is none. */
const server_rec *dossier_config_next(const server_rec *server);
/* Of the first virtual host, from `server` on, that is this facility's site; NULL: it has none. */
const dossier_config_t *dossier_config_of_facility(const server_rec *server, const char *facility);

/* The first virtual host with DossierEngine on, whose gateways are used; NULL: there is none. */
server_rec *dossier_config_first(server_rec *server);

void *dossier_config_create(apr_pool_t *pool, server_rec *server);
void *dossier_config_merge(apr_pool_t *pool, void *base, void *added);
extern const command_rec dossier_directives[];

/* Hook check_config: every mistake that can be known without a database, one log line each. */
int dossier_config_check(apr_pool_t *pool, apr_pool_t *log, apr_pool_t *temporary,
                         server_rec *server);

/* Warns of what works in this virtual host, but will be regretted. `first`: of what concerns all of
   them too. */
void dossier_config_advise(const server_rec *server, int first, apr_pool_t *pool);
/* Hook post_config: opens key ring and vault. */
int dossier_config_open(apr_pool_t *pool, server_rec *server);

#endif
