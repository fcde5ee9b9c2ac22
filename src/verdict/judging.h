/* judging.h - what the files that judge share: match.c, judge.c, and
 * the files of rows, judge_*.c. */
#ifndef SF_VERDICT_JUDGING_H
#define SF_VERDICT_JUDGING_H

#include "verdict/judge.h"

/* An attempt to get one message to one recipient. */
struct sf_try {
    uint32_t message; /* SF_NAMELESS: sender and recipient stand for it */
    uint32_t sender;
    uint32_t recipient;
    const struct sf_attempt *attempt;
};

struct sf_judging {
    struct sf_arena *arena;
    struct sf_history *history;
    const struct sf_expectations *expectations;
    struct sf_try *tries; /* by message and recipient, then in time */
    size_t try_count;
    size_t try_size;
    bool is_out_of_memory;
};

typedef void sf_judge_fn(struct sf_judging *judging,
                         const struct sf_expectation *expectation,
                         struct sf_result *result);

/* Brings attempts and messages together. */
SF_MUST_CHECK int sf_judging_match(struct sf_judging *judging);

/* Text in the arena; "" without memory, which is remembered. */
const char *sf_judging_printf(struct sf_judging *judging,
                              const char *format,
                              ...) __attribute__((format(printf, 2, 3)));

/* The name, printable; `<>` and the like are the caller's. */
const char *sf_judging_name(struct sf_judging *judging, uint32_t name);

/* What a selector asks for, in words: "2 to 3", "at least 5m". */
const char *sf_judging_wish(struct sf_judging *judging,
                            const struct sf_expectation *expectation,
                            const struct sf_selector *selector);

/* A value in the form of the expectation: a number, a size, a duration. */
const char *sf_judging_value(struct sf_judging *judging,
                             const struct sf_expectation *expectation,
                             uint64_t value);

/* The part of the dialogue that shows it. */
void sf_judging_show(struct sf_judging *judging,
                     struct sf_result *result,
                     const struct sf_mark *mark);

/* Sets actual to the number, and the standing by the selector. */
void sf_judging_count(struct sf_judging *judging,
                      const struct sf_expectation *expectation,
                      struct sf_result *result,
                      uint64_t number);

/* A measured time as the scenario counts it: --speed makes it longer. */
uint64_t sf_judging_scale(const struct sf_judging *judging, uint64_t us);

/* What a client should do after the last attempt, if it was deferred; NULL:
 * nothing more. */
const char *sf_judging_advise_end(const struct sf_attempt *last);

/* Rows: by key. */
sf_judge_fn sf_judge_messages;
sf_judge_fn sf_judge_duplicates;
sf_judge_fn sf_judge_attempts;
sf_judge_fn sf_judge_gap;
sf_judge_fn sf_judge_backoff;
sf_judge_fn sf_judge_recipients;
sf_judge_fn sf_judge_after_permanent;
sf_judge_fn sf_judge_octets;
sf_judge_fn sf_judge_content;
sf_judge_fn sf_judge_habit;
sf_judge_fn sf_judge_plaintext;
sf_judge_fn sf_judge_auth_attempts;
sf_judge_fn sf_judge_mechanism;
sf_judge_fn sf_judge_violations;
sf_judge_fn sf_judge_waited;
sf_judge_fn sf_judge_fired;
sf_judge_fn sf_judge_exit;
sf_judge_fn sf_judge_output;
sf_judge_fn sf_judge_duration;
sf_judge_fn sf_judge_cpu;
sf_judge_fn sf_judge_memory;
sf_judge_fn sf_judge_secrets;

#endif
