/* test_alert.c - the alerts of TLS by name. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/slice.h"
#include "smtp/alert.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Test(alert, every_one_is_found_by_its_name)
{
    const char *const *names = sf_alert_names();
    size_t count = 0;
    int last = -1;

    for (; names[count] != NULL; count++) {
        int number = sf_alert_find(sf_slice_str(names[count]));

        cr_expect_gt(number, last, "%s: in the order of numbers", names[count]);
        cr_expect_leq(number, 255, "%s", names[count]);
        cr_expect_str_eq(sf_alert_name((unsigned)number), names[count]);
        last = number;
    }
    cr_expect_geq(count, 30);
}

/* RFC 8446 6.2, RFC 5246 7.2. */
Test(alert, numbers_are_those_of_the_wire)
{
    static const struct {
        const char *name;
        int number;
    } cases[] = {
        {"close_notify", 0},         {"unexpected_message", 10},
        {"handshake_failure", 40},   {"bad_certificate", 42},
        {"certificate_expired", 45}, {"unknown_ca", 48},
        {"protocol_version", 70},    {"internal_error", 80},
        {"unrecognized_name", 112},  {"no_application_protocol", 120},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        cr_expect_eq(sf_alert_find(sf_slice_str(cases[i].name)),
                     cases[i].number, "%s", cases[i].name);
    }
}

Test(alert, case_and_the_kind_of_stroke_do_not_matter)
{
    static const char *const spellings[] = {"unknown_ca", "unknown-ca",
                                            "UNKNOWN_CA", "Unknown-Ca"};

    for (size_t i = 0; i < COUNT(spellings); i++) {
        cr_expect_eq(sf_alert_find(sf_slice_str(spellings[i])), 48, "%s",
                     spellings[i]);
    }
}

Test(alert, what_is_no_name_is_not_found)
{
    static const char *const strangers[] = {
        "",           "unknown", "unknown_c", "unknown_ca ", "unknown_cas",
        "unknown ca", "48"};

    for (size_t i = 0; i < COUNT(strangers); i++) {
        cr_expect_eq(sf_alert_find(sf_slice_str(strangers[i])), -1, "`%s`",
                     strangers[i]);
    }
}

Test(alert, a_number_without_a_name_is_unknown)
{
    static const unsigned numbers[] = {1, 41, 60, 121, 255};

    for (size_t i = 0; i < COUNT(numbers); i++) {
        cr_expect_str_eq(sf_alert_name(numbers[i]), "unknown", "%u",
                         numbers[i]);
    }
}
