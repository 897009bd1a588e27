#include "http/multipart.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include <string.h>
#include <strings.h>

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

static int is_token_char(char c)
{
    return apr_isalnum(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t");
}

static const char *trim(char *text)
{
    apr_size_t length = strlen(text);

    while (length && (text[length - 1] == ' ' || text[length - 1] == '\t')) {
        text[--length] = '\0';
    }
    return skip_blanks(text);
}

/* A quoted string behind its opening quote; *at ends behind the closing one. NULL when it never
 * closes. */
static const char *quoted_string(const char **at, apr_pool_t *pool)
{
    const char *in = *at;
    const char *end = in;
    char *text;
    char *out;

    while (*end && *end != '"') {
        end += *end == '\\' && end[1] ? 2 : 1;
    }
    if (!*end) {
        return NULL;
    }
    text = out = apr_palloc(pool, end - in + 1);
    while (in < end) {
        if (*in == '\\') {
            ++in;
        }
        *out++ = *in++;
    }
    *out = '\0';
    *at = end + 1;
    return text;
}

/* The next "; name=value". 1: found, 0: no more, -1: malformed. Unquoted values may hold what
   strictly needs quotes (slashes, equal signs): senders write boundaries so. */
static int next_parameter(const char **at, const char **name, const char **value, apr_pool_t *pool)
{
    const char *in = skip_blanks(*at);
    apr_size_t length = 0;

    if (!*in) {
        return 0;
    }
    if (*in != ';') {
        return -1;
    }
    in = skip_blanks(in + 1);
    if (!*in) {
        return 0;
    }
    while (is_token_char(in[length])) {
        ++length;
    }
    *name = apr_pstrndup(pool, in, length);
    in = skip_blanks(in + length);
    if (!length || *in != '=') {
        return -1;
    }
    in = skip_blanks(in + 1);
    if (*in == '"') {
        ++in;
        *value = quoted_string(&in, pool);
    } else {
        length = strcspn(in, "; \t\"");
        *value = length ? apr_pstrndup(pool, in, length) : NULL;
        in += length;
    }
    *at = in;
    return *value ? 1 : -1;
}

/* The value of one parameter; *value NULL when it is not there. APR_EINVAL when any parameter is
   malformed or this one is said twice. */
static apr_status_t find_parameter(const char **value, const char *parameters, const char *wanted,
                                   apr_pool_t *pool)
{
    const char *name;
    const char *text;
    int found;

    *value = NULL;
    while ((found = next_parameter(&parameters, &name, &text, pool)) == 1) {
        if (!strcasecmp(name, wanted)) {
            if (*value) {
                return APR_EINVAL;
            }
            *value = text;
        }
    }
    return found == 0 ? APR_SUCCESS : APR_EINVAL;
}

static int boundary_valid(const char *boundary)
{
    apr_size_t length = boundary ? strlen(boundary) : 0;

    if (!length || length > MAX_BOUNDARY || boundary[length - 1] == ' ') {
        return 0;
    }
    for (; *boundary; ++boundary) {
        if (!apr_isalnum(*boundary) && !strchr("'()+_,-./:=? ", *boundary)) {
            return 0;
        }
    }
    return 1;
}

dossier_multipart_t *dossier_multipart_make(const char *content_type,
                                            const dossier_multipart_events_t *events, void *context,
                                            apr_pool_t *pool)
{
    static const char type[] = "multipart/form-data";
    dossier_multipart_t *parser;
    const char *boundary;

    content_type = content_type ? skip_blanks(content_type) : "";
    if (strncasecmp(content_type, type, sizeof(type) - 1) ||
        find_parameter(&boundary, content_type + sizeof(type) - 1, "boundary", pool) ||
        !boundary_valid(boundary)) {
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

/* "Name: value" to the place of its name. 0 when malformed or said twice. */
static int read_header(part_headers_t *found, char *line)
{
    const char **place = NULL;
    apr_size_t length = 0;

    while (is_token_char(line[length])) {
        ++length;
    }
    if (!length || line[length] != ':') {
        return 0;
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
        return 0;
    }
    if (place) {
        *place = trim(line + length + 1);
    }
    return 1;
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
    return find_parameter(name, disposition + length, "name", pool);
}

static apr_status_t headers_complete(dossier_multipart_t *parser)
{
    part_headers_t found = {NULL, NULL, NULL};
    char *line = parser->headers;
    const char *name;

    /* without the line break of the empty line */
    parser->headers_length -= 2;
    parser->headers[parser->headers_length] = '\0';
    if (++parser->parts > MAX_PARTS || !unfold(parser->headers, parser->headers_length)) {
        return APR_EINVAL;
    }
    while (*line) {
        char *end = strstr(line, "\r\n");

        *end = '\0';
        if (!read_header(&found, line)) {
            return APR_EINVAL;
        }
        line = end + 2;
    }
    if (!encoding_plain(found.encoding) ||
        form_name(&name, found.disposition, parser->pool) != APR_SUCCESS) {
        return APR_EINVAL;
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
        return APR_EINVAL;
    }
    parser->headers[length++] = c;
    parser->headers_length = length;
    if (c != '\n' || length < 2 || parser->headers[length - 2] != '\r') {
        return APR_SUCCESS;
    }
    if (length == 2 || (length >= 4 && !memcmp(parser->headers + length - 4, "\r\n", 2))) {
        return headers_complete(parser);
    }
    return APR_SUCCESS;
}

static apr_status_t count_ignored(dossier_multipart_t *parser, apr_size_t length)
{
    parser->ignored += length;
    return parser->ignored > MAX_IGNORED ? APR_EINVAL : APR_SUCCESS;
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
    return APR_EINVAL;
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
    return parser->state == IN_EPILOGUE ? APR_SUCCESS : APR_EOF;
}
