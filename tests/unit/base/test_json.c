/* test_json.c - appends JSON: keys, values, lists. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/json.h"
#include "base/slice.h"
#include "base/text.h"

static struct sf_buf buf;

static void setup(void)
{
    sf_buf_init(&buf, 100000);
}

static void teardown(void)
{
    sf_buf_fini(&buf);
}

TestSuite(json, .init = setup, .fini = teardown);

static void expect_text(const char *name, const char *text)
{
    cr_assert_eq(buf.failed, 0, "%s", name);
    sf_buf_putc(&buf, '\0');
    cr_assert_str_eq(buf.ptr, text, "%s: got %s", name, buf.ptr);
}

Test(json, commas_stand_between_and_nowhere_else)
{
    const struct sf_slice items[] = {SF_SLICE_LIT("["), SF_SLICE_LIT("{")};

    sf_buf_puts(&buf, "the line before\n");
    sf_json_open(&buf, '{');
    sf_json_put_text(&buf, "none", NULL);
    sf_json_put_number(&buf, "n", UINT64_MAX);
    sf_json_put_bool(&buf, "yes", true);
    sf_json_put_list(&buf, "empty", NULL, 0);
    sf_json_put_list(&buf, "list", items, 2);
    sf_json_put_key(&buf, "objects");
    sf_json_open(&buf, '[');
    sf_json_open(&buf, '{');
    sf_json_put_text(&buf, "text", "{");
    sf_buf_putc(&buf, '}');
    sf_json_open(&buf, '{');
    sf_buf_puts(&buf, "}]");
    sf_json_put_seconds(&buf, "t", 1000002);
    sf_json_put_factor(&buf, "speed", 0.5);
    sf_buf_putc(&buf, '}');
    expect_text("all",
                "the line before\n"
                "{\"n\":18446744073709551615,\"yes\":true,\"empty\":[],"
                "\"list\":[\"[\",\"{\"],"
                "\"objects\":[{\"text\":\"{\"},{}],"
                "\"t\":1.000002,\"speed\":0.5}");
}

struct string_case {
    const char *name;
    struct sf_slice text;
    const char *json;
};

Test(json, a_string_of_printable_text_keeps_its_backslashes)
{
    static const struct string_case cases[] = {
        {"empty", SF_SLICE_LIT(""), "\"\""},
        {"quotes", SF_SLICE_LIT("a \"b\""), "\"a \\\"b\\\"\""},
        {"what was made printable", SF_SLICE_LIT("\\xff \\\\"),
         "\"\\\\xff \\\\\\\\\""},
        {"control characters", SF_SLICE_LIT("a\n\t\0\x7f"),
         "\"a\\\\x0a\\\\x09\\\\x00\\\\x7f\""},
        {"UTF-8", SF_SLICE_LIT("\xc3\xa9"), "\"\xc3\xa9\""},
        {"no UTF-8", SF_SLICE_LIT("\xc3("), "\"\\\\xc3(\""},
        {"a control character of two octets", SF_SLICE_LIT("\xc2\x85"),
         "\"\\\\xc2\\\\x85\""},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        sf_buf_clear(&buf);
        sf_json_put_string(&buf, cases[i].text);
        expect_text(cases[i].name, cases[i].json);
    }
}

Test(json, an_escape_is_what_the_list_says)
{
    static const struct sf_text_escape escapes[] = {
        {'<', "&lt;"}, {'%', "%25"}, {'\0', NULL}};

    sf_text_put_escaped(&buf,
                        sf_slice_str("<a>%\\ \x01 \xef\xbf\xbd "
                                     "\xef\xbf\xbe \xef\xbf\xbf"),
                        escapes);
    expect_text("all",
                "&lt;a>%25\\ \\x01 \xef\xbf\xbd "
                "\\xef\\xbf\\xbe \\xef\\xbf\\xbf");
}

Test(json, what_does_not_fit_is_told_by_the_buffer)
{
    struct sf_buf small;

    sf_buf_init(&small, 3);
    sf_json_open(&small, '{');
    sf_json_put_text(&small, "key", "value");
    cr_assert_eq(small.failed, SF_ETOOBIG);
    sf_buf_fini(&small);
}
