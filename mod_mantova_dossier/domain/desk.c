#include "domain/desk.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include <string.h>

#include "base/text.h"

#define MIN_DIGITS 3 /* of the short numbers that a hospital may have */
#define MAX_DIGITS 15
#define MAX_TEXT 160

/* Nothing but what people write numbers with, which an SMS holds at one septet each. */
static int is_telephone(const char *text)
{
    int digits = 0;

    for (const char *c = text + (*text == '+'); *c; c++) {
        if (apr_isdigit(*c)) {
            digits++;
        } else if (!strchr(" .-/()", *c)) {
            return 0;
        }
    }
    return digits >= MIN_DIGITS && digits <= MAX_DIGITS && strlen(text) <= 2 * MAX_DIGITS;
}

static int is_line(const char *text)
{
    const char *end = text + strlen(text);
    apr_uint32_t character;
    int read;

    if (!*text || dossier_text_length(text) > MAX_TEXT) {
        return 0;
    }
    while ((read = dossier_text_next(&character, &text, end)) == 1) {
        if (dossier_text_is_control(character)) {
            return 0;
        }
    }
    return read == 0;
}

const char *dossier_desk_mistake(const dossier_desk_t *desk)
{
    if (!is_telephone(desk->telephone)) {
        return "the telephone is digits and blanks, like \"0376 635101\" or \"+39 0376 635101\"";
    }
    if (!is_line(desk->hours) || !is_line(desk->address) ||
        (desk->hours_en && !is_line(desk->hours_en))) {
        return "hours and address are a line of UTF-8 each, 1 to 160 characters";
    }
    return NULL;
}

int dossier_desk_named(const char *text)
{
    return strstr(text, "sportello") || strstr(text, "desk");
}

const char *dossier_desk_hours(const dossier_desk_t *desk, int english)
{
    return english && desk->hours_en ? desk->hours_en : desk->hours;
}

const char *dossier_desk_line(const dossier_desk_t *desk, int english, apr_pool_t *pool)
{
    return apr_pstrcat(pool, english ? "Desk: " : "Sportello: ", desk->telephone, ", ",
                       dossier_desk_hours(desk, english), ", ", desk->address, NULL);
}
