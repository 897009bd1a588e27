/*
 * The pick-up slip ("modulo per il ritiro referti") that the desk hands out: one tagged A4 page in
 * Italian, in large type, with the activation code in groups and as a QR code. No codice fiscale is
 * on it: whoever finds a slip has half of what opens the dossier.
 */
#ifndef DOSSIER_PAPER_SLIP_H
#define DOSSIER_PAPER_SLIP_H

#include <apr_pools.h>

#include "domain/desk.h"

typedef struct {
    const char *facility;   /* its name */
    const char *person;     /* first and last name */
    const char *mobile;     /* masked */
    const char *code;       /* in groups */
    const char *link;       /* what the QR code says */
    const char *portal_url; /* what one may type instead */
    const char *expires;    /* "alle ore 14:05 del 24 gennaio 2027" */
    int retention_days;
    const dossier_desk_t *desk; /* NULL: not known */
} dossier_slip_t;

/* The PDF's bytes. APR_ENOENT: this machine has no font; APR_EINVAL: the link is too long for a QR
   code; APR_EGENERAL: it could not be drawn. */
apr_status_t dossier_slip_draw(const char **pdf, apr_size_t *length, const dossier_slip_t *slip,
                               apr_pool_t *pool);

#endif
