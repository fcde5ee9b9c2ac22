/* ruleset.c - the rules of all files, put together. */
#include "scenario/ruleset.h"

#include "rule/action.h"

/* Whether the rule needs the identity of messages. */
static bool uses_message(const struct sf_rule *rule)
{
    if (rule->per & SF_PER_BIT(SF_PER_MESSAGE)) {
        return true;
    }
    for (size_t i = 0; i < rule->action_count; i++) {
        const struct sf_template *template = sf_action_text(&rule->actions[i]);

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

static bool has_condition(const struct sf_rule *rule,
                          enum sf_condition_kind kind)
{
    for (size_t i = 0; i < rule->condition_count; i++) {
        if (rule->conditions[i].kind == kind) {
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
    for (size_t i = 0; rates > 0 && i < count; i++) {
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

/* Enters a point in ascending order, unless it is there.  False: no room. */
static bool add_point(uint64_t *items, size_t *count, uint64_t point)
{
    size_t at = *count;

    for (size_t i = 0; i < *count; i++) {
        if (items[i] == point) {
            return true;
        }
    }
    if (*count == SF_POINTS_MAX) {
        return false;
    }
    for (; at > 0 && items[at - 1] > point; at--) {
        items[at] = items[at - 1];
    }
    items[at] = point;
    (*count)++;
    return true;
}

/* The points at which an event happens: what its rules ask for. */
static bool make_points(struct sf_loader *loader,
                        const struct sf_drafts *drafts,
                        enum sf_event event,
                        struct sf_points *out_points)
{
    uint64_t *items = sf_loader_keep(loader, SF_POINTS_MAX * sizeof(*items));
    size_t count = 0;

    if (items == NULL) {
        return false;
    }
    for (const struct sf_draft *draft = drafts->first; draft;
         draft = draft->next) {
        const struct sf_rule *rule = &draft->rule;
        uint64_t point =
            event == SF_EVENT_BODY ? rule->at_bytes : rule->after_us;

        if ((rule->events & SF_EVENT_BIT(event)) && point != UINT64_MAX &&
            !add_point(items, &count, point)) {
            sf_loader_error(loader, &draft->place,
                            "use one that another rule has",
                            "the rules of `%s` have more than %d different "
                            "`%s`",
                            sf_event_get(event)->name, SF_POINTS_MAX,
                            event == SF_EVENT_BODY ? "at" : "after");
            return false;
        }
    }
    *out_points = (struct sf_points){items, count};
    return true;
}

/* What is done only if some rule asks for it. */
static void note_needs(struct sf_ruleset *rules, const struct sf_rule *rule)
{
    rules->needs_message |= uses_message(rule);
    rules->uses_read |= sf_rule_has_action(rule, SF_ACTION_READ);
    rules->needs_header |= has_condition(rule, SF_CONDITION_HEADER);
    rules->needs_body |= has_condition(rule, SF_CONDITION_BODY);
    rules->needs_violations |=
        has_condition(rule, SF_CONDITION_VIOLATION) ||
        (rule->events & SF_EVENT_BIT(SF_EVENT_VIOLATION));
    rules->needs_concurrent |= has_condition(rule, SF_CONDITION_CONCURRENT);
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
        note_needs(out_rules, &draft->rule);
    }
    share_rates(rules, drafts->count);
    for (unsigned event = 0; event < SF_EVENT_COUNT; event++) {
        if (!index_event(loader, out_rules, event)) {
            return false;
        }
    }
    return make_points(loader, drafts, SF_EVENT_TIMER,
                       &out_rules->timer_after) &&
           make_points(loader, drafts, SF_EVENT_IDLE, &out_rules->idle_after) &&
           make_points(loader, drafts, SF_EVENT_BODY, &out_rules->body_at);
}
