/*
 * A recursive descent over the text; nothing is built. What json-c 0.16 lets through even when
 * strict, and is refused here: NaN, Infinity, -01, 1., control characters in strings, names in
 * single quotes, unpaired surrogates, overlong UTF-8, a NUL in a name (it would end the name).
 */
#include "base/json_syntax.h"

#include <apr_hash.h>
#include <apr_strings.h>

#include <string.h>

#include "base/text.h"

enum { DEPTH_MAX = 32 };

typedef struct {
    const char *at;
    const char *end;
    apr_size_t members;
    int nul;          /* the string read last holds \u0000 */
    apr_pool_t *pool; /* NULL: nobody asks for twins */
    int depth;        /* levels allowed in all; the innermost is number 0 */
    struct {
        const char *at; /* NULL: an array */
        apr_size_t length;
    } name[DEPTH_MAX];    /* of the member that is being read, by levels still allowed in it */
    const char *repeated; /* path of the first twin */
} scan_t;

static int value(scan_t *scan, int depth);

static int peek(const scan_t *scan)
{
    return scan->at < scan->end ? (unsigned char)*scan->at : -1;
}

static int take(scan_t *scan, char wanted)
{
    if (peek(scan) != (unsigned char)wanted) {
        return 0;
    }
    scan->at++;
    return 1;
}

static void blanks(scan_t *scan)
{
    while (take(scan, ' ') || take(scan, '\t') || take(scan, '\n') || take(scan, '\r')) {
    }
}

static int word(scan_t *scan, const char *wanted)
{
    size_t length = strlen(wanted);

    if ((size_t)(scan->end - scan->at) < length || memcmp(scan->at, wanted, length)) {
        return 0;
    }
    scan->at += length;
    return 1;
}

static int digits(scan_t *scan)
{
    const char *start = scan->at;

    while (peek(scan) >= '0' && peek(scan) <= '9') {
        scan->at++;
    }
    return scan->at > start;
}

static int number(scan_t *scan)
{
    (void)take(scan, '-');
    if (!take(scan, '0') && !digits(scan)) {
        return 0;
    }
    if (take(scan, '.') && !digits(scan)) {
        return 0;
    }
    if (take(scan, 'e') || take(scan, 'E')) {
        if (!take(scan, '+')) {
            (void)take(scan, '-');
        }
        return digits(scan);
    }
    return 1;
}

/* The four hexadecimal digits of a \u escape; -1 when they are not. */
static int hexadecimal(scan_t *scan)
{
    int unit = 0;

    for (int i = 0; i < 4; i++) {
        int c = peek(scan);

        if (c >= '0' && c <= '9') {
            unit = unit * 16 + c - '0';
        } else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
            unit = unit * 16 + (c | 0x20) - 'a' + 10;
        } else {
            return -1;
        }
        scan->at++;
    }
    return unit;
}

static int escape(scan_t *scan)
{
    int c = peek(scan);
    int unit;

    if (c <= 0 || !strchr("\"\\/bfnrtu", c)) {
        return 0;
    }
    scan->at++;
    if (c != 'u') {
        return 1;
    }
    unit = hexadecimal(scan);
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        int low = word(scan, "\\u") ? hexadecimal(scan) : -1;

        return low >= 0xDC00 && low <= 0xDFFF;
    }
    if (unit == 0) {
        scan->nul = 1;
    }
    return unit >= 0 && !(unit >= 0xDC00 && unit <= 0xDFFF);
}

static int string(scan_t *scan)
{
    scan->nul = 0;
    if (!take(scan, '"')) {
        return 0;
    }
    while (!take(scan, '"')) {
        apr_uint32_t character;

        if (take(scan, '\\')) {
            if (!escape(scan)) {
                return 0;
            }
        } else if (dossier_text_next(&character, &scan->at, scan->end) != 1 || character < 0x20) {
            return 0;
        }
    }
    return 1;
}

static int array(scan_t *scan, int depth)
{
    scan->name[depth].at = NULL;
    blanks(scan);
    if (take(scan, ']')) {
        return 1;
    }
    do {
        if (!value(scan, depth)) {
            return 0;
        }
    } while (take(scan, ','));
    return take(scan, ']');
}

/* The members' names from the outermost object to the one of this depth. */
static const char *path_to(const scan_t *scan, int depth)
{
    const char *path = "";

    for (int level = scan->depth - 1; level >= depth; level--) {
        if (scan->name[level].at) {
            path = apr_pstrcat(
                scan->pool, path, *path ? "." : "",
                apr_pstrmemdup(scan->pool, scan->name[level].at, scan->name[level].length), NULL);
        }
    }
    return path;
}

/* Notes a member's name, as it is written. */
static void note(scan_t *scan, apr_hash_t *names, int depth, const char *name, apr_size_t length)
{
    scan->name[depth].at = name;
    scan->name[depth].length = length;
    if (apr_hash_get(names, name, (apr_ssize_t)length) && !scan->repeated) {
        scan->repeated = path_to(scan, depth);
    }
    apr_hash_set(names, name, (apr_ssize_t)length, "");
}

static int object(scan_t *scan, int depth)
{
    apr_hash_t *names = scan->pool ? apr_hash_make(scan->pool) : NULL;

    blanks(scan);
    if (take(scan, '}')) {
        return 1;
    }
    do {
        const char *name;

        blanks(scan);
        name = scan->at + 1;
        if (!string(scan) || scan->nul) {
            return 0;
        }
        if (names) {
            note(scan, names, depth, name, (apr_size_t)(scan->at - 1 - name));
        }
        blanks(scan);
        if (!take(scan, ':') || !value(scan, depth)) {
            return 0;
        }
        scan->members++;
    } while (take(scan, ','));
    return take(scan, '}');
}

/* A value with the blanks on both sides of it; `depth` levels of nesting are still allowed. */
static int value(scan_t *scan, int depth)
{
    int valid;

    blanks(scan);
    if (take(scan, '{')) {
        valid = depth > 0 && object(scan, depth - 1);
    } else if (take(scan, '[')) {
        valid = depth > 0 && array(scan, depth - 1);
    } else if (peek(scan) == '"') {
        valid = string(scan);
    } else {
        valid = word(scan, "true") || word(scan, "false") || word(scan, "null") || number(scan);
    }
    blanks(scan);
    return valid;
}

int dossier_json_syntax_valid(apr_size_t *members, const char *text, apr_size_t length, int depth)
{
    scan_t scan = {.at = text, .end = text + length};

    if (depth > DEPTH_MAX || !value(&scan, depth) || scan.at != scan.end) {
        return 0;
    }
    *members = scan.members;
    return 1;
}

const char *dossier_json_syntax_repeated(const char *text, apr_size_t length, int depth,
                                         apr_pool_t *pool)
{
    scan_t scan = {.at = text, .end = text + length, .pool = pool, .depth = depth};

    return depth <= DEPTH_MAX && value(&scan, depth) && scan.at == scan.end ? scan.repeated : NULL;
}
