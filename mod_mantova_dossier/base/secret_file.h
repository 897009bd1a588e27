/* The file of DossierSmsSecretFile: passwords and keys of gateways, kept out of httpd's
   configuration. */
#ifndef DOSSIER_BASE_SECRET_FILE_H
#define DOSSIER_BASE_SECRET_FILE_H

#include <apr_pools.h>

#include "base/template.h"

/* A line each: "<name> <value>"; the value is the rest of the line. Empty lines and those that
   start with # say nothing. *values is a list for templates, ended by a NULL name, in which they
   are called "secret:<name>". Refuses a file that its group or others may read; then *error says
   what to do, and quotes nothing of what stands in the file. */
apr_status_t dossier_secret_file_load(const dossier_template_value_t **values, const char **error,
                                      const char *path, apr_pool_t *pool);

/* The value of one of them by its bare name; "" when there is none. */
const char *dossier_secret_value(const dossier_template_value_t *values, const char *name);

#endif
