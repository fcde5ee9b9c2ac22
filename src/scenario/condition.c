/* condition.c - the conditions of a rule, and the key that it counts by. */
#include "rule/condition.h"
#include "base/text.h"
#include "scenario/build.h"
#include "scenario/odds.h"
#include "scenario/selector.h"
#include "scenario/template.h"

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
    if (sf_condition_first(kind) == 1 && is_range && selector->end <= 1 &&
        selector->end_group == 0) {
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

/* A condition stands in the rule once; with a second word in its key, once for
 * each. */
static bool claim(struct sf_rule_build *build,
                  const struct sf_entry *entry,
                  enum sf_condition_kind kind)
{
    struct sf_slice key = sf_slice_str(entry->key);
    const char *hint = SF_BUILD_KEEP_ONE;

    if (sf_condition_get(kind)->type == SF_CONDITION_IS_LIST) {
        hint = SF_BUILD_LIST;
    } else if (entry->is_continuation) {
        hint = "only lists go on in an indented line";
    }
    if (!check_order(build, entry)) {
        return false;
    }
    for (size_t i = 0; i < build->claim_count; i++) {
        const struct sf_entry *other = build->claims[i];

        if (sf_slice_eq_str_nocase(key, other->key)) {
            const struct sf_place *place = &other->place;

            return sf_build_once(build, entry, hint, &place);
        }
    }
    build->claims[build->claim_count++] = entry;
    if (build->places.conditions[kind] == NULL) {
        build->places.conditions[kind] = &entry->place;
    }
    return true;
}

static struct sf_condition *add_condition(struct sf_rule_build *build,
                                          const struct sf_entry *entry,
                                          enum sf_condition_kind kind)
{
    struct sf_rule *rule = &build->draft->rule;
    struct sf_condition *condition = NULL;

    if (sf_condition_is_counted(kind)) {
        condition = &build->counted[rule->counted_count++];
    } else {
        build->condition_places[rule->condition_count] = entry->place;
        condition = &build->conditions[rule->condition_count++];
    }
    condition->kind = kind;
    condition->text = describe(build, entry);
    return condition;
}

/* The name of a header field: RFC 5322 3.6.8, printable and without colon. */
static bool take_field_name(struct sf_rule_build *build,
                            const struct sf_entry *entry,
                            struct sf_slice *out_name)
{
    struct sf_slice name = sf_keys_word(entry);

    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] <= ' ' || name.ptr[i] > '~') {
            sf_loader_error(build->loader, &entry->place,
                            "for example `header Subject = *invoice*`",
                            "`%.*s` is no name of a header field",
                            SF_SLICE_ARG(name));
            return false;
        }
    }
    if (name.len == 0) {
        sf_loader_error(build->loader, &entry->place,
                        "for example `header Subject = *invoice*`",
                        "`header` lacks the name of a field");
        return false;
    }
    out_name->ptr = sf_loader_keep_text(build->loader, name);
    out_name->len = name.len;
    return true;
}

static void open_list(struct sf_rule_build *build,
                      const struct sf_entry *entry,
                      enum sf_condition_kind kind)
{
    struct sf_slice name = {NULL, 0};

    build->list = (struct sf_list_build){NULL, 0, 0};
    build->open_list = NULL;
    if (kind == SF_CONDITION_HEADER && !take_field_name(build, entry, &name)) {
        return;
    }
    if (claim(build, entry, kind)) {
        build->open_list = add_condition(build, entry, kind);
        build->open_list->name = name;
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

/* A group may be a number of `attempt`: its name is put back in its place.  A
 * dollar sign of the text's own begins no name: there are no groups then. */
static bool expand_with_groups(struct sf_rule_build *build,
                               const struct sf_entry *entry,
                               struct sf_value *out_value,
                               enum sf_selector_form *out_form)
{
    struct sf_loader *loader = build->loader;
    struct sf_value value;
    struct sf_buf text;
    size_t at = 0;

    if (!sf_value_expand(loader, build->lets, &entry->place, entry->value,
                         SF_VALUE_PLAIN, &value)) {
        return false;
    }
    if (sf_slice_find(value.text, '$') < value.text.len) {
        *out_form = SF_SELECTOR_NUMBERS;
        *out_value = value;
        return true;
    }
    *out_form = SF_SELECTOR_NUMBERS_OR_GROUPS;
    sf_buf_init(&text, SF_VALUE_SIZE_MAX);
    for (size_t i = 0; i < value.name_count; i++) {
        if (sf_template_group(value.names[i].name) == 0) {
            sf_buf_fini(&text);
            return sf_build_expand(build, entry, SF_VALUE_PLAIN, out_value);
        }
        sf_buf_append(&text, value.text.ptr + at, value.names[i].offset - at);
        sf_buf_printf(&text, "${%s}", sf_template_name(value.names[i].name));
        at = value.names[i].offset;
    }
    sf_buf_append(&text, value.text.ptr + at, value.text.len - at);
    value.text = sf_buf_slice(&text);
    value.text.ptr = sf_loader_borrow_text(loader, value.text);
    loader->is_out_of_memory |= text.failed == SF_ENOMEM;
    sf_buf_fini(&text);
    *out_value = value;
    return !loader->is_out_of_memory;
}

static const enum sf_selector_form forms[] = {
    [SF_CONDITION_IS_NUMBER] = SF_SELECTOR_NUMBERS,
    [SF_CONDITION_IS_SIZE] = SF_SELECTOR_SIZES,
    [SF_CONDITION_IS_DURATION] = SF_SELECTOR_DURATIONS,
};

static bool parse_selector(struct sf_rule_build *build,
                           const struct sf_entry *entry,
                           struct sf_condition *condition)
{
    enum sf_selector_form form = forms[sf_condition_get(condition->kind)->type];
    struct sf_value value;

    if (condition->kind == SF_CONDITION_ATTEMPT) {
        if (!expand_with_groups(build, entry, &value, &form)) {
            return false;
        }
    } else if (!sf_build_expand(build, entry, SF_VALUE_PLAIN, &value)) {
        return false;
    }
    return sf_selector_parse(build->loader, &entry->place, entry->key, form,
                             value.text, &condition->u.selector) &&
           check_selector(build, entry, condition->kind,
                          &condition->u.selector);
}

/* `nth domain`: the second word is a key of `per`. */
static bool parse_key(struct sf_rule_build *build,
                      const struct sf_entry *entry,
                      struct sf_condition *condition)
{
    struct sf_slice word = sf_keys_word(entry);

    condition->is_by_key = word.len > 0;
    return word.len == 0 || sf_list_find_per(build->loader, &entry->place,
                                             "nth", word, &condition->key);
}

/* `at` and `after` say when their event comes: one value, no range. */
static bool parse_moment(struct sf_rule_build *build,
                         const struct sf_entry *entry,
                         struct sf_condition *condition)
{
    bool is_size = condition->kind == SF_CONDITION_AT;
    struct sf_value value;
    uint64_t moment = 0;

    if (!sf_build_expand(build, entry, SF_VALUE_PLAIN, &value) ||
        !(is_size
              ? sf_selector_parse_size(build->loader, &entry->place, entry->key,
                                       value.text, &moment)
              : sf_selector_parse_duration(build->loader, &entry->place,
                                           entry->key, value.text, &moment))) {
        return false;
    }
    if (moment == 0 || moment == SF_FOREVER_US) {
        sf_loader_error(
            build->loader, &entry->place,
            is_size ? "for example `at = 64K`" : "for example `after = 10s`",
            "`%s` cannot be `%.*s`", entry->key, SF_SLICE_ARG(value.text));
        return false;
    }
    condition->u.selector =
        (struct sf_selector){.low = moment, .end = moment + 1};
    return true;
}

static bool parse_odds(struct sf_rule_build *build,
                       const struct sf_entry *entry,
                       struct sf_condition *condition)
{
    struct sf_value value;

    if (!sf_build_expand(build, entry, SF_VALUE_PLAIN, &value)) {
        return false;
    }
    if (condition->kind == SF_CONDITION_CHANCE) {
        return sf_odds_parse_chance(build->loader, &entry->place, value.text,
                                    &condition->u.selector);
    }
    return sf_odds_parse_rate(build->loader, &entry->place, value.text,
                              condition) &&
           check_selector(build, entry, condition->kind,
                          &condition->u.selector);
}

static bool parse_value(struct sf_rule_build *build,
                        const struct sf_entry *entry,
                        struct sf_condition *condition)
{
    if (sf_condition_get(condition->kind)->type == SF_CONDITION_IS_SWITCH) {
        return sf_build_parse_switch(build, entry, &condition->u.is_on);
    }
    if (sf_condition_get(condition->kind)->type == SF_CONDITION_IS_RATE ||
        sf_condition_get(condition->kind)->type == SF_CONDITION_IS_CHANCE) {
        return parse_odds(build, entry, condition);
    }
    if (condition->kind == SF_CONDITION_AT ||
        condition->kind == SF_CONDITION_AFTER) {
        return parse_moment(build, entry, condition);
    }
    return parse_selector(build, entry, condition);
}

/* A condition that is no list stands in one line. */
static void compile_single(struct sf_rule_build *build,
                           const struct sf_entry *entry,
                           enum sf_condition_kind kind)
{
    struct sf_condition parsed = {.kind = kind};
    struct sf_condition *condition = NULL;
    bool is_ok = claim(build, entry, kind);

    if (kind == SF_CONDITION_NTH && !parse_key(build, entry, &parsed)) {
        return;
    }
    if (!parse_value(build, entry, &parsed) || !is_ok) {
        return;
    }
    condition = add_condition(build, entry, kind);
    condition->is_by_key = parsed.is_by_key;
    condition->key = parsed.key;
    condition->window_us = parsed.window_us;
    condition->u = parsed.u;
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
