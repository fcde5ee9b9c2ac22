/* test_reply.c - the octets of a reply line. */
#include "smtp/reply.h"

#include <criterion/criterion.h>

#include "base/slice.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Test(reply, a_line_is_code_separator_text_and_crlf)
{
    static const struct {
        struct sf_reply_line line;
        const char *octets;
    } cases[] = {
        {{250, true, true, SF_SLICE_LIT("2.0.0 Ok")}, "250 2.0.0 Ok\r\n"},
        {{250, false, true, SF_SLICE_LIT("SIZE 10")}, "250-SIZE 10\r\n"},
        {{250, true, true, SF_SLICE_LIT("")}, "250 \r\n"},
        {{250, false, true, SF_SLICE_LIT("")}, "250-\r\n"},
        {{250, true, false, {NULL, 0}}, "250\r\n"},
        {{250, false, false, {NULL, 0}}, "250-\r\n"},
        {{250, true, false, SF_SLICE_LIT("not shown")}, "250\r\n"},
        {{0, true, true, SF_SLICE_LIT("x")}, "000 x\r\n"},
        {{7, true, true, SF_SLICE_LIT("x")}, "007 x\r\n"},
        {{99, true, true, SF_SLICE_LIT("x")}, "099 x\r\n"},
        {{999, true, true, SF_SLICE_LIT("x")}, "999 x\r\n"},
        {{421, true, true, SF_SLICE_LIT("\xc3\xa4")}, "421 \xc3\xa4\r\n"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sf_buf buf;

        sf_buf_init(&buf, 100);
        sf_reply_put_line(&buf, &cases[i].line);
        cr_assert_eq(buf.failed, 0);
        cr_assert(sf_slice_eq_str(sf_buf_slice(&buf), cases[i].octets),
                  "case %zu: %.*s", i, (int)buf.len, buf.ptr);
        sf_buf_fini(&buf);
    }
}

Test(reply, an_enhanced_code_stands_at_the_start_or_not_at_all)
{
    static const struct {
        const char *text;
        const char *enhanced;
    } cases[] = {
        {"2.0.0 Ok", "2.0.0"},
        {"4.7.1", "4.7.1"},
        {"5.7.509 Access denied", "5.7.509"},
        {"5.123.456 x", "5.123.456"},
        {"2.1.5  two blanks", "2.1.5"},
        {"", ""},
        {"2", ""},
        {"2.", ""},
        {"2.0", ""},
        {"2.0.", ""},
        {"2..0 x", ""},
        {"2.0. x", ""},
        {"3.0.0 x", ""},
        {"0.0.0 x", ""},
        {"1.2.3 x", ""},
        {"6.0.0 x", ""},
        {"25.0.0 x", ""},
        {"2.0.0.0 x", ""},
        {"2.0.0-x", ""},
        {"2.0.0\tx", ""},
        {"2.1234.0 x", ""},
        {"2.0.1234 x", ""},
        {"2.a.0 x", ""},
        {" 2.0.0 x", ""},
        {"Ok 2.0.0", ""},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct sf_slice found =
            sf_reply_enhanced(sf_slice_str(cases[i].text));

        cr_assert(sf_slice_eq_str(found, cases[i].enhanced), "\"%s\": \"%.*s\"",
                  cases[i].text, (int)found.len, found.ptr);
    }
    cr_assert_eq(sf_reply_enhanced(sf_slice(NULL, 0)).len, 0);
    cr_assert_eq(sf_reply_enhanced(sf_slice("2.0.05", 5)).len, 5);
}

Test(reply, the_class_is_the_first_digit)
{
    cr_assert_eq(sf_reply_class(250), 2);
    cr_assert_eq(sf_reply_class(354), 3);
    cr_assert_eq(sf_reply_class(499), 4);
    cr_assert_eq(sf_reply_class(500), 5);
    cr_assert_eq(sf_reply_class(99), 0);
}
