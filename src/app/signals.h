/* signals.h - the signals that steer a server, as calls from its loop. */
#ifndef SF_APP_SIGNALS_H
#define SF_APP_SIGNALS_H

#include <uv.h>

#include "smtpfault.h"

#define SF_SIGNALS_COUNT 4 /* TERM, INT, HUP, USR1 */

struct sf_signals {
    uv_signal_t handles[SF_SIGNALS_COUNT];
    size_t open_count;
    void *ctx;
    void (*on_signal)(void *ctx, int number);
};

/* SF_EIO; sf_signals_close() is due then too. */
SF_MUST_CHECK int sf_signals_open(struct sf_signals *signals,
                                  uv_loop_t *loop,
                                  void (*on_signal)(void *ctx, int number),
                                  void *ctx);

/* The memory is free when the loop has run its closing callbacks. */
void sf_signals_close(struct sf_signals *signals);

#endif
