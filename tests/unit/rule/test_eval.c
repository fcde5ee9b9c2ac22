/* test_eval.c - which rules take an event, and what they count. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/slice.h"
#include "base/text.h"
#include "rule/eval.h"

#define S_US 1000000u

static struct sf_counters counters;
static struct sf_decision decision;
static struct sf_slice recipient = SF_SLICE_LIT("rcpt@example.test");
static struct sf_subject subject;
static const struct sf_trace *trace;

static void set_up(void)
{
    cr_assert_eq(sf_counters_init(&counters), 0);
    sf_decision_init(&decision);
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
        .nth = 1,
    };
}

static void tear_down(void)
{
    sf_decision_fini(&decision);
    sf_counters_fini(&counters);
}

TestSuite(eval, .init = set_up, .fini = tear_down);

/* Evaluates `count` rules at the subject's event. */
static void eval(const struct sf_rule *rules, size_t count, double speed)
{
    const struct sf_rule *pointers[8];
    struct sf_ruleset set = {.rules = rules, .count = count};
    struct sf_subject own = subject;
    struct sf_rules_context context = {
        .rules = &set, .speed = speed, .counters = &counters, .trace = trace};

    for (size_t i = 0; i < count; i++) {
        pointers[i] = &rules[i];
        for (size_t j = 0; j < rules[i].condition_count; j++) {
            if (rules[i].conditions[j].is_by_key) {
                set.nth_keys[subject.event] |=
                    SF_PER_BIT(rules[i].conditions[j].key);
            }
        }
    }
    set.by_event[subject.event] = pointers;
    set.by_event_count[subject.event] = count;
    cr_assert_eq(sf_rules_eval(&context, &own, &decision), 0);
}

static const char *taker(void)
{
    return decision.has_taker ? decision.firings[decision.count - 1].rule->label
                              : "none";
}

Test(eval, the_first_taker_in_file_order_takes_the_event)
{
    static const struct sf_rule rules[] = {
        {.label = "first", .index = 0, .is_taker = true},
        {.label = "second", .index = 1, .is_taker = true},
    };

    eval(rules, 2, 1);
    cr_assert_str_eq(taker(), "first");
    cr_assert_eq(decision.count, 1);
}

Test(eval, rules_that_take_nothing_apply_only_before_the_taker)
{
    static const struct sf_rule rules[] = {
        {.label = "slow", .index = 0},
        {.label = "taker", .index = 1, .is_taker = true},
        {.label = "too late", .index = 2},
    };

    eval(rules, 3, 1);
    cr_assert_eq(decision.count, 2);
    cr_assert_str_eq(decision.firings[0].rule->label, "slow");
    cr_assert_str_eq(taker(), "taker");
}

Test(eval, a_condition_on_an_unknown_fact_does_not_hold)
{
    static const struct sf_pattern any = {.kind = SF_PATTERN_GLOB,
                                          .text = SF_SLICE_LIT("*")};
    static const struct sf_condition helo = {.kind = SF_CONDITION_HELO,
                                             .u.list = {&any, 1}};
    static const struct sf_rule rule = {.label = "helo",
                                        .conditions = &helo,
                                        .condition_count = 1,
                                        .is_taker = true};

    eval(&rule, 1, 1);
    cr_assert_str_eq(taker(), "none");
    subject.has_helo = true;
    eval(&rule, 1, 1);
    cr_assert_str_eq(taker(), "helo");
}

static const struct sf_condition attempt_1 = {
    .kind = SF_CONDITION_ATTEMPT, .u.selector = {.low = 1, .end = 2}};
static const struct sf_condition attempt_2 = {
    .kind = SF_CONDITION_ATTEMPT, .u.selector = {.low = 2, .end = 3}};
static const struct sf_condition attempt_3 = {
    .kind = SF_CONDITION_ATTEMPT, .u.selector = {.low = 3, .end = 4}};

Test(eval, a_ladder_of_attempts_answers_in_its_order)
{
    static const struct sf_rule rules[] = {
        {.label = "one",
         .index = 0,
         .has_counters = true,
         .counted = &attempt_1,
         .counted_count = 1,
         .is_taker = true},
        {.label = "two",
         .index = 1,
         .has_counters = true,
         .counted = &attempt_2,
         .counted_count = 1,
         .is_taker = true},
        {.label = "three",
         .index = 2,
         .has_counters = true,
         .counted = &attempt_3,
         .counted_count = 1,
         .is_taker = true},
    };
    static const char *const expected[] = {"one", "two", "three", "none"};

    for (size_t i = 0; i < 4; i++) {
        eval(rules, 3, 1);
        cr_assert_str_eq(taker(), expected[i], "attempt %zu", i + 1);
    }
}

Test(eval, counters_of_different_keys_do_not_disturb_each_other)
{
    static const struct sf_rule rule = {.label = "first only",
                                        .has_counters = true,
                                        .per = SF_PER_BIT(SF_PER_RECIPIENT),
                                        .counted = &attempt_1,
                                        .counted_count = 1,
                                        .is_taker = true};
    struct sf_slice other = SF_SLICE_LIT("other@example.test");

    eval(&rule, 1, 1);
    cr_assert(decision.has_taker);
    subject.recipients = &other;
    eval(&rule, 1, 1);
    cr_assert(decision.has_taker, "another recipient is another key");
    subject.recipients = &recipient;
    eval(&rule, 1, 1);
    cr_assert_not(decision.has_taker);
}

Test(eval, keys_are_not_glued_together)
{
    static const struct sf_rule rule = {.label = "pair",
                                        .has_counters = true,
                                        .per = SF_PER_BIT(SF_PER_SENDER) |
                                               SF_PER_BIT(SF_PER_RECIPIENT),
                                        .counted = &attempt_1,
                                        .counted_count = 1,
                                        .is_taker = true};
    struct sf_slice rcpt = SF_SLICE_LIT("c");

    subject.sender = sf_slice_str("ab");
    subject.recipients = &rcpt;
    eval(&rule, 1, 1);
    subject.sender = sf_slice_str("a");
    rcpt = sf_slice_str("bc");
    eval(&rule, 1, 1);
    cr_assert(decision.has_taker, "ab + c is not a + bc");
}

/* age = <5m */
static const struct sf_condition window = {
    .kind = SF_CONDITION_AGE, .u.selector = {.low = 0, .end = 300u * S_US}};
static const struct sf_rule greylist = {.label = "greylist",
                                        .has_counters = true,
                                        .per = SF_PER_BIT(SF_PER_CLIENT) |
                                               SF_PER_BIT(SF_PER_SENDER) |
                                               SF_PER_BIT(SF_PER_RECIPIENT),
                                        .counted = &window,
                                        .counted_count = 1,
                                        .is_taker = true};

Test(eval, age_is_the_time_since_the_key_was_first_seen)
{
    static const struct {
        uint64_t at_us;
        bool takes;
    } cases[] = {{7, true},
                 {7 + 299u * S_US, true},
                 {7 + 300u * S_US - 1, true},
                 {7 + 300u * S_US, false},
                 {7 + 301u * S_US, false}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        subject.now_us = cases[i].at_us;
        eval(&greylist, 1, 1);
        cr_assert_eq(decision.has_taker, cases[i].takes, "case %zu", i);
    }
}

Test(eval, speed_divides_ages_of_a_second_and_more)
{
    eval(&greylist, 1, 60);
    subject.now_us = 5u * S_US - 1;
    eval(&greylist, 1, 60);
    cr_assert(decision.has_taker);
    subject.now_us = 5u * S_US;
    eval(&greylist, 1, 60);
    cr_assert_not(decision.has_taker);
}

Test(eval, speed_leaves_short_times_and_forever_alone)
{
    cr_assert_eq(sf_speed_scale(60, 999999), 999999);
    cr_assert_eq(sf_speed_scale(60, S_US), S_US / 60);
    cr_assert_eq(sf_speed_scale(60, SF_FOREVER_US), SF_FOREVER_US);
    cr_assert_eq(sf_speed_scale(0.5, 2u * S_US), 4u * S_US);
    cr_assert_gt(sf_speed_scale(1e-300, S_US), 1000000u * S_US);
    cr_assert_lt(sf_speed_scale(1e-300, S_US), UINT64_MAX / 2);
}

Test(eval, recipient_holds_if_it_does_for_any_accepted_one)
{
    static const struct sf_pattern bob = {.kind = SF_PATTERN_LITERAL,
                                          .text = SF_SLICE_LIT("bob@b.test")};
    static const struct sf_condition condition = {
        .kind = SF_CONDITION_RECIPIENT, .u.list = {&bob, 1}};
    static const struct sf_rule rule = {.label = "bob",
                                        .conditions = &condition,
                                        .condition_count = 1,
                                        .is_taker = true};
    struct sf_slice both[] = {SF_SLICE_LIT("alice@a.test"),
                              SF_SLICE_LIT("bob@b.test")};

    subject.event = SF_EVENT_MESSAGE;
    subject.recipients = both;
    subject.recipient_count = 1;
    eval(&rule, 1, 1);
    cr_assert_not(decision.has_taker);
    subject.recipient_count = 2;
    eval(&rule, 1, 1);
    cr_assert(decision.has_taker);
}

/* Tracing. */

static char told[1024];

static void
write_step(void *ctx, enum sf_event event, const struct sf_trace_step *step)
{
    static const char *const outcomes[] = {[SF_TRACE_APPLIES] = "applies",
                                           [SF_TRACE_FAILS] = "fails",
                                           [SF_TRACE_TAKEN] = "is behind"};
    size_t len = strlen(told);

    (void)event;
    cr_assert_eq(ctx, told);
    snprintf(told + len, sizeof(told) - len, "%s %s", step->rule->label,
             outcomes[step->outcome]);
    len = strlen(told);
    if (step->outcome == SF_TRACE_FAILS && step->condition != NULL) {
        snprintf(told + len, sizeof(told) - len, " (%s: %.*s)",
                 step->condition->text,
                 step->actual.ptr == NULL ? 1 : (int)step->actual.len,
                 step->actual.ptr == NULL ? "?" : step->actual.ptr);
    } else if (step->outcome == SF_TRACE_FAILS) {
        snprintf(told + len, sizeof(told) - len, " (per %d)",
                 (int)step->missing);
    }
    strcat(told, "\n");
}

Test(eval, a_trace_tells_of_every_rule_what_became_of_it)
{
    static const struct sf_pattern eve = {.kind = SF_PATTERN_LITERAL,
                                          .text = SF_SLICE_LIT("eve@a.test")};
    static const struct sf_condition conditions[] = {
        {.kind = SF_CONDITION_SENDER,
         .text = "sender = eve@a.test",
         .u.list = {&eve, 1}},
        {.kind = SF_CONDITION_HELO, .text = "helo = x", .u.list = {&eve, 1}},
        {.kind = SF_CONDITION_NTH,
         .text = "nth = 2",
         .u.selector = {.low = 2, .end = 3}},
        {.kind = SF_CONDITION_ESMTP, .text = "esmtp = yes", .u.is_on = true},
    };
    static const struct sf_condition second = {
        .kind = SF_CONDITION_ATTEMPT,
        .text = "attempt = 2",
        .u.selector = {.low = 2, .end = 3}};
    static const struct sf_condition late = {
        .kind = SF_CONDITION_AGE,
        .text = "age = >=5m",
        .u.selector = {.low = 300u * S_US, .end = UINT64_MAX}};
    static const struct sf_rule rules[] = {
        {.label = "sender", .conditions = &conditions[0], .condition_count = 1},
        {.label = "helo", .conditions = &conditions[1], .condition_count = 1},
        {.label = "nth", .conditions = &conditions[2], .condition_count = 1},
        {.label = "esmtp", .conditions = &conditions[3], .condition_count = 1},
        {.label = "key", .per = SF_PER_BIT(SF_PER_HELO), .has_counters = true},
        {.label = "second",
         .index = 5,
         .has_counters = true,
         .counted = &second,
         .counted_count = 1},
        {.label = "late",
         .index = 6,
         .has_counters = true,
         .counted = &late,
         .counted_count = 1},
        {.label = "taker", .index = 7, .is_taker = true},
    };
    static const struct sf_trace writer = {write_step, told};

    told[0] = '\0';
    trace = &writer;
    eval(rules, 8, 1);
    cr_assert_str_eq(told,
                     "sender fails (sender = eve@a.test: "
                     "from@example.test)\n"
                     "helo fails (helo = x: ?)\n"
                     "nth fails (nth = 2: 1)\n"
                     "esmtp fails (esmtp = yes: no)\n"
                     "key fails (per 3)\n"
                     "second fails (attempt = 2: 1)\n"
                     "late fails (age = >=5m: 0s)\n"
                     "taker applies\n");
    trace = NULL;
}

Test(eval, a_trace_says_who_came_too_late_and_these_count_all_the_same)
{
    static const struct sf_rule rules[] = {
        {.label = "taker", .is_taker = true},
        {.label = "plain", .index = 1, .is_taker = true},
        {.label = "second",
         .index = 2,
         .has_counters = true,
         .counted = &attempt_2,
         .counted_count = 1,
         .is_taker = true},
    };
    static const struct sf_trace writer = {write_step, told};

    told[0] = '\0';
    trace = &writer;
    eval(rules, 3, 1);
    cr_assert_str_eq(told,
                     "taker applies\nplain is behind\n"
                     "second is behind\n");
    trace = NULL;
    eval(&rules[2], 1, 1);
    cr_assert(decision.has_taker, "it has counted one before");
}

/* Groups. */

static regex_t regexes[2];

static void compile_regexes(const char *first, const char *second)
{
    cr_assert_eq(regcomp(&regexes[0], first, REG_EXTENDED | REG_ICASE), 0);
    cr_assert_eq(regcomp(&regexes[1], second, REG_EXTENDED | REG_ICASE), 0);
}

static void free_regexes(void)
{
    regfree(&regexes[0]);
    regfree(&regexes[1]);
}

static const struct sf_pattern first_regex = {.kind = SF_PATTERN_REGEX,
                                              .regex = &regexes[0]};
static const struct sf_pattern second_regex = {.kind = SF_PATTERN_REGEX,
                                               .regex = &regexes[1]};

/* Group `number` of the last firing. */
static const char *group(unsigned number)
{
    static char text[64];
    struct sf_slice slice = sf_decision_group(
        &decision, &decision.firings[decision.count - 1], number);

    snprintf(text, sizeof(text), "%.*s", (int)slice.len, slice.ptr);
    return text;
}

Test(eval, groups_are_those_of_the_first_positive_regex_that_matched)
{
    const struct sf_pattern negated = {
        .kind = SF_PATTERN_REGEX, .is_negated = true, .regex = &regexes[1]};
    const struct sf_pattern sender_items[] = {negated};
    const struct sf_pattern items[] = {first_regex, second_regex};
    const struct sf_condition conditions[] = {
        {.kind = SF_CONDITION_SENDER, .u.list = {sender_items, 1}},
        {.kind = SF_CONDITION_RECIPIENT, .u.list = {items, 2}},
    };
    const struct sf_rule rule = {.label = "groups",
                                 .conditions = conditions,
                                 .condition_count = 2,
                                 .uses_groups = true};

    compile_regexes("^(x)?([0-9]+)@", "^([a-z]+)@(.*)$");
    subject.sender = sf_slice_str("");
    eval(&rule, 1, 1);
    cr_assert_eq(decision.count, 1);
    cr_assert_str_eq(group(1), "rcpt");
    cr_assert_str_eq(group(2), "example.test");
    cr_assert_str_eq(group(3), "");
    recipient = sf_slice_str("42@b");
    eval(&rule, 1, 1);
    cr_assert_str_eq(group(1), "", "it took no part");
    cr_assert_str_eq(group(2), "42");
    free_regexes();
}

Test(eval, groups_are_copies_and_of_the_recipient_that_the_list_holds_for)
{
    char text[] = "bob-7@b.test";
    struct sf_slice both[] = {SF_SLICE_LIT("eve-5@b.test"),
                              {text, sizeof(text) - 1}};
    const struct sf_pattern not_eve = {
        .kind = SF_PATTERN_REGEX, .is_negated = true, .regex = &regexes[1]};
    const struct sf_pattern items[] = {first_regex, not_eve};
    const struct sf_condition condition = {.kind = SF_CONDITION_RECIPIENT,
                                           .u.list = {items, 2}};
    const struct sf_rule rules[] = {
        {.label = "one",
         .conditions = &condition,
         .condition_count = 1,
         .uses_groups = true},
        {.label = "two",
         .conditions = &condition,
         .condition_count = 1,
         .uses_groups = true},
    };

    compile_regexes("-([0-9]+)@(.*)", "^eve");
    subject.recipients = both;
    subject.recipient_count = 2;
    eval(rules, 2, 1);
    memset(text, 'x', sizeof(text));
    cr_assert_eq(decision.count, 2);
    cr_assert_str_eq(group(1), "7");
    cr_assert(sf_slice_eq_str(
        sf_decision_group(&decision, &decision.firings[0], 2), "b.test"));
    free_regexes();
}

Test(eval, a_group_may_be_the_bound_of_attempt)
{
    static const struct {
        struct sf_selector selector;
        const char *recipient;
        unsigned holds; /* bit n: at attempt n + 1 */
    } cases[] = {
        {{.low = 0, .end = 1, .end_group = 1}, "2@b", 3}, /* <=${1} */
        {{.low = 0, .end = 0, .end_group = 1}, "2@b", 1}, /* <${1} */
        {{.low = 1, .end = UINT64_MAX, .low_group = 1}, "2@b", 12},
        {{.low = 0, .end = 1, .low_group = 1, .end_group = 1}, "3@b", 4},
        {{.low = 2, .end = 1, .end_group = 1}, "3@b", 6},
        {{.low = 2, .end = 1, .end_group = 1}, "1@b", 0},
        {{.low = 0, .end = 1, .end_group = 1}, "x@b", 0},
        {{.low = 0, .end = 1, .end_group = 1}, "99999999999999999999@b", 0},
        {{.low = 0, .end = 1, .end_group = 1}, "1000000000001@b", 0},
        {{.low = 0, .end = 1, .end_group = 1}, "1000000000000@b", 15},
        {{.low = 0, .end = 1, .end_group = 2}, "2@b", 0},
    };

    compile_regexes("^(.*)@b", "x");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct sf_condition condition = {.kind = SF_CONDITION_RECIPIENT,
                                               .u.list = {&first_regex, 1}};
        const struct sf_condition counted = {.kind = SF_CONDITION_ATTEMPT,
                                             .u.selector = cases[i].selector};
        const struct sf_rule rule = {.label = "bound",
                                     .index = (unsigned)i,
                                     .conditions = &condition,
                                     .condition_count = 1,
                                     .has_counters = true,
                                     .counted = &counted,
                                     .counted_count = 1,
                                     .uses_groups = true,
                                     .is_taker = true};
        unsigned holds = 0;

        recipient = sf_slice_str(cases[i].recipient);
        for (unsigned n = 0; n < 4; n++) {
            eval(&rule, 1, 1);
            holds |= decision.has_taker ? 1u << n : 0;
        }
        cr_assert_eq(holds, cases[i].holds, "case %zu: %x", i, holds);
    }
    free_regexes();
}

Test(eval, at_and_after_hold_when_the_event_is_their_own)
{
    static const struct sf_condition at = {
        .kind = SF_CONDITION_AT, .u.selector = {.low = 65536, .end = 65537}};
    static const struct sf_condition after = {
        .kind = SF_CONDITION_AFTER,
        .u.selector = {.low = 10u * S_US, .end = 10u * S_US + 1}};
    static const struct sf_rule body = {
        .label = "body", .conditions = &at, .condition_count = 1};
    static const struct sf_rule timer = {
        .label = "timer", .conditions = &after, .condition_count = 1};
    static const struct {
        const struct sf_rule *rule;
        enum sf_event event;
        uint64_t moment;
        size_t count;
    } cases[] = {
        {&body, SF_EVENT_BODY, 65536, 1},
        {&body, SF_EVENT_BODY, 65535, 0},
        {&body, SF_EVENT_RCPT, 65535, 1}, /* asked only at BODY */
        {&timer, SF_EVENT_TIMER, 10u * S_US, 1},
        {&timer, SF_EVENT_IDLE, 10u * S_US, 1},
        {&timer, SF_EVENT_IDLE, 9u * S_US, 0},
        {&timer, SF_EVENT_RCPT, 10u * S_US, 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        subject.event = cases[i].event;
        subject.at_bytes = cases[i].moment;
        subject.after_us = cases[i].moment;
        eval(cases[i].rule, 1, 60);
        cr_assert_eq(decision.count, cases[i].count, "case %zu", i);
    }
}

Test(eval, different_values_are_numbered_in_their_scope_whoever_takes_the_event)
{
    static const struct sf_condition second = {
        .kind = SF_CONDITION_NTH,
        .is_by_key = true,
        .key = SF_PER_DOMAIN,
        .u.selector = {.low = 2, .end = 3}};
    static const struct sf_pattern blocked = {
        .kind = SF_PATTERN_GLOB, .text = SF_SLICE_LIT("blocked@*")};
    static const struct sf_condition is_blocked = {
        .kind = SF_CONDITION_RECIPIENT, .u.list = {&blocked, 1}};
    static const struct sf_rule rules[] = {
        {.label = "blocked",
         .conditions = &is_blocked,
         .condition_count = 1,
         .is_taker = true},
        {.label = "second",
         .index = 1,
         .conditions = &second,
         .condition_count = 1,
         .is_taker = true},
    };
    static const struct {
        uint64_t session;
        uint64_t scope;
        const char *recipient;
        const char *taker;
    } cases[] = {
        {1, 1, "blocked@one.test", "blocked"},
        {1, 1, "a@two.test", "second"},
        {1, 1, "a@ONE.test", "none"},
        {1, 1, "b@two.test", "second"},
        {1, 1, "b@three.test", "none"},
        {1, 2, "b@three.test", "none"},
        {1, 2, "b@one.test", "second"},
        {2, 1, "b@three.test", "none"},
        {2, 1, NULL, "none"},
        {2, 1, "b@one.test", "second"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        recipient = sf_slice_str(cases[i].recipient);
        subject.recipient_count = cases[i].recipient != NULL;
        subject.session = cases[i].session;
        subject.scope = cases[i].scope;
        eval(rules, 2, 1);
        cr_assert_str_eq(taker(), cases[i].taker, "case %zu", i);
    }
}
