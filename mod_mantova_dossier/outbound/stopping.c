#include "outbound/stopping.h"

#include <httpd.h>
#include <ap_mpm.h>

int dossier_outbound_stopping(void)
{
    int state;

    return ap_mpm_query(AP_MPMQ_MPM_STATE, &state) != APR_SUCCESS || state == AP_MPMQ_STOPPING;
}
