/* `apachectl configtest`: every mistake that can be known without a database is an error here, with
   the directive's name and the cure, and no surprise at the first request. */
#include <httpd.h>
#include <ap_mpm.h>
#include <apr_file_info.h>
#include <apr_strings.h>
#include <http_log.h>
#include <unixd.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "config/directives_gateway.h"

APLOG_USE_MODULE(mantova_dossier);

typedef struct {
    const char *module;
    const char *why;
} needed_t;

static const needed_t needed_modules[] = {
    {"mod_dbd.c", "the pooled connections to PostgreSQL"},
    {"mod_watchdog.c", "sending messages and removing expired documents"},
    {NULL, NULL},
};

static int folder_exists(const char *path, apr_pool_t *pool)
{
    apr_finfo_t info;

    return apr_stat(&info, path, APR_FINFO_TYPE, pool) == APR_SUCCESS && info.filetype == APR_DIR;
}

/* Started by root, the children still run as somebody else, who must be able to write. */
static int foreign(const char *folder, apr_pool_t *pool)
{
    apr_finfo_t info;

    return geteuid() == 0 && apr_stat(&info, folder, APR_FINFO_OWNER, pool) == APR_SUCCESS &&
           info.user != ap_unixd_config.user_id;
}

/* The first folder of a vault that does not belong to its writer; NULL: none. */
static const char *foreign_below(const char *vault, apr_pool_t *pool)
{
    static const char *const names[] = {"tmp", "keys", "destroyed", "quarantine"};

    for (apr_size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *folder = apr_pstrcat(pool, vault, "/", names[i], NULL);

        if (folder_exists(folder, pool) && !foreign(vault, pool) && foreign(folder, pool)) {
            return folder;
        }
    }
    return NULL;
}

/* Whether a path is the folder, or lies in it, once links are followed. */
static int lies_in(const char *path, const char *folder)
{
    char real[PATH_MAX];
    char outer[PATH_MAX];
    apr_size_t length;

    if (!path || !realpath(path, real) || !realpath(folder, outer)) {
        return 0;
    }
    length = strlen(outer);
    return !strncmp(real, outer, length) && (real[length] == '/' || !real[length]);
}

/* What is swept, backed up and guarded as documents are may hold nothing else. */
static const char *overlap(const dossier_config_t *config)
{
    if (lies_in(config->spool, config->vault_folder) ||
        (config->spool && lies_in(config->vault_folder, config->spool))) {
        return "DossierSpool and DossierVault lie one within the other: give each a directory of "
               "its own";
    }
    if (lies_in(config->key_file, config->vault_folder)) {
        return "DossierKeyFile lies in DossierVault, so that whoever copies the documents has the "
               "keys too: move it, to /etc/mantova-dossier for example";
    }
    return NULL;
}

/* NULL, or what is wrong with the directives of one virtual host. */
static const char *mistake(const dossier_config_t *config, apr_pool_t *pool)
{
    dossier_keyring_t *ring;
    dossier_vault_t *vault;
    const char *error = NULL;

    if (!config->key_file) {
        return "DossierKeyFile is missing: name the file of the key-encryption keys";
    }
    if (!config->vault_folder) {
        return "DossierVault is missing: name the directory for the sealed documents";
    }
    if (!config->public_url) {
        return "DossierPublicUrl is missing: give the portal's address, https://host[:port]";
    }
    if (config->spool && !folder_exists(config->spool, pool)) {
        return apr_psprintf(
            pool,
            "DossierSpool: %s is not a directory: create it, owned by the user httpd "
            "runs as",
            config->spool);
    }
    error = foreign_below(config->vault_folder, pool);
    if (error) {
        return apr_psprintf(pool,
                            "DossierVault: %s must belong to %s, the user httpd runs as, like the "
                            "vault and everything below it: chown -R %s %s",
                            error, ap_unixd_config.user_name, ap_unixd_config.user_name, error);
    }
    if (foreign(config->vault_folder, pool) || (config->spool && foreign(config->spool, pool))) {
        return apr_psprintf(
            pool,
            "DossierVault, DossierSpool: the directory must belong to %s, the user httpd runs as. "
            "If the vault stands on a file system of its own, mount that; "
            "chown only what is new and empty",
            ap_unixd_config.user_name);
    }
    if (!config->spool && !config->sms) {
        return "DossierSmsGateway is missing: without it no patient receives a verification code "
               "(DossierSpool writes messages to a directory instead, for trials)";
    }
    error = overlap(config);
    if (!error) {
        error = dossier_gateway_mistake(config, pool);
    }
    if (error) {
        return error;
    }
    if (config->smtp_url && !config->mail_from) {
        return "DossierMailFrom is missing: DossierSmtp needs a sender's address";
    }
    if (dossier_keyring_load(&ring, &error, config->key_file, pool) != APR_SUCCESS) {
        return apr_pstrcat(pool, "DossierKeyFile: ", error, NULL);
    }
    if (dossier_vault_open(&vault, &error, config->vault_folder, ring, pool) != APR_SUCCESS) {
        return apr_pstrcat(pool, "DossierVault: ", error, NULL);
    }
    return NULL;
}

static int shares_address(const server_rec *a, const server_rec *b)
{
    for (const server_addr_rec *one = a->addrs; one; one = one->next) {
        for (const server_addr_rec *other = b->addrs; other; other = other->next) {
            if (one->host_port == other->host_port && one->host_addr && other->host_addr &&
                apr_sockaddr_equal(one->host_addr, other->host_addr)) {
                return 1;
            }
        }
    }
    return 0;
}

/* httpd reads the header of a request by the limits of the first virtual host of its address,
   before it knows which one is meant; what that one refuses never reaches the portal. */
static void warn_of_limits(const server_rec **told, const server_rec *servers,
                           const server_rec *portal)
{
    const server_rec *first = portal;

    /* httpd lists the virtual hosts from the last to the first */
    for (const server_rec *server = servers->next; server; server = server->next) {
        first = shares_address(server, portal) ? server : first;
    }
    if (first->defn_name && first != *told &&
        (first->limit_req_fieldsize < portal->limit_req_fieldsize ||
         first->limit_req_fields < portal->limit_req_fields ||
         first->limit_req_line < portal->limit_req_line)) {
        *told = first;
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, portal,
                     "DOS0520: the virtual host at %s:%u comes first at this address and allows "
                     "smaller headers than the portal: cookies of other sites may shut a patient "
                     "out. Give it LimitRequestFieldSize %d, LimitRequestFields %d, "
                     "LimitRequestLine %d too",
                     first->defn_name, first->defn_line_number, portal->limit_req_fieldsize,
                     portal->limit_req_fields, portal->limit_req_line);
    }
}

static int is_threaded(void)
{
    int threaded = AP_MPMQ_NOT_SUPPORTED;

    return ap_mpm_query(AP_MPMQ_IS_THREADED, &threaded) == APR_SUCCESS &&
           threaded != AP_MPMQ_NOT_SUPPORTED;
}

/* All share one database, and it knows one vault: a document of one would be missing in the other.
 */
static const char *other_vault(const dossier_config_t *config, const dossier_config_t *first,
                               apr_pool_t *pool)
{
    if (!config->vault_folder || !strcmp(config->vault_folder, first->vault_folder)) {
        return NULL;
    }
    return apr_psprintf(pool,
                        "DossierVault is %s here and %s in another virtual host: all share one "
                        "database, and so one vault. Say it once, outside the virtual hosts",
                        config->vault_folder, first->vault_folder);
}

int dossier_config_check(apr_pool_t *pool, apr_pool_t *log, apr_pool_t *temporary,
                         server_rec *server)
{
    const server_rec *servers = server;
    const server_rec *told = NULL;
    const dossier_config_t *first = NULL;
    int engines = 0;

    (void)pool;
    (void)log;
    for (; server; server = server->next) {
        const dossier_config_t *config = dossier_config_get(server);
        const char *wrong;

        if (config->engine != 1) {
            continue;
        }
        engines++;
        first = first ? first : config;
        wrong = other_vault(config, first, temporary);
        wrong = wrong ? wrong : mistake(config, temporary);
        if (wrong) {
            ap_log_error(APLOG_MARK, APLOG_EMERG, 0, server, "DOS0503: %s (virtual host at %s:%u)",
                         wrong, server->defn_name ? server->defn_name : "the main configuration",
                         server->defn_line_number);
            return HTTP_INTERNAL_SERVER_ERROR;
        }
        warn_of_limits(&told, servers, server);
        dossier_config_advise(server, engines == 1, temporary);
    }
    if (engines && !is_threaded()) {
        ap_log_error(APLOG_MARK, APLOG_EMERG, 0, NULL,
                     "DOS0519: DossierEngine needs an MPM with threads: with prefork each of "
                     "hundreds of processes has connections to the database and threads of its "
                     "own. On Debian: a2dismod mpm_prefork, a2enmod mpm_event (PHP as php-fpm)");
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    for (const needed_t *need = needed_modules; engines && need->module; need++) {
        if (!ap_find_linked_module(need->module)) {
            ap_log_error(APLOG_MARK, APLOG_EMERG, 0, NULL,
                         "DOS0504: DossierEngine needs %.*s for %s: load it (a2enmod on Debian)",
                         (int)(strlen(need->module) - 2), need->module, need->why);
            return HTTP_INTERNAL_SERVER_ERROR;
        }
    }
    return OK;
}
