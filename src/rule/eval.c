/* eval.c - evaluates the rules of an event in file order.
 *
 * One walk does both passes of the contract: rules with counters of their own
 * count whenever their other conditions hold, also behind the rule that takes
 * the event; all others are looked at only until one takes it. */
#include "rule/eval.h"

#include <stdlib.h>

#include "base/slice.h"
#include "base/text.h"
#include "rule/condition.h"
#include "rule/key.h"

#define SCALED_FROM_US 1000000u

/* A hundred thousand years: no clock gets there, and no sum overflows. */
#define SCALED_MAX_US 4e18

/* What a trace shows of a fact, in octets. */
#define ACTUAL_LIMIT_BYTES 65536

/* What the groups of all firings of an event may hold, in octets. */
#define TEXT_LIMIT_BYTES 16777216

/* One evaluation. */
struct walk {
    const struct sf_rules_context *context;
    const struct sf_subject *subject;
    struct sf_decision *decision;
    int err; /* ends the walk */
};

uint64_t sf_speed_scale(double speed, uint64_t us)
{
    double scaled_us;

    if (us < SCALED_FROM_US || us == SF_FOREVER_US) {
        return us;
    }
    scaled_us = (double)us / speed;
    return scaled_us < SCALED_MAX_US ? (uint64_t)scaled_us
                                     : (uint64_t)SCALED_MAX_US;
}

void sf_decision_init(struct sf_decision *decision)
{
    *decision = (struct sf_decision){0};
    sf_buf_init(&decision->text, TEXT_LIMIT_BYTES);
}

void sf_decision_fini(struct sf_decision *decision)
{
    free(decision->firings);
    sf_buf_fini(&decision->text);
    sf_decision_init(decision);
}

struct sf_slice sf_decision_group(const struct sf_decision *decision,
                                  const struct sf_firing *firing,
                                  unsigned number)
{
    return sf_groups_get(&firing->groups, &decision->text, number);
}

struct sf_slice sf_decision_state_key(const struct sf_decision *decision,
                                      const struct sf_firing *firing)
{
    return sf_slice(decision->text.ptr + firing->state_offset,
                    firing->state_len);
}

/* Telling. */

static void tell(const struct walk *walk, const struct sf_trace_step *step)
{
    const struct sf_trace *trace = walk->context->trace;

    if (trace != NULL) {
        trace->tell(trace->ctx, walk->subject->event, step);
    }
}

static void tell_failure(const struct walk *walk,
                         const struct sf_rule *rule,
                         const struct sf_condition *condition,
                         const struct sf_fact *fact)
{
    struct sf_trace_step step = {
        .rule = rule,
        .outcome = SF_TRACE_FAILS,
        .condition = condition,
        .missing = SF_PER_COUNT,
    };
    struct sf_buf text;

    if (walk->context->trace == NULL) {
        return;
    }
    sf_buf_init(&text, ACTUAL_LIMIT_BYTES);
    if (fact->is_known) {
        sf_condition_put_fact(&text, condition, fact);
        step.actual = sf_buf_slice(&text);
        if (step.actual.ptr == NULL) {
            step.actual.ptr = "";
        }
    }
    tell(walk, &step);
    sf_buf_fini(&text);
}

/* Conditions. */

/* A key that is not known cannot be counted: the rule does not hold. */
static bool knows_key(const struct walk *walk, const struct sf_rule *rule)
{
    struct sf_trace_step step = {.rule = rule, .outcome = SF_TRACE_FAILS};

    if (rule->per == 0) {
        return true;
    }
    step.missing = sf_key_missing(rule->per, walk->subject);
    if (step.missing != SF_PER_COUNT) {
        tell(walk, &step);
        return false;
    }
    return true;
}

/* The state as it was when the event came: it is set by actions only. */
static struct sf_slice find_state(struct walk *walk, const struct sf_rule *rule)
{
    struct sf_counters *counters = walk->context->counters;
    struct sf_slice key =
        sf_counters_state_key(counters, rule->per, walk->subject);

    walk->err = counters->key.failed;
    return sf_slice_str(sf_counters_get_state(counters, key));
}

static bool all_hold(struct walk *walk, const struct sf_rule *rule)
{
    if (!knows_key(walk, rule)) {
        return false;
    }
    for (size_t i = 0; i < rule->condition_count; i++) {
        const struct sf_condition *condition = &rule->conditions[i];
        struct sf_fact fact = sf_condition_fact(condition, walk->subject);
        struct sf_slice state;

        if (condition->kind == SF_CONDITION_STATE) {
            state = find_state(walk, rule);
            fact = (struct sf_fact){true, &state, 1, 0};
        }
        if (!sf_condition_holds(condition, &fact)) {
            tell_failure(walk, rule, condition, &fact);
            return false;
        }
    }
    return true;
}

/* The condition at the run's speed, and with the numbers that it takes from
 * groups; false if these are none. */
static bool resolve(const struct walk *walk,
                    const struct sf_firing *firing,
                    const struct sf_condition *condition,
                    struct sf_condition *out_resolved)
{
    struct sf_selector *selector = &out_resolved->u.selector;
    double speed = walk->context->speed;

    *out_resolved = *condition;
    if (condition->kind == SF_CONDITION_AGE) {
        selector->low = sf_speed_scale(speed, selector->low);
        selector->end = sf_speed_scale(speed, selector->end);
    }
    return sf_groups_resolve(&firing->groups, &walk->decision->text, selector);
}

static struct sf_fact find_counted(enum sf_condition_kind kind,
                                   const struct sf_tally *tally)
{
    uint64_t number = tally->attempt;

    if (kind == SF_CONDITION_AGE) {
        number = tally->age_us;
    } else if (kind == SF_CONDITION_RATE) {
        number = tally->recent;
    } else if (kind == SF_CONDITION_CHANCE) {
        number = tally->drawn;
    }
    return (struct sf_fact){true, NULL, 0, number};
}

static bool all_hold_counted(const struct walk *walk,
                             const struct sf_firing *firing)
{
    const struct sf_rule *rule = firing->rule;

    for (size_t i = 0; i < rule->counted_count; i++) {
        const struct sf_condition *condition = &rule->counted[i];
        struct sf_fact fact = find_counted(condition->kind, &firing->tally);
        struct sf_condition resolved;

        if (!resolve(walk, firing, condition, &resolved) ||
            !sf_condition_holds(&resolved, &fact)) {
            tell_failure(walk, rule, condition, &fact);
            return false;
        }
    }
    return true;
}

/* The walk. */

static int add_firing(struct sf_decision *decision,
                      const struct sf_firing *firing)
{
    if (decision->count == decision->size) {
        size_t size = decision->size == 0 ? 4 : decision->size * 2;
        struct sf_firing *grown =
            realloc(decision->firings, size * sizeof(*grown));

        if (grown == NULL) {
            return SF_ENOMEM;
        }
        decision->firings = grown;
        decision->size = size;
    }
    decision->firings[decision->count++] = *firing;
    return 0;
}

/* What the actions will want to know when the subject may be another. */
static int keep_for_actions(const struct walk *walk, struct sf_firing *firing)
{
    struct sf_counters *counters = walk->context->counters;
    struct sf_buf *text = &walk->decision->text;
    struct sf_slice key;

    if (firing->rule->has_next_state) {
        key = sf_counters_state_key(counters, firing->rule->per, walk->subject);
        firing->state_offset = text->len;
        firing->state_len = key.len;
        sf_buf_put_slice(text, key);
    }
    return text->failed;
}

static int count_rule(const struct walk *walk, struct sf_firing *firing)
{
    const struct sf_rule *rule = firing->rule;

    if (rule->uses_groups) {
        sf_groups_capture(rule, walk->subject, &walk->decision->text,
                          &firing->groups);
    }
    if (!rule->has_counters) {
        return walk->decision->text.failed;
    }
    return sf_counters_add(
        walk->context->counters, rule, walk->subject, walk->context->seed,
        sf_speed_scale(walk->context->speed, rule->rate_window_us),
        &firing->tally);
}

/* Whether the rule, whose other conditions hold, applies once its counters
 * have counted. */
static void apply_rule(struct walk *walk, const struct sf_rule *rule)
{
    struct sf_firing firing = {.rule = rule};

    walk->err = count_rule(walk, &firing);
    if (walk->err != 0 || walk->decision->has_taker ||
        !all_hold_counted(walk, &firing)) {
        return;
    }
    tell(walk,
         &(struct sf_trace_step){.rule = rule, .outcome = SF_TRACE_APPLIES});
    walk->decision->has_taker = rule->is_taker;
    walk->err = keep_for_actions(walk, &firing);
    if (walk->err == 0) {
        walk->err = add_firing(walk->decision, &firing);
    }
}

static void try_rule(struct walk *walk, const struct sf_rule *rule)
{
    if (all_hold(walk, rule) && walk->err == 0) {
        apply_rule(walk, rule);
    }
}

/* Behind the rule that takes the event: nothing applies, but all counts. */
static void pass_rule(struct walk *walk, const struct sf_rule *rule)
{
    struct sf_rules_context context = *walk->context;
    struct walk silent = *walk;

    tell(walk,
         &(struct sf_trace_step){.rule = rule, .outcome = SF_TRACE_TAKEN});
    if (rule->has_counters) {
        context.trace = NULL;
        silent.context = &context;
        try_rule(&silent, rule);
        walk->err = silent.err;
    }
}

/* Counts the values that the rules of the event count by, whichever of them
 * takes it. */
static int count_values(const struct sf_rules_context *context,
                        struct sf_subject *subject)
{
    unsigned keys = context->rules->nth_keys[subject->event];
    int err = 0;

    for (unsigned per = 0; per < SF_PER_COUNT && err == 0; per++) {
        if (keys & SF_PER_BIT(per)) {
            err = sf_counters_find_nth(context->counters, (enum sf_per)per,
                                       subject, &subject->nth_of[per]);
        }
    }
    return err;
}

int sf_rules_eval(const struct sf_rules_context *context,
                  struct sf_subject *subject,
                  struct sf_decision *decision)
{
    const struct sf_ruleset *rules = context->rules;
    size_t count = rules->by_event_count[subject->event];
    struct walk walk = {context, subject, decision,
                        count_values(context, subject)};

    decision->count = 0;
    decision->has_taker = false;
    sf_buf_clear(&decision->text);
    for (size_t i = 0; i < count && walk.err == 0; i++) {
        const struct sf_rule *rule = rules->by_event[subject->event][i];

        if (decision->has_taker) {
            pass_rule(&walk, rule);
        } else {
            try_rule(&walk, rule);
        }
    }
    return walk.err;
}
