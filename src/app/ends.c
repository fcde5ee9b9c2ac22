/* ends.c - what ends a run, and how. */
#include "app/ends.h"

#include "app/runs.h"
#include "app/say.h"
#include "base/text.h"

void sf_ends_explain(const struct sf_serving *serving,
                     int err,
                     char *error,
                     size_t error_size)
{
    const char *text =
        err == SF_ESINK ? sf_sinks_error(serving->sinks) : sf_strerror(err);

    if (serving->update_error[0] != '\0') {
        text = serving->update_error;
    }

    (void)snprintf(error, error_size, "%s", text ? text : sf_strerror(err));
}

void sf_ends_begin_stop(struct sf_serving *serving)
{
    bool is_draining = serving->state != SF_SERVING_RUN;

    serving->state = SF_SERVING_STOP;
    sf_net_server_close_listeners(serving->server);
    if (!is_draining) {
        sf_net_server_drain(serving->server);
    }
}

/* The run cannot go on; only the first reason counts. */
static void fail(struct sf_serving *serving, int err)
{
    char error[512];

    if (serving->status == SF_STATUS_OK) {
        serving->status = sf_status_of(err);
        sf_ends_explain(serving, err, error, sizeof(error));
        sf_say("%s", error);
    }
    if (serving->state != SF_SERVING_STOP) {
        sf_ends_begin_stop(serving);
    }
}

void sf_ends_close(struct sf_serving *serving)
{
    if (serving->server) {
        sf_net_server_close(serving->server);
    }
    sf_signals_close(&serving->signals);
    uv_close((uv_handle_t *)&serving->turn, NULL);
    uv_close((uv_handle_t *)&serving->idle, NULL);
    uv_close((uv_handle_t *)&serving->timeout, NULL);
}

/* Runs. */

void sf_ends_on_drained(void *ctx)
{
    struct sf_serving *serving = ctx;
    int err;

    if (serving->state == SF_SERVING_STOP) {
        sf_runs_end(serving);
        sf_ends_close(serving);
        return;
    }
    serving->wants_stop = false;
    (void)uv_timer_stop(&serving->idle);
    err = sf_runs_next(serving);
    if (err != 0) {
        /* Nothing is open, so that draining ends in the next turn. */
        serving->state = SF_SERVING_RUN;
        serving->failure = err;
        fail(serving, err);
    }
}

/* Notes. */

static bool has_had_all_sessions(const struct sf_serving *serving)
{
    uint64_t most = serving->options->max_sessions;
    struct sf_net_server_stats stats = sf_net_server_stats(serving->server);

    return most > 0 && stats.sessions - stats.open >= most;
}

static void follow_notes(struct sf_serving *serving)
{
    int err = serving->failure;

    if (err == 0) {
        err = sf_sinks_flush(serving->sinks);
        serving->failure = err;
    }
    if (err != 0) {
        fail(serving, err);
    } else if (serving->state == SF_SERVING_RUN &&
               (serving->wants_stop || has_had_all_sessions(serving))) {
        sf_ends_begin_stop(serving);
    }
}

static void on_turn(uv_prepare_t *handle)
{
    follow_notes(handle->data);
}

void sf_ends_on_error(void *ctx, int err)
{
    struct sf_serving *serving = ctx;

    serving->failure = err;
}

static void
start_timer(uv_timer_t *timer, uint64_t wait_us, uv_timer_cb on_time)
{
    if (wait_us != SF_FOREVER_US) {
        (void)uv_timer_start(timer, on_time, (wait_us + 999) / 1000, 0);
    }
}

static void on_idle(uv_timer_t *timer)
{
    struct sf_serving *serving = timer->data;

    /* If one was opened since, its end asks again. */
    if (sf_net_server_stats(serving->server).open == 0) {
        serving->wants_stop = true;
    }
}

void sf_ends_on_session_end(void *ctx)
{
    struct sf_serving *serving = ctx;

    if (serving->state == SF_SERVING_RUN &&
        sf_net_server_stats(serving->server).open == 0) {
        start_timer(&serving->idle, serving->options->until_idle_us, on_idle);
    }
}

static void on_timeout(uv_timer_t *timer)
{
    struct sf_serving *serving = timer->data;

    serving->wants_stop = true;
}

/* Life. */

void sf_ends_init(struct sf_serving *serving)
{
    (void)uv_prepare_init(&serving->loop, &serving->turn);
    (void)uv_timer_init(&serving->loop, &serving->idle);
    (void)uv_timer_init(&serving->loop, &serving->timeout);
    serving->turn.data = serving;
    serving->idle.data = serving;
    serving->timeout.data = serving;
}

void sf_ends_start(struct sf_serving *serving)
{
    (void)uv_prepare_start(&serving->turn, on_turn);
    start_timer(&serving->timeout, serving->options->timeout_us, on_timeout);
}
