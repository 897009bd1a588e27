#include "http/workers.h"

#include <apr_time.h>
#include <http_log.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

APLOG_USE_MODULE(mantova_dossier);

#define WAIT_LIMIT apr_time_from_sec(2)
#define WAIT_STEP apr_time_from_msec(10)

/* One byte of the lock file is one place. An open-file-description lock (fcntl(2), F_OFD_SETLK)
   belongs to this open file alone: threads of one process exclude each other, and the system gives
   the place back when a process dies. */
struct dossier_worker_t {
    int fd;
    apr_pool_t *pool;
};

static apr_status_t close_lock(void *worker)
{
    close(((dossier_worker_t *)worker)->fd);
    return APR_SUCCESS;
}

static int take_place(int fd, int places)
{
    for (int place = 0; place < places; place++) {
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = place, .l_len = 1};

        if (fcntl(fd, F_OFD_SETLK, &lock) == 0) {
            return 1;
        }
    }
    return 0;
}

dossier_worker_t *dossier_worker_acquire(dossier_exchange_t *x, int spare)
{
    int places = x->config->password_workers > spare ? x->config->password_workers - spare : 1;
    apr_time_t limit = apr_time_now() + WAIT_LIMIT;
    dossier_worker_t *worker = apr_pcalloc(x->pool, sizeof(*worker));

    worker->pool = x->pool;
    worker->fd = open(x->config->worker_lock, O_RDWR | O_CLOEXEC);
    if (worker->fd < 0) {
        ap_log_rerror(
            APLOG_MARK, APLOG_ERR, errno, x->r,
            "DOS0030: cannot open %s: it must belong to the user httpd runs as; restart httpd",
            x->config->worker_lock);
        return NULL;
    }
    apr_pool_cleanup_register(x->pool, worker, close_lock, apr_pool_cleanup_null);
    while (!take_place(worker->fd, places)) {
        if (apr_time_now() >= limit) {
            dossier_worker_release(worker);
            return NULL;
        }
        apr_sleep(WAIT_STEP);
    }
    return worker;
}

void dossier_worker_release(dossier_worker_t *worker)
{
    apr_pool_cleanup_run(worker->pool, worker, close_lock);
}
