#include "domain/date.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include <string.h>

enum { FIRST_YEAR = 1850, LAST_YEAR = 2199, DAY = 86400 };

static int is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

int dossier_date_valid(dossier_date_t date)
{
    return date.year >= FIRST_YEAR && date.year <= LAST_YEAR && date.month >= 1 &&
           date.month <= 12 && date.day >= 1 && date.day <= days_in_month(date.year, date.month);
}

/* Exactly `count` digits, then the cursor stands behind them. */
static int take_digits(int *number, const char **cursor, int count)
{
    *number = 0;
    for (int i = 0; i < count; i++, (*cursor)++) {
        if (!apr_isdigit(**cursor)) {
            return 0;
        }
        *number = *number * 10 + **cursor - '0';
    }
    return 1;
}

static int take_character(const char **cursor, const char *allowed)
{
    if (!**cursor || !strchr(allowed, **cursor)) {
        return 0;
    }
    (*cursor)++;
    return 1;
}

static int take_date_form(dossier_date_t *date, const char **cursor)
{
    return take_digits(&date->year, cursor, 4) && take_character(cursor, "-") &&
           take_digits(&date->month, cursor, 2) && take_character(cursor, "-") &&
           take_digits(&date->day, cursor, 2);
}

static int take_date(dossier_date_t *date, const char **cursor)
{
    return take_date_form(date, cursor) && dossier_date_valid(*date);
}

int dossier_date_has_form(const char *text)
{
    dossier_date_t found;

    return text && take_date_form(&found, &text);
}

int dossier_date_parse(dossier_date_t *date, const char *text)
{
    dossier_date_t found;

    if (!text || !take_date(&found, &text) || *text) {
        return 0;
    }
    *date = found;
    return 1;
}

int dossier_date_compare(dossier_date_t a, dossier_date_t b)
{
    if (a.year != b.year) {
        return a.year < b.year ? -1 : 1;
    }
    if (a.month != b.month) {
        return a.month < b.month ? -1 : 1;
    }
    return (a.day > b.day) - (a.day < b.day);
}

/* Days since 1 January 1970. Years are counted from March, so that the leap day is the last. */
static apr_int64_t days_from_date(dossier_date_t date)
{
    apr_int64_t year = date.month > 2 ? date.year : date.year - 1;
    apr_int64_t month = (date.month + 9) % 12;

    return year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + date.day - 1 -
           719468;
}

static dossier_date_t date_from_days(apr_int64_t days)
{
    /* Never later than the year looked for. */
    dossier_date_t date = {1970 + (int)(days < 0 ? days / 365 - 2 : days / 366 - 1), 1, 1};

    while (days_from_date((dossier_date_t){date.year + 1, 1, 1}) <= days) {
        date.year++;
    }
    while (date.month < 12 &&
           days_from_date((dossier_date_t){date.year, date.month + 1, 1}) <= days) {
        date.month++;
    }
    date.day = 1 + (int)(days - days_from_date(date));
    return date;
}

static apr_int64_t floor_divide(apr_int64_t number, apr_int64_t by)
{
    return number / by - (number % by < 0);
}

/* 01:00 UTC of the last Sunday of a month of 31 days, when summer time starts or ends. */
static apr_int64_t last_sunday(int year, int month)
{
    apr_int64_t last = days_from_date((dossier_date_t){year, month, 31});
    apr_int64_t weekday = (last + 4) % 7; /* 1 January 1970 was a Thursday; 0 is Sunday */

    return (last - weekday) * DAY + 3600;
}

/* Seconds as Rome's clocks count them. By the rule of Directive 2000/84/EC rather than the host's
   time zone: servers mostly run in UTC, and the day of the patient is Rome's all the same. */
static apr_int64_t rome_seconds(apr_time_t time)
{
    apr_int64_t seconds = floor_divide(time, APR_USEC_PER_SEC);
    int year = date_from_days(floor_divide(seconds, DAY)).year;
    int summer = seconds >= last_sunday(year, 3) && seconds < last_sunday(year, 10);

    return seconds + (summer ? 7200 : 3600);
}

dossier_date_t dossier_date_at(apr_time_t time)
{
    return date_from_days(floor_divide(rome_seconds(time), DAY));
}

apr_time_t dossier_time_in_rome(apr_time_t time)
{
    return apr_time_from_sec(rome_seconds(time));
}

dossier_date_t dossier_date_today(void)
{
    return dossier_date_at(apr_time_now());
}

int dossier_date_age(dossier_date_t birth, dossier_date_t today)
{
    int before_birthday =
        today.month < birth.month || (today.month == birth.month && today.day < birth.day);

    return today.year - birth.year - before_birthday;
}

int dossier_date_is_minor(dossier_date_t birth, dossier_date_t today)
{
    return dossier_date_age(birth, today) < 18;
}

/* The digits behind the point; finer than a microsecond is cut off. */
static int take_fraction(int *microseconds, const char **cursor)
{
    int scale = 100000;

    *microseconds = 0;
    if (!apr_isdigit(**cursor)) {
        return 0;
    }
    for (; apr_isdigit(**cursor); (*cursor)++, scale /= 10) {
        *microseconds += (**cursor - '0') * scale;
    }
    return 1;
}

/* Seconds east of Greenwich. */
static int take_offset(int *offset, const char **cursor)
{
    int sign = **cursor == '-' ? -1 : 1;
    int hours;
    int minutes;

    *offset = 0;
    if (take_character(cursor, "Zz")) {
        return 1;
    }
    if (!take_character(cursor, "+-") || !take_digits(&hours, cursor, 2) ||
        !take_character(cursor, ":") || !take_digits(&minutes, cursor, 2) || hours > 23 ||
        minutes > 59) {
        return 0;
    }
    *offset = sign * (hours * 3600 + minutes * 60);
    return 1;
}

int dossier_time_parse(apr_time_t *time, const char *text)
{
    dossier_date_t date;
    int hour;
    int minute;
    int second = 0;
    int microseconds = 0;
    int offset;

    if (!text || !take_date(&date, &text) || !take_character(&text, "Tt") ||
        !take_digits(&hour, &text, 2) || !take_character(&text, ":") ||
        !take_digits(&minute, &text, 2)) {
        return 0;
    }
    /* Java leaves the seconds of a full minute out. */
    if (take_character(&text, ":") &&
        (!take_digits(&second, &text, 2) ||
         (take_character(&text, ".") && !take_fraction(&microseconds, &text)))) {
        return 0;
    }
    /* A leap second, written :60, is the next minute's first. */
    if (!take_offset(&offset, &text) || *text || hour > 23 || minute > 59 ||
        second > (minute == 59 ? 60 : 59)) {
        return 0;
    }
    *time = (days_from_date(date) * DAY + hour * 3600 + minute * 60 + second - offset) *
                APR_USEC_PER_SEC +
            microseconds;
    return 1;
}

const char *dossier_time_format(apr_time_t time, apr_pool_t *pool)
{
    apr_int64_t seconds = floor_divide(time, APR_USEC_PER_SEC);
    apr_int64_t days = floor_divide(seconds, DAY);
    int of_day = (int)(seconds - days * DAY);
    dossier_date_t date = date_from_days(days);

    return apr_psprintf(pool, "%04d-%02d-%02dT%02d:%02d:%02dZ", date.year, date.month, date.day,
                        of_day / 3600, of_day / 60 % 60, of_day % 60);
}
