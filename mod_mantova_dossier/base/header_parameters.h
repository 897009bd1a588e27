/* The parameters of a header's value: `; name=value; name="value"` (RFC 2045, RFC 9110). */
#ifndef DOSSIER_BASE_HEADER_PARAMETERS_H
#define DOSSIER_BASE_HEADER_PARAMETERS_H

#include <apr_pools.h>

int dossier_header_is_token(char c); /* whether a name may hold it */

/* The value of one parameter, unquoted; *value NULL when it is not there. APR_EINVAL when any
   parameter is malformed or this one is said twice. */
apr_status_t dossier_header_parameter(const char **value, const char *parameters,
                                      const char *wanted, apr_pool_t *pool);

#endif
