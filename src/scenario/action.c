/* action.c - the actions of a rule. */
#include "scenario/build.h"
#include "scenario/selector.h"
#include "scenario/template.h"

static void compile_delay(struct sf_rule_build *build,
                          const struct sf_entry *entry)
{
    struct sf_action parsed = {.kind = SF_ACTION_DELAY};
    struct sf_action *action = NULL;
    struct sf_value value;

    if (!sf_build_expand(build, entry, SF_VALUE_PLAIN, &value) ||
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

static void compile_close(struct sf_rule_build *build,
                          const struct sf_entry *entry)
{
    static const char *const words[] = {"fin",  "reset",  "no",
                                        "half", "abrupt", NULL};
    struct sf_action *action = NULL;
    unsigned index = 0;

    if (!sf_build_parse_word(build, entry, words,
                             "it is `fin`, `reset` or `no`", &index)) {
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

static void compile_accept(struct sf_rule_build *build,
                           const struct sf_entry *entry)
{
    struct sf_action *action = NULL;
    bool is_yes = false;

    if (!sf_build_once(build, entry, SF_BUILD_KEEP_ONE, &build->accept) ||
        !sf_build_parse_switch(build, entry, &is_yes)) {
        return;
    }
    action =
        sf_action_list_add(&build->actions, SF_ACTION_ACCEPT, &entry->place);
    if (action != NULL) {
        action->u.accept = is_yes;
    }
}

/* Several entries of a rule are one edit, where the first stands. */
static void compile_extensions(struct sf_rule_build *build,
                               const struct sf_entry *entry)
{
    struct sf_value value;

    if (build->places.extensions == NULL) {
        build->places.extensions = &entry->place;
        build->extensions_at = build->actions.count;
        (void)sf_action_list_add(&build->actions, SF_ACTION_EXTENSIONS,
                                 &entry->place);
    }
    if (sf_build_expand(build, entry, SF_VALUE_LIST, &value)) {
        (void)sf_list_parse_extensions(build->loader, &entry->place, &value,
                                       &build->extensions);
    }
    build->actions.items[build->extensions_at].u.extensions =
        build->extensions.edit;
}

static void compile_note(struct sf_rule_build *build,
                         const struct sf_entry *entry)
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
    struct sf_rule_build *build, const struct sf_entry *entry) = {
    [SF_KEY_DELAY] = compile_delay,   [SF_KEY_CLOSE] = compile_close,
    [SF_KEY_ACCEPT] = compile_accept, [SF_KEY_EXTENSIONS] = compile_extensions,
    [SF_KEY_NOTE] = compile_note,
};

/* Nothing but another `close`, which is reported as such, may follow it. */
static bool check_close(struct sf_rule_build *build,
                        const struct sf_entry *entry,
                        enum sf_action_key key)
{
    build->places.has_action = true;
    if (key == SF_KEY_CLOSE) {
        return sf_build_once(build, entry, SF_BUILD_KEEP_ONE,
                             &build->places.close);
    }
    if (build->places.close != NULL) {
        sf_loader_error(build->loader, &entry->place, "move it before `close`",
                        "`%s` stands behind `close`, which is always the last "
                        "action",
                        entry->key);
    }
    return true;
}

const struct sf_entry *sf_build_action(struct sf_rule_build *build,
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
