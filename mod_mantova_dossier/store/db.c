#include "store/db.h"

#include <apr_dbd.h> /* before mod_dbd.h, which does not include it */
#include <httpd.h>
#include <apr_optional.h>
#include <apr_strings.h>
#include <http_log.h>
#include <mod_dbd.h>

#include <stdatomic.h>
#include <string.h>

#include "base/meters.h"
#include "store/connection.h"
#include "store/gate.h"

APLOG_USE_MODULE(mantova_dossier);

struct dossier_db_t {
    server_rec *server;
    const dossier_function_t *judge; /* of the session in which the next call is; NULL: in none */
    dossier_json_t *session;         /* its arguments */
    int each;                        /* every further call is in it too */
    dossier_db_stands_t *stands;
    void *context;
};

/* One statement, and what came of it. */
typedef struct {
    server_rec *server;
    apr_pool_t *pool;
    const char *function;
    const char *sql;
    const char *texts[2]; /* its parameters: the call's arguments, and the session's */
    int count;
    dossier_db_answer_t call;
    dossier_db_answer_t session; /* if it was asked for */
} statement_t;

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

/* Only what cannot hold a person's data: the state, a constraint's name and the place in our
 * function. */
static void log_failure(server_rec *server, const char *function, const PGresult *answer,
                        apr_status_t status, apr_pool_t *pool)
{
    const char *state = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
    const char *constraint = PQresultErrorField(answer, PG_DIAG_CONSTRAINT_NAME);
    const char *context = PQresultErrorField(answer, PG_DIAG_CONTEXT);
    int strange = state && (!strcmp(state, "42883") || !strcmp(state, "42703"));

    if (context && !strncmp(context, "PL/pgSQL", 8)) {
        context = apr_pstrndup(pool, context, strcspn(context, "\n\""));
    } else {
        context = NULL;
    }
    ap_log_error(
        APLOG_MARK, status == APR_EGENERAL ? APLOG_ERR : APLOG_WARNING, 0, server,
        "DOS0101: dossier.%s failed, SQLSTATE %s%s%s%s%s; %s", function,
        state && *state ? state : "none (connection lost)", constraint ? ", constraint " : "",
        constraint ? constraint : "", context ? ", in " : "", context ? context : "",
        strange
            ? "module and database are of two versions: run mantova-dossier migrate of the later, "
              "then restart httpd"
            : "the PostgreSQL log of this moment says more");
}

static const char *field(const PGresult *answer, int row, int column, apr_pool_t *pool)
{
    return PQgetisnull(answer, row, column)
               ? NULL
               : apr_pstrmemdup(pool, PQgetvalue(answer, row, column),
                                (apr_size_t)PQgetlength(answer, row, column));
}

static apr_status_t mismatch(server_rec *server, const char *function)
{
    ap_log_error(APLOG_MARK, APLOG_ERR, 0, server,
                 "DOS0102: dossier.%s did not answer with an outcome and a JSON object: module and "
                 "database are of two versions: run mantova-dossier migrate of the later, then "
                 "restart httpd",
                 function);
    return APR_EGENERAL;
}

static dossier_db_answer_t read_answer(const PGresult *answer, int row, apr_pool_t *pool)
{
    return (dossier_db_answer_t){.outcome = field(answer, row, 0, pool),
                                 .body = field(answer, row, 1, pool)};
}

static int stands(const dossier_db_answer_t *session)
{
    return session->outcome && !strcmp(session->outcome, "ok");
}

/* The session's answer, if it was asked for, comes first, and the call's only where the session stands. */
static apr_status_t read_rows(statement_t *asked, const PGresult *answer)
{
    int rows = PQntuples(answer);
    int wanted = 1;

    if (rows && asked->count == 2) {
        asked->session = read_answer(answer, 0, asked->pool);
        wanted = stands(&asked->session) ? 2 : 1;
    }
    if (rows != wanted) {
        return mismatch(asked->server, asked->function);
    }
    asked->call = read_answer(answer, rows - 1, asked->pool);
    return asked->call.outcome ? APR_SUCCESS : mismatch(asked->server, asked->function);
}

/* APR_EINCOMPLETE: given up. */
static apr_status_t run(statement_t *asked, PGconn *connection)
{
    PGresult *answer = dossier_connection_ask(connection, asked->sql, asked->texts, asked->count);
    apr_status_t status;

    if (!answer && dossier_gate_is_closed()) {
        return APR_EINCOMPLETE; /* this process ends */
    }
    if (!answer) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, asked->server,
                     "DOS0105: dossier.%s had no answer within %d s, and its connection was "
                     "closed: has the database's host vanished? statement_timeout, "
                     "tcp_user_timeout and keepalives in DBDParams notice it sooner",
                     asked->function, DOSSIER_CONNECTION_LIMIT);
        return APR_EINCOMPLETE;
    }
    if (PQresultStatus(answer) == PGRES_TUPLES_OK) {
        status = read_rows(asked, answer);
    } else {
        status = dossier_connection_status(answer, connection);
        log_failure(asked->server, asked->function, answer, status, asked->pool);
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

static void note_read_only(apr_status_t status, const PGconn *connection, server_rec *server)
{
    if (status == DOSSIER_DB_READ_ONLY) {
        if (!atomic_exchange(&read_only, 1)) {
            ap_log_error(APLOG_MARK, APLOG_ERR, 0, server,
                         "DOS0103: the database is read-only, and nothing can be changed: is it a "
                         "standby, or is default_transaction_read_only set?");
        }
    } else if (status == APR_SUCCESS && read_only && dossier_connection_takes_changes(connection) &&
               atomic_exchange(&read_only, 0)) {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, server,
                     "DOS0107: the database takes changes again");
    }
}

/* A connection of the pool that can be asked; NULL: none. */
static ap_dbd_t *take_connection(PGconn **connection, dossier_gate_pass_t *pass, server_rec *server,
                                 apr_pool_t *pool)
{
    apr_time_t asked = apr_time_now();
    ap_dbd_t *handle = NULL;

    if (dossier_gate_enter(pass)) {
        handle = dbd_open(pool, server); /* says itself why not */
        *connection = handle ? apr_dbd_native_handle(handle->driver, handle->handle) : NULL;
        if (handle && !dossier_connection_alive(*connection)) {
            dbd_close(server, handle);
            handle = NULL;
        }
        if (handle) {
            dossier_gate_locate(PQhost(*connection), PQhostaddr(*connection));
        }
        dossier_gate_leave(pass, handle != NULL);
    }
    if (handle) { /* of an outage, refused at once, the waits would look short */
        dossier_timer_add(DOSSIER_TIMER_DB_WAIT, apr_time_now() - asked);
    }
    if (!dossier_gate_is_closed()) {
        note_reachable(handle != NULL, server);
    }
    return handle;
}

static apr_status_t attempt(statement_t *asked)
{
    dossier_gate_pass_t pass;
    PGconn *connection;
    ap_dbd_t *handle = take_connection(&connection, &pass, asked->server, asked->pool);
    apr_time_t began = apr_time_now();
    apr_status_t status;

    if (!handle) {
        dossier_meter_add(DOSSIER_METER_DB_BREAKS, 1);
        return APR_ECONNREFUSED;
    }
    status = run(asked, connection);
    if (status == DOSSIER_DB_READ_ONLY) {
        /* a session keeps what it was told when it began, for as long as it is pooled */
        PQreset(connection);
        dossier_meter_add(DOSSIER_METER_DB_BREAKS, 1);
        if (PQstatus(connection) == CONNECTION_OK) {
            status = run(asked, connection);
        }
    }
    if (status == APR_ECONNABORTED || status == APR_EINCOMPLETE) {
        dossier_meter_add(DOSSIER_METER_DB_BREAKS, 1);
    }
    note_read_only(status, connection, asked->server);
    dossier_timer_add(DOSSIER_TIMER_DB_CALL, apr_time_now() - began);
    dbd_close(asked->server, handle);
    dossier_gate_return(&pass, status != APR_EINCOMPLETE && status != APR_ECONNABORTED);
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

/* In a session the judge is asked first, and the call only where it says so: sql/in_session.sql. */
static void write_statement(statement_t *asked, dossier_json_t *session)
{
    asked->sql = apr_pstrcat(asked->pool, "SELECT outcome, body FROM dossier.", asked->function,
                             session ? "($2::jsonb, $1::jsonb)" : "($1::jsonb)", NULL);
    asked->texts[1] = session ? dossier_json_text(session, asked->pool) : NULL;
    asked->count = session ? 2 : 1;
}

static apr_status_t ask(statement_t *asked, const dossier_function_t *function)
{
    apr_status_t status = attempt(asked);

    if (status == APR_ECONNABORTED && function->repeat == DOSSIER_DB_REPEATABLE) {
        /* it may have run the first time: only an answer can take that back */
        status = attempt(asked);
        status = status == APR_SUCCESS ? APR_SUCCESS : APR_ECONNABORTED;
    } else if (status == APR_EAGAIN) {
        status = attempt(asked);
        status = status == APR_EAGAIN ? APR_TIMEUP : status;
    }
    status = status == APR_EINCOMPLETE ? APR_ECONNABORTED : status; /* once was long enough */
    count_failure(status);
    return status;
}

void dossier_db_in_session(dossier_db_t *db, const dossier_function_t *judge,
                           dossier_json_t *arguments, dossier_db_stands_t *stands, void *context)
{
    db->judge = judge;
    db->session = arguments;
    db->stands = stands;
    db->context = context;
}

apr_status_t dossier_db_ask(dossier_db_answer_t *answer, dossier_db_t *db,
                            const dossier_function_t *function, dossier_json_t *arguments,
                            apr_pool_t *pool)
{
    statement_t asked = {.server = db->server, .pool = pool, .function = function->name};
    int first = db->judge != NULL;
    apr_status_t status;

    asked.texts[0] = dossier_json_text(arguments, pool);
    write_statement(&asked, first || db->each ? db->session : NULL);
    db->judge = NULL;
    status = ask(&asked, function);
    *answer = asked.call;
    if (first && status == APR_SUCCESS && stands(&asked.session)) {
        db->stands(db->context, asked.session.body);
    }
    return status;
}

apr_status_t dossier_db_judge(dossier_db_answer_t *answer, dossier_db_t *db, apr_pool_t *pool)
{
    const dossier_function_t *judge = db->judge;
    apr_status_t status;

    *answer = (dossier_db_answer_t){.outcome = "ok"};
    if (!judge) {
        return APR_SUCCESS;
    }
    db->judge = NULL;
    status = dossier_db_ask(answer, db, judge, db->session, pool);
    if (status == APR_SUCCESS && stands(answer)) {
        db->stands(db->context, answer->body);
    }
    return status;
}

void dossier_db_stay_in_session(dossier_db_t *db)
{
    db->each = 1;
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
