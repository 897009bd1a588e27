/* What the tests of vault/ share: a vault in a folder of its own for one test, documents in it, and
   a second implementation of the sealed format, after the words of sealed.h. */
#ifndef DOSSIER_TESTS_UNIT_VAULT_FIXTURE_H
#define DOSSIER_TESTS_UNIT_VAULT_FIXTURE_H

#include <openssl/evp.h>

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secrets.h"
#include "fixture.h"
#include "vault/vault_private.h"

#define ID_A "3f2a1b00-0000-4000-8000-00000000000a"
#define ID_B "3f2a1b00-0000-4000-8000-00000000000b"
#define LINE_K1 "k1 AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=\n"
#define LINE_K2 "k2 ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=\n"

typedef struct {
    apr_pool_t *pool;
    const char *top; /* everything of this test is below */
    const char *folder;
    const char *key_file;
    dossier_keyring_t *ring;
    dossier_vault_t *vault;
} place_t;

static inline void write_text(const char *path, const char *text, mode_t mode)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(fchmod(file, mode), 0);
    close(file);
}

static inline dossier_keyring_t *load_ring(const place_t *place, const char *lines)
{
    dossier_keyring_t *ring = NULL;
    const char *error = NULL;

    write_text(place->key_file, lines, 0600);
    CHECK(dossier_keyring_load(&ring, &error, place->key_file, place->pool) == APR_SUCCESS, "%s",
          error);
    return ring;
}

static inline int remove_one(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

static inline place_t *make_place(apr_pool_t *pool)
{
    place_t *place = apr_pcalloc(pool, sizeof(*place));
    const char *tmp = getenv("TMPDIR");
    char *top = apr_pstrcat(pool, tmp ? tmp : "/tmp", "/dossier-vault-XXXXXX", NULL);

    place->pool = pool;
    place->top = mkdtemp(top);
    assert_non_null(place->top);
    place->folder = apr_pstrcat(pool, top, "/vault", NULL);
    place->key_file = apr_pstrcat(pool, top, "/keys", NULL);
    assert_int_equal(mkdir(place->folder, 0700), 0);
    place->ring = load_ring(place, LINE_K1);
    return place;
}

/* chunk_log2 4 makes chunks of 16 bytes: every byte of a file of several chunks can be tried. */
static inline void open_vault(place_t *place, int chunk_log2)
{
    const char *error = NULL;

    CHECK(dossier_vault_open(&place->vault, &error, place->folder, place->ring, place->pool) ==
              APR_SUCCESS,
          "%s", error);
    CHECK(dossier_vault_take_up(&error, place->vault, place->pool) == APR_SUCCESS, "%s", error);
    place->vault->chunk_log2 = chunk_log2;
}

static inline int place_setup(void **state)
{
    apr_pool_t *pool;

    if (apr_initialize() != APR_SUCCESS || apr_pool_create(&pool, NULL) != APR_SUCCESS) {
        return -1;
    }
    *state = make_place(pool);
    return 0;
}

static inline int place_teardown(void **state)
{
    place_t *place = *state;
    apr_pool_t *pool = place->pool;

    nftw(place->top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    apr_pool_destroy(pool);
    apr_terminate();
    return 0;
}

#define PLACE_TEST(function) cmocka_unit_test_setup_teardown(function, place_setup, place_teardown)

/* Bytes that differ from place to place. */
static inline unsigned char *make_text(apr_size_t length, unsigned seed, apr_pool_t *pool)
{
    unsigned char *text = apr_palloc(pool, length + 1);
    apr_uint32_t number = 2463534242U + seed;

    for (apr_size_t i = 0; i < length; i++) {
        number ^= number << 13;
        number ^= number >> 17;
        number ^= number << 5;
        text[i] = (unsigned char)(number >> 11);
    }
    return text;
}

/* Written in pieces of `piece` bytes. */
static inline dossier_vault_receipt_t *store(place_t *place, const char *id,
                                             const unsigned char *text, apr_size_t length,
                                             apr_size_t piece)
{
    dossier_vault_receipt_t *receipt = apr_pcalloc(place->pool, sizeof(*receipt));
    dossier_vault_writer_t *writer;

    assert_int_equal(dossier_vault_write_begin(&writer, place->vault, id, place->pool), 0);
    for (apr_size_t at = 0; at < length; at += piece) {
        apr_size_t part = length - at < piece ? length - at : piece;

        assert_int_equal(dossier_vault_write(writer, text + at, part), APR_SUCCESS);
    }
    assert_int_equal(dossier_vault_write_finish(writer, receipt), APR_SUCCESS);
    return receipt;
}

static inline const char *path_of(const place_t *place, const char *id)
{
    return apr_psprintf(place->pool, "%s/%.2s/%.2s/%s", place->folder, id, id + 2, id);
}

static inline unsigned char *load_file(const char *path, apr_size_t *length, apr_pool_t *pool)
{
    struct stat info;
    unsigned char *bytes;
    int file = open(path, O_RDONLY);

    assert_true(file >= 0 && fstat(file, &info) == 0);
    *length = (apr_size_t)info.st_size;
    bytes = apr_palloc(pool, *length + 1);
    assert_int_equal(read(file, bytes, *length), (ssize_t)*length);
    close(file);
    return bytes;
}

static inline void save_file(const char *path, const unsigned char *bytes, apr_size_t length)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(file >= 0);
    assert_int_equal(write(file, bytes, length), (ssize_t)length);
    close(file);
}

static int files_found;

static inline int count_file(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)walk;
    if (kind != FTW_D && !strstr(path, "/keys/")) {
        files_found++;
    }
    return 0;
}

/* Files of the vault that are not canaries. */
static inline int files_in(const place_t *place)
{
    files_found = 0;
    assert_int_equal(nftw(place->folder, count_file, 16, FTW_PHYS), 0);
    return files_found;
}

static inline const char *below(const place_t *place, const char *name)
{
    return apr_pstrcat(place->pool, place->folder, "/", name, NULL);
}

/* NULL when the vault opens and is taken up, else what it says. */
static inline const char *refusal(place_t *place, const char *lines)
{
    const char *error = NULL;

    place->ring = load_ring(place, lines);
    if (dossier_vault_open(&place->vault, &error, place->folder, place->ring, place->pool) ==
            APR_SUCCESS &&
        dossier_vault_take_up(&error, place->vault, place->pool) == APR_SUCCESS) {
        return NULL;
    }
    assert_non_null(error);
    return error;
}

/* Nonce and bound data of one chunk, as sealed.h words them. */
static inline void other_binding(unsigned char nonce[12], unsigned char bound[57],
                                 const unsigned char header[16], const char *id,
                                 apr_uint32_t number, int last)
{
    unsigned char tail[5] = {(unsigned char)(number >> 24), (unsigned char)(number >> 16),
                             (unsigned char)(number >> 8), (unsigned char)number,
                             (unsigned char)last};

    memcpy(nonce, header + 7, 7);
    memcpy(nonce + 7, tail, 5);
    memcpy(bound, header, 16);
    memcpy(bound + 16, tail, 5);
    memcpy(bound + 21, id, 36);
}

/* Seals a chunk: ciphertext and tag. */
static inline void other_seal(unsigned char *out, const unsigned char header[16], const char *id,
                              const unsigned char key[32], apr_uint32_t number, int last,
                              const unsigned char *text, int length)
{
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    unsigned char nonce[12];
    unsigned char bound[57];
    int done;

    other_binding(nonce, bound, header, id, number, last);
    assert_int_equal(EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, nonce), 1);
    assert_int_equal(EVP_EncryptUpdate(cipher, NULL, &done, bound, sizeof(bound)), 1);
    assert_int_equal(EVP_EncryptUpdate(cipher, out, &done, text, length), 1);
    assert_int_equal(EVP_EncryptFinal_ex(cipher, out + length, &done), 1);
    assert_int_equal(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, 16, out + length), 1);
    EVP_CIPHER_CTX_free(cipher);
}

#endif
