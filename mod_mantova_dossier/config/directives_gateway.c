#include "config/directives_gateway.h"

#include <httpd.h>
#include <ap_regex.h>
#include <apr_lib.h>
#include <apr_strings.h>

#include <string.h>

#include "base/secret_file.h"

#define GATEWAY_TIMEOUT 15
#define MAX_TIMEOUT 60
#define MAX_AT_ONCE 64
#define MAX_PER_SECOND 1000
#define MIN_CALLBACK_SECRET 16

static dossier_config_t *config_of(cmd_parms *cmd)
{
    return ap_get_module_config(cmd->server->module_config, &mantova_dossier_module);
}

static int in_template(const dossier_sms_gateway_t *sms, const char *name)
{
    return strstr(sms->url, name) || (sms->body && strstr(sms->body, name));
}

/* -1 when it is not a number up to `most`. */
static int number_of(const char *text, int most)
{
    char *end;
    apr_int64_t number = apr_strtoi64(text, &end, 10);
    return end != text && !*end && number >= 0 && number <= most ? (int)number : -1;
}

static ap_regex_t *regex_of(cmd_parms *cmd, const char *pattern, int groups)
{
    ap_regex_t *regex = ap_pregcomp(cmd->pool, pattern, AP_REG_EXTENDED | AP_REG_ICASE);
    return regex && (int)regex->re_nsub >= groups ? regex : NULL;
}

/* One pair behind the URL; 0 when it is none. */
static int take_pair(dossier_sms_gateway_t *sms, cmd_parms *cmd, const char *word,
                     const char *value)
{
    if (!strcmp(word, "header") && strchr(value, ':')) {
        APR_ARRAY_PUSH(sms->headers, const char *) = value;
        return 1;
    }
    if (!strcmp(word, "body") && !sms->body) {
        sms->body = value;
        return 1;
    }
    if (!strcmp(word, "accepted") && !sms->accepted) {
        sms->accepted = regex_of(cmd, value, 0);
        return sms->accepted != NULL;
    }
    if (!strcmp(word, "message-id") && !sms->message_id) {
        sms->message_id = regex_of(cmd, value, 1);
        return sms->message_id != NULL;
    }
    if (!strcmp(word, "timeout") && !sms->timeout) {
        sms->timeout = number_of(value, MAX_TIMEOUT);
        return sms->timeout > 0;
    }
    return 0;
}

const char *dossier_directive_sms_gateway(cmd_parms *cmd, void *unused, int argc,
                                          char *const argv[])
{
    dossier_sms_gateway_t *sms = apr_pcalloc(cmd->pool, sizeof(*sms));
    int i;

    (void)unused;
    if (argc < 2 || (strcmp(argv[0], "GET") && strcmp(argv[0], "POST") && strcmp(argv[0], "PUT"))) {
        return "DossierSmsGateway: GET, POST or PUT, then the URL, then any number of header "
               "\"Name: value\" and at most one body \"...\"";
    }
    if (strncmp(argv[1], "https://", 8) && strncmp(argv[1], "http://", 7)) {
        return "DossierSmsGateway: the URL must start with https:// (or http:// inside the house)";
    }
    sms->method = argv[0];
    sms->url = argv[1];
    sms->headers = apr_array_make(cmd->pool, 4, sizeof(const char *));
    for (i = 2; i + 1 < argc && take_pair(sms, cmd, argv[i], argv[i + 1]); i += 2) {
    }
    if (i != argc) {
        return "DossierSmsGateway: after the URL come pairs: header \"Name: value\"; and once each "
               "body \"...\", accepted \"regex of the answer\", message-id \"regex with a "
               "(group)\", "
               "timeout 1 to 60";
    }
    if (!in_template(sms, "{text}") ||
        (!in_template(sms, "{to}") && !in_template(sms, "{digits}"))) {
        return "DossierSmsGateway: {text} and {to} (or {digits}) must stand in the URL or in the "
               "body";
    }
    sms->timeout = sms->timeout ? sms->timeout : GATEWAY_TIMEOUT;
    config_of(cmd)->sms = sms;
    return NULL;
}

static int take_receipt_pair(dossier_sms_receipts_t *receipts, cmd_parms *cmd, const char *word,
                             const char *value)
{
    const struct {
        const char *word;
        const char **field;
    } fields[] = {{"secret", &receipts->secret},
                  {"reference", &receipts->reference},
                  {"message-id", &receipts->message_id},
                  {"status", &receipts->status}};

    for (apr_size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
        if (!strcmp(word, fields[i].word)) {
            *fields[i].field = value;
            return *value != '\0';
        }
    }
    if (!strcmp(word, "delivered")) {
        receipts->delivered = regex_of(cmd, value, 0);
        return receipts->delivered != NULL;
    }
    if (!strcmp(word, "undelivered")) {
        receipts->undelivered = regex_of(cmd, value, 0);
        return receipts->undelivered != NULL;
    }
    return 0;
}

const char *dossier_directive_sms_receipts(cmd_parms *cmd, void *unused, int argc,
                                           char *const argv[])
{
    dossier_sms_receipts_t *receipts = apr_pcalloc(cmd->pool, sizeof(*receipts));
    int i;

    (void)unused;
    for (i = 0; i + 1 < argc && take_receipt_pair(receipts, cmd, argv[i], argv[i + 1]); i += 2) {
    }
    if (i != argc || !receipts->secret || !receipts->status || !receipts->delivered ||
        !receipts->undelivered || !receipts->reference == !receipts->message_id) {
        return "DossierSmsReceipts: give the pairs secret name, reference field (ours) or "
               "message-id field (the provider's), status field, delivered \"regex\", "
               "undelivered \"regex\"";
    }
    config_of(cmd)->receipts = receipts;
    return NULL;
}

const char *dossier_directive_smtp(cmd_parms *cmd, void *unused, const char *url)
{
    (void)unused;
    if (strncmp(url, "smtp://", 7) && strncmp(url, "smtps://", 8)) {
        return "DossierSmtp: give smtp://[user:password@]host[:port] (STARTTLS) or smtps://...";
    }
    config_of(cmd)->smtp_url = url;
    return NULL;
}

const char *dossier_directive_limits(cmd_parms *cmd, void *unused, const char *at_once,
                                     const char *per_second)
{
    dossier_gateway_limits_t *limits = apr_pcalloc(cmd->pool, sizeof(*limits));

    (void)unused;
    limits->at_once = number_of(at_once, MAX_AT_ONCE);
    limits->per_second = number_of(per_second, MAX_PER_SECOND);
    if (limits->at_once < 2 || limits->per_second < 0) {
        return apr_psprintf(cmd->pool,
                            "%s: give how many at once, 2 to 64, and how many per second, up to "
                            "1000 (0: no limit)",
                            cmd->cmd->name);
    }
    *(dossier_gateway_limits_t **)(void *)((char *)config_of(cmd) + (apr_size_t)cmd->info) = limits;
    return NULL;
}

const char *dossier_directive_sms_prefix(cmd_parms *cmd, void *unused, const char *prefix)
{
    dossier_config_t *config = config_of(cmd);
    apr_size_t length = strlen(prefix);

    (void)unused;
    if (length < 2 || length > 8 || *prefix != '+' || prefix[1] == '0' ||
        strspn(prefix + 1, "0123456789") != length - 1) {
        return "DossierSmsPrefixes: give what numbers begin with, + and 1 to 7 digits: +39 +41";
    }
    if (!config->sms_prefixes) {
        config->sms_prefixes = apr_array_make(cmd->pool, 4, sizeof(const char *));
    }
    APR_ARRAY_PUSH(config->sms_prefixes, const char *) = prefix;
    return NULL;
}

/* "22:00" */
static int is_clock(const char *text)
{
    return apr_isdigit(text[0]) && apr_isdigit(text[1]) && text[2] == ':' && apr_isdigit(text[3]) &&
           apr_isdigit(text[4]) && !text[5] && strcmp(text, "24:00") < 0 && text[3] < '6';
}

const char *dossier_directive_quiet_hours(cmd_parms *cmd, void *unused, const char *hours)
{
    dossier_config_t *config = config_of(cmd);
    const char *dash = strchr(hours, '-');

    (void)unused;
    config->quiet_from = dash ? apr_pstrmemdup(cmd->pool, hours, dash - hours) : "";
    config->quiet_until = dash ? dash + 1 : "";
    if (strlen(config->quiet_from) != 5 || !is_clock(config->quiet_from) ||
        strlen(config->quiet_until) != 5 || !is_clock(config->quiet_until) ||
        !strcmp(config->quiet_from, config->quiet_until)) {
        return "DossierQuietHours: give two different times of day: 22:00-07:00";
    }
    return NULL;
}

/* The first {secret:name} that the file lacks, in any template of the virtual host; NULL: none. */
static const char *lacking(const dossier_config_t *config, const dossier_template_value_t *secrets,
                           apr_pool_t *pool)
{
    apr_array_header_t *templates = apr_array_make(pool, 8, sizeof(const char *));
    const char *name = NULL;

    if (config->sms) {
        apr_array_cat(templates, config->sms->headers);
        APR_ARRAY_PUSH(templates, const char *) = config->sms->url;
        APR_ARRAY_PUSH(templates, const char *) = config->sms->body ? config->sms->body : "";
    }
    APR_ARRAY_PUSH(templates, const char *) = config->smtp_url ? config->smtp_url : "";
    if (config->receipts) {
        APR_ARRAY_PUSH(templates, const char *) =
            apr_pstrcat(pool, "{secret:", config->receipts->secret, "}", NULL);
    }
    for (int i = 0; i < templates->nelts && !name; i++) {
        name = dossier_template_lacks(APR_ARRAY_IDX(templates, i, const char *), "secret:", secrets,
                                      pool);
    }
    return name;
}

const char *dossier_gateway_mistake(const dossier_config_t *config, apr_pool_t *pool)
{
    const dossier_template_value_t *secrets = &(const dossier_template_value_t){NULL, NULL};
    const char *error = NULL;
    const char *name;

    if (config->secret_file &&
        dossier_secret_file_load(&secrets, &error, config->secret_file, pool) != APR_SUCCESS) {
        return apr_pstrcat(pool, "DossierSmsSecretFile: ", error, NULL);
    }
    name = lacking(config, secrets, pool);
    if (name) {
        return apr_psprintf(pool,
                            "DossierSmsSecretFile: the directives speak of {%s}, which %s: add the "
                            "line \"%s ...\"",
                            name, config->secret_file ? "the file lacks" : "needs the file",
                            name + strlen("secret:"));
    }
    if (config->receipts &&
        strlen(dossier_secret_value(secrets, config->receipts->secret)) < MIN_CALLBACK_SECRET) {
        return "DossierSmsReceipts: its secret needs 16 characters or more (openssl rand -hex 16)";
    }
    return NULL;
}
