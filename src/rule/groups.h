/* groups.h - what the groups of a rule's regular expression matched. */
#ifndef SF_RULE_GROUPS_H
#define SF_RULE_GROUPS_H

#include "base/buf.h"
#include "rule/rule.h"
#include "rule/subject.h"

/* Copies, in a buffer that outlives what was matched. */
struct sf_groups {
    struct {
        size_t offset; /* into the buffer */
        size_t len;
    } at[SF_GROUPS_MAX];
};

/* The groups of the first positive regular expression that matches, in the
 * order of the conditions, which hold; all empty if none does.  Of an argument
 * that is secret each is `*`.  Appends to `text`. */
void sf_groups_capture(const struct sf_rule *rule,
                       const struct sf_subject *subject,
                       struct sf_buf *text,
                       struct sf_groups *out_groups);

/* Group 1..SF_GROUPS_MAX; empty if it took no part.  Borrows from `text`. */
struct sf_slice sf_groups_get(const struct sf_groups *groups,
                              const struct sf_buf *text,
                              unsigned number);

/* The selector with the numbers of its groups in the place of their names.
 * False if a group is no number up to SF_NUMBER_MAX. */
bool sf_groups_resolve(const struct sf_groups *groups,
                       const struct sf_buf *text,
                       struct sf_selector *selector);

#endif
