#include "domain/media_type.h"
#include "fixture.h"

#define P7M "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02"
/* A literal with the length that its NULs hide. */
#define BYTES(literal) literal, sizeof(literal) - 1

static void knows_types_by_their_content(void **state)
{
    static const struct {
        const char *head;
        size_t length;
        const char *type;
    } cases[] = {
        {BYTES("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n"), "application/pdf"},
        {BYTES("%PDF-2.0"), "application/pdf"},
        {BYTES("\xEF\xBB\xBF\r\n %PDF-1.4\n"), "application/pdf"},
        {BYTES("\x1B%-12345X@PJL SET RESOLUTION=600\r\n%PDF-1.4\n"), "application/pdf"},
        {BYTES("Content-Type: application/pdf\r\n\r\n%PDF-1.4\n"), "application/pdf"},
        {BYTES("\x30\x82\x10\x00" P7M "\xA0\x82\x0F\xF0\x30\x82\x0F\xEC\x02\x01\x01\x31"),
         "application/pkcs7-mime"},
        {BYTES("\x30\x80" P7M "\xA0\x80\x30\x80\x02\x01\x01\x31"), "application/pkcs7-mime"},
        {BYTES("\x30\x84\x00\x10\x00\x00" P7M "\xA0\x84\x00\x0F\xFF\xF0\x30\x84\x00\x0F\xFF\xEA"
               "\x02\x01\x05\x31"),
         "application/pkcs7-mime"},
        /* the same as the first in base64, bare and armoured */
        {BYTES("MIIQAAYJKoZIhvcNAQcCoIIP8DCCD+wCAQEx"), "application/pkcs7-mime"},
        {BYTES("-----BEGIN PKCS7-----\nMIIQAAYJKoZIhvcN\r\nAQcCoIIP8DCCD+wCAQEx\n"),
         "application/pkcs7-mime"},
        {BYTES("\xFF\xD8\xFF\xE0\0\x10JFIF"), "image/jpeg"},
        {BYTES("\xFF\xD8\xFF\xE1\0\x10"
               "Exif"),
         "image/jpeg"},
        {BYTES("\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0"), "image/png"},
        /* any archive: its directory tells what it holds */
        {BYTES("PK\x03\x04\x14\0\0\0\x08\0"), "application/zip"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *type =
            dossier_media_type_sniff((const unsigned char *)cases[i].head, cases[i].length);

        CHECK(same_text(type, cases[i].type), "case %zu: %s", i, type ? type : "refused");
    }
}

static void accepts_nothing_else(void **state)
{
    static const struct {
        const char *head;
        size_t length;
    } cases[] = {
        {BYTES("")},
        {BYTES("%PDF")},
        {BYTES("%PDF-")},
        {BYTES("%PDF-9.9")},
        {BYTES("%PDF-1x7")},
        {BYTES("<html>%PDF-1.7")}, /* a page that some viewers take for a PDF */
        {BYTES("\n<html>\n%PDF-1.7")},
        {BYTES("\x7F"
               "ELF\n%PDF-1.7")},
        {BYTES("<!DOCTYPE html><script>alert(1)</script>")},
        {BYTES("GIF89a%PDF-1.7")},
        {BYTES("<svg xmlns=\"http://www.w3.org/2000/svg\">")},
        {BYTES("MZ\x90\0\x03")},
        {BYTES("\x7F"
               "ELF\x02\x01\x01")},
        {BYTES("#!/bin/sh\n")},
        {BYTES("\xFF\xD8")},
        {BYTES("\xFF\xD8\xFF")},
        {BYTES("\xFF\xD8\xFF\xFF")},
        {BYTES("\x89PNG\r\n\x1A\n")},
        {BYTES("\x89PNG\n\x1A\n\0\0\0\rIHDR")}, /* line ends changed on the way */
        {BYTES(
            "\x30\x82\x10\x00\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x03\xA0\x82\x0F\xF0\x30\x82"
            "\x0F\xEC\x02\x01\x01")},    /* enveloped data */
        {BYTES("\x30\x82\x10\x00" P7M)}, /* cut short */
        {BYTES("\x30\x82\x10\x00" P7M "\xA0\x82\x0F\xF0\x30\x82\x0F\xEC\x02\x01\x09\x31")},
        {BYTES("\x30\xFF\x10\x00" P7M "\xA0\x82\x0F\xF0\x30\x82\x0F\xEC\x02\x01\x01\x31")},
        {BYTES("MIIQAAYJKoZIhvcN")},
        {BYTES("-----BEGIN CERTIFICATE-----\nMIIQAAYJKoZIhvcNAQcCoIIP8DCCD+wCAQEx")},
        {BYTES("PK\x03")},
        {BYTES("PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *type =
            dossier_media_type_sniff((const unsigned char *)cases[i].head, cases[i].length);

        CHECK(!type, "case %zu: taken for %s", i, type);
    }
}

/* Every type cut at every length: only the sanitizer sees a read too far, but a type must never
 * appear from less. */
static void never_reads_past_the_end(void **state)
{
    static const char p7m[] = "\x30\x82\x10\x00" P7M "\xA0\x82\x0F\xF0\x30\x82\x0F\xEC\x02\x01\x01";

    for (size_t length = 0; length < sizeof(p7m); length++) {
        unsigned char *copy = apr_pmemdup(*state, p7m, length + 1);
        const char *type = dossier_media_type_sniff(copy, length);

        assert_true(length == sizeof(p7m) - 1 ? type != NULL : type == NULL);
    }
}

static void names_extensions(void **state)
{
    static const char *const pairs[][2] = {
        {"application/pdf", "pdf"},
        {"application/pkcs7-mime", "pdf.p7m"},
        {"image/jpeg", "jpg"},
        {"image/png", "png"},
        {"application/zip", "zip"},
        {"text/html", NULL},
        {NULL, NULL},
    };
    const unsigned char nothing[] = "";

    for (size_t i = 0; i < COUNT(pairs); i++) {
        const char *extension = dossier_media_type_extension(pairs[i][0], nothing, 0, *state);

        CHECK(same_text(extension, pairs[i][1]), "case %zu: %s", i, extension);
    }
}

#define DATA "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01"
#define SIGNED "\x30\x80" P7M "\xA0\x80\x30\x80\x02\x01\x01\x31\x00\x30\x80"

/* What is left when ".p7m" is taken off opens as what it is. */
static void names_what_is_signed(void **state)
{
    static const struct {
        const char *head;
        size_t length;
        const char *extension;
    } cases[] = {
        {BYTES(SIGNED DATA "\xA0\x0C\x04\x0A%PDF-1.7\r\n"), "pdf.p7m"},
        {BYTES(SIGNED DATA "\xA0\x80\x24\x80\x04\x82\x04\x00%PDF-1.7\r\n"), "pdf.p7m"},
        {BYTES(SIGNED DATA "\xA0\x16\x04\x14<?xml version=\"1.0\"?>"), "xml.p7m"},
        {BYTES(SIGNED DATA "\xA0\x19\x04\x17\xEF\xBB\xBF<?xml version=\"1.0\"?>"), "xml.p7m"},
        {BYTES(SIGNED DATA "\xA0\x06\x04\x04\xFF\xD8\xFF\xE0"), "jpg.p7m"},
        {BYTES(SIGNED DATA "\xA0\x82\x01\x00\x04\x81\xF0" SIGNED DATA "\xA0\x80\x04\x0A%PDF-1.4\n"),
         "pdf.p7m.p7m"},
        {BYTES(SIGNED DATA "\xA0\x08\x04\x06"
                           "what?"),
         "p7m"},
        {BYTES(SIGNED DATA), "pdf.p7m"}, /* signed apart */
        {BYTES(SIGNED DATA "\xA0\x8F\x04"), "pdf.p7m"},
        {BYTES("MIAGCSqGSIb3DQEHAqCAMIACAQExADCABgkqhkiG9w0BBwGgFgQUPD94bWwgdmVyc2lvbj0iMS4wIj8+"),
         "xml.p7m"},
        {BYTES("-----BEGIN PKCS7-----\nMIAGCSqGSIb3DQEHAqCAMIACAQExADCABgkqhkiG\n"
               "9w0BBwGgFgQUPD94bWwgdmVyc2lvbj0iMS4wIj8+\n-----END PKCS7-----\n"),
         "xml.p7m"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        apr_size_t length = cases[i].length;
        unsigned char *exact = apr_pmemdup(*state, cases[i].head, length + 1);
        const char *extension =
            dossier_media_type_extension("application/pkcs7-mime", exact, length, *state);

        CHECK(same_text(extension, cases[i].extension), "case %zu: %s", i, extension);
    }
}

static void names_downloads_safely(void **state)
{
    static const char *const cases[][3] = {
        {"Esami del sangue", "Esami del sangue", "Esami%20del%20sangue"},
        {"Radiografia perch\xC3\xA9 s\xC3\xAC", "Radiografia perche si",
         "Radiografia%20perch%C3%A9%20s%C3%AC"},
        {"\"x\"; filename=evil.exe", "_x_; filename=evil.exe", "_x_%3B%20filename%3Devil.exe"},
        {"a\r\nSet-Cookie: b=c", "a__Set-Cookie_ b=c", "a__Set-Cookie_%20b%3Dc"},
        {"../../etc/passwd", "_.._etc_passwd", "_.._etc_passwd"},
        {"C:\\temp\\x", "C__temp_x", "C__temp_x"},
        {"100% ok*?", "100_ ok__", "100_%20ok__"},
        {"  .nascosto. . ", "nascosto", "nascosto"},
        {"nul", "_nul", "_nul"},
        {"COM1", "_COM1", "_COM1"},
        {"lpt\xC2\xB9", "_lpt_", "_lpt%C2%B9"}, /* superscript one */
        {"con .x", "_con .x", "_con%20.x"},
        {"CONIN$", "_CONIN$", "_CONIN$"},
        {"C\xC3\x96N", "_CON", "C%C3%96N"},
        {"Esami.pdf", "Esami", "Esami"},
        {"Esami.PDF .p7m", "Esami", "Esami"},
        {"Esami.pdf.exe", "Esami.pdf.exe", "Esami.pdf.exe"},
        {"Referto.", "Referto", "Referto"},
        {"Referto\xC2\xA0", "Referto", "Referto"},
        {"a\xE3\x80\x80z", "a z", "a%20z"},
        {"///", "documento", "documento"},
        {".pdf", "pdf", "pdf"},
        {"?.pdf", "documento", "documento"},
        {"Comune", "Comune", "Comune"},
        {"", "documento", "documento"},
        {"...", "documento", "documento"},
        {NULL, "documento", "documento"},
        {"\xE6\xA4\x9C\xE6\x9F\xBB", "documento", "%E6%A4%9C%E6%9F%BB"},
        {"x\xE2\x80\xAE"
         "fdp",
         "xfdp", "xfdp"}, /* a mark that turns the direction */
        {"x\xFFz", "x_z", "x_z"},
        {"x\xC2\x85z", "x_z", "x_z"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *header = dossier_content_disposition("attachment", cases[i][0], "pdf", *state);
        const char *expected =
            apr_psprintf(*state, "attachment; filename=\"%s.pdf\"; filename*=UTF-8''%s.pdf",
                         cases[i][1], cases[i][2]);

        assert_string_equal(header, expected);
    }
}

static void shortens_long_titles(void **state)
{
    char *title = apr_pcalloc(*state, 2001);

    for (int i = 0; i < 1000; i++) {
        memcpy(title + i * 2, "\xC3\xA8", 2);
    }
    title = (char *)dossier_content_disposition("inline", title, "pdf", *state);
    assert_int_equal(strncmp(title, "inline; filename=\"eee", 21), 0);
    assert_in_range(strlen(title), 100, 60 + 112 * 4);
    assert_int_equal(strncmp(title + strlen(title) - 10, "%C3%A8.pdf", 10), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(knows_types_by_their_content), TEST(accepts_nothing_else),
        TEST(never_reads_past_the_end),     TEST(names_extensions),
        TEST(names_what_is_signed),         TEST(names_downloads_safely),
        TEST(shortens_long_titles),
    };

    return cmocka_run_group_tests_name("media_type", tests, NULL, NULL);
}
