/* test_expect.c - what the sections [expect], `fired` and --expect come to. */
#include <criterion/criterion.h>
#include <string.h>

#include "../../support/scenario.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static struct loaded loaded;

static const struct sf_expectation *find(const char *name)
{
    const struct sf_expectations *all = &loaded.scenario->expectations;

    for (size_t i = 0; i < all->count; i++) {
        if (strcmp(all->items[i].name, name) == 0) {
            return &all->items[i];
        }
    }
    return NULL;
}

Test(expect, says_what_is_expected_where_and_as_written)
{
    const struct sf_expectation *found = NULL;

    loaded = load_text(
        "[let]\nn = 2..3\n[expect retry]\nattempts = ${n}\n"
        "delivered = a@e,\n            b@e\n");
    cr_assert_not_null(loaded.scenario, "%s", loaded.findings);
    found = find("attempts");
    cr_assert_not_null(found);
    cr_expect_str_eq(found->label, "retry");
    cr_expect_str_eq(found->text, "2..3");
    cr_expect_str_eq(found->path, "t.ini");
    cr_expect_eq(found->line, 4);
    cr_expect_eq(found->u.selector.low, 2);
    cr_expect_eq(found->u.selector.end, 4);
    found = find("delivered");
    cr_expect_str_eq(found->text, "a@e, b@e");
    cr_expect_eq(found->u.recipients.list.count, 2);
    cr_expect_not(found->u.recipients.is_number);
    cr_expect(loaded.scenario->expectations.is_asked);
    loaded_fini(&loaded);
}

Test(expect, every_rule_has_to_fire_unless_something_else_is_said)
{
    loaded = load_text(
        "[RCPT a]\nreply = 550 5.1.1 x\n"
        "[RCPT b]\nfired = 2\nreply = 550 5.1.1 x\n"
        "[RCPT c]\nreply = 550 5.1.1 x\n"
        "[MAIL]\nreply = 550 5.1.1 x\n"
        "[expect]\nfired.c = 0\n");
    cr_assert_not_null(loaded.scenario, "%s", loaded.findings);
    cr_expect_eq(loaded.scenario->expectations.count, 4);
    cr_expect_str_eq(find("fired.a")->text, "1..");
    cr_expect(find("fired.a")->is_default);
    cr_expect_null(find("fired.a")->path);
    cr_expect_str_eq(find("fired.b")->text, "2");
    cr_expect_eq(find("fired.b")->line, 4);
    cr_expect_str_eq(find("fired.c")->text, "0");
    cr_expect_str_eq(find("fired.MAIL@8")->rule, "MAIL@8");
    loaded_fini(&loaded);
}

Test(expect, the_section_of_an_included_file_is_not_taken_over)
{
    struct text_file files[] = {
        {"a.ini", "[scenario]\ninclude = b.ini\n[expect]\nsessions = 1\n", 0,
         0},
        {"b.ini",
         "[RCPT b]\nfired = 3\nreply = 550 5.1.1 x\n[expect]\nmessages = 1\n",
         0, 0},
        {"c.ini", "[NOOP]\nreply = 250 x\n[expect]\nquit = always\n", 0, 0},
        {NULL, NULL, 0, 0}};
    const char *const paths[] = {"a.ini", "c.ini"};
    struct sf_load load = {.paths = paths,
                           .path_count = 2,
                           .read = read_text_file,
                           .read_ctx = files};

    loaded = load_all(&load);
    cr_assert_not_null(loaded.scenario, "%s", loaded.findings);
    cr_expect_not_null(find("sessions"));
    cr_expect_not_null(find("quit"));
    cr_expect_null(find("messages"));
    cr_expect_str_eq(find("fired.b")->text, "3");
    loaded_fini(&loaded);
}

Test(expect, what_an_included_file_expects_is_checked_all_the_same)
{
    struct text_file files[] = {
        {"a.ini", "[scenario]\ninclude = b.ini\n[NOOP]\nreply = 250 x\n", 0, 0},
        {"b.ini", "[expect]\nfired.none = 1\n", 0, 0},
        {NULL, NULL, 0, 0}};
    const char *const paths[] = {"a.ini"};
    struct sf_load load = {.paths = paths,
                           .path_count = 1,
                           .read = read_text_file,
                           .read_ctx = files};

    loaded = load_all(&load);
    cr_expect_null(loaded.scenario);
    cr_expect_not_null(strstr(loaded.findings, "no rule has the label `none`"),
                       "%s", loaded.findings);
    loaded_fini(&loaded);
}

Test(expect, the_command_line_adds_to_all_sections)
{
    struct text_file files[] = {
        {"t.ini", "[let]\nn = 4\n[expect]\nsessions = 1\n", 0, 0},
        {NULL, NULL, 0, 0}};
    const char *const paths[] = {"t.ini"};
    const struct sf_setting added[] = {{"sessions", "${n}"},
                                       {"violations", "SEQ-07, pip-01"},
                                       {"deferred", "<=3"},
                                       {"refused", "1-2"}};
    struct sf_load load = {.paths = paths,
                           .path_count = 1,
                           .expectations = added,
                           .expectation_count = LENGTH(added),
                           .read = read_text_file,
                           .read_ctx = files};

    loaded = load_all(&load);
    cr_assert_not_null(loaded.scenario, "%s", loaded.findings);
    cr_assert_eq(loaded.scenario->expectations.count, 5);
    cr_expect_str_eq(loaded.scenario->expectations.items[1].text, "4");
    cr_expect_null(loaded.scenario->expectations.items[1].path);
    cr_expect_eq(find("violations")->u.violations.tolerance,
                 SF_TOLERATES_LISTED);
    cr_expect_str_eq(find("violations")->u.violations.ids[1], "PIP-01");
    cr_expect(find("deferred")->u.recipients.is_number);
    cr_expect_eq(find("deferred")->u.recipients.selector.end, 4);
    cr_expect_eq(find("refused")->u.recipients.selector.low, 1);
    loaded_fini(&loaded);
}
