/* What an upload cannot do without, and nothing around it: a file written, fsync, rename, fsync of its folder, and one
   committed INSERT. So many at once, each on a connection of its own; 256 folders, as in a vault.
   Arguments: seconds, how many at once, bytes of a file, the folder, the connection. Prints how many in a second. */
#include <libpq-fe.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crew.h"

enum { FOLDERS = 256, PATH = 512 };

static const char *root;
static const char *connection;
static char *bytes;
static size_t length;

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

static int begin(void **own, int number)
{
    PGconn *db = PQconnectdb(connection);
    PGresult *result = PQprepare(db, "put", "INSERT INTO bench.upload (name) VALUES ($1)", 1, NULL);
    const int right = PQresultStatus(result) == PGRES_COMMAND_OK;

    (void)number;
    PQclear(result);
    if (!right) {
        fprintf(stderr, "%s", PQerrorMessage(db));
    }
    *own = db;
    return right ? 0 : -1;
}

static int store(void *own, int number, long count)
{
    char name[64];

    snprintf(name, sizeof(name), "%02lx-%d-%d-%ld", (number * 16 + count) % FOLDERS, (int)getpid(),
             number, count);
    return store_file(name) || store_row(own, name);
}

static void leave(void *own)
{
    PQfinish(own);
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
    static const crew_task_t task = {begin, store, leave};
    int status;

    if (argc != 6) {
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
    status = crew_run(&task, atoi(argv[1]), atoi(argv[2]));
    free(bytes);
    return status;
}
