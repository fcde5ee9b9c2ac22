/* action.c - the table of actions. */
#include "rule/action.h"

static const struct sf_action_info infos[SF_ACTION_COUNT] = {
#define X(name, key, flags) [SF_ACTION_##name] = {(key), (flags)},
    SF_ACTION_MAP(X)
#undef X
};

const struct sf_action_info *sf_action_get(enum sf_action_kind kind)
{
    return &infos[kind];
}

bool sf_action_has(const struct sf_action *action, enum sf_action_flag flag)
{
    return (infos[action->kind].flags & flag) != 0;
}

const struct sf_template *sf_action_text(const struct sf_action *action)
{
    switch (action->kind) {
    case SF_ACTION_REPLY:
        return &action->u.reply.text;
    case SF_ACTION_CHALLENGE:
        return &action->u.challenge;
    case SF_ACTION_SEND:
        return &action->u.send;
    case SF_ACTION_DELAY:
        return &action->u.delay.text;
    case SF_ACTION_NOTE:
        return &action->u.note;
    default:
        return NULL;
    }
}

bool sf_rule_has_action(const struct sf_rule *rule, enum sf_action_kind kind)
{
    for (size_t i = 0; i < rule->action_count; i++) {
        if (rule->actions[i].kind == kind) {
            return true;
        }
    }
    return false;
}
