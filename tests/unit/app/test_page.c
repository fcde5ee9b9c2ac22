/* test_page.c - text wrapped for people. */
#include "app/page.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/slice.h"

static struct sf_buf page;

static void begin(void)
{
    sf_buf_init(&page, 4096);
}

static void end(void)
{
    sf_buf_fini(&page);
}

TestSuite(page, .init = begin, .fini = end);

static void expect(const char *text)
{
    sf_buf_putc(&page, '\0');
    cr_assert_eq(page.failed, 0);
    cr_assert_str_eq(page.ptr, text);
}

Test(page, a_title_has_an_empty_line_below_it)
{
    sf_page_title(&page, sf_slice_str("452"), "Not enough storage");
    expect("452  Not enough storage\n\n");
}

Test(page, a_field_stands_at_the_thirteenth_column)
{
    sf_page_field(&page, "Client", sf_slice_str("waits"));
    sf_page_field(&page, "", sf_slice_str("and waits"));
    sf_page_field(&page, "A long label", sf_slice_str("moves its text"));
    expect(
        "Client      waits\n"
        "            and waits\n"
        "A long label moves its text\n");
}

Test(page, an_item_has_a_key_and_hangs_behind_it)
{
    sf_page_item(&page, "Enhanced", "X.1.1",
                 sf_slice_str("a text that is so long that it needs more than "
                              "one line of the page"));
    expect(
        "Enhanced    X.1.1  a text that is so long that it needs more than "
        "one line of\n"
        "                   the page\n");
}

Test(page, a_line_has_eighty_columns_and_not_one_more)
{
    static const char eight[] =
        "aaaaaaa bbbbbbb ccccccc ddddddd eeeeeee "
        "fffffff ggggggg hhhhhhh ";
    char text[sizeof(eight) + 5];

    /* 12 octets of label, 64 of eight words, and 4 or 5 of the last one. */
    strcpy(text, eight);
    strcat(text, "iiii");
    sf_page_field(&page, "F", sf_slice_str(text));
    cr_assert_eq(page.len, SF_PAGE_COLUMNS + 1, "%zu", page.len);
    sf_buf_clear(&page);
    strcat(text, "i");
    sf_page_field(&page, "F", sf_slice_str(text));
    cr_assert_eq(page.ptr[75], '\n');
    cr_assert_eq(page.len, 76 + 12 + 5 + 1, "%zu", page.len);
}

Test(page, a_word_that_is_too_long_has_a_line_of_its_own)
{
    char word[101];

    memset(word, 'x', sizeof(word) - 1);
    word[sizeof(word) - 1] = '\0';
    sf_page_field(&page, "F", sf_slice_str(word));
    cr_assert_eq(page.len, 12 + 100 + 1);
    sf_buf_clear(&page);
    sf_page_field(&page, "F", sf_slice_str("a"));
    cr_assert_eq(page.len, 12 + 1 + 1);
}

Test(page, blanks_in_the_text_do_not_matter)
{
    sf_page_field(&page, "F", sf_slice_str("  a   b "));
    sf_page_field(&page, "F", sf_slice_str(""));
    expect("F           a b\nF           \n");
}

Test(page, a_line_of_a_scenario_is_never_wrapped)
{
    char line[121];

    memset(line, 'y', sizeof(line) - 1);
    line[60] = ' ';
    line[sizeof(line) - 1] = '\0';
    sf_page_verbatim(&page, "Scenario", sf_slice_str(line));
    cr_assert_eq(page.len, 12 + 120 + 1);
}

Test(page, a_page_that_is_full_fails_and_stays_so)
{
    struct sf_buf small;

    sf_buf_init(&small, 20);
    sf_page_title(&small, sf_slice_str("452"), "Not enough storage for this");
    cr_assert_eq(small.failed, SF_ETOOBIG);
    cr_assert_leq(small.len, 20);
    sf_buf_fini(&small);
}
