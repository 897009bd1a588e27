/* What an upload cannot do without, and nothing around it: a file written, fsync, rename, fsync of its folder, and one
   committed INSERT. So many at once, each on a connection of its own; 256 folders, as in a vault.
   Arguments: seconds, how many at once, bytes of a file, the folder, the connection. Prints how many in a second. */
#include <libpq-fe.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FOLDERS = 256, MOST = 64, PATH = 512 };

typedef struct {
    pthread_t thread;
    int number;
    long count; /* -1: it failed */
} worker_t;

static const char *root;
static const char *connection;
static char *bytes;
static size_t length;
static double end;

static double clock_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int failed(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    return -1;
}

static int sync_folder(const char *folder)
{
    const int fd = open(folder, O_RDONLY | O_DIRECTORY);
    const int status = fd < 0 ? -1 : fsync(fd);

    if (fd >= 0) {
        close(fd);
    }
    return status ? failed(folder) : 0;
}

static int store_file(const char *name)
{
    char unfinished[PATH];
    char folder[PATH];
    char path[PATH + 64];
    size_t written = 0;
    int fd;

    snprintf(unfinished, sizeof(unfinished), "%s/tmp-%s", root, name);
    snprintf(folder, sizeof(folder), "%s/%.2s", root, name);
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    fd = open(unfinished, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0) {
        return failed(unfinished);
    }
    while (written < length) {
        const ssize_t piece = write(fd, bytes + written, length - written);

        if (piece < 0) {
            close(fd);
            return failed(unfinished);
        }
        written += (size_t)piece;
    }
    if (fsync(fd) || close(fd) || rename(unfinished, path)) {
        return failed(path);
    }
    return sync_folder(folder);
}

static int store_row(PGconn *db, const char *name)
{
    const char *const values[] = {name};
    PGresult *result = PQexecPrepared(db, "put", 1, values, NULL, NULL, 0);
    const int right = PQresultStatus(result) == PGRES_COMMAND_OK;

    PQclear(result);
    if (!right) {
        fprintf(stderr, "%s", PQerrorMessage(db));
    }
    return right ? 0 : -1;
}

static void *work(void *argument)
{
    worker_t *self = argument;
    PGconn *db = PQconnectdb(connection);
    PGresult *result = PQprepare(db, "put", "INSERT INTO bench.upload (name) VALUES ($1)", 1, NULL);
    int status = PQresultStatus(result) == PGRES_COMMAND_OK ? 0 : -1;
    long count = 0;

    PQclear(result);
    if (status) {
        fprintf(stderr, "%s", PQerrorMessage(db));
    }
    while (!status && clock_now() < end) {
        char name[64];

        snprintf(name, sizeof(name), "%02lx-%d-%d-%ld", (self->number * 16 + count) % FOLDERS,
                 (int)getpid(), self->number, count);
        status = store_file(name) || store_row(db, name) ? -1 : 0;
        count++;
    }
    PQfinish(db);
    self->count = status ? -1 : count;
    return NULL;
}

static int make_folders(void)
{
    char folder[PATH];

    for (int i = 0; i < FOLDERS; i++) {
        snprintf(folder, sizeof(folder), "%s/%02x", root, (unsigned)i);
        if (mkdir(folder, 0700) && errno != EEXIST) {
            return failed(folder);
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    worker_t workers[MOST] = {0};
    const long seconds = argc == 6 ? atol(argv[1]) : 0;
    const int wanted = argc == 6 ? atoi(argv[2]) : 0;
    double began;
    long count = 0;

    if (seconds < 1 || wanted < 1 || wanted > MOST) {
        fprintf(stderr, "upload SECONDS AT-ONCE BYTES FOLDER CONNECTION\n");
        return 2;
    }
    length = (size_t)atol(argv[3]);
    root = argv[4];
    connection = argv[5];
    bytes = malloc(length);
    if (!bytes || make_folders()) {
        return 1;
    }
    memset(bytes, 'x', length);
    began = clock_now();
    end = began + (double)seconds;
    for (int i = 0; i < wanted; i++) {
        workers[i].number = i;
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i])) {
            return 1;
        }
    }
    for (int i = 0; i < wanted; i++) {
        pthread_join(workers[i].thread, NULL);
        if (workers[i].count < 0) {
            return 1;
        }
        count += workers[i].count;
    }
    free(bytes);
    printf("%.2f\n", (double)count / (clock_now() - began));
    return 0;
}
