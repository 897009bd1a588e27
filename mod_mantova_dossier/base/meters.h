/*
 * What all processes of this server count together, for its operator: numbers in memory they share.
 * Counting takes no lock and never fails. Before dossier_meters_share() (and in unit tests) each
 * process counts for itself.
 */
#ifndef DOSSIER_BASE_METERS_H
#define DOSSIER_BASE_METERS_H

#include <apr_pools.h>
#include <apr_time.h>

#include <stdint.h>
#include <sys/types.h>

typedef enum {
    DOSSIER_METER_SMS_SENT,
    DOSSIER_METER_SMS_RETRIED,      /* tries that failed, and will be repeated */
    DOSSIER_METER_SMS_REFUSED,      /* never tried again */
    DOSSIER_METER_SMS_PAUSED_UNTIL, /* apr_time_t; 0: the gateway works, as far as is known */
    DOSSIER_METER_MAIL_SENT,        /* mail as SMS, in the same order */
    DOSSIER_METER_MAIL_RETRIED,
    DOSSIER_METER_MAIL_REFUSED,
    DOSSIER_METER_MAIL_PAUSED_UNTIL,
    DOSSIER_METER_DB_UNREACHABLE, /* calls: no connection was to be had */
    DOSSIER_METER_DB_LOST,        /* the connection went meanwhile */
    DOSSIER_METER_DB_TIMEOUT,
    DOSSIER_METER_DB_READ_ONLY,
    DOSSIER_METER_DB_FAILED,
    DOSSIER_METER_DB_BREAKS,  /* connections lost or not had, also where a repetition succeeded */
    DOSSIER_METER_VAULT_WORD, /* dossier_vault_word_t, as last seen */
    DOSSIER_METER_VAULT_SEEN, /* DB_BREAKS at that time, and 1; 0: never */
    DOSSIER_METER_DATABASE_BEHIND, /* bits: older than the vault, another than its own */
    DOSSIER_METER_WORD_REFUSED, /* 1: the operator's word waits for a folder with the documents */
    DOSSIER_METER_PURGE_RUNS,
    DOSSIER_METER_PURGE_FAILURES, /* runs that the database broke off */
    DOSSIER_METER_PURGE_LAST,     /* apr_time_t: the end of the last run that was whole */
    DOSSIER_METER_PURGED_FILES,
    DOSSIER_METER_SWEPT_FILES,      /* removed by the sweep */
    DOSSIER_METER_QUARANTINE_FILES, /* that no row names, set aside */
    DOSSIER_METER_UNKNOWN_FILES,    /* too many at once to be set aside; 0: not so */
    DOSSIER_METER_MISSING_FILES,    /* of the newest documents, that are not in the vault */
    DOSSIER_METER_AUDIT_SEALS,
    DOSSIER_METER_CRASHES, /* processes that did not end in order */
    DOSSIER_METERS
} dossier_meter_t;

typedef struct {
    dossier_meter_t sent, retried, refused, paused_until;
} dossier_channel_meters_t;

/* Those of a channel, "sms" or "mail". */
const dossier_channel_meters_t *dossier_channel_meters(const char *channel);

/* How long something took, as a histogram. The first are those of the routes, by their place in
   the table. */
#define DOSSIER_TIMER_ROUTES 128
typedef enum {
    DOSSIER_TIMER_NO_ROUTE = DOSSIER_TIMER_ROUTES, /* and routes beyond the room there is */
    DOSSIER_TIMER_DB_WAIT,                         /* for a connection of the pool */
    DOSSIER_TIMER_DB_CALL,                         /* the SQL function */
    DOSSIER_TIMERS
} dossier_timer_t;

/* Upper bounds in microseconds; the last is INT64_MAX. */
#define DOSSIER_TIMER_BUCKETS 8
extern const int64_t dossier_timer_bounds[DOSSIER_TIMER_BUCKETS];

typedef struct {
    uint64_t count[DOSSIER_TIMER_BUCKETS]; /* within this bound and not the one before */
    uint64_t total;                        /* microseconds */
} dossier_timing_t;

#define DOSSIER_STATUS_CLASSES 6 /* index 2: 200 to 299, and so on; 0 is anything else */

/* Before the processes are made. Counts begin again, but not at a graceful restart when `survivor`
   (a pool that outlives it) knows them already. An APR error when there is no memory. */
apr_status_t dossier_meters_share(apr_pool_t *survivor);

void dossier_meter_add(dossier_meter_t meter, uint64_t count);
void dossier_meter_set(dossier_meter_t meter, int64_t value);
/* Sets it, and answers what it was: of several who do so at once one sees each change. */
int64_t dossier_meter_exchange(dossier_meter_t meter, int64_t value);
int64_t dossier_meter_get(dossier_meter_t meter);

void dossier_timer_add(dossier_timer_t timer, apr_interval_time_t took);
void dossier_timer_get(dossier_timing_t *timing, dossier_timer_t timer);

/* An answer of a route, by its place in the table or DOSSIER_TIMER_NO_ROUTE. */
void dossier_meters_answer(unsigned route, int status, apr_interval_time_t took);
/* How many answers of this class, 0 to DOSSIER_STATUS_CLASSES - 1. */
uint64_t dossier_meters_answers(unsigned route, int status_class);
/* Of every class. */
uint64_t dossier_meters_answers_all(unsigned route);

/* Lines of the log that anybody may bring about as often as they like, and those of an outage, of which every request
   would write its own. */
typedef enum {
    DOSSIER_LINE_BUSY,
    DOSSIER_LINE_FOREIGN_ORIGIN,
    DOSSIER_LINE_UNAVAILABLE,
    DOSSIER_LINES
} dossier_line_t;

/* 1: the line is to be written, as one of its kind is in a minute, with how many were left out
   since the one before. 0: it is left out. */
int dossier_meters_line(uint64_t *left_out, dossier_line_t line, apr_time_t now);

/* The processes that have begun and not ended; beyond 1024 they are not known. begin: by the
   process itself. end: 1 when it was among them. */
void dossier_meters_process_begin(pid_t process);
int dossier_meters_process_end(pid_t process);

/* When counting began. */
apr_time_t dossier_meters_since(void);

#endif
