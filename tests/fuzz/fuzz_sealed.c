/*
 * Sealed files, sealed texts and wrapped keys: nothing but what was sealed opens, whatever the
 * bytes. Input: a byte that says what it is for, then the bytes.
 */
#include <apr_general.h>
#include <apr_strings.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "domain/media_type.h"
#include "vault/keyring.h"
#include "vault/sealed.h"

#define REQUIRE(truth)                                                                             \
    do {                                                                                           \
        if (!(truth)) {                                                                            \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

#define ID "0f8fad5b-d9cb-469f-a165-70867728950e"
#define CONTEXT "context"
#define KEY_FILE "first AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"

enum { LOG2 = 4, CHUNK = 1 << LOG2, CHUNKS = 4, SIZE = 3 * CHUNK + 5 };
enum { FILE_SIZE = DOSSIER_SEALED_HEADER + SIZE + CHUNKS * DOSSIER_SEALED_TAG };

static const unsigned char key[32] = "0123456789abcdef0123456789abcdef";
static unsigned char plain[SIZE];
static unsigned char file[FILE_SIZE];
static apr_pool_t *global;
static dossier_keyring_t *ring;
static const char *sealed_text;
static const char *wrapped;

static apr_status_t load_ring(dossier_keyring_t **loaded, const void *text, size_t length,
                              apr_pool_t *pool)
{
    char path[] = "/tmp/fuzz_sealed.XXXXXX";
    const char *error = NULL;
    apr_status_t status;
    int descriptor = mkstemp(path);

    REQUIRE(descriptor >= 0 && write(descriptor, text, length) == (ssize_t)length);
    close(descriptor);
    status = dossier_keyring_load(loaded, &error, path, pool);
    unlink(path);
    REQUIRE(status == APR_SUCCESS || (error && *error));
    return status;
}

static void make_file(void)
{
    dossier_sealed_t *sealed;
    unsigned char *out = file + DOSSIER_SEALED_HEADER;
    apr_pool_t *pool;

    apr_pool_create(&pool, NULL);
    for (int i = 0; i < SIZE; ++i) {
        plain[i] = (unsigned char)i;
    }
    REQUIRE(dossier_sealed_create(&sealed, file, LOG2, ID, key, pool) == APR_SUCCESS);
    for (int i = 0; i < CHUNKS; ++i) {
        apr_size_t length = i == CHUNKS - 1 ? SIZE - 3 * CHUNK : CHUNK;

        REQUIRE(dossier_sealed_next(out, sealed, i == CHUNKS - 1, plain + i * CHUNK, length) ==
                APR_SUCCESS);
        out += length + DOSSIER_SEALED_TAG;
    }
    apr_pool_destroy(pool);
}

/* The file with some bytes changed: a chunk opens only if it and the header are as they were. */
static void changed_file(const uint8_t *data, size_t size, apr_pool_t *pool)
{
    unsigned char changed[FILE_SIZE];
    dossier_sealed_layout_t layout;
    dossier_sealed_t *sealed;

    memcpy(changed, file, sizeof(file));
    for (; size >= 2; data += 2, size -= 2) {
        changed[data[0] % FILE_SIZE] ^= data[1];
    }
    if (dossier_sealed_open(&sealed, changed, ID, key, pool) != APR_SUCCESS ||
        dossier_sealed_chunk_log2(sealed) != LOG2) {
        REQUIRE(memcmp(changed, file, DOSSIER_SEALED_HEADER));
        return;
    }
    REQUIRE(dossier_sealed_layout(&layout, SIZE, LOG2) == APR_SUCCESS);
    for (apr_uint32_t i = 0; i < CHUNKS; ++i) {
        unsigned char out[CHUNK];
        apr_size_t length;
        apr_off_t offset;
        int same;

        dossier_sealed_place(&offset, &length, &layout, i);
        REQUIRE(offset + (apr_off_t)length <= FILE_SIZE);
        same = !memcmp(changed, file, DOSSIER_SEALED_HEADER) &&
               !memcmp(changed + offset, file + offset, length);
        REQUIRE((dossier_sealed_chunk(out, sealed, i, i == CHUNKS - 1, changed + offset, length) ==
                 APR_SUCCESS) == same);
        REQUIRE(!same || !memcmp(out, plain + i * CHUNK, length - DOSSIER_SEALED_TAG));
    }
}

/* A chunk asked for under any number: only its own place opens it. */
static void moved_chunk(const uint8_t *data, size_t size, apr_pool_t *pool)
{
    dossier_sealed_t *sealed;
    unsigned char out[FILE_SIZE];
    size_t offset;
    size_t length;
    int right;

    if (size < 4) {
        return;
    }
    offset = data[0] % FILE_SIZE;
    length = data[1] % (FILE_SIZE - offset + 1);
    right = data[2] < CHUNKS && (data[3] & 1) == (data[2] == CHUNKS - 1) &&
            offset == DOSSIER_SEALED_HEADER + data[2] * (size_t)(CHUNK + DOSSIER_SEALED_TAG) &&
            length == DOSSIER_SEALED_TAG + (data[2] == CHUNKS - 1 ? SIZE - 3 * CHUNK : CHUNK);
    REQUIRE(dossier_sealed_open(&sealed, file, ID, key, pool) == APR_SUCCESS);
    REQUIRE((dossier_sealed_chunk(out, sealed, data[2], data[3] & 1, file + offset, length) ==
             APR_SUCCESS) == right);
}

static void any_text(const uint8_t *data, size_t size, apr_pool_t *pool)
{
    const char *text = apr_pstrmemdup(pool, (const char *)data, size);
    const char *opened = dossier_keyring_open(ring, CONTEXT, text, pool);
    unsigned char out[32];

    REQUIRE(!opened || !strcmp(opened, "123456"));
    REQUIRE(!dossier_keyring_open(ring, "another", text, pool));
    if (!dossier_keyring_unwrap(ring, out, "first", ID, SIZE, text, pool)) {
        REQUIRE(!memcmp(out, key, sizeof(key)));
    }
    REQUIRE(dossier_keyring_unwrap(ring, out, "first", ID, SIZE + 1, text, pool) != APR_SUCCESS);
}

static void any_key_file(const uint8_t *data, size_t size, apr_pool_t *pool)
{
    dossier_keyring_t *loaded;

    if (load_ring(&loaded, data, size, pool) == APR_SUCCESS) {
        REQUIRE(dossier_keyring_ids(loaded)->nelts > 0 && dossier_keyring_current(loaded));
    }
}

static void any_document(const uint8_t *data, size_t size, apr_pool_t *pool)
{
    const char *type = dossier_media_type_sniff(data, size);
    const char *extension = type ? dossier_media_type_extension(type, data, size, pool) : "pdf";
    size_t length = strlen(extension);

    REQUIRE(length == 3 || (length > 4 && !strcmp(extension + length - 4, ".p7m")));
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    REQUIRE(apr_initialize() == APR_SUCCESS && apr_pool_create(&global, NULL) == APR_SUCCESS);
    make_file();
    REQUIRE(load_ring(&ring, KEY_FILE, strlen(KEY_FILE), global) == APR_SUCCESS);
    sealed_text = dossier_keyring_seal(ring, CONTEXT, "123456", global);
    wrapped = dossier_keyring_wrap(ring, ID, SIZE, key, global);
    REQUIRE(!strcmp(dossier_keyring_open(ring, CONTEXT, sealed_text, global), "123456"));
    any_text((const uint8_t *)wrapped, strlen(wrapped), global);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool;

    if (!size) {
        return 0;
    }
    apr_pool_create(&pool, NULL);
    switch (data[0] % 5) {
    case 0:
        changed_file(data + 1, size - 1, pool);
        break;
    case 1:
        moved_chunk(data + 1, size - 1, pool);
        break;
    case 2:
        any_text(data + 1, size - 1, pool);
        break;
    case 3:
        any_key_file(data + 1, size - 1, pool);
        break;
    default:
        any_document(data + 1, size - 1, pool);
    }
    apr_pool_destroy(pool);
    return 0;
}
