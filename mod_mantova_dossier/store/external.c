#include "store/external.h"

dossier_json_t *dossier_external_arguments(const dossier_external_t *key, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "integrator_id", key->integrator_id);
    dossier_json_set(arguments, "key_id", key->key_id);
    dossier_json_set(arguments, "external_id", key->external_id);
    dossier_json_set(arguments, "address", key->address);
    dossier_json_set(arguments, "if_match", key->if_match);
    return dossier_json_set(arguments, "if_none_match", key->if_none_match);
}
