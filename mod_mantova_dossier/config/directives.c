/* The directives: one plain table, each line with a sentence of help, each setter says what is
   wrong and what would be right. */
#include <httpd.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <http_core.h>

#include <string.h>

#include "config/config.h"
#include "config/directives_gateway.h"
#include "domain/contact.h"

#define MAX_RETENTION_DAYS 60
#define MIN_AUDIT_MONTHS 24
#define MAX_AUDIT_MONTHS 120
#define MAX_QUARANTINE_DAYS 3650
#define MAX_PASSWORD_WORKERS 64
#define MAX_FACILITY_ID 64

static dossier_config_t *config_of(cmd_parms *cmd)
{
    return ap_get_module_config(cmd->server->module_config, &mantova_dossier_module);
}

static const char *set_engine(cmd_parms *cmd, void *unused, int on)
{
    (void)unused;
    config_of(cmd)->engine = on;
    return NULL;
}

/* Whether white letters can be read on "#rrggbb": a contrast of 4.5 (WCAG 2.2). Squares in place of
   the true curve of brightness err towards refusing. */
static int bears_white(const char *colour)
{
    static const int weights[] = {2126, 7152, 722};
    apr_int64_t sum = 0;

    for (int i = 0; i < 3; i++) {
        const char digits[] = {colour[1 + 2 * i], colour[2 + 2 * i], '\0'};
        apr_int64_t part = apr_strtoi64(digits, NULL, 16);

        sum += weights[i] * part * part;
    }
    return sum <= (apr_int64_t)(0.1833 * 10000 * 255 * 255);
}

/* "/logos/name.svg": a file among the pages, and nothing that could lead elsewhere. */
static int is_logo(const char *path)
{
    return path[0] == '/' && path[1] != '/' && !strstr(path, "..") && strlen(path) <= 200 &&
           strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./") ==
               strlen(path);
}

static const char *set_facility(cmd_parms *cmd, void *unused, int count, char *const given[])
{
    dossier_config_t *config = config_of(cmd);
    const char *id = count > 0 ? given[0] : "";

    (void)unused;
    if (count < 2 || count > 4) {
        return "DossierFacility takes id and name, and after them a colour and a logo if you like";
    }
    if (!*id || strlen(id) > MAX_FACILITY_ID ||
        strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(id)) {
        return "DossierFacility: the id is 1 to 64 of a-z, 0-9 and dashes, as integrators send it";
    }
    if (count > 2 && (strlen(given[2]) != 7 || given[2][0] != '#' ||
                      strspn(given[2] + 1, "0123456789abcdefABCDEF") != 6)) {
        return "DossierFacility: the colour is written like #0066cc";
    }
    if (count > 2 && !bears_white(given[2])) {
        return "DossierFacility: white letters cannot be read on this colour; choose a darker one";
    }
    if (count > 3 && !is_logo(given[3])) {
        return "DossierFacility: the logo is the address of a file among the pages, like "
               "/logos/ours.svg";
    }
    config->facility_id = id;
    config->facility_name = given[1];
    config->facility_colour = count > 2 ? given[2] : NULL;
    config->facility_logo = count > 3 ? given[3] : NULL;
    return NULL;
}

static const char *set_contact(cmd_parms *cmd, void *unused, int count, char *const given[])
{
    dossier_desk_t *desk;
    const char *wrong;

    (void)unused;
    if (count != 3 && count != 4) {
        return "DossierContact takes the telephone, the hours and the address of the facility's "
               "desk, and after them the hours in English if you like";
    }
    desk = apr_pcalloc(cmd->pool, sizeof(*desk));
    desk->telephone = given[0];
    desk->hours = given[1];
    desk->address = given[2];
    desk->hours_en = count > 3 ? given[3] : NULL;
    wrong = dossier_desk_mistake(desk);
    config_of(cmd)->desk = desk;
    return wrong ? apr_pstrcat(cmd->pool, "DossierContact: ", wrong, NULL) : NULL;
}

/* vault, key file and spool: a path, relative to ServerRoot */
static const char *set_path(cmd_parms *cmd, void *unused, const char *path)
{
    const char *full = ap_server_root_relative(cmd->pool, path);
    apr_size_t field = (apr_size_t)cmd->info;

    (void)unused;
    if (!full) {
        return apr_psprintf(cmd->pool, "%s: %s is not a valid path", cmd->cmd->name, path);
    }
    *(const char **)((char *)config_of(cmd) + field) = full;
    return NULL;
}

/* 0: no whole number from least to most. */
static int read_number(int *number, const char *text, int least, int most)
{
    char *end;
    apr_int64_t read = apr_strtoi64(text, &end, 10);

    if (end == text || *end || read < least || read > most) {
        return 0;
    }
    *number = (int)read;
    return 1;
}

static const char *set_retention(cmd_parms *cmd, void *unused, const char *text)
{
    (void)unused;
    if (!read_number(&config_of(cmd)->retention_days, text, 1, MAX_RETENTION_DAYS)) {
        return "DossierRetentionDays: give whole days from 1 to 60; the patients' guide promises "
               "at most 60";
    }
    return NULL;
}

static const char *set_audit_months(cmd_parms *cmd, void *unused, const char *text)
{
    (void)unused;
    if (!read_number(&config_of(cmd)->audit_months, text, MIN_AUDIT_MONTHS, MAX_AUDIT_MONTHS)) {
        return "DossierAuditMonths: give whole months from 24 to 120; the Garante wants the "
               "accesses "
               "kept for at least 24";
    }
    return NULL;
}

static const char *set_quarantine(cmd_parms *cmd, void *unused, const char *text)
{
    (void)unused;
    if (!read_number(&config_of(cmd)->quarantine_days, text, 1, MAX_QUARANTINE_DAYS)) {
        return "DossierQuarantineDays: give whole days from 1 to 3650, at least as many as your "
               "backups of the database go back";
    }
    return NULL;
}

/* One rule for the whole database, so that no virtual host may say otherwise. */
static const char *set_minor_handover(cmd_parms *cmd, void *unused, int on)
{
    (void)unused;
    if (cmd->server->is_virtual) {
        return "DossierMinorHandover: say it once for the whole server, outside the virtual hosts";
    }
    config_of(cmd)->minor_handover = on;
    return NULL;
}

static const char *set_max_size(cmd_parms *cmd, void *unused, const char *text)
{
    char *end;
    apr_int64_t size = apr_strtoi64(text, &end, 10);
    int shift = 0;

    (void)unused;
    switch (apr_toupper(*end)) {
    case 'K':
        shift = 10;
        break;
    case 'M':
        shift = 20;
        break;
    case 'G':
        shift = 30;
        break;
    default:
        break;
    }
    end += shift ? 1 : 0;
    if (end == text || *end || size < 1 || size > ((apr_int64_t)1 << (46 - shift))) {
        return "DossierMaxDocumentSize: give bytes, or a number with K, M or G (100M)";
    }
    config_of(cmd)->max_document_size = (apr_off_t)size << shift;
    return NULL;
}

static const char *set_mail_from(cmd_parms *cmd, void *unused, const char *address)
{
    (void)unused;
    config_of(cmd)->mail_from = dossier_email_parse(address, cmd->pool);
    return config_of(cmd)->mail_from
               ? NULL
               : "DossierMailFrom: give one plain address, such as referti@example.org";
}

static const char *set_public_url(cmd_parms *cmd, void *unused, const char *url)
{
    (void)unused;
    if (strncmp(url, "https://", 8) || !url[8] || strpbrk(url + 8, "/ ?#@\"<>")) {
        return "DossierPublicUrl: give https://host or https://host:port, without a path and "
               "without a slash at the end";
    }
    config_of(cmd)->public_url = url;
    return NULL;
}

static const char *set_password_workers(cmd_parms *cmd, void *unused, const char *text)
{
    (void)unused;
    if (!read_number(&config_of(cmd)->password_workers, text, 1, MAX_PASSWORD_WORKERS)) {
        return "DossierPasswordWorkers: give 1 to 64; each needs 46 MiB and one core while it "
               "works";
    }
    return NULL;
}

const command_rec dossier_directives[] = {
    AP_INIT_FLAG("DossierEngine", set_engine, NULL, RSRC_CONF,
                 "on: this virtual host serves the portal"),
    AP_INIT_TAKE_ARGV("DossierFacility", set_facility, NULL, RSRC_CONF,
                      "id and name of the facility this virtual host belongs to; its colour, its "
                      "logo"),
    AP_INIT_TAKE_ARGV("DossierContact", set_contact, NULL, RSRC_CONF,
                      "telephone, hours and address of the facility's desk; its hours in English"),
    AP_INIT_TAKE1("DossierVault", set_path, (void *)APR_OFFSETOF(dossier_config_t, vault_folder),
                  RSRC_CONF, "directory of the sealed documents"),
    AP_INIT_TAKE1("DossierKeyFile", set_path, (void *)APR_OFFSETOF(dossier_config_t, key_file),
                  RSRC_CONF, "file of the key-encryption keys"),
    AP_INIT_TAKE1("DossierRetentionDays", set_retention, NULL, RSRC_CONF,
                  "days a document can be read, 1 to 60 (60)"),
    AP_INIT_TAKE1("DossierAuditMonths", set_audit_months, NULL, RSRC_CONF,
                  "months the audit is kept, 24 to 120 (24)"),
    AP_INIT_TAKE1(
        "DossierQuarantineDays", set_quarantine, NULL, RSRC_CONF,
        "days that files without a row are kept, at least as many as backups go back (90)"),
    AP_INIT_FLAG("DossierMinorHandover", set_minor_handover, NULL, RSRC_CONF,
                 "off: the access to a minor relative's dossier does not end at 18 (on)"),
    AP_INIT_TAKE1("DossierMaxDocumentSize", set_max_size, NULL, RSRC_CONF,
                  "largest document taken: bytes, or with K, M, G (100M)"),
    AP_INIT_TAKE_ARGV(
        "DossierSmsGateway", dossier_directive_sms_gateway, NULL, RSRC_CONF,
        "GET, POST or PUT, URL, header \"Name: value\"..., body \"...\", accepted \"regex\", "
        "message-id \"regex\", timeout seconds; with {to}, {digits}, {text}, {id}, {secret:name}"),
    AP_INIT_TAKE_ARGV("DossierSmsReceipts", dossier_directive_sms_receipts, NULL, RSRC_CONF,
                      "secret name, reference or message-id field, status field, delivered "
                      "\"regex\", undelivered \"regex\""),
    AP_INIT_TAKE2("DossierSmsLimits", dossier_directive_limits,
                  (void *)APR_OFFSETOF(dossier_config_t, sms_limits), RSRC_CONF,
                  "SMS on their way at once, and per second (0: no limit), of each node (8 20)"),
    AP_INIT_ITERATE("DossierSmsPrefixes", dossier_directive_sms_prefix, NULL, RSRC_CONF,
                    "what numbers begin with that SMS may go to: +39 +41"),
    AP_INIT_TAKE2("DossierMailLimits", dossier_directive_limits,
                  (void *)APR_OFFSETOF(dossier_config_t, mail_limits), RSRC_CONF,
                  "mails on their way at once, and per second (0: no limit), of each node (8 20)"),
    AP_INIT_TAKE1("DossierQuietHours", dossier_directive_quiet_hours, NULL, RSRC_CONF,
                  "no alerts in between, by Italian clocks: 22:00-07:00"),
    AP_INIT_TAKE1("DossierSmsSecretFile", set_path,
                  (void *)APR_OFFSETOF(dossier_config_t, secret_file), RSRC_CONF,
                  "file of the {secret:name} of the gateways"),
    AP_INIT_TAKE1("DossierSmtp", dossier_directive_smtp, NULL, RSRC_CONF,
                  "mail server: smtp://[user:password@]host[:port] or smtps://"),
    AP_INIT_TAKE1("DossierMailFrom", set_mail_from, NULL, RSRC_CONF,
                  "sender's address of mail to patients"),
    AP_INIT_TAKE1("DossierPublicUrl", set_public_url, NULL, RSRC_CONF,
                  "the portal's address as patients type it: https://host[:port]"),
    AP_INIT_TAKE1("DossierPasswordWorkers", set_password_workers, NULL, RSRC_CONF,
                  "password hashes worked out at once in the whole host, 1 to 64 (2)"),
    AP_INIT_TAKE1("DossierSpool", set_path, (void *)APR_OFFSETOF(dossier_config_t, spool),
                  RSRC_CONF, "directory where messages are written instead of being sent"),
    {NULL, {NULL}, NULL, 0, RAW_ARGS, NULL},
};
