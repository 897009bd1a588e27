/* The setters of the directives about gateways, for the table in directives.c: what is wrong, or
   NULL. */
#ifndef DOSSIER_CONFIG_DIRECTIVES_GATEWAY_H
#define DOSSIER_CONFIG_DIRECTIVES_GATEWAY_H

#include "config/config.h"

const char *dossier_directive_sms_gateway(cmd_parms *cmd, void *unused, int argc,
                                          char *const argv[]);
const char *dossier_directive_sms_receipts(cmd_parms *cmd, void *unused, int argc,
                                           char *const argv[]);
const char *dossier_directive_smtp(cmd_parms *cmd, void *unused, const char *url);
const char *dossier_directive_limits(cmd_parms *cmd, void *unused, const char *at_once,
                                     const char *per_second); /* cmd->info: the field's offset */
const char *dossier_directive_sms_prefix(cmd_parms *cmd, void *unused, const char *prefix);
const char *dossier_directive_quiet_hours(cmd_parms *cmd, void *unused, const char *hours);

/* What the gateways' directives need of each other and of DossierSmsSecretFile; NULL: nothing is
   wrong. Reads the file. */
const char *dossier_gateway_mistake(const dossier_config_t *config, apr_pool_t *pool);

#endif
