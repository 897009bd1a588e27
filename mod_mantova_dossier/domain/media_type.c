#include "domain/media_type.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include <string.h>

#include "base/base64.h"

#define P7M "application/pkcs7-mime"

/* DER or BER of "ContentInfo, signedData": SEQUENCE { OBJECT IDENTIFIER 1.2.840.113549.1.7.2, [0] {
   SEQUENCE { INTEGER version (RFC 5652, 5.1). */
static int is_signed_data(const unsigned char *at, apr_size_t length)
{
    static const unsigned char oid[] = {0x06, 0x09, 0x2A, 0x86, 0x48, 0x86,
                                        0xF7, 0x0D, 0x01, 0x07, 0x02};
    static const unsigned char opening[] = {0x30, 0xA0, 0x30, 0x02};
    apr_size_t position = 0;

    for (int i = 0; i < 4; i++) {
        if (position + 2 > length || at[position] != opening[i]) {
            return 0;
        }
        if (i == 3) {
            return at[position + 1] == 1 && position + 2 < length && at[position + 2] >= 1 &&
                   at[position + 2] <= 5;
        }
        /* 0x80: length not said; 0x81 to 0x84: in so many bytes that follow. */
        position += at[position + 1] >= 0x80 ? 2 + (at[position + 1] & 0x0F) : 2;
        if (i == 0) {
            if (position + sizeof(oid) > length || memcmp(at + position, oid, sizeof(oid))) {
                return 0;
            }
            position += sizeof(oid);
        }
    }
    return 0;
}

static int starts_with(const unsigned char *head, apr_size_t length, const char *wanted,
                       apr_size_t wanted_length)
{
    return length >= wanted_length && !memcmp(head, wanted, wanted_length);
}

/* CMS as PEM or bare base64: its bytes, as many as there is room for. */
static apr_size_t decode_signed_text(unsigned char *out, apr_size_t room, const unsigned char *head,
                                     apr_size_t length)
{
    static const char *const armours[] = {"-----BEGIN PKCS7-----", "-----BEGIN CMS-----",
                                          "-----BEGIN PKCS #7 SIGNED DATA-----"};

    dossier_base64_t base64 = {.have = 0};
    unsigned char bytes[DOSSIER_BASE64_BYTES];
    apr_size_t made = 0;
    int known = !starts_with(head, length, "-", 1);

    for (int i = 0; i < 3; i++) {
        known |= starts_with(head, length, armours[i], strlen(armours[i]));
    }
    while (known && length) {
        apr_size_t more = dossier_base64_decode(bytes, &base64, &head, &length);

        more = more < room - made ? more : room - made;
        memcpy(out + made, bytes, more);
        made += more;
    }
    return made;
}

static int is_signed_text(const unsigned char *head, apr_size_t length)
{
    unsigned char start[64];

    length = decode_signed_text(start, sizeof(start), head, length);
    return is_signed_data(start, length);
}

/* What stands before a PDF's header is skipped by viewers, within 1024 bytes: a byte order mark, a
   printer's commands, the headers of a mail. Here it may be lines of text only, and no markup, so
   that nothing else is also a PDF. */
static int may_precede_pdf(const unsigned char *text, apr_size_t length)
{
    apr_size_t at = starts_with(text, length, "\xEF\xBB\xBF", 3) ? 3 : 0;

    while (at < length && apr_isspace(text[at])) {
        at++;
    }
    if (at == length) {
        return 1;
    }
    if (text[at] == '<' || !apr_isspace(text[length - 1])) {
        return 0;
    }
    for (; at < length; at++) {
        if (!apr_isprint(text[at]) && !apr_isspace(text[at]) && text[at] != '\x1B') {
            return 0;
        }
    }
    return 1;
}

static int is_pdf(const unsigned char *head, apr_size_t length)
{
    enum { LEADING = 1024 };

    for (apr_size_t at = 0; at <= LEADING && at + 8 <= length; at++) {
        const unsigned char *found = head + at;

        if (!memcmp(found, "%PDF-", 5)) {
            return (found[5] == '1' || found[5] == '2') && found[6] == '.' &&
                   apr_isdigit(found[7]) && may_precede_pdf(head, at);
        }
    }
    return 0;
}

static int is_png(const unsigned char *head, apr_size_t length)
{
    return starts_with(head, length, "\x89PNG\r\n\x1A\n\0\0\0\rIHDR", 16);
}

static int is_jpeg(const unsigned char *head, apr_size_t length)
{
    return starts_with(head, length, "\xFF\xD8\xFF", 3) && length >= 4 && head[3] >= 0xC0 &&
           head[3] != 0xFF;
}

const char *dossier_media_type_sniff(const unsigned char *head, apr_size_t length)
{
    if (is_signed_data(head, length) || is_signed_text(head, length)) {
        return P7M;
    }
    if (is_jpeg(head, length)) {
        return "image/jpeg";
    }
    if (is_png(head, length)) {
        return "image/png";
    }
    if (starts_with(head, length, "PK\x03\x04", 4)) {
        return "application/zip";
    }
    return is_pdf(head, length) ? "application/pdf" : NULL;
}

static const char *plain_extension(const char *media_type)
{
    static const char *const pairs[][2] = {
        {"application/pdf", "pdf"}, {P7M, "p7m"}, {"image/jpeg", "jpg"}, {"image/png", "png"},
        {"application/zip", "zip"},
    };

    for (apr_size_t i = 0; media_type && i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        if (!strcmp(media_type, pairs[i][0])) {
            return pairs[i][1];
        }
    }
    return NULL;
}

/* Moves on to what SignedData holds (RFC 5652, 5.2): behind id-data stands [0] with an OCTET
   STRING, which BER may cut into pieces. 0: it does not show among these bytes. */
static int enter_signed_data(const unsigned char **head, apr_size_t *length)
{
    static const unsigned char oid[] = {0x06, 0x09, 0x2A, 0x86, 0x48, 0x86,
                                        0xF7, 0x0D, 0x01, 0x07, 0x01};
    enum { EXPLICIT = 0xA0, PIECES = 0x24, OCTETS = 0x04 };
    const unsigned char *end = *head + *length;
    const unsigned char *at = memmem(*head, *length, oid, sizeof(oid));
    int tag = 0;

    for (at = at ? at + sizeof(oid) : end; tag != OCTETS;) {
        apr_size_t size = end - at < 2 ? 2 : 2 + (at[1] & 0x80 ? at[1] & 0x0FU : 0);

        if ((apr_size_t)(end - at) < size || (*at != EXPLICIT && *at != PIECES && *at != OCTETS)) {
            return 0;
        }
        tag = *at;
        at += size;
    }
    *head = at;
    *length = (apr_size_t)(end - at);
    return 1;
}

static int is_xml(const unsigned char *head, apr_size_t length)
{
    return starts_with(head, length, "<?xml", 5) ||
           starts_with(head, length, "\xEF\xBB\xBF<?xml", 8);
}

/* Programs that check the signature take ".p7m" off and open what is left, so the name has to tell
   what that is: a PDF as a rule. */
static const char *signed_extension(const unsigned char *head, apr_size_t length, apr_pool_t *pool)
{
    unsigned char bytes[2048];
    const char *inner = NULL;
    const char *outer = ".p7m";

    if (!is_signed_data(head, length)) {
        length = decode_signed_text(bytes, sizeof(bytes), head, length);
        head = bytes;
    }
    while (enter_signed_data(&head, &length)) {
        const char *type = dossier_media_type_sniff(head, length);

        if (!type || strcmp(type, P7M)) {
            if (length && !type && !is_xml(head, length) && !memmem(head, length, "%PDF", 4)) {
                return outer + 1; /* of no type that is known: nothing is said of it */
            }
            inner = is_xml(head, length) ? "xml" : plain_extension(type);
            break;
        }
        outer = apr_pstrcat(pool, ".p7m", outer, NULL); /* signed twice */
    }
    return apr_pstrcat(pool, inner ? inner : "pdf", outer, NULL);
}

const char *dossier_media_type_extension(const char *media_type, const unsigned char *head,
                                         apr_size_t length, apr_pool_t *pool)
{
    if (media_type && !strcmp(media_type, P7M)) {
        return signed_extension(head, length, pool);
    }
    return plain_extension(media_type);
}
