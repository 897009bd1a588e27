#include "store/db.h"

#include <apr_dbd.h> /* before mod_dbd.h, which does not include it */
#include <httpd.h>
#include <apr_optional.h>
#include <apr_strings.h>
#include <http_log.h>
#include <libpq-fe.h>
#include <mod_dbd.h>

#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>

#include "base/meters.h"
#include "store/gate.h"

APLOG_USE_MODULE(mantova_dossier);

/* Longer than any statement_timeout that makes sense here: the host has vanished. */
#define CALL_LIMIT_SECONDS 15
#define LOOK_MS 100

struct dossier_db_t {
    server_rec *server;
};

const dossier_functions_t dossier_fn = {
#define F(name, repeat, outcomes) .name = {#name, DOSSIER_DB_##repeat, outcomes},
#include "store/functions.def"
#undef F
};

/* Set once after configuration, read-only afterwards. */
static APR_OPTIONAL_FN_TYPE(ap_dbd_open) * dbd_open;
static APR_OPTIONAL_FN_TYPE(ap_dbd_close) * dbd_close;

/* Of this process, for the log: a line when it begins, and one when it is over. */
static atomic_int unreachable;
static atomic_int read_only;

apr_status_t dossier_db_init(void)
{
    dbd_open = APR_RETRIEVE_OPTIONAL_FN(ap_dbd_open);
    dbd_close = APR_RETRIEVE_OPTIONAL_FN(ap_dbd_close);
    return dbd_open && dbd_close ? APR_SUCCESS : APR_ENOTIMPL;
}

dossier_db_t *dossier_db_make(void *server, apr_pool_t *pool)
{
    dossier_db_t *db = apr_pcalloc(pool, sizeof(*db));

    db->server = server;
    return db;
}

void dossier_db_end(void)
{
    dossier_gate_close();
}

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
static int connection_alive(PGconn *connection)
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
static apr_status_t status_of(const char *state, PGconn *connection)
{
    if (!state || !*state || PQstatus(connection) != CONNECTION_OK || !strncmp(state, "08", 2) ||
        !strcmp(state, "57P01") || !strcmp(state, "57P02")) {
        return APR_ECONNABORTED;
    }
    if (!strcmp(state, "25006")) {
        return DOSSIER_DB_READ_ONLY;
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

/* Only what cannot hold a person's data: the state, a constraint's name and the place in our
 * function. */
static void log_failure(server_rec *server, const char *function, const PGresult *answer,
                        apr_status_t status, apr_pool_t *pool)
{
    const char *state = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
    const char *constraint = PQresultErrorField(answer, PG_DIAG_CONSTRAINT_NAME);
    const char *context = PQresultErrorField(answer, PG_DIAG_CONTEXT);

    if (context && !strncmp(context, "PL/pgSQL", 8)) {
        context = apr_pstrndup(pool, context, strcspn(context, "\n\""));
    } else {
        context = NULL;
    }
    ap_log_error(APLOG_MARK, status == APR_EGENERAL ? APLOG_ERR : APLOG_WARNING, 0, server,
                 "DOS0101: dossier.%s failed, SQLSTATE %s%s%s%s%s; the PostgreSQL log of this "
                 "moment says more",
                 function, state && *state ? state : "none (connection lost)",
                 constraint ? ", constraint " : "", constraint ? constraint : "",
                 context ? ", in " : "", context ? context : "");
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
static PGresult *ask(PGconn *connection, const char *sql, const char *text)
{
    apr_time_t limit = apr_time_now() + apr_time_from_sec(CALL_LIMIT_SECONDS);
    PGresult *answer = NULL;
    PGresult *next;

    if (!PQsendQueryParams(connection, sql, 1, NULL, &text, NULL, NULL, 0)) {
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

static const char *column(const PGresult *answer, int number, apr_pool_t *pool)
{
    return PQgetisnull(answer, 0, number)
               ? NULL
               : apr_pstrmemdup(pool, PQgetvalue(answer, 0, number),
                                (apr_size_t)PQgetlength(answer, 0, number));
}

static apr_status_t mismatch(server_rec *server, const char *function)
{
    ap_log_error(APLOG_MARK, APLOG_ERR, 0, server,
                 "DOS0102: dossier.%s did not answer with an outcome and a JSON object: the "
                 "functions in the database do not match this module, run sql/migrate.sh",
                 function);
    return APR_EGENERAL;
}

/* APR_EINCOMPLETE: given up. */
static apr_status_t run(dossier_db_answer_t *said, PGconn *connection, server_rec *server,
                        const char *function, const char *text, apr_pool_t *pool)
{
    const char *sql =
        apr_pstrcat(pool, "SELECT outcome, body FROM dossier.", function, "($1::jsonb)", NULL);
    PGresult *answer = ask(connection, sql, text);
    apr_status_t status;

    if (!answer && dossier_gate_is_closed()) {
        return APR_EINCOMPLETE; /* this process ends */
    }
    if (!answer) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, server,
                     "DOS0105: dossier.%s had no answer within %d s, and its connection was "
                     "closed: has the database's host vanished? statement_timeout, "
                     "tcp_user_timeout and keepalives in DBDParams notice it sooner",
                     function, CALL_LIMIT_SECONDS);
        return APR_EINCOMPLETE;
    }
    if (PQresultStatus(answer) == PGRES_TUPLES_OK && PQntuples(answer) == 1) {
        said->outcome = column(answer, 0, pool);
        said->body = column(answer, 1, pool);
        status = said->outcome ? APR_SUCCESS : mismatch(server, function);
    } else {
        status = status_of(PQresultErrorField(answer, PG_DIAG_SQLSTATE), connection);
        log_failure(server, function, answer, status, pool);
    }
    PQclear(answer);
    return status;
}

static void note_reachable(int reachable, server_rec *server)
{
    if (!reachable && !atomic_exchange(&unreachable, 1)) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, server,
                     "DOS0104: no connection to the database can be had: requests that need one "
                     "are refused until one can be made (see DBDParams; DBDMax, if all are busy)");
    } else if (reachable && unreachable && atomic_exchange(&unreachable, 0)) {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, server,
                     "DOS0106: connections to the database can be had again");
    }
}

static int says_off(PGconn *connection, const char *parameter)
{
    const char *value = PQparameterStatus(connection, parameter);

    return !value || strcmp(value, "on");
}

static void note_read_only(apr_status_t status, PGconn *connection, server_rec *server)
{
    if (status == DOSSIER_DB_READ_ONLY) {
        if (!atomic_exchange(&read_only, 1)) {
            ap_log_error(APLOG_MARK, APLOG_ERR, 0, server,
                         "DOS0103: the database is read-only, and nothing can be changed: is it a "
                         "standby, or is default_transaction_read_only set?");
        }
    } else if (status == APR_SUCCESS && read_only && says_off(connection, "in_hot_standby") &&
               says_off(connection, "default_transaction_read_only") &&
               atomic_exchange(&read_only, 0)) {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, server,
                     "DOS0107: the database takes changes again");
    }
}

/* A connection of the pool that can be asked; NULL: none. */
static ap_dbd_t *take_connection(PGconn **connection, server_rec *server, apr_pool_t *pool)
{
    apr_time_t asked = apr_time_now();
    ap_dbd_t *handle = NULL;

    if (dossier_gate_enter()) {
        handle = dbd_open(pool, server); /* says itself why not */
        *connection = handle ? apr_dbd_native_handle(handle->driver, handle->handle) : NULL;
        if (handle && !connection_alive(*connection)) {
            dbd_close(server, handle);
            handle = NULL;
        }
        dossier_gate_leave(handle != NULL);
    }
    dossier_timer_add(DOSSIER_TIMER_DB_WAIT, apr_time_now() - asked);
    if (!dossier_gate_is_closed()) {
        note_reachable(handle != NULL, server);
    }
    return handle;
}

static apr_status_t attempt(dossier_db_answer_t *said, server_rec *server, const char *function,
                            const char *text, apr_pool_t *pool)
{
    PGconn *connection;
    ap_dbd_t *handle = take_connection(&connection, server, pool);
    apr_time_t began = apr_time_now();
    apr_status_t status;

    if (!handle) {
        dossier_meter_add(DOSSIER_METER_DB_BREAKS, 1);
        return APR_ECONNREFUSED;
    }
    status = run(said, connection, server, function, text, pool);
    if (status == DOSSIER_DB_READ_ONLY) {
        /* a session keeps what it was told when it began, for as long as it is pooled */
        PQreset(connection);
        dossier_meter_add(DOSSIER_METER_DB_BREAKS, 1);
        if (PQstatus(connection) == CONNECTION_OK) {
            status = run(said, connection, server, function, text, pool);
        }
    }
    if (status == APR_ECONNABORTED || status == APR_EINCOMPLETE) {
        dossier_meter_add(DOSSIER_METER_DB_BREAKS, 1);
    }
    note_read_only(status, connection, server);
    dossier_timer_add(DOSSIER_TIMER_DB_CALL, apr_time_now() - began);
    dbd_close(server, handle);
    dossier_gate_return(status != APR_EINCOMPLETE && status != APR_ECONNABORTED);
    return status;
}

static void count_failure(apr_status_t status)
{
    switch (status) {
    case APR_SUCCESS:
        break;
    case APR_ECONNREFUSED:
        dossier_meter_add(DOSSIER_METER_DB_UNREACHABLE, 1);
        break;
    case DOSSIER_DB_READ_ONLY:
        dossier_meter_add(DOSSIER_METER_DB_READ_ONLY, 1);
        break;
    case APR_ECONNABORTED:
        dossier_meter_add(DOSSIER_METER_DB_LOST, 1);
        break;
    case APR_TIMEUP:
        dossier_meter_add(DOSSIER_METER_DB_TIMEOUT, 1);
        break;
    default:
        dossier_meter_add(DOSSIER_METER_DB_FAILED, 1);
    }
}

apr_status_t dossier_db_ask(dossier_db_answer_t *answer, dossier_db_t *db,
                            const dossier_function_t *function, dossier_json_t *arguments,
                            apr_pool_t *pool)
{
    const char *text = dossier_json_text(arguments, pool);
    apr_status_t status;

    answer->outcome = answer->body = NULL;
    status = attempt(answer, db->server, function->name, text, pool);
    if (status == APR_ECONNABORTED && function->repeat == DOSSIER_DB_REPEATABLE) {
        /* it may have run the first time: only an answer can take that back */
        status = attempt(answer, db->server, function->name, text, pool);
        status = status == APR_SUCCESS ? APR_SUCCESS : APR_ECONNABORTED;
    } else if (status == APR_EAGAIN) {
        status = attempt(answer, db->server, function->name, text, pool);
        status = status == APR_EAGAIN ? APR_TIMEUP : status;
    }
    status = status == APR_EINCOMPLETE ? APR_ECONNABORTED : status; /* once was long enough */
    count_failure(status);
    return status;
}

apr_status_t dossier_db_call(dossier_json_t **result, dossier_db_t *db,
                             const dossier_function_t *function, dossier_json_t *arguments,
                             apr_pool_t *pool)
{
    dossier_db_answer_t answer;
    apr_status_t status = dossier_db_ask(&answer, db, function, arguments, pool);

    *result = NULL;
    if (status == APR_SUCCESS) {
        *result = answer.body ? dossier_json_parse(answer.body, strlen(answer.body), pool)
                              : dossier_json_object(pool);
        if (!*result) {
            return mismatch(db->server, function->name);
        }
        dossier_json_set(*result, "outcome", answer.outcome);
    }
    return status;
}

int dossier_db_outcome_is(const dossier_json_t *result, const char *outcome)
{
    const char *found = dossier_json_get(result, "outcome");

    return found && !strcmp(found, outcome);
}
