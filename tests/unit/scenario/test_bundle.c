/* test_bundle.c - the scenarios inside the binary. */
#include "scenario/bundle.h"

#include <criterion/criterion.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Test(bundle, a_scenario_is_found_with_or_without_its_ending)
{
    cr_assert_not_null(sf_bundle_find("greylist"));
    cr_assert_eq(sf_bundle_find("greylist"), sf_bundle_find("greylist.ini"));
    cr_assert_null(sf_bundle_find("greylis"));
    cr_assert_null(sf_bundle_find("greylist.in"));
    cr_assert_null(sf_bundle_find(""));
}

Test(bundle, a_scenario_answers_what_its_replies_say)
{
    static const struct {
        const char *text;
        int code;
        bool answers;
    } cases[] = {
        {"[RCPT]\nreply = 452 Full\n", 452, true},
        {"[RCPT]\nreply=452 Full", 452, true},
        {"[RCPT]\nREPLY \t = \t452-Full\n", 452, true},
        {"[RCPT]\nreply = 452\n", 452, true},
        {"[RCPT]\nreply = 250-a\n        452 b\n", 452, true},
        {"[RCPT]\nreply = 250-a\n        b 452\n", 452, false},
        {"[RCPT]\nreply = 450 a\nreply = 452 b\n", 452, true},
        {"[RCPT]\nreply = 4520 Full\n", 452, false},
        {"[RCPT]\nreply = 45 Full\n", 452, false},
        {"[RCPT]\nreply = 450 452\n", 452, false},
        {"[RCPT]\n; reply = 452 Full\n", 452, false},
        {"[RCPT]\nreplying = 452 Full\n", 452, false},
        {"[RCPT]\nreply 452 Full\n", 452, false},
        {"[scenario]\nabout = a\n        452 b\n", 452, false},
        {"[RCPT]\nreply = 250 a\nnote = b\n       452 c\n", 452, false},
        {"452 Full\n", 452, false},
        {"", 452, false},
        {"\n\n", 452, false},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct sf_bundled bundled = {.text = cases[i].text,
                                           .len = strlen(cases[i].text)};

        cr_expect_eq(sf_bundled_answers(&bundled, cases[i].code),
                     cases[i].answers, "%s", cases[i].text);
    }
}
