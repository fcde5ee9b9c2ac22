/* progress.h - one line at the bottom of a terminal that says what a run waits
 * for.  It comes when nothing was said for a second, and goes before anything
 * else is said. */
#ifndef SF_APP_PROGRESS_H
#define SF_APP_PROGRESS_H

#include <uv.h>

#include "base/buf.h"

struct sf_progress {
    uv_timer_t timer;
    void (*describe)(void *ctx,
                     struct sf_buf *out); /* appends the line; an
                                             empty one is not shown */
    void *ctx;
    bool is_shown;
    bool is_line_open; /* the cursor stands behind what somebody else wrote */
    uint64_t last_ms;  /* when something was said; by the clock of the loop */
};

/* Only fills in the struct. */
void sf_progress_init(struct sf_progress *progress,
                      uv_loop_t *loop,
                      void (*describe)(void *ctx, struct sf_buf *out),
                      void *ctx);

/* Whether standard error is a terminal that can take back a line. */
bool sf_progress_is_possible(void);

void sf_progress_start(struct sf_progress *progress);

/* Takes the line back, for a message of ours: whole lines. */
void sf_progress_clear(struct sf_progress *progress);

/* The same for octets that go to the terminal as they are. */
void sf_progress_give_way(struct sf_progress *progress, struct sf_slice octets);

void sf_progress_close(struct sf_progress *progress);

#endif
