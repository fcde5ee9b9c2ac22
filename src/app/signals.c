/* signals.c - the signals that steer a server, as calls from its loop. */
#include "app/signals.h"

#include <signal.h>

static const int numbers[SF_SIGNALS_COUNT] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};

static void on_uv_signal(uv_signal_t *handle, int number)
{
    struct sf_signals *signals = handle->data;

    signals->on_signal(signals->ctx, number);
}

int sf_signals_open(struct sf_signals *signals,
                    uv_loop_t *loop,
                    void (*on_signal)(void *ctx, int number),
                    void *ctx)
{
    signals->ctx = ctx;
    signals->on_signal = on_signal;
    signals->open_count = 0;
    for (size_t i = 0; i < SF_SIGNALS_COUNT; i++) {
        uv_signal_t *handle = &signals->handles[i];

        if (uv_signal_init(loop, handle) != 0) {
            return SF_EIO;
        }
        signals->open_count++;
        handle->data = signals;
        if (uv_signal_start(handle, on_uv_signal, numbers[i]) != 0) {
            return SF_EIO;
        }
    }
    return 0;
}

void sf_signals_close(struct sf_signals *signals)
{
    for (size_t i = 0; i < signals->open_count; i++) {
        uv_close((uv_handle_t *)&signals->handles[i], NULL);
    }
    signals->open_count = 0;
}
