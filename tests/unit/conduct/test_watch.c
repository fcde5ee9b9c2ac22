/* test_watch.c - what octets alone tell of a client. */
#include "conduct/watch.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/slice.h"

#define COUNT(array)  (sizeof(array) / sizeof((array)[0]))
#define FOUND_SIZE    256
#define EVERY_OFFERED (~(sf_capability_set)0)

/* The ids of a set, a blank behind each. */
static void list_ids(const struct sf_conduct_set *set, char out[FOUND_SIZE])
{
    size_t len = 0;

    out[0] = '\0';
    for (unsigned i = 0; i < SF_CONDUCT_COUNT; i++) {
        if (sf_conduct_set_has(set, (enum sf_conduct_id)i)) {
            len += (size_t)snprintf(out + len, FOUND_SIZE - len, "%s ",
                                    sf_conduct_get((enum sf_conduct_id)i)->id);
        }
    }
}

Test(watch, lines_break_what_stands_behind_them)
{
    static const struct {
        const char *line;
        const char *ids;
    } cases[] = {
        {"EHLO client.test", ""},
        {"EHLO [192.0.2.1]", ""},
        {"EHLO [IPv6:2001:db8::1]", ""},
        {"EHLO xn--bcher-kva.example", ""},
        {"EHLO localhost", "SEQ-07 "},
        {"EHLO my_host.example", "SEQ-07 "},
        {"EHLO -a.example", "SEQ-07 "},
        {"EHLO a..example", "SEQ-07 "},
        {"EHLO", "SEQ-07 "},
        {"HELO [192.0.2.1]", "EHL-06 "},
        {"MAIL FROM:<a@client.test>", ""},
        {"mail from:<>", ""},
        {"MAIL FROM: <a@client.test>", "SEQ-10 "},
        {"MAIL  FROM:<a@client.test>", "SEQ-10 "},
        {"MAIL FROM:a@client.test", "SEQ-10 "},
        {"RCPT TO :<a@client.test>", "SEQ-10 "},
        {"MAIL FROM:<\"\"@client.test>", "BIS-02 "},
        {"MAIL FROM:<\"a\"@client.test>", ""},
        {"MAIL FROM:<\xc3\xa4@client.test>", "UTF-01 "},
        {"MAIL FROM:<\xc3\xa4@client.test> SMTPUTF8", ""},
        {"MAIL FROM:<a@client.test> AUTH=a+2Bb", ""},
        {"MAIL FROM:<a@client.test> AUTH=<>", ""},
        {"MAIL FROM:<a@client.test> AUTH=a+2b", "AUT-16 "},
        {"MAIL FROM:<a@client.test> ENVID=a+3Db", ""},
        {"MAIL FROM:<a@client.test> ENVID=a=b", "DSN-02 "},
        {"RCPT TO:<a@b.test> NOTIFY=NEVER", ""},
        {"RCPT TO:<a@b.test> NOTIFY=FAILURE,DELAY", ""},
        {"RCPT TO:<a@b.test> NOTIFY=FAILURE,never", "DSN-01 "},
        {"RCPT TO:<a@b.test> ORCPT=rfc822;a+2Bb@c.test", ""},
        {"RCPT TO:<a@b.test> ORCPT=utf-8;\xc3\xa4@c.test", ""},
        {"RCPT TO:<a@b.test> ORCPT=rfc822;a+b@c.test", "DSN-02 "},
        {"RCPT TO:<a@b.test> ORCPT=a@c.test", "DSN-02 "},
        {"AUTH PLAIN AGEAYg==", ""},
        {"AUTH EXTERNAL =", ""},
        {"AUTH LOGIN", ""},
        {"AUTH LOGIN ", "AUT-03 "},
        {"AUTH PLAIN AGEAYg=", "AUT-07 "},
        {"NOOP", ""},
        {"GARBAGE", ""},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sf_conduct_set broken = {{0}};
        struct sf_command command;
        const struct sf_watch_line line = {&command, strlen(cases[i].line) + 2,
                                           EVERY_OFFERED, false};
        char found[FOUND_SIZE];

        sf_command_parse(sf_slice_str(cases[i].line), EVERY_OFFERED, &command);
        sf_watch_line(&line, &broken);
        list_ids(&broken, found);
        cr_expect_str_eq(found, cases[i].ids, "%s: %s", cases[i].line, found);
    }
}

Test(watch, a_line_may_be_longer_by_what_extensions_add)
{
    const sf_capability_set size = SF_CAPABILITY_BIT(SF_CAPABILITY_SIZE);
    static const struct {
        const char *line;
        uint64_t bytes;
        bool has_size;
        bool is_too_long;
    } cases[] = {
        {"NOOP", 512, true, false},
        {"NOOP", 513, true, true},
        {"MAIL FROM:<a@b.test>", 538, true, false},
        {"MAIL FROM:<a@b.test>", 539, true, true},
        {"MAIL FROM:<a@b.test>", 513, false, true},
        {"RCPT TO:<a@b.test>", 513, true, true},
        {"AUTH PLAIN", 9000, true, false},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sf_conduct_set broken = {{0}};
        struct sf_command command;
        const struct sf_watch_line line = {&command, cases[i].bytes,
                                           cases[i].has_size ? size : 0, false};

        sf_command_parse(sf_slice_str(cases[i].line), EVERY_OFFERED, &command);
        sf_watch_line(&line, &broken);
        cr_expect_eq(sf_conduct_set_has(&broken, SF_CONDUCT_LEN_04),
                     cases[i].is_too_long, "%s %d", cases[i].line,
                     (int)cases[i].bytes);
    }
}

Test(watch, base64_is_padded_and_whole)
{
    static const char *const good[] = {"", "YQ==", "YWI=", "YWJj", "+/+/"};
    static const char *const bad[] = {
        "Y", "YQ", "YQ=", "Y===", "====", "YQ==a", "Y Q=", "YW%="};

    for (size_t i = 0; i < COUNT(good); i++) {
        cr_expect(sf_watch_is_base64(sf_slice_str(good[i])), "%s", good[i]);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        cr_expect_not(sf_watch_is_base64(sf_slice_str(bad[i])), "%s", bad[i]);
    }
}

/* Messages. */

struct findings {
    char text[FOUND_SIZE];
    size_t len;
    size_t start; /* of the piece */
};

static void note(void *ctx, enum sf_conduct_id id, size_t at)
{
    struct findings *findings = ctx;

    findings->len += (size_t)snprintf(
        findings->text + findings->len, FOUND_SIZE - findings->len, "%s@%zu ",
        sf_conduct_get(id)->id, findings->start + at);
}

static void feed(struct sf_watch_text *text,
                 struct sf_slice octets,
                 size_t piece,
                 struct findings *findings)
{
    while (octets.len > 0) {
        const size_t len = piece < octets.len ? piece : octets.len;

        sf_watch_text_feed(text, sf_slice(octets.ptr, len), note, findings);
        findings->start += len;
        octets = sf_slice_skip(octets, len);
    }
}

Test(watch, messages_break_what_stands_behind_them_however_they_are_cut)
{
    static const struct {
        const char *name;
        struct sf_slice text;
        const char *found;
    } cases[] = {
        {"good", SF_SLICE_LIT("a\r\n..b\r\n...\r\n.\r\n"), ""},
        {"an empty one", SF_SLICE_LIT(".\r\n"), ""},
        {"a dot too few", SF_SLICE_LIT(".a\r\n"), "DAT-01@1 "},
        {"a bare LF", SF_SLICE_LIT("a\nb\r\n"), "DAT-03@1 "},
        {"a bare LF first", SF_SLICE_LIT("\n"), "DAT-03@0 "},
        {"a bare CR", SF_SLICE_LIT("a\rb\r\n"), "DAT-03@2 "},
        {"CR CR LF", SF_SLICE_LIT("a\r\r\n"), "DAT-03@2 "},
        {"LF dot LF", SF_SLICE_LIT("a\n.\n"), "DAT-03@1 DAT-04@3 DAT-03@3 "},
        {"LF dot CRLF", SF_SLICE_LIT("a\n.\r\n"), "DAT-03@1 DAT-04@3 "},
        {"NUL", SF_SLICE_LIT("a\0\r\n"), "DAT-06@1 "},
        {"beyond ASCII", SF_SLICE_LIT("\xc3\xa4\r\n"), "DAT-06@0 DAT-06@1 "},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        for (size_t piece = 1; piece < 8; piece++) {
            struct sf_watch_text text;
            struct findings findings = {.len = 0};

            sf_watch_text_init(&text);
            feed(&text, cases[i].text, piece, &findings);
            cr_expect_str_eq(findings.text, cases[i].found, "%s by %zu: %s",
                             cases[i].name, piece, findings.text);
        }
    }
}

Test(watch, a_text_line_has_1000_octets_and_the_dot_that_was_added)
{
    char line[1100];

    for (size_t len = 996; len < 1003; len++) {
        for (int is_dotted = 0; is_dotted < 2; is_dotted++) {
            struct sf_watch_text text;
            struct findings findings = {.len = 0};

            memset(line, 'x', sizeof(line));
            memcpy(line, "..", is_dotted ? 2 : 0);
            memcpy(line + len, "\r\n", 2);
            sf_watch_text_init(&text);
            feed(&text, sf_slice(line, len + 2), len, &findings);
            cr_expect_eq(findings.len > 0, len + 2 - (size_t)is_dotted > 1000,
                         "%zu", len);
        }
    }
}

Test(watch, what_was_announced_may_come)
{
    static const struct sf_slice octets = SF_SLICE_LIT("\xc3\xa4\r\n.a\n\0\r");
    struct sf_watch_text text;
    struct findings findings = {.len = 0};

    sf_watch_text_init(&text);
    text.is_8bit = true;
    feed(&text, sf_slice(octets.ptr, 4), 4, &findings);
    cr_expect_eq(findings.len, 0, "8BITMIME: %s", findings.text);
    text.is_binary = true;
    feed(&text, octets, 3, &findings);
    cr_expect_eq(findings.len, 0, "BINARYMIME: %s", findings.text);
    sf_watch_text_init(&text);
    text.is_chunk = true;
    feed(&text, sf_slice(octets.ptr + 4, 2), 2, &findings);
    cr_expect_eq(findings.len, 0, "a dot in a chunk: %s", findings.text);
}

/* Replies. */

Test(watch, odd_replies_put_a_rule_to_the_test)
{
    static const struct {
        const char *name;
        struct sf_watch_reply reply;
        const char *id;
    } cases[] = {
        {"bare", {.event = SF_EVENT_MAIL, .code = 250}, "REP-01"},
        {"a blank",
         {.event = SF_EVENT_MAIL, .code = 250, .text = SF_SLICE_LIT(" ")},
         "REP-01"},
        {"text",
         {.event = SF_EVENT_MAIL,
          .code = 250,
          .text = SF_SLICE_LIT("2.1.0 Ok")},
         ""},
        {"two lines",
         {.event = SF_EVENT_MAIL,
          .code = 250,
          .text = SF_SLICE_LIT("Ok"),
          .index = 1},
         "REP-03"},
        {"two lines of EHLO",
         {.event = SF_EVENT_EHLO,
          .code = 250,
          .text = SF_SLICE_LIT("SIZE 10"),
          .index = 1},
         ""},
        {"small",
         {.event = SF_EVENT_EHLO,
          .code = 250,
          .text = SF_SLICE_LIT("size 10"),
          .index = 1},
         "EHL-02"},
        {"unknown",
         {.event = SF_EVENT_EHLO,
          .code = 250,
          .text = SF_SLICE_LIT("XFOO"),
          .index = 1},
         "EHL-03"},
        {"a code of nobody's",
         {.event = SF_EVENT_MAIL, .code = 259, .text = SF_SLICE_LIT("Ok")},
         "REP-05"},
        {"another code",
         {.event = SF_EVENT_MAIL, .code = 250, .text = SF_SLICE_LIT("550 No")},
         "REP-08"},
        {"another class",
         {.event = SF_EVENT_MAIL,
          .code = 550,
          .text = SF_SLICE_LIT("2.0.0 Ok")},
         "REP-08"},
        {"a number",
         {.event = SF_EVENT_MAIL,
          .code = 250,
          .text = SF_SLICE_LIT("5 octets")},
         ""},
        {"escapes",
         {.event = SF_EVENT_MAIL, .code = 250, .text = SF_SLICE_LIT("\033[1m")},
         "REP-14"},
        {"an empty challenge", {.event = SF_EVENT_AUTH, .code = 334}, "AUT-05"},
        {"a bad challenge",
         {.event = SF_EVENT_AUTH, .code = 334, .text = SF_SLICE_LIT("%%%")},
         "AUT-06"},
        {"a good challenge",
         {.event = SF_EVENT_AUTH, .code = 334, .text = SF_SLICE_LIT("YQ==")},
         ""},
        {"forwarded",
         {.event = SF_EVENT_RCPT,
          .code = 251,
          .text = SF_SLICE_LIT("to <a@b>")},
         "SEQ-23"},
        {"paced",
         {.event = SF_EVENT_MAIL,
          .code = 250,
          .text = SF_SLICE_LIT("Ok"),
          .is_paced = true},
         "REP-10"},
        {"joined",
         {.event = SF_EVENT_MAIL,
          .code = 250,
          .text = SF_SLICE_LIT("Ok"),
          .is_joined = true},
         "REP-11"},
        {"another 354",
         {.event = SF_EVENT_DATA,
          .code = 354,
          .text = SF_SLICE_LIT("Go"),
          .is_by_rule = true},
         "DAT-08"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const enum sf_conduct_id id = sf_watch_reply(&cases[i].reply);
        const char *name = id == SF_CONDUCT_COUNT ? "" : sf_conduct_get(id)->id;

        cr_expect_str_eq(name, cases[i].id, "%s: %s", cases[i].name, name);
    }
}
