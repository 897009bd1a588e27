/* Dates without a time zone, instants in UTC, and ages. Gregorian calendar, years 1850 to 2199. */
#ifndef DOSSIER_DOMAIN_DATE_H
#define DOSSIER_DOMAIN_DATE_H

#include <apr_pools.h>
#include <apr_time.h>

typedef struct {
    int year;
    int month; /* 1 to 12 */
    int day;   /* 1 to 31 */
} dossier_date_t;

int dossier_date_valid(dossier_date_t date);
/* "YYYY-MM-DD"; 0 when it is not a real date. */
int dossier_date_parse(dossier_date_t *date, const char *text);
int dossier_date_has_form(const char *text);                  /* it begins like one, real or not */
int dossier_date_compare(dossier_date_t a, dossier_date_t b); /* <0, 0, >0 */
dossier_date_t dossier_date_at(apr_time_t time);              /* the day it is in Rome */
dossier_date_t dossier_date_today(void);                      /* in Rome, whatever TZ says */

/* Whole years; somebody born on 29 February turns a year older on 1 March. */
int dossier_date_age(dossier_date_t birth, dossier_date_t today);
int dossier_date_is_minor(dossier_date_t birth, dossier_date_t today); /* not 18 yet */

/* RFC 3339 with "Z" or an offset, the seconds may be left out; 0 when malformed. Formats in UTC,
 * whole seconds. */
int dossier_time_parse(apr_time_t *time, const char *text);
const char *dossier_time_format(apr_time_t time, apr_pool_t *pool);
/* What Rome's clocks show at `time`, as if they were set to UTC. */
apr_time_t dossier_time_in_rome(apr_time_t time);

#endif
