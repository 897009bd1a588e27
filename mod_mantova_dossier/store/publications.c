#include "store/publications.h"

static dossier_json_t *publication_arguments(const dossier_publication_t *publication,
                                             apr_pool_t *pool)
{
    dossier_json_t *metadata = dossier_json_object(pool);
    dossier_json_t *arguments;

    dossier_json_set(metadata, "facility", publication->facility);
    dossier_json_set(metadata, "codice_fiscale", publication->codice_fiscale);
    dossier_json_set(metadata, "acceptance", publication->acceptance);
    dossier_json_set(metadata, "title", publication->title);
    dossier_json_set(metadata, "type", publication->type);
    dossier_json_set(metadata, "issued_at", publication->issued_at);
    dossier_json_set(metadata, "author", publication->author);
    dossier_json_set(metadata, "class", publication->class_name);
    dossier_json_set_bool(metadata, "told_by_doctor", publication->told_by_doctor);
    if (publication->hold >= 0) {
        dossier_json_set_bool(metadata, "hold", publication->hold);
    }
    dossier_json_set(metadata, "hold_until", publication->hold_until);
    dossier_json_set_bool(metadata, "republish", publication->republish);
    arguments = dossier_external_arguments(&publication->key, pool);

    dossier_json_set(arguments, "vault", publication->vault_id);
    return dossier_json_set_value(arguments, "metadata", metadata);
}

static dossier_json_t *receipt_argument(const dossier_vault_receipt_t *receipt, apr_pool_t *pool)
{
    dossier_json_t *argument = dossier_json_object(pool);

    dossier_json_set(argument, "object_id", receipt->object_id);
    dossier_json_set_int(argument, "size", receipt->size);
    dossier_json_set(argument, "sha256", receipt->sha256);
    dossier_json_set(argument, "key_id", receipt->key_id);
    dossier_json_set(argument, "wrapped_key", receipt->wrapped_key);
    return argument;
}

apr_status_t dossier_store_document_prepare(dossier_json_t **result, dossier_db_t *db,
                                            const dossier_publication_t *publication,
                                            apr_pool_t *pool)
{
    return dossier_db_call(result, db, &dossier_fn.document_prepare,
                           publication_arguments(publication, pool), pool);
}

static dossier_json_t *publish_arguments(const dossier_publication_t *publication,
                                         const dossier_vault_receipt_t *receipt,
                                         const char *media_type, int retention_days,
                                         apr_pool_t *pool)
{
    dossier_json_t *arguments = publication_arguments(publication, pool);

    dossier_json_set_value(arguments, "receipt", receipt_argument(receipt, pool));
    dossier_json_set(arguments, "media_type", media_type);
    return dossier_json_set_int(arguments, "retention_days", retention_days);
}

apr_status_t dossier_store_document_publish(dossier_json_t **result, dossier_db_t *db,
                                            const dossier_publication_t *publication,
                                            const dossier_vault_receipt_t *receipt,
                                            const char *media_type, int retention_days,
                                            apr_pool_t *pool)
{
    dossier_json_t *arguments =
        publish_arguments(publication, receipt, media_type, retention_days, pool);

    /* where the bytes went, which may no longer be where they were to go */
    dossier_json_set(arguments, "vault", receipt->vault_id);
    /* never by itself again: another publication may have replaced this one and removed its file
       meanwhile; the integrator sends the document again, which is a new file */
    return dossier_db_call(result, db, &dossier_fn.document_publish, arguments, pool);
}

apr_status_t dossier_store_document_dry_run(dossier_json_t **result, dossier_db_t *db,
                                            const dossier_publication_t *publication,
                                            const dossier_vault_receipt_t *receipt,
                                            const char *media_type, int retention_days,
                                            apr_pool_t *pool)
{
    return dossier_db_call(
        result, db, &dossier_fn.document_dry_run,
        receipt ? publish_arguments(publication, receipt, media_type, retention_days, pool)
                : publication_arguments(publication, pool),
        pool);
}

apr_status_t dossier_store_document_state(dossier_json_t **result, dossier_db_t *db,
                                          const dossier_external_t *key, apr_pool_t *pool)
{
    return dossier_db_call(result, db, &dossier_fn.document_state,
                           dossier_external_arguments(key, pool), pool);
}

apr_status_t dossier_store_document_release(dossier_json_t **result, dossier_db_t *db,
                                            const dossier_external_t *key, int told_by_doctor,
                                            int retention_days, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_external_arguments(key, pool);

    dossier_json_set_bool(arguments, "told_by_doctor", told_by_doctor);
    dossier_json_set_int(arguments, "retention_days", retention_days);
    return dossier_db_call(result, db, &dossier_fn.document_release, arguments, pool);
}

apr_status_t dossier_store_document_withdraw(dossier_json_t **result, dossier_db_t *db,
                                             const dossier_external_t *key, apr_pool_t *pool)
{
    return dossier_db_call(result, db, &dossier_fn.document_withdraw,
                           dossier_external_arguments(key, pool), pool);
}
