/* test_conduct.c - how a breach of a rule for clients is told. */
#include <criterion/criterion.h>
#include <string.h>

#include "../../support/scenario.h"
#include "base/slice.h"
#include "journal/record.h"

#define BREACHES_MAX 16

static struct loaded loaded;
static struct sf_run *run;
static struct sf_session *session;

static struct breach {
    char id[8];
    char level[16];
    char bytes[SF_RECORD_BYTES_MAX + 64];
    size_t len;
    uint64_t transaction;
} breaches[BREACHES_MAX];
static size_t breach_count;

static int take_record(void *ctx, const struct sf_record *record)
{
    struct breach *breach = &breaches[breach_count];

    (void)ctx;
    if (record->type != SF_RECORD_VIOLATION || breach_count == BREACHES_MAX) {
        return 0;
    }
    snprintf(breach->id, sizeof(breach->id), "%s", record->u.violation.id);
    snprintf(breach->level, sizeof(breach->level), "%s",
             record->u.violation.level);
    breach->len = record->u.violation.bytes.len;
    snprintf(breach->bytes, sizeof(breach->bytes), "%.*s",
             (int)record->u.violation.bytes.len, record->u.violation.bytes.ptr);
    breach->transaction = record->transaction;
    breach_count++;
    return 0;
}

static void start(const char *text, uint32_t mask)
{
    const struct sf_session_config peer = {.listener = "default",
                                           .client = "192.0.2.1"};
    struct sf_run_config config = {
        .speed = 1, .sink = {.write = take_record, .mask = mask}};
    struct sf_step step = {.kind = SF_STEP_OPEN};
    struct sf_effects effects;

    loaded = load_text(text);
    cr_assert_not_null(loaded.scenario, "%s", loaded.findings);
    config.scenario = loaded.scenario;
    run = sf_run_new(&config);
    session = sf_session_new(run, &peer);
    breach_count = 0;
    cr_assert_eq(sf_session_step(session, &step, &effects), 0);
}

static void say(const char *text)
{
    struct sf_step step = {
        .kind = SF_STEP_INPUT, .data = text, .len = strlen(text)};
    struct sf_effects effects = {.taken = 1};

    while (step.len > 0 && effects.taken > 0) {
        cr_assert_eq(sf_session_step(session, &step, &effects), 0);
        step.data += effects.taken;
        step.len -= effects.taken;
    }
}

static void stop(void)
{
    sf_session_free(session);
    sf_run_free(run);
    loaded_fini(&loaded);
}

#define PLAIN "[server]\nauth-in-clear = yes\n"

Test(conduct_of_clients, a_breach_has_its_octets_level_and_transaction)
{
    start(PLAIN, UINT32_MAX);
    say("EHLO localhost\r\n");
    say("MAIL FROM: <a@client.test>\r\n");
    say("RCPT TO: <b@example.test>\r\n");
    cr_assert_eq(breach_count, 3);
    cr_expect_str_eq(breaches[0].id, "SEQ-07");
    cr_expect_str_eq(breaches[0].level, "SHOULD");
    cr_expect_str_eq(breaches[0].bytes, "EHLO localhost");
    cr_expect_eq(breaches[0].transaction, 0);
    cr_expect_str_eq(breaches[1].id, "SEQ-10");
    cr_expect_str_eq(breaches[1].level, "MUST");
    cr_expect_eq(breaches[2].transaction, 1);
    stop();
}

Test(conduct_of_clients, nobody_sees_a_password)
{
    static const struct {
        const char *name;
        const char *before;
        const char *text;
        const char *bytes;
    } cases[] = {
        {"AUTH", "", "AUTH PLAIN secret\r\n", "AUTH PLAIN *"},
        {"a response", "AUTH LOGIN\r\n", "secret!\r\n", "*"},
        {"octets that are early", "", "NOOP\r\nAUTH PLAIN secret\r\n", "*"},
        {"behind AUTH", "", "AUTH LOGIN\r\nsecret\r\n", "*"},
        {"behind a refusal", "AUTH FOO x\r\n", "NOOP\r\nsecret\r\n", "*"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        start(PLAIN, UINT32_MAX);
        say("EHLO client.test\r\n");
        say(cases[i].before);
        breach_count = 0;
        say(cases[i].text);
        cr_assert_gt(breach_count, 0, "%s", cases[i].name);
        cr_expect_str_eq(breaches[0].bytes, cases[i].bytes, "%s",
                         cases[i].name);
        for (size_t j = 0; j < breach_count; j++) {
            cr_expect_null(strstr(breaches[j].bytes, "secret"), "%s",
                           cases[i].name);
        }
        stop();
    }
}

Test(conduct_of_clients, long_octets_are_cut)
{
    char line[1000];

    memset(line, 'x', sizeof(line));
    memcpy(line, "NOOP ", 5);
    memcpy(line + sizeof(line) - 3, "\r\n", 3);
    start(PLAIN, UINT32_MAX);
    say(line);
    cr_assert_eq(breach_count, 1);
    cr_expect_str_eq(breaches[0].id, "LEN-04");
    cr_expect_eq(breaches[0].len, SF_RECORD_BYTES_MAX);
    stop();
}

Test(conduct_of_clients, each_breach_of_a_message_is_told_once)
{
    start(PLAIN, UINT32_MAX);
    say("EHLO client.test\r\n");
    say("MAIL FROM:<a@client.test>\r\n");
    say("RCPT TO:<b@example.test>\r\n");
    say("DATA\r\n");
    say("a\nb\nc\n");
    say("d\n");
    cr_assert_eq(breach_count, 1);
    cr_expect_str_eq(breaches[0].bytes, "a\n");
    stop();
}

Test(conduct_of_clients, nothing_is_told_where_nobody_looks)
{
    start(PLAIN, ~SF_RECORD_BIT(SF_RECORD_VIOLATION));
    say("EHLO localhost\r\n");
    cr_expect_eq(breach_count, 0);
    stop();
}

Test(conduct_of_clients, a_rule_sees_what_no_sink_wants)
{
    struct sf_step step = {.kind = SF_STEP_INPUT,
                           .data = "EHLO localhost\r\n",
                           .len = strlen("EHLO localhost\r\n")};
    struct sf_effects effects;

    start("[VIOLATION]\nviolation = any\nreply = 550 5.7.1 No\n", 0);
    cr_assert_eq(sf_session_step(session, &step, &effects), 0);
    cr_expect_eq(strncmp(effects.output, "550 5.7.1 No\r\n", 14), 0);
    stop();
}

/* It sends, and takes no answer for so long that it is given up. */
Test(conduct_of_clients, who_does_not_read_breaks_a_rule)
{
    struct sf_step step = {.kind = SF_STEP_STALLED};
    struct sf_effects effects;

    start(PLAIN, UINT32_MAX);
    cr_assert_eq(sf_session_step(session, &step, &effects), 0);
    cr_assert_eq(breach_count, 1);
    cr_expect_str_eq(breaches[0].id, "PIP-06");
    stop();
}
