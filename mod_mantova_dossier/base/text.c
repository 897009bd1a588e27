#include "base/text.h"

#include <apr_strings.h>

#include <string.h>

/* How many bytes follow the first one, what bits it holds, and the smallest code point that
   needs so many bytes. -1: no first byte. */
static int lead(unsigned char byte, apr_uint32_t *bits, apr_uint32_t *smallest)
{
    if (byte < 0x80) {
        *bits = byte;
        *smallest = 0;
        return 0;
    }
    if ((byte & 0xE0) == 0xC0) {
        *bits = byte & 0x1F;
        *smallest = 0x80;
        return 1;
    }
    if ((byte & 0xF0) == 0xE0) {
        *bits = byte & 0x0F;
        *smallest = 0x800;
        return 2;
    }
    if ((byte & 0xF8) == 0xF0) {
        *bits = byte & 0x07;
        *smallest = 0x10000;
        return 3;
    }
    return -1;
}

int dossier_text_next(apr_uint32_t *character, const char **cursor, const char *end)
{
    const unsigned char *at = (const unsigned char *)*cursor;
    apr_uint32_t value;
    apr_uint32_t smallest;
    int more;

    if (*cursor >= end) {
        return 0;
    }
    more = lead(at[0], &value, &smallest);
    if (more < 0 || more > end - *cursor - 1) {
        *cursor += 1;
        return -1;
    }
    for (int i = 1; i <= more; i++) {
        if ((at[i] & 0xC0) != 0x80) {
            *cursor += 1;
            return -1;
        }
        value = value << 6 | (at[i] & 0x3F);
    }
    if (value < smallest || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
        *cursor += 1;
        return -1;
    }
    *cursor += more + 1;
    *character = value;
    return 1;
}

apr_size_t dossier_text_length(const char *text)
{
    const char *end = text + strlen(text);
    apr_uint32_t character;
    apr_size_t count = 0;

    while (dossier_text_next(&character, &text, end) != 0) {
        count++;
    }
    return count;
}

int dossier_text_is_blank(apr_uint32_t character)
{
    return character == ' ' || character == '\t' || character == 0xA0 || character == 0x1680 ||
           (character >= 0x2000 && character <= 0x200A) || character == 0x202F ||
           character == 0x205F || character == 0x3000;
}

int dossier_text_is_dash(apr_uint32_t character)
{
    return character == '-' || (character >= 0x2010 && character <= 0x2015) ||
           character == 0x2212 || character == 0xFE63 || character == 0xFF0D;
}

int dossier_text_is_control(apr_uint32_t character)
{
    return character < 0x20 || (character >= 0x7F && character <= 0x9F) || character == 0x2028 ||
           character == 0x2029;
}

int dossier_text_is_invisible(apr_uint32_t character)
{
    return character == 0xAD || character == 0x61C ||
           (character >= 0x200B && character <= 0x200F) ||
           (character >= 0x202A && character <= 0x202E) ||
           (character >= 0x2060 && character <= 0x2069) || character == 0xFEFF;
}

static int is_line_end(apr_uint32_t character)
{
    return (character >= '\n' && character <= '\r') || character == 0x85 || character == 0x2028 ||
           character == 0x2029;
}

const char *dossier_text_trim(const char *text, apr_pool_t *pool)
{
    const char *end = text + strlen(text);
    const char *cursor = text;
    const char *first = NULL;
    const char *last = NULL;
    const char *start = cursor;
    apr_uint32_t character;
    int read;

    while ((read = dossier_text_next(&character, &cursor, end)) != 0) {
        if (read < 0 || (!dossier_text_is_blank(character) && !is_line_end(character))) {
            first = first ? first : start;
            last = cursor;
        }
        start = cursor;
    }
    return first ? apr_pstrmemdup(pool, first, (apr_size_t)(last - first)) : "";
}
