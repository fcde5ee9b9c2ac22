/* runs.c - the runs of a server. */
#include "app/runs.h"

#include <sys/resource.h>

#include "app/frame.h"
#include "app/load.h"

/* Descriptors that are none of clients: files, listeners, the loop's own. */
#define SPARE_DESCRIPTORS 64u

static uint64_t now_us(const struct sf_serving *serving)
{
    return (uv_hrtime() - serving->zero_ns) / 1000;
}

int sf_runs_load(struct sf_serving *serving, struct sf_scenario **out_scenario)
{
    return sf_load_chosen(serving->options, &serving->reader, out_scenario);
}

static uint64_t choose_seed(const struct sf_serving *serving)
{
    return serving->options->is_seed_random
               ? serving->random_seed
               : sf_load_seed(serving->options, serving->scenario);
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

int sf_runs_begin(struct sf_serving *serving)
{
    int err = sf_verdict_begin(&serving->verdict, serving->scenario,
                               serving->invocation.argc > 0, &serving->sink);
    const struct sf_run_config config = {.scenario = serving->scenario,
                                         .seed = choose_seed(serving),
                                         .speed = serving->options->speed,
                                         .sink = serving->sink};
    const struct sf_frame frame = {
        .scenario = serving->scenario,
        .server = serving->server,
        .seed = config.seed,
        .speed = config.speed,
        .argv = (const char *const *)serving->invocation.argv,
        .argc = serving->invocation.argc};
    struct sf_net_server_run run = {.sink = serving->sink,
                                    .max_descriptors = find_max_descriptors(),
                                    .max_sessions =
                                        serving->options->max_sessions};

    serving->run = err == 0 ? sf_run_new(&config) : NULL;
    if (!serving->run) {
        return SF_ENOMEM;
    }
    err = sf_frame_begin(&serving->sink, &frame, now_us(serving));
    if (err == 0) {
        err = sf_sinks_flush(serving->sinks);
    }
    if (err != 0) {
        return err;
    }
    serving->state = SF_SERVING_RUN;
    run.run = serving->run;
    sf_net_server_start(serving->server, &run);
    return 0;
}

/* What became of the command under test. */
static int put_exit(struct sf_serving *serving)
{
    struct sf_record record = {.type = SF_RECORD_EXIT, .t_us = now_us(serving)};

    if (!serving->child || !sf_child_has_ended(serving->child)) {
        return 0;
    }
    sf_child_report(serving->child, &record);
    return sf_sink_put(&serving->sink, &record);
}

void sf_runs_end(struct sf_serving *serving)
{
    if (serving->run && serving->failure == 0) {
        serving->failure = put_exit(serving);
    }
    if (serving->run && serving->failure == 0) {
        serving->failure = sf_verdict_end(&serving->verdict, serving->options,
                                          serving->status, now_us(serving));
    }
    sf_verdict_fini(&serving->verdict);
    sf_run_free(serving->run);
    serving->run = NULL;
}

/* Takes what the scenario that was loaded again says about the listeners. */
static int update_listeners(struct sf_serving *serving)
{
    sf_listeners_update(&serving->listeners, serving->options,
                        serving->scenario);
    return sf_net_server_update(serving->server, serving->listeners.list,
                                serving->update_error,
                                sizeof(serving->update_error));
}

int sf_runs_next(struct sf_serving *serving)
{
    int err;

    sf_runs_end(serving);
    sf_scenario_free(serving->scenario);
    serving->scenario = serving->next_scenario;
    serving->next_scenario = NULL;
    err = serving->failure != 0 ? serving->failure : update_listeners(serving);
    return err == 0 ? sf_runs_begin(serving) : err;
}
