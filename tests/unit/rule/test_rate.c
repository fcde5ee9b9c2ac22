/* test_rate.c - sliding windows, against a count of all times. */
#include "rule/rate.h"

#include <criterion/criterion.h>

#include "base/hash.h"
#include "base/slice.h"

#define EVENTS 5000

static struct sf_rates rates;

static void tear_down(void)
{
    sf_rates_fini(&rates);
}

TestSuite(rate, .fini = tear_down);

static uint64_t add(const struct sf_rule *rule,
                    const char *key,
                    uint64_t now_us,
                    uint64_t window_us)
{
    uint64_t recent = 0;

    cr_assert_eq(sf_rates_add(&rates, rule, sf_slice_str(key), now_us,
                              window_us, &recent),
                 0);
    return recent;
}

Test(rate, an_event_leaves_the_window_when_it_is_as_old_as_that_is_long)
{
    static const struct sf_rule rule = {.rate_size = 5, .rate_keys_max = 9};

    cr_assert_eq(add(&rule, "a", 100, 10), 1);
    cr_assert_eq(add(&rule, "a", 100, 10), 2);
    cr_assert_eq(add(&rule, "a", 109, 10), 3);
    cr_assert_eq(add(&rule, "a", 110, 10), 2);
    cr_assert_eq(add(&rule, "a", 1000, 10), 1);
}

Test(rate, more_than_the_rule_tells_apart_is_not_counted)
{
    static const struct sf_rule rule = {.rate_size = 3, .rate_keys_max = 9};

    for (uint64_t i = 1; i <= 10; i++) {
        cr_assert_eq(add(&rule, "a", i, 100), i < 3 ? i : 3);
    }
    cr_assert_eq(add(&rule, "a", 108, 100), 3, "9, 10 and 108 itself");
    cr_assert_eq(add(&rule, "a", 110, 100), 2, "108 and 110");
}

Test(rate, keys_and_rules_do_not_disturb_each_other)
{
    static const struct sf_rule first = {.rate_size = 3, .rate_keys_max = 9};
    static const struct sf_rule third = {
        .rate_size = 3, .rate_keys_max = 9, .rate_index = 2};

    cr_assert_eq(add(&third, "a", 1, 100), 1);
    cr_assert_eq(add(&first, "a", 1, 100), 1);
    cr_assert_eq(add(&first, "b", 1, 100), 1);
    cr_assert_eq(add(&first, "a", 2, 100), 2);
}

Test(rate, beyond_the_limit_the_oldest_key_is_forgotten)
{
    static const struct sf_rule rule = {.rate_size = 3, .rate_keys_max = 2};

    cr_assert_eq(add(&rule, "a", 1, 100), 1);
    cr_assert_eq(add(&rule, "b", 1, 100), 1);
    cr_assert_eq(add(&rule, "c", 1, 100), 1);
    cr_assert_eq(add(&rule, "b", 2, 100), 2);
    cr_assert_eq(add(&rule, "a", 2, 100), 1);
}

Test(rate, it_is_exact_whatever_the_gaps)
{
    static uint64_t times[EVENTS];
    static const struct sf_rule rule = {.rate_size = 11, .rate_keys_max = 9};
    uint64_t now_us = 0;

    for (uint64_t i = 0; i < EVENTS; i++) {
        uint64_t expected = 0;

        now_us += sf_hash_draw(sf_hash_u64(1, i), 0, 20);
        times[i] = now_us;
        for (uint64_t j = 0; j <= i; j++) {
            expected += now_us - times[j] < 97;
        }
        expected = expected > 11 ? 11 : expected;
        cr_assert_eq(add(&rule, "a", now_us, 97), expected, "event %d", (int)i);
    }
}
