/* counter.h - what the rules of a run count: keys of octets, and what is kept
 * for each. */
#ifndef SF_RULE_COUNTER_H
#define SF_RULE_COUNTER_H

#include "base/buf.h"
#include "base/map.h"
#include "rule/rule.h"
#include "rule/subject.h"

/* Keys of all rules together; beyond it the oldest key is forgotten. */
#define SF_COUNTER_KEYS_MAX 1048576

/* The counters of a run's rules. */
struct sf_counters {
    struct sf_map *map;
    struct sf_map *ordinals; /* of `nth KEY`: they outlive their scope, so that
                                they may not push out the others */
    struct sf_buf key;       /* scratch */
};

SF_MUST_CHECK int sf_counters_init(struct sf_counters *counters);
void sf_counters_fini(struct sf_counters *counters);

/* The first item of the set `per` that is not known at the event;
 * SF_PER_COUNT if all are. */
enum sf_per sf_counters_missing(unsigned per, const struct sf_subject *subject);

/* Which of the different values of `per` in the scope of the event this one's
 * is, from 1; 0 if it is not known.  A value that was not there before gets
 * the next number.  SF_ENOMEM is the only error. */
SF_MUST_CHECK int sf_counters_find_nth(struct sf_counters *counters,
                                       enum sf_per per,
                                       const struct sf_subject *subject,
                                       uint64_t *out_nth);

/* Counts the event for the key of the rule.  SF_ENOMEM is the only error. */
SF_MUST_CHECK int sf_counters_add(struct sf_counters *counters,
                                  const struct sf_rule *rule,
                                  const struct sf_subject *subject,
                                  uint64_t *out_attempt,
                                  uint64_t *out_age_us);

#endif
