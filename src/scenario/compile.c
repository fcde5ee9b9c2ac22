/* compile.c - sections become rules.
 *
 * The entries of a section are taken one after the other; what concerns the
 * rule as a whole is looked at when all are there (check.c). */
#include "scenario/compile.h"

#include "scenario/check.h"
#include "scenario/head.h"
#include "scenario/keys.h"
#include "scenario/list.h"
#include "scenario/reply.h"
#include "scenario/selector.h"
#include "scenario/template.h"

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

/* A rule that is being compiled. */
struct build {
    struct sf_loader *loader;
    struct sf_lets *lets;
    struct sf_draft *draft;
    struct sf_condition *conditions;
    struct sf_condition *counted;
    struct sf_list_build list;      /* of the last list condition */
    struct sf_condition *open_list; /* that continuations go on with */
    struct sf_action_list actions;
    struct sf_extension_build extensions;
    size_t extensions_at; /* its action */
    struct sf_rule_places places;
    const struct sf_place *accept;
    const struct sf_place *deliberate;
};

static bool expand(struct build *build,
                   const struct sf_entry *entry,
                   enum sf_value_form form,
                   struct sf_value *out_value)
{
    return sf_value_expand_static(build->loader, build->lets, entry, form,
                                  out_value);
}

static const char *const keep_one_hint = "keep one of the two lines";
static const char *const list_hint =
    "a list goes on behind a comma, or in an indented line";

/* Remembers where a key stands that a rule has once. */
static bool check_once(struct build *build,
                       const struct sf_entry *entry,
                       const char *hint,
                       const struct sf_place **place)
{
    if (*place == NULL) {
        *place = &entry->place;
        return true;
    }
    sf_loader_error(build->loader, &entry->place, hint,
                    "`%s` stands in this rule already, in line %u", entry->key,
                    (*place)->line);
    return false;
}

static bool check_order(struct build *build, const struct sf_entry *entry)
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
static bool check_selector(struct build *build,
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
static void compile_list(struct build *build,
                         const struct sf_entry *entry,
                         enum sf_condition_kind kind)
{
    struct sf_rule *rule = &build->draft->rule;
    struct sf_value value;

    if (!entry->is_continuation) {
        bool is_ok = check_order(build, entry) &&
                     check_once(build, entry, list_hint,
                                &build->places.conditions[kind]);

        build->list = (struct sf_list_build){NULL, 0, 0};
        build->open_list = NULL;
        if (is_ok) {
            build->open_list = &build->conditions[rule->condition_count++];
            build->open_list->kind = kind;
            build->open_list->line = entry->place.line;
        }
    }
    if (!expand(build, entry, SF_VALUE_PATTERNS, &value) ||
        !sf_list_parse(build->loader, &entry->place, kind, &value,
                       &build->list)) {
        return;
    }
    if (build->open_list != NULL && build->open_list->kind == kind) {
        build->open_list->u.list =
            (struct sf_list){build->list.items, build->list.count};
    }
}

static void compile_selector(struct build *build,
                             const struct sf_entry *entry,
                             enum sf_condition_kind kind)
{
    struct sf_rule *rule = &build->draft->rule;
    struct sf_condition condition = {kind, entry->place.line, {{NULL, 0}}};
    struct sf_value value;
    const char *hint = entry->is_continuation
                           ? "only lists go on in an indented line"
                           : keep_one_hint;
    bool is_ok =
        check_order(build, entry) &&
        check_once(build, entry, hint, &build->places.conditions[kind]);

    if (!expand(build, entry, SF_VALUE_PLAIN, &value) ||
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

static void compile_per(struct build *build, const struct sf_entry *entry)
{
    struct sf_value value;
    bool is_ok = entry->is_continuation ||
                 (check_order(build, entry) &&
                  check_once(build, entry, list_hint, &build->places.per));

    if (is_ok && expand(build, entry, SF_VALUE_LIST, &value)) {
        (void)sf_list_parse_per(build->loader, &entry->place, &value,
                                &build->draft->rule.per);
    }
}

/* A value that is one of a few words. */
static bool parse_word(struct build *build,
                       const struct sf_entry *entry,
                       const char *const *words,
                       const char *hint,
                       unsigned *out_index)
{
    struct sf_value value;

    if (!expand(build, entry, SF_VALUE_PLAIN, &value)) {
        return false;
    }
    for (unsigned i = 0; words[i] != NULL; i++) {
        if (sf_slice_eq_str(value.text, words[i])) {
            *out_index = i;
            return true;
        }
    }
    sf_loader_error(build->loader, &entry->place, hint, "`%s` cannot be `%.*s`",
                    entry->key, SF_SLICE_ARG(value.text));
    return false;
}

static bool
parse_switch(struct build *build, const struct sf_entry *entry, bool *out_value)
{
    static const char *const words[] = {"no", "yes", NULL};
    unsigned index = 0;

    if (!parse_word(build, entry, words, "it is `yes` or `no`", &index)) {
        return false;
    }
    *out_value = index == 1;
    return true;
}

static void compile_deliberate(struct build *build,
                               const struct sf_entry *entry)
{
    if (check_once(build, entry, keep_one_hint, &build->deliberate)) {
        (void)parse_switch(build, entry, &build->draft->rule.is_deliberate);
    }
}

static void compile_delay(struct build *build, const struct sf_entry *entry)
{
    struct sf_action parsed = {.kind = SF_ACTION_DELAY};
    struct sf_action *action = NULL;
    struct sf_value value;

    if (!expand(build, entry, SF_VALUE_PLAIN, &value) ||
        !sf_selector_parse_delay(build->loader, &entry->place, value.text,
                                 &parsed)) {
        return;
    }
    action =
        sf_action_list_add(&build->actions, SF_ACTION_DELAY, &entry->place);
    if (action != NULL) {
        action->u.delay.kind = parsed.u.delay.kind;
        action->u.delay.low_us = parsed.u.delay.low_us;
        action->u.delay.high_us = parsed.u.delay.high_us;
    }
}

static void compile_close(struct build *build, const struct sf_entry *entry)
{
    static const char *const words[] = {"fin",  "reset",  "no",
                                        "half", "abrupt", NULL};
    struct sf_action *action = NULL;
    unsigned index = 0;

    if (!parse_word(build, entry, words, "it is `fin`, `reset` or `no`",
                    &index)) {
        return;
    }
    if (index > SF_CLOSE_NO) {
        sf_loader_error(build->loader, &entry->place,
                        "leave it out; this version has `fin`, `reset` and "
                        "`no`",
                        "`close = %s` is not implemented yet", words[index]);
        return;
    }
    action =
        sf_action_list_add(&build->actions, SF_ACTION_CLOSE, &entry->place);
    if (action != NULL) {
        action->u.close = (enum sf_close_kind)index;
    }
}

static void compile_accept(struct build *build, const struct sf_entry *entry)
{
    struct sf_action *action = NULL;
    bool is_yes = false;

    if (!check_once(build, entry, keep_one_hint, &build->accept) ||
        !parse_switch(build, entry, &is_yes)) {
        return;
    }
    action =
        sf_action_list_add(&build->actions, SF_ACTION_ACCEPT, &entry->place);
    if (action != NULL) {
        action->u.accept = is_yes;
    }
}

/* Several entries of a rule are one edit, where the first stands. */
static void compile_extensions(struct build *build,
                               const struct sf_entry *entry)
{
    struct sf_value value;

    if (build->places.extensions == NULL) {
        build->places.extensions = &entry->place;
        build->extensions_at = build->actions.count;
        (void)sf_action_list_add(&build->actions, SF_ACTION_EXTENSIONS,
                                 &entry->place);
    }
    if (expand(build, entry, SF_VALUE_LIST, &value)) {
        (void)sf_list_parse_extensions(build->loader, &entry->place, &value,
                                       &build->extensions);
    }
    build->actions.items[build->extensions_at].u.extensions =
        build->extensions.edit;
}

static void compile_note(struct build *build, const struct sf_entry *entry)
{
    struct sf_template template = {NULL, 0};
    struct sf_action *action = NULL;
    struct sf_value value;

    if (!sf_value_expand(build->loader, build->lets, &entry->place,
                         entry->value, SF_VALUE_PLAIN, &value) ||
        !sf_template_make(build->loader, &value, 0, &template)) {
        return;
    }
    action = sf_action_list_add(&build->actions, SF_ACTION_NOTE, &entry->place);
    if (action != NULL) {
        action->u.note = template;
    }
}

/* All actions but `reply`, which takes its continuations as well. */
static void (*const compilers[SF_KEY_ACTION_COUNT])(
    struct build *build, const struct sf_entry *entry) = {
    [SF_KEY_DELAY] = compile_delay,   [SF_KEY_CLOSE] = compile_close,
    [SF_KEY_ACCEPT] = compile_accept, [SF_KEY_EXTENSIONS] = compile_extensions,
    [SF_KEY_NOTE] = compile_note,
};

/* Nothing but another `close`, which is reported as such, may follow it. */
static bool check_close(struct build *build,
                        const struct sf_entry *entry,
                        enum sf_action_key key)
{
    build->places.has_action = true;
    if (key == SF_KEY_CLOSE) {
        return check_once(build, entry, keep_one_hint, &build->places.close);
    }
    if (build->places.close != NULL) {
        sf_loader_error(build->loader, &entry->place, "move it before `close`",
                        "`%s` stands behind `close`, which is always the last "
                        "action",
                        entry->key);
    }
    return true;
}

/* Returns the entry to go on with. */
static const struct sf_entry *compile_action(struct build *build,
                                             const struct sf_entry *entry,
                                             enum sf_action_key key)
{
    bool is_ok = check_close(build, entry, key);

    if (key == SF_KEY_REPLY) {
        return sf_reply_compile(build->loader, build->lets, entry,
                                &build->actions);
    }
    if (is_ok && sf_keys_has_value(build->loader, entry)) {
        compilers[key](build, entry);
    }
    return entry->next;
}

/* Returns the entry to go on with. */
static const struct sf_entry *compile_entry(struct build *build,
                                            const struct sf_entry *entry)
{
    const struct sf_key *key = NULL;

    if (entry->is_faulty) {
        build->places.has_action = true; /* perhaps; no error for its lack */
        return entry->next;
    }
    key = sf_keys_find(build->loader, SF_SECTION_RULE, entry);
    if (key == NULL) {
        build->places.has_action = true;
        while (entry->next != NULL && entry->next->is_continuation) {
            entry = entry->next;
        }
        return entry->next;
    }
    if (key->role == SF_ROLE_ACTION) {
        return compile_action(build, entry, (enum sf_action_key)key->id);
    }
    if (!sf_keys_has_value(build->loader, entry)) {
        return entry->next;
    }
    if (key->role == SF_ROLE_CONDITION && is_list_condition[key->id]) {
        compile_list(build, entry, (enum sf_condition_kind)key->id);
    } else if (key->role == SF_ROLE_CONDITION) {
        compile_selector(build, entry, (enum sf_condition_kind)key->id);
    } else if (key->role == SF_ROLE_PER) {
        compile_per(build, entry);
    } else {
        compile_deliberate(build, entry);
    }
    return entry->next;
}

/* What follows from conditions and actions. */
static void derive_rule(struct build *build)
{
    struct sf_rule *rule = &build->draft->rule;

    rule->conditions = build->conditions;
    rule->counted = build->counted;
    rule->actions = build->actions.items;
    rule->action_count = build->actions.count;
    rule->has_counters = rule->counted_count > 0;
    rule->age_end_us = UINT64_MAX;
    for (size_t i = 0; i < rule->counted_count; i++) {
        const struct sf_condition *condition = &rule->counted[i];

        if (condition->kind == SF_CONDITION_AGE &&
            condition->u.selector.end < rule->age_end_us) {
            rule->age_end_us = condition->u.selector.end;
        }
    }
    for (size_t i = 0; i < rule->action_count; i++) {
        enum sf_action_kind kind = rule->actions[i].kind;
        const struct sf_template *template = sf_check_text(&rule->actions[i]);

        rule->is_taker |=
            kind == SF_ACTION_REPLY || kind == SF_ACTION_REPLY_NONE ||
            kind == SF_ACTION_REPLY_DEFAULT || kind == SF_ACTION_CLOSE;
        for (size_t j = 0; template != NULL && j < template->count; j++) {
            enum sf_name name = template->pieces[j].name;

            rule->has_counters |=
                template->pieces[j].is_name &&
                (name == SF_NAME_ATTEMPT || name == SF_NAME_REMAINING);
        }
    }
}

/* Labels tell rules apart in journal and report. */
static void check_label(struct sf_loader *loader,
                        const struct sf_drafts *drafts,
                        const struct sf_draft *draft)
{
    for (const struct sf_draft *other = drafts->first; other;
         other = other->next) {
        if (other->has_label && sf_slice_eq_str(sf_slice_str(draft->rule.label),
                                                other->rule.label)) {
            sf_loader_error(loader, &draft->place, "a label names one rule",
                            "the label `%s` is taken, by %s:%u",
                            draft->rule.label, other->place.path,
                            other->place.line);
            return;
        }
    }
}

static void add_draft(struct sf_loader *loader,
                      struct sf_drafts *drafts,
                      struct sf_draft *draft)
{
    if (draft->has_label) {
        check_label(loader, drafts, draft);
    }
    if (drafts->count == SF_RULES_MAX) {
        sf_loader_error(loader, &draft->place,
                        "one rule may name several events, its lists many "
                        "addresses",
                        "there are more than %d rules", SF_RULES_MAX);
    }
    draft->rule.index = (unsigned)drafts->count++;
    if (drafts->last == NULL) {
        drafts->first = draft;
    } else {
        drafts->last->next = draft;
    }
    drafts->last = draft;
}

static struct sf_draft *new_draft(struct sf_loader *loader,
                                  const struct sf_section *section,
                                  const struct sf_head *head)
{
    struct sf_draft *draft = sf_loader_borrow(loader, sizeof(*draft));
    const char *label = NULL;

    if (draft == NULL) {
        return NULL;
    }
    draft->place = section->place;
    draft->named = head->named;
    draft->has_label = head->label.len > 0;
    if (draft->has_label) {
        label = sf_loader_keep_text(loader, head->label);
    } else {
        label = sf_arena_printf(loader->arena, "%.*s@%u",
                                SF_SLICE_ARG(head->first), section->place.line);
        loader->is_out_of_memory |= label == NULL;
    }
    draft->rule.label = label;
    draft->rule.path = section->place.path;
    draft->rule.line = section->place.line;
    draft->rule.events = head->events;
    return label == NULL ? NULL : draft;
}

void sf_compile_rule(struct sf_loader *loader,
                     struct sf_lets *lets,
                     const struct sf_section *section,
                     struct sf_slice name,
                     struct sf_drafts *drafts)
{
    size_t errors = loader->error_count;
    size_t room = section->entry_count + 1;
    const struct sf_entry *entry = section->entries;
    struct build build = {.loader = loader, .lets = lets};
    struct sf_head head;

    if (drafts->count > SF_RULES_MAX) {
        return;
    }
    (void)sf_head_parse(loader, &section->place, name, &head);
    build.draft = new_draft(loader, section, &head);
    build.conditions =
        sf_loader_keep(loader, SF_CONDITION_COUNT * sizeof(*build.conditions));
    build.counted =
        sf_loader_keep(loader, SF_CONDITION_COUNT * sizeof(*build.counted));
    build.actions.items =
        sf_loader_keep(loader, room * sizeof(*build.actions.items));
    build.actions.places =
        sf_loader_borrow(loader, room * sizeof(*build.actions.places));
    build.actions.room = room;
    if (loader->is_out_of_memory) {
        return;
    }
    while (entry != NULL && !loader->is_out_of_memory) {
        entry = compile_entry(&build, entry);
    }
    derive_rule(&build);
    build.draft->action_places = build.actions.places;
    sf_check_rule(loader, build.draft, &build.places);
    add_draft(loader, drafts, build.draft);
    build.draft->has_errors = loader->error_count > errors;
}
