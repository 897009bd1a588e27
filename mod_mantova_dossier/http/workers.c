#include "http/workers.h"

#include <httpd.h>
#include <ap_mpm.h>
#include <apr_strings.h>
#include <apr_time.h>
#include <http_log.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secrets.h"

APLOG_USE_MODULE(mantova_dossier);

#define WAIT_LIMIT apr_time_from_sec(2)
#define WAIT_STEP apr_time_from_msec(10)
#define FRONT_STEP apr_time_from_msec(1)

/* One byte of the lock file is one place; behind the places are the rooms of those who wait. An
   open-file-description lock (fcntl(2), F_OFD_SETLK) belongs to this open file alone: threads of
   one process exclude each other, and the system gives the byte back when a process dies. */
#define MOST_PLACES 64
#define ROOM_LENGTH 256
#define WAITERS_PER_PLACE 4
#define THREADS_PER_WAITER (4 * DOSSIER_WORKER_CALLERS)

/* Behind the rooms each address has bytes of its own, and so has each of those who are known: who
   holds none of them neither waits nor is served. A lock needs no byte that is there, so the file
   stays as short as it is. */
#define SHARE 4
#define KNOWN_SHARE 2
#define FIRST_SHARE (MOST_PLACES + DOSSIER_WORKER_CALLERS * ROOM_LENGTH)
#define SHARE_MASK (~(apr_uint64_t)0 >> 4) /* off_t holds no more; IPv6 in use begins with 0010 */

/* And behind those, as many as threads may wait for the bodies of one address. */
#define MOST_BODIES 256
#define LEAST_BODIES 4
#define THREADS_PER_BODY 4
#define FIRST_BODY (FIRST_SHARE + ((off_t)1 << 62))
#define BODIES_MASK (~(apr_uint64_t)0 >> 11)

struct dossier_worker_t {
    int fd;
    apr_pool_t *pool;
};

static apr_status_t close_lock(void *worker)
{
    close(((dossier_worker_t *)worker)->fd);
    return APR_SUCCESS;
}

static int lock_byte(int fd, int command, short type, off_t byte)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};

    return fcntl(fd, command, &lock) == 0 ? lock.l_type : -1;
}

/* The byte that was free, of `count` from `first` on; -1: none. */
static off_t take_byte(int fd, off_t first, int count)
{
    for (off_t byte = first; byte < first + count; byte++) {
        if (lock_byte(fd, F_OFD_SETLK, F_WRLCK, byte) >= 0) {
            return byte;
        }
    }
    return -1;
}

static int threads_of_host(void)
{
    int daemons = 1;
    int threads = 1;

    ap_mpm_query(AP_MPMQ_MAX_DAEMONS, &daemons);
    ap_mpm_query(AP_MPMQ_MAX_THREADS, &threads);
    return daemons * threads;
}

/* How many of each kind may wait in the whole host: four for each place, and never so many that
   they all together take more than a quarter of its threads. */
static int room_of(const dossier_config_t *config)
{
    int room = WAITERS_PER_PLACE * config->password_workers;
    int share = threads_of_host() / THREADS_PER_WAITER;

    room = room < share ? room : share;
    return room > 0 ? room : 1;
}

static int first_of_room(dossier_worker_caller_t caller)
{
    return MOST_PLACES + (int)caller * ROOM_LENGTH;
}

static off_t share_at(apr_uint64_t number)
{
    return FIRST_SHARE + (off_t)(number & SHARE_MASK) * SHARE;
}

static off_t first_of_known(const char *who, apr_pool_t *pool)
{
    const char *digest = dossier_secrets_sha256(who, strlen(who), pool);

    return share_at(strtoull(apr_pstrndup(pool, digest, 16), NULL, 16));
}

/* An address as SQL counts it: IPv4 whole, of IPv6 the first 64 bits. */
static apr_uint64_t number_of(const char *address)
{
    unsigned char bytes[sizeof(struct in6_addr)] = {0};
    size_t length = inet_pton(AF_INET, address, bytes) == 1 ? 4 : 8;
    apr_uint64_t number = 0;

    if (length == 8 && inet_pton(AF_INET6, address, bytes) != 1) {
        return 0;
    }
    for (size_t i = 0; i < length; i++) {
        number = number << 8 | bytes[i];
    }
    return number;
}

/* To the seat before this one, if it has become free. */
static off_t move_up(int fd, off_t seat, off_t front)
{
    if (seat == front || lock_byte(fd, F_OFD_SETLK, F_WRLCK, seat - 1) < 0) {
        return seat;
    }
    lock_byte(fd, F_OFD_SETLK, F_UNLCK, seat);
    return seat - 1;
}

/* 1: a place was taken. At once, or from the room of this caller's kind. Who sits in front looks
   more often than the others: a place is not empty for long, and who came first is mostly first. */
static int take_place(int fd, int places, dossier_worker_caller_t caller, int room)
{
    apr_time_t limit = apr_time_now() + WAIT_LIMIT;
    int taken = take_byte(fd, 0, places) >= 0;
    off_t front = first_of_room(caller);
    off_t seat;

    if (taken) {
        return 1;
    }
    seat = take_byte(fd, front, room);
    if (seat < 0) {
        return 0;
    }
    while (!taken && apr_time_now() < limit) {
        apr_sleep(seat == front ? FRONT_STEP : WAIT_STEP);
        seat = move_up(fd, seat, front);
        taken = take_byte(fd, 0, places) >= 0;
    }
    lock_byte(fd, F_OFD_SETLK, F_UNLCK, seat);
    return taken;
}

/* Holds nothing yet. NULL: logged why. */
static dossier_worker_t *open_lock(dossier_exchange_t *x)
{
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
    return worker;
}

dossier_worker_t *dossier_worker_acquire(dossier_exchange_t *x, dossier_worker_caller_t caller,
                                         const char *who)
{
    int places = x->config->password_workers;
    dossier_worker_t *worker = open_lock(x);
    off_t share = who ? first_of_known(who, x->pool) : share_at(number_of(x->address));

    if (caller != DOSSIER_WORKER_KNOWN && places > 1) {
        places--;
    }
    if (!worker) {
        return NULL;
    }
    if (take_byte(worker->fd, share, who ? KNOWN_SHARE : SHARE) < 0 ||
        !take_place(worker->fd, places, caller, room_of(x->config))) {
        dossier_worker_release(worker);
        return NULL;
    }
    return worker;
}

dossier_worker_t *dossier_worker_await_body(dossier_exchange_t *x)
{
    dossier_worker_t *worker = open_lock(x);
    off_t first = FIRST_BODY + (off_t)(number_of(x->address) & BODIES_MASK) * MOST_BODIES;
    int room = threads_of_host() / THREADS_PER_BODY;

    room = room < LEAST_BODIES ? LEAST_BODIES : room > MOST_BODIES ? MOST_BODIES : room;
    if (worker && take_byte(worker->fd, first, room) < 0) {
        dossier_worker_release(worker);
        return NULL;
    }
    return worker;
}

void dossier_worker_release(dossier_worker_t *worker)
{
    apr_pool_cleanup_run(worker->pool, worker, close_lock);
}

static int count_taken(int fd, int first, int count)
{
    int taken = 0;

    for (int byte = first; byte < first + count; byte++) {
        taken += lock_byte(fd, F_OFD_GETLK, F_WRLCK, byte) == F_WRLCK;
    }
    return taken;
}

apr_status_t dossier_worker_count(int *busy, int *waiting, const dossier_config_t *config)
{
    int fd = open(config->worker_lock, O_RDWR | O_CLOEXEC);
    int room = room_of(config);

    if (fd < 0) {
        return errno;
    }
    *busy = count_taken(fd, 0, config->password_workers);
    *waiting = 0;
    for (int caller = 0; caller < DOSSIER_WORKER_CALLERS; caller++) {
        *waiting += count_taken(fd, first_of_room((dossier_worker_caller_t)caller), room);
    }
    close(fd);
    return APR_SUCCESS;
}
