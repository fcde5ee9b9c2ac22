/* condition.c - the conditions of a rule, and the key that it counts by. */
#include "scenario/build.h"
#include "scenario/selector.h"

static const bool is_list_condition[SF_CONDITION_COUNT] = {
#define LIST               true
#define NUMBER             false
#define DURATION           false
#define X(name, key, kind) [SF_CONDITION_##name] = (kind),
    SF_CONDITION_MAP(X)
#undef X
#undef LIST
#undef NUMBER
#undef DURATION
};

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

/* A continuation goes on with the list. */
static void compile_list(struct sf_rule_build *build,
                         const struct sf_entry *entry,
                         enum sf_condition_kind kind)
{
    struct sf_rule *rule = &build->draft->rule;
    struct sf_value value;

    if (!entry->is_continuation) {
        bool is_ok = check_order(build, entry) &&
                     sf_build_once(build, entry, SF_BUILD_LIST,
                                   &build->places.conditions[kind]);

        build->list = (struct sf_list_build){NULL, 0, 0};
        build->open_list = NULL;
        if (is_ok) {
            build->open_list = &build->conditions[rule->condition_count++];
            build->open_list->kind = kind;
            build->open_list->line = entry->place.line;
        }
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

static void compile_selector(struct sf_rule_build *build,
                             const struct sf_entry *entry,
                             enum sf_condition_kind kind)
{
    struct sf_rule *rule = &build->draft->rule;
    struct sf_condition condition = {kind, entry->place.line, {{NULL, 0}}};
    struct sf_value value;
    const char *hint = entry->is_continuation
                           ? "only lists go on in an indented line"
                           : SF_BUILD_KEEP_ONE;
    bool is_ok =
        check_order(build, entry) &&
        sf_build_once(build, entry, hint, &build->places.conditions[kind]);

    if (!sf_build_expand(build, entry, SF_VALUE_PLAIN, &value) ||
        !sf_selector_parse(build->loader, &entry->place, entry->key,
                           kind == SF_CONDITION_AGE, value.text,
                           &condition.u.selector) ||
        !check_selector(build, entry, kind, &condition.u.selector) || !is_ok) {
        return;
    }
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
    if (is_list_condition[kind]) {
        compile_list(build, entry, kind);
    } else {
        compile_selector(build, entry, kind);
    }
}
