/* test_capability.c - the extension list of an EHLO answer. */
#include "smtp/capability.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/slice.h"

#define BIT(name) SF_CAPABILITY_BIT(SF_CAPABILITY_##name)

static struct sf_capability_list list;

static void init_list(void)
{
    static const char *const lines[] = {"PIPELINING", "SIZE 1000", "AUTH PLAIN",
                                        "AUTH=LOGIN", "X-OWN a"};

    list.count = 0;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        cr_assert(sf_capability_list_add(&list, sf_slice_str(lines[i])));
    }
}

TestSuite(capability, .init = init_list);

static void assert_lines(const char *expected)
{
    struct sf_slice rest = sf_slice_str(expected);

    for (size_t i = 0; i < list.count; i++) {
        const struct sf_slice line = sf_slice_cut(&rest, '|');

        cr_assert(sf_slice_eq(list.lines[i], line), "line %zu", i);
    }
    cr_assert_null(rest.ptr, "lines are missing");
}

Test(capability, a_line_is_known_by_its_keyword)
{
    static const struct {
        const char *line;
        sf_capability_set set;
    } cases[] = {
        {"PIPELINING", BIT(PIPELINING)},
        {"pipelining", BIT(PIPELINING)},
        {"SIZE", BIT(SIZE)},
        {"SIZE 1000", BIT(SIZE)},
        {"Size\t1000", BIT(SIZE)},
        {"8BITMIME", BIT(8BITMIME)},
        {"MT-PRIORITY MIXER", BIT(MT_PRIORITY)},
        {"AUTH PLAIN LOGIN", BIT(AUTH)},
        {"AUTH=PLAIN LOGIN", BIT(AUTH)},
        {"auth=", BIT(AUTH)},
        {"AUTHX", 0},
        {"SIZE=1000", 0},
        {"SIZES", 0},
        {" SIZE", 0},
        {"X-OWN", 0},
        {"", 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_assert_eq(sf_capability_of_line(sf_slice_str(cases[i].line)),
                     cases[i].set, "\"%s\"", cases[i].line);
    }
}

Test(capability, every_keyword_has_its_own_bit)
{
    sf_capability_set all = 0;

#define X(name, keyword)                                                       \
    cr_assert_eq(sf_capability_of_line(sf_slice_str(keyword)), BIT(name));     \
    all |= BIT(name);
#include "smtp/capability.def"
#undef X
    cr_assert_eq(all, SF_CAPABILITY_BIT(SF_CAPABILITY_COUNT) - 1);
}

Test(capability, removals_go_first_and_take_every_line_of_the_keyword)
{
    static const struct sf_slice remove[] = {
        SF_SLICE_LIT("size"), SF_SLICE_LIT("AUTH"), SF_SLICE_LIT("NONE")};
    static const struct sf_slice add[] = {SF_SLICE_LIT("SIZE 5"),
                                          SF_SLICE_LIT("raw line")};
    const struct sf_extensions edit = {false, remove, 3, add, 2};

    sf_capability_list_edit(&list, &edit);
    assert_lines("PIPELINING|X-OWN a|SIZE 5|raw line");
}

Test(capability, a_full_list_replaces_all)
{
    static const struct sf_slice add[] = {SF_SLICE_LIT("DSN")};
    const struct sf_extensions one = {true, NULL, 0, add, 1};
    const struct sf_extensions none = {true, NULL, 0, NULL, 0};

    sf_capability_list_edit(&list, &one);
    assert_lines("DSN");
    sf_capability_list_edit(&list, &none);
    cr_assert_eq(list.count, 0);
}

Test(capability, an_empty_edit_changes_nothing)
{
    const struct sf_extensions edit = {false, NULL, 0, NULL, 0};

    sf_capability_list_edit(&list, &edit);
    assert_lines("PIPELINING|SIZE 1000|AUTH PLAIN|AUTH=LOGIN|X-OWN a");
}

Test(capability, lines_beyond_the_limit_are_dropped)
{
    struct sf_slice add[SF_CAPABILITY_LINES_MAX + 2];
    const struct sf_extensions edit = {true, NULL, 0, add,
                                       SF_CAPABILITY_LINES_MAX + 2};

    for (size_t i = 0; i < SF_CAPABILITY_LINES_MAX + 2; i++) {
        add[i] = sf_slice_str("DSN");
    }
    sf_capability_list_edit(&list, &edit);
    cr_assert_eq(list.count, SF_CAPABILITY_LINES_MAX);
    cr_assert_not(sf_capability_list_add(&list, add[0]));
    cr_assert_eq(list.count, SF_CAPABILITY_LINES_MAX);
}
