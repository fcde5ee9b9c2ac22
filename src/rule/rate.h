/* rate.h - how many events a sliding window holds, exactly. */
#ifndef SF_RULE_RATE_H
#define SF_RULE_RATE_H

#include "base/map.h"
#include "rule/rule.h"

/* The windows of a run: one table for each rule that has a rate. */
struct sf_rates {
    struct sf_map **tables; /* by rate_index of the rule; made when needed */
    size_t count;
};

void sf_rates_fini(struct sf_rates *rates);

/* Adds an event of the key at now_us, which never goes back.  *out_recent is
 * how many there were in the window that ends now, this one included; what is
 * over rate_size of the rule is not counted.  SF_ENOMEM is the only error. */
SF_MUST_CHECK int sf_rates_add(struct sf_rates *rates,
                               const struct sf_rule *rule,
                               struct sf_slice key,
                               uint64_t now_us,
                               uint64_t window_us,
                               uint64_t *out_recent);

#endif
