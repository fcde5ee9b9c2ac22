/* test_pattern.c - lists, globs, networks and selectors. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/pattern.h"
#include "base/slice.h"

Test(pattern, globs_match_any_run_and_any_octet_whatever_the_case)
{
    static const struct {
        const char *glob;
        const char *value;
        bool matches;
    } cases[] = {
        {"", "", true},
        {"", "a", false},
        {"*", "", true},
        {"*", "anything", true},
        {"a", "A", true},
        {"?", "", false},
        {"?", "x", true},
        {"??", "x", false},
        {"*@example.test", "bob@EXAMPLE.test", true},
        {"*@example.test", "bob@example.test.evil", false},
        {"a*b*c", "aXbYc", true},
        {"a*b*c", "aXbY", false},
        {"*aab", "aaaab", true},
        {"a**", "a", true},
        {"*?", "", false},
        {"drop@*", "drop@", true},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_assert_eq(sf_glob_matches(sf_slice_str(cases[i].glob),
                                     sf_slice_str(cases[i].value)),
                     cases[i].matches, "%s on %s", cases[i].glob,
                     cases[i].value);
    }
}

Test(pattern, a_glob_of_many_stars_ends_in_polynomial_time)
{
    char glob[128];
    char value[512];

    memset(glob, '*', sizeof(glob));
    for (size_t i = 1; i < sizeof(glob); i += 2) {
        glob[i] = 'a';
    }
    memset(value, 'a', sizeof(value));
    value[sizeof(value) - 1] = 'b';
    cr_assert_not(sf_glob_matches(sf_slice(glob, sizeof(glob)),
                                  sf_slice(value, sizeof(value))));
}

static bool
list_matches(const struct sf_pattern *items, size_t count, const char *value)
{
    struct sf_list list = {items, count};

    return sf_list_matches(&list, sf_slice_str(value));
}

Test(pattern, a_list_holds_if_one_positive_item_matches_and_no_negated_one)
{
    static const struct sf_pattern items[] = {
        {.kind = SF_PATTERN_GLOB, .text = SF_SLICE_LIT("*@example.test")},
        {.kind = SF_PATTERN_LITERAL, .text = SF_SLICE_LIT("carol@other.test")},
        {.kind = SF_PATTERN_LITERAL,
         .is_negated = true,
         .text = SF_SLICE_LIT("bob@example.test")},
    };

    cr_assert(list_matches(items, 3, "alice@example.test"));
    cr_assert(list_matches(items, 3, "carol@other.test"));
    cr_assert_not(list_matches(items, 3, "bob@example.test"));
    cr_assert_not(list_matches(items, 3, "dave@other.test"));
}

Test(pattern, a_list_of_negated_items_holds_for_all_others)
{
    static const struct sf_pattern items[] = {
        {.kind = SF_PATTERN_LITERAL,
         .is_negated = true,
         .text = SF_SLICE_LIT("bob")},
    };

    cr_assert(list_matches(items, 1, "alice"));
    cr_assert_not(list_matches(items, 1, "BOB"));
}

Test(pattern, a_regular_expression_matches_in_the_whole_value)
{
    static const struct {
        const char *regex;
        struct sf_slice value;
        bool matches;
    } cases[] = {
        {"b+", SF_SLICE_LIT("abbc"), true},
        {"^b", SF_SLICE_LIT("abbc"), false},
        {"EXAMPLE", SF_SLICE_LIT("bob@example.test"), true},
        {"^$", SF_SLICE_LIT(""), true},
        {"^$", {NULL, 0}, true},
        {".", {NULL, 0}, false},
        {"b$", SF_SLICE_LIT("a\0b"), true},
        {"^a$", SF_SLICE_LIT("a\0b"), false},
        {"^a.b$", SF_SLICE_LIT("a\0b"), false},
        {"^a[^ -~]b$", SF_SLICE_LIT("a\0b"), true},
        {"b", {"abc", 1}, false},
        {"^a$", SF_SLICE_LIT("a\nb"), false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        regex_t regex;
        struct sf_pattern item = {.kind = SF_PATTERN_REGEX, .regex = &regex};
        const struct sf_list list = {&item, 1};

        cr_assert_eq(regcomp(&regex, cases[i].regex,
                             REG_EXTENDED | REG_ICASE | REG_NOSUB),
                     0);
        cr_expect_eq(sf_list_matches(&list, cases[i].value), cases[i].matches,
                     "%s on %.*s", cases[i].regex, (int)cases[i].value.len,
                     cases[i].value.ptr);
        item.is_negated = true;
        cr_expect_eq(sf_list_matches(&list, cases[i].value), !cases[i].matches,
                     "!%s", cases[i].regex);
        regfree(&regex);
    }
}

Test(pattern, groups_of_a_long_value_stand_where_they_matched)
{
    static char text[5000];
    regex_t regex;
    const struct sf_pattern item = {.kind = SF_PATTERN_REGEX, .regex = &regex};
    const struct sf_list list = {&item, 1};
    regmatch_t groups[SF_GROUPS_MAX + 1];

    memset(text, 'a', sizeof(text));
    memcpy(text + 4000, "<42>", 4);
    cr_assert_eq(regcomp(&regex, "<([0-9]+)>(x)?", REG_EXTENDED), 0);
    cr_assert(sf_list_capture(&list, sf_slice(text, sizeof(text)), groups));
    cr_assert_eq(groups[1].rm_so, 4001);
    cr_assert_eq(groups[1].rm_eo, 4003);
    cr_assert_eq(groups[2].rm_so, -1);
    cr_assert_not(sf_list_capture(&list, sf_slice(text, 4003), groups));
    regfree(&regex);
}

Test(pattern, an_empty_literal_is_the_null_sender_only)
{
    static const struct sf_pattern items[] = {
        {.kind = SF_PATTERN_LITERAL, .text = SF_SLICE_LIT("")},
    };

    cr_assert(list_matches(items, 1, ""));
    cr_assert_not(list_matches(items, 1, "a@b"));
}

Test(pattern, networks_hold_the_addresses_with_their_prefix)
{
    static const struct sf_pattern ten_eight = {
        .kind = SF_PATTERN_CIDR, .addr = {10}, .prefix_len = 8};
    static const struct sf_pattern odd_bits = {
        .kind = SF_PATTERN_CIDR, .addr = {192, 168, 128}, .prefix_len = 17};
    static const struct sf_pattern all = {.kind = SF_PATTERN_CIDR};
    static const struct sf_pattern loopback6 = {.kind = SF_PATTERN_CIDR,
                                                .is_ipv6 = true,
                                                .addr = {[15] = 1},
                                                .prefix_len = 128};

    cr_assert(list_matches(&ten_eight, 1, "10.255.0.1"));
    cr_assert_not(list_matches(&ten_eight, 1, "11.0.0.1"));
    cr_assert(list_matches(&odd_bits, 1, "192.168.200.1"));
    cr_assert_not(list_matches(&odd_bits, 1, "192.168.100.1"));
    cr_assert(list_matches(&all, 1, "1.2.3.4"));
    cr_assert_not(list_matches(&all, 1, "::1"));
    cr_assert_not(list_matches(&all, 1, "unix"));
    cr_assert(list_matches(&loopback6, 1, "::1"));
    cr_assert_not(list_matches(&loopback6, 1, "::2"));
}

Test(pattern, selectors_take_ranges_and_every_nth)
{
    static const struct {
        struct sf_selector selector;
        uint64_t number;
        bool matches;
    } cases[] = {
        {{.low = 2, .end = 4}, 1, false},
        {{.low = 2, .end = 4}, 2, true},
        {{.low = 2, .end = 4}, 3, true},
        {{.low = 2, .end = 4}, 4, false},
        {{.low = 2, .end = UINT64_MAX}, UINT64_MAX, true},
        {{.kind = SF_SELECTOR_EVERY, .from = 3, .step = 3}, 1, false},
        {{.kind = SF_SELECTOR_EVERY, .from = 3, .step = 3}, 3, true},
        {{.kind = SF_SELECTOR_EVERY, .from = 3, .step = 3}, 6, true},
        {{.kind = SF_SELECTOR_EVERY, .from = 2, .step = 3}, 5, true},
        {{.kind = SF_SELECTOR_EVERY, .from = 2, .step = 3}, 6, false},
        {{.kind = SF_SELECTOR_EVERY, .from = 1, .step = 2}, 2, false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_assert_eq(sf_selector_matches(&cases[i].selector, cases[i].number),
                     cases[i].matches, "case %zu", i);
    }
}
