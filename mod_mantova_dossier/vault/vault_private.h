/* The vault from inside: what vault.c, writer.c, reader.c and bucket.c share. */
#ifndef DOSSIER_VAULT_VAULT_PRIVATE_H
#define DOSSIER_VAULT_VAULT_PRIVATE_H

#include "vault/sealed.h"
#include "vault/store.h"
#include "vault/vault.h"

struct dossier_vault_t {
    dossier_vault_store_t *store;
    const dossier_keyring_t *ring;
    const char *folder;
    int chunk_log2;                 /* of what is written; what is read says its own */
    volatile apr_uint32_t taken_up; /* in this process */
};

/*
 * A reader has a pool of its own and lives as long as one of the pools that hold it: the pool of
 * dossier_vault_read_begin(), and every pool that a bucket of it was set aside into.
 */
struct dossier_vault_reader_t {
    dossier_vault_store_t *store;
    dossier_vault_source_t *source;
    dossier_sealed_t *sealed;
    dossier_sealed_layout_t layout;
    apr_off_t opened;    /* the chunk that `text` holds, verified; -1: none */
    unsigned char *text; /* made at the first read of a part of a chunk */
    apr_pool_t *pool;
    apr_pool_t *beginner; /* the pool of dossier_vault_read_begin() */
    int holders;
};

/* Keeps the reader alive until `pool` is cleared. */
void dossier_vault_reader_hold(dossier_vault_reader_t *reader, apr_pool_t *pool);

/* What a chunk takes until it is verified. */
#define DOSSIER_VAULT_CHUNK_ROOM(reader) ((reader)->layout.chunk_size + DOSSIER_SEALED_TAG)

/* Chunk `number`, read, decrypted and verified in `buffer`, which has room for its tag, too. On
   failure nothing of its text is there. */
apr_status_t dossier_vault_reader_chunk(unsigned char *buffer, dossier_vault_reader_t *reader,
                                        apr_off_t number);

/* The verified bytes from `offset` (below the size) to the end of its chunk; they stay until the
   next call. */
apr_status_t dossier_vault_reader_at(const unsigned char **bytes, apr_size_t *length,
                                     dossier_vault_reader_t *reader, apr_off_t offset);

/* The id of the vault (of the place a sink writes to); NULL: it has none. */
apr_status_t dossier_vault_id(const char **id, dossier_vault_store_t *store,
                              dossier_vault_sink_t *sink, apr_pool_t *pool);

#endif
