/* ends.h - what ends a run, and how. */
#ifndef SF_APP_ENDS_H
#define SF_APP_ENDS_H

#include "app/serving.h"

/* These only fill in the structs. */
void sf_ends_init(struct sf_serving *serving);

/* The run has begun: its time goes by, and notes are followed. */
void sf_ends_start(struct sf_serving *serving);

/* Closes everything that keeps the loop going. */
void sf_ends_close(struct sf_serving *serving);

/* Nothing more is accepted, and what is open ends, but for the command under
 * test; a note is enough for whoever may be in the middle of a step. */
void sf_ends_begin_stop(struct sf_serving *serving);

/* Writes why the run could not go on. */
void sf_ends_explain(const struct sf_serving *serving,
                     int err,
                     char *error,
                     size_t error_size);

/* Hooks of the server; ctx is the serving. */
void sf_ends_on_error(void *ctx, int err);
void sf_ends_on_session_end(void *ctx);
void sf_ends_on_drained(void *ctx);

#endif
