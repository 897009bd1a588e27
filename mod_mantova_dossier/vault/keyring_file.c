/* Reads DossierKeyFile. No sentence about a mistake quotes what stands in the file, save a key id
   that is one beyond doubt: a misplaced key must not reach a log. */
#include <apr_strings.h>
#include <sodium.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secrets.h"
#include "vault/keyring_private.h"

enum { FILE_LIMIT = 65536 };

static const char LOST[] = "lost";
static const char MAKE_KEY[] = "make one with: openssl rand -base64 32";

typedef struct {
    dossier_keyring_t *ring;
    const char **error;
    const char *path;
    int line;
    apr_pool_t *pool;
} reading_t;

static apr_status_t refuse(const reading_t *reading, const char *format, ...)
{
    va_list arguments;
    const char *sentence;

    va_start(arguments, format);
    sentence = apr_pvsprintf(reading->pool, format, arguments);
    va_end(arguments);
    *reading->error =
        reading->line
            ? apr_psprintf(reading->pool, "%s line %d: %s", reading->path, reading->line, sentence)
            : apr_psprintf(reading->pool, "%s: %s", reading->path, sentence);
    return APR_EINVAL;
}

static apr_status_t refuse_errno(const reading_t *reading, int number)
{
    char reason[120];

    apr_strerror(APR_FROM_OS_ERROR(number), reason, sizeof(reason));
    if (number == ENOENT) {
        refuse(reading,
               "there is no such file: create it, readable by its owner only, with a line "
               "\"<key id> <key>\"; %s; keep a copy away from this machine",
               MAKE_KEY);
    } else {
        refuse(reading,
               "cannot be read (%s): it must belong to the user that starts httpd, mode 600",
               reason);
    }
    return APR_FROM_OS_ERROR(number);
}

int dossier_keyring_is_id(const char *id)
{
    size_t length = strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-");

    return length >= 1 && length <= DOSSIER_KEYRING_ID && id[length] == '\0';
}

/* Whether the ring can take another key, and this one. */
static apr_status_t check_new(const reading_t *reading, const char *id,
                              const unsigned char key[DOSSIER_KEYRING_KEY])
{
    const dossier_keyring_t *ring = reading->ring;

    if (ring->ids->nelts == DOSSIER_KEYRING_KEYS) {
        return refuse(reading, "more than %d keys: remove old ones that no document needs",
                      DOSSIER_KEYRING_KEYS);
    }
    if (sodium_is_zero(key, DOSSIER_KEYRING_KEY)) {
        return refuse(reading, "the key is all zeros: %s", MAKE_KEY);
    }
    if (dossier_keyring_lost(ring, id)) {
        return refuse(reading, "the key \"%s\" is said to be lost above: remove that line", id);
    }
    for (int i = 0; i < ring->ids->nelts; i++) {
        const char *other = APR_ARRAY_IDX(ring->ids, i, const char *);

        if (!strcmp(other, id)) {
            return refuse(reading, "the key id \"%s\" stands here twice: give every key its own",
                          id);
        }
        if (!sodium_memcmp(ring->keys[i], key, DOSSIER_KEYRING_KEY)) {
            return refuse(reading, "this is the key of \"%s\" again: %s", other, MAKE_KEY);
        }
    }
    return APR_SUCCESS;
}

/* The ring goes on without it: whoever put the key back meanwhile would have said so twice. */
static apr_status_t add_lost(const reading_t *reading, const char *id)
{
    if (dossier_keyring_holds(reading->ring, id)) {
        return refuse(reading,
                      "the key \"%s\" stands here, and is said to be lost: remove one of "
                      "the two lines",
                      id);
    }
    APR_ARRAY_PUSH(reading->ring->lost, const char *) = apr_pstrdup(reading->pool, id);
    return APR_SUCCESS;
}

static apr_status_t add_key(const reading_t *reading, const char *id, const char *text)
{
    dossier_keyring_t *ring = reading->ring;
    unsigned char key[DOSSIER_KEYRING_KEY];
    size_t length;
    apr_status_t status;

    if (sodium_base642bin(key, sizeof(key), text, strlen(text), NULL, &length, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        length != sizeof(key)) {
        dossier_secrets_wipe(key, sizeof(key));
        return refuse(reading, "the key is not 32 bytes in base64 (44 characters): %s", MAKE_KEY);
    }
    status = check_new(reading, id, key);
    if (status == APR_SUCCESS) {
        memcpy(ring->keys[ring->ids->nelts], key, sizeof(key));
        APR_ARRAY_PUSH(ring->ids, const char *) = apr_pstrdup(reading->pool, id);
    }
    dossier_secrets_wipe(key, sizeof(key));
    return status;
}

static apr_status_t read_line(const reading_t *reading, char *line)
{
    static const char blanks[] = " \t\r\f\v";
    char *rest;
    char *id;
    char *key;

    line[strcspn(line, "#")] = '\0';
    id = apr_strtok(line, blanks, &rest);
    if (!id) {
        return APR_SUCCESS;
    }
    if (!dossier_keyring_is_id(id)) {
        return refuse(reading,
                      "a line is \"<key id> <key>\"; the key id is 1 to %d of the "
                      "characters a-z, 0-9 and -",
                      DOSSIER_KEYRING_ID);
    }
    key = apr_strtok(NULL, blanks, &rest);
    if (!key) {
        return refuse(reading, "the key is missing after the key id: %s", MAKE_KEY);
    }
    if (apr_strtok(NULL, blanks, &rest)) {
        return refuse(reading, "something follows the key: a line is \"<key id> <key>\", comments "
                               "start with #");
    }
    return !strcmp(key, LOST) ? add_lost(reading, id) : add_key(reading, id, key);
}

static apr_status_t read_lines(reading_t *reading, char *text, apr_size_t length)
{
    apr_status_t status = APR_SUCCESS;

    if (memchr(text, '\0', length)) {
        return refuse(reading, "is not a text file: each line is \"<key id> <key>\"");
    }
    for (char *line = text, *next; line && status == APR_SUCCESS; line = next) {
        next = strchr(line, '\n');
        if (next) {
            *next++ = '\0';
        }
        reading->line++;
        status = read_line(reading, line);
    }
    if (status == APR_SUCCESS && reading->ring->ids->nelts == 0) {
        reading->line = 0;
        return refuse(reading, "holds no key: add a line \"<key id> <key>\"; %s", MAKE_KEY);
    }
    return status;
}

/* The mode is asked of the open file, so that it is the one that is read. */
static apr_status_t read_open_file(reading_t *reading, int file)
{
    struct stat info;
    char *text = apr_palloc(reading->pool, FILE_LIMIT + 1);
    ssize_t got = 0;
    apr_size_t length = 0;
    apr_status_t status;

    if (fstat(file, &info) != 0) {
        return refuse_errno(reading, errno);
    }
    if (!S_ISREG(info.st_mode)) {
        return refuse(reading, "is not a regular file: name the file that holds the keys");
    }
    if (info.st_mode & (S_IRWXG | S_IRWXO)) {
        return refuse(reading,
                      "is open to group or others (mode %03o): chmod 600 %s; if others "
                      "could read it, add a new key in front",
                      (unsigned)info.st_mode & 0777U, reading->path);
    }
    while (length <= FILE_LIMIT && (got = read(file, text + length, FILE_LIMIT + 1 - length)) > 0) {
        length += (apr_size_t)got;
    }
    if (got < 0) {
        status = refuse_errno(reading, errno);
    } else if (length > FILE_LIMIT) {
        status = refuse(reading, "is larger than %d bytes: this is not a key file", FILE_LIMIT);
    } else {
        text[length] = '\0';
        status = read_lines(reading, text, length);
    }
    dossier_secrets_wipe(text, FILE_LIMIT + 1);
    return status;
}

static apr_status_t wipe_ring(void *data)
{
    dossier_keyring_t *ring = data;

    dossier_secrets_wipe(ring->keys, sizeof(ring->keys));
    return APR_SUCCESS;
}

apr_status_t dossier_keyring_load(dossier_keyring_t **ring, const char **error, const char *path,
                                  apr_pool_t *pool)
{
    dossier_keyring_t *loaded = apr_pcalloc(pool, sizeof(*loaded));
    reading_t reading = {loaded, error, path, 0, pool};
    apr_status_t status;
    int file;

    loaded->ids = apr_array_make(pool, DOSSIER_KEYRING_KEYS, sizeof(const char *));
    loaded->lost = apr_array_make(pool, 0, sizeof(const char *));
    if (dossier_secrets_init() != APR_SUCCESS) {
        *error = "the system gives no random numbers: see getrandom(2)";
        return APR_EGENERAL;
    }
    apr_pool_cleanup_register(pool, loaded, wipe_ring, apr_pool_cleanup_null);
    /* NONBLOCK: a FIFO by mistake must not hang the start */
    file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (file < 0) {
        return refuse_errno(&reading, errno);
    }
    status = read_open_file(&reading, file);
    close(file);
    if (status == APR_SUCCESS) {
        *ring = loaded;
    }
    return status;
}
