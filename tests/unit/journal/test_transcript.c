/* test_transcript.c - records as a dialogue that people read. */
#include <criterion/criterion.h>

#include "base/slice.h"
#include "journal/transcript.h"

static struct sf_buf buf;

static void setup(void)
{
    sf_buf_init(&buf, 1000000);
}

static void teardown(void)
{
    sf_buf_fini(&buf);
}

TestSuite(transcript, .init = setup, .fini = teardown);

static const struct sf_slice greeting[] = {SF_SLICE_LIT("220 mx.test ESMTP")};
static const struct sf_slice hello[] = {SF_SLICE_LIT("250-mx.test"),
                                        SF_SLICE_LIT("250 PIPELINING")};
static const struct sf_slice greylisted[] = {
    SF_SLICE_LIT("451-4.7.1 Greylisted"), SF_SLICE_LIT("451 4.7.1 Later")};
static const struct sf_slice recipients[] = {
    SF_SLICE_LIT("a@example.test"), SF_SLICE_LIT("b@example.test"),
    SF_SLICE_LIT("c@example.test"), SF_SLICE_LIT("d@example.test"),
    SF_SLICE_LIT("e@example.test"), SF_SLICE_LIT("f@example.test"),
    SF_SLICE_LIT("g@example.test")};

static const struct sf_record conversation[] = {
    {.type = SF_RECORD_RUN, .u.run = {.version = "0.1.0", .speed = 1}},
    {.type = SF_RECORD_LISTEN, .u.listen = {"smtp://127.0.0.1:2525"}},
    {.type = SF_RECORD_CONNECT,
     .t_us = 1000,
     .session = 1,
     .listener = "default",
     .u.connect = {"127.0.0.1:40213"}},
    {.type = SF_RECORD_REPLY,
     .t_us = 1900,
     .session = 1,
     .u.reply = {.code = 220, .lines = greeting, .line_count = 1}},
    {.type = SF_RECORD_COMMAND,
     .t_us = 2000,
     .session = 1,
     .u.command = {.n = 1,
                   .event = "EHLO",
                   .line = SF_SLICE_LIT("EHLO client.test")}},
    {.type = SF_RECORD_REPLY,
     .t_us = 2000,
     .session = 1,
     .u.reply = {.n = 1, .code = 250, .lines = hello, .line_count = 2}},
    {.type = SF_RECORD_AUTH,
     .t_us = 3000,
     .session = 1,
     .u.auth = {"PLAIN", SF_SLICE_LIT("b\nob"), false, 535}},
    {.type = SF_RECORD_FIRED,
     .t_us = 4000,
     .session = 1,
     .u.fired = {{"greylist", "greylist.ini", 10}, "RCPT", 1}},
    {.type = SF_RECORD_FAULT,
     .t_us = 4000,
     .session = 1,
     .u.fault = {{"greylist", "greylist.ini", 10},
                 "RCPT",
                 "delay",
                 SF_SLICE_LIT("2s")}},
    {.type = SF_RECORD_REPLY,
     .t_us = 2004000,
     .session = 1,
     .u.reply = {.n = 2,
                 .code = 451,
                 .lines = greylisted,
                 .line_count = 2,
                 .rule = {"greylist", "greylist.ini", 10}}},
    {.type = SF_RECORD_TLS,
     .t_us = 2005000,
     .session = 1,
     .u.tls = {.info = {.version = "TLSv1.2",
                        .cipher = "TLS_ECDHE",
                        .sni = "mx\n"},
               .ok = true}},
    {.type = SF_RECORD_TLS,
     .t_us = 2006000,
     .session = 1,
     .u.tls = {.info = {.alert = "unknown_ca"}}},
    {.type = SF_RECORD_MESSAGE,
     .t_us = 2010000,
     .session = 1,
     .u.message = {.id = "1.1",
                   .octets = 512,
                   .accepted = recipients,
                   .accepted_count = 2}},
    {.type = SF_RECORD_DISCONNECT,
     .t_us = 2011000,
     .session = 1,
     .u.disconnect = {.by = SF_END_BY_CLIENT,
                      .how = SF_END_QUIT,
                      .bytes_in = 812,
                      .bytes_out = 240,
                      .duration_us = 2010000}},
    {.type = SF_RECORD_EXIT,
     .t_us = 2015000,
     .u.exit = {.duration_us = 2013000, .cpu_us = 4000}},
    {.type = SF_RECORD_VERDICT, .u.verdict = {.ok = true}},
};

static void expect_text(const char *text)
{
    cr_assert_eq(buf.failed, 0);
    sf_buf_putc(&buf, '\0');
    cr_assert_str_eq(buf.ptr, text, "got:\n%s", buf.ptr);
}

static void
expect_record(const struct sf_record *record, bool has_color, const char *text)
{
    sf_buf_clear(&buf);
    sf_transcript_put(&buf, record, has_color);
    expect_text(text);
}

Test(transcript, a_conversation_reads_as_a_dialogue)
{
    for (size_t i = 0; i < sizeof(conversation) / sizeof(conversation[0]);
         i++) {
        sf_transcript_put(&buf, &conversation[i], false);
    }
    expect_text(
        "    +0.001    1  -- connect from 127.0.0.1:40213 to default\n"
        "    +0.001    1  S: 220 mx.test ESMTP\n"
        "    +0.002    1  C: EHLO client.test\n"
        "    +0.002    1  S: 250-mx.test\n"
        "    +0.002    1  S: 250 PIPELINING\n"
        "    +0.003    1  -- not logged in as b\\x0aob by PLAIN\n"
        "    +0.004    1  -- delay 2s  [greylist, greylist.ini:10]\n"
        "    +2.004    1  S: 451-4.7.1 Greylisted\n"
        "    +2.004    1  S: 451 4.7.1 Later  [greylist, greylist.ini:10]\n"
        "    +2.005    1  -- TLS is up: TLSv1.2, TLS_ECDHE, for mx\\x0a\n"
        "    +2.006    1  -- no TLS, alert unknown_ca\n"
        "    +2.010    1  -- message 1.1 accepted for <a@example.test>, "
        "<b@example.test>, 512 octets\n"
        "    +2.011    1  -- closed by client, quit: 2.010 s, 812 octets in, "
        "240 out\n"
        "    +2.015    0  -- the command ended with status 0: 2.013 s, 0.004 s "
        "of CPU\n");
}

Test(transcript, a_command_that_a_signal_ended_says_which)
{
    const struct sf_record record = {.type = SF_RECORD_EXIT,
                                     .u.exit = {.status = 137, .signal = 9}};

    expect_record(&record, false,
                  "    +0.000    0  -- the command was ended by signal 9: "
                  "0.000 s, 0.000 s of CPU\n");
}

Test(transcript, the_mask_names_the_types_that_give_lines)
{
    for (size_t i = 0; i < sizeof(conversation) / sizeof(conversation[0]);
         i++) {
        bool is_wanted =
            (SF_TRANSCRIPT_MASK & SF_RECORD_BIT(conversation[i].type)) != 0;

        sf_buf_clear(&buf);
        sf_transcript_put(&buf, &conversation[i], false);
        cr_assert_eq(buf.len > 0, is_wanted, "%s",
                     sf_record_type_name(conversation[i].type));
    }
}

Test(transcript, colour_is_laid_over_what_was_said)
{
    expect_record(&conversation[4], true,
                  "    +0.002    1  C: \033[1mEHLO client.test\033[0m\n");
    expect_record(&conversation[6], true,
                  "    +0.003    1  -- \033[31mnot logged in as b\\x0aob by "
                  "PLAIN\033[0m\n");
    expect_record(&conversation[8], true,
                  "    +0.004    1  -- \033[35mdelay 2s\033[0m"
                  "  [greylist, greylist.ini:10]\n");
    expect_record(&conversation[9], true,
                  "    +2.004    1  S: \033[33m451-4.7.1 Greylisted\033[0m\n"
                  "    +2.004    1  S: \033[33m451 4.7.1 Later\033[0m"
                  "  [greylist, greylist.ini:10]\n");
}

Test(transcript, the_class_of_a_code_decides_its_colour)
{
    static const struct {
        int code;
        const char *text;
    } cases[] = {
        {250, "    +0.000    1  S: \033[32m220 mx.test ESMTP\033[0m\n"},
        {354, "    +0.000    1  S: \033[32m220 mx.test ESMTP\033[0m\n"},
        {421, "    +0.000    1  S: \033[33m220 mx.test ESMTP\033[0m\n"},
        {550, "    +0.000    1  S: \033[31m220 mx.test ESMTP\033[0m\n"},
        {99, "    +0.000    1  S: 220 mx.test ESMTP\033[0m\n"},
        {999, "    +0.000    1  S: 220 mx.test ESMTP\033[0m\n"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sf_record record = {.type = SF_RECORD_REPLY,
                                   .session = 1,
                                   .u.reply = {.code = cases[i].code,
                                               .lines = greeting,
                                               .line_count = 1}};

        expect_record(&record, true, cases[i].text);
    }
}

Test(transcript, octets_of_others_cannot_steer_the_terminal)
{
    struct sf_record command = {
        .type = SF_RECORD_COMMAND,
        .session = 1,
        .u.command = {.line = SF_SLICE_LIT("\033[2J\r\nS: 250\\\xff\0\xc2\x9b"
                                           "\xc3\xa9")}};
    struct sf_record fault = {
        .type = SF_RECORD_FAULT,
        .session = 1,
        .u.fault = {
            {"a\033b", "c\nd", 1}, "DATA", "send", SF_SLICE_LIT("x\ny")}};

    expect_record(&command, false,
                  "    +0.000    1  C: \\x1b[2J\\x0d\\x0aS: 250\\\\\\xff\\x00"
                  "\\xc2\\x9b\xc3\xa9\n");
    expect_record(&fault, false,
                  "    +0.000    1  -- send x\\x0ay  [a\\x1bb, c\\x0ad:1]\n");
}

Test(transcript, a_message_tells_where_it_went)
{
    struct sf_record record = {.type = SF_RECORD_MESSAGE,
                               .session = 12,
                               .t_us = UINT64_C(3600000000),
                               .u.message = {.id = "12.1", .octets = 3}};

    expect_record(&record, false,
                  " +3600.000   12  -- message 12.1 accepted for nobody, "
                  "3 octets\n");
    record.u.message.accepted = recipients;
    record.u.message.accepted_count = 7;
    record.u.message.duplicate_of = "1.1";
    record.u.message.file = "box/new/1";
    expect_record(&record, false,
                  " +3600.000   12  -- message 12.1 accepted for "
                  "<a@example.test>, <b@example.test>, <c@example.test>, "
                  "<d@example.test>, <e@example.test> and 2 more, 3 octets, "
                  "a copy of 1.1, saved as box/new/1\n");
}

Test(transcript, what_was_not_read_is_told)
{
    struct sf_record record = {.type = SF_RECORD_DISCONNECT,
                               .session = 1,
                               .u.disconnect = {.by = SF_END_BY_SERVER,
                                                .how = SF_END_TIMEOUT,
                                                .unread = 4}};

    expect_record(&record, false,
                  "    +0.000    1  -- closed by server, timeout: 0.000 s, "
                  "0 octets in, 0 out, 4 unread\n");
}

Test(transcript, numbers_of_any_size_do_no_harm)
{
    struct sf_record record = {.type = SF_RECORD_COMMAND,
                               .session = UINT64_MAX,
                               .t_us = UINT64_MAX,
                               .u.command = {.line = SF_SLICE_LIT("NOOP")}};

    expect_record(&record, false,
                  "+18446744073709.551 18446744073709551615  C: NOOP\n");
}
