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
