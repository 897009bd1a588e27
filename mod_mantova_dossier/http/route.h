/* The shape of the table of routes. A route without an access class cannot be written down. */
#ifndef DOSSIER_HTTP_ROUTE_H
#define DOSSIER_HTTP_ROUTE_H

#include "http/exchange.h"

typedef enum {
    DOSSIER_ACCESS_ANYONE = 1,
    DOSSIER_ACCESS_ACCOUNT,    /* a session, and every consent that is due was given */
    DOSSIER_ACCESS_SESSION,    /* a session: also while a consent is due */
    DOSSIER_ACCESS_INTEGRATOR, /* a bearer key */
    DOSSIER_ACCESS_GATEWAY     /* the SMS provider: the secret of DossierSmsReceipts */
} dossier_access_t;

typedef enum { DOSSIER_BODY_NONE = 1, DOSSIER_BODY_JSON, DOSSIER_BODY_MULTIPART } dossier_body_t;

/* The provider of the SMS has parameters of its own. */
#define DOSSIER_QUERY_ANY "*"

typedef struct {
    const char *method;  /* NULL ends the table; GET also serves HEAD */
    const char *pattern; /* below /api/v1: "/patients/{id}/activation" */
    dossier_access_t access;
    dossier_body_t body;
    dossier_handler_t handler;
    const char *query; /* the names of the query parameters it takes, a blank between them */
} dossier_route_t;

#define DOSSIER_API_PREFIX "/api/v1"

#endif
