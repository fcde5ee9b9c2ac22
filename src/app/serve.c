/* serve.c - serving: from the loaded scenario to the verdict.
 *
 * Everything is opened in the order scenario, listeners, sinks, signals; then
 * a run begins: records, port file, ready lines, loop.  What may end it (a
 * signal, a limit, a journal that cannot be written) only takes a note where
 * it happens; follow_notes() acts on the notes once a loop turn, before the
 * loop blocks, which is also when the sinks are flushed.
 *
 * A run ends when the server has drained.  After HUP the next one begins in
 * its place, with the scenario that was loaded before the old one was touched;
 * else the loop runs out of handles. */
#include "app/serve.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app/announce.h"
#include "app/frame.h"
#include "app/listeners.h"
#include "app/load.h"
#include "app/reports.h"
#include "app/say.h"
#include "app/signals.h"
#include "app/sink.h"
#include "app/terminal.h"
#include "base/text.h"

/* Descriptors that are none of clients: files, listeners, the loop's own. */
#define SPARE_DESCRIPTORS 64u

enum state {
    STATE_SERVING,
    STATE_RELOADING, /* the old run drains, the next scenario is loaded */
    STATE_STOPPING,  /* the last run drains */
};

struct serve {
    const struct sf_options *options;
    uv_loop_t loop;
    uint64_t zero_ns;
    enum state state;
    enum sf_status status;
    struct sf_reader reader;
    struct sf_scenario *scenario;
    struct sf_scenario *next_scenario; /* while RELOADING */
    struct sf_identity identity;
    struct sf_listeners listeners; /* that are open, or will be */
    uint64_t random_seed;
    struct sf_sinks *sinks;
    struct sf_sink sink;
    struct sf_net_server *server;
    struct sf_run *run;
    struct sf_signals signals;
    uv_prepare_t turn;
    uv_timer_t idle;
    uv_timer_t timeout;

    /* Notes. */
    int failure; /* SF_ESINK or SF_ENOMEM */
    bool wants_stop;
    char update_error[512]; /* why a listener could not be opened again */
};

static uint64_t now_us(const struct serve *serve)
{
    return (uv_hrtime() - serve->zero_ns) / 1000;
}

/* Runs. */

static int load_scenario(struct serve *serve, struct sf_scenario **out_scenario)
{
    return sf_load_chosen(serve->options, &serve->reader, out_scenario);
}

static uint64_t choose_seed(const struct serve *serve)
{
    return serve->options->is_seed_random
               ? serve->random_seed
               : sf_load_seed(serve->options, serve->scenario);
}

/* So many that the journal, the Maildir and the refusal of one more still find
 * a descriptor. */
static uint64_t find_max_descriptors(void)
{
    struct rlimit limit;
    uint64_t spare = SPARE_DESCRIPTORS;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
        limit.rlim_cur == RLIM_INFINITY) {
        return UINT64_MAX;
    }
    if (spare > limit.rlim_cur / 2) {
        spare = limit.rlim_cur / 2;
    }
    return limit.rlim_cur - spare;
}

static int begin_run(struct serve *serve)
{
    const struct sf_run_config config = {.scenario = serve->scenario,
                                         .seed = choose_seed(serve),
                                         .speed = serve->options->speed,
                                         .sink = serve->sink};
    const struct sf_frame frame = {.scenario = serve->scenario,
                                   .server = serve->server,
                                   .seed = config.seed,
                                   .speed = config.speed};
    struct sf_net_server_run run = {.sink = serve->sink,
                                    .max_descriptors = find_max_descriptors(),
                                    .max_sessions =
                                        serve->options->max_sessions};
    int err;

    serve->run = sf_run_new(&config);
    if (!serve->run) {
        return SF_ENOMEM;
    }
    err = sf_frame_begin(&serve->sink, &frame, now_us(serve));
    if (err == 0) {
        err = sf_sinks_flush(serve->sinks);
    }
    if (err != 0) {
        return err;
    }
    serve->state = STATE_SERVING;
    run.run = serve->run;
    sf_net_server_start(serve->server, &run);
    return 0;
}

static void end_run(struct serve *serve)
{
    if (serve->run && serve->failure == 0) {
        serve->failure =
            sf_frame_end(&serve->sink, serve->status, now_us(serve));
    }
    sf_run_free(serve->run);
    serve->run = NULL;
}

/* Ends. */

static void
copy_failure(const struct serve *serve, int err, char *error, size_t error_size)
{
    const char *text =
        err == SF_ESINK ? sf_sinks_error(serve->sinks) : sf_strerror(err);

    if (serve->update_error[0] != '\0') {
        text = serve->update_error;
    }

    (void)snprintf(error, error_size, "%s", text ? text : sf_strerror(err));
}

static void begin_stop(struct serve *serve)
{
    bool is_draining = serve->state != STATE_SERVING;

    serve->state = STATE_STOPPING;
    sf_net_server_close_listeners(serve->server);
    if (!is_draining) {
        sf_net_server_drain(serve->server);
    }
}

/* The run cannot go on; only the first reason counts. */
static void fail(struct serve *serve, int err)
{
    char error[512];

    if (serve->status == SF_STATUS_OK) {
        serve->status = sf_status_of(err);
        copy_failure(serve, err, error, sizeof(error));
        sf_say("%s", error);
    }
    if (serve->state != STATE_STOPPING) {
        begin_stop(serve);
    }
}

static void close_handles(struct serve *serve)
{
    if (serve->server) {
        sf_net_server_close(serve->server);
    }
    sf_signals_close(&serve->signals);
    uv_close((uv_handle_t *)&serve->turn, NULL);
    uv_close((uv_handle_t *)&serve->idle, NULL);
    uv_close((uv_handle_t *)&serve->timeout, NULL);
}

/* Takes what the scenario that was loaded again says about the listeners. */
static int update_listeners(struct serve *serve)
{
    sf_listeners_update(&serve->listeners, serve->options, serve->scenario);
    return sf_net_server_update(serve->server, serve->listeners.list,
                                serve->update_error,
                                sizeof(serve->update_error));
}

static void on_drained(void *ctx)
{
    struct serve *serve = ctx;
    int err;

    end_run(serve);
    if (serve->state == STATE_STOPPING) {
        close_handles(serve);
        return;
    }
    sf_scenario_free(serve->scenario);
    serve->scenario = serve->next_scenario;
    serve->next_scenario = NULL;
    serve->wants_stop = false;
    (void)uv_timer_stop(&serve->idle);
    err = serve->failure != 0 ? serve->failure : update_listeners(serve);
    if (err == 0) {
        err = begin_run(serve);
    }
    if (err != 0) {
        /* Nothing is open, so that draining ends in the next turn. */
        serve->state = STATE_SERVING;
        serve->failure = err;
        fail(serve, err);
    }
}

/* Notes. */

static bool has_had_all_sessions(const struct serve *serve)
{
    uint64_t most = serve->options->max_sessions;
    struct sf_net_server_stats stats = sf_net_server_stats(serve->server);

    return most > 0 && stats.sessions - stats.open >= most;
}

static void follow_notes(struct serve *serve)
{
    int err = serve->failure;

    if (err == 0) {
        err = sf_sinks_flush(serve->sinks);
        serve->failure = err;
    }
    if (err != 0) {
        fail(serve, err);
    } else if (serve->state == STATE_SERVING &&
               (serve->wants_stop || has_had_all_sessions(serve))) {
        begin_stop(serve);
    }
}

static void on_turn(uv_prepare_t *handle)
{
    follow_notes(handle->data);
}

static void on_error(void *ctx, int err)
{
    struct serve *serve = ctx;

    serve->failure = err;
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
    struct serve *serve = timer->data;

    /* If one was opened since, its end asks again. */
    if (sf_net_server_stats(serve->server).open == 0) {
        serve->wants_stop = true;
    }
}

static void on_session_end(void *ctx)
{
    struct serve *serve = ctx;

    if (serve->state == STATE_SERVING &&
        sf_net_server_stats(serve->server).open == 0) {
        start_timer(&serve->idle, serve->options->until_idle_us, on_idle);
    }
}

static void on_timeout(uv_timer_t *timer)
{
    struct serve *serve = timer->data;

    serve->wants_stop = true;
}

/* Signals. */

/* Says what of the scenario that was loaded again has to wait.  Returns false
 * if it does not go with the command line. */
static bool check_listeners(const struct serve *serve,
                            const struct sf_scenario *scenario)
{
    struct sf_listeners wanted;
    char error[512];
    int err = sf_listeners_make(&wanted, serve->options, &serve->identity,
                                scenario, error, sizeof(error));

    if (err != 0) {
        sf_say("%s", error);
    } else if (!sf_listeners_is_same(&serve->listeners, &wanted)) {
        sf_say(
            "the scenario has other listeners now: those that are open stay "
            "as they are called and where they are, start anew to change "
            "that");
    }
    sf_listeners_fini(&wanted);
    return err == 0;
}

static void reload(struct serve *serve)
{
    struct sf_scenario *scenario = NULL;

    if (serve->state == STATE_STOPPING) {
        return;
    }
    if (load_scenario(serve, &scenario) != 0 ||
        !check_listeners(serve, scenario)) {
        sf_scenario_free(scenario);
        sf_say(
            "the scenario was not loaded again: the old one goes on, "
            "correct the file and send HUP once more");
        return;
    }
    if (serve->state == STATE_RELOADING) {
        sf_scenario_free(serve->next_scenario);
        serve->next_scenario = scenario;
        return;
    }
    serve->state = STATE_RELOADING;
    serve->next_scenario = scenario;
    sf_net_server_drain(serve->server);
}

static void say_counters(const struct serve *serve)
{
    struct sf_net_server_stats stats = sf_net_server_stats(serve->server);

    sf_say(
        "sessions %llu, open %llu, refused %llu, octets in %llu, "
        "octets out %llu",
        (unsigned long long)stats.sessions, (unsigned long long)stats.open,
        (unsigned long long)stats.refused, (unsigned long long)stats.octets_in,
        (unsigned long long)stats.octets_out);
}

static void on_signal(void *ctx, int number)
{
    struct serve *serve = ctx;

    if (number == SIGHUP) {
        reload(serve);
    } else if (number == SIGUSR1) {
        say_counters(serve);
    } else if (serve->state == STATE_STOPPING) {
        sf_net_server_reset(serve->server);
    } else {
        begin_stop(serve);
    }
}

/* Begin and end of the process's part. */

static int open_sinks(struct serve *serve, char *error, size_t error_size)
{
    const struct sf_options *options = serve->options;
    const struct sf_sinks_config config = {
        .journal_path = options->journal,
        .has_transcript = sf_terminal_has_transcript(options),
        .has_color = sf_terminal_has_color(options, STDERR_FILENO),
        .save_dir = options->save_dir};
    int err = sf_reports_check(options, error, error_size);

    if (err == 0) {
        err = sf_sinks_open(&config, &serve->sinks, error, error_size);
    }
    if (err == 0) {
        serve->sink = sf_sinks_sink(serve->sinks);
    }
    return err;
}

static int open_server(struct serve *serve, char *error, size_t error_size)
{
    const struct sf_net_server_config config = {
        .loop = &serve->loop,
        .zero_ns = serve->zero_ns,
        .listeners = serve->listeners.list,
        .listener_count = serve->listeners.count,
        .ctx = serve,
        .on_error = on_error,
        .on_session_end = on_session_end,
        .on_drained = on_drained};

    serve->server = sf_net_server_new(&config);
    if (!serve->server) {
        (void)snprintf(error, error_size, "%s", sf_strerror(SF_ENOMEM));
        return SF_ENOMEM;
    }
    return sf_net_server_open(serve->server, error, error_size);
}

static int announce(struct serve *serve, char *error, size_t error_size)
{
    const struct sf_options *options = serve->options;
    int err =
        sf_identity_write_authority(serve->server, options, error, error_size);

    if (err == 0 && options->port_file) {
        err = sf_announce_to_file(serve->server, options->port_file, error,
                                  error_size);
    }
    if (err != 0) {
        return err;
    }
    if (!options->is_quiet) {
        sf_announce_exposed(serve->server, &serve->listeners);
    }
    return sf_announce_ready(
        serve->server,
        sf_options_is_stdout_taken(options) ? STDERR_FILENO : STDOUT_FILENO,
        error, error_size);
}

static int pick_seed(struct serve *serve, char *error, size_t error_size)
{
    int err;

    if (!serve->options->is_seed_random) {
        return 0;
    }
    err = uv_random(NULL, NULL, &serve->random_seed, sizeof(serve->random_seed),
                    0, NULL);
    if (err != 0) {
        (void)snprintf(error, error_size,
                       "no seed can be drawn: %s: give --seed a number",
                       uv_strerror(err));
        return SF_EIO;
    }
    if (!serve->options->is_quiet) {
        sf_say("seed %llu", (unsigned long long)serve->random_seed);
    }
    return 0;
}

/* Everything up to the ready line.  What was opened is found by its pointer
 * when it has to be closed. */
static int start(struct serve *serve, char *error, size_t error_size)
{
    int err = pick_seed(serve, error, error_size);

    if (err == 0) {
        err = open_server(serve, error, error_size);
    }
    /* The second of two servers by mistake must not cut the journal of the
     * first. */
    if (err == 0) {
        err = open_sinks(serve, error, error_size);
    }
    /* Only now, so that a signal still ends a journal that waits for the
     * reader of a FIFO. */
    if (err == 0) {
        err = sf_signals_open(&serve->signals, &serve->loop, on_signal, serve);
    }
    if (err == 0) {
        err = begin_run(serve);
        if (err != 0) {
            copy_failure(serve, err, error, error_size);
        }
    }
    return err == 0 ? announce(serve, error, error_size) : err;
}

static int make_listeners(struct serve *serve)
{
    char error[512];
    int err = sf_identity_read(&serve->identity, serve->options, error,
                               sizeof(error));

    if (err == 0) {
        err = sf_listeners_make(&serve->listeners, serve->options,
                                &serve->identity, serve->scenario, error,
                                sizeof(error));
    }

    if (err != 0) {
        sf_say("%s", error);
    }
    return err;
}

static int init_loop(struct serve *serve)
{
    if (uv_loop_init(&serve->loop) != 0) {
        sf_say(
            "no event loop can be made: close some files, or raise the "
            "limit on them");
        return SF_EIO;
    }
    /* These only fill in the structs. */
    (void)uv_prepare_init(&serve->loop, &serve->turn);
    (void)uv_timer_init(&serve->loop, &serve->idle);
    (void)uv_timer_init(&serve->loop, &serve->timeout);
    serve->turn.data = serve;
    serve->idle.data = serve;
    serve->timeout.data = serve;
    return 0;
}

/* The loop has no handles left. */
static void release(struct serve *serve)
{
    char error[512];

    if (sf_sinks_close(serve->sinks, error, sizeof(error)) != 0 &&
        serve->status == SF_STATUS_OK) {
        sf_say("%s", error);
        serve->status = sf_status_of(SF_ESINK);
    }
    sf_net_server_free(serve->server);
    (void)uv_loop_close(&serve->loop);
}

static void serve_loaded(struct serve *serve)
{
    char error[512];
    int err = start(serve, error, sizeof(error));

    if (err == 0) {
        (void)uv_prepare_start(&serve->turn, on_turn);
        start_timer(&serve->timeout, serve->options->timeout_us, on_timeout);
    } else {
        sf_say("%s", error);
        serve->status = sf_status_of(err);
        end_run(serve);
        close_handles(serve);
    }
    (void)uv_run(&serve->loop, UV_RUN_DEFAULT);
    release(serve);
}

enum sf_status sf_serve(const struct sf_options *options)
{
    struct serve serve = {.options = options, .zero_ns = uv_hrtime()};
    int err = load_scenario(&serve, &serve.scenario);

    if (err == 0) {
        err = make_listeners(&serve);
    }
    if (err == 0) {
        err = init_loop(&serve);
    }
    if (err == 0) {
        serve_loaded(&serve);
    } else {
        serve.status = sf_status_of(err);
    }
    sf_listeners_fini(&serve.listeners);
    sf_identity_fini(&serve.identity);
    sf_scenario_free(serve.next_scenario);
    sf_scenario_free(serve.scenario);
    sf_reader_fini(&serve.reader);
    return serve.status;
}
