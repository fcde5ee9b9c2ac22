/* action.c - the actions of a rule. */
#include "base/slice.h"
#include "scenario/build.h"
#include "scenario/flow.h"
#include "scenario/selector.h"
#include "scenario/template.h"

/* A duration with groups in it, such as `${1}s`. */
static bool parse_delay_text(struct sf_rule_build *build,
                             const struct sf_entry *entry,
                             const struct sf_value *value,
                             struct sf_action *out_action)
{
    for (size_t i = 0; i < value->name_count; i++) {
        if (sf_template_group(value->names[i].name) == 0) {
            sf_loader_error(build->loader, &entry->place,
                            "write it out, or define the name in `[let]`",
                            "`delay` can hold groups such as `${1}`, but not "
                            "`${%s}`",
                            sf_template_name(value->names[i].name));
            return false;
        }
    }
    if (sf_slice_find(value->text, '.') < value->text.len) {
        sf_loader_error(build->loader, &entry->place,
                        "for example `${1}`, `${1}s` or `1s..3s`",
                        "a `delay` of groups is one duration, no range");
        return false;
    }
    out_action->u.delay.kind = SF_DELAY_TEXT;
    return sf_template_make(build->loader, value, 0, &out_action->u.delay.text);
}

static void compile_delay(struct sf_rule_build *build,
                          const struct sf_entry *entry)
{
    struct sf_action parsed = {.kind = SF_ACTION_DELAY};
    struct sf_action *action = NULL;
    struct sf_value value;

    if (!sf_value_expand(build->loader, build->lets, &entry->place,
                         entry->value, SF_VALUE_PLAIN, &value)) {
        return;
    }
    if (value.name_count > 0
            ? !parse_delay_text(build, entry, &value, &parsed)
            : !sf_selector_parse_delay(build->loader, &entry->place, value.text,
                                       &parsed)) {
        return;
    }
    action =
        sf_action_list_add(&build->actions, SF_ACTION_DELAY, &entry->place);
    if (action != NULL) {
        action->u.delay = parsed.u.delay;
    }
}

/* Octets as they are: the one action but `reply` that may hold names and
 * repeated pieces. */
static void compile_send(struct sf_rule_build *build,
                         const struct sf_entry *entry)
{
    struct sf_template template = {0};
    struct sf_action *action = NULL;
    struct sf_value value;

    if (entry->has_comment) {
        sf_loader_warn(build->loader, &entry->place, SF_REPLY_SEMICOLON,
                       "the octets end before blank and `;`");
    }
    if (!sf_value_expand(build->loader, build->lets, &entry->place,
                         entry->value, SF_VALUE_PIECES, &value) ||
        !sf_template_make(build->loader, &value, 0, &template)) {
        return;
    }
    if (template.count == 0) {
        sf_loader_error(build->loader, &entry->place,
                        "`reply = none` answers nothing",
                        "`send` has no octets to send");
        return;
    }
    action = sf_action_list_add(&build->actions, SF_ACTION_SEND, &entry->place);
    if (action != NULL) {
        action->u.send = template;
    }
}

static void compile_pace(struct sf_rule_build *build,
                         const struct sf_entry *entry)
{
    struct sf_action *action = NULL;
    struct sf_value value;
    struct sf_pace pace;

    if (!sf_build_expand(build, entry, SF_VALUE_PLAIN, &value) ||
        !sf_flow_parse_pace(build->loader, &entry->place, value.text, &pace)) {
        return;
    }
    action = sf_action_list_add(&build->actions, SF_ACTION_PACE, &entry->place);
    if (action != NULL) {
        action->u.pace = pace;
        action->u.pace.text = sf_loader_keep_text(build->loader, value.text);
    }
}

static void compile_hold(struct sf_rule_build *build,
                         const struct sf_entry *entry)
{
    struct sf_action *action = NULL;
    struct sf_value value;
    uint64_t us = 0;

    if (!sf_build_expand(build, entry, SF_VALUE_PLAIN, &value) ||
        !sf_flow_parse_hold(build->loader, &entry->place, value.text, &us)) {
        return;
    }
    action = sf_action_list_add(&build->actions, SF_ACTION_HOLD, &entry->place);
    if (action != NULL) {
        action->u.hold_us = us;
    }
}

static void compile_read(struct sf_rule_build *build,
                         const struct sf_entry *entry)
{
    struct sf_action *action = NULL;
    struct sf_value value;
    struct sf_read read;

    if (!sf_build_expand(build, entry, SF_VALUE_PLAIN, &value) ||
        !sf_flow_parse_read(build->loader, &entry->place, value.text, &read)) {
        return;
    }
    action = sf_action_list_add(&build->actions, SF_ACTION_READ, &entry->place);
    if (action != NULL) {
        action->u.read = read;
        action->u.read.text = sf_loader_keep_text(build->loader, value.text);
    }
}

static void compile_content(struct sf_rule_build *build,
                            const struct sf_entry *entry)
{
    static const char *const words[] = {"strict", "lenient", NULL};
    struct sf_action *action = NULL;
    unsigned index = 0;

    if (!sf_build_parse_word(build, entry, words, "it is `strict` or `lenient`",
                             &index)) {
        return;
    }
    action =
        sf_action_list_add(&build->actions, SF_ACTION_CONTENT, &entry->place);
    if (action != NULL) {
        action->u.is_lenient = index == 1;
    }
}

static void compile_close(struct sf_rule_build *build,
                          const struct sf_entry *entry)
{
    static const char *const words[] = {"fin", "reset",  "half",
                                        "no",  "abrupt", NULL};
    struct sf_action *action = NULL;
    unsigned index = 0;

    if (!sf_build_parse_word(build, entry, words,
                             "it is `fin`, `reset`, `half` or `no`", &index)) {
        return;
    }
    if (index > SF_CLOSE_NO) {
        sf_loader_error(
            build->loader, &entry->place,
            "in the clear it would be the same as `fin`",
            "`close = abrupt` is not implemented yet: it needs TLS");
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
    struct sf_template template = {0};
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

/* The name of a state: letters, digits, `-`, `_` and `.`. */
static bool is_state(struct sf_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (!sf_ascii_is_alnum(c) && c != '-' && c != '_' && c != '.') {
            return false;
        }
    }
    return text.len > 0;
}

static void compile_next_state(struct sf_rule_build *build,
                               const struct sf_entry *entry)
{
    struct sf_action *action = NULL;
    const char *name = NULL;
    struct sf_value value;

    if (!sf_build_expand(build, entry, SF_VALUE_PLAIN, &value)) {
        return;
    }
    if (!is_state(value.text)) {
        sf_loader_error(build->loader, &entry->place,
                        "for example `next-state = busy`",
                        "the name of a state has letters, digits, `-`, `_` "
                        "and `.`, which `%.*s` has not",
                        SF_SLICE_ARG(value.text));
        return;
    }
    name = sf_loader_keep_text(build->loader, value.text);
    action = sf_action_list_add(&build->actions, SF_ACTION_NEXT_STATE,
                                &entry->place);
    if (action != NULL) {
        action->u.next_state = name;
    }
}

/* All actions but `reply`, which takes its continuations as well. */
static void (*const compilers[SF_KEY_ACTION_COUNT])(
    struct sf_rule_build *build, const struct sf_entry *entry) = {
    [SF_KEY_SEND] = compile_send,
    [SF_KEY_PACE] = compile_pace,
    [SF_KEY_HOLD] = compile_hold,
    [SF_KEY_READ] = compile_read,
    [SF_KEY_CONTENT] = compile_content,
    [SF_KEY_DELAY] = compile_delay,
    [SF_KEY_CLOSE] = compile_close,
    [SF_KEY_ACCEPT] = compile_accept,
    [SF_KEY_EXTENSIONS] = compile_extensions,
    [SF_KEY_NOTE] = compile_note,
    [SF_KEY_NEXT_STATE] = compile_next_state,
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
