#include "vault/files.h"

#include <apr_strings.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/secrets.h"

static apr_status_t last_error(void)
{
    return APR_FROM_OS_ERROR(errno);
}

apr_status_t dossier_files_folder(int *folder, const char *path)
{
    *folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *folder < 0 ? last_error() : APR_SUCCESS;
}

/* What root has just made belongs to whom the folder belongs to. */
static apr_status_t give_to_owner(int made, int folder)
{
    struct stat owner;

    if (geteuid() != 0) {
        return APR_SUCCESS;
    }
    if (fstat(folder, &owner) != 0 || fchown(made, owner.st_uid, owner.st_gid) != 0) {
        return last_error();
    }
    return APR_SUCCESS;
}

static int open_folder(int parent, const char *name)
{
    return openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* A folder is made with the sticky bit, and loses it when its name is on disk: who finds it with the
   bit has come in between, or its maker has not come so far. */
static apr_status_t settle(int folder, int parent, int made)
{
    struct stat found;
    apr_status_t status = APR_SUCCESS;

    if (fstat(folder, &found) != 0) {
        return last_error();
    }
    if (made || found.st_mode & S_ISVTX) {
        status = give_to_owner(folder, parent);
        if (status == APR_SUCCESS) {
            status = dossier_files_sync(parent);
        }
        if (status == APR_SUCCESS && fchmod(folder, 0700) != 0) {
            status = last_error();
        }
    }
    return status;
}

apr_status_t dossier_files_enter(int *folder, int parent, const char *name, int make)
{
    int made = 0;
    apr_status_t status;

    *folder = open_folder(parent, name);
    if (*folder < 0 && errno == ENOENT && make) {
        made = mkdirat(parent, name, 0700 | S_ISVTX) == 0;
        if (!made && errno != EEXIST) {
            return last_error();
        }
        *folder = open_folder(parent, name);
    }
    if (*folder < 0) {
        return last_error();
    }
    status = make ? settle(*folder, parent, made) : APR_SUCCESS;
    if (status != APR_SUCCESS) {
        close(*folder);
        unlinkat(parent, name, AT_REMOVEDIR); /* if it is empty */
    }
    return status;
}

apr_status_t dossier_files_create(int *file, int folder, const char *name)
{
    apr_status_t status;

    *file = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (*file < 0) {
        return last_error();
    }
    status = give_to_owner(*file, folder);
    if (status != APR_SUCCESS) {
        close(*file);
        unlinkat(folder, name, 0);
    }
    return status;
}

apr_status_t dossier_files_open(int *file, apr_off_t *size, int folder, const char *name)
{
    struct stat info;
    apr_status_t status = APR_SUCCESS;

    /* NONBLOCK: something that is not a file must not make us wait */
    *file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (*file < 0) {
        return errno == ELOOP ? APR_EMISMATCH : last_error();
    }
    if (fstat(*file, &info) != 0) {
        status = last_error();
    } else if (!S_ISREG(info.st_mode)) {
        status = APR_EMISMATCH;
    }
    if (status != APR_SUCCESS) {
        close(*file);
        return status;
    }
    *size = info.st_size;
    return APR_SUCCESS;
}

apr_status_t dossier_files_write(int file, const void *data, apr_size_t length)
{
    const char *at = data;

    while (length > 0) {
        ssize_t done = write(file, at, length);

        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done < 0) {
            return last_error();
        }
        at += done;
        length -= (apr_size_t)done;
    }
    return APR_SUCCESS;
}

apr_status_t dossier_files_read(int file, apr_off_t offset, void *buffer, apr_size_t length)
{
    char *at = buffer;

    while (length > 0) {
        ssize_t got = pread(file, at, length, offset);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return last_error();
        }
        if (got == 0) {
            return APR_EOF;
        }
        at += got;
        offset += got;
        length -= (apr_size_t)got;
    }
    return APR_SUCCESS;
}

static apr_status_t write_synced(int file, const char *text)
{
    apr_status_t status = dossier_files_write(file, text, strlen(text));

    if (status == APR_SUCCESS) {
        status = dossier_files_sync(file);
    }
    close(file);
    return status;
}

apr_status_t dossier_files_append(int folder, const char *name, const char *text)
{
    int file = openat(folder, name, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);

    return file < 0 ? last_error() : write_synced(file, text);
}

apr_status_t dossier_files_sync(int descriptor)
{
    return fsync(descriptor) != 0 ? last_error() : APR_SUCCESS;
}

apr_status_t dossier_files_publish(int from, const char *name, int to, const char *final_name)
{
    if (renameat2(from, name, to, final_name, RENAME_NOREPLACE) == 0) {
        return APR_SUCCESS;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        return last_error();
    }
    /* a file system without it (NFS): a link never replaces either */
    if (linkat(from, name, to, final_name, 0) != 0) {
        return last_error();
    }
    unlinkat(from, name, 0); /* if it stays, the sweep takes it */
    return APR_SUCCESS;
}

apr_status_t dossier_files_remove(int folder, const char *name)
{
    return unlinkat(folder, name, 0) != 0 && errno != ENOENT ? last_error() : APR_SUCCESS;
}

const char *dossier_files_temporary(const char *stem, apr_pool_t *pool)
{
    apr_uint64_t number;

    dossier_secrets_random(&number, sizeof(number));
    return apr_psprintf(pool, "%s.%016" APR_UINT64_T_HEX_FMT, stem, number);
}

static apr_status_t put(int folder, const char *name, const char *text, int incoming, int replace,
                        apr_pool_t *pool)
{
    const char *temporary = dossier_files_temporary(name, pool);
    int file;
    apr_status_t status = dossier_files_create(&file, incoming, temporary);

    if (status != APR_SUCCESS) {
        return status;
    }
    status = write_synced(file, text);
    if (status == APR_SUCCESS && replace) {
        status = renameat(incoming, temporary, folder, name) == 0 ? APR_SUCCESS : last_error();
    } else if (status == APR_SUCCESS) {
        status = dossier_files_publish(incoming, temporary, folder, name);
    }
    if (status != APR_SUCCESS) {
        dossier_files_remove(incoming, temporary);
    }
    return status;
}

apr_status_t dossier_files_put(int folder, const char *name, const char *text, int incoming,
                               apr_pool_t *pool)
{
    return put(folder, name, text, incoming, 0, pool);
}

apr_status_t dossier_files_replace(int folder, const char *name, const char *text, int incoming,
                                   apr_pool_t *pool)
{
    return put(folder, name, text, incoming, 1, pool);
}

apr_status_t dossier_files_text(const char **text, int folder, const char *name, apr_size_t limit,
                                apr_pool_t *pool)
{
    char *read;
    apr_off_t size = 0;
    int file;
    apr_status_t status = dossier_files_open(&file, &size, folder, name);

    if (status != APR_SUCCESS) {
        return status;
    }
    size = size < (apr_off_t)limit ? size : (apr_off_t)limit;
    read = apr_pcalloc(pool, (apr_size_t)size + 1);
    status = dossier_files_read(file, 0, read, (apr_size_t)size);
    close(file);
    *text = read;
    return status;
}

apr_status_t dossier_files_list(DIR **stream, int folder)
{
    int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* closedir() closes it */

    if (again < 0) {
        return last_error();
    }
    *stream = fdopendir(again);
    if (!*stream) {
        apr_status_t status = last_error();

        close(again);
        return status;
    }
    return APR_SUCCESS;
}

apr_status_t dossier_files_next(const char **name, struct stat *info, DIR *stream)
{
    const struct dirent *entry;

    *name = NULL;
    while (errno = 0, (entry = readdir(stream)) != NULL) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) {
            continue;
        }
        if (fstatat(dirfd(stream), entry->d_name, info, AT_SYMLINK_NOFOLLOW) == 0) {
            *name = entry->d_name;
            return APR_SUCCESS;
        }
        if (errno != ENOENT) { /* removed meanwhile */
            break;
        }
    }
    return errno ? last_error() : APR_SUCCESS;
}
