/* eval.h - which rules take an event: (rules, subject, counters) -> decision.
 *
 * Nothing in here knows the connection; the same calls with the same counters
 * give the same decision. */
#ifndef SF_RULE_EVAL_H
#define SF_RULE_EVAL_H

#include "rule/counter.h"
#include "rule/groups.h"
#include "rule/rule.h"
#include "rule/subject.h"

/* A rule whose conditions held. */
struct sf_firing {
    const struct sf_rule *rule;
    struct sf_tally tally;   /* zero without counters */
    struct sf_groups groups; /* if the rule uses them */
    size_t state_offset;     /* sf_decision_state_key() */
    size_t state_len;
};

/* The rules that apply, in file order.  All but the last leave the answer to
 * others; with has_taker the last one answers.  Reusable: memory is kept. */
struct sf_decision {
    struct sf_firing *firings;
    size_t count;
    size_t size;
    bool has_taker;
    struct sf_buf text; /* of groups and keys of the firings */
};

void sf_decision_init(struct sf_decision *decision);
void sf_decision_fini(struct sf_decision *decision);

/* Group 1..SF_GROUPS_MAX of a firing of the decision, empty if it took no part;
 * borrowed until the next evaluation. */
struct sf_slice sf_decision_group(const struct sf_decision *decision,
                                  const struct sf_firing *firing,
                                  unsigned number);

/* The key of the states that `next-state` of the firing sets; as long. */
struct sf_slice sf_decision_state_key(const struct sf_decision *decision,
                                      const struct sf_firing *firing);

/* What became of a rule. */
enum sf_trace_outcome {
    SF_TRACE_APPLIES,
    SF_TRACE_FAILS, /* a condition does not hold */
    SF_TRACE_TAKEN, /* an earlier rule took the event; whether this one's
                       conditions hold was not asked */
};

struct sf_trace_step {
    const struct sf_rule *rule;
    enum sf_trace_outcome outcome;
    /* FAILS: the first condition that does not hold; NULL: `per` asks for
     * what is not known. */
    const struct sf_condition *condition;
    enum sf_per missing; /* FAILS without condition: which item of `per` */
    /* FAILS: what the condition looked at, as text; ptr is NULL where it is
     * not known.  Borrowed for the call. */
    struct sf_slice actual;
};

/* Is told about every rule of an event, in file order. */
struct sf_trace {
    void (*tell)(void *ctx,
                 enum sf_event event,
                 const struct sf_trace_step *step);
    void *ctx;
};

/* What the evaluations of a run have in common. */
struct sf_rules_context {
    const struct sf_ruleset *rules;
    uint64_t seed;
    double speed; /* divides durations */
    struct sf_counters *counters;
    const struct sf_trace *trace; /* NULL: nobody asks */
};

/* Counts on every rule of the event that has counters, and finds the rules
 * that apply.  Fills nth_of of the subject.  SF_ENOMEM is the only error. */
SF_MUST_CHECK int sf_rules_eval(const struct sf_rules_context *context,
                                struct sf_subject *subject,
                                struct sf_decision *decision);

/* A duration of the scenario at that speed: those of 1 s and more are divided,
 * shorter ones and SF_FOREVER_US stay.  Its sum with a time has room. */
uint64_t sf_speed_scale(double speed, uint64_t us);

#endif
