#include "base/latin.h"

/* A letter for each code point, '.' where there is none; by the character names of Unicode 15
   ("LATIN SMALL LETTER E WITH GRAVE"). */
/* U+00C0 to U+021F */
static const char EXTENDED[] = "AAAAAA.CEEEEIIIIDNOOOOO.OUUUUY..aaaaaa.ceeeeiiiidnooooo.ouuuuy.y"
                               "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIi..JjKkkLlLlLlL"
                               "lLlNnNnNnnNnOoOoOo..RrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs"
                               "bBBb...Cc.DDd....FfG...IKkl..NnOOo..Pp.....tTtTUu.VYyZz........."
                               ".....D..L..N.AaIiOoUuUuUuUuUu.AaAa..GgGgKkOoOo..j.D.Gg..NnAa..Oo"
                               "AaAaEeEeIiIiOoOoRrRrUuUuSsTt..Hh";

/* U+1E00 to U+1EFF */
static const char ADDITIONAL[] = "AaBbBbBbCcDdDdDdDdDdEeEeEeEeEeFfGgHhHhHhHhHhIiIiKkKkKkLlLlLlLlMm"
                                 "MmMmNnNnNnNnOoOoOoOoPpPpRrRrRrRrSsSsSsSsSsTtTtTtTtUuUuUuUuUuVvVv"
                                 "WwWwWwWwWwXxXxYyZzZzZzhtwya.....AaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEe"
                                 "EeEeEeEeIiIiOoOoOoOoOoOoOoOoOoOoOoOoUuUuUuUuUuUuUuYyYyYyYy....Yy";

typedef struct {
    apr_uint32_t letter;
    const char *plain;
} spelling_t;

static const spelling_t LIGATURES[] = {
    {0xC6, "AE"},   {0xE6, "ae"},   {0xDE, "TH"},   {0xFE, "th"},  {0xDF, "ss"},  {0x1E9E, "SS"},
    {0x132, "IJ"},  {0x133, "ij"},  {0x152, "OE"},  {0x153, "oe"}, {0x1C4, "DZ"}, {0x1C6, "dz"},
    {0x1C7, "LJ"},  {0x1C9, "lj"},  {0x1CA, "NJ"},  {0x1CC, "nj"}, {0x1E2, "AE"}, {0x1E3, "ae"},
    {0x1F1, "DZ"},  {0x1F3, "dz"},  {0x1FC, "AE"},  {0x1FD, "ae"}, {0x18F, "E"},  {0x1DD, "e"},
    {0xFB00, "ff"}, {0xFB01, "fi"}, {0xFB02, "fl"}, {0, NULL},
};

static const spelling_t LONG_SPELLINGS[] = {
    {0xC4, "AE"},  {0xE4, "ae"},  {0xD6, "OE"}, {0xF6, "oe"}, {0xDC, "UE"},
    {0xFC, "ue"},  {0xC5, "AA"},  {0xE5, "aa"}, {0xD8, "OE"}, {0xF8, "oe"},
    {0x110, "DJ"}, {0x111, "dj"}, {0, NULL},
};

/* Every plain letter as a string of its own, to point at. */
static const char LETTERS[] = "A\0B\0C\0D\0E\0F\0G\0H\0I\0J\0K\0L\0M\0N\0O\0P\0Q\0R\0S\0T\0U\0V\0"
                              "W\0X\0Y\0Z\0a\0b\0c\0d\0e\0f\0g\0h\0i\0j\0k\0l\0m\0n\0o\0p\0q\0r\0"
                              "s\0t\0u\0v\0w\0x\0y\0z";

static const char *plain(apr_uint32_t letter)
{
    if (letter >= 'A' && letter <= 'Z') {
        return LETTERS + (letter - 'A') * 2;
    }
    if (letter >= 'a' && letter <= 'z') {
        return LETTERS + (letter - 'a' + 26) * 2;
    }
    return NULL;
}

static const char *look_up(const spelling_t *list, apr_uint32_t letter)
{
    for (; list->plain; list++) {
        if (list->letter == letter) {
            return list->plain;
        }
    }
    return NULL;
}

const char *dossier_latin_fold(apr_uint32_t letter)
{
    const char *found = plain(letter);

    if (found) {
        return found;
    }
    if (letter >= 0x300 && letter <= 0x36F) {
        return "";
    }
    found = look_up(LIGATURES, letter);
    if (found) {
        return found;
    }
    if (letter >= 0xC0 && letter - 0xC0 < sizeof(EXTENDED) - 1) {
        return plain((unsigned char)EXTENDED[letter - 0xC0]);
    }
    if (letter >= 0x1E00 && letter - 0x1E00 < sizeof(ADDITIONAL) - 1) {
        return plain((unsigned char)ADDITIONAL[letter - 0x1E00]);
    }
    return NULL;
}

const char *dossier_latin_fold_long(apr_uint32_t letter)
{
    const char *found = look_up(LONG_SPELLINGS, letter);

    return found ? found : dossier_latin_fold(letter);
}
