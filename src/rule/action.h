/* action.h - the kinds of actions: what they are called, what they do to the
 * answer. */
#ifndef SF_RULE_ACTION_H
#define SF_RULE_ACTION_H

#include "rule/rule.h"

struct sf_action_info {
    const char *key;
    unsigned flags; /* set of sf_action_flag */
};

/* The row of the table; never NULL for a valid kind. */
const struct sf_action_info *sf_action_get(enum sf_action_kind kind);

bool sf_action_has(const struct sf_action *action, enum sf_action_flag flag);

/* What the action says, with its dynamic names; NULL: it has no text. */
const struct sf_template *sf_action_text(const struct sf_action *action);

/* Whether the rule has an action of the kind. */
bool sf_rule_has_action(const struct sf_rule *rule, enum sf_action_kind kind);

#endif
