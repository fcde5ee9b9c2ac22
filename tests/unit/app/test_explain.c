/* test_explain.c - what `smtpfault explain` says, and that all of it can be
 * said. */
#include "app/explain.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../support/scenario.h"
#include "app/page.h"
#include "base/slice.h"
#include "conduct/conduct.h"
#include "scenario/bundle.h"
#include "smtp/code.h"
#include "smtp/enhanced.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define PAGE_MAX 65536

static struct sf_buf page;
static char error[SF_EXPLAIN_ERROR_SIZE];

static void begin(void)
{
    sf_buf_init(&page, PAGE_MAX);
}

static void end(void)
{
    sf_buf_fini(&page);
}

TestSuite(explain, .init = begin, .fini = end);

/* The page of a topic, terminated. */
static const char *explain(const char *topic)
{
    sf_buf_clear(&page);
    cr_assert_eq(sf_explain(sf_slice_str(topic), &page, error, sizeof(error)),
                 0, "%s: %s", topic, error);
    sf_buf_putc(&page, '\0');
    return page.ptr;
}

/* What is wrong with a topic. */
static const char *complain(const char *topic)
{
    sf_buf_clear(&page);
    error[0] = '\0';
    cr_assert_eq(sf_explain(sf_slice_str(topic), &page, error, sizeof(error)),
                 SF_ENOTFOUND, "%s", topic);
    cr_assert_eq(page.len, 0, "%s", topic);
    return error;
}

/* Lines end in a newline, begin with no tab, and have 80 columns at most but
 * for those of a scenario. */
static void check_layout(const char *topic, const char *text)
{
    bool is_scenario = false;

    cr_assert_eq(text[strlen(text) - 1], '\n', "%s", topic);
    for (const char *line = text; *line != '\0';) {
        const size_t len = strcspn(line, "\n");

        if (line[0] != ' ') {
            is_scenario = strncmp(line, "Scenario", 8) == 0;
        }
        cr_assert(is_scenario || len <= SF_PAGE_COLUMNS, "%s: %.*s", topic,
                  (int)len, line);
        cr_assert(len == 0 || line[len - 1] != ' ', "%s: blank at the end",
                  topic);
        for (size_t i = 0; i < len; i++) {
            cr_assert(line[i] >= ' ' && line[i] <= '~', "%s", topic);
        }
        line += len + 1;
    }
}

Test(explain, a_reply_code)
{
    cr_assert_str_eq(
        explain("452"),
        "452  Not enough storage, or too many recipients\n"
        "\n"
        "Digits      4yz: not now, but a later try may succeed; x5z: the mail "
        "system\n"
        "Standing    standard\n"
        "Defined in  RFC 5321 4.2.3, 4.3.2, 4.5.3.1.9, 4.5.3.1.10; RFC 1870 "
        "6.1, 6.4\n"
        "Events      MAIL RCPT DATA BDAT BODY MESSAGE SEND SOML SAML\n"
        "Enhanced    4.3.1  where nothing better is known\n"
        "            X.2.4  The mailing list cannot be expanded\n"
        "            X.3.1  The storage of the mail system is full\n"
        "            X.5.0  Something about the protocol\n"
        "            X.1.1  The mailbox is over its quota, or gets too much "
        "(Comcast)\n"
        "Client      At RCPT sends the message to those accepted and the rest "
        "in another\n"
        "            transaction; else tries again later\n"
        "Connection  stays open\n"
        "Scenario    [RCPT]\n"
        "            reply = 452 4.3.1 Not enough storage, or too many "
        "recipients\n"
        "Bundled     default mailbox-full storage-full "
        "too-many-recipients\n");
}

Test(explain, an_enhanced_code)
{
    cr_assert_str_eq(
        explain("4.2.2"),
        "4.2.2  The mailbox is full\n"
        "\n"
        "Class       4  temporary failure: a later try may succeed\n"
        "Subject     2  mailbox\n"
        "Classes     4, 5\n"
        "With        552  The message or mailbox would be too large\n"
        "Defined in  RFC 3463 3.3; RFC 5248 2.4\n"
        "Note        RFC 3463 calls it temporary, the registry has it with "
        "552: "
        "both are\n"
        "            seen\n"
        "Others      Microsoft  The sender is over its quota (class 5)\n");
}

Test(explain, an_event)
{
    cr_assert_str_eq(explain("quit"),
                     "QUIT  The client ends the session\n"
                     "\n"
                     "Defined in  RFC 5321 4.1.1.10\n"
                     "Default     221 2.0.0 Bye, then the connection closes\n"
                     "2yz         221  The server closes the connection\n"
                     "4yz         421  The service is not available, the "
                     "connection closes\n"
                     "5yz         500  The command is not recognised, or the "
                     "line is too long\n"
                     "            501  The argument has a syntax error\n");
}

Test(explain, a_client_rule)
{
    cr_assert_str_eq(
        explain("Pip-01"),
        "PIP-01  Without PIPELINING each command waits for the reply to the "
        "one "
        "before\n"
        "\n"
        "Group       Pipelining\n"
        "Level       MUST\n"
        "Defined in  RFC 2920 3.1; RFC 5321 4.3.1\n"
        "Seen        in what the client sends, in any run\n"
        "Test        Octets behind a command that has no answer yet\n");
}

Test(explain, pages_say_what_matters)
{
    static const struct {
        const char *topic;
        const char *text;
    } cases[] = {
        {"421", "Connection  is closed by the server\n"},
        {"521", "Connection  may be closed by the server\n"},
        {"451", "Bundled     default greylist local-error"},
        {"421", "Bundled     default ehlo-close greylist-421 shutdown"},
        {"453",
         "Bundled     code, with --set stage=ATRN --set code=453 --set "
         "enhanced=4.3.2\n"},
        {"591", "Bundled     code, with --set stage=RCPT --set line=591\n"},
        {"354", "Enhanced    none of its own\nClient"},
        {"354", "Scenario    [DATA]\n            reply = 354 Go ahead"},
        {"220", "[CONNECT]\n            reply = 220 mx.example.test "},
        {"335", "Events      nobody says where\n"},
        {"335", "Bundled     none answers so\n"},
        {"571", "x7z: no such digit\n"},
        {"451", "X.7.500-699  Throttled"},
        {"X.2.2", "X.2.2  The mailbox is full\n\nSubject"},
        {"x.2.2", "X.2.2  The mailbox is full\n"},
        {"5.2.2", "5.2.2  The mailbox is full\n"},
        {"2.2.2", "Classes     4, 5; 2 does not fit the meaning\n"},
        {"5.6.10", "Classes     none; 5 does not fit the meaning\n"},
        {"7.7.1", "7.7.1  In no registry, but in use\n"},
        {"5.7.509", "5.7.509  In no registry, but in use\n"},
        {"5.7.28", "Defined in  no RFC\n"},
        {"AUTH-response", "AUTH-RESPONSE  A line of the client"},
        {"xclient", "Defined in  no RFC\n"},
        {"ANY", "Events      EHLO HELO LHLO"},
        {"TLS", "\nTLS  Encryption\n"},
        {"pip", "PIP  Pipelining\n\nPIP-01      Without"},
        {"PIP", "PIP-09      After 421"},
        {"TIM-12", "Seen        not at all\n"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *text = explain(cases[i].topic);

        cr_expect_not_null(strstr(text, cases[i].text), "%s: %s",
                           cases[i].topic, text);
    }
}

Test(explain, what_is_unknown_says_what_to_do)
{
    static const struct {
        const char *topic;
        const char *text;
    } cases[] = {
        {"299",
         "`299` is no known reply code: 2yz means `done`, x9z nothing "
         "(RFC 5321 4.2.1); try 253 or 334"},
        {"429",
         "`429` is no known reply code: 4yz means `not now, but a later "
         "try may succeed`, x2z the connection (RFC 5321 4.2.1); try "
         "422 or 430"},
        {"599",
         "`599` is no known reply code: 5yz means `no, and the same "
         "again will not succeed`, x9z nothing (RFC 5321 4.2.1); try "
         "591"},
        {"150",
         "`150` is no reply code: the first digit is 2 to 5, and a "
         "client that meets another ends the transaction (RFC 5321 "
         "4.2); try 200"},
        {"650",
         "`650` is no reply code: the first digit is 2 to 5, and a "
         "client that meets another ends the transaction (RFC 5321 "
         "4.2); try 591"},
        {"4.2.9",
         "`4.2.9` is no known enhanced code: subject 2 is `mailbox`, "
         "where the registry has X.2.0 to X.2.4"},
        {"4.8.0",
         "`4.8.0` is no known enhanced code: its subject is 0 to 7 "
         "(RFC 3463 3)"},
        {"3.2.2",
         "`3.2.2` is no known enhanced code: its class is 2, 4 or 5, "
         "or X for any (RFC 3463 2)"},
        {"rctp", "`rctp` is nothing to explain: did you mean `RCPT`?"},
        {"expnn", "`expnn` is nothing to explain: did you mean `EXPN`?"},
        {"auth-r",
         "`auth-r` is nothing to explain: did you mean "
         "`AUTH-RESPONSE`?"},
        {"EOD",
         "`EOD` is nothing to explain: give a reply code (452), an enhanced "
         "code (4.2.2), an event (RCPT) or a client rule (PIP-01)"},
        {"PIQ-01", "`PIQ-01` is nothing to explain: did you mean `PIP-01`?"},
        {"pip-99",
         "`pip-99` is no client rule: those of `PIP` go up to "
         "PIP-09"},
        {"",
         "`` is nothing to explain: give a reply code (452), an enhanced "
         "code (4.2.2), an event (RCPT) or a client rule (PIP-01)"},
        {"45",
         "`45` is nothing to explain: give a reply code (452), an "
         "enhanced code (4.2.2), an event (RCPT) or a client rule "
         "(PIP-01)"},
        {"4521",
         "`4521` is nothing to explain: give a reply code (452), an "
         "enhanced code (4.2.2), an event (RCPT) or a client rule "
         "(PIP-01)"},
        {"a\033[2J\n",
         "`a\\x1b[2J\\x0a` is nothing to explain: give a reply "
         "code (452), an enhanced code (4.2.2), an event (RCPT) "
         "or a client rule (PIP-01)"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        cr_expect_str_eq(complain(cases[i].topic), cases[i].text);
    }
}

Test(explain, a_long_topic_is_shown_in_part)
{
    char topic[2001];

    memset(topic, 'z', sizeof(topic) - 1);
    topic[sizeof(topic) - 1] = '\0';
    cr_assert_eq(strncmp(complain(topic), "`zzzz", 5), 0);
    cr_assert_lt(strlen(error), 200);
    cr_assert_not_null(strstr(error, "zzz...` is nothing"));
}

Test(explain, a_small_error_is_cut_and_terminated)
{
    char small[10];

    memset(small, '#', sizeof(small));
    cr_assert_eq(
        sf_explain(sf_slice_str("nothing at all"), &page, small, sizeof(small)),
        SF_ENOTFOUND);
    cr_assert_lt(strnlen(small, sizeof(small)), sizeof(small));
}

Test(explain, a_page_goes_behind_what_is_there)
{
    sf_buf_puts(&page, "before\n");
    cr_assert_eq(sf_explain(sf_slice_str("QUIT"), &page, error, sizeof(error)),
                 0);
    cr_assert_eq(strncmp(page.ptr, "before\nQUIT  ", 13), 0);
}

Test(explain, a_full_page_is_an_error_of_its_own)
{
    static const char *const topics[] = {"452", "4.2.2",  "RCPT",
                                         "ANY", "PIP-01", "PIP"};

    for (size_t i = 0; i < COUNT(topics); i++) {
        struct sf_buf small;

        sf_buf_init(&small, 10);
        cr_assert_eq(
            sf_explain(sf_slice_str(topics[i]), &small, error, sizeof(error)),
            SF_ETOOBIG, "%s", topics[i]);
        sf_buf_fini(&small);
    }
}

Test(explain, every_code_has_a_page)
{
    for (size_t i = 0; i < sf_code_count(); i++) {
        char topic[16];
        const char *text = NULL;

        snprintf(topic, sizeof(topic), "%d", sf_code_at(i)->code);
        text = explain(topic);
        check_layout(topic, text);
        cr_assert_not_null(strstr(text, "\nClient  "), "%s", topic);
    }
}

Test(explain, every_enhanced_code_has_a_page)
{
    for (size_t i = 0; i < sf_enhanced_count(); i++) {
        const struct sf_enhanced_info *info = sf_enhanced_at(i);

        for (unsigned detail = info->first; detail <= info->last; detail++) {
            char topic[48];

            snprintf(topic, sizeof(topic), "X.%u.%u", info->subject, detail);
            check_layout(topic, explain(topic));
        }
    }
}

Test(explain, every_event_has_a_page_with_each_of_its_codes)
{
    for (unsigned i = 0; i < SF_EVENT_COUNT; i++) {
        const struct sf_event_info *info = sf_event_get((enum sf_event)i);
        const char *text = explain(info->name);

        check_layout(info->name, text);
        for (size_t k = 0; k < sf_code_count(); k++) {
            char line[160];

            snprintf(line, sizeof(line), "%d  %s\n", sf_code_at(k)->code,
                     sf_code_at(k)->text);
            cr_assert_eq(strstr(text, line) != NULL,
                         (sf_code_at(k)->events & SF_EVENT_BIT(i)) != 0,
                         "%s: %s", info->name, line);
        }
    }
}

Test(explain, every_rule_and_group_has_a_page)
{
    for (unsigned i = 0; i < SF_CONDUCT_COUNT; i++) {
        const char *id = sf_conduct_get((enum sf_conduct_id)i)->id;

        check_layout(id, explain(id));
    }
    for (unsigned i = 0; i < SF_CONDUCT_GROUP_COUNT; i++) {
        const char *name = sf_conduct_group_name((enum sf_conduct_group)i);

        check_layout(name, explain(name));
    }
}

/* Cuts the scenario out of the page of a code. */
static void cut_scenario(const char *text, char *out, size_t size)
{
    const char *line = strstr(text, "\nScenario    [");
    size_t len = 0;

    cr_assert_not_null(line);
    line++;
    do {
        const size_t end = strcspn(line, "\n") + 1;

        cr_assert_lt(len + end, size);
        memcpy(out + len, line + 12, end - 12);
        len += end - 12;
        line += end;
    } while (line[0] == ' ');
    out[len] = '\0';
}

Test(explain, the_scenario_of_every_code_loads_without_a_warning)
{
    for (size_t i = 0; i < sf_code_count(); i++) {
        char topic[16];
        char text[512];
        struct loaded loaded;

        snprintf(topic, sizeof(topic), "%d", sf_code_at(i)->code);
        cut_scenario(explain(topic), text, sizeof(text));
        loaded = load_text(text);
        cr_expect_eq(loaded.result, 0, "%s", loaded.findings);
        cr_expect_eq(sf_diags_len(loaded.diags), 0, "%s: %s", topic,
                     loaded.findings);
        cr_expect_not_null(strstr(text, topic));
        loaded_fini(&loaded);
    }
}
