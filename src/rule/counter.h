/* counter.h - what the rules of a run count, and the states that they keep. */
#ifndef SF_RULE_COUNTER_H
#define SF_RULE_COUNTER_H

#include "base/buf.h"
#include "base/map.h"
#include "rule/rate.h"
#include "rule/rule.h"
#include "rule/subject.h"

/* Keys of all rules together; beyond it the oldest key is forgotten. */
#define SF_COUNTER_KEYS_MAX 1048576

/* The counters of a run's rules. */
struct sf_counters {
    struct sf_map *map;
    struct sf_map *ordinals; /* of `nth KEY`: they outlive their scope, so that
                                they may not push out the others */
    struct sf_map *states;
    struct sf_rates rates;
    struct sf_buf key; /* scratch */
};

SF_MUST_CHECK int sf_counters_init(struct sf_counters *counters);
void sf_counters_fini(struct sf_counters *counters);

/* Which of the different values of `per` in the scope of the event this one's
 * is, from 1; 0 if it is not known.  A value that was not there before gets
 * the next number.  SF_ENOMEM is the only error. */
SF_MUST_CHECK int sf_counters_find_nth(struct sf_counters *counters,
                                       enum sf_per per,
                                       const struct sf_subject *subject,
                                       uint64_t *out_nth);

/* What the counters of a rule say at an event. */
struct sf_tally {
    uint64_t attempt;
    uint64_t age_us;
    /* What draws may depend on: the attempts for `per`; without it those of a
     * chance, which are apart for each sender and recipient; else 0. */
    uint64_t draw_attempt;
    uint64_t recent; /* events in the window of its rate */
    uint64_t drawn;  /* 0..SF_CHANCE_WHOLE - 1: a pure function of seed, rule,
                        key and attempt */
};

/* Counts the event for the key of the rule; `window_us` is that of its rate.
 * SF_ENOMEM is the only error. */
SF_MUST_CHECK int sf_counters_add(struct sf_counters *counters,
                                  const struct sf_rule *rule,
                                  const struct sf_subject *subject,
                                  uint64_t seed,
                                  uint64_t window_us,
                                  struct sf_tally *out_tally);

/* The key of the states that rules with the same `per` share; valid until the
 * next call.  Check failed of the buffer. */
struct sf_slice sf_counters_state_key(struct sf_counters *counters,
                                      unsigned per,
                                      const struct sf_subject *subject);

/* The state of that key, SF_STATE_START if none was set. */
const char *sf_counters_get_state(const struct sf_counters *counters,
                                  struct sf_slice key);

/* Sets it; borrows the name.  SF_ENOMEM is the only error. */
SF_MUST_CHECK int sf_counters_set_state(struct sf_counters *counters,
                                        struct sf_slice key,
                                        const char *state);

#endif
