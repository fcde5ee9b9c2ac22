/* ends.c - what ends a run, and how.
 *
 * With a command under test a run is over when the command has ended and
 * nothing is open any more.  What is still open then has GRACE_MS to go by
 * itself; with --until-idle it has as long as it likes.  Limits end the run
 * sooner, and the command with it. */
#include "app/ends.h"

#include "app/runs.h"
#include "app/say.h"
#include "app/waiting.h"
#include "base/buf.h"
#include "base/text.h"

/* For the sessions that a command leaves open. */
#define GRACE_MS 2000u

#define TIME_LIMIT 64 /* of a duration as text */

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

static void stop(struct sf_serving *serving, enum sf_stop why)
{
    if (serving->state != SF_SERVING_STOP) {
        sf_ends_begin_stop(serving);
    }
    if (serving->child && why != SF_STOP_NONE) {
        sf_child_end(serving->child, why,
                     why == SF_STOP_LIMIT ? SF_CHILD_KILL_MS : 0);
    }
}

/* The run cannot go on; only the first reason counts. */
static void fail(struct sf_serving *serving, int err)
{
    char error[512];

    if (serving->status == SF_STATUS_OK) {
        serving->status = sf_status_of(err);
        sf_ends_explain(serving, err, error, sizeof(error));
        sf_progress_clear(&serving->progress);
        sf_say("%s", error);
    }
    stop(serving, SF_STOP_FAILURE);
}

void sf_ends_close(struct sf_serving *serving)
{
    if (serving->server) {
        sf_net_server_close(serving->server);
    }
    sf_child_close(serving->child);
    sf_progress_close(&serving->progress);
    sf_signals_close(&serving->signals);
    uv_close((uv_handle_t *)&serving->turn, NULL);
    uv_close((uv_handle_t *)&serving->idle, NULL);
    uv_close((uv_handle_t *)&serving->grace, NULL);
    uv_close((uv_handle_t *)&serving->timeout, NULL);
}

/* Runs. */

static void finish_if_done(struct sf_serving *serving)
{
    if (serving->has_drained &&
        (!serving->child || sf_child_is_gone(serving->child))) {
        sf_progress_clear(&serving->progress);
        sf_runs_end(serving);
        sf_ends_close(serving);
    }
}

void sf_ends_on_drained(void *ctx)
{
    struct sf_serving *serving = ctx;
    int err;

    if (serving->state == SF_SERVING_STOP) {
        serving->has_drained = true;
        finish_if_done(serving);
        return;
    }
    sf_progress_clear(&serving->progress);
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

static void on_grace(uv_timer_t *timer)
{
    struct sf_serving *serving = timer->data;

    serving->wants_stop = true;
}

static bool has_had_all_sessions(const struct sf_serving *serving)
{
    uint64_t most = serving->options->max_sessions;
    struct sf_net_server_stats stats = sf_net_server_stats(serving->server);

    return most > 0 && stats.sessions - stats.open >= most;
}

/* Without --until-idle a run with a command goes on only for what is open. */
static bool is_over(const struct sf_serving *serving)
{
    return serving->child && serving->options->until_idle_us == SF_FOREVER_US &&
           sf_child_is_gone(serving->child) &&
           sf_net_server_stats(serving->server).open == 0;
}

/* What else the end of the command begins. */
static void follow_child(struct sf_serving *serving)
{
    uint64_t until_idle_us = serving->options->until_idle_us;

    if (!serving->child || serving->was_end_seen ||
        !sf_child_has_ended(serving->child)) {
        return;
    }
    serving->was_end_seen = true;
    if (until_idle_us == SF_FOREVER_US) {
        (void)uv_timer_start(&serving->grace, on_grace, GRACE_MS, 0);
    } else if (sf_net_server_stats(serving->server).open == 0) {
        start_timer(&serving->idle, until_idle_us, on_idle);
    }
}

static void say_timeout(struct sf_serving *serving)
{
    struct sf_buf time;

    sf_buf_init(&time, TIME_LIMIT);
    sf_text_put_duration(&time, serving->options->timeout_us);
    sf_progress_clear(&serving->progress);
    sf_say(
        "the run of '%.200s' is not over after %.*s: give it more with "
        "--timeout, or see what it waits for",
        serving->invocation.argv[0], (int)time.len, time.ptr);
    sf_buf_fini(&time);
}

static void follow_timeout(struct sf_serving *serving)
{
    if (!serving->is_timed_out) {
        return;
    }
    serving->is_timed_out = false;
    if (serving->child) {
        say_timeout(serving);
    }
    stop(serving, SF_STOP_TIMEOUT);
}

static void follow_limits(struct sf_serving *serving)
{
    bool is_running = serving->child && !sf_child_has_ended(serving->child);

    if (serving->state == SF_SERVING_RUN &&
        (serving->wants_stop || has_had_all_sessions(serving) ||
         is_over(serving))) {
        stop(serving, is_running ? SF_STOP_LIMIT : SF_STOP_NONE);
    }
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
    } else {
        follow_child(serving);
        follow_timeout(serving);
        follow_limits(serving);
    }
    finish_if_done(serving);
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

    serving->is_timed_out = true;
}

/* Life. */

static void describe(void *ctx, struct sf_buf *out)
{
    sf_waiting_describe(ctx, out);
}

void sf_ends_init(struct sf_serving *serving)
{
    (void)uv_prepare_init(&serving->loop, &serving->turn);
    (void)uv_timer_init(&serving->loop, &serving->idle);
    (void)uv_timer_init(&serving->loop, &serving->grace);
    (void)uv_timer_init(&serving->loop, &serving->timeout);
    sf_progress_init(&serving->progress, &serving->loop, describe, serving);
    serving->turn.data = serving;
    serving->idle.data = serving;
    serving->grace.data = serving;
    serving->timeout.data = serving;
}

void sf_ends_start(struct sf_serving *serving)
{
    (void)uv_prepare_start(&serving->turn, on_turn);
    start_timer(&serving->timeout, serving->options->timeout_us, on_timeout);
    if (!serving->options->is_quiet && sf_progress_is_possible() &&
        sf_waiting_has_end(serving->options)) {
        sf_progress_start(&serving->progress);
    }
}
