/* test_output.c - the output queue: boundaries and deadlines. */
#include <criterion/criterion.h>

#include "base/slice.h"
#include "session/output.h"

static struct sf_output output;
static struct sf_output_spare spare;

static void set_up(void)
{
    sf_output_init(&output);
    sf_output_spare_init(&spare);
}

static void tear_down(void)
{
    sf_output_fini(&output);
    sf_output_spare_fini(&spare);
}

TestSuite(output, .init = set_up, .fini = tear_down);

static void put(const char *text)
{
    sf_buf_puts(sf_output_buf(&output, &spare), text);
}

static void expect(uint64_t now_us, const char *text)
{
    struct sf_slice got = sf_output_take(&output, &spare, now_us);

    cr_assert(sf_slice_eq_str(got, text), "got '%.*s', not '%s'", (int)got.len,
              got.ptr, text);
}

Test(output, what_nothing_separates_leaves_in_one_write)
{
    put("220 a\r\n");
    put("250 b\r\n");
    expect(0, "220 a\r\n250 b\r\n");
    cr_assert(sf_output_is_empty(&output));
    expect(0, "");
}

Test(output, a_cut_holds_back_what_follows_until_its_time)
{
    put("one");
    cr_assert_eq(sf_output_cut(&output, 50), 0);
    put("two");
    expect(10, "one");
    cr_assert_eq(sf_output_deadline(&output), 50);
    expect(49, "");
    cr_assert_not(sf_output_is_empty(&output));
    expect(50, "two");
    cr_assert_eq(sf_output_deadline(&output), UINT64_MAX);
}

Test(output, a_cut_at_the_end_holds_back_what_comes_later)
{
    put("one");
    cr_assert_eq(sf_output_cut(&output, 50), 0);
    expect(10, "one");
    put("two");
    expect(20, "");
    expect(50, "two");
}

Test(output, segments_leave_in_writes_of_their_own_even_when_late)
{
    put("a");
    cr_assert_eq(sf_output_cut(&output, 10), 0);
    put("b");
    cr_assert_eq(sf_output_cut(&output, 20), 0);
    put("c");
    expect(100, "a");
    expect(100, "b");
    expect(100, "c");
    expect(100, "");
}

static void pace(const struct sf_pace *pace)
{
    cr_assert_eq(sf_output_pace(&output, pace), 0);
}

Test(output, octets_leave_one_interval_apart)
{
    const struct sf_pace two = {
        .kind = SF_PACE_OCTETS, .octets = 2, .interval_us = 100};

    put("now");
    pace(&two);
    put("abcde");
    pace(NULL);
    put("then");
    expect(10, "now");
    expect(10, "ab");
    cr_assert_eq(sf_output_deadline(&output), 110);
    expect(109, "");
    expect(110, "cd");
    cr_assert_not(sf_output_is_prompt(&output, 209));
    cr_assert(sf_output_is_prompt(&output, 210));
    expect(210, "e");
    expect(210, "then");
    cr_assert_null(output.plan);
}

Test(output, an_interval_is_counted_from_when_the_octets_were_due)
{
    const struct sf_pace one = {
        .kind = SF_PACE_OCTETS, .octets = 1, .interval_us = 100};

    pace(&one);
    put("abcd");
    expect(0, "a");
    expect(130, "b"); /* late by 30 */
    expect(200, "c");
    expect(1000, "d"); /* so late that it begins anew */
    put("e");
    expect(1099, "");
    expect(1100, "e");
}

Test(output, lines_leave_one_interval_apart)
{
    const struct sf_pace line = {.kind = SF_PACE_LINE, .interval_us = 50};

    pace(&line);
    put("250-a\r\n250-b\r\n250");
    expect(0, "250-a\r\n");
    put(" c\r\n");
    expect(50, "250-b\r\n");
    expect(100, "250 c\r\n");
}

Test(output, a_run_is_split_at_places_from_both_ends_when_it_has_ended)
{
    static const int32_t places[] = {-2, 3, 100, -100};
    const struct sf_pace split = {.kind = SF_PACE_SPLIT,
                                  .interval_us = 20,
                                  .offsets = places,
                                  .offset_count = 4};

    pace(&split);
    put("250 a");
    expect(5, "");
    cr_assert_eq(sf_output_deadline(&output), UINT64_MAX);
    put("b\r\n");
    cr_assert_eq(sf_output_end_run(&output), 0);
    expect(10, "250");
    cr_assert_eq(sf_output_deadline(&output), 30);
    put("xyz++"); /* the next run */
    expect(30, " ab");
    expect(50, "\r\n");
    pace(NULL);
    expect(60, "xyz");
    expect(80, "++");
    cr_assert_null(output.plan);
}

Test(output, what_is_whole_leaves_in_one_segment)
{
    const struct sf_pace whole = {.kind = SF_PACE_WHOLE};

    pace(&whole);
    put("250 a\r\n");
    expect(0, "");
    put("250 b\r\n");
    pace(NULL);
    put("250 c\r\n");
    expect(1, "250 a\r\n250 b\r\n");
    expect(1, "250 c\r\n");
}

Test(output, a_run_that_fills_the_queue_leaves_before_its_end)
{
    static const int32_t places[] = {3, -2};
    const struct sf_pace split = {
        .kind = SF_PACE_SPLIT, .offsets = places, .offset_count = 2};

    pace(&split);
    put("abcd");
    for (size_t i = 0; i < SF_OUTPUT_HIGH_BYTES; i++) {
        sf_buf_putc(sf_output_buf(&output, &spare), 'x');
    }
    cr_assert_eq(sf_output_deadline(&output), 0);
    expect(0, "abc");
    cr_assert_eq(sf_output_take(&output, &spare, 0).len,
                 SF_OUTPUT_HIGH_BYTES + 1);
}

Test(output, what_is_held_waits_for_more_or_for_its_time)
{
    put("one");
    cr_assert_eq(sf_output_hold(&output, 200), 0);
    cr_assert(sf_output_is_prompt(&output, 0), "nobody else waits for it");
    expect(0, "");
    cr_assert_eq(sf_output_deadline(&output), 200);
    put("two");
    expect(1, "onetwo");
    put("three");
    cr_assert_eq(sf_output_hold(&output, 200), 0);
    expect(199, "");
    expect(200, "three");
    cr_assert_eq(sf_output_hold(&output, 300), 0);
    put("four");
    expect(201, "four");
}

Test(output, output_that_was_laid_aside_goes_on_at_its_pace)
{
    const struct sf_pace one = {
        .kind = SF_PACE_OCTETS, .octets = 1, .interval_us = 100};
    struct sf_output front;

    pace(&one);
    put("ab");
    expect(0, "a");
    sf_output_init(&front);
    sf_buf_puts(sf_output_buf(&front, &spare), "421\r\n");
    cr_assert_eq(sf_output_join(&front, &output), 0);
    output = front;
    expect(10, "421\r\n");
    expect(99, "");
    put("c");
    expect(100, "b");
    expect(200, "c");
}

Test(output, a_session_with_nothing_to_send_holds_no_memory)
{
    struct sf_output second;

    sf_output_init(&second);
    put("text");
    expect(0, "text");
    cr_assert_null(output.pending.ptr);
    sf_buf_puts(sf_output_buf(&second, &spare), "next");
    cr_assert_null(spare.buf.ptr, "the second session took the memory over");
    cr_assert(sf_slice_eq_str(sf_output_take(&second, &spare, 0), "next"));
    sf_output_fini(&second);
}

Test(output, what_is_held_leaves_with_what_follows_once_its_rule_has_ended)
{
    put("one");
    cr_assert_eq(sf_output_hold(&output, 50), 0);
    cr_assert_eq(sf_output_pace(&output, NULL), 0);
    expect(10, "");
    put("two");
    expect(10, "onetwo");
    cr_assert(sf_output_is_empty(&output));
}
