/*
 * Documents at rest: written once as a stream, read in any range, never held whole in memory.
 * The vault knows bytes, keys and files; whose they are is store/'s business.
 */
#ifndef DOSSIER_VAULT_VAULT_H
#define DOSSIER_VAULT_VAULT_H

#include <apr_buckets.h>
#include <apr_pools.h>
#include <apr_tables.h>
#include <apr_time.h>

#include "vault/keyring.h"

typedef struct dossier_vault_t dossier_vault_t;
typedef struct dossier_vault_writer_t dossier_vault_writer_t;
typedef struct dossier_vault_reader_t dossier_vault_reader_t;

/* The folder must exist and be writable; nothing is written, for it may be the place where a vault
   is to be mounted. Where it has an id: refuses when a key that this vault was written with is
   missing from the ring or has changed. On failure *error says what to do. */
apr_status_t dossier_vault_open(dossier_vault_t **vault, const char **error, const char *folder,
                                const dossier_keyring_t *ring, apr_pool_t *pool);

/* The folder has been found to be the vault: makes what is missing in it, and once in a process
   looks at the keys as dossier_vault_open() does, noting new ones (keys/<key id>.canary).
   APR_EMISMATCH: a key does not fit. Before that nothing can be written. */
apr_status_t dossier_vault_take_up(const char **error, dossier_vault_t *vault, apr_pool_t *pool);
int dossier_vault_taken_up(dossier_vault_t *vault);

/* What the row keeps of a finished document. */
typedef struct {
    const char *object_id; /* UUID */
    apr_off_t size;        /* of the plaintext, bytes */
    const char *sha256;    /* of the plaintext, hex */
    const char *key_id;
    const char *wrapped_key;
    const char *vault_id; /* of the vault it was written to; NULL: that has none */
} dossier_vault_receipt_t;

/* Write: a temporary file until finish(), which syncs, renames and syncs the folder. Clearing the
   pool before finish() removes the temporary file. A failed fsync is never retried. ENOSPC and EIO
   come back as they are. */
apr_status_t dossier_vault_write_begin(dossier_vault_writer_t **writer, dossier_vault_t *vault,
                                       const char *object_id, apr_pool_t *pool);
apr_status_t dossier_vault_write(dossier_vault_writer_t *writer, const void *data,
                                 apr_size_t length);
apr_status_t dossier_vault_write_finish(dossier_vault_writer_t *writer,
                                        dossier_vault_receipt_t *receipt);
void dossier_vault_write_abort(dossier_vault_writer_t *writer);

/* Read: unwraps the key, checks header and length of the file. APR_EMISMATCH: tampered or torn;
   APR_NOTFOUND: key id not in the ring; APR_ENOENT: no such file. */
apr_status_t dossier_vault_read_begin(dossier_vault_reader_t **reader, dossier_vault_t *vault,
                                      const dossier_vault_receipt_t *receipt, apr_pool_t *pool);
/* *length in: room, out: bytes read, 0 at the end. Only verified bytes. */
apr_status_t dossier_vault_read(dossier_vault_reader_t *reader, apr_off_t offset, void *buffer,
                                apr_size_t *length);

/* A bucket over a reader's whole document: known length, splits and copies without reading,
   decrypts a chunk as it is read. A chunk that does not verify makes the read fail. */
apr_bucket *dossier_vault_bucket_create(dossier_vault_reader_t *reader, apr_bucket_alloc_t *list);

/* Removing what is not there is success. Also what was set aside. */
apr_status_t dossier_vault_remove(dossier_vault_t *vault, const char *object_id, apr_pool_t *pool);

/* Calls each() for every file not modified since `before`, a folder at a time; each() answers 1 to
   have the file removed. For the temporary file of a dead writer object_id is NULL, and it is
   removed whatever each() answers. */
apr_status_t dossier_vault_sweep(dossier_vault_t *vault, apr_time_t before,
                                 int (*each)(void *context, const char *object_id), void *context,
                                 apr_pool_t *pool);

typedef enum { DOSSIER_VAULT_ASIDE, DOSSIER_VAULT_BACK } dossier_vault_way_t;

/* What no row names, out of the way (it can still be read by its id, until it is removed), and what
   one names again. */
apr_status_t dossier_vault_move(dossier_vault_t *vault, const char *object_id,
                                dossier_vault_way_t way, apr_pool_t *pool);
/* Each file set aside, and since when. `object_id` lives as long as `pool`. */
apr_status_t dossier_vault_each_aside(dossier_vault_t *vault,
                                      void (*each)(void *context, const char *object_id,
                                                   apr_time_t since),
                                      void *context, apr_pool_t *pool);

/* Which vault this is, whose, and the newest seal of the audit it has heard of. */
typedef struct {
    const char *id;   /* NULL: none, as in a folder where no vault is mounted */
    apr_int64_t seal; /* 0: none yet */
    const char *seal_hash;
    const char *database; /* that it serves; NULL: not noted yet */
} dossier_vault_identity_t;

/* APR_SUCCESS also when there is no id; it alone: NULL then. */
apr_status_t dossier_vault_identity_id(const char **id, dossier_vault_t *vault, apr_pool_t *pool);
apr_status_t dossier_vault_identity(dossier_vault_identity_t *identity, dossier_vault_t *vault,
                                    apr_pool_t *pool);
/* Gives it this id, unless it has one; *id is the one it has then. */
apr_status_t dossier_vault_identify(const char **id, dossier_vault_t *vault, const char *proposed,
                                    apr_pool_t *pool);
apr_status_t dossier_vault_note_seal(dossier_vault_t *vault, apr_int64_t number, const char *hash,
                                     apr_pool_t *pool);
/* APR_EEXIST where one is noted, unless `replace`. */
apr_status_t dossier_vault_note_database(dossier_vault_t *vault, const char *database, int replace,
                                         apr_pool_t *pool);
/* How many of these objects (const char *) it has. */
int dossier_vault_holds(dossier_vault_t *vault, const apr_array_header_t *objects,
                        apr_pool_t *pool);

/* Those of these objects that it does not have; one that cannot be looked at is taken for there. */
apr_array_header_t *dossier_vault_lacks(dossier_vault_t *vault, const apr_array_header_t *objects,
                                        apr_pool_t *pool);

/* Lines about what was destroyed, kept in the vault, so that a database restored from an older copy
   can be told. `list` names the one they are added to. */
apr_status_t dossier_vault_destroyed_add(dossier_vault_t *vault, const char *list,
                                         const char *lines, apr_pool_t *pool);
/* All that were added since `before`; older lists are removed. NULL each: only that. */
apr_status_t dossier_vault_destroyed_each(dossier_vault_t *vault, apr_time_t before,
                                          void (*each)(void *context, const char *lines),
                                          void *context, apr_pool_t *pool);

/* Writes and removes a small file: for the health answer. */
apr_status_t dossier_vault_check(dossier_vault_t *vault, apr_pool_t *pool);

/* Bytes that can still be written, and of all there are: of the file system, say. */
apr_status_t dossier_vault_space(apr_uint64_t *left, apr_uint64_t *whole, dossier_vault_t *vault);

/* How it is with room. Full: what is to come would leave less than a hundredth of the file system,
   or 256 MiB, or at the least 1 MiB; low: ten times that. So nothing is begun that a full disk
   would break off, and what else stands on that file system can go on. */
typedef enum { DOSSIER_VAULT_ROOMY, DOSSIER_VAULT_LOW, DOSSIER_VAULT_FULL } dossier_vault_room_t;
dossier_vault_room_t dossier_vault_room_of(apr_uint64_t left, apr_uint64_t whole,
                                           apr_uint64_t coming);
/* Of the vault. What cannot be known is taken for roomy: writing tells. */
dossier_vault_room_t dossier_vault_room(dossier_vault_t *vault, apr_uint64_t coming);

#endif
