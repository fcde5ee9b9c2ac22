/* reply.h - the actions of a rule, and the lines of `reply` among them. */
#ifndef SF_SCENARIO_REPLY_H
#define SF_SCENARIO_REPLY_H

#include "rule/rule.h"
#include "scenario/source.h"
#include "scenario/value.h"

/* The hint where a comment cuts octets that are sent. */
#define SF_REPLY_SEMICOLON                                                     \
    "a semicolon behind a blank is written `\\x3b`, in a quoted value; a "     \
    "comment takes a line of its own"

/* The actions of one rule so far, with their places. */
struct sf_action_list {
    struct sf_action *items;
    struct sf_place *places;
    size_t count;
    size_t room; /* the entries of the section: none makes more than one */
};

/* Appends a copy of the action, which is said to stand at `place`. */
void sf_action_list_add(struct sf_action_list *actions,
                        const struct sf_action *action,
                        const struct sf_place *place);

/* Whether the text can stand in a line; reported if not. */
bool sf_reply_check_octets(struct sf_loader *loader,
                           const struct sf_place *place,
                           struct sf_slice text);

/* Compiles the `reply` at `entry` with its continuations.  Returns the entry
 * behind them. */
const struct sf_entry *sf_reply_compile(struct sf_loader *loader,
                                        struct sf_lets *lets,
                                        const struct sf_entry *entry,
                                        struct sf_action_list *actions);

#endif
