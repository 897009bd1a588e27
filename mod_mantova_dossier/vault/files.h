/*
 * The few file operations that make a write durable, in folders that may belong to another user
 * than ours (httpd's parent is root, its children are not). Folders are open descriptors, names
 * hold no slash, links are never followed; what root makes gets the owner of the folder it stands
 * in. Errors are those of the system call.
 */
#ifndef DOSSIER_VAULT_FILES_H
#define DOSSIER_VAULT_FILES_H

#include <apr_pools.h>
#include <apr_time.h>

#include <dirent.h>
#include <sys/stat.h>

apr_status_t dossier_files_folder(int *folder, const char *path);
/* A folder below; with `make` it is made (0700) when missing, and its name is on disk. */
apr_status_t dossier_files_enter(int *folder, int parent, const char *name, int make);

/* A new file, 0600, for writing; APR_EEXIST when there is one. */
apr_status_t dossier_files_create(int *file, int folder, const char *name);
/* A regular file for reading, and its size. APR_EMISMATCH when it is none. */
apr_status_t dossier_files_open(int *file, apr_off_t *size, int folder, const char *name);

apr_status_t dossier_files_write(int file, const void *data, apr_size_t length);
/* All of it: APR_EOF when the file is shorter. */
apr_status_t dossier_files_read(int file, apr_off_t offset, void *buffer, apr_size_t length);

/* At the end of a file, which is made when missing; durable. */
apr_status_t dossier_files_append(int folder, const char *name, const char *text);

/* Once: after a failure the kernel may have dropped what was to be written, and a second call would
   lie. */
apr_status_t dossier_files_sync(int descriptor);

/* Gives a file its final name, never in place of another: APR_EEXIST. */
apr_status_t dossier_files_publish(int from, const char *name, int to, const char *final_name);

/* A small file from nothing, durable: written in the folder `incoming` first. APR_EEXIST when there
   is one of that name, and it stays. */
apr_status_t dossier_files_put(int folder, const char *name, const char *text, int incoming,
                               apr_pool_t *pool);
/* The same in place of what stands there. */
apr_status_t dossier_files_replace(int folder, const char *name, const char *text, int incoming,
                                   apr_pool_t *pool);
/* The whole of a small file as a text, cut off at `limit` bytes. */
apr_status_t dossier_files_text(const char **text, int folder, const char *name, apr_size_t limit,
                                apr_pool_t *pool);

/* Removing what is not there is success. */
apr_status_t dossier_files_remove(int folder, const char *name);

/* "<stem>.<16 random hex digits>" */
const char *dossier_files_temporary(const char *stem, apr_pool_t *pool);

/* Names below a folder, one at a time. `stream` is closed with closedir(). */
apr_status_t dossier_files_list(DIR **stream, int folder);
/* *name is NULL at the end; "." and ".." are left out. *info is of the name itself, not of a link's
   target. */
apr_status_t dossier_files_next(const char **name, struct stat *info, DIR *stream);

#endif
