#include "base/mail_html.h"

#include <apr_strings.h>
#include <apr_tables.h>

#include <string.h>

static const char *escaped_one(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    default:
        return NULL;
    }
}

static const char *escaped(const char *text, apr_size_t length, apr_pool_t *pool)
{
    char *out = apr_palloc(pool, 6 * length + 1);
    char *end = out;
    for (apr_size_t i = 0; i < length; i++) {
        const char *entity = escaped_one(text[i]);
        const char one[] = {text[i], '\0'};
        end = apr_cpystrn(end, entity ? entity : one, 7);
    }
    *end = '\0';
    return out;
}

/* An address at the end of a sentence does not hold its full stop. */
static apr_size_t address_length(const char *text)
{
    apr_size_t length = strcspn(text, " \n<>\"");
    while (length && strchr(".,;:", text[length - 1])) {
        length--;
    }
    return length;
}

static const char *paragraph(const char *text, apr_size_t length, apr_pool_t *pool)
{
    apr_array_header_t *pieces = apr_array_make(pool, 8, sizeof(const char *));
    const char *end = text + length;
    while (text < end) {
        const char *link = strstr(text, "https://");
        apr_size_t before =
            link && link < end ? (apr_size_t)(link - text) : (apr_size_t)(end - text);
        APR_ARRAY_PUSH(pieces, const char *) = escaped(text, before, pool);
        text += before;
        if (text < end) {
            apr_size_t address = address_length(text);
            const char *shown = escaped(text, address, pool);
            APR_ARRAY_PUSH(pieces, const char *) =
                apr_pstrcat(pool, "<a href=\"", shown, "\">", shown, "</a>", NULL);
            text += address;
        }
    }
    return apr_array_pstrcat(pool, pieces, 0);
}

const char *dossier_mail_html(const char *subject, const char *text, const char *language,
                              apr_pool_t *pool)
{
    const char *body = "";
    const char *title;

    while (*text) {
        const char *gap = strstr(text, "\n\n");
        apr_size_t length = gap ? (apr_size_t)(gap - text) : strlen(text);
        body = apr_pstrcat(pool, body, "<p>", paragraph(text, length, pool), "</p>\n", NULL);
        text += length;
        text += strspn(text, "\n");
    }
    title = escaped(subject, strlen(subject), pool);
    return apr_pstrcat(
        pool, "<!DOCTYPE html>\n<html lang=\"", language,
        "\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
        title,
        "</title>\n</head>\n<body style=\"font: 18px/1.5 sans-serif; max-width: 36em; "
        "margin: 1em auto; padding: 0 1em\">\n<h1 style=\"font-size: 24px\">",
        title, "</h1>\n", body, "</body>\n</html>", NULL);
}
