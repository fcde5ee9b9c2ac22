/* test_defaults.c - the default answers are those that the table of events
 * tells people. */
#include <criterion/criterion.h>
#include <string.h>

#include "../../support/scenario.h"
#include "base/slice.h"
#include "smtp/event.h"
#include "smtp/reply.h"
#include "smtpfault.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct loaded loaded;
static struct sf_run *run;
static struct sf_session *session;
static char answer[1024]; /* of the last step */

static void take(struct sf_step step)
{
    struct sf_effects effects;

    cr_assert_eq(sf_session_step(session, &step, &effects), 0);
    cr_assert_lt(effects.output_len, sizeof(answer));
    if (effects.output_len > 0) {
        memcpy(answer, effects.output, effects.output_len);
    }
    answer[effects.output_len] = '\0';
    if (effects.handshake != NULL) {
        step = (struct sf_step){.kind = SF_STEP_TLS_UP};
        cr_assert_eq(sf_session_step(session, &step, &effects), 0);
    }
}

static void begin(void)
{
    struct sf_run_config config = {.seed = 1, .speed = 1.0};
    const struct sf_session_config peer = {.protocol = SF_PROTOCOL_SMTP,
                                           .listener = "default",
                                           .client = "127.0.0.1"};

    loaded = load_text(
        "[server]\nextensions = +STARTTLS, +AUTH PLAIN, +EXPN\n"
        "             +ETRN, +BURL, +XCLIENT NAME\n"
        "             +XFORWARD NAME\n");
    cr_assert_eq(loaded.result, 0, "%s", loaded.findings);
    config.scenario = loaded.scenario;
    run = sf_run_new(&config);
    session = sf_session_new(run, &peer);
    take((struct sf_step){.kind = SF_STEP_OPEN});
}

static void end(void)
{
    take((struct sf_step){.kind = SF_STEP_CLOSED});
    sf_session_free(session);
    sf_run_free(run);
    loaded_fini(&loaded);
}

TestSuite(defaults, .init = begin, .fini = end);

static void say(const char *line)
{
    take((struct sf_step){
        .kind = SF_STEP_INPUT, .data = line, .len = strlen(line)});
}

/* Whether the reply begins as the row says: code, and enhanced code. */
static void expect_default(enum sf_event event)
{
    const struct sf_event_info *info = sf_event_get(event);
    const struct sf_slice enhanced =
        sf_reply_enhanced(sf_slice_str(info->answer + 4));
    const size_t len = enhanced.len > 0 ? 4 + enhanced.len : 3;

    cr_expect_eq(strncmp(answer, info->answer, len), 0, "%s: `%s`, not `%s`",
                 info->name, answer, info->answer);
}

/* One conversation; each line is answered as its event says. */
static const struct {
    const char *line;
    enum sf_event event;
} lines[] = {
    {"HELO client.test\r\n", SF_EVENT_HELO},
    {"EHLO client.test\r\n", SF_EVENT_EHLO},
    {"STARTTLS\r\n", SF_EVENT_STARTTLS},
    {"EHLO client.test\r\n", SF_EVENT_EHLO},
    {"AUTH PLAIN AGEAYg==\r\n", SF_EVENT_AUTH},
    {"MAIL FROM:<a@client.test>\r\n", SF_EVENT_MAIL},
    {"RCPT TO:<b@example.test>\r\n", SF_EVENT_RCPT},
    {"DATA\r\n", SF_EVENT_DATA},
    {"Subject: a\r\n\r\nb\r\n.\r\n", SF_EVENT_MESSAGE},
    {"MAIL FROM:<a@client.test>\r\n", SF_EVENT_MAIL},
    {"RCPT TO:<b@example.test>\r\n", SF_EVENT_RCPT},
    {"BDAT 3\r\na\r\n", SF_EVENT_BDAT},
    {"RSET\r\n", SF_EVENT_RSET},
    {"MAIL FROM:<a@client.test>\r\n", SF_EVENT_MAIL},
    {"RCPT TO:<b@example.test>\r\n", SF_EVENT_RCPT},
    {"BURL imap://a@example.test/b LAST\r\n", SF_EVENT_BURL},
    {"RSET\r\n", SF_EVENT_RSET},
    {"NOOP\r\n", SF_EVENT_NOOP},
    {"VRFY b\r\n", SF_EVENT_VRFY},
    {"EXPN b\r\n", SF_EVENT_EXPN},
    {"HELP\r\n", SF_EVENT_HELP},
    {"ETRN example.test\r\n", SF_EVENT_ETRN},
    {"XFORWARD NAME=a.test\r\n", SF_EVENT_XFORWARD},
    {"SEND FROM:<a@client.test>\r\n", SF_EVENT_SEND},
    {"SOML FROM:<a@client.test>\r\n", SF_EVENT_SOML},
    {"SAML FROM:<a@client.test>\r\n", SF_EVENT_SAML},
    {"TURN\r\n", SF_EVENT_TURN},
    {"ATRN\r\n", SF_EVENT_ATRN},
    {"WHAT\r\n", SF_EVENT_UNKNOWN},
    {"XCLIENT NAME=a.test\r\n", SF_EVENT_XCLIENT},
    {"EHLO client.test\r\n", SF_EVENT_EHLO},
    {"QUIT\r\n", SF_EVENT_QUIT},
};

Test(defaults, are_what_the_table_of_events_says)
{
    expect_default(SF_EVENT_CONNECT);
    for (size_t i = 0; i < COUNT(lines); i++) {
        say(lines[i].line);
        expect_default(lines[i].event);
    }
}

Test(defaults, are_tried_for_every_event_that_an_smtp_client_reaches)
{
    const sf_event_set unreached =
        SF_EVENT_BIT(SF_EVENT_CONNECT) | SF_EVENT_BIT(SF_EVENT_LHLO) |
        SF_EVENT_BIT(SF_EVENT_AUTH_RESPONSE) | SF_EVENT_BIT(SF_EVENT_TLS) |
        SF_EVENT_BIT(SF_EVENT_BODY) | SF_EVENT_BIT(SF_EVENT_IDLE) |
        SF_EVENT_BIT(SF_EVENT_TIMER) | SF_EVENT_BIT(SF_EVENT_VIOLATION);
    sf_event_set tried = unreached;

    for (size_t i = 0; i < COUNT(lines); i++) {
        tried |= SF_EVENT_BIT(lines[i].event);
    }
    cr_assert_eq(tried, SF_EVENT_BIT(SF_EVENT_COUNT) - 1);
}
