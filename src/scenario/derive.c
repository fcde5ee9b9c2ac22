/* derive.c - what follows from the conditions and actions of a rule. */
#include "scenario/derive.h"

#include "base/hash.h"
#include "base/slice.h"
#include "rule/action.h"
#include "scenario/odds.h"
#include "scenario/template.h"

/* When the events of the rule come. */
static void derive_moments(struct sf_rule *rule)
{
    rule->at_bytes = UINT64_MAX;
    rule->after_us = UINT64_MAX;
    for (size_t i = 0; i < rule->condition_count; i++) {
        const struct sf_condition *condition = &rule->conditions[i];

        if (condition->kind == SF_CONDITION_AT) {
            rule->at_bytes = condition->u.selector.low;
        } else if (condition->kind == SF_CONDITION_AFTER) {
            rule->after_us = condition->u.selector.low;
        }
    }
}

static bool uses_groups(const struct sf_condition *condition)
{
    return condition->kind == SF_CONDITION_ATTEMPT &&
           condition->u.selector.low_group + condition->u.selector.end_group >
               0;
}

static void derive_counted(struct sf_rule *rule)
{
    rule->has_counters = rule->counted_count > 0;
    rule->age_end_us = UINT64_MAX;
    for (size_t i = 0; i < rule->counted_count; i++) {
        const struct sf_condition *condition = &rule->counted[i];
        const struct sf_selector *selector = &condition->u.selector;

        rule->uses_groups |= uses_groups(condition);
        if (condition->kind == SF_CONDITION_AGE &&
            selector->end < rule->age_end_us) {
            rule->age_end_us = selector->end;
        } else if (condition->kind == SF_CONDITION_RATE) {
            rule->rate_size = sf_odds_rate_size(selector);
            rule->rate_window_us = condition->window_us;
        } else if (condition->kind == SF_CONDITION_CHANCE) {
            rule->has_chance = true;
        }
    }
}

static void derive_names(struct sf_rule *rule, const struct sf_template *text)
{
    for (size_t i = 0; text != NULL && i < text->count; i++) {
        enum sf_name name = text->pieces[i].name;

        if (text->pieces[i].is_name) {
            rule->has_counters |=
                name == SF_NAME_ATTEMPT || name == SF_NAME_REMAINING;
            rule->uses_groups |= sf_template_group(name) > 0;
        }
    }
}

static void derive_actions(struct sf_rule *rule)
{
    rule->has_next_state = sf_rule_has_action(rule, SF_ACTION_NEXT_STATE);
    for (size_t i = 0; i < rule->action_count; i++) {
        const struct sf_action *action = &rule->actions[i];

        rule->is_taker |= sf_action_has(action, SF_ACTION_TAKES);
        rule->uses_groups |=
            action->kind == SF_ACTION_REPLY && action->u.reply.code_group > 0;
        derive_names(rule, sf_action_text(action));
    }
}

void sf_derive_rule(struct sf_rule *rule)
{
    derive_moments(rule);
    derive_counted(rule);
    derive_actions(rule);
}

uint64_t sf_derive_identity(const struct sf_rule *rule, bool has_label)
{
    return has_label ? sf_hash_octets(0, sf_slice_str(rule->label))
                     : sf_hash_u64(0, rule->index);
}
