/* steer.c - what the signals to a server do. */
#include "app/steer.h"

#include <signal.h>

#include "app/ends.h"
#include "app/runs.h"
#include "app/say.h"

/* Says what of the scenario that was loaded again has to wait.  Returns false
 * if it does not go with the command line. */
static bool check_listeners(const struct sf_serving *serving,
                            const struct sf_scenario *scenario)
{
    struct sf_listeners wanted;
    char error[512];
    int err = sf_listeners_make(&wanted, serving->options, &serving->identity,
                                scenario, error, sizeof(error));

    if (err != 0) {
        sf_say("%s", error);
    } else if (!sf_listeners_is_same(&serving->listeners, &wanted)) {
        sf_say(
            "the scenario has other listeners now: those that are open stay "
            "as they are called and where they are, start anew to change "
            "that");
    }
    sf_listeners_fini(&wanted);
    return err == 0;
}

static void reload(struct sf_serving *serving)
{
    struct sf_scenario *scenario = NULL;

    if (serving->state == SF_SERVING_STOP) {
        return;
    }
    if (sf_runs_load(serving, &scenario) != 0 ||
        !check_listeners(serving, scenario)) {
        sf_scenario_free(scenario);
        sf_say(
            "the scenario was not loaded again: the old one goes on, "
            "correct the file and send HUP once more");
        return;
    }
    if (serving->state == SF_SERVING_RELOAD) {
        sf_scenario_free(serving->next_scenario);
        serving->next_scenario = scenario;
        return;
    }
    serving->state = SF_SERVING_RELOAD;
    serving->next_scenario = scenario;
    sf_net_server_drain(serving->server);
}

static void say_counters(const struct sf_serving *serving)
{
    struct sf_net_server_stats stats = sf_net_server_stats(serving->server);

    sf_say(
        "sessions %llu, open %llu, refused %llu, octets in %llu, "
        "octets out %llu",
        (unsigned long long)stats.sessions, (unsigned long long)stats.open,
        (unsigned long long)stats.refused, (unsigned long long)stats.octets_in,
        (unsigned long long)stats.octets_out);
}

/* The end of a command that was told so by the signal itself. */
static void end_child(struct sf_serving *serving, int number)
{
    if (serving->child && number == SIGTERM) {
        sf_child_end(serving->child, SF_STOP_SIGNAL, 0);
    } else if (serving->child) {
        sf_child_signal(serving->child, number);
        sf_child_end(serving->child, SF_STOP_SIGNAL, SF_CHILD_KILL_MS);
    }
}

static void kill_child(struct sf_serving *serving)
{
    if (serving->child) {
        sf_child_kill(serving->child, SF_STOP_SIGNAL);
    }
}

void sf_steer_on_signal(void *ctx, int number)
{
    struct sf_serving *serving = ctx;

    sf_progress_clear(&serving->progress);
    if (number == SIGHUP && serving->child) {
        sf_child_signal(serving->child, number);
    } else if (number == SIGHUP) {
        reload(serving);
    } else if (number == SIGUSR1) {
        say_counters(serving);
    } else if (serving->state == SF_SERVING_STOP) {
        sf_net_server_reset(serving->server);
        kill_child(serving);
    } else {
        sf_ends_begin_stop(serving);
        end_child(serving, number);
    }
}
