#include "store/connection.h"

#include <apr_errno.h>
#include <apr_time.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "store/gate.h"

#define LOOK_MS 100

/* Takes in what has come, and says of a connection's end. Twice where it is encrypted: of a record
   that was read whole the first may leave a rest, which no poll tells of. */
static int take_in(PGconn *connection)
{
    int encrypted = PQsslInUse(connection) || PQgssEncInUse(connection);

    return PQconsumeInput(connection) && (!encrypted || PQconsumeInput(connection));
}

/* A connection whose server went away while it waited in the pool is noticed here, before anything
   is sent: so a restart of PostgreSQL costs no request, whether repeatable or not. One system call
   where the server has said nothing, as it does not between two statements. */
int dossier_connection_alive(PGconn *connection)
{
    struct pollfd news = {.fd = PQsocket(connection), .events = POLLIN};

    if (PQstatus(connection) == CONNECTION_OK && !poll(&news, 1, 0)) {
        return 1;
    }
    /* what the server says before it goes and its end are two readings */
    if (!take_in(connection) || !take_in(connection) || PQstatus(connection) != CONNECTION_OK) {
        PQreset(connection);
    }
    return PQstatus(connection) == CONNECTION_OK;
}

/* What a failed statement means to the caller, by SQLSTATE (PostgreSQL manual, appendix A). */
apr_status_t dossier_connection_status(const PGresult *answer, const PGconn *connection)
{
    const char *state = PQresultErrorField(answer, PG_DIAG_SQLSTATE);

    if (!state || !*state || PQstatus(connection) != CONNECTION_OK || !strncmp(state, "08", 2) ||
        !strcmp(state, "57P01") || !strcmp(state, "57P02")) {
        return APR_ECONNABORTED;
    }
    if (!strcmp(state, "25006")) {
        return APR_FROM_OS_ERROR(EROFS);
    }
    if (!strcmp(state, "57P03") || !strcmp(state, "53300")) {
        return APR_ECONNREFUSED; /* starting up, or full: nothing ran */
    }
    if (!strcmp(state, "57014") || !strcmp(state, "55P03")) {
        return APR_TIMEUP;
    }
    if (!strcmp(state, "40001") || !strcmp(state, "40P01")) {
        return APR_EAGAIN; /* rolled back whole by a deadlock or a conflict */
    }
    return APR_EGENERAL;
}

/* Waits until PQgetResult() need not. 0: it never will, or not in time. */
static int wait_for_answer(PGconn *connection, apr_time_t limit)
{
    while (PQisBusy(connection)) {
        struct pollfd wanted = {.fd = PQsocket(connection), .events = POLLIN};

        if (dossier_gate_is_closed() || apr_time_now() > limit) {
            return 0;
        }
        poll(&wanted, 1, LOOK_MS);
        if (!take_in(connection)) {
            return 1; /* lost: PQgetResult says so at once */
        }
    }
    return 1;
}

/* As PQexecParams, which waits for ever where the server's host has vanished; of several results
   the last: a row may come although its transaction cannot be committed after it. NULL: given up,
   and the connection is of no use any more. */
PGresult *dossier_connection_ask(PGconn *connection, const char *sql, const char *const *texts,
                                 int count)
{
    apr_time_t limit = apr_time_now() + apr_time_from_sec(DOSSIER_CONNECTION_LIMIT);
    PGresult *answer = NULL;
    PGresult *next;

    if (!PQsendQueryParams(connection, sql, count, NULL, texts, NULL, NULL, 0)) {
        return PQmakeEmptyPGresult(connection, PGRES_FATAL_ERROR);
    }
    while (wait_for_answer(connection, limit)) {
        next = PQgetResult(connection);
        if (!next) {
            return answer;
        }
        PQclear(answer);
        answer = next;
    }
    PQclear(answer);
    shutdown(PQsocket(connection), SHUT_RDWR); /* PQconsumeInput() finds it closed */
    PQconsumeInput(connection);
    return NULL;
}

int dossier_connection_takes_changes(const PGconn *connection)
{
    static const char *const parameters[] = {"in_hot_standby", "default_transaction_read_only"};

    for (int i = 0; i < 2; i++) {
        const char *value = PQparameterStatus(connection, parameters[i]);

        if (value && !strcmp(value, "on")) {
            return 0;
        }
    }
    return 1;
}
