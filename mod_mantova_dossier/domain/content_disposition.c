/* The name a document is saved under: it comes from a title somebody typed, so it is made harmless.
 */
#include "domain/media_type.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "domain/latin.h"
#include "domain/text.h"

enum { NAME_BYTES_MAX = 180 }; /* with the extension well below a file system's 255 */

static const char NO_NAME[] = "documento";

/* Characters that file systems, shells or the header itself give a meaning to. */
static int is_risky(apr_uint32_t character)
{
    return dossier_text_is_control(character) ||
           (character < 128 && strchr("\"*/:<>?\\|%", (int)character) != NULL);
}

/* Windows answers to these names whatever the extension. */
static int is_device(const char *name)
{
    static const char *const devices[] = {"con", "prn", "aux", "nul", "com", "lpt"};
    size_t length = strcspn(name, ".");

    for (int i = 0; i < 6; i++) {
        if (strncasecmp(name, devices[i], 3) == 0 &&
            (length == 3 || (i > 3 && length == 4 && apr_isdigit(name[3])))) {
            return 1;
        }
    }
    return 0;
}

/* The title without risky characters, marks of direction, outer blanks and points. */
static const char *clean(const char *title, apr_pool_t *pool)
{
    const char *end = title + strlen(title);
    char *name = apr_palloc(pool, strlen(title) + 1);
    size_t length = 0;
    apr_uint32_t character;

    for (const char *start = title; length < NAME_BYTES_MAX; start = title) {
        int read = dossier_text_next(&character, &title, end);
        size_t size = (size_t)(title - start);

        if (read == 0) {
            break;
        }
        if (read > 0 && dossier_text_is_invisible(character)) {
            continue;
        }
        if (length == 0 && read > 0 && (dossier_text_is_blank(character) || character == '.')) {
            continue;
        }
        if (read < 0 || is_risky(character)) {
            name[length++] = '_';
        } else {
            memcpy(name + length, start, size);
            length += size;
        }
    }
    while (length > 0 && (name[length - 1] == ' ' || name[length - 1] == '.')) {
        length--;
    }
    name[length] = '\0';
    if (length == 0) {
        return NO_NAME;
    }
    return is_device(name) ? apr_pstrcat(pool, "_", name, NULL) : name;
}

/* In ASCII, "_" for what has no plain letter. */
static const char *in_ascii(const char *name, apr_pool_t *pool)
{
    const char *end = name + strlen(name);
    char *ascii = apr_palloc(pool, strlen(name) * 2 + 1);
    char *out = ascii;
    apr_uint32_t character;
    int told = 0; /* a letter or a digit is in it */

    while (dossier_text_next(&character, &name, end) > 0) {
        const char *plain = dossier_latin_fold(character);

        if (plain) {
            told = told || *plain;
            out = apr_cpystrn(out, plain, 3);
        } else {
            told = told || (character < 128 && apr_isdigit((int)character));
            *out++ = character < 128 ? (char)character : '_';
        }
    }
    *out = '\0';
    return told ? ascii : NO_NAME;
}

/* RFC 8187: everything but attr-char in percent form. */
static const char *in_percent(const char *name, apr_pool_t *pool)
{
    static const char digits[] = "0123456789ABCDEF";
    char *text = apr_palloc(pool, strlen(name) * 3 + 1);
    char *out = text;

    for (; *name; name++) {
        unsigned char c = (unsigned char)*name;

        if (c < 128 && (apr_isalnum(c) || strchr("!#$&+-.^_`|~", c))) {
            *out++ = (char)c;
        } else {
            *out++ = '%';
            *out++ = digits[c >> 4];
            *out++ = digits[c & 15];
        }
    }
    *out = '\0';
    return text;
}

const char *dossier_file_name(const char *title, const char *extension, apr_pool_t *pool)
{
    return apr_pstrcat(pool, clean(title ? title : "", pool), ".", extension, NULL);
}

const char *dossier_content_disposition(const char *kind, const char *title, const char *extension,
                                        apr_pool_t *pool)
{
    const char *name = clean(title ? title : "", pool);

    return apr_psprintf(pool, "%s; filename=\"%s.%s\"; filename*=UTF-8''%s.%s", kind,
                        in_ascii(name, pool), extension, in_percent(name, pool), extension);
}
