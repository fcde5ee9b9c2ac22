/* test_report.c - what a session tells the journal. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "journal/jsonl.h"
#include "smtpfault.h"

static struct sf_scenario *scenario;
static struct sf_run *run;
static struct sf_session *session;
static struct sf_buf journal;
static int sink_result;

static int write_record(void *ctx, const struct sf_record *record)
{
    (void)ctx;
    sf_jsonl_put(&journal, record);
    return sink_result;
}

static int read_text(void *ctx, const char *path, char **text, size_t *len)
{
    (void)path;
    *text = strdup(ctx);
    *len = strlen(*text);
    return 0;
}

/* Opens one session on a scenario that is a string of this program. */
static void start(const char *text, enum sf_protocol protocol)
{
    static const char *const path = "test.ini";
    char copy[4096];
    struct sf_load load = {
        .paths = &path, .path_count = 1, .read = read_text, .read_ctx = copy};
    struct sf_diags *diags = sf_diags_new();
    struct sf_run_config config = {
        .speed = 1, .sink = {.write = write_record, .mask = UINT32_MAX}};
    struct sf_session_config peer = {.protocol = protocol,
                                     .listener = "default",
                                     .client = "192.0.2.1",
                                     .port = 7};
    struct sf_step step = {.kind = SF_STEP_OPEN};
    struct sf_effects effects;

    snprintf(copy, sizeof(copy), "%s", text);
    cr_assert_eq(sf_scenario_load(&load, diags, &scenario), 0);
    sf_diags_free(diags);
    sf_buf_init(&journal, 1 << 20);
    config.scenario = scenario;
    run = sf_run_new(&config);
    session = sf_session_new(run, &peer);
    cr_assert_eq(sf_session_step(session, &step, &effects), 0);
}

static int send_text(const char *text)
{
    struct sf_step step = {
        .kind = SF_STEP_INPUT, .data = text, .len = strlen(text)};
    struct sf_effects effects = {0};
    int err = 0;

    while (err == 0 && step.len > 0) {
        err = sf_session_step(session, &step, &effects);
        if (effects.taken == 0) {
            break;
        }
        step.data += effects.taken;
        step.len -= effects.taken;
    }
    return err;
}

static void finish(void)
{
    struct sf_step step = {.kind = SF_STEP_CLOSED, .len = 3};
    struct sf_effects effects;

    cr_assert_eq(sf_session_step(session, &step, &effects), 0);
}

static void tear_down(void)
{
    sf_session_free(session);
    sf_run_free(run);
    sf_scenario_free(scenario);
    sf_buf_fini(&journal);
}

TestSuite(report, .fini = tear_down);

static bool has(const char *text)
{
    sf_buf_putc(&journal, '\0');
    journal.len--;
    return strstr(journal.ptr, text) != NULL;
}

#define HAS(text) cr_assert(has(text), "not in:\n%s", journal.ptr)

Test(report, a_connection_begins_and_ends_in_the_journal)
{
    start("", SF_PROTOCOL_SMTP);
    HAS("\"type\":\"connect\",\"session\":1,\"listener\":\"default\","
        "\"peer\":\"192.0.2.1:7\"");
    finish();
    HAS("\"type\":\"disconnect\"");
    HAS("\"unread\":3");
}

static void pass_time(uint64_t now_us)
{
    struct sf_step step = {.kind = SF_STEP_TIME, .now_us = now_us};
    struct sf_effects effects;

    cr_assert_eq(sf_session_step(session, &step, &effects), 0);
}

Test(report, the_end_names_the_rule_that_still_waited)
{
    struct sf_step step = {.kind = SF_STEP_SHUTDOWN};
    struct sf_effects effects;

    start("[NOOP stall]\ndelay = forever\n", SF_PROTOCOL_SMTP);
    send_text("NOOP\r\n");
    cr_assert_eq(sf_session_step(session, &step, &effects), 0);
    finish();
    HAS("\"duration\":0.000000,\"rule\":\"stall\",\"at\":");
}

Test(report, the_end_names_no_rule_when_none_waited)
{
    start("[NOOP quick]\nreply = 250 Ok\n", SF_PROTOCOL_SMTP);
    send_text("NOOP\r\n");
    finish();
    HAS("\"duration\":0.000000}");
}

Test(report, a_reply_has_the_time_of_its_last_octet)
{
    start("[NOOP]\npace = 7/1s\nreply = 250 Ok\n", SF_PROTOCOL_SMTP);
    send_text("NOOP\r\n");
    cr_assert_not(has("\"code\":250"));
    pass_time(1000000);
    HAS("{\"t\":1.000000,\"type\":\"reply\"");
}

Test(report, octets_and_flow_are_faults_with_their_values)
{
    start(
        "[NOOP]\npace = split 1 -1/5ms\nsend = \"a\" \"b\" * forever\n"
        "[RSET]\nhold = 20ms\nread = 1K/1s\ncontent = lenient\n"
        "close = half\n",
        SF_PROTOCOL_SMTP);
    send_text("RSET\r\n");
    HAS("\"action\":\"hold\",\"value\":\"20ms\"");
    HAS("\"action\":\"read\",\"value\":\"1K/1s\"");
    HAS("\"action\":\"content\",\"value\":\"lenient\"");
    HAS("\"action\":\"close\",\"value\":\"half\"");
    tear_down();
    start("[NOOP]\npace = split 1 -1/5ms\nsend = \"a\" \"b\" * forever\n",
          SF_PROTOCOL_SMTP);
    send_text("NOOP\r\n");
    HAS("\"action\":\"pace\",\"value\":\"split 1 -1/5ms\"");
    HAS("\"action\":\"send\",\"value\":\"abbb");
}

Test(report, what_nobody_asked_for_answers_no_command)
{
    start("[TIMER]\nafter = 1s\nreply = 250 Hello\n", SF_PROTOCOL_SMTP);
    pass_time(1000000);
    HAS("\"type\":\"reply\",\"session\":1,\"listener\":\"default\","
        "\"event\":\"TIMER\",\"code\":250");
}

Test(report, commands_are_numbered_and_taken_apart)
{
    start("", SF_PROTOCOL_SMTP);
    send_text("EHLO c\r\n");
    send_text("MAIL FROM:<a@b.test> SIZE=10 SMTPUTF8\r\n");
    HAS("\"transaction\":1,\"listener\":\"default\",\"n\":2,\"event\":\"MAIL\","
        "\"line\":\"MAIL FROM:<a@b.test> SIZE=10 SMTPUTF8\","
        "\"sender\":\"a@b.test\",\"params\":{\"SIZE\":\"10\",\"SMTPUTF8\":true}"
        ","
        "\"pipelined\":false");
}

Test(report, a_command_that_came_before_the_last_answer_left_is_pipelined)
{
    start("", SF_PROTOCOL_SMTP);
    send_text("NOOP\r\nNOOP a\r\n");
    HAS("\"line\":\"NOOP\",\"pipelined\":false");
    HAS("\"line\":\"NOOP a\",\"pipelined\":true");
}

Test(report, credentials_are_never_written)
{
    start(
        "[EHLO]\nextensions = +AUTH PLAIN LOGIN\n"
        "[AUTH]\nargument = LOGIN\nreply = 334 VXNlcm5hbWU6\n",
        SF_PROTOCOL_SMTP);
    send_text("EHLO c\r\nAUTH PLAIN c2VjcmV0\r\n");
    HAS("\"line\":\"AUTH PLAIN *\"");
    send_text("c2VjcmV0\r\nAUTH LOGIN\r\nc2VjcmV0\r\nc2VjcmV0\r\n");
    send_text("auth\tplain\tc2VjcmV0\r\n");
    cr_assert_not(has("c2VjcmV0"), "in:\n%s", journal.ptr);
}

Test(report, an_auth_that_has_ended_names_the_user_and_no_secret)
{
    start(
        "[server]\nauth-in-clear = yes\n[users]\nbob = hunter2\n"
        "[AUTH]\nnth = 3\nreply = 535 5.7.8 No\nclose = fin\n",
        SF_PROTOCOL_SMTP);
    send_text("EHLO c\r\nAUTH LOGIN\r\n*\r\n");
    HAS("\"line\":\"*\",\"pipelined\":true,\"cancelled\":true}");
    HAS("\"type\":\"auth\",\"session\":1,\"listener\":\"default\","
        "\"mechanism\":\"LOGIN\",\"ok\":false,\"code\":501}");
    send_text("AUTH hunter2\r\n");
    HAS("\"listener\":\"default\",\"ok\":false,\"code\":504}");
    send_text("AUTH PLAIN AGJvYgBodW50ZXIy\r\n");
    HAS("\"mechanism\":\"PLAIN\",\"user\":\"bob\",\"ok\":false,\"code\":535}");
    cr_assert_not(has("hunter2"), "in:\n%s", journal.ptr);
    cr_assert_not(has("AGJvYgBodW50ZXIy"), "in:\n%s", journal.ptr);
}

Test(report, a_client_that_has_logged_in_is_told_with_its_user)
{
    start("[server]\nauth-in-clear = yes\n[users]\nbob = hunter2\n",
          SF_PROTOCOL_SMTP);
    send_text("EHLO c\r\nAUTH LOGIN Ym9i\r\naHVudGVyMg==\r\n");
    HAS("\"mechanism\":\"LOGIN\",\"user\":\"bob\",\"ok\":true,\"code\":235}");
    cr_assert_not(has("hunter2"), "in:\n%s", journal.ptr);
    cr_assert_not(has("aHVudGVyMg"), "in:\n%s", journal.ptr);
}

Test(report, a_password_is_hidden_also_behind_another_command)
{
    start("[EHLO]\nextensions = +AUTH LOGIN\n", SF_PROTOCOL_SMTP);
    send_text("EHLO c\r\nAUTH LOGIN\r\nNOOP\r\nhunter2\r\n");
    cr_assert_not(has("hunter2"), "in:\n%s", journal.ptr);
    send_text("MAIL FROM:<a@b.test>\r\nhunter2\r\n");
    cr_assert_not(has("hunter2"), "in:\n%s", journal.ptr);
}

Test(report, lines_that_resemble_auth_are_hidden)
{
    static const char *const lines[] = {
        " AUTH PLAIN c2VjcmV0", "AUTH=PLAIN c2VjcmV0",  "aUtH:PLAIN c2VjcmV0",
        "AUTHPLAIN c2VjcmV0",   "AUTH c2VjcmV0",        "AUTH PLAIN=c2VjcmV0",
        "AUTH PLAIN\rc2VjcmV0", "XAUTH PLAIN c2VjcmV0", "AUHT c2VjcmV0",
        "PASS c2VjcmV0",        "AUTH hunter2c2VjcmV0"};

    start("[EHLO]\nextensions = +AUTH PLAIN\n", SF_PROTOCOL_SMTP);
    send_text("EHLO c\r\n");
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        send_text(lines[i]);
        send_text("\r\n");
        cr_assert_not(has("c2VjcmV0"), "%s: in\n%s", lines[i], journal.ptr);
    }
}

Test(report, what_follows_an_exchange_that_ended_early_is_hidden)
{
    start(
        "[EHLO]\nextensions = +AUTH LOGIN\n"
        "[AUTH]\nreply = 334 VXNlcm5hbWU6\nreply = 235 2.7.0 Ok\n",
        SF_PROTOCOL_SMTP);
    send_text("EHLO c\r\nAUTH LOGIN\r\nc2VjcmV0\r\n");
    cr_assert_not(has("c2VjcmV0"), "in:\n%s", journal.ptr);
}

Test(report, an_auth_line_over_the_limit_is_hidden_too)
{
    start("[server]\nline-limit = 64\n[EHLO]\nextensions = +AUTH PLAIN\n",
          SF_PROTOCOL_SMTP);
    send_text(
        "EHLO c\r\nAUTH PLAIN c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"
        "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0\r\n");
    HAS("\"lines\":[\"500 5.5.6 Authentication line too long\"]");
    cr_assert_not(has("c2VjcmV0"), "in:\n%s", journal.ptr);
}

Test(report, a_reply_names_the_rule_and_the_line_that_made_it)
{
    start("[RCPT full]\nreply = 452-4.2.2 Mailbox\nreply = 452 4.2.2 full\n",
          SF_PROTOCOL_SMTP);
    send_text("EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.test>\r\n");
    HAS("\"type\":\"fired\",\"session\":1,\"transaction\":1,"
        "\"listener\":\"default\",\"rule\":\"full\",\"at\":\"test.ini:1\","
        "\"event\":\"RCPT\",\"count\":1");
    HAS("\"code\":452,\"enhanced\":\"4.2.2\","
        "\"lines\":[\"452-4.2.2 Mailbox\",\"452 4.2.2 full\"],"
        "\"rule\":\"full\",\"at\":\"test.ini:2\"");
}

Test(report, actions_that_are_no_plain_reply_are_faults)
{
    start(
        "[NOOP odd]\ndelay = 250ms\nnote = from ${client}\naccept = no\n"
        "reply = 250 Ok\nclose = reset\n",
        SF_PROTOCOL_SMTP);
    send_text("NOOP\r\n");
    HAS("\"action\":\"delay\",\"value\":\"250ms\"");
    cr_assert_not(has("\"action\":\"note\""), "the delay is not over");
    {
        struct sf_step step = {.kind = SF_STEP_TIME, .now_us = 250000};
        struct sf_effects effects;

        cr_assert_eq(sf_session_deadline(session), 250000);
        cr_assert_eq(sf_session_step(session, &step, &effects), 0);
        cr_assert_eq(effects.control_count, 1);
        cr_assert_eq(effects.controls[0], SF_CONTROL_RESET);
    }
    HAS("\"action\":\"note\",\"value\":\"from 192.0.2.1\"");
    HAS("\"action\":\"accept\",\"value\":\"no\"");
    HAS("\"action\":\"close\",\"value\":\"reset\"");
    finish();
    HAS("\"by\":\"server\",\"how\":\"reset\"");
}

#define ENVELOPE "MAIL FROM:<a@b.test>\r\nRCPT TO:<x@b.test>\r\nDATA\r\n"
#define CONTENT  "Message-ID: <1@b.test>\r\n\r\nhi\r\n.\r\n"

Test(report, an_accepted_message_is_told_with_its_digest)
{
    start("", SF_PROTOCOL_SMTP);
    send_text("EHLO c\r\n" ENVELOPE CONTENT);
    HAS("\"id\":\"1.1\",\"message_id\":\"<1@b.test>\",\"sha256\":\"");
    HAS("\"octets\":30,\"sender\":\"a@b.test\","
        "\"recipients\":[\"x@b.test\"],\"accepted\":[\"x@b.test\"]}");
}

Test(report, a_second_copy_names_the_first)
{
    start("", SF_PROTOCOL_SMTP);
    send_text("EHLO c\r\n" ENVELOPE CONTENT ENVELOPE CONTENT);
    HAS("\"id\":\"1.2\"");
    HAS("\"duplicate_of\":\"1.1\"");
}

Test(report, an_address_given_twice_is_no_second_copy)
{
    start("", SF_PROTOCOL_SMTP);
    send_text(
        "EHLO c\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<x@b.test>\r\n"
        "RCPT TO:<x@b.test>\r\nDATA\r\n" CONTENT);
    HAS("\"accepted\":[\"x@b.test\",\"x@b.test\"]");
    cr_assert_not(has("duplicate_of"));
}

Test(report, transactions_that_no_mail_began_have_ids_of_their_own)
{
    start("[SEND]\ndeliberate = yes\nreply = 250 Ok\n", SF_PROTOCOL_SMTP);
    send_text("EHLO c\r\n" ENVELOPE CONTENT
              "SEND FROM:<a@b.test>\r\nRCPT TO:<x@b.test>\r\nDATA\r\n.\r\n"
              "SEND FROM:<a@b.test>\r\nRCPT TO:<x@b.test>\r\nDATA\r\n.\r\n");
    HAS("\"id\":\"1.1\"");
    HAS("\"id\":\"1.2\"");
    HAS("\"id\":\"1.3\"");
}

Test(report, a_message_that_lacks_a_chunk_is_no_message)
{
    start("[server]\nmax-size = 10\n", SF_PROTOCOL_LMTP);
    send_text(
        "LHLO c\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<x@b.test>\r\n"
        "BDAT 20\r\n12345678901234567890BDAT 2 LAST\r\nab");
    HAS("\"code\":552");
    HAS("\"code\":503");
    cr_assert_not(has("\"type\":\"message\""), "in:\n%s", journal.ptr);
}

Test(report, accept_no_at_bdat_last_swallows_the_message)
{
    start("[BDAT]\naccept = no\n", SF_PROTOCOL_LMTP);
    send_text(
        "LHLO c\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<x@b.test>\r\n"
        "RCPT TO:<y@b.test>\r\nBDAT 2 LAST\r\nab");
    HAS("\"lines\":[\"250 2.0.0 Ok: queued as 1.1\"]");
    HAS("\"accepted\":[]");
}

Test(report, a_reply_that_never_ends_is_told_when_its_exchange_does)
{
    start("[NOOP]\ndeliberate = yes\nreply = 250-first\n", SF_PROTOCOL_SMTP);
    send_text("NOOP\r\n");
    HAS("\"lines\":[\"250-first\"]");
}

Test(report, a_refused_message_is_told_with_nobody_who_got_it)
{
    start("[MESSAGE]\nreply = 554 5.7.1 No\n", SF_PROTOCOL_SMTP);
    send_text("EHLO c\r\n" ENVELOPE CONTENT);
    HAS("\"accepted\":[]");
}

Test(report, what_took_effect_is_apart_from_what_was_replied)
{
    start("[MESSAGE lost]\naccept = yes\nclose = reset\n", SF_PROTOCOL_SMTP);
    send_text("EHLO c\r\n" ENVELOPE CONTENT);
    HAS("\"accepted\":[\"x@b.test\"]");
    cr_assert_not(has("queued as"));
}

Test(report, under_lmtp_one_record_tells_who_of_all_got_the_message)
{
    start("[MESSAGE]\nrecipient = no@b.test\nreply = 452 4.2.2 Full\n",
          SF_PROTOCOL_LMTP);
    send_text(
        "LHLO c\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<x@b.test>\r\n"
        "RCPT TO:<no@b.test>\r\nDATA\r\n" CONTENT);
    HAS("\"recipients\":[\"x@b.test\",\"no@b.test\"],"
        "\"accepted\":[\"x@b.test\"]");
}

Test(report, bdat_last_taken_by_a_rule_is_still_a_whole_message)
{
    start("[BDAT]\nreply = 250 2.0.0 Mine\n", SF_PROTOCOL_SMTP);
    send_text(
        "EHLO c\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<x@b.test>\r\n"
        "BDAT 4\r\nab\r\nBDAT 4 LAST\r\ncd\r\n");
    HAS("\"octets\":8");
    HAS("\"accepted\":[\"x@b.test\"]");
    HAS("\"sha256\":\"");
    cr_assert_not(has("\"sha256\":\"\""));
}

/* 40 lines of 60,000 octets in one reply: more than its record holds. */
Test(report, a_reply_too_long_for_its_record_is_still_sent_whole)
{
    char text[4096] = "[NOOP]\ndeliberate = yes\n";
    struct sf_step step = {.kind = SF_STEP_INPUT, .data = "NOOP\r\n", .len = 6};
    struct sf_effects effects;
    size_t sent = 0;

    for (int i = 0; i < 40; i++) {
        strcat(text, "reply = \"250-\" \"A\" * 60000\n");
    }
    strcat(text, "reply = 250 end\n");
    start(text, SF_PROTOCOL_SMTP);
    do {
        cr_assert_eq(sf_session_step(session, &step, &effects), 0);
        cr_assert_leq(effects.output_len, 2 * 65536, "pauses in between");
        sent += effects.output_len;
        step.kind = SF_STEP_TIME;
    } while (sf_session_deadline(session) == 0);
    cr_assert_eq(sent, 40 * 60006 + 9);
    HAS("\"type\":\"reply\",\"session\":1,\"listener\":\"default\",\"n\":1");
}

Test(report, a_driver_that_gives_up_is_who_ended_it)
{
    struct sf_step step = {.kind = SF_STEP_STALLED};
    struct sf_effects effects;

    start("", SF_PROTOCOL_SMTP);
    cr_assert_eq(sf_session_step(session, &step, &effects), 0);
    finish();
    HAS("\"by\":\"server\",\"how\":\"timeout\"");
}

Test(report, a_sink_that_fails_fails_the_step)
{
    struct sf_step step = {.kind = SF_STEP_INPUT, .data = "NOOP\r\n", .len = 6};
    struct sf_effects effects;

    start("", SF_PROTOCOL_SMTP);
    sink_result = SF_ESINK;
    cr_assert_eq(sf_session_step(session, &step, &effects), SF_ESINK);
    cr_assert_eq(effects.output_len, 0);
    sink_result = 0;
}

Test(report, a_rule_cannot_get_a_password_into_the_journal)
{
    start(
        "[server]\nauth-in-clear = yes\n"
        "[AUTH-RESPONSE]\nargument = /^(.+)$/\nnote = n ${1}\n"
        "delay = ${1}s\nreply = 535-5.7.8 r ${1}\n 535 5.7.8 No\n"
        "[UNKNOWN]\nargument = /^(.+)$/\nsend = \"s ${1}\\r\\n\"\n",
        SF_PROTOCOL_SMTP);
    cr_assert_eq(send_text("EHLO client.test\r\nAUTH LOGIN\r\nYm9i\r\n"), 0);
    HAS("\"value\":\"n *\"");
    pass_time(1);
    HAS("\"535-5.7.8 r *\"");
    cr_assert_eq(send_text("XYZ c2VjcmV0\r\n"), 0);
    HAS("\"value\":\"s *\\r\\n\"");
    cr_assert_not(has("Ym9i"), "in:\n%s", journal.ptr);
    cr_assert_not(has("c2VjcmV0"), "in:\n%s", journal.ptr);
}

Test(report, a_password_in_the_place_of_the_name_is_not_told)
{
    start("[server]\nauth-in-clear = yes\n[users]\nbob = secret\neve = eve\n",
          SF_PROTOCOL_SMTP);
    cr_assert_eq(send_text("EHLO c\r\nAUTH LOGIN\r\nc2VjcmV0\r\nYm9i\r\n"), 0);
    HAS("\"mechanism\":\"LOGIN\",\"ok\":false,\"code\":535");
    cr_assert_not(has("secret"), "in:\n%s", journal.ptr);
    cr_assert_eq(send_text("AUTH PLAIN AGV2ZQBldmU=\r\n"), 0);
    HAS("\"user\":\"eve\",\"ok\":true");
}
