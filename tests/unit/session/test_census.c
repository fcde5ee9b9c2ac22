/* test_census.c - how many sessions are open. */
#include "session/census.h"

#include <criterion/criterion.h>

static struct sf_census census;

static void tear_down(void)
{
    sf_census_fini(&census);
}

TestSuite(census, .fini = tear_down);

static void
expect(const char *client, const char *listener, const uint64_t expected[4])
{
    uint64_t counts[SF_SHARED_SETS];

    sf_census_count(&census, client, listener, counts);
    for (size_t set = 0; set < SF_SHARED_SETS; set++) {
        cr_assert_eq(counts[set], expected[set], "%s, %s, set %zu: %d", client,
                     listener, set, (int)counts[set]);
    }
}

Test(census, sessions_are_counted_by_what_they_share)
{
    cr_assert_eq(sf_census_init(&census, true), 0);
    cr_assert_eq(sf_census_enter(&census, "a", "mx1"), 0);
    cr_assert_eq(sf_census_enter(&census, "a", "mx2"), 0);
    cr_assert_eq(sf_census_enter(&census, "b", "mx1"), 0);
    expect("a", "mx1", (const uint64_t[]){3, 2, 2, 1});
    expect("b", "mx2", (const uint64_t[]){3, 1, 1, 0});
    sf_census_leave(&census, "a", "mx1");
    expect("a", "mx1", (const uint64_t[]){2, 1, 1, 0});
    sf_census_leave(&census, "nobody", "mx1");
    expect("nobody", "mx9", (const uint64_t[]){1, 0, 0, 0});
}

Test(census, nobody_is_counted_if_no_rule_asks)
{
    cr_assert_eq(sf_census_init(&census, false), 0);
    cr_assert_eq(sf_census_enter(&census, "a", "mx1"), 0);
    expect("a", "mx1", (const uint64_t[]){0, 0, 0, 0});
    sf_census_leave(&census, "a", "mx1");
}
