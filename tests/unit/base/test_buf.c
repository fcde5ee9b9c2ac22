/* test_buf.c - a growing run of octets with a limit. */
#include "base/buf.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/slice.h"

static struct sf_buf buf;

static void init_buf(void)
{
    sf_buf_init(&buf, 1000);
}

static void fini_buf(void)
{
    sf_buf_fini(&buf);
}

TestSuite(buf, .init = init_buf, .fini = fini_buf);

static void assert_holds(const char *expected)
{
    cr_assert(sf_slice_eq_str(sf_buf_slice(&buf), expected),
              "expected %s, got %.*s", expected, (int)buf.len, buf.ptr);
}

Test(buf, appends_of_every_kind_line_up)
{
    sf_buf_puts(&buf, "a=");
    sf_buf_put_u64(&buf, 0);
    sf_buf_putc(&buf, ' ');
    sf_buf_put_u64(&buf, UINT64_MAX);
    sf_buf_put_slice(&buf, sf_slice("xyz", 2));
    sf_buf_append(&buf, NULL, 0);
    sf_buf_printf(&buf, "[%03d]", 7);
    assert_holds("a=0 18446744073709551615xy[007]");
    cr_assert_eq(buf.failed, 0);
}

Test(buf, nul_is_an_octet_like_others)
{
    sf_buf_append(&buf, "a\0b", 3);
    sf_buf_putc(&buf, '\0');
    cr_assert_eq(buf.len, 4);
    cr_assert_eq(memcmp(buf.ptr, "a\0b", 4), 0);
}

Test(buf, grows_to_its_limit_and_no_further)
{
    for (int i = 0; i < 1000; i++) {
        sf_buf_putc(&buf, 'x');
    }
    cr_assert_eq(buf.failed, 0);
    cr_assert_eq(buf.len, 1000);
    sf_buf_putc(&buf, 'y');
    cr_assert_eq(buf.failed, SF_ETOOBIG);
    cr_assert_eq(buf.len, 1000);
}

Test(buf, printf_may_fill_the_limit_exactly)
{
    sf_buf_printf(&buf, "%1000d", 5);
    cr_assert_eq(buf.failed, 0);
    cr_assert_eq(buf.len, 1000);
    cr_assert_eq(buf.ptr[999], '5');
    sf_buf_clear(&buf);
    sf_buf_printf(&buf, "%1001d", 5);
    cr_assert_eq(buf.failed, SF_ETOOBIG);
    cr_assert_eq(buf.len, 0);
}

Test(buf, a_failure_sticks_and_keeps_the_contents)
{
    char big[1001] = "";

    sf_buf_puts(&buf, "kept");
    sf_buf_append(&buf, big, sizeof(big));
    sf_buf_puts(&buf, "dropped");
    sf_buf_printf(&buf, "%d", 1);
    cr_assert_eq(buf.failed, SF_ETOOBIG);
    assert_holds("kept");
    sf_buf_clear(&buf);
    cr_assert_eq(buf.failed, 0);
    sf_buf_puts(&buf, "again");
    assert_holds("again");
}

Test(buf, sizes_near_the_end_of_memory_are_refused)
{
    buf.limit = SIZE_MAX;
    sf_buf_puts(&buf, "x");
    sf_buf_append(&buf, "", SIZE_MAX - 1);
    cr_assert_eq(buf.failed, SF_ETOOBIG);
    assert_holds("x");
}

Test(buf, consume_drops_from_the_front)
{
    sf_buf_puts(&buf, "abcdef");
    sf_buf_consume(&buf, 0);
    assert_holds("abcdef");
    sf_buf_consume(&buf, 2);
    assert_holds("cdef");
    sf_buf_puts(&buf, "gh");
    assert_holds("cdefgh");
    sf_buf_consume(&buf, 6);
    cr_assert_eq(buf.len, 0);
    sf_buf_puts(&buf, "x");
    sf_buf_consume(&buf, 5);
    cr_assert_eq(buf.len, 0);
}

Test(buf, fini_keeps_the_limit_and_allows_reuse)
{
    sf_buf_puts(&buf, "abc");
    sf_buf_fini(&buf);
    cr_assert_eq(buf.len, 0);
    cr_assert_eq(buf.limit, 1000);
    sf_buf_puts(&buf, "d");
    assert_holds("d");
}

Test(buf, a_secret_one_keeps_its_contents_and_its_nature)
{
    struct sf_buf secret;

    sf_buf_init_secret(&secret, 1000);
    for (int i = 0; i < 100; i++) {
        sf_buf_puts(&secret, "0123456789");
    }
    cr_assert_eq(secret.failed, 0);
    cr_assert_eq(secret.len, 1000);
    for (size_t i = 0; i < secret.len; i++) {
        cr_assert_eq(secret.ptr[i], (char)('0' + i % 10), "octet %zu", i);
    }
    sf_buf_fini(&secret);
    cr_assert(secret.is_secret);
    cr_assert_eq(secret.limit, 1000);
}

Test(buf, an_empty_one_gives_an_empty_slice)
{
    cr_assert_eq(sf_buf_slice(&buf).len, 0);
    sf_buf_consume(&buf, 1);
    cr_assert_eq(buf.failed, 0);
}
