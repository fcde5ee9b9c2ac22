/* action.c - the actions of a rule. */
#include <string.h>

#include "base/slice.h"
#include "scenario/build.h"
#include "scenario/flow.h"
#include "scenario/handshake.h"
#include "scenario/head.h"
#include "scenario/selector.h"
#include "scenario/suspect.h"
#include "scenario/template.h"

/* A duration with groups in it, such as `${1}s`. */
static bool parse_delay_text(struct sf_rule_build *build,
                             const struct sf_entry *entry,
                             const struct sf_value *value,
                             struct sf_action *action)
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
    action->u.delay.kind = SF_DELAY_TEXT;
    return sf_template_make(build->loader, value, 0, &action->u.delay.text);
}

static bool parse_delay(struct sf_rule_build *build,
                        const struct sf_entry *entry,
                        struct sf_action *action)
{
    struct sf_value value;

    if (!sf_value_expand(build->loader, build->lets, &entry->place,
                         entry->value, SF_VALUE_PLAIN, &value)) {
        return false;
    }
    return value.name_count > 0
               ? parse_delay_text(build, entry, &value, action)
               : sf_selector_parse_delay(build->loader, &entry->place,
                                         value.text, action);
}

/* A value that may hold names. */
static bool parse_template(struct sf_rule_build *build,
                           const struct sf_entry *entry,
                           enum sf_value_form form,
                           struct sf_template *out_template)
{
    struct sf_value value;

    if (!sf_value_expand(build->loader, build->lets, &entry->place,
                         entry->value, form, &value)) {
        return false;
    }
    sf_suspect_text(build->loader, &entry->place, &value);
    return sf_template_make(build->loader, &value, 0, out_template);
}

/* Octets as they are, some repeated if need be. */
static bool parse_send(struct sf_rule_build *build,
                       const struct sf_entry *entry,
                       struct sf_action *action)
{
    if (entry->has_comment) {
        sf_loader_warn(build->loader, &entry->place, SF_REPLY_SEMICOLON,
                       "the octets end before blank and `;`");
    }
    if (!parse_template(build, entry, SF_VALUE_PIECES, &action->u.send)) {
        return false;
    }
    if (action->u.send.count == 0) {
        sf_loader_error(build->loader, &entry->place,
                        "`reply = none` answers nothing",
                        "`send` has no octets to send");
        return false;
    }
    return true;
}

#define RAW_CHALLENGE "raw:"

/* A 334 whose text is as written is a line of a reply like any other. */
static bool make_raw_challenge(struct sf_loader *loader,
                               const struct sf_place *place,
                               const struct sf_value *value,
                               struct sf_action *action)
{
    size_t start = strlen(RAW_CHALLENGE);

    if (value->loop_count > 0 && value->loops[0].start < start) {
        sf_loader_error(loader, place, "for example `\"raw:\" \"A\" * 12K`",
                        "`raw:` is a word of its own and is not repeated");
        return false;
    }
    action->kind = SF_ACTION_REPLY;
    action->u.reply.code = 334;
    action->u.reply.is_last = true;
    action->u.reply.has_text = true;
    return sf_reply_check_octets(loader, place, value->text) &&
           sf_template_make(loader, value, start, &action->u.reply.text);
}

/* Nothing else begins an exchange, or leads it on. */
static bool check_challenge(struct sf_rule_build *build,
                            const struct sf_entry *entry)
{
    sf_event_set others =
        build->draft->rule.events &
        ~(SF_EVENT_BIT(SF_EVENT_AUTH) | SF_EVENT_BIT(SF_EVENT_AUTH_RESPONSE));

    if (entry->has_comment) {
        sf_loader_warn(build->loader, &entry->place, SF_REPLY_SEMICOLON,
                       "the challenge ends before blank and `;`");
    }
    if (others == 0) {
        return true;
    }
    sf_loader_error(build->loader, &entry->place,
                    "`challenge` belongs to `AUTH` and `AUTH-RESPONSE`",
                    "no challenge can answer `%s`",
                    sf_head_first(others)->name);
    return false;
}

static bool parse_challenge(struct sf_rule_build *build,
                            const struct sf_entry *entry,
                            struct sf_action *action)
{
    struct sf_value value;
    bool is_raw = false;

    if (!check_challenge(build, entry) ||
        !sf_value_expand(build->loader, build->lets, &entry->place,
                         entry->value, SF_VALUE_PIECES, &value)) {
        return false;
    }
    sf_suspect_text(build->loader, &entry->place, &value);
    is_raw = sf_slice_starts_nocase(value.text, RAW_CHALLENGE) &&
             (value.name_count == 0 ||
              value.names[0].offset >= strlen(RAW_CHALLENGE));
    return is_raw ? make_raw_challenge(build->loader, &entry->place, &value,
                                       action)
                  : sf_template_make(build->loader, &value, 0,
                                     &action->u.challenge);
}

static bool parse_note(struct sf_rule_build *build,
                       const struct sf_entry *entry,
                       struct sf_action *action)
{
    return parse_template(build, entry, SF_VALUE_PLAIN, &action->u.note);
}

static bool parse_pace(struct sf_rule_build *build,
                       const struct sf_entry *entry,
                       struct sf_action *action)
{
    struct sf_value value;

    if (!sf_build_expand(build, entry, SF_VALUE_PLAIN, &value) ||
        !sf_flow_parse_pace(build->loader, &entry->place, value.text,
                            &action->u.pace)) {
        return false;
    }
    action->u.pace.text = sf_loader_keep_text(build->loader, value.text);
    return true;
}

static bool parse_hold(struct sf_rule_build *build,
                       const struct sf_entry *entry,
                       struct sf_action *action)
{
    struct sf_value value;

    return sf_build_expand(build, entry, SF_VALUE_PLAIN, &value) &&
           sf_flow_parse_hold(build->loader, &entry->place, value.text,
                              &action->u.hold_us);
}

static bool parse_read(struct sf_rule_build *build,
                       const struct sf_entry *entry,
                       struct sf_action *action)
{
    struct sf_value value;

    if (!sf_build_expand(build, entry, SF_VALUE_PLAIN, &value) ||
        !sf_flow_parse_read(build->loader, &entry->place, value.text,
                            &action->u.read)) {
        return false;
    }
    action->u.read.text = sf_loader_keep_text(build->loader, value.text);
    return true;
}

static bool parse_content(struct sf_rule_build *build,
                          const struct sf_entry *entry,
                          struct sf_action *action)
{
    static const char *const words[] = {"strict", "lenient", NULL};
    unsigned index = 0;

    if (!sf_build_parse_word(build, entry, words, "it is `strict` or `lenient`",
                             &index)) {
        return false;
    }
    action->u.is_lenient = index == 1;
    return true;
}

static bool parse_close(struct sf_rule_build *build,
                        const struct sf_entry *entry,
                        struct sf_action *action)
{
    static const char *const words[] = {
#define X(name, word) [SF_CLOSE_##name] = (word),
        SF_CLOSE_MAP(X)
#undef X
            [SF_CLOSE_COUNT] = NULL,
    };
    unsigned index = 0;

    if (!sf_build_parse_word(build, entry, words,
                             "it is `fin`, `reset`, `half`, `abrupt` or `no`",
                             &index)) {
        return false;
    }
    action->u.close = (enum sf_close_kind)index;
    return true;
}

static bool parse_accept(struct sf_rule_build *build,
                         const struct sf_entry *entry,
                         struct sf_action *action)
{
    return sf_build_once(build, entry, SF_BUILD_KEEP_ONE, &build->accept) &&
           sf_build_parse_switch(build, entry, &action->u.accept);
}

/* Several entries of a rule are one edit, where the first stands. */
static bool parse_extensions(struct sf_rule_build *build,
                             const struct sf_entry *entry,
                             struct sf_action *action)
{
    bool is_first = build->places.extensions == NULL;
    struct sf_value value;

    if (sf_build_expand(build, entry, SF_VALUE_LIST, &value)) {
        (void)sf_list_parse_extensions(build->loader, &entry->place, &value,
                                       &build->extensions);
    }
    if (is_first) {
        build->places.extensions = &entry->place;
        build->extensions_at = build->actions.count;
    } else {
        action = &build->actions.items[build->extensions_at];
    }
    action->u.extensions = build->extensions.edit;
    return is_first;
}

static bool parse_next_state(struct sf_rule_build *build,
                             const struct sf_entry *entry,
                             struct sf_action *action)
{
    struct sf_value value;

    if (!sf_build_expand(build, entry, SF_VALUE_PLAIN, &value)) {
        return false;
    }
    if (!sf_slice_is_name(value.text)) {
        sf_loader_error(build->loader, &entry->place,
                        "for example `next-state = busy`",
                        "the name of a state has letters, digits, `-`, `_` "
                        "and `.`, which `%.*s` has not",
                        SF_SLICE_ARG(value.text));
        return false;
    }
    action->u.next_state = sf_loader_keep_text(build->loader, value.text);
    return true;
}

static bool parse_handshake(struct sf_rule_build *build,
                            const struct sf_entry *entry,
                            struct sf_action *action)
{
    struct sf_value value;

    return sf_build_once(build, entry, SF_BUILD_KEEP_ONE,
                         &build->places.handshake) &&
           sf_build_expand(build, entry, SF_VALUE_PLAIN, &value) &&
           sf_handshake_parse(build->loader, &entry->place, value.text,
                              &action->u.handshake);
}

/* All but `reply`, which takes its continuations as well.  Each fills the
 * action and returns whether there is one to add. */
static bool (*const parsers[SF_ACTION_COUNT])(struct sf_rule_build *build,
                                              const struct sf_entry *entry,
                                              struct sf_action *action) = {
    [SF_ACTION_CHALLENGE] = parse_challenge,
    [SF_ACTION_SEND] = parse_send,
    [SF_ACTION_DELAY] = parse_delay,
    [SF_ACTION_PACE] = parse_pace,
    [SF_ACTION_HOLD] = parse_hold,
    [SF_ACTION_READ] = parse_read,
    [SF_ACTION_CONTENT] = parse_content,
    [SF_ACTION_CLOSE] = parse_close,
    [SF_ACTION_ACCEPT] = parse_accept,
    [SF_ACTION_EXTENSIONS] = parse_extensions,
    [SF_ACTION_NOTE] = parse_note,
    [SF_ACTION_NEXT_STATE] = parse_next_state,
    [SF_ACTION_HANDSHAKE] = parse_handshake,
};

/* Nothing but another `close`, which is reported as such, may follow it. */
static bool check_close(struct sf_rule_build *build,
                        const struct sf_entry *entry,
                        enum sf_action_kind kind)
{
    build->places.has_action = true;
    if (kind == SF_ACTION_CLOSE) {
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
                                       enum sf_action_kind kind)
{
    struct sf_action action = {.kind = kind};
    bool is_ok = check_close(build, entry, kind);

    if (kind == SF_ACTION_REPLY) {
        return sf_reply_compile(build->loader, build->lets, entry,
                                &build->actions);
    }
    if (is_ok && sf_keys_has_value(build->loader, entry) &&
        parsers[kind](build, entry, &action)) {
        sf_action_list_add(&build->actions, &action, &entry->place);
    }
    return entry->next;
}
