#include "operator/key_metrics.h"

#include <httpd.h>
#include <apr_tables.h>
#include <http_main.h>
#include <http_protocol.h>

#include "config/config.h"

static const char HELD[] = "1";
static const char MISSING[] = "0";

/* Key ids with HELD or MISSING: those of this node's key files, and those that rows need. */
static apr_table_t *all_keys(request_rec *r, const dossier_json_t *keys)
{
    apr_table_t *all = apr_table_make(r->pool, 8);

    for (const server_rec *server = ap_server_conf; (server = dossier_config_next(server));
         server = server->next) {
        const apr_array_header_t *ids = dossier_keyring_ids(dossier_config_get(server)->keyring);

        for (int i = 0; i < ids->nelts; i++) {
            apr_table_setn(all, APR_ARRAY_IDX(ids, i, const char *), HELD);
        }
    }
    for (apr_size_t i = 0; i < dossier_json_length(keys); i++) {
        const char *id = dossier_json_get(dossier_json_at(keys, i), "key_id");

        if (id && !apr_table_get(all, id)) {
            apr_table_setn(all, id, MISSING);
        }
    }
    return all;
}

static int write_held(void *r, const char *id, const char *held)
{
    ap_rprintf(r, "dossier_key_held{key=\"%s\"} %s\n", id, held);
    return 1;
}

void dossier_operator_write_keys(request_rec *r, const dossier_json_t *keys)
{
    static const char *const kinds[] = {"documents", "activation_codes", "verification_codes",
                                        "messages"};

    ap_rputs("# HELP dossier_key_held 1: DossierKeyFile holds the key; 0: rows need it, and it "
             "does not.\n# TYPE dossier_key_held gauge\n",
             r);
    apr_table_do(write_held, r, all_keys(r, keys), NULL);
    ap_rputs("# HELP dossier_key_rows Rows that need the key; a key that is not here is needed by "
             "none.\n# TYPE dossier_key_rows gauge\n",
             r);
    for (apr_size_t i = 0; i < dossier_json_length(keys); i++) {
        const dossier_json_t *key = dossier_json_at(keys, i);

        for (int k = 0; k < 4; k++) {
            ap_rprintf(r, "dossier_key_rows{key=\"%s\",kind=\"%s\"} %" APR_INT64_T_FMT "\n",
                       dossier_json_get(key, "key_id"), kinds[k],
                       dossier_json_get_int(key, kinds[k], 0));
        }
    }
}
