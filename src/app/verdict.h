/* verdict.h - the verdict of a live run: its records pass through here on their
 * way to the journal, and are judged when it is over. */
#ifndef SF_APP_VERDICT_H
#define SF_APP_VERDICT_H

#include "app/options.h"
#include "app/status.h"
#include "scenario/scenario.h"
#include "verdict/judge.h"

struct sf_verdict {
    struct sf_sink next; /* where the records go */
    uint64_t line;       /* of the journal, written so far */
    const struct sf_scenario *scenario;
    const char **waited; /* owned */
    bool is_kept;        /* the run may be judged */
    struct sf_history history;
    enum sf_status worst; /* of all runs so far */
};

/* For a server that writes its records to `next`. */
void sf_verdict_init(struct sf_verdict *verdict, struct sf_sink next);

/* A run begins, of a scenario that outlives it.  Gives the sink for its
 * records, which points to *verdict. */
SF_MUST_CHECK int sf_verdict_begin(struct sf_verdict *verdict,
                                   const struct sf_scenario *scenario,
                                   bool has_command,
                                   struct sf_sink *out_sink);

/* Adds a record of a journal, as the sink does.  SF_ENOMEM is the only error.
 */
SF_MUST_CHECK int sf_verdict_add(struct sf_verdict *verdict,
                                 const struct sf_record *record);

/* Whether the run will be judged. */
bool sf_verdict_is_judged(const struct sf_verdict *verdict);

/* The run is over: judges it, tells the verdict as the options want it, and
 * writes the records of expectations and of the verdict.  It is not judged if
 * `status` tells that it could not go on. Returns 0, SF_ESINK or SF_ENOMEM. */
SF_MUST_CHECK int sf_verdict_end(struct sf_verdict *verdict,
                                 const struct sf_options *options,
                                 enum sf_status status,
                                 uint64_t now_us);

/* Forgets a run, judged or not; may be called twice. */
void sf_verdict_fini(struct sf_verdict *verdict);

#endif
