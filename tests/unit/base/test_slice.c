/* test_slice.c - borrowed runs of octets. */
#include "base/slice.h"

#include <criterion/criterion.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct sf_slice str(const char *text)
{
    return sf_slice_str(text);
}

Test(slice, null_is_empty)
{
    static const struct sf_slice literal = SF_SLICE_LIT("abc");

    cr_assert_eq(str(NULL).len, 0);
    cr_assert(sf_slice_eq(str(NULL), str("")));
    cr_assert(sf_slice_eq_str(str(""), NULL));
    cr_assert(sf_slice_eq_str(literal, "abc"));
    cr_assert_eq(sf_slice_trim(str(NULL)).len, 0);
    cr_assert_eq(sf_slice_skip(str(NULL), 0).len, 0);
    cr_assert_eq(sf_slice_find(str(NULL), 'x'), 0);
}

Test(slice, comparing_minds_case_length_and_nul)
{
    static const struct {
        struct sf_slice a;
        struct sf_slice b;
        bool is_equal;
        bool is_equal_nocase;
    } cases[] = {
        {SF_SLICE_LIT("MAIL"), SF_SLICE_LIT("MAIL"), true, true},
        {SF_SLICE_LIT("MAIL"), SF_SLICE_LIT("mAiL"), false, true},
        {SF_SLICE_LIT("MAIL"), SF_SLICE_LIT("MAI"), false, false},
        {SF_SLICE_LIT("MAIL"), SF_SLICE_LIT("MAIN"), false, false},
        {SF_SLICE_LIT("@[`{"), SF_SLICE_LIT("`{@["), false, false},
        {SF_SLICE_LIT("a\0b"), SF_SLICE_LIT("a\0c"), false, false},
        {SF_SLICE_LIT("a\0b"), SF_SLICE_LIT("A\0B"), false, true},
        {SF_SLICE_LIT("\xc3\xa4"), SF_SLICE_LIT("\xc3\x84"), false, false},
        {SF_SLICE_LIT(""), SF_SLICE_LIT(""), true, true},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        cr_assert_eq(sf_slice_eq(cases[i].a, cases[i].b), cases[i].is_equal,
                     "case %zu", i);
        cr_assert_eq(sf_slice_eq_nocase(cases[i].a, cases[i].b),
                     cases[i].is_equal_nocase, "case %zu", i);
    }
    cr_assert(sf_slice_eq_str_nocase(str("Size"), "SIZE"));
    cr_assert_not(sf_slice_eq_str(str("Size"), "SIZE"));
}

Test(slice, starts_nocase_needs_the_whole_prefix)
{
    cr_assert(sf_slice_starts_nocase(str("from:<>"), "FROM:"));
    cr_assert(sf_slice_starts_nocase(str("FROM:"), "FROM:"));
    cr_assert(sf_slice_starts_nocase(str("x"), ""));
    cr_assert_not(sf_slice_starts_nocase(str("FROM"), "FROM:"));
    cr_assert_not(sf_slice_starts_nocase(str("TO:FROM:"), "FROM:"));
}

Test(slice, trim_and_skip_take_blanks_only)
{
    static const struct {
        const char *text;
        const char *trimmed;
        const char *skipped;
    } cases[] = {
        {" \t a b\t ", "a b", "a b\t "},
        {"a", "a", "a"},
        {"   ", "", ""},
        {"", "", ""},
        {"\r\nx\n", "\r\nx\n", "\r\nx\n"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct sf_slice text = str(cases[i].text);

        cr_assert(sf_slice_eq_str(sf_slice_trim(text), cases[i].trimmed),
                  "trim \"%s\"", cases[i].text);
        cr_assert(sf_slice_eq_str(sf_slice_skip_blanks(text), cases[i].skipped),
                  "skip \"%s\"", cases[i].text);
    }
}

Test(slice, cut_splits_at_the_first_separator)
{
    struct sf_slice rest = str("a,,b,");

    cr_assert(sf_slice_eq_str(sf_slice_cut(&rest, ','), "a"));
    cr_assert(sf_slice_eq_str(sf_slice_cut(&rest, ','), ""));
    cr_assert(sf_slice_eq_str(sf_slice_cut(&rest, ','), "b"));
    cr_assert_not_null(rest.ptr, "an empty piece is left");
    cr_assert_eq(rest.len, 0);
    cr_assert(sf_slice_eq_str(sf_slice_cut(&rest, ','), ""));
    cr_assert_null(rest.ptr, "nothing is left");
    cr_assert_eq(sf_slice_cut(&rest, ',').len, 0);
}

Test(slice, cut_word_leaves_the_blank)
{
    struct sf_slice rest = str("RCPT\tTO:");

    cr_assert(sf_slice_eq_str(sf_slice_cut_word(&rest), "RCPT"));
    cr_assert(sf_slice_eq_str(rest, "\tTO:"));
    cr_assert_eq(sf_slice_cut_word(&rest).len, 0);
    rest = sf_slice_skip(rest, 1);
    cr_assert(sf_slice_eq_str(sf_slice_cut_word(&rest), "TO:"));
    cr_assert_eq(rest.len, 0);
}

Test(slice, find_gives_the_length_when_there_is_none)
{
    cr_assert_eq(sf_slice_find(str("abcb"), 'b'), 1);
    cr_assert_eq(sf_slice_find(str("abcb"), 'x'), 4);
    cr_assert_eq(sf_slice_find(sf_slice("a\0b", 3), '\0'), 1);
}

Test(slice, numbers_are_digits_within_64_bits)
{
    static const struct {
        const char *text;
        int err;
        uint64_t number;
    } cases[] = {
        {"0", 0, 0},
        {"7", 0, 7},
        {"00000000000000000012", 0, 12},
        {"18446744073709551615", 0, UINT64_MAX},
        {"18446744073709551616", SF_ETOOBIG, 0},
        {"99999999999999999999", SF_ETOOBIG, 0},
        {"000000000000000000001", SF_ESYNTAX, 0},
        {"", SF_ESYNTAX, 0},
        {"+1", SF_ESYNTAX, 0},
        {"-1", SF_ESYNTAX, 0},
        {" 1", SF_ESYNTAX, 0},
        {"1 ", SF_ESYNTAX, 0},
        {"0x1", SF_ESYNTAX, 0},
        {"9999999999999999999x", SF_ESYNTAX, 0},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t number = 4711;
        const int err = sf_slice_parse_u64(str(cases[i].text), &number);

        cr_assert_eq(err, cases[i].err, "\"%s\": %d", cases[i].text, err);
        cr_assert_eq(number, err == 0 ? cases[i].number : 4711, "\"%s\"",
                     cases[i].text);
    }
}

Test(slice, ascii_classes_hold_for_every_octet)
{
    for (int i = 0; i < 256; i++) {
        const char c = (char)i;
        const bool is_upper = i >= 'A' && i <= 'Z';
        const bool is_lower = i >= 'a' && i <= 'z';
        const bool is_digit = i >= '0' && i <= '9';

        cr_assert_eq(sf_ascii_lower(c), (char)(is_upper ? i + 32 : i));
        cr_assert_eq(sf_ascii_upper(c), (char)(is_lower ? i - 32 : i));
        cr_assert_eq(sf_ascii_is_digit(c), is_digit);
        cr_assert_eq(sf_ascii_is_alnum(c), is_upper || is_lower || is_digit);
        cr_assert_eq(sf_ascii_is_blank(c), i == ' ' || i == '\t');
    }
}

Test(slice, distance_counts_single_edits)
{
    static const struct {
        const char *a;
        const char *b;
        unsigned distance;
    } cases[] = {
        {"", "", 0},
        {"", "abc", 3},
        {"reply", "reply", 0},
        {"repyl", "reply", 1},
        {"recipent", "recipient", 1},
        {"sendr", "sender", 1},
        {"delya", "delay", 1},
        {"kitten", "sitting", 3},
        {"abcd", "badc", 2},
        {"Reply", "reply", 1},
        {"ca", "abc", 3},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct sf_slice a = str(cases[i].a);
        const struct sf_slice b = str(cases[i].b);

        cr_assert_eq(sf_text_distance(a, b), cases[i].distance, "%s %s: %u",
                     cases[i].a, cases[i].b, sf_text_distance(a, b));
        cr_assert_eq(sf_text_distance(b, a), cases[i].distance);
    }
}

Test(slice, distance_of_long_texts_is_64)
{
    char text[64];

    memset(text, 'a', sizeof(text));
    cr_assert_eq(sf_text_distance(sf_slice(text, 63), sf_slice(text, 0)), 63);
    cr_assert_eq(sf_text_distance(sf_slice(text, 64), sf_slice(text, 64)), 64);
    cr_assert_eq(sf_text_distance(sf_slice(text, 1), sf_slice(text, 64)), 64);
}
