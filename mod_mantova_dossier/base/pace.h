/*
 * How fast a gateway is given messages: so many at once, so many a second, and none for a while
 * after it failed several times in a row (a circuit breaker). Pure arithmetic on times; one thread
 * uses one pace.
 */
#ifndef DOSSIER_BASE_PACE_H
#define DOSSIER_BASE_PACE_H

#include <apr_time.h>

typedef enum {
    DOSSIER_PACE_OPEN_ROAD, /* works, as far as is known */
    DOSSIER_PACE_PAUSED,    /* failed: nothing is sent until the pause is over */
    DOSSIER_PACE_PROBING    /* the pause is over: one message tries */
} dossier_pace_state_t;

typedef struct {
    int places;
    int per_second; /* 0: no limit */
    double saved;   /* messages that may go by the rate, at `counted` */
    apr_time_t counted;
    int failures;            /* in a row */
    int pauses;              /* in a row */
    apr_time_t paused_until; /* 0: no pause */
} dossier_pace_t;

void dossier_pace_init(dossier_pace_t *pace, int places, int per_second);

/* How many messages may be handed over now, when so many are on their way. */
int dossier_pace_room(dossier_pace_t *pace, int on_the_way, apr_time_t now);

/* Hands over `count` of them. */
void dossier_pace_spend(dossier_pace_t *pace, int count);

/* How a message ended. `trouble`: for a reason that others would meet too. The fifth trouble in a
   row makes a pause of 1 s, then 2, 4, 8, 15, and 15 again, each a quarter more or less: `chance`
   is 0 to 1. */
void dossier_pace_note(dossier_pace_t *pace, int trouble, double chance, apr_time_t now);

dossier_pace_state_t dossier_pace_state(const dossier_pace_t *pace, apr_time_t now);

#endif
