/* How many passwords are judged in a second, with nothing around it. Arguments: seconds, how many at once. */
#include <apr_general.h>
#include <apr_pools.h>

#include <stdlib.h>

#include "base/secrets.h"
#include "crew.h"

static const char PASSWORD[] = "quattro gatti sul tetto";
static const char *hash;

static int make_pool(void **own, int number)
{
    apr_pool_t *pool = NULL;
    const apr_status_t status = apr_pool_create(&pool, NULL);

    (void)number;
    *own = pool;
    return status != APR_SUCCESS;
}

static int judge(void *own, int number, long count)
{
    (void)number;
    (void)count;
    return dossier_password_verify(hash, PASSWORD, own) != DOSSIER_PASSWORD_RIGHT;
}

static void leave(void *own)
{
    (void)own; /* apr_terminate() takes the pools */
}

int main(int argc, char **argv)
{
    static const crew_task_t task = {make_pool, judge, leave};
    apr_pool_t *pool;
    int status;

    if (argc != 3 || apr_initialize() != APR_SUCCESS ||
        apr_pool_create(&pool, NULL) != APR_SUCCESS || dossier_secrets_init() != APR_SUCCESS ||
        dossier_password_hash(&hash, PASSWORD, pool) != APR_SUCCESS) {
        return 1;
    }
    status = crew_run(&task, atoi(argv[1]), atoi(argv[2]));
    apr_terminate();
    return status;
}
