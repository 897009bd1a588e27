#include "domain/content.h"
#include "fixture.h"

#define PDF "application/pdf"
#define CMS "application/pkcs7-mime"
#define JPEG "image/jpeg"
#define PNG "image/png"
#define ZIP "application/zip"

/* A literal with the length that its NULs hide. */
#define BYTES(literal) literal, sizeof(literal) - 1

/* Where "1 0 obj" and a line end stand between, the table is at 17. */
#define PDF_END "xref\ntrailer\n" PDF_LAST
#define PDF_LAST "startxref\n17\n%%EOF"

#define FIFTEEN "% 15 characters"
#define DEFLATED "1 0 obj <</Filter/FlateDecode>> stream\n"

/* With the main part behind the first one's table at 41; 105 bytes. */
#define LINEARIZED(dictionary, between)                                                            \
    "%PDF-1.7\n1 0 obj <<" dictionary ">>\nxref\ntrailer\nstartxref\n0\n%%EOF\n2 0 obj\n" between  \
    "endobj\nstartxref\n41\n%%EOF"
#define STATED "/Linearized 1/L 105"

#define JPEG_FRAME "\xFF\xC0\0\x0B\x08\0\1\0\1\1\1\x11\0"
#define JPEG_SCAN "\xFF\xDA\0\x08\1\1\0\0\x3F\0"

/* ContentInfo, signedData, version 1, no digest algorithms; the lengths are those of the whole. */
#define SIGNED "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02"
#define DATA "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01"

#define PNG_SIGNATURE "\x89PNG\r\n\x1A\n"
#define PNG_IHDR "\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0\x90\x77\x53\xDE"
#define PNG_IDAT "\0\0\0\x0CIDAT\x08\xD7\x63\xF8\xFF\xFF\x3F\0\x05\xFE\x02\xFE\xDC\xCC\x59\xE7"
#define PNG_CRC_HELLO                                                                              \
    "\x0A"                                                                                         \
    "\xE4"                                                                                         \
    "\x9E"                                                                                         \
    "\x2B"
#define PNG_SHORT                                                                                  \
    "\x78"                                                                                         \
    "\x9C"                                                                                         \
    "\x63"                                                                                         \
    "\x60"                                                                                         \
    "\x64"                                                                                         \
    "\x02"                                                                                         \
    "\x00"                                                                                         \
    "\x00"                                                                                         \
    "\x07"                                                                                         \
    "\x00"                                                                                         \
    "\x04"                                                                                         \
    "\x76"                                                                                         \
    "\x49"                                                                                         \
    "\xE3"                                                                                         \
    "\x28"
#define PNG_ADAM7                                                                                  \
    "\x00"                                                                                         \
    "\x00"                                                                                         \
    "\x00"                                                                                         \
    "\x0D"                                                                                         \
    "\x49"                                                                                         \
    "\x48"                                                                                         \
    "\x44"                                                                                         \
    "\x52"                                                                                         \
    "\x00"                                                                                         \
    "\x00"                                                                                         \
    "\x00"                                                                                         \
    "\x05"                                                                                         \
    "\x00"                                                                                         \
    "\x00"                                                                                         \
    "\x00"                                                                                         \
    "\x03"                                                                                         \
    "\x01"                                                                                         \
    "\x00"                                                                                         \
    "\x00"                                                                                         \
    "\x00"                                                                                         \
    "\x01"                                                                                         \
    "\x04"                                                                                         \
    "\x4A"                                                                                         \
    "\xC8"                                                                                         \
    "\xC3"                                                                                         \
    "\x00"                                                                                         \
    "\x00"                                                                                         \
    "\x00"                                                                                         \
    "\x0B"                                                                                         \
    "\x49"                                                                                         \
    "\x44"                                                                                         \
    "\x41"                                                                                         \
    "\x54"                                                                                         \
    "\x78"                                                                                         \
    "\x9C"                                                                                         \
    "\x63"                                                                                         \
    "\x60"                                                                                         \
    "\x40"                                                                                         \
    "\x06"                                                                                         \
    "\x00"                                                                                         \
    "\x00"                                                                                         \
    "\x0E"                                                                                         \
    "\x00"                                                                                         \
    "\x01"                                                                                         \
    "\xA9"                                                                                         \
    "\x91"                                                                                         \
    "\x73"                                                                                         \
    "\xB1"
#define PNG_IEND "\0\0\0\0IEND\xAE\x42\x60\x82"

#define ZIP_LOCAL(size, name)                                                                      \
    "PK\x03\x04\x14\0\x08\0\0\0" /* streamed: sizes follow, nobody knows where */                  \
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" size "\0\0\0" name
#define ZIP_RECORD(size, name)                                                                     \
    "PK\x01\x02\x14\0\x14\0\x08\0\x08\0"                                                           \
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" size "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" name
#define ZIP_RECORD_AT(size, at, name)                                                              \
    "PK\x01\x02\x14\0\x14\0\x08\0\x08\0"                                                           \
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" size "\0\0\0\0\0\0\0\0\0\0\0\0\0" at "\0\0\0" name
#define ZIP_END(entries, size, offset, comment)                                                    \
    "PK\x05\x06\0\0\0\0" entries "\0" entries "\0" size "\0\0\0" offset "\0\0\0" comment "\0"

typedef struct {
    const char *type;
    const char *bytes;
    size_t length;
    const char *fault;
} case_t;

/* Fed in pieces of `most` bytes. */
static const char *judge(const case_t *given, size_t length, size_t most, apr_pool_t *pool)
{
    dossier_content_t *content = dossier_content_make(given->type, pool);

    for (size_t at = 0; at < length; at += most) {
        size_t size = length - at < most ? length - at : most;

        dossier_content_feed(content, apr_pmemdup(pool, given->bytes + at, size), size);
    }
    return dossier_content_finish(content);
}

static const case_t cases[] = {
    {PDF, BYTES("%PDF-1.7\n1 0 obj\n" PDF_END), NULL},
    {PDF, BYTES("%PDF-1.7\n1 0 obj\n" PDF_END "\r\n\0\0\0remains"), NULL},
    {PDF, BYTES("%PDF-1.7\n" PDF_END "\n2 0 obj\nendobj\n" PDF_END "\n"), NULL},
    {PDF, BYTES("%PDF-1.7\r1 0\robj\r<</Type/XRef>>\r" PDF_LAST), NULL},
    {PDF, BYTES("%PDF-1.7 abc\nstartxref\n0\n%%EOF\n"), "damaged"}, /* nothing in it */
    {PDF, BYTES("%PDF-1.7\nendobj\n" PDF_END), "damaged"},
    {PDF, BYTES("%PDF-1.7\n1 0 obj\n" PDF_LAST), "damaged"},
    /* the table is not where it is said to be: by a little, and by more */
    {PDF, BYTES("%PDF-1.7\n1 0 obj\n" FIFTEEN "\n" PDF_END), NULL},
    {PDF, BYTES("%PDF-1.7\n1 0 obj\n" FIFTEEN "\r\n" PDF_END), "damaged"},
    {PDF,
     BYTES("%PDF-1.7\n" FIFTEEN FIFTEEN "\n1 0 obj\nendobj\n2 0\nobj\n<</Type/XRef>>" PDF_LAST),
     "damaged"},
    {PDF,
     BYTES("%PDF-1.7\n" FIFTEEN FIFTEEN "\n1 0 obj\nendobj\nxref\ntrailer\nstartxref\n0\n%%EOF"),
     NULL},
    {PDF, BYTES("%PDF-1.7\n1 0 obj\nxref\ntrailer\n" FIFTEEN FIFTEEN "startxref\n55\n%%EOF"),
     "damaged"},
    /* counted from the header, or from the first byte; two files, one behind the other */
    {PDF, BYTES(FIFTEEN FIFTEEN "\n%PDF-1.7\n1 0 obj\n" PDF_END), NULL},
    {PDF, BYTES(FIFTEEN FIFTEEN "\n%PDF-1.7\n1 0 obj\nxref\ntrailer\nstartxref\n48\n%%EOF"), NULL},
    {PDF, BYTES("%PDF-1.7\n1 0 obj\n" PDF_END "\n%PDF-1.7\n1 0 obj\n" PDF_END), NULL},
    /* what is deflated, and holds no byte above 127 */
    {PDF, BYTES("%PDF-1.7\n" DEFLATED "x\x1C\nxref\ntrailer\nstartxref\n50\n%%EOF"), "damaged"},
    {PDF, BYTES("%PDF-1.7\n" DEFLATED "x\x9C\nxref\ntrailer\nstartxref\n50\n%%EOF"), NULL},
    {PDF,
     BYTES("%PDF-1.7\n1 0 obj "
           "<</Filter[/ASCII85Decode/FlateDecode]>>\nxref\ntrailer\nstartxref\n58\n%%EOF"),
     NULL},
    {PDF,
     BYTES("%PDF-1.7\n1 0 obj <</Filter[/ASCII85Decode/FlateDecode]>>\n2 0 obj "
           "<</Filter/FlateDecode>>\nxref\ntrailer\nstartxref\n89\n%%EOF"),
     "damaged"},
    {PDF,
     BYTES("%PDF-1.7\n1 0 obj <</Filter[/ASCII85Decode/FlateDecode]>>\n2 0 obj "
           "<</Filter[/A85/FlateDecode]>>\nxref\ntrailer\nstartxref\n95\n%%EOF"),
     NULL},
    /* linearized: the table near the beginning stays in its place, the end does not */
    {PDF, BYTES(LINEARIZED(STATED, "")), NULL},
    {PDF, BYTES(LINEARIZED(STATED, FIFTEEN "\n")), NULL},
    {PDF, BYTES(LINEARIZED(STATED, FIFTEEN "\r\n")), "damaged"},
    {PDF, BYTES(LINEARIZED("/L 905 /Linearized 1", "")), "damaged"},
    {PDF, BYTES(LINEARIZED("/L\n105/O 3/Linearized 1", FIFTEEN "\r\n")), "damaged"},
    {PDF, BYTES(LINEARIZED("/Linearized 1/O 3", FIFTEEN "\r\n")), NULL},
    {PDF, BYTES(FIFTEEN FIFTEEN "\n" LINEARIZED(STATED, "")), NULL},
    {PDF, BYTES(FIFTEEN FIFTEEN "\n" LINEARIZED("/Linearized 1/L 136", "")), NULL},
    /* ... updated since, with the table that the last part had, and with one behind it */
    {PDF, BYTES(LINEARIZED(STATED, "") "\n" FIFTEEN FIFTEEN "\nstartxref\n41\n%%EOF\n"), NULL},
    {PDF, BYTES(LINEARIZED(STATED, "") "\n3 0 obj\nendobj\nxref\ntrailer\nstartxref\n121\n%%EOF"),
     NULL},
    /* ... written again, with the dictionary left in it */
    {PDF,
     BYTES("%PDF-1.7\n1 0 obj <</Linearized 1/L 900>>\n2 0 obj\nxref\ntrailer\n"
           "startxref\n49\n%%EOF"),
     NULL},
    {PDF, BYTES("%PDF-1.7 abc"), "incomplete"},
    {PDF, BYTES("%PDF-1.7\n1 0 obj\n%%EOF"), "incomplete"},
    {PDF, BYTES("%PDF-1.7\n1 0 obj\nstartxref\n9\n"), "incomplete"},
    {PDF, BYTES("%PDF-1.7\n" PDF_END "\n2 0 obj\nendo"), "incomplete"}, /* a cut update */
    {PDF, BYTES("%PDF-1.7\n1 0 obj <</Linearized 1>>\nstartxref\n0\n%%EOF\nstream"), "incomplete"},
    {PDF, BYTES("%PDF-1.7\nstartxref\n900\n%%EOF"), "damaged"},
    {PDF, BYTES("%PDF-1.7\nstartxref\nabc\n%%EOF"), "damaged"},

    {JPEG, BYTES("\xFF\xD8" JPEG_FRAME JPEG_SCAN "\x3F\xFF\xD9"), NULL},
    {JPEG, BYTES("\xFF\xD8" JPEG_FRAME JPEG_SCAN "\xFF\0\xFF\xD0\x3F\xFF\xFF\xD9more"), NULL},
    {JPEG, BYTES("\xFF\xD8" JPEG_FRAME JPEG_SCAN "\x3F" JPEG_SCAN "\x3F\xFF\xD9"), NULL},
    {JPEG, BYTES("\xFF\xD8\xFF\xE0\0\0\0\0\0\0\0\0\0\0\0\0"), "damaged"}, /* zeros */
    {JPEG, BYTES("\xFF\xD8" JPEG_FRAME "\xFF\xD9"), "damaged"},           /* no picture in it */
    {JPEG, BYTES("\xFF\xD8" JPEG_SCAN "\x3F\xFF\xD9"), "damaged"},
    {JPEG, BYTES("\xFF\xD8\xFF\xC0\0\x0B\x08\0\1\0\0\1\1\x11\0" JPEG_SCAN "\x3F\xFF\xD9"),
     "damaged"},
    {JPEG, BYTES("\xFF\xD8" JPEG_FRAME JPEG_SCAN "\0\0\0\0\0\0\0\0"), "incomplete"},

    {PNG, BYTES(PNG_SIGNATURE PNG_IHDR PNG_IDAT PNG_IEND), NULL},
    {PNG, BYTES(PNG_SIGNATURE PNG_IHDR PNG_IDAT PNG_IEND "more"), NULL},
    {PNG, BYTES(PNG_SIGNATURE PNG_IHDR "\0\0\0\1tEXtx\0\0\0\0" PNG_IDAT PNG_IEND), NULL},
    {PNG, BYTES(PNG_SIGNATURE PNG_IHDR PNG_IEND), "damaged"},
    /* no zlib stream, with a good checksum; one that ends before the picture does */
    {PNG, BYTES(PNG_SIGNATURE PNG_IHDR "\0\0\0\x0BIDAThello world" PNG_CRC_HELLO PNG_IEND),
     "damaged"},
    {PNG, BYTES(PNG_SIGNATURE PNG_IHDR "\0\0\0\x0BIDAT" PNG_SHORT PNG_IEND), "damaged"},
    /* interlaced: 5 by 3 pixels of 1 bit, in 6 passes with a pixel in them */
    {PNG, BYTES(PNG_SIGNATURE PNG_ADAM7 PNG_IEND), NULL},
    {PNG, BYTES(PNG_SIGNATURE PNG_IDAT PNG_IEND), "damaged"},
    {PNG, BYTES(PNG_SIGNATURE PNG_IHDR "\0\0\0\1IDATx\0\0\0\0" PNG_IEND), "damaged"},
    {PNG, BYTES(PNG_SIGNATURE PNG_IHDR PNG_IHDR PNG_IDAT PNG_IEND), "damaged"},

    {CMS, BYTES("\x30\x25" SIGNED "\xA0\x18\x30\x16\2\1\1\x31\0\x30\x0F" DATA "\xA0\2\4\0"),
     "no_content"},
    {CMS, BYTES("\x30\x26" SIGNED "\xA0\x19\x30\x17\2\1\1\x31\0\x30\x10" DATA "\xA0\3\4\1x"), NULL},
    {CMS, BYTES("\x30\x26" SIGNED "\xA0\x19\x30\x17\2\1\1\x31\0\x30\x10" DATA "\xA0\3\4\1x\r\n"),
     NULL},
    /* around a PDF that is none, around one that is whole, around a text */
    {CMS,
     BYTES("\x30\x31" SIGNED "\xA0\x24\x30\x22\2\1\1\x31\0\x30\x1B" DATA "\xA0\x0E\4\x0C"
           "%PDF-1.7 abc"),
     "incomplete"},
    {CMS,
     BYTES("\x30\x57" SIGNED "\xA0\x4A\x30\x48\2\1\1\x31\0\x30\x41" DATA "\xA0\x34\4\x32"
           "%PDF-1.7 x\n1 0 obj\n" PDF_END),
     NULL},
    {CMS, BYTES("\x30\x21" SIGNED "\xA0\x14\x30\x12\2\1\1\x31\0\x30\x0B" DATA), "no_content"},
    {CMS,
     BYTES("\x30\x80" SIGNED "\xA0\x80\x30\x80\2\1\1\x31\0\x30\x80" DATA
           "\xA0\x80\x24\x80\4\1x\0\0\0\0\0\0\0\0\0\0\0\0"),
     NULL},
    {CMS, BYTES("\x30\x80" SIGNED "\xA0\x80\x30\x80\2\1\1\x31\0\x30\x80" DATA "\0\0\0\0\0\0\0\0"),
     "no_content"},
    {CMS, BYTES("\x30\x80" SIGNED "\xA0\x80\x30\x80\2\1\1\x31\0\x30\x80" DATA), "incomplete"},
    {CMS, BYTES("\x30\x80\2\x80"), "damaged"}, /* a primitive without a length */
    /* the second of these in base64, bare, armoured, and with a mistake */
    {CMS, BYTES("MCYGCSqGSIb3DQEHAqAZMBcCAQExADAQBgkqhkiG9w0BBwGgAwQBeA=="), NULL},
    {CMS,
     BYTES(
         "-----BEGIN PKCS7-----\r\nMCYGCSqGSIb3DQEHAqAZMBcCAQEx\r\nADAQBgkqhkiG9w0BBwGgAwQBeA==\r\n"
         "-----END PKCS7-----\r\n"),
     NULL},
    {CMS, BYTES("MCYGCSqGSIb3DQEHAqAZMBcCAQEx*ADAQBgkqhkiG9w0BBwGgAwQBeA=="), "damaged"},

    {ZIP,
     BYTES(ZIP_LOCAL("\1", "a") "x" ZIP_RECORD("\1", "a") ZIP_RECORD("\x08", "DICOMDIR")
               ZIP_END("\2", "\x65", "\x20", "\0")),
     NULL},
    {ZIP,
     BYTES(ZIP_LOCAL("\1", "a") ZIP_RECORD("\x0C", "a/DICOM/1.dc")
               ZIP_END("\1", "\x3A", "\x1F", "\0")),
     "not_dicom"},
    {ZIP,
     BYTES(ZIP_LOCAL("\5", "1.dcm") ZIP_RECORD("\5", "1.dcm")
               ZIP_END("\1", "\x33", "\x23", "\5") "hello\r\n"),
     NULL},
    {ZIP, BYTES(ZIP_LOCAL("\5", "1.dcm") ZIP_RECORD("\5", "1.dcm")), "incomplete"},
    {ZIP,
     BYTES(ZIP_LOCAL("\5", "1.dcm") ZIP_RECORD("\5", "1.dcm") ZIP_END("\1", "\x73", "\x73", "\0")),
     "damaged"},
    {ZIP, /* no entry where the directory says */
     BYTES(ZIP_LOCAL("\5", "1.dcm") ZIP_RECORD("\5", "1.dcm") ZIP_RECORD_AT("\5", "\3", "1.dcm")
               ZIP_END("\2", "\x66", "\x23", "\0")),
     "damaged"},
    {ZIP, BYTES(ZIP_LOCAL("\5", "1.dcm") "PK\1\3" ZIP_END("\1", "\4", "\x23", "\0")), "damaged"},
};

static void judges_each_type(void **state)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (size_t most = 1; most < 200; most = most * 3 + 1) {
            const char *fault = judge(&cases[i], cases[i].length, most, *state);

            CHECK(same_text(fault, cases[i].fault), "case %zu (%s) in pieces of %zu: %s", i,
                  cases[i].type, most, fault ? fault : "whole");
        }
    }
}

/* Cut anywhere before its end, the first good one of each type is not whole. */
static void misses_no_missing_end(void **state)
{
    const char *type = "";

    for (size_t i = 0; i < COUNT(cases); i++) {
        if (cases[i].fault || !strcmp(cases[i].type, type)) {
            continue;
        }
        type = cases[i].type;
        for (size_t length = 1; length < cases[i].length; length++) {
            CHECK(judge(&cases[i], length, 7, *state), "%s cut at %zu", type, length);
        }
    }
}

/* A directory of 70,000 entries (ZIP64) is larger than what is kept of it. */
static void looks_into_large_archives(void **state)
{
    enum { ENTRIES = 70000, RECORD = 46 + 12 };
    const char first[] = ZIP_LOCAL("\6", "README");
    const size_t offset = sizeof(first) - 1;
    const size_t directory = (size_t)ENTRIES * RECORD;
    unsigned char *bytes = apr_pcalloc(*state, offset + directory + 200);
    unsigned char *at = bytes + offset;
    case_t given = {ZIP, (const char *)bytes, 0, NULL};

    memcpy(bytes, first, offset);
    for (int i = 0; i < ENTRIES; i++, at += RECORD) {
        memcpy(at, ZIP_RECORD("\x0C", "IMAGES/IM000"), RECORD);
    }
    memcpy(at, "PK\6\6\x2C", 5);
    for (int i = 0; i < 4; i++) {
        at[24 + i] = at[32 + i] = (unsigned char)(ENTRIES >> 8 * i);
        at[40 + i] = (unsigned char)(directory >> 8 * i);
        at[48 + i] = (unsigned char)(offset >> 8 * i);
        at[56 + 8 + i] = (unsigned char)((offset + directory) >> 8 * i);
    }
    memcpy(at + 56, "PK\6\7", 4);
    memcpy(at + 76, "PK\5\6\0\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 20);
    given.length = offset + directory + 98;
    assert_string_equal(judge(&given, given.length, 8000, *state), "not_dicom");
    memcpy(at - 12, "PAT/I123.dcm", 12);
    assert_null(judge(&given, given.length, 8000, *state));
    assert_string_equal(judge(&given, given.length - 1, 8000, *state), "incomplete");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(judges_each_type),
        TEST(misses_no_missing_end),
        TEST(looks_into_large_archives),
    };

    return cmocka_run_group_tests_name("content", tests, NULL, NULL);
}
