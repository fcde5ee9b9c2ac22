/* waiting.h - what a run waits for, in words. */
#ifndef SF_APP_WAITING_H
#define SF_APP_WAITING_H

#include "app/serving.h"

/* Whether there is an end to wait for: a command under test, or a limit. */
bool sf_waiting_has_end(const struct sf_options *options);

/* Appends it, in one line without a newline: `waiting for 'swaks' to end,
 * 9m58s left`. */
void sf_waiting_describe(const struct sf_serving *serving, struct sf_buf *out);

#endif
