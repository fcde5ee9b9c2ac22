/* test_header.c - fields of the header section of a message. */
#include "smtp/header.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/slice.h"

static struct sf_header header;

static void tear_down(void)
{
    sf_header_fini(&header);
}

TestSuite(header, .fini = tear_down);

/* All values of a name, with `|` behind each. */
static const char *find(const char *name)
{
    static char text[256];
    size_t count = 0;
    const struct sf_slice *values =
        sf_header_find(&header, sf_slice_str(name), &count);

    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(text);

        snprintf(text + len, sizeof(text) - len, "%.*s|", (int)values[i].len,
                 values[i].ptr);
    }
    return text;
}

Test(header, fields_are_found_in_any_case_trimmed_and_unfolded)
{
    static const struct {
        const char *section;
        const char *values;
    } cases[] = {
        {"", ""},
        {"\r\n", ""},
        {"A: 1\r\n", "1|"},
        {"a:1\r\n\r\n", "1|"},
        {"A: 1", "1|"},
        {"A:\r\n", "|"},
        {"A : \t 1 \t\r\n", "1|"},
        {"B: 1\r\nA: 2\r\nA: 3\r\n", "2|3|"},
        {"A: 1\r\n 2\r\n\t3\r\nB: 4\r\n", "1 2\t3|"},
        {"A:\r\n 1\r\n", "1|"},
        {"A: 1\n 2\n", "1 2|"},
        {"A: 1\r2\r\n", "1\r2|"},
        {"A: b: c\r\n", "b: c|"},
        {"A 1\r\nA: 2\r\n", "2|"},
        {" A: 1\r\nA: 2\r\n", "1|2|"},
        {"AA: 1\r\n", ""},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_assert_eq(sf_header_parse(&header, sf_slice_str(cases[i].section)),
                     0);
        cr_assert_str_eq(find("a"), cases[i].values, "case %zu: %s", i,
                         find("a"));
        sf_header_fini(&header);
    }
}

Test(header, a_cut_line_without_colon_has_no_value)
{
    struct sf_slice rest = SF_SLICE_LIT("From someone\r\nA: 1\r\n");
    struct sf_slice name;
    struct sf_slice value;

    cr_assert(sf_header_cut(&rest, &name, &value));
    cr_assert(sf_slice_eq_str(name, "From someone"));
    cr_assert_null(value.ptr);
    cr_assert(sf_header_cut(&rest, &name, &value));
    cr_assert(sf_slice_eq_str(value, "1"));
    cr_assert_not(sf_header_cut(&rest, &name, &value));
}
