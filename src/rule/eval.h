/* eval.h - which rules take an event: (rules, subject, counters) -> decision.
 *
 * Nothing in here knows the connection; the same calls with the same counters
 * give the same decision. */
#ifndef SF_RULE_EVAL_H
#define SF_RULE_EVAL_H

#include "base/buf.h"
#include "base/map.h"
#include "rule/rule.h"

/* Keys of all rules together; beyond it the oldest key is forgotten. */
#define SF_COUNTER_KEYS_MAX 1048576

/* The facts of one event.  What is not known has its has_ flag off, and a
 * condition on it does not hold. */
struct sf_subject {
    enum sf_event event;
    uint64_t now_us;
    struct sf_slice client;
    struct sf_slice listener;
    bool has_helo;
    struct sf_slice helo;
    bool has_sender;
    struct sf_slice sender;
    /* RCPT: the one; DATA, BDAT, BURL and MESSAGE: the accepted ones, of which
     * any may match.  The first one is the key of `per`. */
    const struct sf_slice *recipients;
    size_t recipient_count;
    bool has_argument;
    struct sf_slice argument;
    struct sf_slice message; /* identity; MESSAGE only */
    uint64_t session;
    uint64_t transaction;
    uint64_t nth;
};

/* The counters of a run's rules. */
struct sf_counters {
    struct sf_map *map;
    struct sf_buf key; /* scratch */
};

SF_MUST_CHECK int sf_counters_init(struct sf_counters *counters);
void sf_counters_fini(struct sf_counters *counters);

/* A rule whose conditions held. */
struct sf_firing {
    const struct sf_rule *rule;
    uint64_t attempt; /* 0 without counters */
    uint64_t age_us;
};

/* The rules that apply, in file order.  All but the last leave the answer to
 * others; with has_taker the last one answers.  Reusable: memory is kept. */
struct sf_decision {
    struct sf_firing *firings;
    size_t count;
    size_t size;
    bool has_taker;
};

void sf_decision_fini(struct sf_decision *decision);

/* Counts on every rule of the event that has counters, then finds the rules
 * that apply.  `speed` divides durations.  SF_ENOMEM is the only error. */
SF_MUST_CHECK int sf_rules_eval(const struct sf_ruleset *rules,
                                const struct sf_subject *subject,
                                double speed,
                                struct sf_counters *counters,
                                struct sf_decision *decision);

/* A duration of the scenario at that speed: those of 1 s and more are divided,
 * shorter ones and SF_FOREVER_US stay. */
uint64_t sf_speed_scale(double speed, uint64_t us);

#endif
