/* key.h - keys of counters and states: the values of `per`, as octets. */
#ifndef SF_RULE_KEY_H
#define SF_RULE_KEY_H

#include "base/buf.h"
#include "rule/rule.h"
#include "rule/subject.h"

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
