/* test_path.c - reverse-path and forward-path. */
#include "smtp/path.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Test(path, what_rfc_5321_allows_is_taken_apart)
{
    static const struct {
        const char *text;
        const char *mailbox;
        const char *domain;
        const char *rest;
        bool is_ascii;
    } cases[] = {
        {"<>", "", "", "", true},
        {"<> SIZE=1", "", "", " SIZE=1", true},
        {"<a@b>", "a@b", "b", "", true},
        {"<a@b>x", "a@b", "b", "x", true},
        {"<a@b>>", "a@b", "b", ">", true},
        {"<postmaster>", "postmaster", "", "", true},
        {"<first.last@sub.example.test>", "first.last@sub.example.test",
         "sub.example.test", "", true},
        {"<!#$%&'*+-/=?^_`{|}~@b>", "!#$%&'*+-/=?^_`{|}~@b", "b", "", true},
        {"<a@1-2.b_c._d>", "a@1-2.b_c._d", "1-2.b_c._d", "", true},
        {"<a@xn--bcher-kva.test>", "a@xn--bcher-kva.test", "xn--bcher-kva.test",
         "", true},
        {"<\"a b\"@c>", "\"a b\"@c", "c", "", true},
        {"<\"a@b>\"@c>", "\"a@b>\"@c", "c", "", true},
        {"<\"a\\\"b\\\\\"@c>", "\"a\\\"b\\\\\"@c", "c", "", true},
        {"<\" \"@c>", "\" \"@c", "c", "", true},
        {"<\"a@b\">", "\"a@b\"", "", "", true},
        {"<a@[192.0.2.1]>", "a@[192.0.2.1]", "[192.0.2.1]", "", true},
        {"<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]",
         "", true},
        {"<@x:a@b>", "a@b", "b", "", true},
        {"<@x.test,@y.test:a@b>", "a@b", "b", "", true},
        {"<@x:postmaster>", "postmaster", "", "", true},
        {"<j\xc3\xbcrgen@b>", "j\xc3\xbcrgen@b", "b", "", false},
        {"<a@b\xc3\xbc"
         "cher.test>",
         "a@b\xc3\xbc"
         "cher.test",
         "b\xc3\xbc"
         "cher.test",
         "", false},
        {"<\"\xe2\x82\xac\"@b>", "\"\xe2\x82\xac\"@b", "b", "", false},
        {"<@\xc3\xbc:a@b>", "a@b", "b", "", false},
        {"<a@b> \xc3\xbc", "a@b", "b", " \xc3\xbc", true},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sf_slice text = sf_slice_str(cases[i].text);
        struct sf_path path;

        cr_assert_eq(sf_path_parse(&text, &path), 0, "%s", cases[i].text);
        cr_assert(sf_slice_eq_str(path.mailbox, cases[i].mailbox),
                  "%s: mailbox %.*s", cases[i].text, (int)path.mailbox.len,
                  path.mailbox.ptr);
        cr_assert(
            sf_slice_eq_str(sf_path_domain(path.mailbox), cases[i].domain),
            "%s: domain", cases[i].text);
        cr_assert(sf_slice_eq_str(text, cases[i].rest), "%s", cases[i].text);
        cr_assert_eq(path.is_ascii, cases[i].is_ascii, "%s", cases[i].text);
    }
}

static const struct sf_slice bad_paths[] = {
    SF_SLICE_LIT(""),
    SF_SLICE_LIT("<"),
    SF_SLICE_LIT("a@b"),
    SF_SLICE_LIT(" <a@b>"),
    SF_SLICE_LIT("<a@b"),
    SF_SLICE_LIT("< a@b>"),
    SF_SLICE_LIT("<a@b >"),
    SF_SLICE_LIT("<a @b>"),
    SF_SLICE_LIT("< >"),
    SF_SLICE_LIT("<a@>"),
    SF_SLICE_LIT("<@b>"),
    SF_SLICE_LIT("<a@b@c>"),
    SF_SLICE_LIT("<.a@b>"),
    SF_SLICE_LIT("<a.@b>"),
    SF_SLICE_LIT("<a..b@c>"),
    SF_SLICE_LIT("<a@.b>"),
    SF_SLICE_LIT("<a@b.>"),
    SF_SLICE_LIT("<a@b..c>"),
    SF_SLICE_LIT("<a@-b>"),
    SF_SLICE_LIT("<a@b->"),
    SF_SLICE_LIT("<a@b-.c>"),
    SF_SLICE_LIT("<a@b.-c>"),
    SF_SLICE_LIT("<a@b!c>"),
    SF_SLICE_LIT("<a(b)@c>"),
    SF_SLICE_LIT("<a,b@c>"),
    SF_SLICE_LIT("<a;b@c>"),
    SF_SLICE_LIT("<a\\b@c>"),
    SF_SLICE_LIT("<a<b@c>"),
    SF_SLICE_LIT("<<a@b>"),
    SF_SLICE_LIT("<\"\"@b>"),
    SF_SLICE_LIT("<\"a@b>"),
    SF_SLICE_LIT("<\"a\\\"@b>"),
    SF_SLICE_LIT("<\"a\\"),
    SF_SLICE_LIT("<\"a\"b@c>"),
    SF_SLICE_LIT("<\"a\tb\"@c>"),
    SF_SLICE_LIT("<\"a\\\xc3\xbc\"@c>"),
    SF_SLICE_LIT("<\"a\0b\"@c>"),
    SF_SLICE_LIT("<a\0b@c>"),
    SF_SLICE_LIT("<a@b\0>"),
    SF_SLICE_LIT("<a\rb@c>"),
    SF_SLICE_LIT("<a\x7f@c>"),
    SF_SLICE_LIT("<a\xff@c>"),
    SF_SLICE_LIT("<a\xc3@c>"),
    SF_SLICE_LIT("<a@\xff>"),
    SF_SLICE_LIT("<\"\xff\"@c>"),
    SF_SLICE_LIT("<a@[]>"),
    SF_SLICE_LIT("<a@[192.0.2.1>"),
    SF_SLICE_LIT("<a@[192.0.2.1]x>"),
    SF_SLICE_LIT("<a@[a b]>"),
    SF_SLICE_LIT("<@x:>"),
    SF_SLICE_LIT("<@:a@b>"),
    SF_SLICE_LIT("<@x,:a@b>"),
    SF_SLICE_LIT("<@x,y:a@b>"),
    SF_SLICE_LIT("<@x a@b>"),
    SF_SLICE_LIT("<a@b:c@d>"),
};

Test(path, anything_else_is_a_syntax_error_and_changes_nothing)
{
    for (size_t i = 0; i < COUNT(bad_paths); i++) {
        struct sf_slice text = bad_paths[i];
        struct sf_path path = {{"kept", 4}, false};

        cr_assert_eq(sf_path_parse(&text, &path), SF_ESYNTAX, "%zu: %.*s", i,
                     (int)bad_paths[i].len, bad_paths[i].ptr);
        cr_assert_eq(text.ptr, bad_paths[i].ptr);
        cr_assert_eq(text.len, bad_paths[i].len);
        cr_assert(sf_slice_eq_str(path.mailbox, "kept"));
    }
    cr_assert_eq(sf_path_parse(&(struct sf_slice){NULL, 0},
                               &(struct sf_path){{NULL, 0}, true}),
                 SF_ESYNTAX);
}

/* Memory of the exact size, so that reading on is seen. */
Test(path, no_beginning_of_a_path_reads_beyond_its_end)
{
    static const char text[] =
        "<@x.test,@y:\"q\\\"\xe2\x82\xac\".\xc3\xbc@[IPv6:2001:db8::1]>";

    for (size_t len = 0; len < sizeof(text) - 1; len++) {
        char *copy = malloc(len + (len == 0));
        struct sf_slice part = {copy, len};
        struct sf_path path;

        cr_assert_not_null(copy);
        memcpy(copy, text, len);
        cr_assert_eq(sf_path_parse(&part, &path), SF_ESYNTAX);
        free(copy);
    }
}

Test(path, the_domain_follows_the_last_at)
{
    static const struct {
        const char *mailbox;
        const char *domain;
    } cases[] = {
        {"a@b.test", "b.test"},
        {"\"a@b\"@c", "c"},
        {"\"a@b\"", ""},
        {"postmaster", ""},
        {"a@", ""},
        {"@b", "b"},
        {"", ""},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        cr_assert(
            sf_slice_eq_str(sf_path_domain(sf_slice_str(cases[i].mailbox)),
                            cases[i].domain),
            "%s", cases[i].mailbox);
    }
    cr_assert_eq(sf_path_domain(sf_slice(NULL, 0)).len, 0);
}
