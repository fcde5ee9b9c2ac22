/* test_source.c - the text of a file as sections and entries. */
#include <criterion/criterion.h>
#include <string.h>

#include "scenario/source.h"

static struct sf_arena arena;
static struct sf_loader loader;
static struct sf_source source;

static void setup(void)
{
    sf_arena_init(&arena);
    sf_loader_init(&loader, &arena, false);
}

static void teardown(void)
{
    sf_loader_fini(&loader);
    sf_arena_fini(&arena);
}

TestSuite(source, .init = setup, .fini = teardown);

static void parse_octets(const char *text, size_t len)
{
    const struct sf_place place = {"t.ini", 1, 0, NULL, false};

    sf_source_parse(&loader, &place, sf_slice(text, len), &source);
    cr_assert_not(loader.is_out_of_memory);
}

static void parse(const char *text)
{
    parse_octets(text, strlen(text));
}

/* All entries as "line section key=value;", with `+` before continuations and
 * `!` before what was faulty. */
static const char *list_entries(void)
{
    static char list[4096];
    size_t len = 0;

    list[0] = '\0';
    for (const struct sf_section *section = source.sections; section;
         section = section->next) {
        for (const struct sf_entry *entry = section->entries; entry;
             entry = entry->next) {
            len += (size_t)snprintf(
                list + len, sizeof(list) - len, "%u %s %s%s%s=%s|",
                entry->place.line, section->name,
                entry->is_continuation ? "+" : "", entry->is_faulty ? "!" : "",
                entry->key, entry->value);
            cr_assert_lt(len, sizeof(list));
        }
    }
    return list;
}

Test(source, entries_have_section_key_value_and_line)
{
    static const struct {
        const char *name;
        const char *text;
        const char *entries;
    } cases[] = {
        {"empty file", "", ""},
        {"plain", "[a]\nx = 1\n", "2 a x=1|"},
        {"no line end at the end", "[a]\nx = 1", "2 a x=1|"},
        {"colon", "[a]\nx : 1 = 2\n", "2 a x=1 = 2|"},
        {"no blanks", "[a]\nx=1\n", "2 a x=1|"},
        {"CRLF", "[a]\r\nx = 1\r\n\r\ny = 2\r\n", "2 a x=1|4 a y=2|"},
        {"byte order mark", "\xEF\xBB\xBF[a]\nx = 1\n", "2 a x=1|"},
        {"comments", "; c\n[a] ; c\n# c\n  ; c\nx = 1 ; c\n", "5 a x=1|"},
        {"no blank, no comment", "[a]\nx = 1;2\n", "2 a x=1;2|"},
        {"hash is no comment behind a value", "[a]\nx = 1 # 2\n",
         "2 a x=1 # 2|"},
        {"comment in quotes", "[a]\nx = \"1 ; 2\"\n", "2 a x=\"1|"},
        {"value is a comment", "[a]\nx = ;1\n", "2 a x=|"},
        {"semicolon first", "[a]\nx =;1\n", "2 a x=;1|"},
        {"indented first key", "[a]\n  x = 1\n", "2 a x=1|"},
        {"continuation", "[a]\nx = 1\n  2\n\t3\n",
         "2 a x=1|3 a +x=2|4 a +x=3|"},
        {"continuation with a comment", "[a]\nx = 1\n  2 ; 3\n",
         "2 a x=1|3 a +x=2|"},
        {"continuation behind a blank line", "[a]\nx = 1\n\n ; c\n  2\n",
         "2 a x=1|5 a +x=2|"},
        {"a section ends continuations", "[a]\nx = 1\n[b]\n  y = 2\n",
         "2 a x=1|4 b y=2|"},
        {"sections repeat", "[a]\nx = 1\n[b]\n[a]\nx = 2\n",
         "2 a x=1|5 a x=2|"},
        {"blanks in a section", "[ a b ]\nx = 1\n", "2 a b x=1|"},
        {"key of many octets",
         "[a]\naaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff = "
         "1\n"
         "  2\n",
         "2 a aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff=1|"
         "3 a "
         "+aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff=2|"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t errors = loader.error_count;

        parse(cases[i].text);
        cr_expect_str_eq(list_entries(), cases[i].entries, "%s: %s",
                         cases[i].name, list_entries());
        cr_expect_eq(loader.error_count, errors, "%s", cases[i].name);
    }
}

Test(source, a_continuation_that_reads_as_a_line_is_an_error)
{
    static const struct {
        const char *text;
        bool is_error;
    } cases[] = {
        {"delay = 1s", true},
        {"delay=1s", true},
        {"colour = red", true},
        {"reply: 250", true},
        {"header Subject = x", true},
        {"nth domain: 2-", true},
        {"[RCPT]", true},
        {"[RCPT label]", true},
        {"[let]", true},
        {"see: https://x/?a=b", false},
        {"https://x/?a=b", false},
        {"two words = three", false},
        {"[brackets]", false},
        {"=", false},
        {"5 = five", false},
        {"plain", false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[100];
        size_t errors = loader.error_count;

        snprintf(text, sizeof(text), "[a]\nnote = x\n  %s\n", cases[i].text);
        parse(text);
        cr_expect_eq(loader.error_count - errors, cases[i].is_error, "%s",
                     cases[i].text);
        cr_expect_eq(source.sections->entries->next->is_faulty,
                     cases[i].is_error, "%s", cases[i].text);
    }
}

Test(source, a_line_of_198_octets_is_whole_and_one_more_is_an_error)
{
    char text[300] = "[a]\nx = ";

    memset(text + 8, 'y', 194);
    strncpy(text + 8 + 194, "\r\n", 3);
    parse(text);
    cr_assert_eq(loader.error_count, 0);
    cr_assert_eq(strlen(source.sections->entries->value), 194);
    strncpy(text + 8 + 194, "y\nz = 1\n", 10);
    parse(text);
    cr_assert_eq(loader.error_count, 1);
    cr_assert(source.sections->entries->is_faulty);
    cr_assert_str_eq(source.sections->entries->next->key, "z");
    cr_assert_eq(source.sections->entries->next->place.line, 3);
}

Test(source, a_nul_octet_is_an_error_and_its_entry_is_faulty)
{
    parse_octets("[a]\nx = 1\0 2\ny = 3\n", 19);
    cr_assert_eq(loader.error_count, 1);
    cr_assert_str_eq(list_entries(), "2 a !x=1|3 a y=3|");
}

Test(source, a_bad_section_keeps_its_entries_for_itself)
{
    static const char *const heads[] = {
        "[b", "[b] c", "[]", "[  ]",
        "[bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb]"};

    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        char text[200];
        const struct sf_section *bad = NULL;

        snprintf(text, sizeof(text), "[a]\n%s\nx = 1\n[c]\n", heads[i]);
        parse(text);
        cr_assert_eq(loader.error_count, i + 1, "%s", heads[i]);
        bad = source.sections->next;
        cr_assert(bad->is_faulty, "%s", heads[i]);
        cr_assert_null(source.sections->entries, "%s", heads[i]);
        cr_assert_eq(bad->entry_count, 1, "%s", heads[i]);
        cr_assert_str_eq(bad->next->name, "c", "%s", heads[i]);
    }
}

Test(source, what_goes_on_with_a_bad_line_is_not_reported_again)
{
    parse("[a]\nbad\n  worse = 1\n\n  worst\nx = 1\n  2\n");
    cr_assert_eq(loader.error_count, 1);
    cr_assert_str_eq(list_entries(), "6 a x=1|7 a +x=2|");
}

Test(source, a_line_before_any_section_is_reported_once)
{
    parse("x = 1\n  2\n[a]\ny = 1\n");
    cr_assert_eq(loader.error_count, 1);
    cr_assert_str_eq(list_entries(), "4 a y=1|");
}
