/* check.c - what can only be said about a rule as a whole: what its events can
 * know, and which actions go together. */
#include "scenario/check.h"

#include <stdio.h>

#include "rule/action.h"
#include "rule/condition.h"
#include "rule/key.h"
#include "scenario/head.h"
#include "scenario/template.h"

struct subject {
    struct sf_loader *loader;
    const struct sf_draft *draft;
    const struct sf_place *place; /* where the errors are */
};

/* The events of the rule that know less than `scope`. */
static sf_event_set find_blind(const struct sf_draft *draft,
                               enum sf_scope scope)
{
    sf_event_set blind = 0;

    for (unsigned i = 0; i < SF_EVENT_COUNT; i++) {
        if (sf_event_get((enum sf_event)i)->scope < scope) {
            blind |= SF_EVENT_BIT(i);
        }
    }
    return blind & draft->rule.events;
}

/* What can be known, by how much of the envelope there is. */
static const char *const known_hints[] = {
    [SF_SCOPE_CONNECTION] =
        "known there are the client, the listener and the "
        "session",
    [SF_SCOPE_SESSION] =
        "known there are the client, the session and the "
        "HELO name, but no sender and no recipient yet",
    [SF_SCOPE_SENDER] =
        "known there are the client, the HELO name and the "
        "sender, but no recipient",
    [SF_SCOPE_RECIPIENT] =
        "known there are client, HELO name, sender and "
        "recipient, but the message is not received yet",
};

static void report_blind(const struct subject *subject,
                         const char *what,
                         const char *hint,
                         sf_event_set blind)
{
    const struct sf_event_info *event = sf_head_first(blind);

    sf_loader_error(subject->loader, subject->place,
                    hint != NULL ? hint : known_hints[event->scope],
                    "`%s` cannot be known at `%s`", what, event->name);
}

/* A condition or a name has to be known at every event that was named, and at
 * one at least of those that ANY stands for. */
static void check_known(const struct subject *subject,
                        const char *what,
                        const char *hint,
                        sf_event_set blind)
{
    const struct sf_draft *draft = subject->draft;
    sf_event_set named = blind & draft->named;

    if (named == 0 && (blind == 0 || blind != draft->rule.events)) {
        return;
    }
    report_blind(subject, what, hint, named != 0 ? named : blind);
}

/* What only some events have, whatever they know of the envelope. */
static const struct {
    enum sf_condition_kind kind;
    bool is_of_lines;    /* those that are lines of the client, and */
    sf_event_set events; /* these */
    const char *hint;
} homes[] = {
    {SF_CONDITION_ARGUMENT, true, 0,
     "only commands and answers to a 334 have an argument"},
    {SF_CONDITION_LENGTH, true, 0,
     "only commands and answers to a 334 are lines"},
    {SF_CONDITION_MECHANISM, false,
     SF_EVENT_BIT(SF_EVENT_AUTH) | SF_EVENT_BIT(SF_EVENT_AUTH_RESPONSE),
     "`mechanism` belongs to `AUTH` and `AUTH-RESPONSE`"},
    {SF_CONDITION_HEADER, false, SF_EVENT_BIT(SF_EVENT_MESSAGE),
     "`header` belongs to `MESSAGE`, when all of the message is there"},
    {SF_CONDITION_BODY, false, SF_EVENT_BIT(SF_EVENT_MESSAGE),
     "`body` belongs to `MESSAGE`, when all of the message is there"},
    {SF_CONDITION_VIOLATION, true,
     SF_EVENT_BIT(SF_EVENT_BODY) | SF_EVENT_BIT(SF_EVENT_MESSAGE) |
         SF_EVENT_BIT(SF_EVENT_VIOLATION),
     "`violation` belongs to what the client sends: commands, answers to a "
     "334, "
     "`BODY`, `MESSAGE`, and to `VIOLATION`"},
    {SF_CONDITION_AT, false, SF_EVENT_BIT(SF_EVENT_BODY),
     "`at` belongs to `BODY`"},
    {SF_CONDITION_AFTER, false,
     SF_EVENT_BIT(SF_EVENT_IDLE) | SF_EVENT_BIT(SF_EVENT_TIMER),
     "`after` belongs to `IDLE` and `TIMER`"},
};

static sf_event_set find_lines(void)
{
    sf_event_set lines = 0;

    for (unsigned i = 0; i < SF_EVENT_COUNT; i++) {
        lines |= sf_event_is_line((enum sf_event)i) ? SF_EVENT_BIT(i) : 0;
    }
    return lines;
}

/* The events of the rule at which the condition cannot be known. */
static sf_event_set find_blind_to(const struct sf_draft *draft,
                                  enum sf_condition_kind kind,
                                  const char **out_hint)
{
    for (size_t i = 0; i < sizeof(homes) / sizeof(homes[0]); i++) {
        if (homes[i].kind == kind) {
            *out_hint = homes[i].hint;
            return draft->rule.events &
                   ~(homes[i].events |
                     (homes[i].is_of_lines ? find_lines() : 0));
        }
    }
    *out_hint = NULL;
    return find_blind(draft, sf_condition_get(kind)->scope);
}

static void check_conditions(struct sf_loader *loader,
                             const struct sf_draft *draft,
                             const struct sf_rule_places *places)
{
    for (unsigned i = 0; i < SF_CONDITION_COUNT; i++) {
        enum sf_condition_kind kind = (enum sf_condition_kind)i;
        struct subject subject = {loader, draft, places->conditions[i]};
        const char *hint = NULL;
        sf_event_set blind = find_blind_to(draft, kind, &hint);

        if (subject.place != NULL) {
            check_known(&subject, sf_condition_get(kind)->key, hint, blind);
        }
    }
}

/* `nth domain` has to know the domain. */
static void check_keys(struct sf_loader *loader, const struct sf_draft *draft)
{
    for (size_t i = 0; i < draft->rule.condition_count; i++) {
        const struct sf_condition *condition = &draft->rule.conditions[i];
        struct subject subject = {loader, draft, &draft->condition_places[i]};

        if (condition->is_by_key) {
            const struct sf_per_info *per =
                sf_per_get((enum sf_per)condition->key);
            char what[32];

            (void)snprintf(what, sizeof(what), "nth %s", per->key);
            check_known(&subject, what, NULL, find_blind(draft, per->scope));
        }
    }
}

/* These two are what `after` makes of them. */
static void check_after(struct sf_loader *loader,
                        const struct sf_draft *draft,
                        const struct sf_rule_places *places)
{
    sf_event_set timed = draft->rule.events & (SF_EVENT_BIT(SF_EVENT_IDLE) |
                                               SF_EVENT_BIT(SF_EVENT_TIMER));

    if (timed != 0 && places->conditions[SF_CONDITION_AFTER] == NULL) {
        sf_loader_error(loader, &draft->place, "for example `after = 10s`",
                        "`%s` needs `after`", sf_head_first(timed)->name);
    }
}

/* How many groups the regular expressions of the rule have; SF_GROUPS_MAX if a
 * list was faulty. */
static size_t count_groups(const struct sf_rule *rule)
{
    size_t count = 0;

    for (size_t i = 0; i < rule->condition_count; i++) {
        const struct sf_condition *condition = &rule->conditions[i];
        const struct sf_list *list = &condition->u.list;

        if (sf_condition_get(condition->kind)->type != SF_CONDITION_IS_LIST) {
            continue;
        }
        if (list->count == 0) {
            return SF_GROUPS_MAX;
        }
        for (size_t j = 0; j < list->count; j++) {
            const struct sf_pattern *item = &list->items[j];

            if (item->kind == SF_PATTERN_REGEX && !item->is_negated &&
                item->regex->re_nsub > count) {
                count = item->regex->re_nsub;
            }
        }
    }
    return count;
}

/* `number` is that of a group, or 0. */
static void check_group(const struct subject *subject, unsigned number)
{
    size_t count = count_groups(&subject->draft->rule);

    if (number <= count) {
        return;
    }
    sf_loader_error(subject->loader, subject->place,
                    "a group stands in parentheses in a regular expression of "
                    "the rule: `recipient = /^([0-9]+)-(.*)@/`",
                    count == 0 ? "`${%u}` is the group of a regular "
                                 "expression, and the rule has none with groups"
                               : "there is no group `${%u}`: the regular "
                                 "expressions of the rule have fewer",
                    number);
}

static void check_attempt_groups(struct sf_loader *loader,
                                 const struct sf_draft *draft,
                                 const struct sf_rule_places *places)
{
    struct subject subject = {loader, draft,
                              places->conditions[SF_CONDITION_ATTEMPT]};

    for (size_t i = 0; i < draft->rule.counted_count; i++) {
        const struct sf_condition *condition = &draft->rule.counted[i];

        if (condition->kind == SF_CONDITION_ATTEMPT) {
            check_group(&subject, condition->u.selector.low_group);
            if (condition->u.selector.end_group !=
                condition->u.selector.low_group) {
                check_group(&subject, condition->u.selector.end_group);
            }
        }
    }
}

/* Whether something in the rule, be it faulty, has `per` for its key. */
static bool uses_per(const struct sf_draft *draft,
                     const struct sf_rule_places *places)
{
    const unsigned shared =
        SF_PER_BIT(SF_PER_CLIENT) | SF_PER_BIT(SF_PER_LISTENER);

    for (unsigned i = SF_CONDITION_FIRST_COUNTED; i < SF_CONDITION_COUNT; i++) {
        if (places->conditions[i] != NULL) {
            return true;
        }
    }
    return draft->rule.has_counters || draft->rule.has_next_state ||
           places->conditions[SF_CONDITION_STATE] != NULL ||
           (places->conditions[SF_CONDITION_CONCURRENT] != NULL &&
            (draft->rule.per & shared));
}

static void check_per(struct sf_loader *loader,
                      const struct sf_draft *draft,
                      const struct sf_rule_places *places)
{
    struct subject subject = {loader, draft, places->per};

    if (subject.place == NULL) {
        return;
    }
    for (unsigned i = 0; i < SF_PER_COUNT; i++) {
        const struct sf_per_info *per = sf_per_get((enum sf_per)i);
        sf_event_set blind = find_blind(draft, per->scope);

        /* At every event: what is not known would all be one key. */
        if ((draft->rule.per & SF_PER_BIT(i)) && blind != 0) {
            char what[32];

            (void)snprintf(what, sizeof(what), "per = %s", per->key);
            report_blind(&subject, what, NULL, blind);
        }
    }
    if (!uses_per(draft, places)) {
        sf_loader_warn(loader, subject.place,
                       "it is the key of `attempt`, `age`, `rate`, `chance` "
                       "and `state`; `concurrent` knows `client` and "
                       "`listener`",
                       "`per` has no effect in a rule that counts nothing");
    }
}

static void check_names(struct sf_loader *loader,
                        const struct sf_draft *draft,
                        const struct sf_rule_places *places,
                        size_t index)
{
    struct subject subject = {loader, draft, &draft->action_places[index]};
    const struct sf_action *action = &draft->rule.actions[index];
    const struct sf_template *text = sf_action_text(action);

    if (action->kind == SF_ACTION_REPLY) {
        check_group(&subject, action->u.reply.code_group);
    }
    for (size_t i = 0; text != NULL && i < text->count; i++) {
        enum sf_name name = text->pieces[i].name;
        char what[32];

        if (!text->pieces[i].is_name) {
            continue;
        }
        (void)snprintf(what, sizeof(what), "${%s}", sf_template_name(name));
        check_known(&subject, what, NULL,
                    find_blind(draft, sf_template_scope(name)));
        check_group(&subject, sf_template_group(name));
        if (name == SF_NAME_REMAINING && draft->rule.age_end_us == UINT64_MAX &&
            (places->conditions[SF_CONDITION_AGE] == NULL ||
             draft->rule.counted_count > 0)) {
            sf_loader_error(loader, subject.place, "for example `age = <5m`",
                            "`${remaining}` needs an `age` with an upper end");
        }
    }
}

static void check_replies(struct sf_loader *loader,
                          const struct sf_draft *draft)
{
    size_t count = 0;
    const struct sf_place *none = NULL;

    for (size_t i = 0; i < draft->rule.action_count; i++) {
        if (draft->rule.actions[i].kind == SF_ACTION_REPLY_NONE) {
            none = &draft->action_places[i];
        }
        count += sf_action_has(&draft->rule.actions[i], SF_ACTION_REPLIES);
    }
    if (none != NULL && count > 1) {
        sf_loader_error(loader, none,
                        "keep `none`, or the lines that are to be sent",
                        "`reply = none` cannot stand beside another `reply`");
    }
}

/* What no command causes has no effect that could be taken or not. */
static void check_accept(struct sf_loader *loader, const struct sf_draft *draft)
{
    sf_event_set aside = 0;

    for (unsigned i = 0; i < SF_EVENT_COUNT; i++) {
        if (sf_event_get((enum sf_event)i)->flags & SF_EVENT_ASIDE) {
            aside |= draft->rule.events & SF_EVENT_BIT(i);
        }
    }
    for (size_t i = 0; aside != 0 && i < draft->rule.action_count; i++) {
        if (draft->rule.actions[i].kind == SF_ACTION_ACCEPT) {
            sf_loader_error(loader, &draft->action_places[i],
                            "it belongs to commands, `CONNECT` and `MESSAGE`",
                            "`%s` has no effect that `accept` could decide",
                            sf_head_first(aside)->name);
        }
    }
}

/* When TLS begins, what came in the clear has been dropped or kept. */
static void check_keep_input(struct sf_loader *loader,
                             const struct sf_draft *draft)
{
    const struct sf_rule *rule = &draft->rule;

    for (size_t i = 0; i < rule->action_count; i++) {
        if (rule->actions[i].kind == SF_ACTION_HANDSHAKE &&
            rule->actions[i].u.handshake.profile.keeps_input &&
            !(rule->events & SF_EVENT_BIT(SF_EVENT_STARTTLS))) {
            sf_loader_error(loader, &draft->action_places[i],
                            "at `TLS` it has been dropped already",
                            "`keep-input` belongs to `STARTTLS`");
        }
    }
}

/* The handshake follows these two, and no reply belongs to it. */
static void check_handshake(struct sf_loader *loader,
                            const struct sf_draft *draft,
                            const struct sf_rule_places *places)
{
    const sf_event_set events =
        SF_EVENT_BIT(SF_EVENT_STARTTLS) | SF_EVENT_BIT(SF_EVENT_TLS);
    const struct sf_rule *rule = &draft->rule;

    if (places->handshake != NULL && rule->events != 0 &&
        !(rule->events & events)) {
        sf_loader_error(loader, places->handshake,
                        "`[TLS]` is each handshake, `[STARTTLS]` the command",
                        "`handshake` belongs to `STARTTLS` and `TLS`");
    }
    if (!(rule->events & SF_EVENT_BIT(SF_EVENT_TLS))) {
        return;
    }
    check_keep_input(loader, draft);
    for (size_t i = 0; i < rule->action_count; i++) {
        if (rule->actions[i].kind == SF_ACTION_REPLY) {
            sf_loader_error(loader, &draft->action_places[i],
                            "`send` puts plaintext in its place",
                            "no reply belongs to the handshake of `TLS`");
            return;
        }
    }
}

void sf_check_rule(struct sf_loader *loader,
                   const struct sf_draft *draft,
                   const struct sf_rule_places *places)
{
    const sf_event_set with_extensions =
        SF_EVENT_BIT(SF_EVENT_EHLO) | SF_EVENT_BIT(SF_EVENT_LHLO);

    if (!places->has_action) {
        sf_loader_error(loader, &draft->place,
                        "`reply = default` exempts from later rules",
                        "the rule has no action");
    }
    check_conditions(loader, draft, places);
    check_keys(loader, draft);
    check_after(loader, draft, places);
    check_attempt_groups(loader, draft, places);
    check_per(loader, draft, places);
    check_replies(loader, draft);
    for (size_t i = 0; i < draft->rule.action_count; i++) {
        check_names(loader, draft, places, i);
    }
    check_accept(loader, draft);
    check_handshake(loader, draft, places);
    if (places->extensions != NULL && draft->rule.events != 0 &&
        !(draft->rule.events & with_extensions)) {
        sf_loader_error(loader, places->extensions,
                        "`extensions` in `[server]` holds for every answer",
                        "`extensions` belongs to `EHLO` and `LHLO`");
    }
}
