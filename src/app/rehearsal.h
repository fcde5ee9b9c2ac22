/* rehearsal.h - a conversation with the engine without a client: who had a say
 * in each answer, and why the others had none.
 *
 * Time is virtual: whatever waits is waited for at once.  What happens is
 * gathered in turns, one for each event, in order. */
#ifndef SF_APP_REHEARSAL_H
#define SF_APP_REHEARSAL_H

#include "base/arena.h"
#include "rule/eval.h"

/* What became of a rule of the event. */
struct sf_turn_rule {
    const struct sf_turn_rule *next;
    const struct sf_rule *rule;
    enum sf_trace_outcome outcome;
    const char *why; /* it has no say, printable; NULL: it applies */
};

/* A line that the server sent. */
struct sf_turn_line {
    const struct sf_turn_line *next;
    struct sf_slice text; /* without CRLF */
    bool is_last;         /* of its reply */
    uint64_t after_us;    /* since the command */
};

/* An action that is no plain reply: `delay`, "2s". */
struct sf_turn_fault {
    const struct sf_turn_fault *next;
    const char *action;
    struct sf_slice value;
};

struct sf_turn {
    struct sf_turn *next;
    const char *command; /* as it was given; NULL: the event is none */
    const char *event;   /* NULL: the server spoke unasked, or not sent */
    const struct sf_turn_rule *rules; /* in file order */
    const struct sf_turn_line *lines;
    const struct sf_turn_fault *faults;
    const char *note; /* what else there is to say; NULL: nothing */
    bool is_implied;  /* nobody gave the command */
};

struct sf_rehearsal;

struct sf_rehearsal_config {
    const struct sf_scenario *scenario; /* borrowed */
    uint64_t seed;
    double speed;
};

/* NULL without memory. */
struct sf_rehearsal *sf_rehearsal_new(const struct sf_rehearsal_config *config);
void sf_rehearsal_free(struct sf_rehearsal *rehearsal); /* accepts NULL */

/* A client connects; the one before it leaves.  All that follows returns 0 or
 * SF_ENOMEM. */
SF_MUST_CHECK int sf_rehearsal_open(struct sf_rehearsal *rehearsal,
                                    enum sf_protocol protocol);

/* The client sends a line, which is borrowed, CRLF is added.  If the server
 * does not read on, the turn says so. */
SF_MUST_CHECK int sf_rehearsal_say(struct sf_rehearsal *rehearsal,
                                   const char *line,
                                   bool is_implied);

/* The client sends message data: lines that end in LF, dots are doubled and the
 * final dot added; or, if the server awaits a chunk, that many octets of it,
 * filled up with `x`, at most 64 MiB.  If it awaits neither nothing is sent,
 * which the turn says if there is a text. */
SF_MUST_CHECK int sf_rehearsal_send_message(struct sf_rehearsal *rehearsal,
                                            struct sf_slice text);

/* Time passes. */
SF_MUST_CHECK int sf_rehearsal_wait(struct sf_rehearsal *rehearsal,
                                    uint64_t us);

/* All so far; they live as long as the rehearsal. */
const struct sf_turn *sf_rehearsal_turns(const struct sf_rehearsal *rehearsal);

#endif
