/* What works, but will be regretted: told by configtest and at each start, with the cure. */
#include <httpd.h>
#include <apr_file_info.h>
#include <apr_strings.h>
#include <http_config.h>
#include <http_log.h>
#include <unixd.h>

#include <string.h>
#include <unistd.h>

#include "config/config.h"

APLOG_USE_MODULE(mantova_dossier);

/* httpd reads it as root, and its children inherit the keys: nobody else needs the right. */
static void advise_key_file(const dossier_config_t *config, const server_rec *server,
                            apr_pool_t *pool)
{
    apr_finfo_t info;

    if (geteuid() == 0 && ap_unixd_config.user_id != 0 &&
        apr_stat(&info, config->key_file, APR_FINFO_OWNER, pool) == APR_SUCCESS &&
        info.user == ap_unixd_config.user_id) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, server,
                     "DOS0515: DossierKeyFile belongs to %s, and every program that runs as that "
                     "user can read the keys: chown root: %s && chmod 400 %s",
                     ap_unixd_config.user_name, config->key_file, config->key_file);
    }
}

static void advise_vault(const dossier_config_t *config, const server_rec *server, apr_pool_t *pool)
{
    apr_finfo_t info;

    if (apr_stat(&info, config->vault_folder, APR_FINFO_PROT, pool) == APR_SUCCESS &&
        (info.protection & (APR_FPROT_GREAD | APR_FPROT_GWRITE | APR_FPROT_GEXECUTE |
                            APR_FPROT_WREAD | APR_FPROT_WWRITE | APR_FPROT_WEXECUTE))) {
        ap_log_error(
            APLOG_MARK, APLOG_WARNING, 0, server,
            "DOS0516: the directory of DossierVault is open to group or others: chmod 700 %s",
            config->vault_folder);
    }
}

static void advise_facility(const dossier_config_t *config, const server_rec *server)
{
    if (!config->facility_id) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, server,
                     "DOS0517: the virtual host at %s:%u has no DossierFacility: its pages name no "
                     "facility, and no message leads to it",
                     server->defn_name ? server->defn_name : "the main configuration",
                     server->defn_line_number);
    }
}

/* The first DBDParams of the configuration; NULL: none. */
static const char *dbd_params(const ap_directive_t *directive)
{
    const char *found = NULL;

    for (; directive && !found; directive = directive->next) {
        found = !strcasecmp(directive->directive, "DBDParams") ? directive->args
                                                               : dbd_params(directive->first_child);
    }
    return found;
}

/* libpq takes much else (services, the environment), and waits for ever in nearly all of it. */
static void advise_database(const server_rec *server)
{
    const char *params = dbd_params(ap_conftree);
    int local = params && (strstr(params, "host=/") || strstr(params, "host='/"));

    if (params && !strstr(params, "service=") &&
        (!strstr(params, "connect_timeout=") || (!local && !strstr(params, "tcp_user_timeout=")))) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, server,
                     "DOS0518: DBDParams gives no connect_timeout%s: if the database's host "
                     "vanishes, requests hang for minutes. Add what mantova-dossier.conf has",
                     local ? "" : ", or no tcp_user_timeout");
    }
}

void dossier_config_advise(const server_rec *server, int first, apr_pool_t *pool)
{
    const dossier_config_t *config = dossier_config_get(server);

    advise_facility(config, server);
    if (first) { /* all virtual hosts share vault and database, and as a rule the key file */
        advise_key_file(config, server, pool);
        advise_vault(config, server, pool);
        advise_database(server);
    }
}
