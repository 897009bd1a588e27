#include "base/multipart.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include <string.h>
#include <strings.h>

#include "base/header_parameters.h"

#define MAX_BOUNDARY 70 /* RFC 2046, 5.1.1 */
#define MAX_IGNORED 8192
#define MAX_HEADERS 8192
#define MAX_PARTS 8
#define DELIMITER_LEAD "\r\n--"

typedef enum {
    IN_PREAMBLE,
    IN_HEADERS,
    IN_DATA,
    AFTER_DELIMITER,      /* "--boundary" was read */
    AFTER_DELIMITER_DASH, /* and one dash of the closing two */
    IN_PADDING,           /* blanks behind a delimiter */
    BEFORE_LINE_FEED,     /* the CR that ends the delimiter's line was read */
    IN_EPILOGUE
} state_t;

struct dossier_multipart_t {
    const dossier_multipart_events_t *events;
    void *context;
    apr_pool_t *pool;
    const char *delimiter; /* CR LF "--" boundary: CR stands nowhere but in front */
    apr_size_t delimiter_length;
    state_t state;
    apr_status_t status; /* the first failure: said again to every later call */
    const char *fault;   /* what is malformed */
    /* Bytes of the delimiter already seen, held back until it is clear whether they are data. The
       first `implied` of them belong to the line before and never become data. */
    apr_size_t matched;
    apr_size_t implied;
    apr_size_t ignored; /* bytes of preamble and padding */
    int parts;
    apr_size_t headers_length;
    char headers[MAX_HEADERS + 1];
};

typedef struct {
    const char *disposition;
    const char *type;
    const char *encoding;
} part_headers_t;

static apr_status_t malformed(dossier_multipart_t *parser, const char *fault)
{
    parser->fault = fault;
    return APR_EINVAL;
}

static const char *trim(char *text)
{
    apr_size_t length = strlen(text);

    while (length && (text[length - 1] == ' ' || text[length - 1] == '\t')) {
        text[--length] = '\0';
    }
    return text + strspn(text, " \t");
}

/* NULL, or the fault. */
static const char *boundary_fault(const char *boundary)
{
    apr_size_t length = boundary ? strlen(boundary) : 0;

    if (!length) {
        return "boundary_missing";
    }
    if (length > MAX_BOUNDARY) {
        return "boundary_long";
    }
    for (const char *c = boundary; *c; ++c) {
        if (!apr_isalnum(*c) && !strchr("'()+_,-./:=? ", *c)) {
            return "boundary_characters";
        }
    }
    return boundary[length - 1] == ' ' ? "boundary_characters" : NULL;
}

dossier_multipart_t *dossier_multipart_make(const char **fault, const char *content_type,
                                            const dossier_multipart_events_t *events, void *context,
                                            apr_pool_t *pool)
{
    static const char type[] = "multipart/form-data";
    dossier_multipart_t *parser;
    const char *boundary;

    content_type = content_type ? content_type + strspn(content_type, " \t") : "";
    if (strncasecmp(content_type, type, sizeof(type) - 1)) {
        *fault = "boundary_missing";
        return NULL;
    }
    *fault = dossier_header_parameter(&boundary, content_type + sizeof(type) - 1, "boundary", pool)
                 ? "boundary_characters"
                 : boundary_fault(boundary);
    if (*fault) {
        return NULL;
    }
    parser = apr_pcalloc(pool, sizeof(*parser));
    parser->events = events;
    parser->context = context;
    parser->pool = pool;
    parser->delimiter = apr_pstrcat(pool, DELIMITER_LEAD, boundary, NULL);
    parser->delimiter_length = strlen(parser->delimiter);
    parser->matched = parser->implied = 2; /* the first line may be a delimiter */
    return parser;
}

/* Folded lines become one line. 0 when a line break stands alone or a control character is in
 * there. */
static int unfold(char *headers, apr_size_t length)
{
    for (apr_size_t i = 0; i < length; ++i) {
        if (headers[i] == '\r' && headers[i + 1] == '\n') {
            if (headers[i + 2] == ' ' || headers[i + 2] == '\t') {
                headers[i] = headers[i + 1] = ' ';
            }
            ++i;
        } else if (headers[i] != '\t' && apr_iscntrl(headers[i])) {
            return 0;
        }
    }
    return 1;
}

/* "Name: value" to the place of its name. NULL, or the fault. */
static const char *read_header(part_headers_t *found, char *line)
{
    const char **place = NULL;
    apr_size_t length = 0;

    while (dossier_header_is_token(line[length])) {
        ++length;
    }
    if (!length || line[length] != ':') {
        return "part_headers";
    }
    line[length] = '\0';
    if (!strcasecmp(line, "Content-Disposition")) {
        place = &found->disposition;
    } else if (!strcasecmp(line, "Content-Type")) {
        place = &found->type;
    } else if (!strcasecmp(line, "Content-Transfer-Encoding")) {
        place = &found->encoding;
    }
    if (place && *place) {
        return "header_repeated";
    }
    if (place) {
        *place = trim(line + length + 1);
    }
    return NULL;
}

/* A part sent in base64 or quoted-printable (RFC 7578 forbids it) would be stored as it is encoded.
 */
static int encoding_plain(const char *encoding)
{
    return !encoding || !strcasecmp(encoding, "binary") || !strcasecmp(encoding, "8bit") ||
           !strcasecmp(encoding, "7bit");
}

/* The name a part has as a form field; *name NULL when it is none. */
static apr_status_t form_name(const char **name, const char *disposition, apr_pool_t *pool)
{
    static const char type[] = "form-data";
    const apr_size_t length = sizeof(type) - 1;

    *name = NULL;
    if (!disposition || strncasecmp(disposition, type, length) ||
        !strchr("; \t", disposition[length])) {
        return APR_SUCCESS;
    }
    return dossier_header_parameter(name, disposition + length, "name", pool);
}

/* The header lines to their places. NULL, or the fault. */
static const char *read_headers(part_headers_t *found, char *line)
{
    const char *fault = NULL;

    while (*line && !fault) {
        char *end = strstr(line, "\r\n");

        *end = '\0';
        fault = read_header(found, line);
        line = end + 2;
    }
    return fault;
}

static apr_status_t headers_complete(dossier_multipart_t *parser)
{
    part_headers_t found = {NULL, NULL, NULL};
    const char *fault;
    const char *name;

    /* without the line break of the empty line */
    parser->headers_length -= 2;
    parser->headers[parser->headers_length] = '\0';
    if (++parser->parts > MAX_PARTS) {
        return malformed(parser, "parts_many");
    }
    fault = unfold(parser->headers, parser->headers_length) ? read_headers(&found, parser->headers)
                                                            : "part_headers";
    if (fault) {
        return malformed(parser, fault);
    }
    if (!encoding_plain(found.encoding)) {
        return malformed(parser, "transfer_encoding");
    }
    if (form_name(&name, found.disposition, parser->pool) != APR_SUCCESS) {
        return malformed(parser, "disposition");
    }
    /* the empty line may be the one that starts the delimiter: a part without data */
    parser->state = IN_DATA;
    parser->matched = parser->implied = 2;
    return parser->events->part(parser->context, name,
                                found.type ? apr_pstrdup(parser->pool, found.type) : NULL);
}

static apr_status_t header_byte(dossier_multipart_t *parser, char c)
{
    apr_size_t length = parser->headers_length;

    if (length == MAX_HEADERS || !c) {
        return malformed(parser, "part_headers");
    }
    parser->headers[length++] = c;
    parser->headers_length = length;
    if (c != '\n') {
        return APR_SUCCESS;
    }
    if (length < 2 || parser->headers[length - 2] != '\r') {
        return malformed(parser, "line_ends");
    }
    if (length == 2 || (length >= 4 && !memcmp(parser->headers + length - 4, "\r\n", 2))) {
        return headers_complete(parser);
    }
    return APR_SUCCESS;
}

static apr_status_t count_ignored(dossier_multipart_t *parser, apr_size_t length)
{
    parser->ignored += length;
    return parser->ignored > MAX_IGNORED ? malformed(parser, "boundary_absent") : APR_SUCCESS;
}

/* A byte of the delimiter's own line, behind the boundary. */
static apr_status_t delimiter_byte(dossier_multipart_t *parser, char c)
{
    if (parser->state == AFTER_DELIMITER && c == '-') {
        parser->state = AFTER_DELIMITER_DASH;
        return APR_SUCCESS;
    }
    if (parser->state == AFTER_DELIMITER_DASH && c == '-') {
        parser->state = IN_EPILOGUE;
        return APR_SUCCESS;
    }
    if (parser->state == BEFORE_LINE_FEED && c == '\n') {
        parser->state = IN_HEADERS;
        parser->headers_length = 0;
        return APR_SUCCESS;
    }
    if (parser->state == AFTER_DELIMITER || parser->state == IN_PADDING) {
        parser->state = c == '\r' ? BEFORE_LINE_FEED : IN_PADDING;
        if (c == '\r') {
            return APR_SUCCESS;
        }
        if (c == ' ' || c == '\t') {
            return count_ignored(parser, 1);
        }
    }
    return malformed(parser, c == '\n' ? "line_ends" : "boundary_line");
}

static apr_status_t emit(dossier_multipart_t *parser, const char *data, apr_size_t length)
{
    if (!length) {
        return APR_SUCCESS;
    }
    if (parser->state == IN_PREAMBLE) {
        return count_ignored(parser, length);
    }
    return parser->events->data(parser->context, data, length);
}

static apr_status_t delimiter_found(dossier_multipart_t *parser)
{
    int in_part = parser->state == IN_DATA;

    parser->state = AFTER_DELIMITER;
    parser->matched = parser->implied = 0;
    return in_part ? parser->events->end(parser->context) : APR_SUCCESS;
}

/* Goes on with a delimiter begun before this data. Answers the bytes taken; `matched` says how it
   went on: 0 when what was held back turned out to be data. */
static apr_size_t resume_delimiter(dossier_multipart_t *parser, const char *data, apr_size_t length,
                                   apr_status_t *status)
{
    apr_size_t taken = 0;

    while (taken < length && data[taken] == parser->delimiter[parser->matched]) {
        ++taken;
        if (++parser->matched == parser->delimiter_length) {
            *status = delimiter_found(parser);
            return taken;
        }
    }
    if (taken < length) {
        *status =
            emit(parser, parser->delimiter + parser->implied, parser->matched - parser->implied);
        parser->matched = parser->implied = 0;
    }
    return taken;
}

/* Preamble or data up to a delimiter. Answers the bytes taken. */
static apr_size_t scan(dossier_multipart_t *parser, const char *data, apr_size_t length,
                       apr_status_t *status)
{
    const char *end = data + length;
    const char *at = data;

    while ((at = memchr(at, '\r', end - at)) != NULL) {
        apr_size_t there = end - at;
        apr_size_t compared = there < parser->delimiter_length ? there : parser->delimiter_length;

        if (!memcmp(at, parser->delimiter, compared)) {
            *status = emit(parser, data, at - data);
            if (*status == APR_SUCCESS) {
                parser->matched = compared;
                if (compared == parser->delimiter_length) {
                    *status = delimiter_found(parser);
                }
            }
            return at - data + compared;
        }
        ++at;
    }
    *status = emit(parser, data, length);
    return length;
}

apr_status_t dossier_multipart_feed(dossier_multipart_t *parser, const char *data,
                                    apr_size_t length)
{
    apr_status_t status = parser->status;

    while (length && status == APR_SUCCESS && parser->state != IN_EPILOGUE) {
        apr_size_t taken = 1;

        if (parser->state == IN_HEADERS) {
            status = header_byte(parser, *data);
        } else if (parser->state != IN_PREAMBLE && parser->state != IN_DATA) {
            status = delimiter_byte(parser, *data);
        } else if (parser->matched) {
            taken = resume_delimiter(parser, data, length, &status);
        } else {
            taken = scan(parser, data, length, &status);
        }
        data += taken;
        length -= taken;
    }
    parser->status = status;
    return status;
}

apr_status_t dossier_multipart_finish(dossier_multipart_t *parser)
{
    if (parser->status != APR_SUCCESS) {
        return parser->status;
    }
    if (parser->state == IN_EPILOGUE) {
        return APR_SUCCESS;
    }
    parser->fault = parser->state == IN_PREAMBLE ? "boundary_absent" : "cut_off";
    return APR_EOF;
}

const char *dossier_multipart_fault(const dossier_multipart_t *parser)
{
    return parser->fault;
}
