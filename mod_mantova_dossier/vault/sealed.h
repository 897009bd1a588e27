/*
 * The sealed file: a header, then the document in chunks, each AES-256-GCM in the STREAM
 * construction (Hoang, Reyhanitabar, Rogaway, Vizar 2015). Pure: bytes in, bytes out.
 *
 * - Header, 16 bytes: "MDOS", format version 1, algorithm 1 (AES-256-GCM), log2 of the chunk size
 * (a byte each), 7 random bytes (the nonce prefix), 2 zero bytes.
 * - Chunk n: ciphertext as long as its plaintext, 16-byte tag.
 * - Nonce of chunk n: nonce prefix, n (32 bits, big-endian), last flag (1 on the last chunk, else
 * 0).
 * - Bound to chunk n: header, n (as above), last flag, document id (36 characters).
 *
 * Every chunk but the last is full; the last has 1 byte at least, save that an empty document is
 * one empty last chunk. A document of exactly n chunks has its last flag on the n-th. Any chunk can
 * be opened without the others; one that was changed, moved, or taken from another file does not
 * open.
 *
 * The key is the document's own, random, and used for this file only. The length of the document is
 * not known while it streams in, so it is not bound to the chunks: the wrap of the document's key
 * is bound to "document 1 <document id> <length>" (keyring.c), and a reader checks the file's size
 * against that length before it opens a chunk. So a cut or longer file, or another length in the
 * row, is found when reading begins.
 */
#ifndef DOSSIER_VAULT_SEALED_H
#define DOSSIER_VAULT_SEALED_H

#include <apr_pools.h>

enum {
    DOSSIER_SEALED_HEADER = 16,
    DOSSIER_SEALED_TAG = 16,
    DOSSIER_SEALED_ID = 36,
    DOSSIER_SEALED_CHUNK_LOG2 = 16, /* what is written: 64 KiB */
    DOSSIER_SEALED_CHUNK_LOG2_MIN = 4,
    DOSSIER_SEALED_CHUNK_LOG2_MAX = 20
};

typedef struct dossier_sealed_t dossier_sealed_t;

/* A new file's header and its chunks, first to last. APR_EINVAL: object_id is not a UUID. */
apr_status_t dossier_sealed_create(dossier_sealed_t **sealed,
                                   unsigned char header[DOSSIER_SEALED_HEADER], int chunk_log2,
                                   const char *object_id, const unsigned char key[32],
                                   apr_pool_t *pool);
/* Seals the next chunk; `out` has room for `length` and the tag. APR_EINVAL: a chunk that is not
   full before the last, any chunk after the last, more than 2^32 chunks. */
apr_status_t dossier_sealed_next(unsigned char *out, dossier_sealed_t *sealed, int last,
                                 const unsigned char *text, apr_size_t length);

/* An existing file by its header. APR_EMISMATCH: no header of this format. */
apr_status_t dossier_sealed_open(dossier_sealed_t **sealed,
                                 const unsigned char header[DOSSIER_SEALED_HEADER],
                                 const char *object_id, const unsigned char key[32],
                                 apr_pool_t *pool);
/* Opens chunk `number`; `length` counts the tag, `out` may be `chunk`. APR_EMISMATCH: not this chunk
   of this document; then `out` holds zeros. */
apr_status_t dossier_sealed_chunk(unsigned char *out, dossier_sealed_t *sealed, apr_uint32_t number,
                                  int last, const unsigned char *chunk, apr_size_t length);

/* Where things are in the file of a document of `size` bytes. */
typedef struct {
    apr_off_t size;
    apr_off_t file_size;
    apr_off_t chunks;      /* 1 to 2^32 */
    apr_size_t chunk_size; /* plaintext bytes of a full chunk */
} dossier_sealed_layout_t;

/* APR_EINVAL: a negative size, or more than 2^32 chunks. */
apr_status_t dossier_sealed_layout(dossier_sealed_layout_t *layout, apr_off_t size, int chunk_log2);
int dossier_sealed_chunk_log2(const dossier_sealed_t *sealed);

/* Offset in the file and length with the tag of chunk `number`. */
void dossier_sealed_place(apr_off_t *offset, apr_size_t *length,
                          const dossier_sealed_layout_t *layout, apr_uint32_t number);

#endif
