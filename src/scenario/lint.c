/* lint.c - what is legal in a rule, but suspicious. */
#include "scenario/lint.h"

#include <string.h>

#include "rule/action.h"
#include "rule/condition.h"
#include "scenario/check.h"
#include "scenario/head.h"
#include "smtp/code.h"
#include "smtp/enhanced.h"
#include "smtp/reply.h"

/* A reply line with its code and CRLF, in octets. */
#define REPLY_LINE_MAX     512
#define CHALLENGE_LINE_MAX 12288

static const char *const deliberate_hint =
    "if it is meant, say `deliberate = yes`";

/* Of a line whose code is a group. */
#define UNKNOWN_CODE (-1)

/* More events than this say little. */
#define HINT_EVENTS_MAX 8

/* Where the code is at home, as a hint. */
static const char *describe_code(struct sf_loader *loader, int code)
{
    const struct sf_code_info *info = sf_code_find(code);
    struct sf_naming naming;

    if (info == NULL || info->events == 0) {
        return deliberate_hint;
    }
    sf_naming_init(&naming, "it belongs to", HINT_EVENTS_MAX);
    for (unsigned i = 0; i < SF_EVENT_COUNT; i++) {
        if (info->events & SF_EVENT_BIT(i)) {
            sf_naming_add(&naming, sf_event_get((enum sf_event)i)->name);
        }
    }
    return sf_naming_finish(&naming, loader,
                            "; if it is meant, say `deliberate = yes`");
}

static void lint_code(struct sf_loader *loader,
                      const struct sf_draft *draft,
                      const struct sf_place *place,
                      int code)
{
    sf_event_set strange = 0;

    if (code < 200 || code > 559 || code / 10 % 10 > 5) {
        /* RFC 5321 4.2: %x32-35 %x30-35 %x30-39. */
        sf_loader_warn(loader, place, deliberate_hint,
                       "%03d is outside of what a reply code can be (RFC 5321 "
                       "4.2)",
                       code);
        return;
    }
    for (unsigned i = 0; i < SF_EVENT_COUNT; i++) {
        if ((draft->rule.events & SF_EVENT_BIT(i)) &&
            !sf_code_is_known_at(code, (enum sf_event)i)) {
            strange |= SF_EVENT_BIT(i);
        }
    }
    if (strange & draft->named) {
        strange &= draft->named;
    } else if (strange != draft->rule.events) {
        /* Of those that ANY stands for, one that knows it is enough. */
        strange = 0;
    }
    if (strange != 0) {
        sf_loader_warn(loader, place, describe_code(loader, code),
                       "no RFC and no known server answers `%s` with %03d",
                       sf_head_first(strange)->name, code);
    }
}

/* The literal text at the start of a line. */
static struct sf_slice leading_text(const struct sf_action *action)
{
    const struct sf_template *text = &action->u.reply.text;

    if (text->count == 0 || text->pieces[0].is_name) {
        return sf_slice("", 0);
    }
    return text->pieces[0].literal;
}

/* The enhanced code that the text begins with.  Behind a 3yz, "3.0.0" is none
 * either, but was meant as one. */
static struct sf_slice find_enhanced(const struct sf_action *action)
{
    struct sf_slice text = leading_text(action);
    char copy[16];
    size_t len = text.len < sizeof(copy) ? text.len : sizeof(copy);

    if (len == 0 || text.ptr[0] != '3' ||
        sf_reply_class(action->u.reply.code) != 3) {
        return sf_reply_enhanced(text);
    }
    memcpy(copy, text.ptr, len);
    copy[0] = '2';
    return sf_slice(text.ptr, sf_reply_enhanced(sf_slice(copy, len)).len);
}

static void lint_number(struct sf_loader *loader,
                        const struct sf_place *place,
                        struct sf_slice text)
{
    struct sf_enhanced enhanced;

    if (sf_enhanced_parse(text, &enhanced) == 0 &&
        !sf_enhanced_is_known(&enhanced)) {
        sf_loader_warn(loader, place, deliberate_hint,
                       "no registry and no known server has the enhanced code "
                       "%.*s",
                       SF_SLICE_ARG(text));
    }
}

static void lint_enhanced(struct sf_loader *loader,
                          const struct sf_draft *draft,
                          const struct sf_action *action,
                          const struct sf_place *place)
{
    struct sf_slice enhanced = find_enhanced(action);
    int code = action->u.reply.code;
    sf_event_set without = SF_EVENT_BIT(SF_EVENT_EHLO) |
                           SF_EVENT_BIT(SF_EVENT_HELO) |
                           SF_EVENT_BIT(SF_EVENT_LHLO);

    if (enhanced.len == 0) {
        return;
    }
    if (sf_reply_class(code) == 2) {
        without |= SF_EVENT_BIT(SF_EVENT_CONNECT);
    }
    without &= draft->named;
    if (sf_reply_class(code) == 3) {
        sf_loader_warn(loader, place, "leave it out, or say `deliberate = yes`",
                       "a reply %03d has no enhanced code such as %.*s (RFC "
                       "2034 4)",
                       code, SF_SLICE_ARG(enhanced));
    } else if (enhanced.ptr[0] - '0' != sf_reply_class(code)) {
        sf_loader_warn(loader, place, deliberate_hint,
                       "the class of %.*s contradicts %03d (RFC 3463 2)",
                       SF_SLICE_ARG(enhanced), code);
    } else {
        lint_number(loader, place, enhanced);
    }
    if (without != 0) {
        sf_loader_warn(loader, place, "leave it out, or say `deliberate = yes`",
                       "an answer %03d to `%s` has no enhanced code such as "
                       "%.*s (RFC 2034 4)",
                       code, sf_head_first(without)->name,
                       SF_SLICE_ARG(enhanced));
    }
}

static uint64_t
measure_pieces(const struct sf_template *text, size_t first, size_t end)
{
    uint64_t len = 0;

    for (size_t i = first; i < end; i++) {
        len += text->pieces[i].literal.len;
    }
    return len;
}

/* The octets of a text without those of its names; too many for any line are
 * not counted exactly. */
static uint64_t measure_text(const struct sf_template *text)
{
    uint64_t len = measure_pieces(text, 0, text->count);

    for (size_t i = 0; i < text->loop_count; i++) {
        const struct sf_loop *loop = &text->loops[i];
        uint64_t more = loop->count - 1;

        if (more > CHALLENGE_LINE_MAX) {
            more = CHALLENGE_LINE_MAX;
        }
        len += more * measure_pieces(text, loop->first, loop->end);
    }
    return len;
}

/* RFC 5321 4.5.3.1.5, and RFC 4954 4 for a challenge. */
static void lint_length(struct sf_loader *loader,
                        const struct sf_place *place,
                        int code,
                        uint64_t text_len)
{
    bool is_challenge = code == 334;
    int limit = is_challenge ? CHALLENGE_LINE_MAX : REPLY_LINE_MAX;

    if (strlen("250 \r\n") + text_len > (uint64_t)limit) {
        sf_loader_warn(loader, place, deliberate_hint,
                       "the reply line has more than %d octets (RFC %s)", limit,
                       is_challenge ? "4954 4" : "5321 4.5.3.1.5");
    }
}

static void lint_line(struct sf_loader *loader,
                      const struct sf_draft *draft,
                      const struct sf_action *action,
                      const struct sf_place *place)
{
    int code = action->u.reply.code;

    lint_code(loader, draft, place, code);
    lint_enhanced(loader, draft, action, place);
    lint_length(loader, place, code, measure_text(&action->u.reply.text));
}

static void warn_unfinished(struct sf_loader *loader,
                            const struct sf_place *place)
{
    sf_loader_warn(loader, place,
                   "the last line has a blank behind its code; if it is "
                   "meant, say `deliberate = yes`",
                   "the reply never ends: no line without `-` follows");
}

/* Multi-line replies: RFC 5321 4.2.1 wants one code in all lines, and a last
 * line. */
static void lint_replies(struct sf_loader *loader, const struct sf_draft *draft)
{
    const struct sf_rule *rule = &draft->rule;
    const struct sf_place *open = NULL; /* the line before, if it goes on */
    int code = 0;

    for (size_t i = 0; i < rule->action_count; i++) {
        const struct sf_action *action = &rule->actions[i];
        const struct sf_place *place = &draft->action_places[i];

        if ((action->kind == SF_ACTION_REPLY_DEFAULT ||
             action->kind == SF_ACTION_CHALLENGE) &&
            open != NULL) {
            warn_unfinished(loader, open);
            open = NULL;
        }
        if (action->kind == SF_ACTION_CHALLENGE) {
            lint_length(loader, place, 334,
                        (measure_text(&action->u.challenge) + 2) / 3 * 4);
        }
        if (action->kind != SF_ACTION_REPLY) {
            continue;
        }
        if (action->u.reply.code_group > 0) {
            open = action->u.reply.is_last ? NULL : place;
            code = UNKNOWN_CODE;
            continue;
        }
        if (open != NULL && code != UNKNOWN_CODE &&
            action->u.reply.code != code) {
            sf_loader_warn(loader, place, deliberate_hint,
                           "the lines of one reply have different codes, %03d "
                           "and %03d (RFC 5321 4.2.1)",
                           code, action->u.reply.code);
        }
        code = action->u.reply.code;
        open = action->u.reply.is_last ? NULL : place;
        lint_line(loader, draft, action, place);
    }
    if (open != NULL) {
        warn_unfinished(loader, open);
    }
}

static bool has_end(const struct sf_action *action)
{
    const struct sf_template *text = sf_action_text(action);

    if (action->kind == SF_ACTION_DELAY) {
        return action->u.delay.kind != SF_DELAY_FOREVER;
    }
    for (size_t i = 0; text != NULL && i < text->loop_count; i++) {
        if (text->loops[i].count == SF_LOOP_FOREVER) {
            return false;
        }
    }
    return true;
}

/* Actions that are never reached, and a pace for nothing. */
static void lint_order(struct sf_loader *loader, const struct sf_draft *draft)
{
    const struct sf_rule *rule = &draft->rule;
    const struct sf_place *idle = NULL; /* the last pace, if nothing followed */

    for (size_t i = 0; i < rule->action_count; i++) {
        if (rule->actions[i].kind == SF_ACTION_PACE) {
            idle = &draft->action_places[i];
        } else if (sf_action_has(&rule->actions[i], SF_ACTION_SAYS)) {
            idle = NULL;
        }
        if (!has_end(&rule->actions[i]) && i + 1 < rule->action_count) {
            sf_loader_warn(loader, &draft->action_places[i + 1],
                           "what has no end comes last",
                           "this is never reached: the action before it, in "
                           "line %u, has no end",
                           rule->actions[i].line);
            return;
        }
    }
    if (rule->is_taker && idle != NULL) {
        sf_loader_warn(loader, idle, "put it before the output",
                       "`pace` holds for the output behind it, and there is "
                       "none");
    }
}

/* In a regular expression `\w` and `\W` are not the same. */
static bool equal_texts(const struct sf_pattern *a, const struct sf_pattern *b)
{
    return a->kind == SF_PATTERN_REGEX ? sf_slice_eq(a->text, b->text)
                                       : sf_slice_eq_nocase(a->text, b->text);
}

static bool equal_lists(const struct sf_list *a, const struct sf_list *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        const struct sf_pattern *left = &a->items[i];
        const struct sf_pattern *right = &b->items[i];

        if (left->kind != right->kind ||
            left->is_negated != right->is_negated ||
            left->is_ipv6 != right->is_ipv6 ||
            left->prefix_len != right->prefix_len ||
            memcmp(left->addr, right->addr, sizeof(left->addr)) != 0 ||
            !equal_texts(left, right)) {
            return false;
        }
    }
    return true;
}

static bool equal_selectors(const struct sf_selector *a,
                            const struct sf_selector *b)
{
    return a->kind == b->kind && a->low == b->low && a->end == b->end &&
           a->from == b->from && a->step == b->step &&
           a->low_group == b->low_group && a->end_group == b->end_group;
}

static bool equal_conditions(const struct sf_condition *a,
                             const struct sf_condition *b)
{
    if (a->kind != b->kind || a->is_by_key != b->is_by_key ||
        a->key != b->key || !sf_slice_eq_nocase(a->name, b->name)) {
        return false;
    }
    switch (sf_condition_get(a->kind)->type) {
    case SF_CONDITION_IS_LIST:
        return equal_lists(&a->u.list, &b->u.list);
    case SF_CONDITION_IS_SWITCH:
        return a->u.is_on == b->u.is_on;
    case SF_CONDITION_IS_NUMBER:
    case SF_CONDITION_IS_SIZE:
    case SF_CONDITION_IS_DURATION:
    case SF_CONDITION_IS_RATE:
    case SF_CONDITION_IS_CHANCE:
        break;
    }
    return equal_selectors(&a->u.selector, &b->u.selector);
}

/* Whether `rule` has the condition of `other`, with the same meaning. */
static bool has_condition(const struct sf_rule *rule,
                          const struct sf_rule *other,
                          const struct sf_condition *condition)
{
    if (condition->kind == SF_CONDITION_STATE && rule->per != other->per) {
        return false;
    }
    for (size_t i = 0; i < rule->condition_count; i++) {
        if (equal_conditions(&rule->conditions[i], condition)) {
            return true;
        }
    }
    return false;
}

/* Whether a selector leaves nothing out. */
static bool is_always(const struct sf_condition *condition)
{
    const struct sf_selector *selector = &condition->u.selector;
    unsigned first = sf_condition_first(condition->kind);

    if (condition->kind == SF_CONDITION_CHANCE) {
        return selector->end == SF_CHANCE_WHOLE;
    }
    if ((first == 0 && condition->kind != SF_CONDITION_TRANSACTION &&
         condition->kind != SF_CONDITION_AGE) ||
        selector->low_group + selector->end_group > 0 || condition->is_by_key) {
        return false;
    }
    if (selector->kind == SF_SELECTOR_EVERY) {
        return selector->step == 1 && selector->from <= first;
    }
    return selector->low <= first && selector->end == UINT64_MAX;
}

/* Whether `earlier` takes each event of its own that `later` would hold at. */
static bool covers(const struct sf_rule *earlier, const struct sf_rule *later)
{
    /* Out of order these are not known, and a rule that counts by them does
     * not hold. */
    const unsigned unsure = SF_PER_BIT(SF_PER_HELO) |
                            SF_PER_BIT(SF_PER_SENDER) |
                            SF_PER_BIT(SF_PER_RECIPIENT) |
                            SF_PER_BIT(SF_PER_DOMAIN) | SF_PER_BIT(SF_PER_USER);

    if (!earlier->is_taker || (earlier->per & ~later->per & unsure)) {
        return false;
    }
    for (size_t i = 0; i < earlier->counted_count; i++) {
        if (!is_always(&earlier->counted[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < earlier->condition_count; i++) {
        if (!is_always(&earlier->conditions[i]) &&
            !has_condition(later, earlier, &earlier->conditions[i])) {
            return false;
        }
    }
    return true;
}

static void lint_shadow(struct sf_loader *loader,
                        const struct sf_drafts *drafts,
                        const struct sf_draft *draft)
{
    sf_event_set left = draft->rule.events;
    const struct sf_draft *earlier = drafts->first;

    while (earlier != draft && left != 0) {
        if ((earlier->rule.events & left) && !earlier->has_errors &&
            covers(&earlier->rule, &draft->rule)) {
            left &= ~earlier->rule.events;
            if (left == 0) {
                sf_loader_warn(
                    loader, &draft->place,
                    "the first rule whose conditions hold takes "
                    "the event: put the narrower one first",
                    "the rule can never fire: `%s` (%s:%u) always "
                    "takes `%s` before it",
                    earlier->rule.label, earlier->rule.path, earlier->rule.line,
                    sf_head_first(draft->rule.events & earlier->rule.events)
                        ->name);
            }
        }
        earlier = earlier->next;
    }
}

/* Whether a rule with the same `per` sets the state. */
static bool
is_set(const struct sf_drafts *drafts, unsigned per, struct sf_slice state)
{
    for (const struct sf_draft *draft = drafts->first; draft;
         draft = draft->next) {
        for (size_t i = 0; i < draft->rule.action_count; i++) {
            const struct sf_action *action = &draft->rule.actions[i];

            if (action->kind == SF_ACTION_NEXT_STATE &&
                draft->rule.per == per &&
                sf_slice_eq_str_nocase(state, action->u.next_state)) {
                return true;
            }
        }
    }
    return sf_slice_eq_str_nocase(state, SF_STATE_START);
}

static void lint_states(struct sf_loader *loader,
                        const struct sf_drafts *drafts,
                        const struct sf_draft *draft)
{
    for (size_t i = 0; i < draft->rule.condition_count; i++) {
        const struct sf_condition *condition = &draft->rule.conditions[i];
        const struct sf_list *list = &condition->u.list;

        if (condition->kind != SF_CONDITION_STATE) {
            continue;
        }
        for (size_t j = 0; j < list->count; j++) {
            struct sf_slice state = list->items[j].text;

            if (list->items[j].kind == SF_PATTERN_LITERAL &&
                !is_set(drafts, draft->rule.per, state)) {
                sf_loader_warn(loader, &draft->condition_places[i],
                               "`next-state` of a rule sets it, apart for "
                               "each set of keys in `per`; the first one is "
                               "`start`",
                               "no `next-state` with the same `per` ever sets "
                               "`%.*s`",
                               SF_SLICE_ARG(state));
            }
        }
    }
}

void sf_lint_rules(struct sf_loader *loader, const struct sf_drafts *drafts)
{
    for (const struct sf_draft *draft = drafts->first; draft;
         draft = draft->next) {
        if (!draft->rule.is_deliberate) {
            lint_replies(loader, draft);
        }
        lint_order(loader, draft);
        if (!draft->has_errors) {
            lint_shadow(loader, drafts, draft);
            lint_states(loader, drafts, draft);
        }
    }
}

/* Of a scenario with listeners of its own. */
static void lint_listener(struct sf_loader *loader,
                          const struct sf_scenario *scenario,
                          const struct sf_pattern *item,
                          const struct sf_place *place)
{
    struct sf_suggestion suggestion;

    if (item->kind != SF_PATTERN_LITERAL || item->is_negated) {
        return;
    }
    sf_suggestion_init(&suggestion, item->text);
    for (size_t i = 0; i < scenario->listener_count; i++) {
        const char *name = scenario->listeners[i].name;

        if (sf_slice_eq_str_nocase(item->text, name)) {
            return;
        }
        sf_suggestion_offer(&suggestion, name);
    }
    sf_loader_warn(loader, place,
                   sf_suggestion_hint(&suggestion, loader,
                                      "its name stands in `[listen NAME]`"),
                   "the scenario has no listener `%.*s`",
                   SF_SLICE_ARG(item->text));
}

void sf_lint_listeners(struct sf_loader *loader,
                       const struct sf_drafts *drafts,
                       const struct sf_scenario *scenario)
{
    for (const struct sf_draft *draft = drafts->first;
         draft && scenario->listener_count > 0; draft = draft->next) {
        for (size_t i = 0; i < draft->rule.condition_count; i++) {
            const struct sf_condition *condition = &draft->rule.conditions[i];

            if (condition->kind != SF_CONDITION_LISTENER) {
                continue;
            }
            for (size_t j = 0; j < condition->u.list.count; j++) {
                lint_listener(loader, scenario, &condition->u.list.items[j],
                              &draft->condition_places[i]);
            }
        }
    }
}
