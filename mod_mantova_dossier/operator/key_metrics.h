/* The keys of the key files, and what rows need of them, for Prometheus. */
#ifndef DOSSIER_OPERATOR_KEY_METRICS_H
#define DOSSIER_OPERATOR_KEY_METRICS_H

#include <httpd.h>

#include "base/json.h"

/* keys: as key_needed of schema dossier has them. */
void dossier_operator_write_keys(request_rec *r, const dossier_json_t *keys);

#endif
