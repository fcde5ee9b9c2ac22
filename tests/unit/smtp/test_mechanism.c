/* test_mechanism.c - SASL mechanisms by name, and in an EHLO answer. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/slice.h"
#include "smtp/mechanism.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BIT(name)    SF_MECHANISM_BIT(SF_MECHANISM_##name)

Test(mechanism, every_one_is_found_by_its_name)
{
    for (int i = 0; i < SF_MECHANISM_COUNT; i++) {
        enum sf_mechanism mechanism = (enum sf_mechanism)i;
        const char *name = sf_mechanism_name(mechanism);

        cr_expect_eq(sf_mechanism_find(sf_slice_str(name)), mechanism, "%s",
                     name);
        cr_expect_leq(strlen(name), 20, "%s: RFC 4422 3.1", name);
    }
}

Test(mechanism, case_does_not_matter_and_everything_else_does)
{
    static const char *const strangers[] = {"", "PLAI", "PLAINX", "PLAIN ",
                                            "SCRAM"};

    cr_expect_eq(sf_mechanism_find(sf_slice_str("scram-Sha-256")),
                 SF_MECHANISM_SCRAM_SHA_256);
    for (size_t i = 0; i < COUNT(strangers); i++) {
        cr_expect_eq(sf_mechanism_find(sf_slice_str(strangers[i])),
                     SF_MECHANISM_COUNT, "`%s`", strangers[i]);
    }
}

Test(mechanism, what_a_line_offers_is_its_words_behind_the_keyword)
{
    static const struct {
        const char *line;
        sf_mechanism_set offered;
    } cases[] = {
        {"AUTH PLAIN LOGIN", BIT(PLAIN) | BIT(LOGIN)},
        {"auth plain  cram-md5 ", BIT(PLAIN) | BIT(CRAM_MD5)},
        {"AUTH=PLAIN LOGIN", BIT(PLAIN) | BIT(LOGIN)},
        {"AUTH X-OWN EXTERNAL", BIT(EXTERNAL)},
        {"AUTH", 0},
        {"AUTH=", 0},
        {"AUTH ", 0},
        {"", 0},
        {"AUTHX PLAIN", 0},
        {"SIZE PLAIN", 0},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        cr_expect_eq(sf_mechanism_of_line(sf_slice_str(cases[i].line)),
                     cases[i].offered, "`%s`", cases[i].line);
    }
}
