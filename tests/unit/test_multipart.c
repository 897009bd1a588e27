/* The multipart parser: every way of cutting the input must give the same events. */
#include <apr_general.h>
#include <apr_strings.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/multipart.h"

#define TYPE "multipart/form-data; boundary=b"

/* What the parser said, as text: "[name|type]data;" for each part. */
typedef struct {
    char text[16384];
    size_t length;
    apr_status_t stop_at_part; /* answered by part() when not APR_SUCCESS */
} record_t;

static apr_pool_t *pool;
static const char *fault; /* of a header */

static void note(record_t *record, const char *data, size_t length)
{
    assert_true(record->length + length < sizeof(record->text));
    memcpy(record->text + record->length, data, length);
    record->length += length;
    record->text[record->length] = '\0';
}

static apr_status_t on_part(void *context, const char *name, const char *content_type)
{
    const char *text =
        apr_psprintf(pool, "[%s|%s]", name ? name : "-", content_type ? content_type : "-");
    record_t *record = context;

    note(record, text, strlen(text));
    return record->stop_at_part;
}

static apr_status_t on_data(void *context, const char *data, apr_size_t length)
{
    assert_int_not_equal(length, 0);
    note(context, data, length);
    return APR_SUCCESS;
}

static apr_status_t on_end(void *context)
{
    note(context, ";", 1);
    return APR_SUCCESS;
}

static const dossier_multipart_events_t events = {on_part, on_data, on_end};

static apr_status_t finish(dossier_multipart_t *parser, apr_status_t fed)
{
    apr_status_t status = dossier_multipart_finish(parser);

    if (fed != APR_SUCCESS) {
        assert_int_equal(status, fed); /* the first failure is the last word */
    }
    if (status == APR_EINVAL || status == APR_EOF) {
        assert_non_null(dossier_multipart_fault(parser));
    }
    return status;
}

/* Fed in pieces [0,first), [first,second), [second,length). Each piece is a copy of its own size,
   so that a tool that watches memory sees a read behind it. */
static apr_status_t parse(record_t *record, const char *type, const char *body, size_t length,
                          size_t first, size_t second)
{
    const size_t cuts[] = {0, first, second, length};
    dossier_multipart_t *parser;
    apr_status_t status = APR_SUCCESS;

    record->length = 0;
    record->text[0] = '\0';
    parser = dossier_multipart_make(&fault, type, &events, record, pool);
    assert_non_null(parser);
    for (int i = 0; i < 3 && status == APR_SUCCESS; ++i) {
        size_t size = cuts[i + 1] - cuts[i];
        char *piece = test_malloc(size ? size : 1);

        memcpy(piece, body + cuts[i], size);
        status = dossier_multipart_feed(parser, piece, size);
        test_free(piece);
    }
    return finish(parser, status);
}

static apr_status_t parse_bytewise(record_t *record, const char *type, const char *body,
                                   size_t length)
{
    dossier_multipart_t *parser;
    apr_status_t status = APR_SUCCESS;

    record->length = 0;
    record->text[0] = '\0';
    parser = dossier_multipart_make(&fault, type, &events, record, pool);
    assert_non_null(parser);
    for (size_t i = 0; i < length && status == APR_SUCCESS; ++i) {
        char byte = body[i];

        status = dossier_multipart_feed(parser, &byte, 1);
    }
    return finish(parser, status);
}

typedef struct {
    const char *what;
    const char *body; /* boundary "b" */
    const char *events;
    apr_status_t status;
} case_t;

#define PART(name) "Content-Disposition: form-data; name=\"" name "\"\r\n\r\n"

static const case_t cases[] = {
    {"one part", "--b\r\n" PART("a") "hello\r\n--b--\r\n", "[a|-]hello;", APR_SUCCESS},
    {"two parts",
     "--b\r\nContent-Type: application/json\r\n" PART("metadata") "{}\r\n--b\r\n" PART(
         "file") "%PDF\r\n--b--\r\n",
     "[metadata|application/json]{};[file|-]%PDF;", APR_SUCCESS},
    {"no parts", "--b--\r\n", "", APR_SUCCESS},
    {"no line end behind the last boundary", "--b\r\n" PART("a") "x\r\n--b--", "[a|-]x;",
     APR_SUCCESS},
    {"preamble and epilogue",
     "for old readers\r\n\r\n--b\r\n" PART("a") "x\r\n--b--\r\nbye\r\n--b\r\n" PART("z") "z",
     "[a|-]x;", APR_SUCCESS},
    {"a preamble that begins like the boundary", "--c\r\n--\r\n--b\r\n" PART("a") "x\r\n--b--",
     "[a|-]x;", APR_SUCCESS},
    {"blanks behind a boundary", "--b \t\r\n" PART("a") "x\r\n--b \r\n" PART("c") "y\r\n--b-- \r\n",
     "[a|-]x;[c|-]y;", APR_SUCCESS},
    {"empty data", "--b\r\n" PART("a") "\r\n--b--", "[a|-];", APR_SUCCESS},
    {"no data at all", "--b\r\n" PART("a") "--b--", "[a|-];", APR_SUCCESS},
    {"no headers", "--b\r\n\r\nx\r\n--b--", "[-|-]x;", APR_SUCCESS},

    {"line ends are data", "--b\r\n" PART("a") "\r\nx\r\n\r\ny\n\r\r\n\r\n--b--",
     "[a|-]\r\nx\r\n\r\ny\n\r\r\n;", APR_SUCCESS},
    {"carriage returns before the boundary", "--b\r\n" PART("a") "x\r\r\r\n--b--", "[a|-]x\r\r;",
     APR_SUCCESS},
    {"a started boundary starts again", "--b\r\n" PART("a") "x\r\n-\r\n--\r\n\r\n--b--",
     "[a|-]x\r\n-\r\n--\r\n;", APR_SUCCESS},
    {"a boundary after a line feed only", "--b\r\n" PART("a") "x\n--b--\r\n--b--", "[a|-]x\n--b--;",
     APR_SUCCESS},
    {"a boundary inside a line", "--b\r\n" PART("a") "x--b--\r\n--b--", "[a|-]x--b--;",
     APR_SUCCESS},
    {"data that begins with dashes", "--b\r\n" PART("a") "--c\r\n--b--", "[a|-]--c;", APR_SUCCESS},
    {"another boundary", "--b\r\n" PART("a") "x\r\n--c--\r\n--b--", "[a|-]x\r\n--c--;",
     APR_SUCCESS},

    {"unquoted name", "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b--", "[a|-]x;",
     APR_SUCCESS},
    {"escapes in a name",
     "--b\r\nContent-Disposition: form-data; name=\"a\\\"b\\\\c\"\r\n\r\nx\r\n--b--",
     "[a\"b\\c|-]x;", APR_SUCCESS},
    {"name inside the filename",
     "--b\r\nContent-Disposition: form-data; filename=\"x; name=z\\\"; name=\\\"y\"; name=a"
     "\r\n\r\nx\r\n--b--",
     "[a|-]x;", APR_SUCCESS},
    {"case, blanks and a last semicolon",
     "--b\r\nCONTENT-DISPOSITION:Form-Data ; NAME = a ; filename*=UTF-8''b ;\t\r\n"
     "content-type:  text/plain \r\n\r\nx\r\n--b--",
     "[a|text/plain]x;", APR_SUCCESS},
    {"a folded header", "--b\r\nContent-Disposition: form-data;\r\n\tname=\"a\"\r\n\r\nx\r\n--b--",
     "[a|-]x;", APR_SUCCESS},
    {"an attachment has no name",
     "--b\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--b--", "[-|-]x;", APR_SUCCESS},
    {"form-data-like", "--b\r\nContent-Disposition: form-datax; name=a\r\n\r\nx\r\n--b--",
     "[-|-]x;", APR_SUCCESS},
    {"binary encoding", "--b\r\nContent-Transfer-Encoding: BINARY\r\n" PART("a") "x\r\n--b--",
     "[a|-]x;", APR_SUCCESS},
    {"other headers", "--b\r\nX-A: 1\r\nX-A: 2\r\nX-B:\r\n" PART("a") "x\r\n--b--", "[a|-]x;",
     APR_SUCCESS},

    {"nothing", "", "", APR_EOF},
    {"only a preamble", "hello\r\n--", "", APR_EOF},
    {"cut in a boundary", "--b\r\n" PART("a") "x\r\n--", "[a|-]x", APR_EOF},
    {"cut before the closing dashes", "--b\r\n" PART("a") "x\r\n--b", "[a|-]x;", APR_EOF},
    {"one closing dash", "--b\r\n" PART("a") "x\r\n--b-", "[a|-]x;", APR_EOF},
    {"cut in the headers", "--b\r\nContent-Disposition: form-data; name=a\r\n", "", APR_EOF},
    {"cut in the data", "--b\r\n" PART("a") "x", "[a|-]x", APR_EOF},

    {"more behind a boundary", "--b\r\n" PART("a") "x\r\n--bc\r\n--b--", "[a|-]x;", APR_EINVAL},
    {"a dash and more", "--b\r\n" PART("a") "x\r\n--b-\r\n--b--", "[a|-]x;", APR_EINVAL},
    {"a bare line feed behind a boundary", "--b\n" PART("a") "x\r\n--b--", "", APR_EINVAL},
    {"a bare carriage return behind a boundary", "--b\rx", "", APR_EINVAL},
    {"headers that end in line feeds",
     "--b\r\nContent-Disposition: form-data; name=a\n\nx\r\n\r\n--b--", "", APR_EINVAL},
    {"a carriage return in a header",
     "--b\r\nContent-Disposition: form-data; name=a\rb\r\n\r\nx\r\n--b--", "", APR_EINVAL},
    {"a control character in a header",
     "--b\r\nContent-Disposition: form-data; name=\"a\x01\"\r\n\r\nx\r\n--b--", "", APR_EINVAL},
    {"a line without a colon", "--b\r\nContent-Disposition\r\n\r\nx\r\n--b--", "", APR_EINVAL},
    {"a blank before the colon", "--b\r\nContent-Disposition : form-data; name=a\r\n\r\nx\r\n--b--",
     "", APR_EINVAL},
    {"a folded first line", "--b\r\n x: y\r\n\r\nx\r\n--b--", "", APR_EINVAL},
    {"a name never closed", "--b\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n--b--", "",
     APR_EINVAL},
    {"two names", "--b\r\nContent-Disposition: form-data; name=a; NAME=c\r\n\r\nx\r\n--b--", "",
     APR_EINVAL},
    {"a parameter without a value", "--b\r\nContent-Disposition: form-data; name\r\n\r\nx\r\n--b--",
     "", APR_EINVAL},
    {"an empty unquoted value",
     "--b\r\nContent-Disposition: form-data; name=;a=b\r\n\r\nx\r\n--b--", "", APR_EINVAL},
    {"text behind a quoted value",
     "--b\r\nContent-Disposition: form-data; name=\"a\"b\r\n\r\nx\r\n--b--", "", APR_EINVAL},
    {"two dispositions", "--b\r\nContent-Disposition: form-data; name=a\r\n" PART("c") "x", "",
     APR_EINVAL},
    {"base64", "--b\r\nContent-Transfer-Encoding: base64\r\n" PART("a") "eA==\r\n--b--", "",
     APR_EINVAL},
};

static void check_case(const case_t *example, const char *how, const record_t *record,
                       apr_status_t status)
{
    if (status != example->status || strcmp(record->text, example->events)) {
        print_error("%s, %s: status %d, events \"%s\"\n", example->what, how, status, record->text);
    }
    assert_int_equal(status, example->status);
    assert_string_equal(record->text, example->events);
}

static void test_cases_cut_everywhere(void **unused)
{
    record_t record = {.stop_at_part = APR_SUCCESS};

    (void)unused;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        const case_t *example = &cases[i];
        size_t length = strlen(example->body);

        for (size_t cut = 0; cut <= length; ++cut) {
            apr_status_t status = parse(&record, TYPE, example->body, length, cut, length);

            check_case(example, apr_psprintf(pool, "cut at %lu", (unsigned long)cut), &record,
                       status);
        }
        check_case(example, "byte by byte", &record,
                   parse_bytewise(&record, TYPE, example->body, length));
    }
}

static void test_three_pieces(void **unused)
{
    static const char body[] =
        "--b\r\n" PART("a") "\r\n--\r\n--\r\r\n--x\r\n--b\r\n\r\ny\r\n--b--\r\n";
    static const char expected[] = "[a|-]\r\n--\r\n--\r\r\n--x;[-|-]y;";
    record_t record = {.stop_at_part = APR_SUCCESS};
    const size_t length = sizeof(body) - 1;

    (void)unused;
    for (size_t first = 0; first <= length; ++first) {
        for (size_t second = first; second <= length; ++second) {
            assert_int_equal(parse(&record, TYPE, body, length, first, second), APR_SUCCESS);
            assert_string_equal(record.text, expected);
        }
    }
}

static void test_bytes_of_every_value(void **unused)
{
    static const char head[] = "--b\r\n" PART("a");
    static const char tail[] = "\r\n--b--";
    record_t record = {.stop_at_part = APR_SUCCESS};
    char body[1024];
    size_t length = sizeof(head) - 1;

    (void)unused;
    memcpy(body, head, length);
    for (int i = 0; i < 512; ++i) {
        body[length++] = (char)(i * 7);
    }
    memcpy(body + length, tail, sizeof(tail) - 1);
    length += sizeof(tail) - 1;
    for (size_t cut = 0; cut <= length; ++cut) {
        assert_int_equal(parse(&record, TYPE, body, length, cut, length), APR_SUCCESS);
        assert_int_equal(record.length, strlen("[a|-];") + 512);
        assert_memory_equal(record.text + 5, body + sizeof(head) - 1, 512);
    }
}

static void test_a_nul_in_a_header_is_refused(void **unused)
{
    static const char body[] = "--b\r\nX: a\0b\r\n\r\nx\r\n--b--";
    record_t record = {.stop_at_part = APR_SUCCESS};

    (void)unused;
    assert_int_equal(parse(&record, TYPE, body, sizeof(body) - 1, 3, 9), APR_EINVAL);
}

static apr_status_t parse_text(record_t *record, const char *type, const char *body)
{
    return parse(record, type, body, strlen(body), 0, 0);
}

static char *filled(size_t length, char c)
{
    char *text = apr_palloc(pool, length + 1);

    memset(text, c, length);
    text[length] = '\0';
    return text;
}

/* "X: …" lines up to `length` bytes of headers, the empty line included. */
static const char *body_with_headers(size_t length)
{
    return apr_pstrcat(pool, "--b\r\nX: ", filled(length - 7, 'x'), "\r\n\r\ny\r\n--b--", NULL);
}

static void test_limits(void **unused)
{
    const char *part = "--b\r\n\r\nx\r\n";
    const char *eight = apr_pstrcat(pool, part, part, part, part, part, part, part, part, NULL);
    record_t record = {.stop_at_part = APR_SUCCESS};

    (void)unused;
    assert_int_equal(parse_text(&record, TYPE, body_with_headers(8192)), APR_SUCCESS);
    assert_int_equal(parse_text(&record, TYPE, body_with_headers(8193)), APR_EINVAL);
    assert_int_equal(parse_text(&record, TYPE, apr_pstrcat(pool, eight, "--b--", NULL)),
                     APR_SUCCESS);
    assert_int_equal(parse_text(&record, TYPE, apr_pstrcat(pool, eight, part, "--b--", NULL)),
                     APR_EINVAL);
    assert_int_equal(
        parse_text(&record, TYPE, apr_pstrcat(pool, filled(8192, 'p'), "\r\n--b--", NULL)),
        APR_SUCCESS);
    assert_int_equal(
        parse_text(&record, TYPE, apr_pstrcat(pool, filled(8193, 'p'), "\r\n--b--", NULL)),
        APR_EINVAL);
    assert_int_equal(
        parse_text(&record, TYPE, apr_pstrcat(pool, "--b", filled(8193, ' '), "\r\n", NULL)),
        APR_EINVAL);
}

static void test_a_long_line_of_data(void **unused)
{
    const char *line = filled(10000, '-');
    const char *body = apr_pstrcat(pool, "--b\r\n\r\n", line, "\r\n--b--", NULL);
    record_t record = {.stop_at_part = APR_SUCCESS};

    (void)unused;
    assert_int_equal(parse_bytewise(&record, TYPE, body, strlen(body)), APR_SUCCESS);
    assert_string_equal(record.text, apr_pstrcat(pool, "[-|-]", line, ";", NULL));
}

static void test_a_refused_part_stops_the_parser(void **unused)
{
    static const char body[] = "--b\r\n" PART("a") "x\r\n--b--";
    record_t record = {.stop_at_part = APR_EGENERAL};

    (void)unused;
    assert_int_equal(parse_bytewise(&record, TYPE, body, sizeof(body) - 1), APR_EGENERAL);
    assert_string_equal(record.text, "[a|-]");
}

static const struct {
    const char *type;
    const char *delimiter; /* NULL: refused */
} types[] = {
    {"multipart/form-data; boundary=abc", "--abc"},
    {" Multipart/Form-Data;charset=utf-8 ; BOUNDARY=\"a b:c\"", "--a b:c"},
    {"multipart/form-data; boundary=a/b=c", "--a/b=c"},
    {"multipart/form-data; boundary=----WebKitFormBoundaryX", "------WebKitFormBoundaryX"},
    {"multipart/form-data; x=\"; boundary=no\"; boundary=yes", "--yes"},
    {NULL, NULL},
    {"", NULL},
    {"application/json", NULL},
    {"multipart/form-data", NULL},
    {"multipart/form-datax; boundary=a", NULL},
    {"multipart/mixed; boundary=a", NULL},
    {"multipart/form-data; boundary=", NULL},
    {"multipart/form-data; boundary=\"\"", NULL},
    {"multipart/form-data; boundary=\"a ", NULL},
    {"multipart/form-data; boundary=\"a \"", NULL},
    {"multipart/form-data; boundary=a; boundary=b", NULL},
    {"multipart/form-data; boundary=\"a\r\nb\"", NULL},
    {"multipart/form-data; boundary=\xc3\xa8", NULL},
    {"multipart/form-data; boundary=a{b}", NULL},
};

static void test_content_types(void **unused)
{
    record_t record = {.stop_at_part = APR_SUCCESS};

    (void)unused;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); ++i) {
        const char *type = types[i].type;
        const char *delimiter = types[i].delimiter;

        if (!delimiter) {
            assert_null(dossier_multipart_make(&fault, type, &events, &record, pool));
            continue;
        }
        assert_int_equal(
            parse_text(&record, type,
                       apr_pstrcat(pool, delimiter, "\r\n\r\nx\r\n", delimiter, "--", NULL)),
            APR_SUCCESS);
        assert_string_equal(record.text, "[-|-]x;");
    }
}

static void test_boundary_length(void **unused)
{
    static const char start[] = "multipart/form-data; boundary=";
    record_t record = {.stop_at_part = APR_SUCCESS};

    (void)unused;
    assert_non_null(dossier_multipart_make(&fault, apr_pstrcat(pool, start, filled(70, 'a'), NULL),
                                           &events, &record, pool));
    assert_null(dossier_multipart_make(&fault, apr_pstrcat(pool, start, filled(71, 'a'), NULL),
                                       &events, &record, pool));
}

static int set_up(void **unused)
{
    (void)unused;
    return apr_pool_create(&pool, NULL);
}

static int tear_down(void **unused)
{
    (void)unused;
    apr_pool_destroy(pool);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_cases_cut_everywhere, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_three_pieces, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bytes_of_every_value, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_nul_in_a_header_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_limits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_long_line_of_data, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_refused_part_stops_the_parser, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_content_types, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_boundary_length, set_up, tear_down),
    };

    apr_initialize();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
