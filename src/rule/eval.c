/* eval.c - evaluates the rules of an event in file order.
 *
 * One walk does both passes of the contract: rules with counters of their own
 * count whenever their other conditions hold, also behind the rule that takes
 * the event; all others are looked at only until one takes it. */
#include "rule/eval.h"

#include <stdlib.h>

#include "base/slice.h"
#include "base/text.h"
#include "rule/match.h"
#include "smtp/path.h"

#define SCALED_FROM_US 1000000u

struct count {
    uint64_t attempt;
    uint64_t first_us;
};

uint64_t sf_speed_scale(double speed, uint64_t us)
{
    if (us < SCALED_FROM_US || us == SF_FOREVER_US) {
        return us;
    }
    return (uint64_t)((double)us / speed);
}

int sf_counters_init(struct sf_counters *counters)
{
    sf_buf_init(&counters->key, SIZE_MAX / 2);
    counters->map = sf_map_new(sizeof(struct count), SF_COUNTER_KEYS_MAX);
    return counters->map == NULL ? SF_ENOMEM : 0;
}

void sf_counters_fini(struct sf_counters *counters)
{
    sf_map_free(counters->map);
    sf_buf_fini(&counters->key);
}

void sf_decision_fini(struct sf_decision *decision)
{
    free(decision->firings);
    *decision = (struct sf_decision){0};
}

/* Conditions. */

static bool matches_recipient(const struct sf_list *list,
                              const struct sf_subject *subject)
{
    for (size_t i = 0; i < subject->recipient_count; i++) {
        if (sf_list_matches(list, subject->recipients[i])) {
            return true;
        }
    }
    return false;
}

static bool holds(const struct sf_condition *condition,
                  const struct sf_subject *subject)
{
    const struct sf_list *list = &condition->u.list;
    const struct sf_selector *selector = &condition->u.selector;

    switch (condition->kind) {
    case SF_CONDITION_CLIENT:
        return sf_list_matches(list, subject->client);
    case SF_CONDITION_LISTENER:
        return sf_list_matches(list, subject->listener);
    case SF_CONDITION_HELO:
        return subject->has_helo && sf_list_matches(list, subject->helo);
    case SF_CONDITION_SENDER:
        return subject->has_sender && sf_list_matches(list, subject->sender);
    case SF_CONDITION_RECIPIENT:
        return matches_recipient(list, subject);
    case SF_CONDITION_ARGUMENT:
        return subject->has_argument &&
               sf_list_matches(list, subject->argument);
    case SF_CONDITION_SESSION:
        return sf_selector_matches(selector, subject->session);
    case SF_CONDITION_TRANSACTION:
        return sf_selector_matches(selector, subject->transaction);
    case SF_CONDITION_NTH:
        return sf_selector_matches(selector, subject->nth);
    case SF_CONDITION_ATTEMPT:
    case SF_CONDITION_AGE:
    case SF_CONDITION_COUNT:
        break; /* counted: holds_counted() */
    }
    return false;
}

/* A key that is not known cannot be counted: the rule does not hold. */
static bool knows_key(const struct sf_rule *rule,
                      const struct sf_subject *subject)
{
    const unsigned of_recipient =
        SF_PER_BIT(SF_PER_RECIPIENT) | SF_PER_BIT(SF_PER_DOMAIN);

    return (subject->has_helo || !(rule->per & SF_PER_BIT(SF_PER_HELO))) &&
           (subject->has_sender || !(rule->per & SF_PER_BIT(SF_PER_SENDER))) &&
           (subject->recipient_count > 0 || !(rule->per & of_recipient));
}

static bool all_hold(const struct sf_rule *rule,
                     const struct sf_subject *subject)
{
    if (!knows_key(rule, subject)) {
        return false;
    }
    for (size_t i = 0; i < rule->condition_count; i++) {
        if (!holds(&rule->conditions[i], subject)) {
            return false;
        }
    }
    return true;
}

static bool holds_counted(const struct sf_condition *condition,
                          const struct sf_firing *firing,
                          double speed)
{
    struct sf_selector scaled = condition->u.selector;

    if (condition->kind == SF_CONDITION_ATTEMPT) {
        return sf_selector_matches(&scaled, firing->attempt);
    }
    scaled.low = sf_speed_scale(speed, scaled.low);
    scaled.end = sf_speed_scale(speed, scaled.end);
    return sf_selector_matches(&scaled, firing->age_us);
}

static bool all_hold_counted(const struct sf_firing *firing, double speed)
{
    const struct sf_rule *rule = firing->rule;

    for (size_t i = 0; i < rule->counted_count; i++) {
        if (!holds_counted(&rule->counted[i], firing, speed)) {
            return false;
        }
    }
    return true;
}

/* Counters. */

static void put_number(struct sf_buf *key, uint64_t number)
{
    sf_buf_append(key, &number, sizeof(number));
}

/* Lengths go along so that no client can make one key look like another. */
static void put_text(struct sf_buf *key, struct sf_slice text)
{
    put_number(key, text.len);
    for (size_t i = 0; i < text.len; i++) {
        sf_buf_putc(key, sf_ascii_lower(text.ptr[i]));
    }
}

static void
put_per(struct sf_buf *key, enum sf_per per, const struct sf_subject *subject)
{
    struct sf_slice recipient = {"", 0};

    if (subject->recipient_count > 0) {
        recipient = subject->recipients[0];
    }
    switch (per) {
    case SF_PER_CLIENT:
        put_text(key, subject->client);
        break;
    case SF_PER_LISTENER:
        put_text(key, subject->listener);
        break;
    case SF_PER_SESSION:
        put_number(key, subject->session);
        break;
    case SF_PER_HELO:
        put_text(key, subject->helo);
        break;
    case SF_PER_SENDER:
        put_text(key, subject->sender);
        break;
    case SF_PER_TRANSACTION:
        put_number(key, subject->session);
        put_number(key, subject->transaction);
        break;
    case SF_PER_RECIPIENT:
        put_text(key, recipient);
        break;
    case SF_PER_DOMAIN:
        put_text(key, sf_path_domain(recipient));
        break;
    case SF_PER_MESSAGE:
        put_text(key, subject->message);
        break;
    case SF_PER_COUNT:
        break;
    }
}

static int count_rule(struct sf_counters *counters,
                      const struct sf_subject *subject,
                      struct sf_firing *firing)
{
    const struct sf_rule *rule = firing->rule;
    struct count *count;
    bool is_new;

    sf_buf_clear(&counters->key);
    put_number(&counters->key, rule->index);
    for (int per = 0; per < SF_PER_COUNT; per++) {
        if (rule->per & SF_PER_BIT(per)) {
            put_per(&counters->key, (enum sf_per)per, subject);
        }
    }
    if (counters->key.failed) {
        return counters->key.failed;
    }
    count = sf_map_get(counters->map, sf_buf_slice(&counters->key), &is_new);
    if (count == NULL) {
        return SF_ENOMEM;
    }
    if (is_new) {
        count->first_us = subject->now_us;
    }
    firing->attempt = ++count->attempt;
    firing->age_us = subject->now_us - count->first_us;
    return 0;
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

static int try_rule(const struct sf_rule *rule,
                    const struct sf_subject *subject,
                    double speed,
                    struct sf_counters *counters,
                    struct sf_decision *decision)
{
    struct sf_firing firing = {.rule = rule};
    int err;

    if (decision->has_taker && !rule->has_counters) {
        return 0;
    }
    if (!all_hold(rule, subject)) {
        return 0;
    }
    if (rule->has_counters) {
        err = count_rule(counters, subject, &firing);
        if (err != 0) {
            return err;
        }
    }
    if (decision->has_taker || !all_hold_counted(&firing, speed)) {
        return 0;
    }
    decision->has_taker = rule->is_taker;
    return add_firing(decision, &firing);
}

int sf_rules_eval(const struct sf_ruleset *rules,
                  const struct sf_subject *subject,
                  double speed,
                  struct sf_counters *counters,
                  struct sf_decision *decision)
{
    decision->count = 0;
    decision->has_taker = false;
    for (size_t i = 0; i < rules->by_event_count[subject->event]; i++) {
        const struct sf_rule *rule = rules->by_event[subject->event][i];
        int err = try_rule(rule, subject, speed, counters, decision);

        if (err != 0) {
            return err;
        }
    }
    return 0;
}
