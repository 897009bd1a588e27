/* The name a document is saved under: it comes from a title somebody typed, so it is made harmless.
 */
#include <apr_lib.h>
#include <apr_strings.h>

#include <string.h>

#include "base/latin.h"
#include "base/text.h"
#include "domain/media_type.h"

/* A file system takes 255 bytes, or 143 when it encrypts names; Windows 260 characters for the
   whole path, folders of the export included. Extension and number come on top. */
enum { NAME_BYTES_MAX = 112 };

static const char NO_NAME[] = "documento";

/* Characters that file systems, shells or the header itself give a meaning to. */
static int is_risky(apr_uint32_t character)
{
    return dossier_text_is_control(character) ||
           (character < 128 && strchr("\"*/:<>?\\|%", (int)character) != NULL);
}

/* Windows answers to these names whatever the extension; superscript digits are digits to it. */
static int is_device(const char *name)
{
    static const char *const devices[] = {"con",    "prn",     "aux", "nul",
                                          "conin$", "conout$", "com", "lpt"};
    static const char *const superscripts[] = {"\xC2\xB9", "\xC2\xB2", "\xC2\xB3"};
    size_t length = strcspn(name, ".");

    while (length > 0 && name[length - 1] == ' ') {
        length--;
    }
    for (int i = 0; i < 8; i++) {
        size_t stem = strlen(devices[i]);
        const char *rest = name + stem;

        if (length < stem || strncasecmp(name, devices[i], stem)) {
            continue;
        }
        if (i < 6 ? length == stem : length == stem + 1 && apr_isdigit(*rest)) {
            return 1;
        }
        for (int j = 0; i >= 6 && j < 3; j++) {
            if (length == stem + 2 && !strncmp(rest, superscripts[j], 2)) {
                return 1;
            }
        }
    }
    return 0;
}

/* A title that ends like a file's name: the type decides what the file is called, not the title. */
static int ends_in_extension(const char *name, size_t length, size_t *shorter)
{
    static const char *const extensions[] = {".pdf", ".p7m", ".jpg", ".jpeg",
                                             ".png", ".zip", ".xml"};

    for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
        size_t size = strlen(extensions[i]);

        if (length >= size && !strncasecmp(name + length - size, extensions[i], size)) {
            *shorter = length - size;
            return 1;
        }
    }
    return 0;
}

/* Without blanks, points and extensions at its end. */
static void trim_end(char *name)
{
    size_t length = strlen(name);

    do {
        while (length > 0 && (name[length - 1] == ' ' || name[length - 1] == '.')) {
            length--;
        }
    } while (ends_in_extension(name, length, &length));
    name[length] = '\0';
}

/* A letter or a digit of any script: more than what risky characters leave behind. */
static int tells(const char *name)
{
    for (; *name; name++) {
        if ((unsigned char)*name >= 128 || apr_isalnum(*name)) {
            return 1;
        }
    }
    return 0;
}

static const char *usable(const char *name, apr_pool_t *pool)
{
    if (!tells(name)) {
        return NO_NAME;
    }
    return is_device(name) ? apr_pstrcat(pool, "_", name, NULL) : name;
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
        int blank = read > 0 && dossier_text_is_blank(character);

        if (read == 0) {
            break;
        }
        if (read > 0 && dossier_text_is_invisible(character)) {
            continue;
        }
        if (length == 0 && (blank || (read > 0 && character == '.'))) {
            continue;
        }
        if (blank) {
            name[length++] = ' ';
        } else if (read < 0 || is_risky(character)) {
            name[length++] = '_';
        } else {
            memcpy(name + length, start, size);
            length += size;
        }
    }
    name[length] = '\0';
    trim_end(name);
    return usable(name, pool);
}

/* In ASCII, "_" for what has no plain letter. */
static const char *in_ascii(const char *name, apr_pool_t *pool)
{
    const char *end = name + strlen(name);
    char *ascii = apr_palloc(pool, strlen(name) * 2 + 1);
    char *out = ascii;
    apr_uint32_t character;

    while (dossier_text_next(&character, &name, end) > 0) {
        const char *plain = dossier_latin_fold(character);

        if (plain) {
            out = apr_cpystrn(out, plain, 3);
        } else {
            *out++ = character < 128 ? (char)character : '_';
        }
    }
    *out = '\0';
    return usable(ascii, pool); /* "CÖN" is a device once its marks are gone */
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
