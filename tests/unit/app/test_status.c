/* test_status.c - how the program ends. */
#include <criterion/criterion.h>

#include "app/status.h"
#include "smtpfault.h"

Test(status, every_result_has_the_exit_status_of_the_manual)
{
    static const struct {
        int err;
        enum sf_status status;
    } cases[] = {
        {SF_OK, SF_STATUS_OK},
        {SF_ESYNTAX, SF_STATUS_USAGE},
        {SF_ESCENARIO, SF_STATUS_USAGE},
        {SF_ENOTFOUND, SF_STATUS_CANNOT_RUN},
        {SF_EREAD, SF_STATUS_CANNOT_RUN},
        {SF_ESINK, SF_STATUS_CANNOT_RUN},
        {SF_EADDRINUSE, SF_STATUS_CANNOT_RUN},
        {SF_EIO, SF_STATUS_CANNOT_RUN},
        {SF_ENOMEM, SF_STATUS_INTERNAL},
        {SF_EINVAL, SF_STATUS_INTERNAL},
        {SF_ETOOBIG, SF_STATUS_INTERNAL},
        {-1000, SF_STATUS_INTERNAL},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_assert_eq(sf_status_of(cases[i].err), cases[i].status, "%s",
                     sf_strerror(cases[i].err));
    }
}

Test(status, the_numbers_are_those_of_the_manual)
{
    cr_assert_eq(SF_STATUS_OK, 0);
    cr_assert_eq(SF_STATUS_FAILED, 1);
    cr_assert_eq(SF_STATUS_USAGE, 2);
    cr_assert_eq(SF_STATUS_CANNOT_RUN, 3);
    cr_assert_eq(SF_STATUS_UNPROVED, 4);
    cr_assert_eq(SF_STATUS_INTERNAL, 70);
}
