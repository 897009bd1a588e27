/* The mail as it travels: headers that cannot be broken, a body that arrives as it was. */
#include <apr_base64.h>
#include <apr_lib.h>

#include <stdlib.h>

#include "base/mime.h"
#include "fixture.h"

static dossier_mime_t sample(void)
{
    const dossier_mime_t mail = {.from = "avvisi@example.org",
                                 .to = "mario.rossi+x@example.com",
                                 .subject = "Nuovi documenti disponibili",
                                 .text = "Una riga.\nUn'altra.",
                                 .language = "it",
                                 .id = "0b6f1c1e-0000-4000-8000-000000000001",
                                 .date = apr_time_from_sec(1795512600)};
    return mail;
}

static const char *body_of(const char *mail)
{
    return strstr(mail, "\r\n\r\n") + 4;
}

/* RFC 2045, 6.7, read the other way. */
static const char *decoded(const char *body, apr_pool_t *pool)
{
    char *text = apr_palloc(pool, strlen(body) + 1);
    char *end = text;
    while (*body) {
        if (!strncmp(body, "=\r\n", 3)) {
            body += 3;
        } else if (!strncmp(body, "\r\n", 2)) {
            *end++ = '\n';
            body += 2;
        } else if (*body == '=') {
            const char hex[] = {body[1], body[2], '\0'};
            *end++ = (char)strtol(hex, NULL, 16);
            body += 3;
        } else {
            *end++ = *body++;
        }
    }
    *end = '\0';
    return text;
}

static void headers_are_complete(void **state)
{
    static const char *const lines[] = {
        "Date: Tue, 24 Nov 2026 09:30:00 +0000\r\n",
        "\r\nFrom: <avvisi@example.org>\r\n",
        "\r\nTo: <mario.rossi+x@example.com>\r\n",
        "\r\nMessage-ID: <0b6f1c1e-0000-4000-8000-000000000001@example.org>\r\n",
        "\r\nSubject: Nuovi documenti disponibili\r\n",
        "\r\nAuto-Submitted: auto-generated\r\n",
        "\r\nMIME-Version: 1.0\r\n",
        "\r\nContent-Language: it\r\n",
        "\r\nContent-Type: text/plain; charset=UTF-8\r\n",
        "\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
    };
    const dossier_mime_t mail = sample();
    const char *made = dossier_mime_make(&mail, *state);
    for (size_t i = 0; i < COUNT(lines); i++) {
        CHECK(strstr(made, lines[i]), "no line %s in:\n%s", lines[i], made);
    }
    assert_string_equal(body_of(made), "Una riga.\r\nUn'altra.\r\n");
}

static void body_arrives_as_it_was(void **state)
{
    static const char *const texts[] = {
        "",
        "=",
        "perché à è ì ò ù €",
        "blank at the end \ntab at the end\t\nboth \t",
        "a=3D is no escape",
        "..dots\n.\n..",
        "no line end, but one comes",
        "012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
        "0",
        "èèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèèè",
        "carriage\rreturn",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        dossier_mime_t mail = sample();
        const char *made;
        const char *expected;

        mail.text = texts[i];
        made = dossier_mime_make(&mail, *state);
        expected = apr_pstrcat(*state, texts[i], "\n", NULL);
        CHECK(same_text(decoded(body_of(made), *state), expected), "%s became %s", texts[i],
              body_of(made));
    }
}

/* Every line ends with CRLF, is ASCII, and no longer than 76 characters (RFC 2045; headers: 78). */
static void lines_keep_the_rules(void **state)
{
    dossier_mime_t mail = sample();
    char long_text[2000];
    const char *line;

    for (size_t i = 0; i < sizeof(long_text) - 1; i++) {
        long_text[i] = "ab =\xC3\xA8."[i % 7];
    }
    long_text[sizeof(long_text) - 1] = '\0';
    mail.text = long_text;
    mail.subject = "Un oggetto più lungo di una riga, perché le parole codificate sono più d'una";
    line = dossier_mime_make(&mail, *state);
    while (*line) {
        const char *end = strstr(line, "\r\n");
        assert_non_null(end);
        assert_in_range(end - line, 0, 78);
        for (; line < end; line++) {
            assert_in_range(*line, 0x20, 0x7E);
        }
        line = end + 2;
    }
}

/* RFC 2047: each encoded word is at most 75 characters and whole UTF-8 by itself. */
static void subject_with_accents_is_encoded(void **state)
{
    dossier_mime_t mail = sample();
    const char *subject;
    char *joined;

    mail.subject = "ùùùùùùùùùùùùùùùùùùùùùùùùùùùùùùùùùùùùùùùùùùùùùùùùùùùù";
    subject = strstr(dossier_mime_make(&mail, *state), "Subject: ") + 9;
    joined = apr_pstrdup(*state, "");
    for (; !strncmp(subject, "=?UTF-8?B?", 10); subject++) {
        const char *end = strstr(subject, "?=");
        const char *base64;
        char *piece;
        int length;

        assert_in_range(end + 2 - subject, 12, 75);
        base64 = apr_pstrmemdup(*state, subject + 10, end - subject - 10);
        piece = apr_palloc(*state, apr_base64_decode_len(base64) + 1);
        length = apr_base64_decode(piece, base64);
        piece[length] = '\0';
        assert_int_not_equal(piece[0] & 0xC0, 0x80); /* no character cut in two */
        joined = apr_pstrcat(*state, joined, piece, NULL);
        subject = end + 2;
        if (strncmp(subject, "\r\n ", 3)) {
            break;
        }
        subject += 2;
    }
    assert_string_equal(joined, mail.subject);
}

static void nothing_ends_a_header(void **state)
{
    dossier_mime_t mail;

    static const char *const addresses[] = {
        "",          "a b@example.com",       "a@example.com\r\nBcc: x@example.org",
        "a@b\nX: y", "a@example.com> SIZE=1", "<a@example.com>",
        "a,b@c.org", "\"a\"@example.com",     "a@example.com\t",
        "è@c.org",   "a@example.com;b@c.org",
    };
    for (size_t i = 0; i < COUNT(addresses); i++) {
        dossier_mime_t mail = sample();
        mail.to = addresses[i];
        CHECK(!dossier_mime_make(&mail, *state), "to: %s was taken", addresses[i]);
        mail = sample();
        mail.from = addresses[i];
        CHECK(!dossier_mime_make(&mail, *state), "from: %s was taken", addresses[i]);
    }
    mail = sample();
    mail.id = "1>\r\nX-Evil: yes";
    assert_null(dossier_mime_make(&mail, *state));
    mail = sample();
    mail.language = "it\r\nX-Evil: yes";
    assert_null(dossier_mime_make(&mail, *state));
    mail = sample();
    mail.subject = "Ciao\r\nX-Evil: yes";
    assert_null(strstr(dossier_mime_make(&mail, *state), "X-Evil"));
}

/* Two parts between boundaries that neither can hold, the HTML last. */
static void html_is_an_alternative(void **state)
{
    dossier_mime_t mail = sample();
    const char *made;
    const char *boundary;
    int count;

    mail.html = "<p>--=_0b6f1c1e-0000-4000-8000-000000000001</p>";
    mail.unsubscribe = "https://localhost/#/profilo";
    made = dossier_mime_make(&mail, *state);
    boundary = "\r\n--=_0b6f1c1e-0000-4000-8000-000000000001";
    count = 0;
    for (const char *at = made; (at = strstr(at, boundary)); at++) {
        count++;
    }
    assert_int_equal(count, 3);
    assert_non_null(strstr(made, "\r\nContent-Type: multipart/alternative; boundary=\"=_0b6f"));
    assert_non_null(strstr(made, "\r\nList-Unsubscribe: <https://localhost/#/profilo>\r\n"));
    assert_true(strstr(made, "text/plain") < strstr(made, "text/html"));
    assert_non_null(strstr(made, "<p>--=3D_0b6f"));
    mail.unsubscribe = "https://localhost/\r\nX-Evil: yes";
    assert_null(dossier_mime_make(&mail, *state));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(headers_are_complete),  TEST(body_arrives_as_it_was),
        TEST(lines_keep_the_rules),  TEST(subject_with_accents_is_encoded),
        TEST(nothing_ends_a_header), TEST(html_is_an_alternative),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
