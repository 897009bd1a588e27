#include "base/mime.h"

#include <apr_base64.h>
#include <apr_lib.h>
#include <apr_strings.h>

#include <string.h>

#define MAX_LINE 76          /* RFC 2045, 6.7 */
#define MAX_ENCODED_WORD 42  /* bytes: with "Subject: " before them still 77 characters a line */
#define MAX_HEADER_VALUE 320 /* no address is longer */

/* Visible ASCII without what has a meaning in a header or an SMTP command. */
static int is_plain(const char *value)
{
    apr_size_t length = 0;
    for (; *value; value++, length++) {
        if (!apr_isgraph(*value) || (unsigned char)*value >= 0x7F || strchr("<>\"\\(),;", *value)) {
            return 0;
        }
    }
    return length > 0 && length <= MAX_HEADER_VALUE;
}

static int is_ascii_line(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || (unsigned char)*text >= 0x7F) {
            return 0;
        }
    }
    return 1;
}

static int inside_character(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* One encoded word per piece, never cutting a character in two (RFC 2047, 5). */
static const char *encoded_words(const char *text, apr_pool_t *pool)
{
    const char *words = "";
    apr_size_t left = strlen(text);
    while (left) {
        apr_size_t length = left < MAX_ENCODED_WORD ? left : MAX_ENCODED_WORD;
        char *base64;

        while (length > 1 && length < left && inside_character(text[length])) {
            length--;
        }
        base64 = apr_palloc(pool, apr_base64_encode_len((int)length));
        apr_base64_encode_binary(base64, (const unsigned char *)text, (int)length);
        words = apr_pstrcat(pool, words, *words ? "\r\n " : "", "=?UTF-8?B?", base64, "?=", NULL);
        text += length;
        left -= length;
    }
    return words;
}

static const char *unstructured(const char *text, apr_pool_t *pool)
{
    return is_ascii_line(text) && strlen(text) <= 60 ? text : encoded_words(text, pool);
}

/* What one byte becomes; a blank or tab at the end of a line would be lost on the way. */
static const char *printable(char out[4], const char *at)
{
    unsigned char c = (unsigned char)*at;
    int last = at[1] == '\n' || at[1] == '\0';
    if ((c > 0x20 && c < 0x7F && c != '=') || ((c == ' ' || c == '\t') && !last)) {
        out[0] = (char)c;
        out[1] = '\0';
    } else {
        apr_snprintf(out, 4, "=%02X", c);
    }
    return out;
}

static const char *quoted_printable(const char *text, apr_pool_t *pool)
{
    char *result = apr_palloc(pool, strlen(text) * 7 + 3); /* "=XX" and "=\r\n" at the very worst */
    char *end = result;
    int column = 0;
    for (; *text; text++) {
        char one[4];
        int width;

        if (*text == '\n') {
            end = apr_cpystrn(end, "\r\n", 3);
            column = 0;
            continue;
        }
        width = (int)strlen(printable(one, text));
        if (column + width >= MAX_LINE) {
            end = apr_cpystrn(end, "=\r\n", 4);
            column = 0;
        }
        end = apr_cpystrn(end, one, sizeof(one));
        column += width;
    }
    apr_cpystrn(end, "\r\n", 3);
    return result;
}

/* RFC 5322 wants an offset where HTTP dates have GMT. */
static const char *date_of(apr_time_t time, apr_pool_t *pool)
{
    char date[APR_RFC822_DATE_LEN];
    apr_rfc822_date(date, time);
    return apr_pstrcat(pool, apr_pstrmemdup(pool, date, strlen(date) - 3), "+0000", NULL);
}

static const char *part(const char *type, const char *text, apr_pool_t *pool)
{
    return apr_pstrcat(pool, "Content-Type: ", type,
                       "; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
                       quoted_printable(text, pool), NULL);
}

/* The last part is the one that is shown (RFC 2046, 5.1.4). Quoted-printable text never holds "=_",
   and so never the boundary. */
static const char *content(const dossier_mime_t *mail, apr_pool_t *pool)
{
    const char *text = part("text/plain", mail->text, pool);
    const char *boundary;

    if (!mail->html) {
        return text;
    }
    boundary = apr_pstrcat(pool, "=_", mail->id, NULL);
    return apr_pstrcat(pool, "Content-Type: multipart/alternative; boundary=\"", boundary,
                       "\"\r\n\r\n--", boundary, "\r\n", text, "--", boundary, "\r\n",
                       part("text/html", mail->html, pool), "--", boundary, "--\r\n", NULL);
}

const char *dossier_mime_make(const dossier_mime_t *mail, apr_pool_t *pool)
{
    const char *at = strrchr(mail->from, '@');
    const char *unsubscribe;

    if (!at || !is_plain(mail->from) || !is_plain(mail->to) || !is_plain(mail->id) ||
        !is_plain(mail->language) || (mail->unsubscribe && !is_plain(mail->unsubscribe))) {
        return NULL;
    }
    unsubscribe = mail->unsubscribe
                      ? apr_pstrcat(pool, "\r\nList-Unsubscribe: <", mail->unsubscribe, ">", NULL)
                      : "";
    return apr_pstrcat(
        pool, "Date: ", date_of(mail->date, pool), "\r\nFrom: <", mail->from, ">\r\nTo: <",
        mail->to, ">\r\nMessage-ID: <", mail->id, at,
        ">\r\nSubject: ", unstructured(mail->subject, pool), unsubscribe,
        "\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Language: ",
        mail->language, "\r\n", content(mail, pool), NULL);
}
