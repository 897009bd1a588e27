#include "base/digest.h"
#include "fixture.h"

/* Of "abc" (FIPS 180-4, examples). */
#define SHA256_ABC "sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:"
#define SHA512_ABC                                                                                 \
    "sha-512=:3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/"                       \
    "uu9RU1EI2Q86A4qmslPpUyknw==:"

static void digests_in_pieces(void **state)
{
    dossier_digest_t *digest = dossier_digest_make("sha-256", *state);

    dossier_digest_add(digest, "a", 1);
    dossier_digest_add(digest, "bc", 2);
    assert_string_equal(dossier_digest_hex(digest, *state),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_null(dossier_digest_make("md5", *state));
}

/* What the field says of "abc": an error, "holds" or "does not hold". */
static const char *verdict(const char *field, apr_pool_t *pool)
{
    dossier_digest_claims_t *claims;
    const char *error = dossier_digest_claims_read(&claims, field, pool);

    if (error) {
        return error;
    }
    dossier_digest_claims_add(claims, "ab", 2);
    dossier_digest_claims_add(claims, "c", 1);
    return dossier_digest_claims_hold(claims) ? "holds" : "does not hold";
}

static void reads_what_a_sender_claims(void **state)
{
    static const char *const cases[][2] = {
        {NULL, "holds"},
        {SHA256_ABC, "holds"},
        {SHA512_ABC, "holds"},
        {" " SHA256_ABC " ,\t" SHA512_ABC " ", "holds"},
        {"md5=:kAFQmDzST7DWlj99KOF/cg==:, " SHA256_ABC, "holds"},
        {"sha-256=:AAAA:", "does not hold"},
        {"sha-256=::", "does not hold"},
        {SHA256_ABC ", sha-512=:AAAA:", "does not hold"},
        {"sha-256=:AAAA:, " SHA256_ABC, "holds"}, /* the last counts */
        {"md5=:kAFQmDzST7DWlj99KOF/cg==:", "digest_algorithm"},
        {"", "digest_form"},
        {"sha-256", "digest_form"},
        {"sha-256=", "digest_form"},
        {"sha-256=:", "digest_form"},
        {"sha-256=:AAAA", "digest_form"},
        {"sha-256=ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=", "digest_form"},
        {"sha-256=:A A:", "digest_form"},
        {"SHA-256=:AAAA:", "digest_form"},
        {SHA256_ABC ",", "digest_form"},
        {SHA256_ABC " x", "digest_form"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *found = verdict(cases[i][0], *state);

        CHECK(same_text(found, cases[i][1]), "case %zu: %s", i, found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(digests_in_pieces), TEST(reads_what_a_sender_claims)};

    return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
