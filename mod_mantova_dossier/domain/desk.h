/*
 * How a facility's desk is reached: what comes with every text that sends a person there.
 */
#ifndef DOSSIER_DOMAIN_DESK_H
#define DOSSIER_DOMAIN_DESK_H

#include <apr_pools.h>

typedef struct {
    const char *telephone; /* as people write it: "0376 635101" */
    const char *hours;     /* in Italian */
    const char *hours_en;  /* NULL: as in Italian */
    const char *address;
} dossier_desk_t;

/* NULL, or what is wrong with it. */
const char *dossier_desk_mistake(const dossier_desk_t *desk);

/* 1 when a text of the portal, Italian or English, sends the reader to the desk. */
int dossier_desk_named(const char *text);

const char *dossier_desk_hours(const dossier_desk_t *desk, int english);

/* One line: "Sportello: 0376 635101, lunedì-venerdì 8-18, Strada Lago Paiolo 10, Mantova". */
const char *dossier_desk_line(const dossier_desk_t *desk, int english, apr_pool_t *pool);

#endif
