#include "domain/codice_fiscale.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include <string.h>

#include "base/text.h"
#include "base/typed.h"

enum { PERSON_LENGTH = 16, PROVISIONAL_LENGTH = 11, ROOM = PERSON_LENGTH + 1 };

/* Letters that stand for the digits 0 to 9 when two people would have one code (omocodia). */
static const char OMOCODIA[] = "LMNPQRSTUV";
static const char MONTHS[] = "ABCDEHLMPRST";

/* L letter, D digit or its letter of omocodia, M letter of a month. */
static const char STRUCTURE[] = "LLLLLLDDMDDLDDDL";

/* Upper case without blanks, of what dossier_typed_code made. Answers the number of characters,
   ROOM when there are more than a code has; a character that is not ASCII becomes '?'. */
static int compact(char *text, const char *typed)
{
    const char *end = typed + strlen(typed);
    apr_uint32_t character;
    int length = 0;
    int read;

    while ((read = dossier_text_next(&character, &typed, end)) != 0) {
        if (read > 0 && character == ' ') {
            continue;
        }
        if (length == PERSON_LENGTH) {
            return ROOM;
        }
        text[length++] = read > 0 && character < 128 ? (char)apr_toupper((int)character) : '?';
    }
    text[length] = '\0';
    return length;
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

static int is_all_digits(const char *text)
{
    return text[strspn(text, "0123456789")] == '\0';
}

/* The digit a character of omocodia stands for, or -1. */
static int digit_of(char c)
{
    const char *found;

    if (is_digit(c)) {
        return c - '0';
    }
    found = c ? strchr(OMOCODIA, c) : NULL;
    return found ? (int)(found - OMOCODIA) : -1;
}

static int number_of(const char *two)
{
    return digit_of(two[0]) * 10 + digit_of(two[1]);
}

static int has_structure(const char *text)
{
    for (int i = 0; i < PERSON_LENGTH; i++) {
        switch (STRUCTURE[i]) {
        case 'L':
            if (!is_letter(text[i])) {
                return 0;
            }
            break;
        case 'D':
            if (digit_of(text[i]) < 0) {
                return 0;
            }
            break;
        default:
            if (!text[i] || !strchr(MONTHS, text[i])) {
                return 0;
            }
        }
    }
    return 1;
}

/* D.M. 23 December 1976, art. 7: the characters in odd positions weigh by a table of their own. */
static char check_letter(const char *text)
{
    static const unsigned char odd[] = {1,  0,  5, 7, 9, 13, 15, 17, 19, 21, 2,  4,  18,
                                        20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23};
    int sum = 0;

    for (int i = 0; i < PERSON_LENGTH - 1; i++) {
        int value = is_digit(text[i]) ? text[i] - '0' : text[i] - 'A';

        sum += i % 2 == 0 ? odd[value] : value;
    }
    return (char)('A' + sum % 26);
}

static const char *read_birth(dossier_cf_t *cf, const char *text)
{
    /* Year 00 stands for 1900 or 2000, and 2000 had a 29 February. */
    int year = number_of(text + 6);
    int day = number_of(text + 9);

    cf->sex = day > 40 ? 'F' : 'M';
    cf->birth_year_2 = year;
    cf->birth_month = (int)(strchr(MONTHS, text[8]) - MONTHS) + 1;
    cf->birth_day = day > 40 ? day - 40 : day;
    cf->has_birth = 1;
    return dossier_date_valid((dossier_date_t){2000 + year, cf->birth_month, cf->birth_day})
               ? NULL
               : "date";
}

static const char *parse_person(dossier_cf_t *cf, const char *text, apr_pool_t *pool)
{
    const char *error;

    if (!has_structure(text)) {
        return "structure";
    }
    error = read_birth(cf, text);
    if (error) {
        return error;
    }
    if (check_letter(text) != text[PERSON_LENGTH - 1]) {
        return "check_character";
    }
    cf->kind = DOSSIER_CF_PERSON;
    cf->place = apr_psprintf(pool, "%c%d%d%d", text[11], digit_of(text[12]), digit_of(text[13]),
                             digit_of(text[14]));
    return NULL;
}

/* Eleven digits, the last by Luhn's rule as in a partita IVA. Which numbers and offices were ever
   given out is not judged, but number zero was not. */
static const char *parse_provisional(dossier_cf_t *cf, const char *text)
{
    int sum = 0;

    if (!is_all_digits(text) || !strncmp(text, "0000000", 7)) {
        return "structure";
    }
    for (int i = 0; i < PROVISIONAL_LENGTH; i++) {
        int value = text[i] - '0';

        sum += i % 2 == 0 ? value : value * 2 - (value > 4 ? 9 : 0);
    }
    cf->kind = DOSSIER_CF_PROVISIONAL;
    return sum % 10 == 0 ? NULL : "check_character";
}

const char *dossier_cf_parse(dossier_cf_t *cf, const char *typed, apr_pool_t *pool)
{
    char text[ROOM];
    int length = typed ? compact(text, dossier_typed_code(typed, pool)) : 0;
    const char *error;

    memset(cf, 0, sizeof(*cf));
    if (length == PROVISIONAL_LENGTH) {
        error = parse_provisional(cf, text);
    } else if (length != PERSON_LENGTH) {
        return "length";
    } else if ((!strncmp(text, "STP", 3) || !strncmp(text, "ENI", 3)) && is_digit(text[3])) {
        cf->kind = DOSSIER_CF_STP;
        error = is_all_digits(text + 3) ? NULL : "structure";
    } else {
        error = parse_person(cf, text, pool);
    }
    if (error) {
        return error;
    }
    cf->text = apr_pstrdup(pool, text);
    return NULL;
}

int dossier_cf_check(dossier_cf_t *cf, dossier_fields_t *fields, const char *field,
                     const char *text)
{
    const char *error;

    if (!text) {
        return 0;
    }
    error = dossier_cf_parse(cf, text, fields->pool);
    if (error) {
        dossier_fields_error(fields, field, error);
    }
    return !error;
}
