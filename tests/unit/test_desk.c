/* How the desk is reached: what a directive may say, which texts send people there, and the line
 * they get. */
#include "domain/desk.h"
#include "fixture.h"

static const dossier_desk_t good = {.telephone = "0376 635101",
                                    .hours = "lunedì-venerdì 7:30-19",
                                    .address = "Strada Lago Paiolo 10, Mantova"};

static void numbers_are_what_people_write(void **state)
{
    const char *right[] = {"0376 635101", "+39 0376/63.51-01", "(0376) 635101", "800638638",
                           "1500"};
    const char *wrong[] = {"",
                           "12",
                           "0376 635101 int. 4",
                           "+",
                           "0376+635101",
                           "ask",
                           "0376\n635101",
                           "1234567890123456",
                           "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 11111111"};

    (void)state;
    for (apr_size_t i = 0; i < COUNT(right); i++) {
        dossier_desk_t desk = good;

        desk.telephone = right[i];
        CHECK(!dossier_desk_mistake(&desk), "refused: %s", right[i]);
    }
    for (apr_size_t i = 0; i < COUNT(wrong); i++) {
        dossier_desk_t desk = good;

        desk.telephone = wrong[i];
        CHECK(dossier_desk_mistake(&desk) != NULL, "taken: %s", wrong[i]);
    }
}

static void texts_are_one_line_of_utf8(void **state)
{
    const char *wrong[] = {"", "two\nlines", "\xe8",
                           "a\xe2\x80\xa8"
                           "b"};
    char long_text[200];

    (void)state;
    memset(long_text, 'x', sizeof(long_text) - 1);
    long_text[sizeof(long_text) - 1] = '\0';
    for (apr_size_t i = 0; i <= COUNT(wrong); i++) {
        dossier_desk_t desks[] = {good, good, good};
        const char *text = i < COUNT(wrong) ? wrong[i] : long_text;

        desks[0].hours = text;
        desks[1].hours_en = text;
        desks[2].address = text;
        for (apr_size_t d = 0; d < COUNT(desks); d++) {
            CHECK(dossier_desk_mistake(&desks[d]) != NULL, "taken: %s", text);
        }
    }
}

static void a_line_is_in_the_readers_language(void **state)
{
    dossier_desk_t desk = good;

    assert_string_equal(
        dossier_desk_line(&desk, 0, *state),
        "Sportello: 0376 635101, lunedì-venerdì 7:30-19, Strada Lago Paiolo 10, Mantova");
    assert_string_equal(dossier_desk_hours(&desk, 1), desk.hours);
    desk.hours_en = "Monday to Friday 7:30-19";
    assert_string_equal(
        dossier_desk_line(&desk, 1, *state),
        "Desk: 0376 635101, Monday to Friday 7:30-19, Strada Lago Paiolo 10, Mantova");
}

static void texts_that_send_to_the_desk_are_known(void **state)
{
    (void)state;
    assert_true(dossier_desk_named("Si rivolga allo sportello."));
    assert_true(dossier_desk_named("Please ask at the desk."));
    assert_false(dossier_desk_named("Riprovi fra poco."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(numbers_are_what_people_write),
        TEST(texts_are_one_line_of_utf8),
        TEST(a_line_is_in_the_readers_language),
        TEST(texts_that_send_to_the_desk_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
