/* test_record.c - the names of what a record tells. */
#include <criterion/criterion.h>

#include "journal/record.h"

Test(record, every_type_has_the_name_of_the_contract)
{
    static const char *const names[] = {
        "run",   "listen", "connect", "disconnect", "command",
        "reply", "fired",  "fault",   "message",    "verdict"};

    cr_assert_eq(sizeof(names) / sizeof(names[0]), SF_RECORD_COUNT);
    for (unsigned i = 0; i < SF_RECORD_COUNT; i++) {
        cr_assert_str_eq(sf_record_type_name((enum sf_record_type)i), names[i]);
    }
}

Test(record, the_ways_to_end_have_names)
{
    cr_assert_str_eq(sf_record_end_by_name(SF_END_BY_CLIENT), "client");
    cr_assert_str_eq(sf_record_end_by_name(SF_END_BY_SERVER), "server");
    cr_assert_str_eq(sf_record_end_how_name(SF_END_QUIT), "quit");
    cr_assert_str_eq(sf_record_end_how_name(SF_END_FIN), "fin");
    cr_assert_str_eq(sf_record_end_how_name(SF_END_RESET), "reset");
    cr_assert_str_eq(sf_record_end_how_name(SF_END_TIMEOUT), "timeout");
}
