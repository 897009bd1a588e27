#include "config/config.h"

#include <httpd.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <unixd.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret_file.h"

APLOG_USE_MODULE(mantova_dossier);

#define DEFAULT_RETENTION_DAYS 60
#define DEFAULT_AUDIT_MONTHS 24
#define DEFAULT_QUARANTINE_DAYS 90
/* Garante per la protezione dei dati personali, guidelines on online reports of 19 November 2009 */
#define GUIDELINE_RETENTION_DAYS 45
#define DEFAULT_DOCUMENT_SIZE ((apr_off_t)100 * 1024 * 1024)
#define DEFAULT_PASSWORD_WORKERS 2

const dossier_config_t *dossier_config_get(const server_rec *server)
{
    return ap_get_module_config(server->module_config, &mantova_dossier_module);
}

int dossier_config_is_on(const server_rec *server)
{
    return dossier_config_get(server)->engine == 1;
}

const server_rec *dossier_config_next(const server_rec *server)
{
    while (server && !dossier_config_is_on(server)) {
        server = server->next;
    }
    return server;
}

const dossier_config_t *dossier_config_of_facility(const server_rec *server, const char *facility)
{
    for (; facility && (server = dossier_config_next(server)); server = server->next) {
        const dossier_config_t *config = dossier_config_get(server);

        if (config->facility_id && !strcmp(config->facility_id, facility)) {
            return config;
        }
    }
    return NULL;
}

/* The first in the configuration is the last in the list: httpd keeps its virtual hosts backwards.
 */
server_rec *dossier_config_first(server_rec *server)
{
    server_rec *first = NULL;

    for (; server; server = server->next) {
        if (dossier_config_is_on(server)) {
            first = server;
        }
    }
    return first;
}

void *dossier_config_create(apr_pool_t *pool, server_rec *server)
{
    dossier_config_t *config = apr_pcalloc(pool, sizeof(*config));

    (void)server;
    config->engine = -1;
    config->minor_handover = -1;
    return config;
}

/* Numbers use 0 for "not said"; the defaults are filled in when the server starts. */
void *dossier_config_merge(apr_pool_t *pool, void *base_config, void *added_config)
{
    const dossier_config_t *base = base_config;
    const dossier_config_t *added = added_config;
    dossier_config_t *config = apr_pcalloc(pool, sizeof(*config));

#define MERGE(field) config->field = added->field ? added->field : base->field
    config->engine = added->engine != -1 ? added->engine : base->engine;
    config->minor_handover =
        added->minor_handover != -1 ? added->minor_handover : base->minor_handover;
    MERGE(facility_id);
    MERGE(facility_name);
    MERGE(facility_colour);
    MERGE(facility_logo);
    MERGE(desk);
    MERGE(vault_folder);
    MERGE(key_file);
    MERGE(retention_days);
    MERGE(audit_months);
    MERGE(quarantine_days);
    MERGE(max_document_size);
    MERGE(sms);
    MERGE(receipts);
    MERGE(secret_file);
    MERGE(smtp_url);
    MERGE(mail_from);
    MERGE(sms_limits);
    MERGE(mail_limits);
    MERGE(sms_prefixes);
    MERGE(quiet_from);
    MERGE(quiet_until);
    MERGE(public_url);
    MERGE(password_workers);
    MERGE(spool);
#undef MERGE
    return config;
}

static void fill_defaults(dossier_config_t *config)
{
    static dossier_gateway_limits_t sms_limits = {.at_once = 8, .per_second = 20};
    static dossier_gateway_limits_t mail_limits = {.at_once = 8, .per_second = 20};

    if (!config->sms_limits) {
        config->sms_limits = &sms_limits;
    }
    if (!config->mail_limits) {
        config->mail_limits = &mail_limits;
    }
    if (!config->retention_days) {
        config->retention_days = DEFAULT_RETENTION_DAYS;
    }
    if (!config->audit_months) {
        config->audit_months = DEFAULT_AUDIT_MONTHS;
    }
    if (!config->quarantine_days) {
        config->quarantine_days = DEFAULT_QUARANTINE_DAYS;
    }
    if (!config->max_document_size) {
        config->max_document_size = DEFAULT_DOCUMENT_SIZE;
    }
    if (!config->password_workers) {
        config->password_workers = DEFAULT_PASSWORD_WORKERS;
    }
}

/* The file whose bytes are the places for password hashing (http/workers.c). Made while we may
   still be root, so that it must be handed to the user the children run as. */
static apr_status_t make_worker_lock(dossier_config_t *config, apr_pool_t *pool)
{
    int fd;

    config->worker_lock = ap_runtime_dir_relative(pool, "dossier-password.lock");
    fd = open(config->worker_lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return APR_FROM_OS_ERROR(errno);
    }
    if (geteuid() == 0 && fchown(fd, ap_unixd_config.user_id, (gid_t)-1) < 0) {
        close(fd);
        return APR_FROM_OS_ERROR(errno);
    }
    close(fd);
    return APR_SUCCESS;
}

static apr_status_t load_secrets(dossier_config_t *config, const char **error, apr_pool_t *pool)
{
    static const dossier_template_value_t none = {NULL, NULL};
    apr_status_t status = APR_SUCCESS;

    config->secrets = &none;
    if (config->secret_file) {
        status = dossier_secret_file_load(&config->secrets, error, config->secret_file, pool);
    }
    if (status == APR_SUCCESS && config->smtp_url) {
        config->smtp_url =
            dossier_template_expand(config->smtp_url, config->secrets, DOSSIER_TEMPLATE_URL, pool);
    }
    return status;
}

static int open_one(dossier_config_t *config, server_rec *server, apr_pool_t *pool)
{
    dossier_keyring_t *ring;
    const char *error = NULL;
    apr_status_t status;

    fill_defaults(config);
    status = load_secrets(config, &error, pool);
    if (status == APR_SUCCESS) {
        status = dossier_keyring_load(&ring, &error, config->key_file, pool);
    }
    if (status == APR_SUCCESS) {
        config->keyring = ring;
        status = dossier_vault_open(&config->vault, &error, config->vault_folder, ring, pool);
    }
    if (status != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_EMERG, status, server, "DOS0501: %s", error);
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    status = make_worker_lock(config, pool);
    if (status != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_EMERG, status, server,
                     "DOS0502: cannot create %s: DefaultRuntimeDir must name a directory that "
                     "httpd may write to",
                     config->worker_lock);
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    return OK;
}

/* The patients' guide promises sixty days; whoever answers for the portal is to know the other
 * number. */
static void note_retention(const dossier_config_t *config, server_rec *server)
{
    ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, server,
                 "DOS0590: DossierRetentionDays is %d: the Garante's guidelines on online reports "
                 "of 2009 speak of at most %d days",
                 config->retention_days, GUIDELINE_RETENTION_DAYS);
}

int dossier_config_open(apr_pool_t *pool, server_rec *server)
{
    int noted = 0;

    for (; server; server = server->next) {
        dossier_config_t *config =
            ap_get_module_config(server->module_config, &mantova_dossier_module);

        if (config->engine == 1 && open_one(config, server, pool) != OK) {
            return HTTP_INTERNAL_SERVER_ERROR;
        }
        if (config->engine == 1 && !noted && config->retention_days > GUIDELINE_RETENTION_DAYS) {
            noted = 1;
            note_retention(config, server);
        }
    }
    return OK;
}
