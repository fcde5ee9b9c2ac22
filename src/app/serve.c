/* serve.c - serving: from the loaded scenario to the verdict.
 *
 * Everything is opened in the order scenario, listeners, sinks, signals; then
 * a run begins (app/runs.c): records, port file, ready lines, loop.  When what
 * ends it (app/ends.c) has ended it, the loop runs out of handles. */
#include "app/serve.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/announce.h"
#include "app/ends.h"
#include "app/reports.h"
#include "app/runs.h"
#include "app/say.h"
#include "app/steer.h"
#include "app/terminal.h"

static void on_transcript(void *ctx)
{
    struct sf_serving *serving = ctx;

    sf_progress_clear(&serving->progress);
}

static void on_output(void *ctx, struct sf_slice octets)
{
    struct sf_serving *serving = ctx;

    sf_progress_give_way(&serving->progress, octets);
}

static int
open_sinks(struct sf_serving *serving, char *error, size_t error_size)
{
    const struct sf_options *options = serving->options;
    const struct sf_sinks_config config = {
        .journal_path = options->journal,
        .has_transcript = sf_terminal_has_transcript(options),
        .has_color = sf_terminal_has_color(options, STDERR_FILENO),
        .before_transcript = on_transcript,
        .ctx = serving,
        .save_dir = options->save_dir};
    int err = sf_reports_check(options, error, error_size);

    if (err == 0) {
        err = sf_sinks_open(&config, &serving->sinks, error, error_size);
    }
    if (err == 0) {
        sf_verdict_init(&serving->verdict, sf_sinks_sink(serving->sinks));
    }
    return err;
}

static int
open_server(struct sf_serving *serving, char *error, size_t error_size)
{
    const struct sf_net_server_config config = {
        .loop = &serving->loop,
        .zero_ns = serving->zero_ns,
        .listeners = serving->listeners.list,
        .listener_count = serving->listeners.count,
        .ctx = serving,
        .on_error = sf_ends_on_error,
        .on_session_end = sf_ends_on_session_end,
        .on_drained = sf_ends_on_drained};

    serving->server = sf_net_server_new(&config);
    if (!serving->server) {
        (void)snprintf(error, error_size, "%s", sf_strerror(SF_ENOMEM));
        return SF_ENOMEM;
    }
    return sf_net_server_open(serving->server, error, error_size);
}

/* What goes to standard output, unless something else owns it. */
static int find_output(const struct sf_options *options)
{
    return sf_options_is_stdout_taken(options) ? STDERR_FILENO : STDOUT_FILENO;
}

/* Whether a command under test may meet TLS. */
static bool speaks_tls(const struct sf_listeners *listeners)
{
    for (size_t i = 0; i < listeners->count; i++) {
        if (listeners->list[i].url.is_tls ||
            listeners->list[i].tls.is_offered) {
            return true;
        }
    }
    return false;
}

/* Writes what the client needs to know before the run begins: whom to trust,
 * and for a command under test all of it. */
static int prepare(struct sf_serving *serving, char *error, size_t error_size)
{
    const struct sf_options *options = serving->options;
    bool is_wanted =
        options->under_test_count > 0 && speaks_tls(&serving->listeners);
    int err =
        sf_identity_write_authority(&serving->identity, serving->server,
                                    options, is_wanted, error, error_size);
    const struct sf_invocation_facts facts = {.server = serving->server,
                                              .listeners = &serving->listeners,
                                              .ca =
                                                  serving->identity.authority};

    if (err == 0 && options->under_test_count > 0) {
        err = sf_invocation_make(&serving->invocation, options, &facts, error,
                                 error_size);
    }
    return err;
}

static int
start_child(struct sf_serving *serving, char *error, size_t error_size)
{
    const struct sf_child_config config = {.loop = &serving->loop,
                                           .invocation = &serving->invocation,
                                           .standard_output =
                                               find_output(serving->options),
                                           .standard_error = STDERR_FILENO,
                                           .files = serving->files,
                                           .hook = {on_output, serving}};

    return sf_child_start(&config, &serving->child, error, error_size);
}

static int announce(struct sf_serving *serving, char *error, size_t error_size)
{
    const struct sf_options *options = serving->options;
    int err = 0;

    if (options->port_file) {
        err = sf_announce_to_file(serving->server, options->port_file, error,
                                  error_size);
    }
    if (err != 0) {
        return err;
    }
    if (!options->is_quiet) {
        sf_announce_exposed(serving->server, &serving->listeners);
    }
    return options->under_test_count > 0
               ? start_child(serving, error, error_size)
               : sf_announce_ready(serving->server, find_output(options), error,
                                   error_size);
}

static int pick_seed(struct sf_serving *serving, char *error, size_t error_size)
{
    int err;

    if (!serving->options->is_seed_random) {
        return 0;
    }
    err = uv_random(NULL, NULL, &serving->random_seed,
                    sizeof(serving->random_seed), 0, NULL);
    if (err != 0) {
        (void)snprintf(error, error_size,
                       "no seed can be drawn: %s: give --seed a number",
                       uv_strerror(err));
        return SF_EIO;
    }
    if (!serving->options->is_quiet) {
        sf_say("seed %llu", (unsigned long long)serving->random_seed);
    }
    return 0;
}

/* Everything up to the ready line, or the start of the command.  What was
 * opened is found by its pointer when it has to be closed. */
static int start(struct sf_serving *serving, char *error, size_t error_size)
{
    int err = pick_seed(serving, error, error_size);

    if (err == 0) {
        err = open_server(serving, error, error_size);
    }
    /* The second of two servers by mistake must not cut the journal of the
     * first. */
    if (err == 0) {
        err = open_sinks(serving, error, error_size);
    }
    /* Only now, so that a signal still ends a journal that waits for the
     * reader of a FIFO. */
    if (err == 0) {
        err = sf_signals_open(&serving->signals, &serving->loop,
                              sf_steer_on_signal, serving);
    }
    if (err == 0) {
        err = prepare(serving, error, error_size);
    }
    if (err == 0) {
        err = sf_runs_begin(serving);
        if (err != 0) {
            sf_ends_explain(serving, err, error, error_size);
        }
    }
    return err == 0 ? announce(serving, error, error_size) : err;
}

static int make_listeners(struct sf_serving *serving)
{
    char error[512];
    int err = sf_identity_read(&serving->identity, serving->options, error,
                               sizeof(error));

    if (err == 0) {
        err = sf_listeners_make(&serving->listeners, serving->options,
                                &serving->identity, serving->scenario, error,
                                sizeof(error));
    }

    if (err != 0) {
        sf_say("%s", error);
    }
    return err;
}

/* Thousands of connections are usual; the soft limit is often 1024. */
static void raise_descriptor_limit(struct sf_serving *serving)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        serving->files = limit;
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int init_loop(struct sf_serving *serving)
{
    if (uv_loop_init(&serving->loop) != 0) {
        sf_say(
            "no event loop can be made: close some files, or raise the "
            "limit on them");
        return SF_EIO;
    }
    sf_ends_init(serving);
    return 0;
}

/* The loop has no handles left. */
static void release(struct sf_serving *serving)
{
    char error[512];

    if (sf_sinks_close(serving->sinks, error, sizeof(error)) != 0 &&
        (serving->status == SF_STATUS_OK ||
         serving->status == SF_STATUS_FAILED)) {
        sf_say("%s", error);
        serving->status = sf_status_of(SF_ESINK);
    }
    sf_child_free(serving->child);
    sf_invocation_fini(&serving->invocation);
    sf_net_server_free(serving->server);
    (void)uv_loop_close(&serving->loop);
}

static void serve_loaded(struct sf_serving *serving)
{
    char error[512];
    int err = start(serving, error, sizeof(error));

    if (err == 0) {
        sf_ends_start(serving);
    } else {
        sf_say("%s", error);
        serving->status = sf_status_of(err);
        sf_runs_end(serving);
        sf_ends_close(serving);
    }
    (void)uv_run(&serving->loop, UV_RUN_DEFAULT);
    release(serving);
}

enum sf_status sf_serve(const struct sf_options *options)
{
    struct sf_serving serving = {.options = options, .zero_ns = uv_hrtime()};
    int err = sf_runs_load(&serving, &serving.scenario);

    raise_descriptor_limit(&serving);
    if (err == 0) {
        err = make_listeners(&serving);
    }
    if (err == 0) {
        err = init_loop(&serving);
    }
    if (err == 0) {
        serve_loaded(&serving);
    } else {
        serving.status = sf_status_of(err);
    }
    sf_listeners_fini(&serving.listeners);
    sf_identity_fini(&serving.identity);
    sf_scenario_free(serving.next_scenario);
    sf_scenario_free(serving.scenario);
    sf_reader_fini(&serving.reader);
    return serving.status == SF_STATUS_OK ? serving.verdict.worst
                                          : serving.status;
}
