/* rehearsal.h - a conversation with the engine without a client.
 *
 * Time is virtual: whatever waits is waited for at once. */
#ifndef SF_APP_REHEARSAL_H
#define SF_APP_REHEARSAL_H

#include "app/turns.h"
#include "scenario/scenario.h"

struct sf_rehearsal;

struct sf_rehearsal_config {
    const struct sf_scenario *scenario; /* borrowed */
    uint64_t seed;
    double speed;
};

/* NULL without memory. */
struct sf_rehearsal *sf_rehearsal_new(const struct sf_rehearsal_config *config);
void sf_rehearsal_free(struct sf_rehearsal *rehearsal); /* accepts NULL */

/* A client connects; the one before it leaves.  The name of the listener is
 * borrowed; NULL takes the scenario's first one that serves the protocol, else
 * `default`.  One that refuses or stalls opens no session, and the turn says
 * so.  All that follows returns 0, SF_ENOMEM or SF_ETOOBIG. */
SF_MUST_CHECK int sf_rehearsal_open(struct sf_rehearsal *rehearsal,
                                    enum sf_protocol protocol,
                                    const char *listener);

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
