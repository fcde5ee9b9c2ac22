/* test_enhanced.c - the table of enhanced status codes. */
#include "smtp/enhanced.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "../../support/table.h"
#include "base/slice.h"
#include "smtp/code.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define WORDS_MAX 150

static bool is_registered(const struct sf_enhanced_info *info)
{
    return info->owner[0] == '\0';
}

static bool comes_before(const struct sf_enhanced_info *a,
                         const struct sf_enhanced_info *b)
{
    return a->subject < b->subject ||
           (a->subject == b->subject && a->last < b->first);
}

static void put_name(const struct sf_enhanced_info *info, char *name, size_t n)
{
    int len = snprintf(name, n, "X.%u.%u", info->subject, info->first);

    if (info->last != info->first) {
        snprintf(name + len, n - (size_t)len, "-%u", info->last);
    }
}

Test(enhanced, the_codes_are_those_of_the_list)
{
    const char *words[WORDS_MAX];
    bool is_taken[WORDS_MAX] = {false};
    size_t count =
        read_words("tests/data/enhanced-codes.txt", words, WORDS_MAX);

    cr_assert_eq(count, 106);
    cr_assert_eq(sf_enhanced_count(), count);
    for (size_t i = 0; i < count; i++) {
        char name[48];
        size_t at = 0;

        put_name(sf_enhanced_at(i), name, sizeof(name));
        while (at < count && (is_taken[at] || strcmp(words[at], name) != 0)) {
            at++;
        }
        cr_assert_lt(at, count, "%s is not in the list", name);
        is_taken[at] = true;
    }
}

Test(enhanced, the_registry_comes_first_in_order_without_repeats)
{
    size_t registered = 0;

    for (size_t i = 0; i < sf_enhanced_count(); i++) {
        const struct sf_enhanced_info *info = sf_enhanced_at(i);

        if (!is_registered(info)) {
            continue;
        }
        cr_assert_eq(registered, i, "X.%u.%u", info->subject, info->first);
        cr_assert_eq(info->first, info->last);
        cr_assert(i == 0 || comes_before(sf_enhanced_at(i - 1), info),
                  "X.%u.%u", info->subject, info->first);
        registered++;
    }
    cr_assert_eq(registered, 81);
}

Test(enhanced, what_others_mean_is_in_order_and_not_said_twice)
{
    for (size_t i = 1; i < sf_enhanced_count(); i++) {
        const struct sf_enhanced_info *before = sf_enhanced_at(i - 1);
        const struct sf_enhanced_info *info = sf_enhanced_at(i);

        if (!is_registered(before)) {
            cr_assert(comes_before(before, info), "X.%u.%u", info->subject,
                      info->first);
        }
    }
}

Test(enhanced, every_text_is_a_phrase)
{
    for (size_t i = 0; i < sf_enhanced_count(); i++) {
        const struct sf_enhanced_info *info = sf_enhanced_at(i);

        cr_assert(is_phrase(info->meaning), "%s", info->meaning);
        cr_assert(info->note[0] == '\0' || is_phrase(info->note), "%s",
                  info->note);
        cr_assert(info->owner[0] == '\0' || is_phrase(info->owner), "%s",
                  info->owner);
        cr_assert(info->rfc[0] == '\0' || is_reference(info->rfc), "%s",
                  info->rfc);
    }
}

Test(enhanced, the_registry_names_an_rfc_but_for_one)
{
    for (size_t i = 0; i < sf_enhanced_count(); i++) {
        const struct sf_enhanced_info *info = sf_enhanced_at(i);

        if (is_registered(info)) {
            cr_assert_eq(info->rfc[0] == '\0',
                         info->subject == 7 && info->first == 28, "X.%u.%u",
                         info->subject, info->first);
        }
    }
}

Test(enhanced, basic_codes_are_known_in_order)
{
    for (size_t i = 0; i < sf_enhanced_count(); i++) {
        const struct sf_enhanced_info *info = sf_enhanced_at(i);

        cr_assert_eq(info->codes[SF_ENHANCED_CODES_MAX - 1], 0);
        for (size_t k = 0; info->codes[k] != 0; k++) {
            cr_assert_not_null(sf_code_find(info->codes[k]), "%d",
                               info->codes[k]);
            cr_assert(k == 0 || info->codes[k - 1] < info->codes[k], "%s",
                      info->meaning);
        }
    }
}

Test(enhanced, classes_and_subjects_exist)
{
    const unsigned classes =
        SF_ENHANCED_CLASS(2) | SF_ENHANCED_CLASS(4) | SF_ENHANCED_CLASS(5);

    for (size_t i = 0; i < sf_enhanced_count(); i++) {
        const struct sf_enhanced_info *info = sf_enhanced_at(i);

        cr_assert_not_null(sf_enhanced_subject_text(info->subject));
        cr_assert_leq(info->first, info->last);
        cr_assert_leq(info->last, 999);
        if (is_registered(info)) {
            cr_assert_eq(info->classes & ~classes, 0, "%s", info->meaning);
        }
    }
    cr_assert_null(sf_enhanced_subject_text(8));
    for (int digit = -1; digit <= 10; digit++) {
        cr_assert_eq(sf_enhanced_class_text(digit) != NULL,
                     digit == 2 || digit == 4 || digit == 5, "%d", digit);
    }
}

Test(enhanced, a_code_has_a_class_a_subject_and_a_detail)
{
    static const struct {
        const char *text;
        struct sf_enhanced expected;
    } cases[] = {
        {"4.2.2", {4, 2, 2}},       {"X.2.2", {-1, 2, 2}},
        {"x.7.28", {-1, 7, 28}},    {"5.7.999", {5, 7, 999}},
        {"7.7.1", {7, 7, 1}},       {"0.0.0", {0, 0, 0}},
        {"5.123.10", {5, 123, 10}},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sf_enhanced found = {9, 9, 9};

        cr_assert_eq(sf_enhanced_parse(sf_slice_str(cases[i].text), &found), 0,
                     "%s", cases[i].text);
        cr_assert_eq(found.class, cases[i].expected.class, "%s", cases[i].text);
        cr_assert_eq(found.subject, cases[i].expected.subject, "%s",
                     cases[i].text);
        cr_assert_eq(found.detail, cases[i].expected.detail, "%s",
                     cases[i].text);
    }
}

Test(enhanced, other_forms_are_no_codes)
{
    static const char *const texts[] = {
        "",       "4",      "4.2",      "4.2.",     ".2.2",
        "4..2",   "4.2.2.", "44.2.2",   "4.2.x",    "y.2.2",
        " 4.2.2", "4.2.2 ", "4.2.02",   "4.02.2",   "4.2.-1",
        "4.2.+1", "4,2,2",  "4.2.1000", "4.1000.2", "4.2.2.2",
    };

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct sf_enhanced found = {9, 9, 9};

        cr_assert_eq(sf_enhanced_parse(sf_slice_str(texts[i]), &found),
                     SF_ESYNTAX, "%s", texts[i]);
        cr_assert_eq(found.class, 9, "%s: touched", texts[i]);
    }
}

Test(enhanced, what_real_servers_send_is_known)
{
    static const char *const texts[] = {
        "2.0.0",   "2.1.0",   "2.1.5",   "2.7.0",   "4.1.1",   "4.2.0",
        "4.2.1",   "4.2.2",   "4.3.0",   "4.3.1",   "4.3.2",   "4.3.3",
        "4.4.0",   "4.4.2",   "4.4.5",   "4.5.3",   "4.5.4",   "4.7.0",
        "4.7.1",   "4.7.27",  "4.7.28",  "4.7.29",  "4.7.30",  "4.7.32",
        "4.7.500", "4.7.650", "4.7.651", "4.7.652", "4.7.8",   "5.0.0",
        "5.1.1",   "5.1.10",  "5.2.0",   "5.2.1",   "5.2.122", "5.2.2",
        "5.2.3",   "5.3.2",   "5.3.3",   "5.3.4",   "5.4.1",   "5.5.0",
        "5.5.1",   "5.5.2",   "5.5.4",   "5.5.6",   "5.6.11",  "5.7.0",
        "5.7.1",   "5.7.139", "5.7.2",   "5.7.26",  "5.7.27",  "5.7.3",
        "5.7.509", "5.7.515", "5.7.57",  "5.7.606", "5.7.8",   "5.7.9",
    };

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct sf_enhanced found = {0};

        cr_assert_eq(sf_enhanced_parse(sf_slice_str(texts[i]), &found), 0);
        cr_assert(sf_enhanced_is_known(&found), "%s", texts[i]);
    }
}

Test(enhanced, a_number_that_nobody_has_is_not_known)
{
    static const char *const texts[] = {"4.0.1",   "4.1.11", "5.2.5",
                                        "4.2.120", "5.8.0",  "5.7.31",
                                        "5.7.499", "5.7.700"};

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct sf_enhanced found = {0};

        cr_assert_eq(sf_enhanced_parse(sf_slice_str(texts[i]), &found), 0);
        cr_assert_not(sf_enhanced_is_known(&found), "%s", texts[i]);
    }
}

Test(enhanced, a_row_has_its_codes_and_no_others)
{
    struct sf_enhanced full = {.class = 5, .subject = 2, .detail = 2};
    size_t i = 0;

    while (!sf_enhanced_matches(sf_enhanced_at(i), &full)) {
        i++;
    }
    cr_assert(sf_enhanced_has_code(sf_enhanced_at(i), 552));
    cr_assert_not(sf_enhanced_has_code(sf_enhanced_at(i), 452));
    cr_assert_not(sf_enhanced_has_code(sf_enhanced_at(i), 0));
}
