/* compile.c - sections become rules.
 *
 * The entries of a section are taken one after the other (condition.c,
 * action.c); what concerns the rule as a whole is looked at when all are there
 * (check.c). */
#include "scenario/compile.h"

#include "rule/subject.h"
#include "scenario/build.h"
#include "scenario/derive.h"
#include "scenario/head.h"
#include "scenario/selector.h"

bool sf_build_expand(struct sf_rule_build *build,
                     const struct sf_entry *entry,
                     enum sf_value_form form,
                     struct sf_value *out_value)
{
    return sf_value_expand_static(build->loader, build->lets, entry, form,
                                  out_value);
}

bool sf_build_once(struct sf_rule_build *build,
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

bool sf_build_parse_word(struct sf_rule_build *build,
                         const struct sf_entry *entry,
                         const char *const *words,
                         const char *hint,
                         unsigned *out_index)
{
    struct sf_value value;

    return sf_build_expand(build, entry, SF_VALUE_PLAIN, &value) &&
           sf_value_find_word(build->loader, entry, value.text, words, hint,
                              out_index);
}

bool sf_build_parse_switch(struct sf_rule_build *build,
                           const struct sf_entry *entry,
                           bool *out_value)
{
    struct sf_value value;

    return sf_build_expand(build, entry, SF_VALUE_PLAIN, &value) &&
           sf_value_find_switch(build->loader, entry, value.text, out_value);
}

static void compile_deliberate(struct sf_rule_build *build,
                               const struct sf_entry *entry)
{
    if (sf_build_once(build, entry, SF_BUILD_KEEP_ONE, &build->deliberate)) {
        (void)sf_build_parse_switch(build, entry,
                                    &build->draft->rule.is_deliberate);
    }
}

/* How often the rule has to fire. */
static void compile_fired(struct sf_rule_build *build,
                          const struct sf_entry *entry)
{
    struct sf_draft *draft = build->draft;
    struct sf_value value;

    if (!sf_build_once(build, entry, SF_BUILD_KEEP_ONE, &draft->fired_place) ||
        !sf_build_expand(build, entry, SF_VALUE_PLAIN, &value)) {
        return;
    }
    draft->fired_text = sf_loader_keep_text(build->loader, value.text);
    (void)sf_selector_parse(build->loader, &entry->place, entry->key,
                            SF_SELECTOR_NUMBERS, value.text, &draft->fired);
}

/* Returns the entry to go on with. */
static const struct sf_entry *compile_entry(struct sf_rule_build *build,
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
        return sf_build_action(build, entry, (enum sf_action_kind)key->id);
    }
    if (!sf_keys_has_value(build->loader, entry)) {
        return entry->next;
    }
    if (key->role == SF_ROLE_CONDITION) {
        sf_build_condition(build, entry, (enum sf_condition_kind)key->id);
    } else if (key->role == SF_ROLE_PER) {
        sf_build_per(build, entry);
    } else if (key->role == SF_ROLE_FIRED) {
        compile_fired(build, entry);
    } else {
        compile_deliberate(build, entry);
    }
    return entry->next;
}

/* BODY without `at` is its first octet. */
static void complete_body(struct sf_rule_build *build)
{
    struct sf_rule *rule = &build->draft->rule;

    if ((rule->events & SF_EVENT_BIT(SF_EVENT_BODY)) &&
        build->places.conditions[SF_CONDITION_AT] == NULL) {
        build->condition_places[rule->condition_count] = build->draft->place;
        build->conditions[rule->condition_count++] =
            (struct sf_condition){.kind = SF_CONDITION_AT,
                                  .text = "at = 1",
                                  .u.selector = {.low = 1, .end = 2}};
    }
}

/* `concurrent` counts those that share what `per` says. */
static void share_concurrent(struct sf_rule_build *build)
{
    const struct sf_rule *rule = &build->draft->rule;
    unsigned shared =
        (rule->per & SF_PER_BIT(SF_PER_CLIENT) ? SF_SHARED_CLIENT : 0u) |
        (rule->per & SF_PER_BIT(SF_PER_LISTENER) ? SF_SHARED_LISTENER : 0u);

    for (size_t i = 0; i < rule->condition_count; i++) {
        if (build->conditions[i].kind == SF_CONDITION_CONCURRENT) {
            build->conditions[i].key = shared;
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
    draft->rule.identity = sf_derive_identity(&draft->rule, draft->has_label);
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

/* No entry makes more than one condition or action. */
static void get_room(struct sf_rule_build *build, size_t room)
{
    struct sf_loader *loader = build->loader;

    build->conditions =
        sf_loader_keep(loader, room * sizeof(*build->conditions));
    build->condition_places =
        sf_loader_borrow(loader, room * sizeof(*build->condition_places));
    build->claims =
        sf_loader_borrow(loader, room * sizeof(const struct sf_entry *));
    build->counted =
        sf_loader_keep(loader, SF_CONDITION_COUNT * sizeof(*build->counted));
    build->actions.items =
        sf_loader_keep(loader, room * sizeof(*build->actions.items));
    build->actions.places =
        sf_loader_borrow(loader, room * sizeof(*build->actions.places));
    build->actions.room = room;
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
    struct sf_rule_build build = {.loader = loader, .lets = lets};
    struct sf_head head;

    if (drafts->count > SF_RULES_MAX) {
        return;
    }
    (void)sf_head_parse(loader, &section->place, name, &head);
    build.draft = new_draft(loader, section, &head);
    get_room(&build, room);
    if (loader->is_out_of_memory) {
        return;
    }
    while (entry != NULL && !loader->is_out_of_memory) {
        entry = compile_entry(&build, entry);
    }
    complete_body(&build);
    share_concurrent(&build);
    build.draft->rule.conditions = build.conditions;
    build.draft->rule.counted = build.counted;
    build.draft->rule.actions = build.actions.items;
    build.draft->rule.action_count = build.actions.count;
    sf_derive_rule(&build.draft->rule);
    build.draft->condition_places = build.condition_places;
    build.draft->action_places = build.actions.places;
    sf_check_rule(loader, build.draft, &build.places);
    add_draft(loader, drafts, build.draft);
    build.draft->has_errors = loader->error_count > errors;
}
