/* What is known of the gateway of a channel, on this node. */
#ifndef DOSSIER_HTTP_GATEWAY_STATE_H
#define DOSSIER_HTTP_GATEWAY_STATE_H

#include "config/config.h"

/* `config` is that of the virtual host whose gateways are used, `channel` "sms" or "mail".
   "working": as far as is known; "paused": it has failed and is left alone for some seconds;
   "probing": one message tries, or the next will, whether it works again; "none": there is none. */
const char *dossier_gateway_state(const dossier_config_t *config, const char *channel);

#endif
