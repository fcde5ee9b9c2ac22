/* test_diag.c - findings: kept, counted, shown. */
#include "base/diag.h"

#include <criterion/criterion.h>
#include <string.h>

static struct sf_diags *diags;

static void init_diags(void)
{
    diags = sf_diags_new();
    cr_assert_not_null(diags);
}

static void fini_diags(void)
{
    sf_diags_free(diags);
}

TestSuite(diag, .init = init_diags, .fini = fini_diags);

static void assert_shown(const struct sf_diag *diag, const char *expected)
{
    char text[512];
    const size_t len = sf_diag_format(diag, text, sizeof(text));

    cr_assert_str_eq(text, expected);
    cr_assert_eq(len, strlen(expected));
}

Test(diag, a_new_list_is_empty)
{
    cr_assert_eq(sf_diags_len(diags), 0);
    cr_assert_null(sf_diags_get(diags, 0));
    cr_assert_eq(sf_diags_count(diags, SF_SEVERITY_ERROR), 0);
    cr_assert_not(sf_diags_is_incomplete(diags));
    sf_diags_free(NULL);
}

Test(diag, adding_copies_everything_in_order)
{
    char path[] = "a.ini";
    char text[] = "unknown key";
    struct sf_diag first = {SF_SEVERITY_ERROR, path,    3, text,
                            "repyl = 250",     "reply?"};
    const struct sf_diag second = {SF_SEVERITY_WARNING, "b.ini", 0,
                                   "no rule",           NULL,    NULL};
    const struct sf_diag *kept = NULL;

    sf_diags_add(diags, &first);
    kept = sf_diags_get(diags, 0);
    sf_diags_add(diags, &second);
    path[0] = 'x';
    text[0] = 'x';
    first.line = 9;

    cr_assert_eq(sf_diags_len(diags), 2);
    cr_assert_eq(sf_diags_get(diags, 0), kept, "a finding moved");
    cr_assert_str_eq(kept->path, "a.ini");
    cr_assert_str_eq(kept->text, "unknown key");
    cr_assert_str_eq(kept->source, "repyl = 250");
    cr_assert_str_eq(kept->hint, "reply?");
    cr_assert_eq(kept->line, 3);
    cr_assert_str_eq(sf_diags_get(diags, 1)->path, "b.ini");
    cr_assert_null(sf_diags_get(diags, 1)->source);
    cr_assert_null(sf_diags_get(diags, 2));
    cr_assert_eq(sf_diags_count(diags, SF_SEVERITY_ERROR), 1);
    cr_assert_eq(sf_diags_count(diags, SF_SEVERITY_WARNING), 1);
}

Test(diag, findings_beyond_the_limit_are_only_counted)
{
    const struct sf_diag diag = {SF_SEVERITY_ERROR, "a.ini", 1,
                                 "wrong",           NULL,    NULL};

    for (int i = 0; i < SF_DIAGS_MAX + 5; i++) {
        sf_diags_add(diags, &diag);
    }
    cr_assert_eq(sf_diags_len(diags), SF_DIAGS_MAX);
    cr_assert_eq(sf_diags_count(diags, SF_SEVERITY_ERROR), SF_DIAGS_MAX + 5);
    cr_assert_null(sf_diags_get(diags, SF_DIAGS_MAX));
    cr_assert_not(sf_diags_is_incomplete(diags));
}

Test(diag, one_is_shown_with_its_line_and_hint)
{
    const struct sf_diag diag = {SF_SEVERITY_ERROR,
                                 "greylist.ini",
                                 12,
                                 "unknown key \"recipent\"",
                                 "recipent = a@example.test",
                                 "did you mean \"recipient\"?"};

    assert_shown(&diag,
                 "greylist.ini:12: error: unknown key \"recipent\"\n"
                 "    recipent = a@example.test\n"
                 "hint: did you mean \"recipient\"?\n");
}

Test(diag, parts_that_are_missing_are_left_out)
{
    const struct sf_diag whole_file = {SF_SEVERITY_ERROR,  "x",  0,
                                       "no such scenario", NULL, NULL};
    const struct sf_diag no_hint = {
        SF_SEVERITY_WARNING, "x", 1, "odd", "line", NULL};
    const struct sf_diag no_source = {
        SF_SEVERITY_WARNING, "x", 4294967295U, "odd", NULL, "even"};

    assert_shown(&whole_file, "x: error: no such scenario\n");
    assert_shown(&no_hint, "x:1: warning: odd\n    line\n");
    assert_shown(&no_source, "x:4294967295: warning: odd\nhint: even\n");
}

Test(diag, octets_are_made_printable_but_tabs_stay)
{
    const struct sf_diag diag = {
        SF_SEVERITY_ERROR,
        "x",
        1,
        "bad \x1b[1m",
        "\treply = \"250 \\r\\n\" \xff \xc3\xa4 \xc2\x9b",
        "none\n"};

    assert_shown(&diag,
                 "x:1: error: bad \\x1b[1m\n"
                 "    \treply = \"250 \\r\\n\" \\xff \xc3\xa4 \\xc2\\x9b\n"
                 "hint: none\\x0a\n");
}

Test(diag, a_small_buffer_is_cut_and_terminated_as_by_snprintf)
{
    const struct sf_diag diag = {SF_SEVERITY_ERROR, "path",   7,
                                 "te\x01xt",        "source", "hint"};
    char whole[128];
    const size_t len = sf_diag_format(&diag, whole, sizeof(whole));

    cr_assert_eq(sf_diag_format(&diag, NULL, 0), len);
    for (size_t size = 1; size <= len + 1; size++) {
        char part[128];

        memset(part, 'X', sizeof(part));
        cr_assert_eq(sf_diag_format(&diag, part, size), len);
        cr_assert_eq(strlen(part), size - 1);
        cr_assert_eq(memcmp(part, whole, size - 1), 0, "size %zu", size);
        cr_assert_eq(part[size], 'X', "size %zu", size);
    }
}
