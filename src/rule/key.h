/* key.h - keys of counters and states: the values of `per`, as octets. */
#ifndef SF_RULE_KEY_H
#define SF_RULE_KEY_H

#include "base/buf.h"
#include "rule/rule.h"
#include "rule/subject.h"

struct sf_per_info {
    const char *key;
    enum sf_scope scope; /* that an event needs for it to be known */
};

/* The row of the table; never NULL for a valid item. */
const struct sf_per_info *sf_per_get(enum sf_per per);

/* The first item of the set `per` that is not known at the event;
 * SF_PER_COUNT if all are. */
enum sf_per sf_key_missing(unsigned per, const struct sf_subject *subject);

/* Appends a number of eight octets. */
void sf_key_put_number(struct sf_buf *key, uint64_t number);

/* Appends the values of the set `per`.  Those of different lengths and those
 * of different sets never look alike; the case of ASCII letters is lost. */
void sf_key_put(struct sf_buf *key,
                unsigned per,
                const struct sf_subject *subject);

#endif
