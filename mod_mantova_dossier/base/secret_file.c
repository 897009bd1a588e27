#include "base/secret_file.h"

#include <apr_strings.h>
#include <apr_tables.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_LIMIT 65536
#define MAX_NAME 32
#define PREFIX "secret:"

static const char blanks[] = " \t";

/* The name "secret:..." of a line, NULL when it is none; *value is what follows it. */
static const char *name_of(char **value, char *line, apr_pool_t *pool)
{
    apr_size_t length = strspn(line, "abcdefghijklmnopqrstuvwxyz0123456789_-");

    if (!length || length > MAX_NAME || !line[length] || !strchr(blanks, line[length])) {
        return NULL;
    }
    *value = line + length + strspn(line + length, blanks);
    return apr_pstrcat(pool, PREFIX, apr_pstrmemdup(pool, line, length), NULL);
}

static int has(const apr_array_header_t *values, const char *name)
{
    for (int i = 0; i < values->nelts; i++) {
        if (!strcmp(APR_ARRAY_IDX(values, i, dossier_template_value_t).name, name)) {
            return 1;
        }
    }
    return 0;
}

/* NULL, or what is wrong with the line. */
static const char *take_line(apr_array_header_t *values, char *line, apr_pool_t *pool)
{
    char *value;
    apr_size_t length = strlen(line);
    dossier_template_value_t *added;
    const char *name;

    while (length && strchr(" \t\r", line[length - 1])) {
        line[--length] = '\0';
    }
    line += strspn(line, blanks);
    if (!*line || *line == '#') {
        return NULL;
    }
    name = name_of(&value, line, pool);
    if (!name) {
        return "a line is \"<name> <value>\"; the name is 1 to 32 of a-z, 0-9, _ and -";
    }
    if (has(values, name)) {
        return "this name stands here twice";
    }
    added = apr_array_push(values);
    added->name = name;
    added->value = value;
    return NULL;
}

static const char *take_lines(apr_array_header_t *values, char *text, const char *path,
                              apr_pool_t *pool)
{
    int number = 0;
    for (char *line = text, *next; line; line = next) {
        const char *wrong;

        next = strchr(line, '\n');
        if (next) {
            *next++ = '\0';
        }
        number++;
        wrong = take_line(values, line, pool);
        if (wrong) {
            return apr_psprintf(pool, "%s line %d: %s", path, number, wrong);
        }
    }
    return NULL;
}

/* The text of an open file; NULL with *error. The mode is asked of the file that is read. */
static char *read_text(const char **error, int file, const char *path, apr_pool_t *pool)
{
    struct stat info;
    char *text = apr_palloc(pool, FILE_LIMIT + 1);
    apr_size_t length = 0;
    ssize_t got;

    if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode)) {
        *error = apr_psprintf(pool, "%s is not a regular file", path);
        return NULL;
    }
    if (info.st_mode & (S_IRWXG | S_IRWXO)) {
        *error = apr_psprintf(pool,
                              "%s is open to group or others: chmod 600 it, and change its secrets "
                              "if others could read it",
                              path);
        return NULL;
    }
    while (length < FILE_LIMIT && (got = read(file, text + length, FILE_LIMIT - length)) > 0) {
        length += (apr_size_t)got;
    }
    text[length] = '\0';
    if (length == FILE_LIMIT || strlen(text) != length) {
        *error = apr_psprintf(pool, "%s is not a list of secrets: each line is \"<name> <value>\"",
                              path);
        return NULL;
    }
    return text;
}

apr_status_t dossier_secret_file_load(const dossier_template_value_t **values, const char **error,
                                      const char *path, apr_pool_t *pool)
{
    apr_array_header_t *list = apr_array_make(pool, 8, sizeof(dossier_template_value_t));
    char *text;
    int file;

    *error = NULL;
    /* NONBLOCK: a FIFO by mistake must not hang the start */
    file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (file < 0) {
        apr_status_t status = APR_FROM_OS_ERROR(errno);
        char reason[120];
        apr_strerror(status, reason, sizeof(reason));
        *error = apr_psprintf(pool,
                              "%s cannot be read (%s): create it with mode 600, owned by the user "
                              "that starts httpd",
                              path, reason);
        return status;
    }
    text = read_text(error, file, path, pool);
    close(file);
    if (text) {
        *error = take_lines(list, text, path, pool);
    }
    if (*error) {
        return APR_EINVAL;
    }
    *(dossier_template_value_t *)apr_array_push(list) = (dossier_template_value_t){NULL, NULL};
    *values = (const dossier_template_value_t *)(void *)list->elts;
    return APR_SUCCESS;
}

const char *dossier_secret_value(const dossier_template_value_t *values, const char *name)
{
    for (; values->name; values++) {
        if (!strcmp(values->name + strlen(PREFIX), name)) {
            return values->value;
        }
    }
    return "";
}
