/* outcome.h - what a run came to: each expectation with what was seen, and the
 * part of the dialogue that shows it.  Reports are made of it and of nothing
 * else.
 *
 * Texts are borrowed from whoever made the outcome.  What came from the network
 * is printable in them already. */
#ifndef SF_VERDICT_OUTCOME_H
#define SF_VERDICT_OUTCOME_H

#include "journal/record.h"

enum sf_standing {
    SF_STANDING_MET,
    SF_STANDING_FAILED,
    SF_STANDING_UNREACHED, /* a rule was not reached: nothing was proved */
};

/* A line of the dialogue, or beside it. */
struct sf_evidence {
    uint64_t line; /* of the journal, from 1 */
    uint64_t session;
    uint64_t t_us;
    char side;               /* 'C', 'S', or '-': neither has said it */
    const char *text;        /* one line */
    struct sf_rule_ref rule; /* that made it; label NULL: none */
};

struct sf_result {
    const char *label;    /* of its section [expect LABEL]; NULL: it has none */
    const char *key;      /* "attempts", "fired.greylist" */
    const char *expected; /* as written */
    const char *actual;   /* in the same form */
    const char *path; /* where it stands; NULL: nowhere (a default, --expect) */
    unsigned line;
    enum sf_standing standing;
    const char *text;   /* what was seen, one sentence; NULL: nothing to add */
    const char *advice; /* what a correct client does, with the RFC section;
                           NULL: nothing to add */
    const struct sf_evidence *evidence; /* in the order of the journal */
    size_t evidence_count;
};

/* A client rule that was broken, whether or not that was expected. */
struct sf_breach {
    const char *id;    /* "SEQ-07" */
    const char *level; /* "MUST", "SHOULD" */
    const char *rfc;
    const char *text;
    uint64_t count;
    struct sf_evidence first;
};

struct sf_outcome {
    const char *title;    /* of the scenario; NULL: it has none */
    const char *scenario; /* its first file */
    const char *command;  /* the command under test; NULL: none */
    const struct sf_result *results;
    size_t result_count;
    uint64_t failed;
    uint64_t unreached;
    const struct sf_breach *breaches; /* in the order of their first */
    size_t breach_count;
    uint64_t sessions;
    uint64_t messages; /* different ones that were accepted */
    uint64_t duration_us;
    const char *wall_clock; /* when it began, RFC 3339, UTC */
    uint64_t seed;
    double speed;
    int exit_status; /* ours */
};

#endif
