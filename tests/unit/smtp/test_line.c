/* test_line.c - finds the end of a command line. */
#include "smtp/line.h"

#include <criterion/criterion.h>

#include "base/slice.h"

#define LIMIT 12

static const struct {
    const char *name;
    struct sf_slice input;
    enum sf_line_status status;
    struct sf_slice line;
    size_t taken;
} cases[] = {
    {"nothing", SF_SLICE_LIT(""), SF_LINE_MORE, {NULL, 0}, 0},
    {"no end", SF_SLICE_LIT("NOOP"), SF_LINE_MORE, {NULL, 0}, 0},
    {"half an end", SF_SLICE_LIT("NOOP\r"), SF_LINE_MORE, {NULL, 0}, 0},
    {"a line", SF_SLICE_LIT("NOOP\r\n"), SF_LINE_DONE, SF_SLICE_LIT("NOOP"), 6},
    {"an empty line", SF_SLICE_LIT("\r\n"), SF_LINE_DONE, SF_SLICE_LIT(""), 2},
    {"the first of two", SF_SLICE_LIT("A\r\nB\r\n"), SF_LINE_DONE,
     SF_SLICE_LIT("A"), 3},
    {"bare LF", SF_SLICE_LIT("NOOP\n"), SF_LINE_BARE_LF, SF_SLICE_LIT("NOOP"),
     5},
    {"bare LF alone", SF_SLICE_LIT("\n"), SF_LINE_BARE_LF, SF_SLICE_LIT(""), 1},
    {"LF CR", SF_SLICE_LIT("A\n\r\n"), SF_LINE_BARE_LF, SF_SLICE_LIT("A"), 2},
    {"lone CR inside", SF_SLICE_LIT("A\rB\r\n"), SF_LINE_DONE,
     SF_SLICE_LIT("A\rB"), 5},
    {"two CR", SF_SLICE_LIT("A\r\r\n"), SF_LINE_DONE, SF_SLICE_LIT("A\r"), 4},
    {"NUL inside", SF_SLICE_LIT("A\0B\r\n"), SF_LINE_DONE, SF_SLICE_LIT("A\0B"),
     5},
    {"as long as allowed", SF_SLICE_LIT("0123456789\r\n"), SF_LINE_DONE,
     SF_SLICE_LIT("0123456789"), 12},
    {"as long as allowed, bare LF", SF_SLICE_LIT("0123456789a\n"),
     SF_LINE_BARE_LF, SF_SLICE_LIT("0123456789a"), 12},
    {"one too many",
     SF_SLICE_LIT("0123456789a\r\n"),
     SF_LINE_TOO_LONG,
     {NULL, 0},
     0},
    {"full without an end",
     SF_SLICE_LIT("0123456789a\r"),
     SF_LINE_TOO_LONG,
     {NULL, 0},
     0},
    {"nearly full", SF_SLICE_LIT("0123456789\r"), SF_LINE_MORE, {NULL, 0}, 0},
    {"far too many",
     SF_SLICE_LIT("0123456789abcdefghijklmnopqrst\r\nB\r\n"),
     SF_LINE_TOO_LONG,
     {NULL, 0},
     0},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void assert_case(size_t index,
                        enum sf_line_status status,
                        struct sf_slice line,
                        size_t taken)
{
    const char *name = cases[index].name;

    cr_assert_eq(status, cases[index].status, "%s: %d", name, (int)status);
    if (status == SF_LINE_DONE || status == SF_LINE_BARE_LF) {
        cr_assert(sf_slice_eq(line, cases[index].line), "%s", name);
        cr_assert_eq(taken, cases[index].taken, "%s: %zu", name, taken);
    } else if (status == SF_LINE_TOO_LONG) {
        cr_assert_eq(taken, 0, "%s", name);
    }
}

Test(line, ends_in_crlf_or_is_reported)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sf_slice line = {NULL, 0};
        size_t taken = 4711;
        const enum sf_line_status status =
            sf_line_find(cases[i].input, 0, LIMIT, &line, &taken);

        assert_case(i, status, line, taken);
    }
}

/* Offers the input in two pieces at every place, the way the session does:
 * what was looked at is not looked at again. */
Test(line, chunks_make_no_difference)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (size_t cut = 0; cut <= cases[i].input.len; cut++) {
            const struct sf_slice part = sf_slice(cases[i].input.ptr, cut);
            struct sf_slice line = {NULL, 0};
            size_t taken = 0;
            enum sf_line_status status =
                sf_line_find(part, 0, LIMIT, &line, &taken);

            if (status == SF_LINE_MORE) {
                status =
                    sf_line_find(cases[i].input, cut, LIMIT, &line, &taken);
            }
            assert_case(i, status, line, taken);
        }
    }
}

Test(line, octet_by_octet_makes_no_difference)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sf_slice line = {NULL, 0};
        size_t taken = 0;
        enum sf_line_status status = SF_LINE_MORE;

        for (size_t n = 1; n <= cases[i].input.len && status == SF_LINE_MORE;
             n++) {
            status = sf_line_find(sf_slice(cases[i].input.ptr, n), n - 1, LIMIT,
                                  &line, &taken);
        }
        assert_case(i, status, line, taken);
    }
}

Test(line, skip_drops_through_the_line_end)
{
    bool is_done = true;

    cr_assert_eq(sf_line_skip(sf_slice_str("rest"), &is_done), 4);
    cr_assert_not(is_done);
    cr_assert_eq(sf_line_skip(sf_slice_str("rest\r"), &is_done), 5);
    cr_assert_not(is_done);
    cr_assert_eq(sf_line_skip(sf_slice_str("\nNOOP\r\n"), &is_done), 1);
    cr_assert(is_done);
    cr_assert_eq(sf_line_skip(sf_slice_str("x\r\nNOOP\r\n"), &is_done), 3);
    cr_assert(is_done);
    cr_assert_eq(sf_line_skip(sf_slice_str(NULL), &is_done), 0);
    cr_assert_not(is_done);
}
