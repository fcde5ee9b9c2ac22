/* test_rehearsal.c - conversations without a client, and what is shown of
 * them. */
#include <criterion/criterion.h>
#include <string.h>

#include "../../support/scenario.h"
#include "app/match_form.h"
#include "app/rehearsal.h"
#include "base/slice.h"

static struct loaded loaded;
static struct sf_rehearsal *rehearsal;
static struct sf_buf shown;

static void begin(const char *scenario)
{
    struct sf_rehearsal_config config = {.seed = 1, .speed = 1};

    loaded = load_text(scenario);
    cr_assert_eq(loaded.result, 0, "%s", loaded.findings);
    config.scenario = loaded.scenario;
    rehearsal = sf_rehearsal_new(&config);
    cr_assert_not_null(rehearsal);
    sf_buf_init(&shown, 65536);
}

static void end(void)
{
    sf_buf_fini(&shown);
    sf_rehearsal_free(rehearsal);
    loaded_fini(&loaded);
}

static void say(const char *line)
{
    cr_assert_eq(sf_rehearsal_say(rehearsal, line, false), 0);
}

static void send_message(const char *text)
{
    cr_assert_eq(sf_rehearsal_send_message(rehearsal, sf_slice_str(text)), 0);
}

static void open_session(enum sf_protocol protocol)
{
    cr_assert_eq(sf_rehearsal_open(rehearsal, protocol, NULL), 0);
}

/* An envelope for one recipient. */
static void begin_mail(void)
{
    open_session(SF_PROTOCOL_SMTP);
    say("EHLO c.test");
    say("MAIL FROM:<a@c.test>");
    say("RCPT TO:<b@s.test>");
}

/* The text of every turn behind the first `skip`. */
static const char *show(size_t skip)
{
    const struct sf_turn *turn = sf_rehearsal_turns(rehearsal);

    sf_buf_clear(&shown);
    for (size_t i = 0; turn != NULL; turn = turn->next, i++) {
        if (i >= skip) {
            sf_match_put_text(&shown, turn);
        }
    }
    sf_buf_putc(&shown, '\0');
    cr_assert_eq(shown.failed, 0);
    return shown.ptr;
}

TestSuite(rehearsal, .fini = end);

Test(rehearsal, without_rules_the_default_answers)
{
    begin("");
    open_session(SF_PROTOCOL_SMTP);
    say("HELO c.test");
    cr_assert_str_eq(show(0),
                     "[CONNECT]\n"
                     "S: 220 smtpfault.test ESMTP smtpfault\n"
                     "   default\n"
                     "C: HELO c.test\n"
                     "S: 250 smtpfault.test\n"
                     "   default\n");
}

Test(rehearsal, each_rule_says_why_it_has_no_say)
{
    begin(
        "[RCPT first]\nattempt = 1\nreply = 450 4.2.1 Late\n"
        "[RCPT second]\nattempt = 2\nreply = 451-4.3.0 Two\n"
        "reply = 451 4.3.0 lines\n"
        "[RCPT note]\nsender = *@other.test\nnote = x\n"
        "[RCPT helo]\nper = helo\nhelo = x*\nattempt = 1-\nnote = x\n");
    open_session(SF_PROTOCOL_SMTP);
    say("EHLO c.test");
    say("MAIL FROM:<a@c.test>");
    for (int i = 0; i < 3; i++) {
        say("RCPT TO:<b@s.test>");
    }
    cr_assert_str_eq(
        show(3),
        "C: RCPT TO:<b@s.test>\n"
        "S: 450 4.2.1 Late\n"
        "   taken by first (t.ini:1)\n"
        "   not second (t.ini:4): an earlier rule takes it\n"
        "   not note (t.ini:8): an earlier rule takes it\n"
        "   not helo (t.ini:11): an earlier rule takes it\n"
        "C: RCPT TO:<b@s.test>\n"
        "S: 451-4.3.0 Two ...\n"
        "   taken by second (t.ini:4)\n"
        "   not first (t.ini:1): attempt = 1 does not hold, attempt is 2\n"
        "   not note (t.ini:8): an earlier rule takes it\n"
        "   not helo (t.ini:11): an earlier rule takes it\n"
        "C: RCPT TO:<b@s.test>\n"
        "S: 250 2.1.5 Ok\n"
        "   default\n"
        "   not first (t.ini:1): attempt = 1 does not hold, attempt is 3\n"
        "   not second (t.ini:4): attempt = 2 does not hold, attempt is 3\n"
        "   not note (t.ini:8): sender = *@other.test does not hold, "
        "sender is a@c.test\n"
        "   not helo (t.ini:11): helo = x* does not hold, helo is c.test\n");
}

Test(rehearsal, what_is_not_known_is_said)
{
    begin(
        "[NOOP empty]\nargument = x\nreply = 450 x\n"
        "[NOOP early]\nhelo = x\nreply = 450 x\n"
        "[NOOP key]\nper = helo\nattempt = 1\nreply = 450 x\n");
    open_session(SF_PROTOCOL_SMTP);
    say("NOOP");
    cr_assert_str_eq(
        show(1),
        "C: NOOP\n"
        "S: 250 2.0.0 Ok\n"
        "   default\n"
        "   not empty (t.ini:1): argument = x does not hold, argument is "
        "empty\n"
        "   not early (t.ini:4): helo = x does not hold, helo is not known\n"
        "   not key (t.ini:7): no helo is known, which `per` asks for\n");
}

Test(rehearsal, rules_that_apply_stand_beside_the_one_that_takes)
{
    begin("[ANY slow]\ndelay = 2s\n[VRFY none]\nreply = none\n");
    open_session(SF_PROTOCOL_SMTP);
    say("NOOP");
    say("VRFY x");
    cr_assert_str_eq(show(1),
                     "C: NOOP\n"
                     "S: 250 2.0.0 Ok  (after 2s)\n"
                     "   default\n"
                     "   applies: slow (t.ini:1)\n"
                     "   does delay = 2s\n"
                     "C: VRFY x\n"
                     "   no reply\n"
                     "   taken by none (t.ini:3)\n"
                     "   applies: slow (t.ini:1)\n"
                     "   does delay = 2s\n"
                     "   does reply = none\n");
}

Test(rehearsal, the_message_is_an_event_of_its_own)
{
    begin("[MESSAGE lost]\naccept = yes\nclose = reset\n");
    begin_mail();
    say("DATA");
    send_message("Subject: x\n\n.dot\n");
    say("QUIT");
    cr_assert_str_eq(show(4),
                     "C: DATA\n"
                     "S: 354 End data with <CR><LF>.<CR><LF>\n"
                     "   default\n"
                     "[MESSAGE]\n"
                     "   no reply\n"
                     "   taken by lost (t.ini:1)\n"
                     "   does accept = yes\n"
                     "   does close = reset\n"
                     "   the server resets the connection\n"
                     "C: QUIT\n"
                     "   not sent: no connection is open\n");
}

Test(rehearsal, a_message_that_is_not_wanted_is_not_sent)
{
    begin("[DATA]\nreply = 451 4.3.0 No\n");
    begin_mail();
    say("DATA");
    send_message("x");
    cr_assert_str_eq(show(4),
                     "C: DATA\n"
                     "S: 451 4.3.0 No\n"
                     "   taken by DATA@1 (t.ini:1)\n"
                     "   the message is not sent\n");
}

Test(rehearsal, a_chunk_is_filled_up)
{
    begin("[BDAT MESSAGE both]\nsender = x\nreply = 450 4.2.0 x\n");
    begin_mail();
    say("BDAT 7");
    send_message("abc");
    say("BDAT 2 LAST");
    send_message("");
    cr_assert_str_eq(
        show(4),
        "C: BDAT 7\n"
        "S: 250 2.0.0 Ok: chunk taken\n"
        "   default\n"
        "   not both (t.ini:1): sender = x does not hold, sender is a@c.test\n"
        "C: BDAT 2 LAST\n"
        "   no reply\n"
        "   default\n"
        "   not both (t.ini:1): sender = x does not hold, sender is a@c.test\n"
        "[MESSAGE]\n"
        "S: 250 2.0.0 Ok: queued as 1.1\n"
        "   default\n"
        "   not both (t.ini:1): sender = x does not hold, sender is "
        "a@c.test\n");
    say("MAIL FROM:<a@c.test>");
    say("RCPT TO:<b@s.test>");
    say("BDAT 99999999999999");
    send_message("");
    cr_assert(strstr(show(8), "not sent: the chunk is over 64 MiB"));
}

Test(rehearsal, under_lmtp_each_recipient_has_its_turn)
{
    begin("[MESSAGE odd]\nnth = odd\nreply = 450 4.2.1 No\n");
    open_session(SF_PROTOCOL_LMTP);
    say("LHLO c.test");
    say("MAIL FROM:<a@c.test>");
    say("RCPT TO:<b@s.test>");
    say("RCPT TO:<c@s.test>");
    say("DATA");
    send_message("");
    cr_assert_str_eq(show(6),
                     "[MESSAGE]\n"
                     "S: 450 4.2.1 No\n"
                     "   taken by odd (t.ini:1)\n"
                     "[MESSAGE]\n"
                     "S: 250 2.0.0 Ok: queued as 1.1\n"
                     "   default\n"
                     "   not odd (t.ini:1): nth = odd does not hold, nth is "
                     "2\n");
}

Test(rehearsal, waits_without_end_are_said)
{
    begin(
        "[NOOP]\ndelay = until-input\nreply = 250 Late\n"
        "[VRFY]\ndelay = forever\nreply = 250 Never\n");
    open_session(SF_PROTOCOL_SMTP);
    say("NOOP");
    say("VRFY x");
    say("QUIT");
    cr_assert_str_eq(show(1),
                     "C: NOOP\n"
                     "S: 250 Late\n"
                     "   taken by NOOP@1 (t.ini:1)\n"
                     "   does delay = until-input\n"
                     "   the server waits for the client's next octet\n"
                     "C: VRFY x\n"
                     "   no reply\n"
                     "   taken by VRFY@4 (t.ini:4)\n"
                     "   does delay = forever\n"
                     "   the server waits for ever\n"
                     "C: QUIT\n"
                     "   not looked at: the server does not read on\n");
}

Test(rehearsal, time_passes_and_connections_follow_each_other)
{
    begin(
        "[CONNECT]\nsession = 1\nreply = 421 4.7.1 Once more\n"
        "[server]\nidle-timeout = 1m\n");
    open_session(SF_PROTOCOL_SMTP);
    open_session(SF_PROTOCOL_SMTP);
    cr_assert_eq(sf_rehearsal_wait(rehearsal, 59000000), 0);
    say("NOOP");
    cr_assert_eq(sf_rehearsal_wait(rehearsal, 60000000), 0);
    cr_assert_str_eq(
        show(0),
        "[CONNECT]\n"
        "S: 421 4.7.1 Once more\n"
        "   taken by CONNECT@1 (t.ini:1)\n"
        "   the server closes the connection\n"
        "[CONNECT]\n"
        "S: 220 smtpfault.test ESMTP smtpfault\n"
        "   default\n"
        "   not CONNECT@1 (t.ini:1): session = 1 does not hold, session is 2\n"
        "C: NOOP\n"
        "S: 250 2.0.0 Ok\n"
        "   default\n"
        "[unasked]\n"
        "S: 421 4.4.2 Idle for too long, closing\n"
        "   the server closes the connection\n");
}

Test(rehearsal, a_client_comes_to_the_first_listener_that_serves_it)
{
    begin(
        "[listen off]\nrefuse = yes\n[listen mx]\nhostname = mx.test\n"
        "[listen box]\nurl = lmtp://127.0.0.1:0\nhostname = box.test\n"
        "[listen other]\nhostname = other.test\n");
    open_session(SF_PROTOCOL_SMTP);
    open_session(SF_PROTOCOL_LMTP);
    cr_assert_eq(sf_rehearsal_open(rehearsal, SF_PROTOCOL_SMTP, "other"), 0);
    cr_assert_str_eq(show(0),
                     "[CONNECT]\nS: 220 mx.test ESMTP smtpfault\n   default\n"
                     "[CONNECT]\nS: 220 box.test LMTP smtpfault\n   default\n"
                     "[CONNECT]\nS: 220 other.test ESMTP smtpfault\n"
                     "   default\n");
}

Test(rehearsal, nobody_gets_through_to_a_listener_that_refuses_or_stalls)
{
    begin("[listen off]\nrefuse = yes\n[listen full]\nstall = yes\n");
    cr_assert_eq(sf_rehearsal_open(rehearsal, SF_PROTOCOL_SMTP, "off"), 0);
    say("NOOP");
    cr_assert_eq(sf_rehearsal_open(rehearsal, SF_PROTOCOL_SMTP, "full"), 0);
    cr_assert_str_eq(show(0),
                     "C: CONNECT\n"
                     "   the listener refuses connections\n"
                     "C: NOOP\n"
                     "   not sent: no connection is open\n"
                     "C: CONNECT\n"
                     "   the listener never accepts a connection\n");
}

Test(rehearsal, what_has_no_end_is_given_up_and_shown_in_part)
{
    begin("[NOOP]\nsend = \"x\" * 100\nsend = \"y\" * forever\n");
    open_session(SF_PROTOCOL_SMTP);
    say("NOOP");
    say("RSET");
    cr_assert(strstr(show(1), "xxxx ...\n"), "%s", show(1));
    cr_assert(strstr(show(1), "   the server goes on for ever\n"));
    cr_assert(strstr(show(1), "C: RSET\n   not looked at: "));
}

/* The limit is far beyond what is needed, and far below what every moment of
 * a day would take. */
Test(rehearsal, a_day_of_endless_octets_is_not_played, .timeout = 30)
{
    begin("[IDLE]\nafter = 1ms\nsend = \"xy\" * forever\n");
    open_session(SF_PROTOCOL_SMTP);
    cr_assert_eq(sf_rehearsal_wait(rehearsal, 86400000000), 0);
    cr_assert(strstr(show(1), "   the server goes on for ever\n"));
}

Test(rehearsal, reading_that_stops_is_said)
{
    begin(
        "[NOOP]\nread = stop\nreply = 250 Ok\n[HELP]\nread = discard\n"
        "reply = 214 x\n[EXPN]\nclose = half\n");
    open_session(SF_PROTOCOL_SMTP);
    say("HELP");
    say("NOOP");
    say("RSET");
    cr_assert_str_eq(
        show(1),
        "C: HELP\nS: 214 x\n   taken by HELP@4 (t.ini:4)\n"
        "   does read = discard\n"
        "C: NOOP\nS: 250 Ok\n   taken by NOOP@1 (t.ini:1)\n"
        "   does read = stop\n"
        "C: RSET\n   not looked at: the server does not read on\n");
    open_session(SF_PROTOCOL_SMTP);
    say("EXPN x");
    cr_assert(strstr(show(5), "   the server sends no more\n"));
}

Test(rehearsal, what_a_client_does_wrong_is_an_event_between)
{
    begin(
        "[VIOLATION name]\nviolation = SEQ-07\nreply = 550 5.7.1 No\n"
        "[MAIL]\nviolation = any\nreply = 501 5.1.7 No blanks\n");
    open_session(SF_PROTOCOL_SMTP);
    say("EHLO localhost");
    say("EHLO client.test");
    say("MAIL FROM: <a@client.test>");
    cr_assert_str_eq(show(1),
                     "C: EHLO localhost\n   no reply\n   default\n"
                     "[VIOLATION]\nS: 550 5.7.1 No\n"
                     "   taken by name (t.ini:1)\n"
                     "C: EHLO client.test\nS: 250-smtpfault.test ...\n"
                     "   default\n"
                     "C: MAIL FROM: <a@client.test>\n"
                     "S: 501 5.1.7 No blanks\n   taken by MAIL@4 (t.ini:4)\n"
                     "[VIOLATION]\n   no reply\n   default\n"
                     "   not name (t.ini:1): violation = SEQ-07 does not hold, "
                     "violation is SEQ-10\n");
}

Test(rehearsal, json_has_the_same_in_one_line)
{
    const struct sf_turn *turn = NULL;

    begin(
        "[ANY slow]\ndelay = 1s\n[NOOP no]\nargument = \"y\"\n"
        "reply = 450 x\n[NOOP yes]\nreply = 250-a\nreply = 250 b\n");
    open_session(SF_PROTOCOL_SMTP);
    cr_assert_eq(sf_rehearsal_say(rehearsal, "NOOP x", true), 0);
    turn = sf_rehearsal_turns(rehearsal)->next;
    sf_match_put_json(&shown, turn);
    sf_buf_putc(&shown, '\0');
    cr_assert_str_eq(
        shown.ptr,
        "{\"command\":\"NOOP x\",\"event\":\"NOOP\","
        "\"reply\":[\"250-a\",\"250 b\"],\"after\":1.000000,"
        "\"rule\":\"yes\",\"at\":\"t.ini:6\","
        "\"applied\":[{\"rule\":\"slow\",\"at\":\"t.ini:1\"}],"
        "\"others\":[{\"rule\":\"no\",\"at\":\"t.ini:3\","
        "\"why\":\"argument = \\\"y\\\" does not hold, argument is x\"}],"
        "\"faults\":[{\"action\":\"delay\",\"value\":\"1s\"}],"
        "\"implied\":true,\"note\":null}\n");
}
