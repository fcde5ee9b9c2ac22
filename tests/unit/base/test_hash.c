/* test_hash.c - the hash behind deterministic draws. */
#include "base/hash.h"

#include <criterion/criterion.h>

#include "base/slice.h"

static uint64_t hash_text(uint64_t seed, const char *text)
{
    return sf_hash_octets(seed, sf_slice_str(text));
}

/* The values are written down because a seed has to draw the same faults in
 * every version. */
Test(hash, results_are_fixed_for_all_time)
{
    cr_assert_eq(hash_text(1, ""), UINT64_C(0x8db532f09a0525d8));
    cr_assert_eq(hash_text(1, "a@example.test"), UINT64_C(0x08f89c8f7db56a06));
    cr_assert_eq(sf_hash_u64(1, 2), UINT64_C(0x081a5c1377856b73));
    cr_assert_eq(sf_hash_draw(UINT64_C(12345), 1, 100), 45);
}

Test(hash, seed_octets_order_and_cuts_all_count)
{
    cr_assert_neq(hash_text(1, "abc"), hash_text(2, "abc"));
    cr_assert_neq(hash_text(1, "abc"), hash_text(1, "abd"));
    cr_assert_neq(hash_text(hash_text(1, "ab"), "c"),
                  hash_text(hash_text(1, "a"), "bc"));
    cr_assert_neq(hash_text(hash_text(1, "x"), ""), hash_text(1, "x"));
    cr_assert_neq(sf_hash_u64(sf_hash_u64(0, 1), 2),
                  sf_hash_u64(sf_hash_u64(0, 2), 1));
    cr_assert_neq(sf_hash_octets(1, sf_slice("\0", 1)), hash_text(1, ""));
}

Test(hash, draws_stay_in_range)
{
    for (uint64_t i = 0; i < 1000; i++) {
        const uint64_t hash = sf_hash_u64(1, i);
        const uint64_t draw = sf_hash_draw(hash, 5, 9);

        cr_assert(draw >= 5 && draw <= 9);
        cr_assert_eq(sf_hash_draw(hash, 7, 7), 7);
        cr_assert_geq(sf_hash_draw(hash, UINT64_MAX - 1, UINT64_MAX),
                      UINT64_MAX - 1);
    }
    cr_assert_neq(sf_hash_draw(1, 0, UINT64_MAX),
                  sf_hash_draw(2, 0, UINT64_MAX));
}

/* 10000 draws of a hundred numbers: each comes about 100 times.  80 to 120
 * would be two standard deviations; six are allowed, and the result is the
 * same on every run. */
Test(hash, draws_over_counting_keys_are_even)
{
    unsigned counts[100] = {0};

    for (uint64_t i = 0; i < 10000; i++) {
        counts[sf_hash_draw(sf_hash_u64(1, i), 0, 99)]++;
    }
    for (size_t i = 0; i < 100; i++) {
        cr_assert(counts[i] > 40 && counts[i] < 160, "%zu: %u", i, counts[i]);
    }
}
