/* condition.c - the conditions of a rule, and the key that it counts by. */
#include "rule/condition.h"
#include "scenario/build.h"
#include "scenario/selector.h"

static bool check_order(struct sf_rule_build *build,
                        const struct sf_entry *entry)
{
    if (build->actions.count == 0) {
        return true;
    }
    sf_loader_error(
        build->loader, &entry->place, "conditions come first, then the actions",
        "`%s` is a condition and stands behind an action", entry->key);
    return false;
}

/* Session, nth and attempt count from 1; before the first MAIL there are 0
 * transactions. */
static bool check_selector(struct sf_rule_build *build,
                           const struct sf_entry *entry,
                           enum sf_condition_kind kind,
                           const struct sf_selector *selector)
{
    bool is_range = selector->kind == SF_SELECTOR_RANGE;

    if (kind == SF_CONDITION_AGE && is_range && selector->low > 0 &&
        selector->end == selector->low + 1) {
        sf_loader_warn(build->loader, &entry->place,
                       sf_arena_printf(&build->loader->scratch,
                                       "did you mean `>=%s` or `<%s`?",
                                       entry->value, entry->value),
                       "`age` is hardly ever `%s` to the microsecond",
                       entry->value);
    }
    if (kind != SF_CONDITION_SESSION && kind != SF_CONDITION_NTH &&
        kind != SF_CONDITION_ATTEMPT) {
        return true;
    }
    if (is_range && selector->end <= 1) {
        sf_loader_error(build->loader, &entry->place,
                        "the first one is 1; `1-` is every one",
                        "`%s` counts from 1", entry->key);
        return false;
    }
    return true;
}

/* The condition as it was written, for those who ask what failed. */
static const char *describe(struct sf_rule_build *build,
                            const struct sf_entry *entry)
{
    const char *text = sf_arena_printf(build->loader->arena, "%s = %s",
                                       entry->key, entry->value);

    build->loader->is_out_of_memory |= text == NULL;
    return text;
}

static void open_list(struct sf_rule_build *build,
                      const struct sf_entry *entry,
                      enum sf_condition_kind kind)
{
    struct sf_rule *rule = &build->draft->rule;
    bool is_ok = check_order(build, entry) &&
                 sf_build_once(build, entry, SF_BUILD_LIST,
                               &build->places.conditions[kind]);

    build->list = (struct sf_list_build){NULL, 0, 0};
    build->open_list = NULL;
    if (is_ok) {
        build->open_list = &build->conditions[rule->condition_count++];
        build->open_list->kind = kind;
        build->open_list->line = entry->place.line;
        build->open_list->text = describe(build, entry);
    }
}

static void describe_more(struct sf_rule_build *build,
                          const struct sf_entry *entry)
{
    struct sf_condition *list = build->open_list;

    if (list != NULL) {
        list->text = sf_arena_printf(build->loader->arena, "%s %s", list->text,
                                     entry->value);
        build->loader->is_out_of_memory |= list->text == NULL;
    }
}

/* A continuation goes on with the list. */
static void compile_list(struct sf_rule_build *build,
                         const struct sf_entry *entry,
                         enum sf_condition_kind kind)
{
    struct sf_value value;

    if (entry->is_continuation) {
        describe_more(build, entry);
    } else {
        open_list(build, entry, kind);
    }
    if (!sf_build_expand(build, entry, SF_VALUE_PATTERNS, &value) ||
        !sf_list_parse(build->loader, &entry->place, kind, &value,
                       &build->list)) {
        return;
    }
    if (build->open_list != NULL && build->open_list->kind == kind) {
        build->open_list->u.list =
            (struct sf_list){build->list.items, build->list.count};
    }
}

static bool parse_selector(struct sf_rule_build *build,
                           const struct sf_entry *entry,
                           struct sf_condition *condition)
{
    bool is_duration =
        sf_condition_get(condition->kind)->type == SF_CONDITION_IS_DURATION;
    struct sf_value value;

    return sf_build_expand(build, entry, SF_VALUE_PLAIN, &value) &&
           sf_selector_parse(build->loader, &entry->place, entry->key,
                             is_duration, value.text, &condition->u.selector) &&
           check_selector(build, entry, condition->kind,
                          &condition->u.selector);
}

/* A condition that is no list stands in one line. */
static void compile_single(struct sf_rule_build *build,
                           const struct sf_entry *entry,
                           enum sf_condition_kind kind)
{
    struct sf_rule *rule = &build->draft->rule;
    struct sf_condition condition = {.kind = kind, .line = entry->place.line};
    const char *hint = entry->is_continuation
                           ? "only lists go on in an indented line"
                           : SF_BUILD_KEEP_ONE;
    bool is_ok =
        check_order(build, entry) &&
        sf_build_once(build, entry, hint, &build->places.conditions[kind]);

    is_ok &= sf_condition_get(kind)->type == SF_CONDITION_IS_SWITCH
                 ? sf_build_parse_switch(build, entry, &condition.u.is_on)
                 : parse_selector(build, entry, &condition);
    if (!is_ok) {
        return;
    }
    condition.text = describe(build, entry);
    if (kind == SF_CONDITION_ATTEMPT || kind == SF_CONDITION_AGE) {
        build->counted[rule->counted_count++] = condition;
    } else {
        build->conditions[rule->condition_count++] = condition;
    }
}

void sf_build_per(struct sf_rule_build *build, const struct sf_entry *entry)
{
    struct sf_value value;
    bool is_ok =
        entry->is_continuation ||
        (check_order(build, entry) &&
         sf_build_once(build, entry, SF_BUILD_LIST, &build->places.per));

    if (is_ok && sf_build_expand(build, entry, SF_VALUE_LIST, &value)) {
        (void)sf_list_parse_per(build->loader, &entry->place, &value,
                                &build->draft->rule.per);
    }
}

void sf_build_condition(struct sf_rule_build *build,
                        const struct sf_entry *entry,
                        enum sf_condition_kind kind)
{
    if (sf_condition_get(kind)->type == SF_CONDITION_IS_LIST) {
        compile_list(build, entry, kind);
    } else {
        compile_single(build, entry, kind);
    }
}
