#include "store/db.h"

#include <httpd.h>
#include <http_log.h>
#include <apr_optional.h>
#include <apr_strings.h>
#include <apr_dbd.h> /* before mod_dbd.h, which does not include it */
#include <mod_dbd.h>
#include <libpq-fe.h>

#include <string.h>

#include "domain/meters.h"

APLOG_USE_MODULE(mantova_dossier);

struct dossier_db_t {
    server_rec *server;
};

/* Set once after configuration, read-only afterwards. */
static APR_OPTIONAL_FN_TYPE(ap_dbd_open) * dbd_open;
static APR_OPTIONAL_FN_TYPE(ap_dbd_close) * dbd_close;

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

/* A connection whose server went away while it waited in the pool is noticed here, before anything
   is sent: so a restart of PostgreSQL costs no request, whether repeatable or not. Twice, because
   what the server says before it goes and its end are two readings. */
static int connection_alive(PGconn *connection)
{
    if (!PQconsumeInput(connection) || !PQconsumeInput(connection) ||
        PQstatus(connection) != CONNECTION_OK) {
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
    if (!strcmp(state, "57P03") || !strcmp(state, "53300") || !strcmp(state, "25006")) {
        return APR_ECONNREFUSED; /* starting up, full, or a standby: nothing ran */
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

static apr_status_t run(dossier_json_t **result, PGconn *connection, server_rec *server,
                        const char *function, const char *text, apr_pool_t *pool)
{
    const char *sql = apr_pstrcat(pool, "SELECT dossier.", function, "($1::jsonb)", NULL);
    PGresult *answer = PQexecParams(connection, sql, 1, NULL, &text, NULL, NULL, 0);
    apr_status_t status = APR_SUCCESS;

    if (PQresultStatus(answer) == PGRES_TUPLES_OK && PQntuples(answer) == 1) {
        const char *value = PQgetvalue(answer, 0, 0);

        *result = dossier_json_parse(value, strlen(value), pool);
        if (!*result) {
            ap_log_error(
                APLOG_MARK, APLOG_ERR, 0, server,
                "DOS0102: dossier.%s answered no JSON object: the functions in the database "
                "do not fit this module, run sql/migrate.sh",
                function);
            status = APR_EGENERAL;
        }
    } else {
        status = status_of(PQresultErrorField(answer, PG_DIAG_SQLSTATE), connection);
        log_failure(server, function, answer, status, pool);
    }
    PQclear(answer);
    return status;
}

static apr_status_t attempt(dossier_json_t **result, server_rec *server, const char *function,
                            const char *text, apr_pool_t *pool)
{
    apr_time_t asked = apr_time_now();
    ap_dbd_t *handle = dbd_open(pool, server);
    apr_time_t began = apr_time_now();
    PGconn *connection;
    apr_status_t status = APR_ECONNREFUSED;

    dossier_timer_add(DOSSIER_TIMER_DB_WAIT, began - asked);
    if (!handle) {
        return APR_ECONNREFUSED; /* mod_dbd has logged why */
    }
    connection = apr_dbd_native_handle(handle->driver, handle->handle);
    if (connection_alive(connection)) {
        status = run(result, connection, server, function, text, pool);
        dossier_timer_add(DOSSIER_TIMER_DB_CALL, apr_time_now() - began);
    }
    dbd_close(server, handle);
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

apr_status_t dossier_db_call(dossier_json_t **result, dossier_db_t *db, const char *function,
                             dossier_json_t *arguments, dossier_db_repeat_t repeat,
                             apr_pool_t *pool)
{
    const char *text = dossier_json_text(arguments, pool);
    apr_status_t status;

    *result = NULL;
    status = attempt(result, db->server, function, text, pool);
    if (status == APR_ECONNABORTED && repeat == DOSSIER_DB_REPEATABLE) {
        /* it may have run the first time: only an answer can take that back */
        status = attempt(result, db->server, function, text, pool);
        status = status == APR_SUCCESS ? APR_SUCCESS : APR_ECONNABORTED;
    } else if (status == APR_EAGAIN) {
        status = attempt(result, db->server, function, text, pool);
        status = status == APR_EAGAIN ? APR_TIMEUP : status;
    }
    count_failure(status);
    return status;
}
