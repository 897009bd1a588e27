#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <sodium.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/secrets.h"
#include "fixture.h"

static const unsigned char KEY[32] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 250, 251, 252, 253, 254, 255};

static const char *hex(const unsigned char *bytes, size_t length, apr_pool_t *pool)
{
    char *text = apr_palloc(pool, length * 2 + 1);

    for (size_t i = 0; i < length; i++) {
        snprintf(text + i * 2, 3, "%02x", bytes[i]);
    }
    return text;
}

static void makes_uuids_of_version_4(void **state)
{
    static const char *const wrong[] = {"",
                                        "8F14E45F-CEEA-467F-A8B1-3C9D5E7F1A2B",
                                        "8f14e45fceea467fa8b13c9d5e7f1a2b",
                                        "8f14e45f-ceea-467f-a8b1-3c9d5e7f1a2",
                                        "8f14e45f-ceea-467f-a8b1-3c9d5e7f1a2b1",
                                        "8f14e45f-ceea-467f-a8b1-3c9d5e7f1a2g",
                                        "../../../etc/passwd-467f-a8b1-3c9d5e7",
                                        "8f14e45f-ceea-467f-a8b1-3c9d5e7f1a2b\n",
                                        "8f14e45f-ceea-467f-a8b1_3c9d5e7f1a2b"};
    const char *last = "";

    for (int i = 0; i < 200; i++) {
        const char *uuid = dossier_secrets_uuid(*state);

        CHECK(dossier_secrets_is_uuid(uuid), "no UUID: %s", uuid);
        assert_int_equal(uuid[14], '4');
        assert_non_null(strchr("89ab", uuid[19]));
        assert_string_not_equal(uuid, last);
        last = uuid;
    }
    assert_true(dossier_secrets_is_uuid("8f14e45f-ceea-467f-a8b1-3c9d5e7f1a2b"));
    for (size_t i = 0; i < COUNT(wrong); i++) {
        CHECK(!dossier_secrets_is_uuid(wrong[i]), "taken: %s", wrong[i]);
    }
    assert_false(dossier_secrets_is_uuid(NULL));
}

static void makes_tokens_of_43_characters(void **state)
{
    const char *one = dossier_secrets_token(*state);
    const char *two = dossier_secrets_token(*state);

    assert_int_equal(strlen(one), 43);
    assert_int_equal(
        strspn(one, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), 43);
    assert_string_not_equal(one, two);
}

static void draws_without_bias(void **state)
{
    int seen[10] = {0};

    (void)state;
    for (int i = 0; i < 10000; i++) {
        apr_uint32_t drawn = dossier_secrets_uniform(10);

        assert_in_range(drawn, 0, 9);
        seen[drawn]++;
    }
    for (int i = 0; i < 10; i++) {
        assert_in_range(seen[i], 700, 1300); /* 1000, give or take ten deviations */
    }
}

static void hashes_as_fips_180_says(void **state)
{
    assert_string_equal(dossier_secrets_sha256("abc", 3, *state),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_string_equal(dossier_secrets_sha256("", 0, *state),
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* Against OpenSSL, over the text with lengths that hmac() is told to build. */
static void authenticates_parts_with_their_lengths(void **state)
{
    static const unsigned char text[] = "\0\0\0\0\0\0\0\3abc\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2de";
    const char *const parts[] = {"abc", "", "de", NULL};
    const char *const moved[] = {"ab", "c", "de", NULL};
    const char *const fewer[] = {"abc", "de", NULL};
    const char *const none[] = {NULL};
    unsigned char mac[32];
    const char *ours = dossier_secrets_hmac(KEY, parts, *state);

    assert_non_null(HMAC(EVP_sha256(), KEY, 32, text, sizeof(text) - 1, mac, NULL));
    assert_string_equal(ours, hex(mac, 32, *state));
    assert_string_not_equal(ours, dossier_secrets_hmac(KEY, moved, *state));
    assert_string_not_equal(ours, dossier_secrets_hmac(KEY, fewer, *state));
    assert_non_null(HMAC(EVP_sha256(), KEY, 32, text, 0, mac, NULL));
    assert_string_equal(dossier_secrets_hmac(KEY, none, *state), hex(mac, 32, *state));
}

static void derives_as_rfc_5869_says(void **state)
{
    static const char *const purposes[] = {"", "session",
                                           ("a longer purpose than one block of SHA-256 "
                                            "would hold, to be sure of it all")};

    for (size_t i = 0; i < COUNT(purposes); i++) {
        EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
        EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);
        OSSL_PARAM params[] = {
            OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA256", 0),
            OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)KEY, 32),
            OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)purposes[i],
                                              strlen(purposes[i])),
            OSSL_PARAM_construct_end(),
        };
        unsigned char theirs[32];
        unsigned char ours[32];

        assert_int_equal(EVP_KDF_derive(context, theirs, 32, params), 1);
        dossier_secrets_derive(ours, KEY, purposes[i]);
        assert_memory_equal(ours, theirs, 32);
        EVP_KDF_CTX_free(context);
        EVP_KDF_free(kdf);
    }
    (void)state;
}

static void compares_whole_texts(void **state)
{
    (void)state;
    assert_true(dossier_secrets_equal("abc", "abc"));
    assert_true(dossier_secrets_equal("", ""));
    assert_false(dossier_secrets_equal("abc", "abd"));
    assert_false(dossier_secrets_equal("abc", "ab"));
    assert_false(dossier_secrets_equal("", "a"));
    assert_false(dossier_secrets_equal(NULL, "a"));
    assert_false(dossier_secrets_equal("a", NULL));
    assert_false(dossier_secrets_equal(NULL, NULL));
}

static void wipes(void **state)
{
    char buffer[] = "secret";

    (void)state;
    dossier_secrets_wipe(buffer, 6);
    assert_memory_equal(buffer, "\0\0\0\0\0\0", 6);
}

static void hashes_passwords_with_todays_parameters(void **state)
{
    const char *hash = NULL;
    const char *other = NULL;

    assert_int_equal(dossier_password_hash(&hash, "una frase lunga", *state), APR_SUCCESS);
    assert_int_equal(dossier_password_hash(&other, "una frase lunga", *state), APR_SUCCESS);
    assert_int_equal(strncmp(hash, "$argon2id$v=19$m=47104,t=2,p=1$", 31), 0);
    assert_string_not_equal(hash, other);
    assert_int_equal(dossier_password_verify(hash, "una frase lunga", *state),
                     DOSSIER_PASSWORD_RIGHT);
    assert_int_equal(dossier_password_verify(hash, "una frase lunga ", *state),
                     DOSSIER_PASSWORD_WRONG);
    assert_int_equal(dossier_password_verify(hash, "", *state), DOSSIER_PASSWORD_WRONG);
}

/* Hashes of one password: 8 MiB, a single pass, and more of both than today. */
static void asks_to_rehash_weaker_hashes_only(void **state)
{
    static const struct {
        const char *hash;
        dossier_password_verdict_t verdict;
    } cases[] = {
        {"$argon2id$v=19$m=8192,t=3,p=1$MFPQwDdKNBXkzqQVWw57og$4xoJuxqeRj+m56e/"
         "TX7Zh0orxxnwFq2fxKsF9AlGGnE",
         DOSSIER_PASSWORD_RIGHT_REHASH},
        {"$argon2id$v=19$m=65536,t=1,p=1$UhY0ErhQnYCfLuIrU9vkvQ$"
         "2ZyAc8E4FBGkTf7VvgpndmScYEBi2IlkHVxEhtaSzT4",
         DOSSIER_PASSWORD_RIGHT_REHASH},
        {"$argon2id$v=19$m=65536,t=3,p=1$+PI2sfdOYiggovJP+yLhNQ$"
         "sFfIC3rCuieJofSxaJWyzigFgVZfVpVhQBCYm0+ADoA",
         DOSSIER_PASSWORD_RIGHT},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        CHECK(dossier_password_verify(cases[i].hash, "correct horse", *state) == cases[i].verdict,
              "case %zu", i);
        CHECK(dossier_password_verify(cases[i].hash, "wrong horse", *state) ==
                  DOSSIER_PASSWORD_WRONG,
              "case %zu", i);
    }
}

/* As it was stored before passwords had one spelling. */
static const char *stored_as_typed(const char *password, apr_pool_t *pool)
{
    char *hash = apr_palloc(pool, crypto_pwhash_STRBYTES);

    assert_int_equal(crypto_pwhash_str_alg(hash, password, strlen(password), 2, 46 * 1024 * 1024,
                                           crypto_pwhash_ALG_ARGON2ID13),
                     0);
    return hash;
}

static void one_password_in_all_spellings(void **state)
{
    static const char *const spellings[] = {
        "Nguy\xE1\xBB\x85n va al mare",      /* composed */
        "Nguye\xCC\x82\xCC\x83n va al mare", /* apart */
        "Nguy\xC3\xAA\xCC\x83n va al mare"}; /* half and half: as typed only */
    const char *hash = NULL;

    assert_int_equal(dossier_password_hash(&hash, spellings[1], *state), APR_SUCCESS);
    for (size_t i = 0; i < COUNT(spellings); i++) {
        assert_int_equal(dossier_password_verify(hash, spellings[i], *state),
                         DOSSIER_PASSWORD_RIGHT);
        assert_int_equal(
            dossier_password_verify(stored_as_typed(spellings[i], *state), spellings[i], *state),
            i ? DOSSIER_PASSWORD_RIGHT_REHASH : DOSSIER_PASSWORD_RIGHT);
        assert_int_equal(
            dossier_password_verify(stored_as_typed(spellings[1], *state), spellings[i], *state),
            DOSSIER_PASSWORD_RIGHT_REHASH);
    }
    assert_int_equal(dossier_password_verify(hash, "Nguyen va al mare", *state),
                     DOSSIER_PASSWORD_WRONG);
    /* nothing but the spelling of accents is taken for the same */
    assert_int_equal(dossier_password_hash(&hash, "1\xEF\xBC\x91 fi\xE2\x80\x8B", *state),
                     APR_SUCCESS);
    assert_int_equal(dossier_password_verify(hash, "11 fi", *state), DOSSIER_PASSWORD_WRONG);
}

/* Of the processor, so that a busy machine does not matter. */
static double work_of_verify(const char *hash, apr_pool_t *pool)
{
    clock_t start = clock();

    for (int i = 0; i < 3; i++) {
        assert_int_equal(dossier_password_verify(hash, "wrong", pool), DOSSIER_PASSWORD_WRONG);
    }
    return (double)(clock() - start);
}

/* Nobody, and what is not a hash at all: wrong, and as much work as the real thing. What returns at
   once does less than a thousandth of it. */
static void works_as_hard_for_unknown_logins(void **state)
{
    const char *hash = NULL;
    char *overlong = memset(apr_pcalloc(*state, 300), 'x', 299);
    double least;

    assert_int_equal(dossier_password_hash(&hash, "right password", *state), APR_SUCCESS);
    least = work_of_verify(hash, *state) / 5;
    assert_true(work_of_verify(NULL, *state) > least);
    assert_true(work_of_verify("", *state) > least);
    assert_true(work_of_verify("$argon2id$v=19$m=47104", *state) > least);
    assert_true(work_of_verify(apr_pstrndup(*state, hash, strlen(hash) - 2), *state) > least);
    assert_true(work_of_verify(apr_pstrcat(*state, hash, "A", NULL), *state) > least);
    assert_true(work_of_verify(overlong, *state) > least);
}

#if defined(__SANITIZE_ADDRESS__)
#define ADDRESS_SPACE_IS_FREE 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ADDRESS_SPACE_IS_FREE 0
#endif
#endif
#ifndef ADDRESS_SPACE_IS_FREE
#define ADDRESS_SPACE_IS_FREE 1
#endif

/* In a child with 30 MiB to spare: neither right nor wrong. The sanitizer needs more room than any
 * limit. */
static void says_so_when_memory_is_short(void **state)
{
    const char *hash = NULL;
    int status = -1;
    pid_t child;

    if (!ADDRESS_SPACE_IS_FREE) {
        skip();
    }
    assert_int_equal(dossier_password_hash(&hash, "right password", *state), APR_SUCCESS);
    child = fork();
    assert_int_not_equal(child, -1);
    if (child == 0) {
        struct rlimit limit = {30 << 20, 30 << 20};
        const char *made = NULL;
        int wrong = 0;

        setrlimit(RLIMIT_AS, &limit);
        wrong |=
            dossier_password_verify(hash, "right password", *state) != DOSSIER_PASSWORD_NO_MEMORY;
        wrong |= (dossier_password_verify(hash, "wrong", *state) != DOSSIER_PASSWORD_NO_MEMORY)
                 << 1;
        wrong |= (dossier_password_verify(NULL, "wrong", *state) != DOSSIER_PASSWORD_NO_MEMORY)
                 << 2;
        wrong |= (dossier_password_hash(&made, "right password", *state) != APR_ENOMEM) << 3;
        _exit(wrong);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(makes_uuids_of_version_4),
        TEST(makes_tokens_of_43_characters),
        TEST(draws_without_bias),
        TEST(hashes_as_fips_180_says),
        TEST(authenticates_parts_with_their_lengths),
        TEST(derives_as_rfc_5869_says),
        TEST(compares_whole_texts),
        TEST(wipes),
        TEST(hashes_passwords_with_todays_parameters),
        TEST(asks_to_rehash_weaker_hashes_only),
        TEST(one_password_in_all_spellings),
        TEST(works_as_hard_for_unknown_logins),
        TEST(says_so_when_memory_is_short),
    };

    if (dossier_secrets_init() != APR_SUCCESS) {
        return 1;
    }
    return cmocka_run_group_tests_name("secrets", tests, NULL, NULL);
}
