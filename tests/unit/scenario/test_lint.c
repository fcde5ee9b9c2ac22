/* test_lint.c - what is legal, but suspicious. */
#include <criterion/criterion.h>
#include <string.h>

#include "../../support/scenario.h"

struct sample {
    const char *text;
    size_t warnings;
};

static void expect_warnings(const struct sample *samples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct loaded loaded = load_text(samples[i].text);

        cr_expect_eq(loaded.result, 0, "%s", loaded.findings);
        cr_expect_eq(sf_diags_count(loaded.diags, SF_SEVERITY_WARNING),
                     samples[i].warnings, "%s: %s", samples[i].text,
                     loaded.findings);
        loaded_fini(&loaded);
    }
}

#define EXPECT_WARNINGS(samples)                                               \
    expect_warnings(samples, sizeof(samples) / sizeof((samples)[0]))

Test(lint, what_stands_behind_something_without_end_is_never_reached)
{
    static const struct sample samples[] = {
        {"[RCPT]\ndelay = forever\n", 0},
        {"[RCPT]\ndelay = forever\nreply = 250 Ok\n", 1},
        {"[RCPT]\nsend = \"a\" * forever\n", 0},
        {"[RCPT]\nsend = \"a\" * 2K\nclose = fin\n", 0},
        {"[RCPT]\nsend = \"a\" * forever\nclose = fin\n", 1},
    };

    EXPECT_WARNINGS(samples);
}

Test(lint, a_pace_stands_before_the_output)
{
    static const struct sample samples[] = {
        {"[RCPT]\npace = whole\nreply = 250 Ok\n", 0},
        {"[RCPT]\npace = whole\n", 0}, /* for whatever answers */
        {"[RCPT]\nreply = 250 Ok\npace = whole\n", 1},
        {"[RCPT]\npace = whole\nclose = fin\n", 1},
    };

    EXPECT_WARNINGS(samples);
}

Test(lint, codes_belong_to_events)
{
    static const struct sample samples[] = {
        {"[RCPT]\nreply = 550 No\n", 0},
        {"[RCPT]\nreply = 354 Go\n", 1},
        {"[RCPT]\nreply = 199 Low\n", 1},
        {"[RCPT]\nreply = 560 High\n", 1},
        {"[RCPT]\nreply = 600 Higher\n", 1},
        {"[RCPT]\ndeliberate = yes\nreply = 600 Higher\n", 0},
        {"[RCPT]\ndeliberate = no\nreply = 600 Higher\n", 1},
        {"[RCPT DATA]\nreply = 250 Ok\n", 1},
        {"[ANY]\nreply = 354 Go\n", 0},
        {"[ANY]\nreply = 599 What\n", 1},
        {"[RCPT]\nreply = 600-a\n        600 b\n", 2},
    };

    EXPECT_WARNINGS(samples);
}

Test(lint, enhanced_codes_have_the_class_of_the_code)
{
    static const struct sample samples[] = {
        {"[RCPT]\nreply = 550 5.1.1 No\n", 0},
        {"[RCPT]\nreply = 450 5.1.1 No\n", 1},
        {"[RCPT]\nreply = 250 4.1.1 Ok\n", 1},
        {"[RCPT]\nreply = 550 1.2.3.4 is no enhanced code\n", 0},
        {"[RCPT]\nreply = 550 ${sender} 4.1.1\n", 0},
        {"[RCPT]\ndeliberate = yes\nreply = 450 5.1.1 No\n", 0},
        {"[RCPT]\nreply = 550 3.1.1 is a version\n", 0},
        {"[DATA]\nreply = 354 3.0.0 Go\n", 1},
        {"[DATA]\nreply = 354 2.0.0 Go\n", 1},
        {"[DATA]\nreply = 354 3.0 Go\n", 0},
        {"[DATA]\ndeliberate = yes\nreply = 354 3.0.0 Go\n", 0},
    };

    EXPECT_WARNINGS(samples);
}

Test(lint, enhanced_codes_are_those_of_a_registry_or_of_known_servers)
{
    static const struct sample samples[] = {
        {"[RCPT]\nreply = 550 5.1.99 No\n", 1},
        {"[RCPT]\nreply = 550-5.8.1 No\n        550 5.8.1 No\n", 2},
        {"[RCPT]\nreply = 450 5.1.99 No\n", 1},
        {"[RCPT]\nreply = 550 5.7.509 No\n", 0},
        {"[RCPT]\nreply = 450 4.1.1 Later\n", 0},
        {"[RCPT]\nreply = 250 2.1.5 Ok\n", 0},
        {"[RCPT]\ndeliberate = yes\nreply = 550 5.1.99 No\n", 0},
    };

    EXPECT_WARNINGS(samples);
}

Test(lint, greetings_and_answers_to_ehlo_have_no_enhanced_code)
{
    static const struct sample samples[] = {
        {"[CONNECT]\nreply = 220 2.0.0 Hello\n", 1},
        {"[CONNECT]\nreply = 220 mx.example.test\n", 0},
        {"[CONNECT]\nreply = 421 4.3.2 Busy\n", 0},
        {"[EHLO]\nreply = 250 2.0.0 Hello\n", 1},
        {"[HELO]\nreply = 502 5.5.1 What\n", 1},
        {"[LHLO]\nreply = 421 4.3.2 Busy\n", 1},
        {"[EHLO HELO]\nreply = 502 What\n", 0},
        {"[ANY]\nreply = 421 4.3.2 Busy\n", 0},
        {"[EHLO ANY]\nreply = 421 4.3.2 Busy\n", 1},
        {"[EHLO]\ndeliberate = yes\nreply = 502 5.5.1 What\n", 0},
    };

    EXPECT_WARNINGS(samples);
}

Test(lint, a_file_without_any_section_does_nothing)
{
    static const struct sample samples[] = {
        {"", 1},
        {"; a comment\n\n# another\n", 1},
        {"[scenario]\n", 0},
        {"[let]\n", 0},
    };

    EXPECT_WARNINGS(samples);
}

Test(lint, replies_of_several_lines_have_one_code_and_an_end)
{
    static const struct sample samples[] = {
        {"[RCPT]\nreply = 550-a\n        550 b\n", 0},
        {"[RCPT]\nreply = 550-a\n        551 b\n", 1},
        {"[RCPT]\nreply = 550 a\nreply = 451 b\n", 0},
        {"[RCPT]\nreply = 550-a\n", 1},
        {"[RCPT]\nreply = 550-a\ndelay = 1s\nreply = 550 b\n", 0},
        {"[RCPT]\nreply = 550-a\nreply = default\n", 1},
        {"[RCPT]\nreply = 550-a\nclose = reset\n", 1},
        {"[RCPT]\ndeliberate = yes\nreply = 550-a\n        551-b\n", 0},
    };

    EXPECT_WARNINGS(samples);
}

Test(lint, reply_lines_have_512_octets_at_most)
{
    static const struct sample samples[] = {
        {"[RCPT]\nreply = \"550 \" \"A\" * 506\n", 0},
        {"[RCPT]\nreply = \"550 \" \"A\" * 507\n", 1},
        {"[RCPT]\ndeliberate = yes\nreply = \"550 \" \"A\" * 12K\n", 0},
    };

    EXPECT_WARNINGS(samples);
}

Test(lint, blank_and_semicolon_end_a_reply)
{
    static const struct sample samples[] = {
        {"[RCPT]\nreply = 550 a ; b\n", 1},
        {"[RCPT]\nreply = 550-a\n        550 b ; c\n", 1},
        {"[RCPT]\nreply = 550-a\n        b ; c\n        550 d ; e\n", 2},
        {"[RCPT]\ndeliberate = yes\nreply = 550 a ; b\n", 1},
        {"[RCPT]\nreply = 550 a;b\n", 0},
        {"[RCPT]\nnote = a ; b\n", 0},
    };

    EXPECT_WARNINGS(samples);
}

Test(lint, a_rule_behind_one_that_takes_all_is_dead)
{
    static const struct sample samples[] = {
        {"[RCPT]\nreply = 550 a\n[RCPT]\nreply = 551 b\n", 1},
        {"[RCPT]\nreply = 550 a\n[RCPT]\nrecipient = x\ndelay = 1s\n", 1},
        {"[RCPT]\nclose = fin\n[RCPT]\nnth = 1\nreply = 551 b\n", 1},
        {"[RCPT]\nreply = none\n[RCPT]\nattempt = 1\nreply = 551 b\n", 1},
        {"[RCPT]\ndelay = 1s\n[RCPT]\nreply = 551 b\n", 0},
        {"[RCPT]\nreply = 550 a\n[MAIL]\nreply = 550 b\n", 0},
        {"[RCPT]\nreply = 550 a\n[MAIL RCPT]\nreply = 550 b\n", 0},
        {"[RCPT]\nreply = 550 a\n[MAIL]\nreply = 550 b\n"
         "[RCPT MAIL]\ndelay = 1s\n",
         1},
        {"[ANY]\nreply = 421 a\n[RCPT]\nreply = 550 b\n", 1},
        {"[RCPT]\nrecipient = x\nreply = 550 a\n"
         "[RCPT]\nrecipient = X\nreply = 551 b\n",
         1},
        {"[RCPT]\nrecipient = x\nreply = 550 a\n"
         "[RCPT]\nrecipient = y\nreply = 551 b\n",
         0},
        {"[RCPT]\nrecipient = x\nreply = 550 a\n"
         "[RCPT]\nsender = z\nrecipient = x\nreply = 551 b\n",
         1},
        {"[RCPT]\nrecipient = x\nreply = 550 a\n[RCPT]\nreply = 551 b\n", 0},
        {"[RCPT]\nattempt = 1\nreply = 450 a\n"
         "[RCPT]\nattempt = 1\nreply = 451 b\n",
         0},
        {"[RCPT]\nnth = 1-2\nreply = 450 a\n"
         "[RCPT]\nnth = <=2\nreply = 451 b\n",
         0},
        {"[RCPT]\nnth = 1-2\nreply = 450 a\n"
         "[RCPT]\nnth = 1..2\nreply = 451 b\n",
         1},
        {"[RCPT]\nclient = 10.0.0.0/8\nreply = 450 a\n"
         "[RCPT]\nclient = 10.0.0.0/9\nreply = 451 b\n",
         0},
        {"[RCPT]\nreply = 550 a\n[RCPT]\ndeliberate = yes\nreply = 551 b\n", 1},
        {"[RCPT]\nreply = 550 ${attempt}\n[RCPT]\nreply = 551 b\n", 1},
        {"[RCPT]\nnth = 1-\nreply = 550 a\n[RCPT]\nreply = 551 b\n", 1},
        {"[RCPT]\nnth domain = 1-\nreply = 550 a\n[RCPT]\nreply = 551 b\n", 0},
        {"[RCPT]\nnth domain = 2\nreply = 550 a\n"
         "[RCPT]\nnth domain = 2\nreply = 551 b\n",
         1},
        {"[RCPT]\nnth domain = 2\nreply = 550 a\n"
         "[RCPT]\nnth recipient = 2\nreply = 551 b\n",
         0},
        {"[RCPT]\nnth = every 1\nreply = 550 a\n[RCPT]\nreply = 551 b\n", 1},
        {"[RCPT]\nnth = 2-\nreply = 550 a\n[RCPT]\nreply = 551 b\n", 0},
        {"[RCPT]\nnth = every 2\nreply = 550 a\n[RCPT]\nreply = 551 b\n", 0},
        {"[RCPT]\nnth = 1-9\nreply = 550 a\n[RCPT]\nreply = 551 b\n", 0},
        {"[RCPT]\nattempt = >0\nreply = 550 a\n[RCPT]\nreply = 551 b\n", 1},
        {"[RCPT]\nsession = >=1\nreply = 550 a\n[RCPT]\nreply = 551 b\n", 1},
        {"[RCPT]\ntransaction = 0-\nreply = 550 a\n[RCPT]\nreply = 551 b\n", 1},
        {"[RCPT]\ntransaction = 1-\nreply = 550 a\n[RCPT]\nreply = 551 b\n", 0},
        {"[RCPT]\nage = >=0s\nreply = 550 a\n[RCPT]\nreply = 551 b\n", 1},
        {"[RCPT]\nage = >0s\nreply = 550 a\n[RCPT]\nreply = 551 b\n", 0},
        {"[RCPT]\nchance = 100%\nreply = 550 a\n[RCPT]\nreply = 551 b\n", 1},
        {"[RCPT]\nchance = 99.9999%\nreply = 550 a\n[RCPT]\nreply = 551 b\n",
         0},
        {"[RCPT]\nrate = 1-/1m\nreply = 550 a\n[RCPT]\nreply = 551 b\n", 1},
        {"[RCPT]\nrate = >1/1m\nreply = 550 a\n[RCPT]\nreply = 551 b\n", 0},
        {"[RCPT]\nconcurrent = >0\nreply = 550 a\n[RCPT]\nreply = 551 b\n", 1},
        {"[RCPT]\nconcurrent = >1\nreply = 550 a\n[RCPT]\nreply = 551 b\n", 0},
        {"[RCPT]\nconcurrent = >1\nreply = 550 a\n"
         "[RCPT]\nconcurrent = >1\nreply = 551 b\n",
         1},
        {"[RCPT]\nconcurrent = >1\nreply = 550 a\n"
         "[RCPT]\nper = client\nconcurrent = >1\nreply = 551 b\n",
         0},
        {"[RCPT]\nstate = start\nreply = 550 a\n[RCPT]\nreply = 551 b\n", 0},
        {"[RCPT]\nstate = start\nreply = 550 a\n"
         "[RCPT]\nstate = start\nreply = 551 b\n",
         1},
        {"[RCPT]\nstate = start\nreply = 550 a\n"
         "[RCPT]\nper = client\nstate = start\nreply = 551 b\n",
         0},
        {"[RCPT]\nesmtp = no\nreply = 550 a\n"
         "[RCPT]\nesmtp = no\nreply = 551 b\n",
         1},
        {"[RCPT]\nesmtp = no\nreply = 550 a\n"
         "[RCPT]\nesmtp = yes\nreply = 551 b\n",
         0},
        {"[RCPT]\nper = client\nattempt = 1-\nreply = 550 a\n"
         "[RCPT]\nreply = 551 b\n",
         1},
        {"[RCPT]\nper = recipient\nattempt = 1-\nreply = 550 a\n"
         "[RCPT]\nreply = 551 b\n",
         0},
        {"[RCPT]\nper = recipient\nattempt = 1-\nreply = 550 a\n"
         "[RCPT]\nper = recipient\nattempt = 2\nreply = 551 b\n",
         1},
        {"[RCPT]\nrecipient = /\\w/\nreply = 550 a\n"
         "[RCPT]\nrecipient = /\\w/\nreply = 551 b\n",
         1},
        {"[RCPT]\nrecipient = /\\w/\nreply = 550 a\n"
         "[RCPT]\nrecipient = /\\W/\nreply = 551 b\n",
         0},
    };

    EXPECT_WARNINGS(samples);
}

Test(lint, counters_want_a_rule_that_counts)
{
    static const struct sample samples[] = {
        {"[RCPT]\nper = client\nreply = 550 a\n", 1},
        {"[RCPT]\nper = client\nattempt = 1\nreply = 550 a\n", 0},
        {"[RCPT]\nper = client\nreply = 550 ${attempt}\n", 0},
        {"[RCPT]\nper = client\nrate = 1/1m\nreply = 450 a\n", 0},
        {"[RCPT]\nper = client\nchance = 1%\nreply = 450 a\n", 0},
        {"[RCPT]\nper = client\nstate = start\nreply = 450 a\n", 0},
        {"[RCPT]\nper = client\nnext-state = a\nreply = 450 a\n", 0},
        {"[RCPT]\nper = client\nconcurrent = 1\nreply = 450 a\n", 0},
        {"[RCPT]\nper = sender\nconcurrent = 1\nreply = 450 a\n", 1},
        {"[RCPT]\nage = 5m\nreply = 550 a\n", 1},
        {"[RCPT]\nage = 0s\nreply = 550 a\n", 0},
    };

    EXPECT_WARNINGS(samples);
}

Test(lint, a_state_wants_an_action_that_sets_it)
{
    static const struct sample samples[] = {
        {"[RCPT]\nstate = start\nreply = 450 a\n", 0},
        {"[RCPT]\nstate = busy\nreply = 450 a\n", 1},
        {"[RCPT]\nstate = Busy\nreply = 450 a\n[MAIL]\nnext-state = busy\n", 0},
        {"[MAIL]\nnext-state = busy\n[RCPT]\nstate = busy\nreply = 450 a\n", 0},
        {"[RCPT]\nper = client\nstate = busy\nreply = 450 a\n"
         "[MAIL]\nnext-state = busy\n",
         1},
        {"[RCPT]\nstate = b*, /x/\nreply = 450 a\n", 0},
    };

    EXPECT_WARNINGS(samples);
}

Test(lint, strict_makes_errors_of_warnings)
{
    struct text_file files[] = {{"t.ini", "[RCPT]\nreply = 600 x\n", 0, 0},
                                {NULL, NULL, 0, 0}};
    const char *path = "t.ini";
    struct sf_load load = {.paths = &path,
                           .path_count = 1,
                           .is_strict = true,
                           .read = read_text_file,
                           .read_ctx = files};
    struct loaded loaded = load_all(&load);

    cr_assert_eq(loaded.result, SF_ESCENARIO);
    cr_assert_eq(sf_diags_count(loaded.diags, SF_SEVERITY_ERROR), 1);
    cr_assert_eq(sf_diags_count(loaded.diags, SF_SEVERITY_WARNING), 0);
    loaded_fini(&loaded);
}
