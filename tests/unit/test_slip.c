#include <apr_thread_proc.h>

#include "fixture.h"
#include "paper/page.h"
#include "paper/slip.h"

/* fontconfig keeps one pattern for as long as the process lives */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig";
}

static dossier_slip_t example(void)
{
    dossier_slip_t slip = {
        .facility = "Ospedale Città di Suzzara",
        .person = "Nicolò D’Angelò",
        .mobile = "+39*******567",
        .code = "K7QF-2MXP-94TD-H",
        .link = "https://referti.example.org/#/attiva/K7QF2MXP94TDH",
        .portal_url = "https://referti.example.org",
        .expires = "alle ore 14:05 del 24 gennaio 2027",
        .retention_days = 60,
    };

    return slip;
}

static int count_of(const char *needle, const char *bytes, apr_size_t length)
{
    const apr_size_t size = strlen(needle);
    int count = 0;

    for (apr_size_t i = 0; i + size <= length; i++) {
        count += !memcmp(bytes + i, needle, size);
    }
    return count;
}

static void check_one_page(const dossier_slip_t *slip, apr_pool_t *pool)
{
    const char *pdf;
    apr_size_t length;

    assert_int_equal(dossier_slip_draw(&pdf, &length, slip, pool), APR_SUCCESS);
    assert_true(length > 1000 && length < 200000);
    assert_memory_equal(pdf, "%PDF-1.", 7);
    assert_memory_equal(pdf + length - 6, "%%EOF\n", 6);
    CHECK(count_of("/Type /Pages", pdf, length) == 1 && count_of("/Type /Page", pdf, length) == 2,
          "not one page: %s", slip->person);
    CHECK(count_of("/StructTreeRoot", pdf, length) > 0, "not tagged: %s", slip->person);
}

static void a_slip_is_one_tagged_page(void **state)
{
    const dossier_slip_t slip = example();

    check_one_page(&slip, *state);
}

static const char *repeated(const char *text, int times, apr_pool_t *pool)
{
    const char *whole = "";

    while (times-- > 0) {
        whole = apr_pstrcat(pool, whole, text, NULL);
    }
    return whole;
}

static void any_name_leaves_it_one_page(void **state)
{
    apr_pool_t *pool = *state;
    const char *names[] = {
        "",
        "<b>Anna</b> & \"Co\" &amp;",
        "محمد 李 Ωμέγα",
        "a\xcc\x80\xcc\x81\xcc\x82",
        repeated("W", 5000, pool),
        repeated("Wà ", 2000, pool),
        repeated("line\n", 200, pool),
    };

    for (apr_size_t i = 0; i < COUNT(names); i++) {
        dossier_slip_t slip = example();

        slip.person = names[i];
        slip.facility = names[i];
        check_one_page(&slip, pool);
    }
}

static void the_desk_stays_on_the_page(void **state)
{
    apr_pool_t *pool = *state;
    const dossier_desk_t desk = {.telephone = "+39 0376 635101",
                                 .hours = repeated("lunedì ", 22, pool),
                                 .address = repeated("Via Wà ", 20, pool)};
    dossier_slip_t slip = example();
    const char *without;
    const char *with;
    apr_size_t without_length;
    apr_size_t with_length;

    slip.person = repeated("Wà ", 2000, pool);
    assert_int_equal(dossier_slip_draw(&without, &without_length, &slip, pool), APR_SUCCESS);
    slip.desk = &desk;
    check_one_page(&slip, pool);
    assert_int_equal(dossier_slip_draw(&with, &with_length, &slip, pool), APR_SUCCESS);
    assert_true(with_length > without_length);
}

static void a_link_that_no_qr_code_holds_is_refused(void **state)
{
    dossier_slip_t slip = example();
    const char *pdf;
    apr_size_t length;

    slip.link = repeated("x", 5000, *state);
    assert_int_equal(dossier_slip_draw(&pdf, &length, &slip, *state), APR_EINVAL);
}

static void a_page_that_is_not_finished_goes_with_its_pool(void **state)
{
    apr_pool_t *pool;

    assert_int_equal(apr_pool_create(&pool, *state), APR_SUCCESS);
    assert_non_null(dossier_page_begin("title", "author", pool));
    apr_pool_destroy(pool);
}

static void *APR_THREAD_FUNC draw_some(apr_thread_t *thread, void *pool)
{
    const dossier_slip_t slip = example();
    const char *pdf;
    apr_size_t length;

    (void)thread;
    for (int i = 0; i < 3; i++) {
        if (dossier_slip_draw(&pdf, &length, &slip, pool) != APR_SUCCESS) {
            return NULL;
        }
    }
    return pool;
}

static void threads_draw_at_once(void **state)
{
    apr_thread_t *threads[4];
    apr_pool_t *pools[COUNT(threads)];

    for (apr_size_t i = 0; i < COUNT(threads); i++) {
        assert_int_equal(apr_pool_create_unmanaged(&pools[i]), APR_SUCCESS);
        assert_int_equal(apr_thread_create(&threads[i], NULL, draw_some, pools[i], *state),
                         APR_SUCCESS);
    }
    for (apr_size_t i = 0; i < COUNT(threads); i++) {
        apr_status_t status;

        assert_int_equal(apr_thread_join(&status, threads[i]), APR_SUCCESS);
        apr_pool_destroy(pools[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_slip_is_one_tagged_page),
        TEST(any_name_leaves_it_one_page),
        TEST(the_desk_stays_on_the_page),
        TEST(a_link_that_no_qr_code_holds_is_refused),
        TEST(a_page_that_is_not_finished_goes_with_its_pool),
        TEST(threads_draw_at_once),
    };

    return cmocka_run_group_tests_name("slip", tests, NULL, NULL);
}
