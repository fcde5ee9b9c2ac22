/* test_regex.c - regular expressions are compiled, within bounds. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/slice.h"
#include "scenario/regex.h"

static struct sf_arena arena;
static struct sf_loader loader;
static const struct sf_place place = {"t.ini", 1, 1, NULL, false};

static void setup(void)
{
    sf_arena_init(&arena);
    sf_loader_init(&loader, &arena, false);
}

static void teardown(void)
{
    sf_regex_free(loader.regexes);
    sf_loader_fini(&loader);
    sf_arena_fini(&arena);
}

TestSuite(regex, .init = setup, .fini = teardown);

static const regex_t *compile(const char *text)
{
    return sf_regex_compile(&loader, &place, sf_slice_str(text));
}

Test(regex, a_slash_loses_its_backslash_and_nothing_else_does)
{
    static const struct {
        const char *text;
        const char *value;
        bool matches;
    } cases[] = {
        {"^a\\/b$", "a/b", true},  {"^a\\/b$", "a\\/b", false},
        {"^\\\\/$", "\\/", true},  {"^a\\.b$", "a.b", true},
        {"^a\\.b$", "axb", false}, {"^[\\/]$", "/", true},
        {"A", "a", true},          {"^(a|b){2}$", "ab", true},
        {"^[^]x]$", "]", false},   {"^[[:digit:]]+$", "42", true},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const regex_t *regex = compile(cases[i].text);

        cr_assert_not_null(regex, "%s", cases[i].text);
        cr_assert_eq(regexec(regex, cases[i].value, 0, NULL, 0) == 0,
                     cases[i].matches, "%s on %s", cases[i].text,
                     cases[i].value);
    }
}

Test(regex, what_is_wrong_is_reported_once)
{
    static const char *const texts[] = {
        "",      "(",       "[a",          "a{2,1}",     "[z-a]",  "*a",
        "a{",    "(a)\\1",  "[\\]\\\\\\1", "[[:nope:]]", "[[:abc", "a\\",
        "[[:",   "\\",      "a{999999}",   "[",          "[^]",    "[[.",
        "a{1,2", "((a)\\2", "x\\9",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        cr_assert_null(compile(texts[i]), "%s", texts[i]);
        cr_assert_eq(loader.error_count, i + 1, "%s: %zu", texts[i],
                     loader.error_count);
    }
    cr_assert_null(loader.regexes);
}

Test(regex, repetitions_are_bounded_before_they_are_compiled)
{
    static const struct {
        const char *text;
        bool is_ok;
    } cases[] = {
        {"^[0-9a-f]{64}$", true},
        {"^([0-9]{1,3}[.]){3}[0-9]{1,3}$", true},
        {"^.{1,255}@", true},
        {"a{300}", true},
        {"a{301}", false},
        {"a{299,}", true},
        {"a{300,}", false},
        {"((a{10}){10}){10}", false},
        {"((((((((((a+)+)+)+)+)+)+)+)+)+)+", false},
        {"a++++++++++++", false},
        {"(a{200}|b){2}", false},
        {"(a{200}[(]){2}", false},
        {"(a{200}[[:alpha:](]){2}", false},
        {"(a{200}\\(){2}", false},
        {"[{]{5}", true},
        {"a{99999999999999999999999}", false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_assert_eq(compile(cases[i].text) != NULL, cases[i].is_ok, "%s",
                     cases[i].text);
    }
}

Test(regex, length_depth_and_number_are_bounded)
{
    char text[300];
    size_t count = 0;

    memset(text, '(', 198);
    memset(text + 99, ')', 99);
    text[98] = 'a';
    text[198] = '\0';
    text[99 + 98] = 'b';
    cr_assert_not_null(compile(text));
    memset(text, '(', 198);
    cr_assert_null(compile(text));
    memset(text, 'a', 199);
    text[199] = '\0';
    cr_assert_null(compile(text));
    cr_assert_eq(loader.error_count, 2);
    while (count < 1000 && compile("a{300}") != NULL) {
        count++;
    }
    cr_assert_gt(count, 50);
    cr_assert_lt(count, 70);
}

Test(regex, the_worst_that_is_allowed_ends_soon)
{
    static const char *const texts[] = {"(a?){70}b", "(a*)*(a*)*b",
                                        "(.*a){50}b", "((a|b)*c){40}d"};
    static char value[32769];

    memset(value, 'a', sizeof(value) - 1);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const regex_t *regex = compile(texts[i]);

        cr_assert_not_null(regex, "%s", texts[i]);
        cr_assert_eq(regexec(regex, value, 0, NULL, 0), REG_NOMATCH);
    }
}
