/* test_text.c - durations, sizes and octets as people read them. */
#include "base/text.h"

#include <criterion/criterion.h>

#include "base/slice.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct sf_buf buf;

static void init_buf(void)
{
    sf_buf_init(&buf, 4096);
}

static void fini_buf(void)
{
    sf_buf_fini(&buf);
}

TestSuite(text, .init = init_buf, .fini = fini_buf);

static void assert_holds(const char *expected)
{
    cr_assert(sf_slice_eq_str(sf_buf_slice(&buf), expected),
              "expected %s, got %.*s", expected, (int)buf.len, buf.ptr);
    sf_buf_clear(&buf);
}

Test(text, durations_are_a_whole_number_and_a_unit)
{
    static const struct {
        const char *text;
        int err;
        uint64_t us;
    } cases[] = {
        {"250ms", 0, 250000},
        {"0s", 0, 0},
        {"2s", 0, 2000000},
        {"5m", 0, 300000000},
        {"1h", 0, 3600000000},
        {"4d", 0, 345600000000},
        {"1000d", 0, 86400000000000},
        {"86400000s", 0, 86400000000000},
        {"forever", 0, SF_FOREVER_US},
        {"1001d", SF_ETOOBIG, 0},
        {"86400001s", SF_ETOOBIG, 0},
        {"18446744073709551615d", SF_ETOOBIG, 0},
        {"18446744073709551616s", SF_ETOOBIG, 0},
        {"", SF_ESYNTAX, 0},
        {"5", SF_ESYNTAX, 0},
        {"s", SF_ESYNTAX, 0},
        {"5 s", SF_ESYNTAX, 0},
        {"-5s", SF_ESYNTAX, 0},
        {"1.5s", SF_ESYNTAX, 0},
        {"5S", SF_ESYNTAX, 0},
        {"5sec", SF_ESYNTAX, 0},
        {"5us", SF_ESYNTAX, 0},
        {"1h30m", SF_ESYNTAX, 0},
        {"Forever", SF_ESYNTAX, 0},
        {"18446744073709551616x", SF_ESYNTAX, 0},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t us = 4711;
        const int err =
            sf_text_parse_duration(sf_slice_str(cases[i].text), &us);

        cr_assert_eq(err, cases[i].err, "\"%s\": %d", cases[i].text, err);
        cr_assert_eq(us, err == 0 ? cases[i].us : 4711, "%s", cases[i].text);
    }
}

Test(text, sizes_are_a_whole_number_and_perhaps_a_unit)
{
    static const struct {
        const char *text;
        int err;
        uint64_t octets;
    } cases[] = {
        {"0", 0, 0},
        {"512", 0, 512},
        {"64K", 0, 65536},
        {"10M", 0, 10485760},
        {"2G", 0, UINT64_C(2147483648)},
        {"1024G", 0, UINT64_C(1099511627776)},
        {"1099511627776", 0, UINT64_C(1099511627776)},
        {"1099511627777", SF_ETOOBIG, 0},
        {"1025G", SF_ETOOBIG, 0},
        {"18446744073709551615G", SF_ETOOBIG, 0},
        {"99999999999999999999", SF_ETOOBIG, 0},
        {"", SF_ESYNTAX, 0},
        {"K", SF_ESYNTAX, 0},
        {"64k", SF_ESYNTAX, 0},
        {"64KB", SF_ESYNTAX, 0},
        {"1T", SF_ESYNTAX, 0},
        {"64 K", SF_ESYNTAX, 0},
        {"-1", SF_ESYNTAX, 0},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t octets = 4711;
        const int err =
            sf_text_parse_size(sf_slice_str(cases[i].text), &octets);

        cr_assert_eq(err, cases[i].err, "\"%s\": %d", cases[i].text, err);
        cr_assert_eq(octets, err == 0 ? cases[i].octets : 4711, "%s",
                     cases[i].text);
    }
}

Test(text, durations_are_written_as_short_as_can_be)
{
    static const struct {
        uint64_t us;
        const char *text;
    } cases[] = {
        {0, "0s"},
        {1, "1ms"},
        {1001, "2ms"},
        {250000, "250ms"},
        {1000000, "1s"},
        {1500000, "1500ms"},
        {999999999, "1000s"},
        {90000000, "90s"},
        {60000000, "1m"},
        {300000000, "5m"},
        {5400000000, "90m"},
        {3600000000, "1h"},
        {86400000000, "1d"},
        {90000000000, "25h"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t us = 0;

        sf_text_put_duration(&buf, cases[i].us);
        cr_assert_eq(sf_text_parse_duration(sf_buf_slice(&buf), &us), 0);
        cr_assert_geq(us, cases[i].us);
        cr_assert_lt(us - cases[i].us, 1000);
        assert_holds(cases[i].text);
    }
    sf_text_put_duration(&buf, SF_FOREVER_US - 1);
    assert_holds("18446744073709552ms");
    sf_text_put_duration(&buf, SF_FOREVER_US);
    assert_holds("forever");
}

static const struct {
    struct sf_slice octets;
    size_t len;
} utf8_cases[] = {
    {SF_SLICE_LIT(""), 0},
    {SF_SLICE_LIT("a"), 1},
    {SF_SLICE_LIT("\0"), 1},
    {SF_SLICE_LIT("\x7f"), 1},
    {SF_SLICE_LIT("\x80"), 0},
    {SF_SLICE_LIT("\xbf"), 0},
    {SF_SLICE_LIT("\xc0\x80"), 0},
    {SF_SLICE_LIT("\xc1\xbf"), 0},
    {SF_SLICE_LIT("\xc2\x80"), 2},
    {SF_SLICE_LIT("\xc3\xa4x"), 2},
    {SF_SLICE_LIT("\xc3"), 0},
    {SF_SLICE_LIT("\xc3x"), 0},
    {SF_SLICE_LIT("\xdf\xbf"), 2},
    {SF_SLICE_LIT("\xe0\x9f\xbf"), 0},
    {SF_SLICE_LIT("\xe0\xa0\x80"), 3},
    {SF_SLICE_LIT("\xe2\x82\xac"), 3},
    {SF_SLICE_LIT("\xe2\x82"), 0},
    {SF_SLICE_LIT("\xe2\x82x"), 0},
    {SF_SLICE_LIT("\xed\x9f\xbf"), 3},
    {SF_SLICE_LIT("\xed\xa0\x80"), 0},
    {SF_SLICE_LIT("\xef\xbf\xbf"), 3},
    {SF_SLICE_LIT("\xf0\x8f\xbf\xbf"), 0},
    {SF_SLICE_LIT("\xf0\x90\x80\x80"), 4},
    {SF_SLICE_LIT("\xf0\x9f\x98\x80"), 4},
    {SF_SLICE_LIT("\xf0\x9f\x98"), 0},
    {SF_SLICE_LIT("\xf4\x8f\xbf\xbf"), 4},
    {SF_SLICE_LIT("\xf4\x90\x80\x80"), 0},
    {SF_SLICE_LIT("\xf5\x80\x80\x80"), 0},
    {SF_SLICE_LIT("\xff"), 0},
};

Test(text, utf8_is_that_of_rfc_3629)
{
    for (size_t i = 0; i < COUNT(utf8_cases); i++) {
        cr_assert_eq(sf_text_utf8_len(utf8_cases[i].octets), utf8_cases[i].len,
                     "case %zu", i);
    }
}

Test(text, controls_are_not_printable)
{
    for (unsigned i = 0; i < 0x80; i++) {
        const char c = (char)i;
        const size_t len = i >= ' ' && i < 0x7f ? 1 : 0;

        cr_assert_eq(sf_text_printable_len(sf_slice(&c, 1)), len, "%u", i);
    }
    for (unsigned i = 0x80; i < 0xc0; i++) {
        const char pair[2] = {'\xc2', (char)i};
        const size_t len = i < 0xa0 ? 0 : 2;

        cr_assert_eq(sf_text_printable_len(sf_slice(pair, 2)), len, "%u", i);
    }
}

Test(text, printable_shows_every_octet)
{
    sf_text_put_printable(&buf, sf_slice_str("plain \xc3\xa4 text"));
    assert_holds("plain \xc3\xa4 text");
    sf_text_put_printable(
        &buf, (struct sf_slice)SF_SLICE_LIT("a\\b\r\n\t\0\xff\x1b\xc2\x9b"));
    assert_holds("a\\\\b\\x0d\\x0a\\x09\\x00\\xff\\x1b\\xc2\\x9b");
    sf_text_put_printable(&buf, sf_slice(NULL, 0));
    assert_holds("");
}

Test(text, clean_is_one_line_of_the_same_length)
{
    sf_text_put_clean(&buf, sf_slice_str("plain \xc3\xa4 \xff\xc2\x9b text"));
    assert_holds("plain \xc3\xa4 \xff\xc2\x9b text");
    sf_text_put_clean(
        &buf, (struct sf_slice)SF_SLICE_LIT("a\r\nb\t\0c\x1b\x1f \x7f~"));
    assert_holds("a??b??c?? ?~");
    sf_text_put_clean(&buf, sf_slice(NULL, 0));
    assert_holds("");
}

Test(text, json_is_valid_and_gives_the_octets_back)
{
    static const struct {
        struct sf_slice octets;
        const char *json;
    } cases[] = {
        {SF_SLICE_LIT(""), "\"\""},
        {SF_SLICE_LIT("MAIL FROM:<a@b>"), "\"MAIL FROM:<a@b>\""},
        {SF_SLICE_LIT("say \"x\""), "\"say \\\"x\\\"\""},
        {SF_SLICE_LIT("a\\b"), "\"a\\\\\\\\b\""},
        {SF_SLICE_LIT("\r\n\t\b\f"), "\"\\r\\n\\t\\b\\f\""},
        {SF_SLICE_LIT("\0\x1f\x7f"), "\"\\u0000\\u001f\x7f\""},
        {SF_SLICE_LIT("\xc3\xa4\xf0\x9f\x98\x80"),
         "\"\xc3\xa4\xf0\x9f\x98\x80\""},
        {SF_SLICE_LIT("\xff\xc3"), "\"\\\\xff\\\\xc3\""},
        {SF_SLICE_LIT("\\xff"), "\"\\\\\\\\xff\""},
        {SF_SLICE_LIT("/"), "\"/\""},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        sf_text_put_json(&buf, cases[i].octets);
        assert_holds(cases[i].json);
    }
}
