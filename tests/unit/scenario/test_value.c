/* test_value.c - quotes, escapes, names, lists and selectors. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/text.h"
#include "scenario/let.h"
#include "scenario/list.h"
#include "scenario/regex.h"
#include "scenario/selector.h"
#include "scenario/template.h"

static struct sf_arena arena;
static struct sf_loader loader;
static struct sf_lets lets;
static const struct sf_place place = {"t.ini", 1, 1, NULL, false};

static void setup(void)
{
    sf_arena_init(&arena);
    sf_loader_init(&loader, &arena, false);
    lets = (struct sf_lets){0};
}

static void teardown(void)
{
    sf_regex_free(loader.regexes);
    sf_loader_fini(&loader);
    sf_arena_fini(&arena);
}

TestSuite(value, .init = setup, .fini = teardown);

static void define(const char *key, const char *value)
{
    static unsigned line;
    struct sf_entry *entry = sf_loader_borrow(&loader, sizeof(*entry));

    *entry = (struct sf_entry){
        .place = {"t.ini", 1, ++line, NULL, false}, .key = key, .value = value};
    sf_lets_define(&lets, &loader, entry);
}

struct expansion {
    const char *raw;
    enum sf_value_form form;
    const char *text; /* NULL: an error */
    size_t len;       /* 0: up to the NUL */
};

static void expect_expansions(const struct expansion *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct sf_value value;
        size_t errors = loader.error_count;
        size_t len = 0;
        bool is_ok = sf_value_expand(&loader, &lets, &place, cases[i].raw,
                                     cases[i].form, &value);

        cr_assert_eq(is_ok, cases[i].text != NULL, "%s", cases[i].raw);
        cr_assert_eq(loader.error_count - errors, !is_ok, "%s: errors",
                     cases[i].raw);
        if (is_ok) {
            len = cases[i].len != 0 ? cases[i].len : strlen(cases[i].text);
            cr_assert(sf_slice_eq(value.text, sf_slice(cases[i].text, len)),
                      "%s: %.*s", cases[i].raw, (int)value.text.len,
                      value.text.ptr);
        }
    }
}

#define EXPECT_EXPANSIONS(cases)                                               \
    expect_expansions(cases, sizeof(cases) / sizeof((cases)[0]))

Test(value, a_plain_value_is_quoted_as_a_whole_or_not_at_all)
{
    static const struct expansion cases[] = {
        {"plain text", SF_VALUE_PLAIN, "plain text", 0},
        {"a \"b\" c", SF_VALUE_PLAIN, "a \"b\" c", 0},
        {"\" outer blanks \"", SF_VALUE_PLAIN, " outer blanks ", 0},
        {"\"\"", SF_VALUE_PLAIN, "", 0},
        {"\"\\r\\n\\t\\\\\\\"\\x41\\xfF\"", SF_VALUE_PLAIN, "\r\n\t\\\"A\xff",
         0},
        {"\"a\\0b\"", SF_VALUE_PLAIN, "a\0b", 3},
        {"no \\escapes \\x41", SF_VALUE_PLAIN, "no \\escapes \\x41", 0},
        {"\"open", SF_VALUE_PLAIN, NULL, 0},
        {"\"a\\", SF_VALUE_PLAIN, NULL, 0},
        {"\"a\\\"", SF_VALUE_PLAIN, NULL, 0},
        {"\"a\\q\"", SF_VALUE_PLAIN, NULL, 0},
        {"\"a\\x4\"", SF_VALUE_PLAIN, NULL, 0},
        {"\"a\\x4g\"", SF_VALUE_PLAIN, NULL, 0},
        {"\"a\" b", SF_VALUE_PLAIN, NULL, 0},
    };

    EXPECT_EXPANSIONS(cases);
}

Test(value, pieces_are_joined_and_repeated)
{
    static const struct expansion cases[] = {
        {"\"a\" \"b\"\"c\"", SF_VALUE_PIECES, "abc", 0},
        {"\"ab\" * 3", SF_VALUE_PIECES, "ababab", 0},
        {"\"x\" \"ab\"*2 \"y\"", SF_VALUE_PIECES, "xababy", 0},
        {"\"\" * 5", SF_VALUE_PIECES, NULL, 0},
        {"\"a\" * ${n}", SF_VALUE_PIECES, "aaa", 0},
        {"\"a\" * 0", SF_VALUE_PIECES, NULL, 0},
        {"\"a\" * x", SF_VALUE_PIECES, NULL, 0},
        {"\"a\" *", SF_VALUE_PIECES, NULL, 0},
        {"\"a\" * forever", SF_VALUE_PIECES, "a", 0},
        {"\"ab\" * 64K", SF_VALUE_PIECES, "ab", 0},
        {"\"a\" * 64K \"b\"", SF_VALUE_PIECES, "ab", 0},
        {"\"a\" * 1025G", SF_VALUE_PIECES, NULL, 0},
        {"\"a\" b", SF_VALUE_PIECES, NULL, 0},
        {"\"a\" * 2 * 2", SF_VALUE_PIECES, NULL, 0},
        {"a \"b\" * 2", SF_VALUE_PIECES, "a \"b\" * 2", 0},
    };
    struct sf_value value;

    define("n", "3");
    EXPECT_EXPANSIONS(cases);
    cr_assert(sf_value_expand(&loader, &lets, &place, "\"A\" * 1K",
                              SF_VALUE_PIECES, &value));
    cr_assert_eq(value.text.len, 1024);
    cr_assert_eq(value.loop_count, 0);
    cr_assert(sf_value_expand(&loader, &lets, &place, "\"A\" * 1025",
                              SF_VALUE_PIECES, &value));
    cr_assert_eq(value.loop_count, 1, "not written out");
    cr_assert_eq(value.loops[0].count, 1025);
}

Test(value, names_of_let_are_replaced_once)
{
    static const struct expansion cases[] = {
        {"<${window}", SF_VALUE_PLAIN, "<5m", 0},
        {"${outer}", SF_VALUE_PLAIN, "[5m]", 0},
        {"\"${window}\"", SF_VALUE_PLAIN, "5m", 0},
        {"$$ $ $x $${window}", SF_VALUE_PLAIN, "$ $ $x ${window}", 0},
        {"${dollars}", SF_VALUE_PLAIN, "${window}", 0},
        {"${quoted}", SF_VALUE_PLAIN, " a\"b\\ ", 0},
        {"\"${quoted}\"", SF_VALUE_PIECES, " a\"b\\ ", 0},
        {"$", SF_VALUE_PLAIN, "$", 0},
        {"${", SF_VALUE_PLAIN, NULL, 0},
        {"${}", SF_VALUE_PLAIN, NULL, 0},
        {"${window", SF_VALUE_PLAIN, NULL, 0},
        {"${Window}", SF_VALUE_PLAIN, NULL, 0},
        {"${User}", SF_VALUE_PLAIN, NULL, 0},
        {"${0}", SF_VALUE_PLAIN, NULL, 0},
    };

    define("outer", "[${window}]");
    define("window", "5m");
    define("dollars", "$${window}");
    define("quoted", "\" a\\\"b\\\\ \"");
    EXPECT_EXPANSIONS(cases);
}

Test(value, a_faulty_name_is_reported_once_however_often_it_is_used)
{
    struct sf_value value;

    define("a", "${b}");
    define("b", "${a}");
    for (int i = 0; i < 3; i++) {
        cr_assert_not(sf_value_expand(&loader, &lets, &place, "${a} ${b}",
                                      SF_VALUE_PLAIN, &value));
    }
    sf_lets_check(&lets, &loader);
    cr_assert_eq(loader.error_count, 1);
}

Test(value, a_defined_name_hides_a_dynamic_one)
{
    struct sf_value value;

    define("recipient", "*");
    cr_assert(sf_value_expand(&loader, &lets, &place, "${recipient} ${sender}",
                              SF_VALUE_PLAIN, &value));
    cr_assert(sf_slice_eq_str(value.text, "* "));
    cr_assert_eq(value.name_count, 1);
    cr_assert_eq(value.names[0].name, SF_NAME_SENDER);
    cr_assert_eq(value.names[0].offset, 2);
}

Test(value, settings_override_what_let_defines)
{
    const struct sf_setting settings[] = {{"window", "1m"}, {"window", "2m"}};
    static const struct expansion cases[] = {
        {"${window}", SF_VALUE_PLAIN, "2m", 0}};

    lets.settings = settings;
    lets.setting_count = 2;
    define("window", "${nothing}");
    EXPECT_EXPANSIONS(cases);
    cr_assert(sf_lets_has(&lets, "window"));
    cr_assert_not(sf_lets_has(&lets, "other"));
}

Test(value, expansion_is_bounded)
{
    struct sf_value value;
    char raw[1000] = "";

    define("k", "\"${k2}${k2}\"");
    define("k2", "x");
    for (int i = 0; i < 65; i++) {
        strncat(raw, "${hostname}", sizeof(raw) - strlen(raw) - 1);
    }
    cr_assert_not(
        sf_value_expand(&loader, &lets, &place, raw, SF_VALUE_PLAIN, &value));
    /* 16M of all values together. */
    for (int i = 0; i < 16385; i++) {
        (void)sf_value_expand(&loader, &lets, &place, "\"A\" * 1K",
                              SF_VALUE_PIECES, &value);
    }
    cr_assert_eq(loader.error_count, 2, "%zu", loader.error_count);
}

/* A list as text: kind, `!`, the pattern, separated by blanks. */
static const char *list_text(const struct sf_list *list)
{
    static char text[1000];
    size_t len = 0;

    text[0] = '\0';
    for (size_t i = 0; i < list->count; i++) {
        const struct sf_pattern *pattern = &list->items[i];

        if (pattern->kind == SF_PATTERN_CIDR) {
            len += (size_t)snprintf(
                text + len, sizeof(text) - len, "%s%u.%u.%u.%u/%u%s ",
                pattern->is_negated ? "!" : "", pattern->addr[0],
                pattern->addr[1], pattern->addr[2], pattern->addr[3],
                pattern->prefix_len, pattern->is_ipv6 ? "v6" : "");
        } else {
            len += (size_t)snprintf(
                text + len, sizeof(text) - len, "%s%c(%.*s) ",
                pattern->is_negated ? "!" : "", "LG?R"[pattern->kind],
                SF_SLICE_ARG(pattern->text));
        }
    }
    return text;
}

Test(value, lists_become_patterns)
{
    static const struct {
        enum sf_condition_kind kind;
        const char *raw;
        const char *patterns; /* NULL: an error */
    } cases[] = {
        {SF_CONDITION_SENDER, "a@b", "L(a@b) "},
        {SF_CONDITION_SENDER, " a , b,c ", "L(a) L(b) L(c) "},
        {SF_CONDITION_SENDER, "*@b, a?c", "G(*@b) G(a?c) "},
        {SF_CONDITION_SENDER, "!a, ! b, !*", "!L(a) !L(b) !G(*) "},
        {SF_CONDITION_SENDER, "<>, \"\", !\"\"", "L() L() !L() "},
        {SF_CONDITION_SENDER, "\"a,b\", \" c \"", "L(a,b) L( c ) "},
        {SF_CONDITION_SENDER, "\"!a\", \"*b\", \"\\x2ac\"",
         "L(!a) G(*b) L(*c) "},
        {SF_CONDITION_SENDER, "\"/x/\", x/y", "L(/x/) L(x/y) "},
        {SF_CONDITION_SENDER, "${both}, c", "L(a) G(*b) L(c) "},
        {SF_CONDITION_SENDER, "${one}, c", "L(a,b) L(c) "},
        {SF_CONDITION_SENDER, "${none}, c", "L() L(c) "},
        {SF_CONDITION_SENDER, "a,,b", NULL},
        {SF_CONDITION_SENDER, "a,", NULL},
        {SF_CONDITION_SENDER, ",a", NULL},
        {SF_CONDITION_SENDER, "!", NULL},
        {SF_CONDITION_SENDER, "/a,b/, c", "R(a,b) L(c) "},
        {SF_CONDITION_SENDER, "!/a/, ! /b,\"/ ,c", "!R(a) !R(b,\") L(c) "},
        {SF_CONDITION_SENDER, "/a\\/b/, /^c$/", "R(a\\/b) R(^c$) "},
        {SF_CONDITION_SENDER, "/\\\\/, c", "R(\\\\) L(c) "},
        {SF_CONDITION_SENDER, "/^${word}\\$x/", "R(^a/b\\$x) "},
        {SF_CONDITION_SENDER, "/x${none}y/", "R(xy) "},
        {SF_CONDITION_SENDER, "${regex}, c", "R(a{1,2},\\/) L(c) "},
        {SF_CONDITION_SENDER, "a/b/", "L(a/b/) "},
        {SF_CONDITION_SENDER, "//", NULL},
        {SF_CONDITION_SENDER, "/", NULL},
        {SF_CONDITION_SENDER, "/a, b", NULL},
        {SF_CONDITION_SENDER, "/a\\/, b", NULL},
        {SF_CONDITION_SENDER, "/a/b, c", NULL},
        {SF_CONDITION_SENDER, "/(/", NULL},
        {SF_CONDITION_SENDER, "/(a)\\1/", NULL},
        {SF_CONDITION_SENDER, "/${nul}/", NULL},
        {SF_CONDITION_CLIENT, "/^192[.]/", "R(^192[.]) "},
        {SF_CONDITION_SENDER, "<a@b>", NULL},
        {SF_CONDITION_SENDER, "\"*\\x2a\"", NULL},
        {SF_CONDITION_HELO, "<a@b>", "L(<a@b>) "},
        {SF_CONDITION_CLIENT, "10.0.0.0/8, !10.1.2.3",
         "10.0.0.0/8 !L(10.1.2.3) "},
        {SF_CONDITION_CLIENT, "192.0.2.*, 0.0.0.0/0",
         "G(192.0.2.*) 0.0.0.0/0 "},
        {SF_CONDITION_CLIENT, "::/0, 102:304::/32, 102:304::",
         "0.0.0.0/0v6 1.2.3.4/32v6 1.2.3.4/128v6 "},
        {SF_CONDITION_CLIENT, "fe80::*", "G(fe80::*) "},
        {SF_CONDITION_CLIENT, "10.0.0.0/33", NULL},
        {SF_CONDITION_CLIENT, "10.0.0.0/", NULL},
        {SF_CONDITION_CLIENT, "10.0.0/8", NULL},
        {SF_CONDITION_CLIENT, "10.0.0.256/8", NULL},
        {SF_CONDITION_CLIENT, "::1/129", NULL},
        {SF_CONDITION_CLIENT, "::g", NULL},
        {SF_CONDITION_CLIENT, "unix", "L(unix) "},
    };

    define("both", "a, *b");
    define("one", "\"a,b\"");
    define("none", "\"\"");
    define("word", "a/b");
    define("regex", "/a{1,2},\\//");
    define("nul", "\"a\\0b\"");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t errors = loader.error_count;
        struct sf_value value;
        struct sf_list_build build = {NULL, 0, 0};
        bool is_ok =
            sf_value_expand(&loader, &lets, &place, cases[i].raw,
                            SF_VALUE_PATTERNS, &value) &&
            sf_list_parse(&loader, &place, cases[i].kind, &value, &build);
        const struct sf_list list = {build.items, build.count};

        cr_assert_eq(is_ok, cases[i].patterns != NULL, "%s", cases[i].raw);
        cr_assert_eq(loader.error_count - errors, !is_ok, "%s: errors",
                     cases[i].raw);
        if (is_ok) {
            cr_assert_str_eq(list_text(&list), cases[i].patterns, "%s: %s",
                             cases[i].raw, list_text(&list));
        }
    }
}

#define NONE UINT64_MAX

Test(value, selectors_become_ranges_and_steps)
{
    static const struct {
        const char *text;
        enum sf_selector_form form;
        struct sf_selector selector; /* step NONE: an error */
    } cases[] = {
        {"3", SF_SELECTOR_NUMBERS, {SF_SELECTOR_RANGE, 3, 4, 0, 0, 0, 0}},
        {"3..5", SF_SELECTOR_NUMBERS, {SF_SELECTOR_RANGE, 3, 6, 0, 0, 0, 0}},
        {"3 .. 5", SF_SELECTOR_NUMBERS, {SF_SELECTOR_RANGE, 3, 6, 0, 0, 0, 0}},
        {"3..", SF_SELECTOR_NUMBERS, {SF_SELECTOR_RANGE, 3, NONE, 0, 0, 0, 0}},
        {"..5", SF_SELECTOR_NUMBERS, {SF_SELECTOR_RANGE, 0, 6, 0, 0, 0, 0}},
        {"3-5", SF_SELECTOR_NUMBERS, {SF_SELECTOR_RANGE, 3, 6, 0, 0, 0, 0}},
        {"4-", SF_SELECTOR_NUMBERS, {SF_SELECTOR_RANGE, 4, NONE, 0, 0, 0, 0}},
        {"<3", SF_SELECTOR_NUMBERS, {SF_SELECTOR_RANGE, 0, 3, 0, 0, 0, 0}},
        {"<=3", SF_SELECTOR_NUMBERS, {SF_SELECTOR_RANGE, 0, 4, 0, 0, 0, 0}},
        {"> 3", SF_SELECTOR_NUMBERS, {SF_SELECTOR_RANGE, 4, NONE, 0, 0, 0, 0}},
        {">=3", SF_SELECTOR_NUMBERS, {SF_SELECTOR_RANGE, 3, NONE, 0, 0, 0, 0}},
        {"odd", SF_SELECTOR_NUMBERS, {SF_SELECTOR_EVERY, 0, 0, 1, 2, 0, 0}},
        {"even", SF_SELECTOR_NUMBERS, {SF_SELECTOR_EVERY, 0, 0, 2, 2, 0, 0}},
        {"every 3", SF_SELECTOR_NUMBERS, {SF_SELECTOR_EVERY, 0, 0, 3, 3, 0, 0}},
        {"every 3  from 2",
         SF_SELECTOR_NUMBERS,
         {SF_SELECTOR_EVERY, 0, 0, 2, 3, 0, 0}},
        {"1000000000000",
         SF_SELECTOR_NUMBERS,
         {SF_SELECTOR_RANGE, SF_NUMBER_MAX, SF_NUMBER_MAX + 1, 0, 0, 0, 0}},
        {"<5m",
         SF_SELECTOR_DURATIONS,
         {SF_SELECTOR_RANGE, 0, 300000000, 0, 0, 0, 0}},
        {"1s..2s",
         SF_SELECTOR_DURATIONS,
         {SF_SELECTOR_RANGE, 1000000, 2000001, 0, 0, 0, 0}},
        {"250ms..",
         SF_SELECTOR_DURATIONS,
         {SF_SELECTOR_RANGE, 250000, NONE, 0, 0, 0, 0}},
        {">64K", SF_SELECTOR_SIZES, {.low = 65537, .end = NONE}},
        {"1K..2K", SF_SELECTOR_SIZES, {.low = 1024, .end = 2049}},
        {"10", SF_SELECTOR_SIZES, {.low = 10, .end = 11}},
        {"1-2", SF_SELECTOR_SIZES, {.step = NONE}},
        {"odd", SF_SELECTOR_SIZES, {.step = NONE}},
        {"2000G", SF_SELECTOR_SIZES, {.step = NONE}},
        {"${1}", SF_SELECTOR_NUMBERS, {.step = NONE}},
        {"", SF_SELECTOR_NUMBERS, {.step = NONE}},
        {"..", SF_SELECTOR_NUMBERS, {.step = NONE}},
        {"<", SF_SELECTOR_NUMBERS, {.step = NONE}},
        {"-3", SF_SELECTOR_NUMBERS, {.step = NONE}},
        {"<0", SF_SELECTOR_NUMBERS, {.step = NONE}},
        {"5..3", SF_SELECTOR_NUMBERS, {.step = NONE}},
        {"3s", SF_SELECTOR_NUMBERS, {.step = NONE}},
        {"every", SF_SELECTOR_NUMBERS, {.step = NONE}},
        {"every 0", SF_SELECTOR_NUMBERS, {.step = NONE}},
        {"every 3 from", SF_SELECTOR_NUMBERS, {.step = NONE}},
        {"every 3 from 0", SF_SELECTOR_NUMBERS, {.step = NONE}},
        {"every 3 of 2", SF_SELECTOR_NUMBERS, {.step = NONE}},
        {"odd ", SF_SELECTOR_NUMBERS, {.step = NONE}},
        {"1000000000001", SF_SELECTOR_NUMBERS, {.step = NONE}},
        {"99999999999999999999999", SF_SELECTOR_NUMBERS, {.step = NONE}},
        {"5", SF_SELECTOR_DURATIONS, {.step = NONE}},
        {"odd", SF_SELECTOR_DURATIONS, {.step = NONE}},
        {"1s-2s", SF_SELECTOR_DURATIONS, {.step = NONE}},
        {"<forever", SF_SELECTOR_DURATIONS, {.step = NONE}},
        {"1001d", SF_SELECTOR_DURATIONS, {.step = NONE}},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct sf_selector *expected = &cases[i].selector;
        size_t errors = loader.error_count;
        struct sf_selector got = {0};
        bool is_ok = sf_selector_parse(&loader, &place, "x", cases[i].form,
                                       sf_slice_str(cases[i].text), &got);

        cr_assert_eq(is_ok, expected->step != NONE, "%s", cases[i].text);
        cr_assert_eq(loader.error_count - errors, !is_ok, "%s: errors",
                     cases[i].text);
        cr_assert(!is_ok ||
                      (got.kind == expected->kind && got.low == expected->low &&
                       got.end == expected->end && got.from == expected->from &&
                       got.step == expected->step),
                  "%s", cases[i].text);
    }
}

Test(value, delays_are_durations_ranges_or_words)
{
    static const struct {
        const char *text;
        bool is_ok;
        enum sf_delay_kind kind;
        uint64_t low_us;
        uint64_t high_us;
    } cases[] = {
        {"2s", true, SF_DELAY_RANGE, 2000000, 2000000},
        {"0s", true, SF_DELAY_RANGE, 0, 0},
        {"1s..3s", true, SF_DELAY_RANGE, 1000000, 3000000},
        {"forever", true, SF_DELAY_FOREVER, SF_FOREVER_US, SF_FOREVER_US},
        {"until-input", true, SF_DELAY_UNTIL_INPUT, 0, 0},
        {"3s..1s", false, SF_DELAY_RANGE, 0, 0},
        {"1s..forever", false, SF_DELAY_RANGE, 0, 0},
        {"..3s", false, SF_DELAY_RANGE, 0, 0},
        {"500", false, SF_DELAY_RANGE, 0, 0},
        {"never", false, SF_DELAY_RANGE, 0, 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sf_action action = {.kind = SF_ACTION_DELAY};
        bool is_ok = sf_selector_parse_delay(
            &loader, &place, sf_slice_str(cases[i].text), &action);

        cr_assert_eq(is_ok, cases[i].is_ok, "%s", cases[i].text);
        if (is_ok) {
            cr_assert_eq(action.u.delay.kind, cases[i].kind);
            cr_assert_eq(action.u.delay.low_us, cases[i].low_us);
            cr_assert_eq(action.u.delay.high_us, cases[i].high_us);
        }
    }
}
