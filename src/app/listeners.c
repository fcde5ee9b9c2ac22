/* listeners.c - which listeners a run has.
 *
 * A scenario without [listen] has those of --listen, or one of our own.  One
 * with [listen] has them all, at the addresses that `--listen NAME=URL` gives;
 * a --listen without a name makes that only what --listen says is opened.
 * Whatever the address, the keys of [listen NAME] are for the listener of that
 * name. */
#include "app/listeners.h"

#include <string.h>

#include "app/invocation.h"
#include "base/slice.h"
#include "rule/eval.h"

struct making {
    struct sf_listeners *listeners;
    const struct sf_options *options;
    const struct sf_scenario *scenario;
    char *error;
    size_t error_size;
};

static void take_tls(struct sf_listen_tls *tls,
                     const struct sf_options *options,
                     const struct sf_identity *identity,
                     const struct sf_scenario *scenario,
                     const struct sf_server *server)
{
    bool is_given = identity->certificate.ptr != NULL;

    *tls = (struct sf_listen_tls){
        .is_offered = is_given || options->ca_file != NULL ||
                      sf_invocation_asks_for(options, "ca") ||
                      scenario->speaks_tls,
        .hostname = server->hostname,
        .certificate = is_given ? identity->certificate : server->certificate,
        .key = is_given ? identity->key : server->key,
        .min = server->min_version,
        .max = server->max_version,
        .ciphers = server->ciphers,
        .profiles = scenario->profiles,
        .profile_count = scenario->profile_count};
}

/* What the scenario says about the listener of that name. */
static void take_settings(const struct sf_listeners *listeners,
                          struct sf_listen *listen,
                          const struct sf_options *options,
                          const struct sf_scenario *scenario)
{
    const struct sf_listener *own =
        sf_scenario_find_listener(scenario, listen->name);
    const struct sf_server *server =
        sf_scenario_find_server(scenario, listen->name);

    listen->mode = own ? own->mode : SF_LISTEN_SERVES;
    listen->backlog = own ? own->backlog : SF_LISTENER_BACKLOG;
    listen->receive_buffer_bytes = server->receive_buffer_bytes;
    listen->max_connections = server->max_connections;
    take_tls(&listen->tls, options, listeners->identity, scenario, server);
    listen->stall_us = sf_speed_scale(options->speed, server->idle_timeout_us);
}

/* The scenario may be gone before the listener is, so that the name is
 * copied. */
static int
add_listener(struct making *making, const char *name, const struct sf_url *url)
{
    struct sf_listeners *listeners = making->listeners;
    struct sf_listen *listen = &listeners->list[listeners->count];

    for (size_t i = 0; i < listeners->count; i++) {
        if (strcmp(listeners->list[i].name, name) == 0) {
            (void)snprintf(making->error, making->error_size,
                           "--listen: a listener without a name is called "
                           "'%s', as another one is: give it a name",
                           name);
            return SF_ESYNTAX;
        }
    }
    listen->name = sf_arena_strdup(&listeners->arena, name);
    if (!listen->name) {
        return SF_ENOMEM;
    }
    listen->url = *url;
    take_settings(listeners, listen, making->options, making->scenario);
    listeners->count++;
    return 0;
}

static int add_default(struct making *making)
{
    struct sf_url url;

    if (sf_url_parse(making->options->under_test_count > 0
                         ? SF_OPTIONS_UNDER_TEST_URL
                         : SF_OPTIONS_URL,
                     &url)) {
        return SF_EINVAL;
    }
    return add_listener(making, "default", &url);
}

/* The listeners of --listen.  Those without a name are `default`, then
 * `listenerN`, N being the place in the list. */
static int add_given(struct making *making)
{
    const struct sf_options *options = making->options;
    bool has_default = false;
    int err = 0;

    for (size_t i = 0; err == 0 && i < options->listener_count; i++) {
        const struct sf_listen_option *given = &options->listeners[i];
        const char *name = given->name;

        if (!name) {
            name = has_default ? sf_arena_printf(&making->listeners->arena,
                                                 "listener%zu", i + 1)
                               : "default";
            has_default = true;
        }
        err = name ? add_listener(making, name, &given->url) : SF_ENOMEM;
    }
    return err;
}

static const struct sf_listen_option *
find_given(const struct sf_options *options, const char *name)
{
    for (size_t i = 0; i < options->listener_count; i++) {
        const struct sf_listen_option *given = &options->listeners[i];

        if (given->name && strcmp(given->name, name) == 0) {
            return given;
        }
    }
    return NULL;
}

static int add_scenarios(struct making *making)
{
    const struct sf_scenario *scenario = making->scenario;
    int err = 0;

    for (size_t i = 0; err == 0 && i < scenario->listener_count; i++) {
        const struct sf_listener *own = &scenario->listeners[i];
        const struct sf_listen_option *given =
            find_given(making->options, own->name);

        err = add_listener(making, own->name, given ? &given->url : &own->url);
    }
    return err;
}

/* A name that overrides nothing was misspelt. */
static int check_names(const struct making *making)
{
    const struct sf_scenario *scenario = making->scenario;

    for (size_t i = 0; i < making->options->listener_count; i++) {
        const char *name = making->options->listeners[i].name;

        if (!name || sf_scenario_find_listener(scenario, name)) {
            continue;
        }
        (void)snprintf(making->error, making->error_size,
                       "--listen %s=: the scenario has no listener of that "
                       "name: override one that it has, such as %s, or leave "
                       "out the name to replace them all",
                       name, scenario->listeners[0].name);
        return SF_ESYNTAX;
    }
    return 0;
}

static bool has_nameless(const struct sf_options *options)
{
    for (size_t i = 0; i < options->listener_count; i++) {
        if (!options->listeners[i].name) {
            return true;
        }
    }
    return false;
}

static int add_all(struct making *making)
{
    bool has_sections = making->scenario->listener_count > 0;

    if (has_sections && check_names(making) != 0) {
        return SF_ESYNTAX;
    }
    if (has_sections && !has_nameless(making->options)) {
        return add_scenarios(making);
    }
    return making->options->listener_count == 0 ? add_default(making)
                                                : add_given(making);
}

int sf_listeners_make(struct sf_listeners *listeners,
                      const struct sf_options *options,
                      const struct sf_identity *identity,
                      const struct sf_scenario *scenario,
                      char *error,
                      size_t error_size)
{
    struct making making = {.listeners = listeners,
                            .options = options,
                            .scenario = scenario,
                            .error = error,
                            .error_size = error_size};
    size_t most = options->listener_count + scenario->listener_count + 1;
    int err = SF_ENOMEM;

    *listeners = (struct sf_listeners){.identity = identity};
    sf_arena_init(&listeners->arena);
    listeners->list =
        sf_arena_alloc(&listeners->arena, most * sizeof(*listeners->list));
    if (listeners->list) {
        err = add_all(&making);
    }
    if (err != 0 && err != SF_ESYNTAX) {
        (void)snprintf(error, error_size, "%s", sf_strerror(err));
    }
    return err;
}

void sf_listeners_fini(struct sf_listeners *listeners)
{
    sf_arena_fini(&listeners->arena);
}

static bool is_same(const struct sf_listen *one, const struct sf_listen *other)
{
    char urls[2][SF_URL_TEXT_SIZE];

    sf_url_format(&one->url, urls[0]);
    sf_url_format(&other->url, urls[1]);
    return strcmp(one->name, other->name) == 0 && strcmp(urls[0], urls[1]) == 0;
}

bool sf_listeners_is_same(const struct sf_listeners *one,
                          const struct sf_listeners *other)
{
    bool result = one->count == other->count;

    for (size_t i = 0; result && i < one->count; i++) {
        result = is_same(&one->list[i], &other->list[i]);
    }
    return result;
}

void sf_listeners_update(struct sf_listeners *listeners,
                         const struct sf_options *options,
                         const struct sf_scenario *scenario)
{
    for (size_t i = 0; i < listeners->count; i++) {
        take_settings(listeners, &listeners->list[i], options, scenario);
    }
}
