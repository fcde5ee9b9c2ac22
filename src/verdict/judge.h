/* judge.h - the verdict: each expectation against what the clients did. */
#ifndef SF_VERDICT_JUDGE_H
#define SF_VERDICT_JUDGE_H

#include "verdict/expect.h"
#include "verdict/history.h"
#include "verdict/outcome.h"

/* Recipients, mechanisms and the like that a result names. */
#define SF_JUDGE_NAMED_MAX 8

/* Exit statuses of a run that was judged. */
enum sf_verdict_status {
    SF_VERDICT_MET = 0,
    SF_VERDICT_FAILED = 1,
    SF_VERDICT_UNREACHED = 4,
};

struct sf_judgement {
    struct sf_arena arena;
    struct sf_outcome outcome;
};

/* Whether there is anything to judge: expectations that somebody wrote, or a
 * command under test. */
bool sf_judge_is_wanted(const struct sf_expectations *expectations,
                        const struct sf_history *history);

/* Judges a history that is over.  The judgement borrows from it and from the
 * expectations; title and scenario are for the caller to set.  SF_ENOMEM is the
 * only error. */
SF_MUST_CHECK int sf_judge(struct sf_history *history,
                           const struct sf_expectations *expectations,
                           struct sf_judgement *out_judgement);
void sf_judgement_fini(struct sf_judgement *judgement);

/* Writes the result as a record.  Returns 0, SF_ESINK or SF_ENOMEM. */
SF_MUST_CHECK int sf_judgement_put(const struct sf_judgement *judgement,
                                   const struct sf_sink *sink,
                                   uint64_t now_us);

/* The labels of rules whose waits are asked for, in `room`, which has room for
 * as many as there are expectations. */
size_t sf_judge_find_waited(const struct sf_expectations *expectations,
                            const char **room);

#endif
