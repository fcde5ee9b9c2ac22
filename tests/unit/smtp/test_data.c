/* test_data.c - dot-unstuffing and the end of data, however it is cut. */
#include "smtp/data.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/slice.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
    const char *name;
    struct sf_slice input;
    struct sf_slice content;
    size_t taken; /* through the end of data; 0: there is none */
} cases[] = {
    {"nothing", SF_SLICE_LIT(""), SF_SLICE_LIT(""), 0},
    {"an empty message", SF_SLICE_LIT(".\r\n"), SF_SLICE_LIT(""), 3},
    {"one line", SF_SLICE_LIT("a\r\n.\r\n"), SF_SLICE_LIT("a\r\n"), 6},
    {"an empty line first", SF_SLICE_LIT("\r\n.\r\n"), SF_SLICE_LIT("\r\n"), 5},
    {"what follows is not taken", SF_SLICE_LIT("a\r\n.\r\nQUIT\r\n"),
     SF_SLICE_LIT("a\r\n"), 6},
    {"dots doubled", SF_SLICE_LIT("..\r\n..x\r\n...\r\na..b\r\n.\r\n"),
     SF_SLICE_LIT(".\r\n.x\r\n..\r\na..b\r\n"), 23},
    {"a single dot before text is deleted", SF_SLICE_LIT(".x\r\n.y\r\n.\r\n"),
     SF_SLICE_LIT("x\r\ny\r\n"), 11},
    {"a dot ends no line that it does not begin",
     SF_SLICE_LIT("a.\r\nb .\r\n.\r\n"), SF_SLICE_LIT("a.\r\nb .\r\n"), 12},
    {"LF.LF", SF_SLICE_LIT("a\n.\nb\r\n"), SF_SLICE_LIT("a\n.\nb\r\n"), 0},
    {"LF.CRLF", SF_SLICE_LIT("a\n.\r\nb\r\n"), SF_SLICE_LIT("a\n.\r\nb\r\n"),
     0},
    {"CR.CR", SF_SLICE_LIT("a\r.\rb\r\n"), SF_SLICE_LIT("a\r.\rb\r\n"), 0},
    {"CR.CRLF", SF_SLICE_LIT("a\r.\r\nb\r\n"), SF_SLICE_LIT("a\r.\r\nb\r\n"),
     0},
    {"LF..LF", SF_SLICE_LIT("a\n..\nb\r\n"), SF_SLICE_LIT("a\n..\nb\r\n"), 0},
    {"CRLF.LF ends nothing", SF_SLICE_LIT("a\r\n.\nb\r\n"),
     SF_SLICE_LIT("a\r\n\nb\r\n"), 0},
    {"CRLF..LF is the dot of a line of its own", SF_SLICE_LIT("a\r\n..\nb\r\n"),
     SF_SLICE_LIT("a\r\n.\nb\r\n"), 0},
    {"CRLF.CR ends nothing", SF_SLICE_LIT("a\r\n.\rb\r\n"),
     SF_SLICE_LIT("a\r\n\rb\r\n"), 0},
    {"CRLF.CR CRLF ends nothing", SF_SLICE_LIT("a\r\n.\r\r\nb\r\n"),
     SF_SLICE_LIT("a\r\n\r\r\nb\r\n"), 0},
    {"but the next line may be the end", SF_SLICE_LIT(".\r\r\n.\r\n"),
     SF_SLICE_LIT("\r\r\n"), 7},
    {"CR CRLF.CRLF", SF_SLICE_LIT("a\r\r\n.\r\n"), SF_SLICE_LIT("a\r\r\n"), 7},
    {"LF CRLF.CRLF", SF_SLICE_LIT("a\n\r\n.\r\n"), SF_SLICE_LIT("a\n\r\n"), 7},
    {"CRLF LF.CRLF", SF_SLICE_LIT("a\r\n\n.\r\nb"),
     SF_SLICE_LIT("a\r\n\n.\r\nb"), 0},
    {"NUL.CRLF", SF_SLICE_LIT("\0.\r\n\0\r\n.\r\n"),
     SF_SLICE_LIT("\0.\r\n\0\r\n"), 10},
    {"no line end before the dot", SF_SLICE_LIT("abc"), SF_SLICE_LIT("abc"), 0},
    {"an unfinished end", SF_SLICE_LIT("a\r\n.\r"), SF_SLICE_LIT("a\r\n"), 0},
    {"a first dot before LF", SF_SLICE_LIT(".\nb"), SF_SLICE_LIT("\nb"), 0},
};

/* Feeds one chunk; returns how many octets were taken. */
static size_t feed_chunk(struct sf_data *data,
                         struct sf_slice chunk,
                         struct sf_buf *content,
                         bool *out_is_done)
{
    size_t taken = 0;

    *out_is_done = false;
    while (taken < chunk.len && !*out_is_done) {
        struct sf_slice run = {NULL, 0};
        const size_t got =
            sf_data_feed(data, sf_slice_skip(chunk, taken), &run, out_is_done);

        cr_assert(got > 0 || run.len > 0, "no progress");
        cr_assert_leq(got, chunk.len - taken);
        taken += got;
        sf_buf_put_slice(content, run);
    }
    return taken;
}

/* Feeds a case in chunks that end where `ends` says (a bit for each octet)
 * and checks what comes out.  The chunks are copied to memory of their exact
 * size, so that reading over an end is seen. */
static void check_case(size_t index, uint64_t ends)
{
    const struct sf_slice input = cases[index].input;
    struct sf_data data;
    struct sf_buf content;
    size_t start = 0;
    size_t taken = 0;
    bool is_done = false;

    sf_buf_init(&content, 1000);
    sf_data_init(&data, false);
    for (size_t i = 1; i <= input.len && !is_done; i++) {
        char *copy = NULL;

        if (i < input.len && (ends >> (i - 1) & 1) == 0) {
            continue;
        }
        copy = malloc(i - start);
        cr_assert_not_null(copy);
        memcpy(copy, input.ptr + start, i - start);
        taken +=
            feed_chunk(&data, sf_slice(copy, i - start), &content, &is_done);
        free(copy);
        start = i;
    }
    cr_assert_eq(is_done, cases[index].taken > 0, "%s", cases[index].name);
    cr_assert_eq(taken, is_done ? cases[index].taken : input.len,
                 "%s: took %zu", cases[index].name, taken);
    cr_assert(sf_slice_eq(sf_buf_slice(&content), cases[index].content),
              "%s: cut at %llx", cases[index].name, (unsigned long long)ends);
    sf_buf_fini(&content);
}

Test(data, only_crlf_dot_crlf_ends_it)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        check_case(i, 0);
    }
}

Test(data, a_cut_anywhere_makes_no_difference)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (size_t cut = 1; cut < cases[i].input.len; cut++) {
            check_case(i, UINT64_C(1) << (cut - 1));
        }
    }
}

Test(data, two_cuts_anywhere_make_no_difference)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (size_t a = 1; a < cases[i].input.len; a++) {
            for (size_t b = a + 1; b < cases[i].input.len; b++) {
                check_case(i, UINT64_C(1) << (a - 1) | UINT64_C(1) << (b - 1));
            }
        }
    }
}

Test(data, octet_by_octet_makes_no_difference)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        check_case(i, UINT64_MAX);
    }
}

/* What RFC 5321 4.5.2 says, octet by octet: the slow way to be right.
 * Returns the length of the content; *out_taken is 0 without an end. */
static size_t
unstuff_slowly(const char *input, size_t len, char *content, size_t *out_taken)
{
    size_t count = 0;
    bool is_line_start = true;

    *out_taken = 0;
    for (size_t i = 0; i < len; i++) {
        if (is_line_start && input[i] == '.') {
            is_line_start = false;
            if (i + 2 < len && input[i + 1] == '\r' && input[i + 2] == '\n') {
                *out_taken = i + 3;
                return count;
            }
            continue;
        }
        content[count++] = input[i];
        is_line_start = input[i] == '\n' && i > 0 && input[i - 1] == '\r';
    }
    return count;
}

/* Feeds at most `step` octets at a time; returns the length of the content. */
static size_t
unstuff(struct sf_slice input, size_t step, char *content, size_t *out_taken)
{
    struct sf_data data;
    size_t len = 0;
    size_t taken = 0;
    bool is_done = false;

    sf_data_init(&data, false);
    while (taken < input.len && !is_done) {
        struct sf_slice run = sf_slice_skip(input, taken);

        run.len = run.len < step ? run.len : step;
        taken += sf_data_feed(&data, run, &run, &is_done);
        memcpy(content + len, run.ptr, run.len);
        len += run.len;
    }
    *out_taken = is_done ? taken : 0;
    return len;
}

/* Every text of nine octets out of CR, LF, dot and a letter.  The space that
 * follows completes an end that is only begun. */
Test(data, all_short_texts_agree_with_the_slow_way)
{
    for (unsigned long n = 0; n < 1UL << 18; n++) {
        char input[10];
        char expected[10];
        size_t expected_taken = 0;
        size_t expected_len = 0;

        for (size_t i = 0; i < 9; i++) {
            input[i] = "\r\n.a"[n >> (2 * i) & 3];
        }
        input[9] = ' ';
        expected_len =
            unstuff_slowly(input, sizeof(input), expected, &expected_taken);
        for (size_t step = 1; step <= 10; step += 3) {
            char content[10];
            size_t taken = 0;
            const size_t len =
                unstuff(sf_slice(input, sizeof(input)), step, content, &taken);

            if (len != expected_len || taken != expected_taken ||
                memcmp(content, expected, len) != 0) {
                cr_assert_fail("text %lx in steps of %zu", n, step);
            }
        }
    }
}

Test(data, a_run_reaches_over_lines_without_dots)
{
    static const char text[] = "one\r\ntwo\r\nthree\n.\r\n.end\r\n";
    struct sf_slice run = {NULL, 0};
    struct sf_data data;
    bool is_done = true;

    sf_data_init(&data, false);
    cr_assert_eq(sf_data_feed(&data, sf_slice_str(text), &run, &is_done), 19);
    cr_assert_eq(run.ptr, text, "content is borrowed, not copied");
    cr_assert_eq(run.len, 19);
    cr_assert_not(is_done);
}

Test(data, empty_input_changes_nothing)
{
    struct sf_slice run = {"x", 1};
    struct sf_data data;
    bool is_done = true;

    sf_data_init(&data, false);
    cr_assert_eq(sf_data_feed(&data, sf_slice(NULL, 0), &run, &is_done), 0);
    cr_assert_eq(run.len, 0);
    cr_assert_not(is_done);
    cr_assert_eq(sf_data_feed(&data, sf_slice_str(".\r\n"), &run, &is_done), 3);
    cr_assert(is_done);
}
