/* test_compile.c - sections become rules. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../support/scenario.h"
#include "base/slice.h"
#include "base/text.h"
#include "rule/subject.h"
#include "scenario/ruleset.h"

static struct loaded loaded;

static void teardown(void)
{
    loaded_fini(&loaded);
}

TestSuite(compile, .fini = teardown);

static const struct sf_rule *load_rule(const char *text)
{
    loaded = load_text(text);
    cr_assert_eq(loaded.result, 0, "%s", loaded.findings);
    cr_assert_geq(loaded.scenario->rules.count, 1);
    return &loaded.scenario->rules.rules[0];
}

Test(compile, a_label_is_as_written_or_event_and_line)
{
    const struct sf_rule *rules = load_rule(
        "\n[RCPT MAIL]\ndelay = 1s\n"
        "[ANY late-1.x_]\ndelay = 1s\n"
        "[ANY]\ndelay = 2s\n");

    cr_assert_str_eq(rules[0].label, "RCPT@2");
    cr_assert_eq(rules[0].line, 2);
    cr_assert_str_eq(rules[0].path, "t.ini");
    cr_assert_str_eq(rules[1].label, "late-1.x_");
    cr_assert_str_eq(rules[2].label, "ANY@6");
    cr_assert_eq(rules[2].index, 2);
}

Test(compile, a_rule_stands_in_the_list_of_each_of_its_events)
{
    const struct sf_ruleset *rules = NULL;

    (void)load_rule(
        "[RCPT MAIL]\ndelay = 1s\n[ANY]\ndelay = 1s\n"
        "[CONNECT]\ndelay = 1s\n");
    rules = &loaded.scenario->rules;
    cr_assert_eq(rules->count, 3);
    cr_assert_eq(rules->rules[0].events,
                 SF_EVENT_BIT(SF_EVENT_RCPT) | SF_EVENT_BIT(SF_EVENT_MAIL));
    cr_assert_eq(rules->by_event_count[SF_EVENT_RCPT], 2);
    cr_assert_eq(rules->by_event[SF_EVENT_RCPT][0], &rules->rules[0]);
    cr_assert_eq(rules->by_event[SF_EVENT_RCPT][1], &rules->rules[1]);
    cr_assert_eq(rules->by_event_count[SF_EVENT_CONNECT], 1);
    cr_assert_eq(rules->by_event[SF_EVENT_CONNECT][0], &rules->rules[2]);
    cr_assert_eq(rules->by_event_count[SF_EVENT_MESSAGE], 0);
    cr_assert_eq(rules->by_event_count[SF_EVENT_DATA], 1);
}

Test(compile, conditions_are_apart_from_those_that_count)
{
    const struct sf_rule *rule = load_rule(
        "[RCPT]\n"
        "client = 127.0.0.1\n"
        "attempt = 2-\n"
        "nth = odd\n"
        "age = 1s..5m\n"
        "per = client, domain\n"
        "delay = 1s\n");

    cr_assert_eq(rule->condition_count, 2);
    cr_assert_eq(rule->conditions[0].kind, SF_CONDITION_CLIENT);
    cr_assert_eq(rule->conditions[1].kind, SF_CONDITION_NTH);
    cr_assert_eq(rule->counted_count, 2);
    cr_assert_eq(rule->counted[0].kind, SF_CONDITION_ATTEMPT);
    cr_assert_eq(rule->counted[0].u.selector.low, 2);
    cr_assert_eq(rule->counted[1].kind, SF_CONDITION_AGE);
    cr_assert_eq(rule->age_end_us, 300000001);
    cr_assert_eq(rule->per,
                 SF_PER_BIT(SF_PER_CLIENT) | SF_PER_BIT(SF_PER_DOMAIN));
    cr_assert(rule->has_counters);
    cr_assert_not(rule->is_taker);
}

Test(compile, a_list_goes_on_in_indented_lines)
{
    const struct sf_rule *rule = load_rule(
        "[let]\nlast = f, /g,h/\n"
        "[RCPT]\n"
        "sender = a, !b\n"
        "  c,\n"
        "  /d,e/\n"
        "  ${last}\n"
        "per = client,\n"
        "  domain\n"
        "  session\n"
        "recipient = x\n"
        "attempt = 1\n"
        "reply = 550 No\n");
    static const char *const texts[] = {"a", "b", "c", "d,e", "f", "g,h"};
    const struct sf_list *list = &rule->conditions[0].u.list;

    cr_assert_eq(rule->condition_count, 2);
    cr_assert_eq(list->count, 6);
    for (size_t i = 0; i < list->count; i++) {
        cr_assert(sf_slice_eq_str(list->items[i].text, texts[i]), "%s",
                  texts[i]);
        cr_assert_eq(list->items[i].is_negated, i == 1);
        cr_assert_eq(list->items[i].regex != NULL, i == 3 || i == 5);
    }
    cr_assert_eq(rule->conditions[1].u.list.count, 1);
    cr_assert_eq(rule->per, SF_PER_BIT(SF_PER_CLIENT) |
                                SF_PER_BIT(SF_PER_DOMAIN) |
                                SF_PER_BIT(SF_PER_SESSION));
}

Test(compile, a_faulty_list_takes_nothing_from_the_one_before)
{
    static const char *const texts[] = {
        "[RCPT]\nsender = a\nsender = b\n  c\nreply = 550 x\n",
        "[RCPT]\nsender = a\nrecipient = ,\n  c\nreply = 550 x\n",
        "[RCPT]\nsender = a\nrecipient = b,,\n  c\nreply = 550 x\n",
        "[RCPT]\nsender = a\n  /(/\nreply = 550 x\n",
        "[RCPT]\nnth = 1\n  2\nreply = 550 x\n",
        "[RCPT]\nper = client\n  client\nattempt = 1\nreply = 550 x\n",
        "[RCPT]\nper = client\nper = domain\nattempt = 1\nreply = 550 x\n",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        loaded = load_text(texts[i]);
        cr_assert_eq(loaded.result, SF_ESCENARIO, "%s", texts[i]);
        cr_assert_eq(sf_diags_len(loaded.diags), 1, "%s", loaded.findings);
        loaded_fini(&loaded);
        loaded = (struct loaded){0};
    }
}

Test(compile, a_list_of_thousands_of_lines_is_loaded)
{
    size_t count = 20000;
    size_t len = 0;
    char *text = calloc(count + 10, 16);

    cr_assert_not_null(text);
    len += (size_t)snprintf(text, 40, "[RCPT]\nrecipient = a\n");
    for (size_t i = 0; i < count; i++) {
        len += (size_t)snprintf(text + len, 24, " %zu@b, c\n", i);
    }
    (void)snprintf(text + len, 24, "reply = 550 x\n");
    cr_assert_eq(load_rule(text)->conditions[0].u.list.count, 2 * count + 1);
    free(text);
}

Test(compile, what_counts_and_what_takes)
{
    static const struct {
        const char *text;
        bool has_counters;
        bool is_taker;
        bool needs_message;
    } cases[] = {
        {"[RCPT]\ndelay = 1s\n", false, false, false},
        {"[RCPT]\nnote = x\naccept = no\n", false, false, false},
        {"[RCPT]\nreply = 250 Ok\n", false, true, false},
        {"[RCPT]\nreply = none\n", false, true, false},
        {"[RCPT]\nreply = default\n", false, true, false},
        {"[RCPT]\nclose = fin\n", false, true, false},
        {"[RCPT]\nclose = no\n", false, true, false},
        {"[RCPT]\nattempt = 1\ndelay = 1s\n", true, false, false},
        {"[RCPT]\nage = <1s\ndelay = 1s\n", true, false, false},
        {"[RCPT]\nnote = ${attempt}\n", true, false, false},
        {"[RCPT]\nnth = 1\ndelay = 1s\n", false, false, false},
        {"[MESSAGE]\nnote = ${message}\n", false, false, true},
        {"[MESSAGE]\nnote = ${queue-id}\n", false, false, false},
        {"[MESSAGE]\nper = message\nattempt = 1\nnote = x\n", true, false,
         true},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct sf_rule *rule = load_rule(cases[i].text);

        cr_expect_eq(rule->has_counters, cases[i].has_counters, "%s",
                     cases[i].text);
        cr_expect_eq(rule->is_taker, cases[i].is_taker, "%s", cases[i].text);
        cr_expect_eq(loaded.scenario->rules.needs_message,
                     cases[i].needs_message, "%s", cases[i].text);
        loaded_fini(&loaded);
        loaded = (struct loaded){0};
    }
}

Test(compile, actions_keep_their_order_and_values)
{
    const struct sf_rule *rule = load_rule(
        "[MESSAGE]\n"
        "accept = yes\n"
        "delay = 1s..3s\n"
        "reply = 250 2.0.0 Ok\n"
        "note = it was ${sender}\n"
        "delay = forever\n"
        "delay = until-input\n"
        "deliberate = yes\n"
        "close = reset\n");
    static const enum sf_action_kind kinds[] = {
        SF_ACTION_ACCEPT, SF_ACTION_DELAY, SF_ACTION_REPLY, SF_ACTION_NOTE,
        SF_ACTION_DELAY,  SF_ACTION_DELAY, SF_ACTION_CLOSE};

    cr_assert_eq(rule->action_count, 7);
    for (size_t i = 0; i < 7; i++) {
        cr_assert_eq(rule->actions[i].kind, kinds[i], "action %zu", i);
        cr_assert_eq(rule->actions[i].line, i == 6 ? 9 : i + 2);
    }
    cr_assert(rule->actions[0].u.accept);
    cr_assert_eq(rule->actions[1].u.delay.low_us, 1000000);
    cr_assert_eq(rule->actions[1].u.delay.high_us, 3000000);
    cr_assert_eq(rule->actions[3].u.note.count, 2);
    cr_assert_eq(rule->actions[4].u.delay.kind, SF_DELAY_FOREVER);
    cr_assert_eq(rule->actions[5].u.delay.kind, SF_DELAY_UNTIL_INPUT);
    cr_assert_eq(rule->actions[6].u.close, SF_CLOSE_RESET);
    cr_assert(rule->is_deliberate);
}

Test(compile, words_of_close_and_accept)
{
    const struct sf_rule *rules = load_rule(
        "[RCPT]\nsession = 1\nclose = fin\n"
        "[RCPT]\nsession = 2\nclose = reset\n"
        "[RCPT]\nsession = 3\nclose = no\n"
        "[RCPT]\nsession = 4\naccept = no\n");

    cr_assert_eq(rules[0].actions[0].u.close, SF_CLOSE_FIN);
    cr_assert_eq(rules[1].actions[0].u.close, SF_CLOSE_RESET);
    cr_assert_eq(rules[2].actions[0].u.close, SF_CLOSE_NO);
    cr_assert_not(rules[3].actions[0].u.accept);
}

Test(compile, extensions_of_a_rule_are_one_edit)
{
    const struct sf_rule *rule = load_rule(
        "[EHLO]\n"
        "delay = 1s\n"
        "extensions = -STARTTLS, -SIZE\n"
        "             +SIZE 1000\n"
        "note = between\n"
        "extensions = +\"X a, b\"\n");
    const struct sf_extensions *edit = NULL;

    cr_assert_eq(rule->action_count, 3);
    cr_assert_eq(rule->actions[1].kind, SF_ACTION_EXTENSIONS);
    edit = &rule->actions[1].u.extensions;
    cr_assert_not(edit->is_full);
    cr_assert_eq(edit->remove_count, 2);
    cr_assert(sf_slice_eq_str(edit->remove[0], "STARTTLS"));
    cr_assert(sf_slice_eq_str(edit->remove[1], "SIZE"));
    cr_assert_eq(edit->add_count, 2);
    cr_assert(sf_slice_eq_str(edit->add[0], "SIZE 1000"));
    cr_assert(sf_slice_eq_str(edit->add[1], "X a, b"));
}

Test(compile, bare_extensions_are_the_whole_list)
{
    const struct sf_rule *rules = load_rule(
        "[EHLO]\nsession = 1\nextensions = PIPELINING, AUTH PLAIN\n"
        "[EHLO]\nextensions = \"\"\n");

    cr_assert(rules[0].actions[0].u.extensions.is_full);
    cr_assert_eq(rules[0].actions[0].u.extensions.add_count, 2);
    cr_assert(rules[1].actions[0].u.extensions.is_full);
    cr_assert_eq(rules[1].actions[0].u.extensions.add_count, 0);
}

Test(compile, more_extension_lines_than_fit_are_an_error)
{
    char text[4000] = "[EHLO]\n";

    for (int i = 0; i < 101; i++) {
        strncat(text, "extensions = X\n", sizeof(text) - strlen(text) - 1);
    }
    loaded = load_text(text);
    cr_assert_eq(loaded.result, SF_ESCENARIO);
    cr_assert_eq(sf_diags_len(loaded.diags), 1, "%s", loaded.findings);
}

Test(compile, conditions_need_events_that_know_them)
{
    static const struct {
        const char *head;
        const char *condition;
        bool is_ok;
    } cases[] = {
        {"CONNECT", "client = x", true},
        {"CONNECT", "helo = x", false},
        {"CONNECT", "listener = x", true},
        {"CONNECT", "argument = x", false},
        {"CONNECT", "nth = 1", true},
        {"EHLO", "helo = x", true},
        {"EHLO", "argument = x", true},
        {"EHLO", "sender = x", false},
        {"MAIL", "sender = x", true},
        {"MAIL", "recipient = x", false},
        {"RCPT", "recipient = x", true},
        {"RCPT MAIL", "recipient = x", false},
        {"ANY", "recipient = x", true},
        {"ANY CONNECT", "recipient = x", false},
        {"ANY MESSAGE", "sender = x", true},
        {"MESSAGE", "argument = x", false},
        {"AUTH-RESPONSE", "argument = x", true},
        {"ANY", "per = sender\nattempt = 1", false},
        {"ANY", "per = client\nattempt = 1", true},
        {"MESSAGE", "per = message\nattempt = 1", true},
        {"RCPT", "per = message\nattempt = 1", false},
        {"AUTH", "per = helo\nattempt = 1", true},
        {"AUTH", "transaction = ..3", true},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[200];

        snprintf(text, sizeof(text), "[%s]\n%s\ndelay = 1s\n", cases[i].head,
                 cases[i].condition);
        loaded = load_text(text);
        cr_expect_eq(loaded.result == 0, cases[i].is_ok, "[%s] %s: %s",
                     cases[i].head, cases[i].condition, loaded.findings);
        loaded_fini(&loaded);
        loaded = (struct loaded){0};
    }
}

Test(compile, the_server_has_defaults)
{
    const struct sf_server *server = NULL;

    loaded = load_text("");
    cr_assert_eq(loaded.result, 0, "%s", loaded.findings);
    server = &loaded.scenario->server;
    cr_assert_str_eq(server->hostname, "smtpfault.test");
    cr_assert_eq(server->banner.count, 0);
    cr_assert_not(server->extensions.is_full);
    cr_assert_eq(server->extensions.add_count, 0);
    cr_assert_eq(server->max_size_bytes, 50 * 1024 * 1024);
    cr_assert_eq(server->max_recipients, 1000);
    cr_assert_not(server->has_max_recipients);
    cr_assert_eq(server->max_connections, 10000);
    cr_assert_eq(server->idle_timeout_us, 300000000);
    cr_assert_eq(server->line_limit_bytes, 12288);
    cr_assert_not(server->auth_in_clear);
    cr_assert_not(server->require_auth);
    cr_assert_not(loaded.scenario->has_users);
    cr_assert_eq(loaded.scenario->rules.count, 0);
    cr_assert_null(loaded.scenario->title);
    cr_assert_not(loaded.scenario->has_seed);
}

Test(compile, users_are_those_of_all_sections_and_exactly_so_called)
{
    loaded = load_text(
        "[let]\nword = pass\n[users]\nbob = ${word}1\n"
        "[server]\nauth-in-clear = yes\nrequire-auth = yes\n"
        "[users]\namy@client.test = \" two words \"\n");
    cr_assert_eq(loaded.result, 0, "%s", loaded.findings);
    cr_assert(loaded.scenario->has_users);
    cr_assert(loaded.scenario->server.auth_in_clear);
    cr_assert(loaded.scenario->server.require_auth);
    cr_assert_str_eq(
        sf_scenario_find_password(loaded.scenario, sf_slice_str("bob")),
        "pass1");
    cr_assert_str_eq(sf_scenario_find_password(loaded.scenario,
                                               sf_slice_str("amy@client.test")),
                     " two words ");
    cr_assert_null(
        sf_scenario_find_password(loaded.scenario, sf_slice_str("Bob")));
}

Test(compile, that_there_are_too_many_users_is_said_once)
{
    static char text[65536];
    size_t len = 0;

    for (int i = 0; i < 1010; i++) {
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%su%d = x\n",
                                i == 0 ? "[users]\n" : "", i);
    }
    loaded = load_text(text);
    cr_assert_eq(loaded.result, SF_ESCENARIO);
    cr_assert_str_eq(loaded.findings,
                     "t.ini:1002: error: there are more than 1000 users\n"
                     "hint: leave some of them out\n");
}

Test(compile, the_server_takes_what_is_set)
{
    const struct sf_server *server = NULL;

    loaded = load_text(
        "[server]\n"
        "hostname = mx.example.com\n"
        "banner = ${hostname} for ${client}\n"
        "extensions = -SIZE\n"
        "extensions = +AUTH PLAIN LOGIN\n"
        "max-size = 0\n"
        "max-recipients = 100\n"
        "max-connections = 1\n"
        "idle-timeout = forever\n"
        "line-limit = 512\n");
    cr_assert_eq(loaded.result, 0, "%s", loaded.findings);
    server = &loaded.scenario->server;
    cr_assert_str_eq(server->hostname, "mx.example.com");
    cr_assert_eq(server->banner.count, 3);
    cr_assert_eq(server->extensions.remove_count, 1);
    cr_assert(sf_slice_eq_str(server->extensions.add[0], "AUTH PLAIN LOGIN"));
    cr_assert_eq(server->max_size_bytes, 0);
    cr_assert_eq(server->max_recipients, 100);
    cr_assert(server->has_max_recipients);
    cr_assert_eq(server->max_connections, 1);
    cr_assert_eq(server->idle_timeout_us, SF_FOREVER_US);
    cr_assert_eq(server->line_limit_bytes, 512);
}

Test(compile, a_group_becomes_a_bound_of_attempt)
{
    static const struct {
        const char *text;
        struct sf_selector selector;
    } cases[] = {
        {"${2}", {.low = 0, .end = 1, .low_group = 2, .end_group = 2}},
        {"<${2}", {.low = 0, .end = 0, .end_group = 2}},
        {"<=${2}", {.low = 0, .end = 1, .end_group = 2}},
        {">${2}", {.low = 1, .end = UINT64_MAX, .low_group = 2}},
        {">= ${2}", {.low = 0, .end = UINT64_MAX, .low_group = 2}},
        {"${1}..${2}", {.low = 0, .end = 1, .low_group = 1, .end_group = 2}},
        {"3..${2}", {.low = 3, .end = 1, .end_group = 2}},
        {"${1}-5", {.low = 0, .end = 6, .low_group = 1}},
        {"${b}", {.low = 4, .end = 5}},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct sf_selector *expected = &cases[i].selector;
        const struct sf_selector *got = NULL;
        const struct sf_rule *rule = NULL;
        char text[256];

        snprintf(text, sizeof(text),
                 "[let]\nb = 4\n[RCPT]\nrecipient = /(a)(b)/\nattempt = %s\n"
                 "reply = 550 No\n",
                 cases[i].text);
        rule = load_rule(text);
        got = &rule->counted[0].u.selector;
        cr_assert(got->low == expected->low && got->end == expected->end &&
                      got->low_group == expected->low_group &&
                      got->end_group == expected->end_group,
                  "%s", cases[i].text);
        cr_assert_eq(rule->uses_groups,
                     expected->low_group + expected->end_group > 0);
        loaded_fini(&loaded);
    }
    loaded = load_text("[RCPT]\ndelay = 1s\n");
}

Test(compile, conditions_are_kept_as_written)
{
    const struct sf_rule *rule = load_rule(
        "[let]\nw = 5m\n[RCPT]\n"
        "sender = a,\n  b\n"
        "age    = <${w}\n"
        "reply = 550 No\n");

    cr_assert_str_eq(rule->conditions[0].text, "sender = a, b");
    cr_assert_str_eq(rule->counted[0].text, "age = <${w}");
}

Test(compile, rates_have_tables_of_their_own_and_share_what_may_be_kept)
{
    const struct sf_rule *rules = load_rule(
        "[RCPT]\nrate = >3/1m\nreply = 450 Slow\n"
        "[NOOP]\nreply = 250 Ok\n"
        "[MAIL]\nrate = 1..9999/500ms\nreply = 450 Slow\n");

    cr_assert_eq(rules[0].rate_size, 4);
    cr_assert_eq(rules[0].rate_window_us, 60000000);
    cr_assert_eq(rules[0].rate_index, 0);
    cr_assert_eq(rules[0].rate_keys_max, SF_RATE_TIMES_MAX / 2 / 4);
    cr_assert_eq(rules[1].rate_size, 0);
    cr_assert_eq(rules[2].rate_size, 10000);
    cr_assert_eq(rules[2].rate_window_us, 500000);
    cr_assert_eq(rules[2].rate_index, 1);
    cr_assert_eq(rules[2].rate_keys_max, SF_RATE_TIMES_MAX / 2 / 10000);
}

Test(compile, a_rule_draws_by_its_label_or_number_not_by_its_line)
{
    static const char *const texts[] = {
        "[RCPT a]\ndelay = 1s\n[RCPT]\ndelay = 1s\n",
        "\n\n[MAIL a]\ndelay = 2s\n\n[NOOP]\ndelay = 1s\n",
        "[RCPT b]\ndelay = 1s\n[RCPT]\ndelay = 1s\n",
        "[RCPT a]\ndelay = 1s\n[RCPT c]\ndelay = 1s\n",
    };
    uint64_t identities[4][2];

    for (size_t i = 0; i < 4; i++) {
        const struct sf_rule *rules = load_rule(texts[i]);

        identities[i][0] = rules[0].identity;
        identities[i][1] = rules[1].identity;
        loaded_fini(&loaded);
    }
    loaded = load_text("[RCPT]\ndelay = 1s\n");
    cr_assert_eq(identities[0][0], identities[1][0]);
    cr_assert_eq(identities[0][1], identities[1][1]);
    cr_assert_neq(identities[0][0], identities[2][0]);
    cr_assert_eq(identities[0][1], identities[2][1]);
    cr_assert_neq(identities[0][1], identities[3][1]);
}

Test(compile, only_what_a_rule_asks_for_is_done)
{
    const struct sf_ruleset *rules = NULL;

    (void)load_rule(
        "[MESSAGE]\nheader Subject = x\nheader From = y\nreply = 550 No\n");
    rules = &loaded.scenario->rules;
    cr_assert(rules->needs_header);
    cr_assert_not(rules->needs_body);
    cr_assert_not(rules->needs_concurrent);
    cr_assert_eq(rules->rules[0].condition_count, 2);
    cr_assert(sf_slice_eq_str(rules->rules[0].conditions[1].name, "From"));
    loaded_fini(&loaded);
    (void)load_rule(
        "[MESSAGE]\nper = client\nbody = x\nconcurrent = 2\n"
        "reply = 550 No\n");
    rules = &loaded.scenario->rules;
    cr_assert_not(rules->needs_header);
    cr_assert(rules->needs_body);
    cr_assert(rules->needs_concurrent);
    cr_assert_eq(rules->rules[0].conditions[1].key, SF_SHARED_CLIENT);
}
