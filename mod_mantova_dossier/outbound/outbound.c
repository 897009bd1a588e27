#include "outbound/outbound.h"

#include <httpd.h>
#include <ap_mpm.h>
#include <apr_atomic.h>
#include <apr_optional.h>
#include <apr_strings.h>
#include <curl/curl.h>
#include <http_log.h>
#include <mod_watchdog.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/secrets.h"
#include "config/config.h"
#include "outbound/dispatcher.h"
#include "outbound/housekeeping.h"
#include "outbound/stopping.h"
#include "outbound/watch.h"
#include "store/db.h"

APLOG_USE_MODULE(mantova_dossier);

#define SMS_INTERVAL apr_time_from_msec(200) /* somebody waits for a code */
#define MAIL_INTERVAL apr_time_from_sec(1)
/* The first round is as soon as a child may: what expired while the server was down goes at once.
 */
#define HOUSEKEEPING_INTERVAL apr_time_from_sec(60)
#define HOUSEKEEPING_LOOK apr_time_from_sec(1)

#define USERDATA "dossier_outbound"
#define CHANNELS 2
/* A little more than a dispatcher takes to stop, and less than httpd's patience with a child. */
#define STOP_PATIENCE apr_time_from_msec(2500)

typedef struct {
    server_rec *main;
    server_rec *portal;
    const char *channel;
    const char *generation; /* of this server's processes, until it is restarted */
    int turn_fd;            /* whose lock is the right to send, one child at a time */
    int has_turn;
    const apr_uint32_t *ready; /* of outbound_t */
    dossier_dispatcher_t *dispatcher;
    apr_uint32_t working; /* atomic: 1 while its thread is in here */
} sender_t;

typedef struct {
    dossier_housekeeping_t rounds;
    dossier_watch_t watch;
    const apr_uint32_t *ready; /* of outbound_t */
    apr_uint32_t working;
    apr_time_t last_round;
} housekeeper_t;

/* Made in the parent; each child works on its own copy. */
typedef struct {
    sender_t senders[CHANNELS];
    housekeeper_t housekeeper;
    apr_uint32_t ready; /* atomic: this child's mod_dbd can be asked */
} outbound_t;

/*
 * One child of the node sends. mod_watchdog has singletons too, but when their child ends, the next
 * one waits ten seconds before it starts, and that is long for somebody who waits for a code. A
 * record lock on a file without a name needs no folder and no rights, and goes with its process
 * however that ends.
 */
static int lock_turn(int fd, short type)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
    return fcntl(fd, F_SETLK, &lock) == 0;
}

static apr_status_t close_turn(void *data)
{
    sender_t *sender = data;
    close(sender->turn_fd);
    return APR_SUCCESS;
}

static int may_send(sender_t *sender)
{
    if (!sender->has_turn) {
        sender->has_turn = lock_turn(sender->turn_fd, F_WRLCK);
    }
    if (sender->has_turn && !sender->dispatcher) {
        sender->dispatcher = dossier_dispatcher_make(sender->portal, sender->main, sender->channel,
                                                     sender->generation);
    }
    return sender->dispatcher != NULL && sender->has_turn;
}

static void give_turn_away(sender_t *sender)
{
    if (sender->has_turn) {
        lock_turn(sender->turn_fd, F_UNLCK);
        sender->has_turn = 0;
    }
}

static int is_ready(const apr_uint32_t *ready)
{
    return apr_atomic_read32((apr_uint32_t *)ready) != 0;
}

/* Whatever happens the answer is success: anything else ends the callback for the child's life. */
static apr_status_t on_outbox(int state, void *data, apr_pool_t *pool)
{
    sender_t *sender = data;
    if (state == AP_WATCHDOG_STATE_RUNNING) {
        apr_atomic_set32(&sender->working, 1);
        if (is_ready(sender->ready) && !dossier_outbound_stopping() && may_send(sender)) {
            dossier_dispatcher_run(sender->dispatcher, pool);
        }
        if (dossier_outbound_stopping()) {
            give_turn_away(sender);
        }
        apr_atomic_set32(&sender->working, 0);
    } else if (state == AP_WATCHDOG_STATE_STOPPING && !apr_atomic_read32(&sender->working)) {
        give_turn_away(sender); /* called by another thread, maybe */
    }
    return APR_SUCCESS;
}

/* Also when the clock was set back. */
static int is_due(const housekeeper_t *housekeeper)
{
    apr_time_t since = apr_time_now() - housekeeper->last_round;
    return since < 0 || since >= HOUSEKEEPING_INTERVAL;
}

static apr_status_t on_housekeeping(int state, void *data, apr_pool_t *pool)
{
    housekeeper_t *housekeeper = data;
    if (state == AP_WATCHDOG_STATE_RUNNING) {
        apr_atomic_set32(&housekeeper->working, 1);
        if (is_ready(housekeeper->ready) && !dossier_outbound_stopping() && is_due(housekeeper)) {
            housekeeper->last_round = apr_time_now();
            dossier_housekeeping_run(&housekeeper->rounds, pool);
            dossier_watch_run(&housekeeper->watch, pool);
        }
        apr_atomic_set32(&housekeeper->working, 0);
    }
    return APR_SUCCESS;
}

static int is_working(outbound_t *outbound)
{
    int working = apr_atomic_read32(&outbound->housekeeper.working) != 0;
    for (int i = 0; i < CHANNELS; i++) {
        working |= apr_atomic_read32(&outbound->senders[i].working) != 0;
    }
    return working;
}

/* A child that ends does not wait for mod_watchdog's threads, and would take what is on its way
   with it. What waits for the database longer than that is broken off: its connection must be back
   before mod_dbd's pool goes. */
static apr_status_t wait_for_work(void *data)
{
    apr_time_t deadline = apr_time_now() + STOP_PATIENCE;
    while (is_working(data) && apr_time_now() < deadline) {
        apr_sleep(apr_time_from_msec(10));
    }
    dossier_db_end();
    return APR_SUCCESS;
}

static void on_child_init(apr_pool_t *pool, server_rec *main)
{
    void *data = NULL;
    apr_pool_userdata_get(&data, USERDATA, main->process->pconf);
    if (data) {
        outbound_t *outbound = data;
        /* before the pools below it, where mod_dbd's connections are */
        apr_pool_pre_cleanup_register(pool, outbound, wait_for_work);
        apr_atomic_set32(&outbound->ready, 1);
    }
}

void dossier_outbound_register_hooks(apr_pool_t *pool)
{
    /* mod_watchdog's threads may run before mod_dbd has a pool of connections for them */
    static const char *const after_dbd[] = {"mod_dbd.c", NULL};
    (void)pool;
    ap_hook_child_init(on_child_init, after_dbd, NULL, APR_HOOK_LAST);
}

static int start_watchdog(const char *name, int singleton, apr_interval_time_t interval,
                          ap_watchdog_callback_fn_t *callback, void *data, apr_pool_t *pool)
{
    APR_OPTIONAL_FN_TYPE(ap_watchdog_get_instance) *get_instance =
        APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_get_instance);
    APR_OPTIONAL_FN_TYPE(ap_watchdog_register_callback) *register_callback =
        APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_register_callback);
    ap_watchdog_t *watchdog;

    return get_instance && register_callback &&
           get_instance(&watchdog, name, 0, singleton, pool) == APR_SUCCESS &&
           register_callback(watchdog, interval, data, callback) == APR_SUCCESS;
}

static int start_sender(sender_t *sender, const char *channel, apr_interval_time_t interval,
                        apr_pool_t *pool)
{
    sender->channel = channel;
    sender->turn_fd = memfd_create("dossier-outbox", MFD_CLOEXEC);
    if (sender->turn_fd < 0) {
        ap_log_error(APLOG_MARK, APLOG_EMERG, errno, sender->portal,
                     "DOS0400: no file descriptor left for sending messages");
        return 0;
    }
    apr_pool_cleanup_register(pool, sender, close_turn, apr_pool_cleanup_null);
    return start_watchdog(apr_pstrcat(pool, "dossier-", channel, NULL), 0, interval, on_outbox,
                          sender, pool);
}

int dossier_outbound_start(apr_pool_t *pool, server_rec *main)
{
    server_rec *portal = dossier_config_first(main);
    outbound_t *outbound = apr_pcalloc(pool, sizeof(*outbound));
    const char *generation = dossier_secrets_uuid(pool);
    if (!portal) {
        return OK;
    }
    for (int i = 0; i < CHANNELS; i++) {
        outbound->senders[i].generation = generation;
        outbound->senders[i].main = main;
        outbound->senders[i].portal = portal;
        outbound->senders[i].ready = &outbound->ready;
    }
    outbound->housekeeper.ready = &outbound->ready;
    outbound->housekeeper.rounds.main = main;
    outbound->housekeeper.rounds.portal = portal;
    outbound->housekeeper.watch.main = main;
    outbound->housekeeper.watch.portal = portal;
    apr_pool_userdata_setn(outbound, USERDATA, NULL, pool);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
        !start_sender(&outbound->senders[0], "sms", SMS_INTERVAL, pool) ||
        !start_sender(&outbound->senders[1], "mail", MAIL_INTERVAL, pool) ||
        !start_watchdog("dossier-housekeeping", 1, HOUSEKEEPING_LOOK, on_housekeeping,
                        &outbound->housekeeper, pool)) {
        ap_log_error(APLOG_MARK, APLOG_EMERG, 0, portal,
                     "DOS0401: no thread of mod_watchdog for messages and expired documents: "
                     "load it (LoadModule watchdog_module)");
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    return OK;
}
