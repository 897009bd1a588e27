/* A connection of the pool, as libpq has it: whether it is there, a statement with a limit of time, what a failure means. */
#ifndef DOSSIER_STORE_CONNECTION_H
#define DOSSIER_STORE_CONNECTION_H

#include <apr_errno.h>
#include <libpq-fe.h>

/* Seconds; longer than any statement_timeout that makes sense here: the host has vanished. */
#define DOSSIER_CONNECTION_LIMIT 15

/* 1: it can be asked, perhaps after it was made anew. */
int dossier_connection_alive(PGconn *connection);

/* The answer, to be cleared by the caller; NULL: given up after the limit, or because this process ends, and the
   connection is of no use any more. */
PGresult *dossier_connection_ask(PGconn *connection, const char *sql, const char *const *texts,
                                 int count);

/* Of an answer that is a failure: a status of dossier_db_ask(), or APR_EAGAIN: rolled back whole by a deadlock or a
   conflict. */
apr_status_t dossier_connection_status(const PGresult *answer, const PGconn *connection);

/* 0: a standby, or default_transaction_read_only, as far as the server has said so. */
int dossier_connection_takes_changes(const PGconn *connection);

#endif
