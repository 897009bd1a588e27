#include "base/typed.h"

#include <apr_strings.h>
#include <glib.h>

#include <string.h>

#include "base/text.h"

/* Bytes. Whoever types less; and ordering a long run of accents takes the square of its length. */
enum { LENGTH_MAX = 2048 };

/* Copies what `kept` makes of each character; nothing of one of which it makes 0. */
static const char *map(const char *text, gunichar (*kept)(gunichar), apr_pool_t *pool)
{
    char *mapped = apr_palloc(pool, strlen(text) + 1); /* no character grows */
    char *out = mapped;

    for (; *text; text = g_utf8_next_char(text)) {
        gunichar character = kept(g_utf8_get_char(text));

        if (character) {
            out += g_unichar_to_utf8(character, out);
        }
    }
    *out = '\0';
    return mapped;
}

static const char *normalised(const char *text, GNormalizeMode form, apr_pool_t *pool)
{
    char *made = g_utf8_normalize(text, -1, form);
    const char *kept = apr_pstrdup(pool, made);

    g_free(made);
    return kept;
}

static int can_be_cleaned(const char *typed)
{
    return strlen(typed) <= LENGTH_MAX && g_utf8_validate(typed, -1, NULL);
}

/* What Unicode calls default ignorable and is not a format character: GLib has no word for it. */
static const gunichar IGNORABLE[][2] = {
    {0x034F, 0x034F}, {0x115F, 0x1160}, {0x17B4, 0x17B5}, {0x180B, 0x180F}, {0x2065, 0x2065},
    {0x3164, 0x3164}, {0xFE00, 0xFE0F}, {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFF8}, {0xE0000, 0xE0FFF}};

/* Also what joins the letters of Persian and Indian names: the registry writes names in Latin. */
static gunichar without_mark(gunichar character)
{
    for (size_t i = 0; i < sizeof(IGNORABLE) / sizeof(IGNORABLE[0]); i++) {
        if (character >= IGNORABLE[i][0] && character <= IGNORABLE[i][1]) {
            return 0;
        }
    }
    return g_unichar_type(character) == G_UNICODE_FORMAT ? 0 : character;
}

/* A tab within a name is for who checks the name to refuse. */
static gunichar plain_blank(gunichar character)
{
    return character != '\t' && dossier_text_is_blank(character) ? ' ' : character;
}

static gunichar plain_digit(gunichar character)
{
    gint value = g_unichar_digit_value(character);

    if (dossier_text_is_blank(character)) {
        return ' ';
    }
    return value < 0 ? character : (gunichar)('0' + value);
}

/* Marks go first: a letter and its accent may stand on both sides of one. */
static const char *cleaned(const char *typed, GNormalizeMode form, gunichar (*kept)(gunichar),
                           apr_pool_t *pool)
{
    if (!can_be_cleaned(typed)) {
        return dossier_text_trim(typed, pool);
    }
    typed = map(normalised(map(typed, without_mark, pool), form, pool), kept, pool);
    return dossier_text_trim(typed, pool);
}

const char *dossier_typed_text(const char *typed, apr_pool_t *pool)
{
    return cleaned(typed, G_NORMALIZE_NFC, plain_blank, pool);
}

const char *dossier_typed_code(const char *typed, apr_pool_t *pool)
{
    return cleaned(typed, G_NORMALIZE_NFKC, plain_digit, pool);
}

const char *dossier_typed_secret(const char *typed, apr_pool_t *pool)
{
    return can_be_cleaned(typed) ? normalised(typed, G_NORMALIZE_NFC, pool) : typed;
}

const char *dossier_typed_secret_apart(const char *typed, apr_pool_t *pool)
{
    return can_be_cleaned(typed) ? normalised(typed, G_NORMALIZE_NFD, pool) : typed;
}
