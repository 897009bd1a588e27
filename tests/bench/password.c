/* How many passwords one core judges in a second, with nothing around it. Argument: seconds. */
#include <apr_general.h>
#include <apr_pools.h>
#include <apr_time.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/secrets.h"

int main(int argc, char **argv)
{
    const apr_time_t wanted = apr_time_from_sec(argc > 1 ? atoi(argv[1]) : 2);
    apr_pool_t *pool;
    apr_time_t began;
    apr_time_t taken;
    const char *hash;
    int count = 0;

    if (apr_initialize() != APR_SUCCESS || apr_pool_create(&pool, NULL) != APR_SUCCESS ||
        dossier_secrets_init() != APR_SUCCESS ||
        dossier_password_hash(&hash, "quattro gatti sul tetto", pool) != APR_SUCCESS) {
        return 1;
    }
    began = apr_time_now();
    do {
        if (dossier_password_verify(hash, "quattro gatti sul tetto", pool) !=
            DOSSIER_PASSWORD_RIGHT) {
            return 1;
        }
        count++;
        taken = apr_time_now() - began;
    } while (taken < wanted);
    printf("%.2f\n", count / ((double)taken / APR_USEC_PER_SEC));
    apr_terminate();
    return 0;
}
