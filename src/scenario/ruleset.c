/* ruleset.c - the rules of all files, put together. */
#include "scenario/ruleset.h"

#include "scenario/check.h"

/* Whether the rule needs the identity of messages. */
static bool uses_message(const struct sf_rule *rule)
{
    if (rule->per & SF_PER_BIT(SF_PER_MESSAGE)) {
        return true;
    }
    for (size_t i = 0; i < rule->action_count; i++) {
        const struct sf_template *template = sf_check_text(&rule->actions[i]);

        for (size_t j = 0; template != NULL && j < template->count; j++) {
            if (template->pieces[j].is_name &&
                template->pieces[j].name == SF_NAME_MESSAGE) {
                return true;
            }
        }
    }
    return false;
}

/* The set of sf_per by which the rule has `nth KEY`. */
static unsigned find_nth_keys(const struct sf_rule *rule)
{
    unsigned keys = 0;

    for (size_t i = 0; i < rule->condition_count; i++) {
        if (rule->conditions[i].is_by_key) {
            keys |= SF_PER_BIT(rule->conditions[i].key);
        }
    }
    return keys;
}

static bool uses_concurrent(const struct sf_rule *rule)
{
    for (size_t i = 0; i < rule->condition_count; i++) {
        if (rule->conditions[i].kind == SF_CONDITION_CONCURRENT) {
            return true;
        }
    }
    return false;
}

/* Shares what all rates may keep among the rules that have one. */
static void share_rates(struct sf_rule *rules, size_t count)
{
    size_t rates = 0;

    for (size_t i = 0; i < count; i++) {
        if (rules[i].rate_size > 0) {
            rules[i].rate_index = rates++;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (rules[i].rate_size > 0) {
            size_t keys = SF_RATE_TIMES_MAX / rates / rules[i].rate_size;

            rules[i].rate_keys_max = keys == 0 ? 1 : keys;
        }
    }
}

/* Fills the list of the rules of one event. */
static bool
index_event(struct sf_loader *loader, struct sf_ruleset *rules, unsigned event)
{
    size_t count = 0;
    const struct sf_rule **list = NULL;

    for (size_t i = 0; i < rules->count; i++) {
        count += (rules->rules[i].events & SF_EVENT_BIT(event)) != 0;
    }
    list = sf_loader_keep(loader, (count + 1) * sizeof(const struct sf_rule *));
    if (list == NULL) {
        return false;
    }
    rules->by_event[event] = list;
    rules->by_event_count[event] = count;
    for (size_t i = 0; i < rules->count; i++) {
        if (rules->rules[i].events & SF_EVENT_BIT(event)) {
            *list++ = &rules->rules[i];
            rules->nth_keys[event] |= find_nth_keys(&rules->rules[i]);
        }
    }
    return true;
}

bool sf_ruleset_make(struct sf_loader *loader,
                     const struct sf_drafts *drafts,
                     struct sf_ruleset *out_rules)
{
    struct sf_rule *rules =
        sf_loader_keep(loader, (drafts->count + 1) * sizeof(*rules));

    if (rules == NULL) {
        return false;
    }
    *out_rules = (struct sf_ruleset){.rules = rules, .count = drafts->count};
    for (const struct sf_draft *draft = drafts->first; draft;
         draft = draft->next) {
        rules[draft->rule.index] = draft->rule;
        out_rules->needs_message |= uses_message(&draft->rule);
        out_rules->needs_concurrent |= uses_concurrent(&draft->rule);
    }
    share_rates(rules, drafts->count);
    for (unsigned event = 0; event < SF_EVENT_COUNT; event++) {
        if (!index_event(loader, out_rules, event)) {
            return false;
        }
    }
    return true;
}
