/* test_digest.c - SHA-256, against the examples of FIPS 180-2. */
#include "base/digest.h"

#include <criterion/criterion.h>

#include "base/slice.h"

static const struct {
    const char *text;
    const char *hex;
} examples[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

Test(digest, examples_come_out_at_once)
{
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        char hex[SF_DIGEST_HEX_SIZE];

        cr_assert_eq(sf_digest_hex(sf_slice_str(examples[i].text), hex), 0);
        cr_assert_str_eq(hex, examples[i].hex);
    }
}

Test(digest, pieces_give_the_same)
{
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        struct sf_digest *digest = sf_digest_new();
        char hex[SF_DIGEST_HEX_SIZE];

        cr_assert_not_null(digest);
        for (const char *at = examples[i].text; *at != '\0'; at++) {
            sf_digest_update(digest, at, 1);
            sf_digest_update(digest, NULL, 0);
        }
        sf_digest_finish(digest, hex);
        sf_digest_free(digest);
        cr_assert_str_eq(hex, examples[i].hex);
    }
}

Test(digest, null_can_be_freed)
{
    sf_digest_free(NULL);
    sf_digest_free(sf_digest_new());
}
