/* condition.h - the kinds of conditions, and whether one holds. */
#ifndef SF_RULE_CONDITION_H
#define SF_RULE_CONDITION_H

#include "base/buf.h"
#include "rule/subject.h"

struct sf_condition_info {
    const char *key;
    enum sf_condition_type type;
    enum sf_scope scope;
};

/* The row of the table; never NULL for a valid kind. */
const struct sf_condition_info *sf_condition_get(enum sf_condition_kind kind);

/* Whether it is one of the rule's own counters. */
bool sf_condition_is_counted(enum sf_condition_kind kind);

/* The least number that the fact of a counting condition can be: 1, or 0 such
 * as the transactions before the first MAIL. */
unsigned sf_condition_first(enum sf_condition_kind kind);

/* What a condition looks at, as it is at an event. */
struct sf_fact {
    bool is_known;
    const struct sf_slice *texts; /* LIST: any of these may match */
    size_t text_count;
    uint64_t number; /* all other types; a duration is in microseconds */
};

/* The fact of a condition that needs no counter; borrows from the subject. */
struct sf_fact sf_condition_fact(const struct sf_condition *condition,
                                 const struct sf_subject *subject);

/* Whether the value of the condition holds for the fact. */
bool sf_condition_holds(const struct sf_condition *condition,
                        const struct sf_fact *fact);

/* The fact as people read it, several texts with commas between. */
void sf_condition_put_fact(struct sf_buf *buf,
                           const struct sf_condition *condition,
                           const struct sf_fact *fact);

#endif
