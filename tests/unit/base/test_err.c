/* test_err.c - the texts of result codes. */
#include "smtpfault.h"

#include <criterion/criterion.h>
#include <limits.h>

Test(err, every_code_has_its_text)
{
    cr_assert_str_eq(sf_strerror(SF_OK), "success");
#define X(name, number, text)                                                  \
    cr_assert_eq(SF_##name, -(number));                                        \
    cr_assert_str_eq(sf_strerror(SF_##name), (text));
    SF_ERR_MAP(X)
#undef X
}

Test(err, other_numbers_have_a_text_too)
{
    static const int others[] = {1, 10, -11, -1000, INT_MIN, INT_MAX};

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        cr_assert_str_eq(sf_strerror(others[i]), "unknown error", "%d",
                         others[i]);
    }
}
