/* run.h - what outlives a session, as the session layer sees it. */
#ifndef SF_SESSION_RUN_H
#define SF_SESSION_RUN_H

#include "rule/eval.h"
#include "scenario/scenario.h"
#include "session/census.h"
#include "session/ledger.h"
#include "session/output.h"
#include "session/transaction.h"

struct sf_exchange;

struct sf_run {
    const struct sf_scenario *scenario;
    uint64_t seed;
    double speed;
    struct sf_sink sink;
    const struct sf_trace *trace; /* borrowed; NULL: nobody asks */

    /* What clients do wrong: whether anybody looks; what was broken since a
     * session raised VIOLATION the last time, in this step. */
    bool is_watching;
    bool has_raised;
    struct sf_conduct_set raised;
    bool has_refused_ehlo; /* some EHLO was: HELO may come first then */

    uint64_t sessions; /* opened so far */
    uint64_t *fired;   /* how often each rule has fired, by index */
    struct sf_counters counters;
    struct sf_census census;
    struct sf_ledger ledger;

    /* Reused by the sessions in turn, so that no command allocates. */
    struct sf_output_spare spare;
    struct sf_exchange *exchanges;       /* free ones */
    struct sf_transaction *transactions; /* free ones */
};

/* NULL without memory. */
struct sf_exchange *sf_run_get_exchange(struct sf_run *run);
void sf_run_put_exchange(struct sf_run *run, struct sf_exchange *exchange);

struct sf_transaction *sf_run_get_transaction(struct sf_run *run);
void sf_run_put_transaction(struct sf_run *run,
                            struct sf_transaction *transaction);

bool sf_run_wants(const struct sf_run *run, uint32_t record_type);

/* A duration of the scenario at the run's speed. */
uint64_t sf_run_scale(const struct sf_run *run, uint64_t us);

#endif
