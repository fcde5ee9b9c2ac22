/* test_counter.c - draws and states. */
#include "rule/counter.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/slice.h"

static struct sf_counters counters;
static struct sf_slice recipient = SF_SLICE_LIT("rcpt@example.test");
static struct sf_subject subject;

static void set_up(void)
{
    cr_assert_eq(sf_counters_init(&counters), 0);
    subject = (struct sf_subject){
        .event = SF_EVENT_RCPT,
        .client = SF_SLICE_LIT("127.0.0.1"),
        .listener = SF_SLICE_LIT("default"),
        .has_sender = true,
        .sender = SF_SLICE_LIT("from@example.test"),
        .recipients = &recipient,
        .recipient_count = 1,
        .session = 1,
        .transaction = 1,
    };
}

static void tear_down(void)
{
    sf_counters_fini(&counters);
}

TestSuite(counter, .init = set_up, .fini = tear_down);

static const struct sf_rule chance = {.has_chance = true, .identity = 42};

static uint64_t draw(const struct sf_rule *rule, uint64_t seed)
{
    struct sf_tally tally = {0};

    cr_assert_eq(sf_counters_add(&counters, rule, &subject, seed, 0, &tally),
                 0);
    return tally.drawn;
}

/* Written down because a seed has to draw the same faults in every version. */
Test(counter, draws_are_fixed_for_all_time)
{
    static const struct sf_rule per_client = {.has_chance = true,
                                              .identity = 42,
                                              .index = 1,
                                              .per = SF_PER_BIT(SF_PER_CLIENT)};

    cr_assert_eq(draw(&chance, 1), 378640);
    cr_assert_eq(draw(&chance, 1), 100928);
    cr_assert_eq(draw(&per_client, 1), 147542);
    subject.event = SF_EVENT_EHLO;
    cr_assert_eq(draw(&chance, 1), 147542, "no sender is known: by client");
}

/* The draws of one seed for three attempts, in a new run. */
static void
draw_three(const struct sf_rule *rule, uint64_t seed, uint64_t out_draws[3])
{
    sf_counters_fini(&counters);
    cr_assert_eq(sf_counters_init(&counters), 0);
    for (size_t i = 0; i < 3; i++) {
        out_draws[i] = draw(rule, seed);
    }
}

static bool equal_draws(const uint64_t a[3], const uint64_t b[3])
{
    return a[0] == b[0] && a[1] == b[1] && a[2] == b[2];
}

Test(counter, a_draw_depends_on_seed_rule_key_and_attempt_only)
{
    struct sf_rule rule = chance;
    uint64_t first[3];
    uint64_t again[3];

    draw_three(&rule, 1, first);
    cr_assert(first[0] != first[1] && first[1] != first[2]);
    rule.index = 7;
    rule.line = 99;
    subject.session = 5;
    subject.now_us = 1000000;
    subject.client = sf_slice_str("10.0.0.1");
    subject.sender = sf_slice_str("FROM@example.test");
    draw_three(&rule, 1, again);
    cr_assert(equal_draws(first, again));
    draw_three(&rule, 2, again);
    cr_assert_not(equal_draws(first, again), "another seed");
    rule.identity++;
    draw_three(&rule, 1, again);
    cr_assert_not(equal_draws(first, again), "another rule");
    rule = chance;
    recipient = sf_slice_str("other@example.test");
    draw_three(&rule, 1, again);
    cr_assert_not(equal_draws(first, again), "another recipient");
}

/* 10000 keys, 25%: 2500 are expected, with a standard deviation of 43. */
Test(counter, a_chance_holds_as_often_as_it_says)
{
    unsigned counts[4] = {0};

    for (unsigned i = 0; i < 10000; i++) {
        char text[32];

        snprintf(text, sizeof(text), "user%u@example.test", i);
        recipient = sf_slice_str(text);
        counts[draw(&chance, 1) / (SF_CHANCE_WHOLE / 4)]++;
    }
    for (size_t i = 0; i < 4; i++) {
        cr_assert(counts[i] > 2240 && counts[i] < 2760, "%zu: %u", i,
                  counts[i]);
    }
}

Test(counter, a_key_has_the_state_that_was_set_last)
{
    const unsigned per = SF_PER_BIT(SF_PER_RECIPIENT);
    static const char busy[] = "busy";
    struct sf_slice key = sf_counters_state_key(&counters, per, &subject);

    cr_assert_str_eq(sf_counters_get_state(&counters, key), "start");
    cr_assert_eq(sf_counters_set_state(&counters, key, busy), 0);
    cr_assert_eq(sf_counters_get_state(&counters, key), busy);
    key = sf_counters_state_key(&counters, 0, &subject);
    cr_assert_str_eq(sf_counters_get_state(&counters, key), "start",
                     "another set of keys has states of its own");
    recipient = sf_slice_str("other@example.test");
    key = sf_counters_state_key(&counters, per, &subject);
    cr_assert_str_eq(sf_counters_get_state(&counters, key), "start");
}
