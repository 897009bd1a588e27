#include "store/outbox.h"

#include <string.h>

static const char *const outcome_names[] = {NULL, "sent", "retry", "failed"};

/* A row that lacks what every message has is a defect of the database: it is left to its claim. */
static int read_message(dossier_outbox_message_t *message, const dossier_json_t *row)
{
    message->id = dossier_json_get(row, "id");
    message->channel = dossier_json_get(row, "channel");
    message->to = dossier_json_get(row, "to");
    message->template = dossier_json_get(row, "template");
    message->language = dossier_json_get(row, "language");
    message->facility = dossier_json_get(row, "facility");
    message->site_url = dossier_json_get(row, "site_url");
    message->sealed = dossier_json_get(row, "sealed");
    message->code_id = dossier_json_get(row, "code_id");
    message->at = dossier_json_get(row, "at");
    message->device = dossier_json_get(row, "device");
    message->tries = (int)dossier_json_get_int(row, "tries", 0);
    message->urgent = dossier_json_get_bool(row, "urgent", 0);
    message->seconds_left = (int)dossier_json_get_int(row, "seconds_left", 0);
    return message->id && message->channel && message->to && message->template;
}

/* Those that open a code and those that are known to open none ever. */
static dossier_json_t *known_keys(const dossier_keyring_t *keyring, apr_pool_t *pool)
{
    return dossier_json_texts(
        apr_array_append(pool, dossier_keyring_ids(keyring), dossier_keyring_lost_ids(keyring)),
        pool);
}

static dossier_json_t *claim_arguments(const dossier_outbox_claim_t *claim, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);
    dossier_json_set(arguments, "worker", claim->worker);
    dossier_json_set(arguments, "channel", claim->channel);
    dossier_json_set_int(arguments, "limit", claim->limit);
    dossier_json_set_int(arguments, "alert_limit", claim->alert_limit);
    dossier_json_set_value(arguments, "keys", known_keys(claim->keyring, pool));
    if (claim->quiet_from) {
        dossier_json_t *quiet = dossier_json_object(pool);
        dossier_json_set(quiet, "from", claim->quiet_from);
        dossier_json_set(quiet, "until", claim->quiet_until);
        dossier_json_set_value(arguments, "quiet", quiet);
    }
    return arguments;
}

apr_status_t dossier_store_outbox_claim(dossier_outbox_claimed_t *claimed, dossier_db_t *db,
                                        const dossier_outbox_claim_t *claim, apr_pool_t *pool)
{
    dossier_json_t *result;
    const dossier_json_t *rows;
    apr_status_t status;

    *claimed = (dossier_outbox_claimed_t){
        .messages = apr_array_make(pool, claim->limit, sizeof(dossier_outbox_message_t))};
    status =
        dossier_db_call(&result, db, &dossier_fn.outbox_claim, claim_arguments(claim, pool), pool);
    if (status != APR_SUCCESS) {
        return status;
    }
    if (!dossier_db_outcome_is(result, "ok")) {
        return APR_EGENERAL;
    }
    rows = dossier_json_get_value(result, "messages");
    for (apr_size_t i = 0; i < dossier_json_length(rows); i++) {
        dossier_outbox_message_t message;
        if (read_message(&message, dossier_json_at(rows, i))) {
            APR_ARRAY_PUSH(claimed->messages, dossier_outbox_message_t) = message;
        }
    }
    claimed->held = dossier_json_get_bool(result, "held", 0);
    claimed->key_id = dossier_json_get(result, "key_id");
    return APR_SUCCESS;
}

apr_status_t dossier_store_outbox_report(dossier_db_t *db, const char *worker,
                                         const apr_array_header_t *results, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);
    dossier_json_t *rows = dossier_json_array(pool);
    dossier_json_t *result;
    apr_status_t status;

    for (int i = 0; i < results->nelts; i++) {
        const dossier_outbox_result_t *one = &APR_ARRAY_IDX(results, i, dossier_outbox_result_t);
        dossier_json_t *row = dossier_json_object(pool);
        dossier_json_set(row, "id", one->id);
        dossier_json_set(row, "outcome", outcome_names[one->outcome]);
        dossier_json_set(row, "provider_id", one->provider_id);
        dossier_json_set(row, "error", one->error);
        dossier_json_append(rows, row);
    }
    dossier_json_set(arguments, "worker", worker);
    dossier_json_set_value(arguments, "results", rows);
    status = dossier_db_call(&result, db, &dossier_fn.outbox_report, arguments, pool);
    if (status != APR_SUCCESS) {
        return status;
    }
    return dossier_db_outcome_is(result, "ok") ? APR_SUCCESS : APR_EGENERAL;
}
