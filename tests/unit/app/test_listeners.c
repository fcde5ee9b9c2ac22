/* test_listeners.c - what the scenario and --listen say, put together. */
#include <criterion/criterion.h>
#include <string.h>

#include "../../support/scenario.h"
#include "app/listeners.h"
#include "base/text.h"

#define URLS_MAX 4

static struct sf_options options;
static struct loaded loaded;
static const struct sf_identity identity;
static struct sf_listeners listeners;
static char error[256];

/* The options of `--listen NAME=URL`..., a NULL name standing for none. */
struct given {
    const char *name;
    const char *url;
};

static int make(const char *scenario, const struct given given[URLS_MAX])
{
    static struct sf_listen_option list[URLS_MAX];

    options = (struct sf_options){.speed = 1, .listeners = list};
    for (size_t i = 0; i < URLS_MAX && given[i].url; i++) {
        list[i].name = given[i].name;
        cr_assert_null(sf_url_parse(given[i].url, &list[i].url));
        options.listener_count++;
    }
    loaded = load_text(scenario);
    cr_assert_eq(loaded.result, 0, "%s", loaded.findings);
    error[0] = '\0';
    return sf_listeners_make(&listeners, &options, &identity, loaded.scenario,
                             error, sizeof(error));
}

static void release(void)
{
    sf_listeners_fini(&listeners);
    loaded_fini(&loaded);
}

/* "name url" of each, with commas between them. */
static const char *list_all(void)
{
    static char text[1024];

    text[0] = '\0';
    for (size_t i = 0; i < listeners.count; i++) {
        char url[SF_URL_TEXT_SIZE];
        size_t len = strlen(text);

        sf_url_format(&listeners.list[i].url, url);
        snprintf(text + len, sizeof(text) - len, "%s%s %s", i > 0 ? ", " : "",
                 listeners.list[i].name, url);
    }
    return text;
}

#define PLAIN "[RCPT]\nreply = 550 5.1.1 No\n"
#define TWO   "[listen a]\nurl = smtp://127.0.0.1:26\n[listen b]\n"

static const struct {
    const char *name;
    const char *scenario;
    struct given given[URLS_MAX];
    const char *all;
} cases[] = {
    {"nothing", PLAIN, {{NULL, NULL}}, "default smtp://127.0.0.1:2525"},
    {"the first without a name is the default one",
     PLAIN,
     {{"a", "smtp://[::1]:1"}, {NULL, "smtp://[::1]:2"}},
     "a smtp://[::1]:1, default smtp://[::1]:2"},
    {"a further one has its number",
     PLAIN,
     {{NULL, "smtp://[::1]:1"},
      {NULL, "smtp://[::1]:2"},
      {"a", "smtp://[::1]:3"},
      {NULL, "lmtp+unix:///x=y"}},
     "default smtp://[::1]:1, listener2 smtp://[::1]:2, a smtp://[::1]:3, "
     "listener4 lmtp+unix:///x=y"},
    {"the scenario's",
     TWO,
     {{NULL, NULL}},
     "a smtp://127.0.0.1:26, b smtp://127.0.0.1:0"},
    {"one is overridden",
     TWO,
     {{"b", "lmtp://[::1]:1"}},
     "a smtp://127.0.0.1:26, b lmtp://[::1]:1"},
    {"all are replaced",
     TWO,
     {{NULL, "smtp://[::1]:1"}},
     "default smtp://[::1]:1"},
    {"all are replaced, but for one that is overridden",
     TWO,
     {{NULL, "smtp://[::1]:1"}, {"b", "smtp://[::1]:2"}},
     "default smtp://[::1]:1, b smtp://[::1]:2"},
};

Test(listeners, scenario_and_command_line_make_one_list)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_assert_eq(make(cases[i].scenario, cases[i].given), 0, "%s: %s",
                     cases[i].name, error);
        cr_expect_str_eq(list_all(), cases[i].all, "%s: %s", cases[i].name,
                         list_all());
        release();
    }
}

static const struct {
    const char *scenario;
    struct given given[URLS_MAX];
    const char *error;
} bad_cases[] = {
    {TWO, {{"c", "smtp://[::1]:1"}}, "--listen c=: the scenario has no"},
    {TWO, {{NULL, "smtp://[::1]"}, {"c", "smtp://[::1]:1"}}, "such as a"},
    {PLAIN,
     {{NULL, "smtp://[::1]:1"}, {"default", "smtp://[::1]:2"}},
     "called 'default'"},
    {PLAIN,
     {{"listener2", "smtp://[::1]:1"},
      {NULL, "smtp://[::1]:2"},
      {NULL, "smtp://[::1]:3"},
      {"listener3", "smtp://[::1]:4"}},
     "called 'listener3'"},
};

Test(listeners, what_does_not_go_together_is_told)
{
    for (size_t i = 0; i < sizeof(bad_cases) / sizeof(bad_cases[0]); i++) {
        cr_assert_eq(make(bad_cases[i].scenario, bad_cases[i].given),
                     SF_ESYNTAX, "%zu", i);
        cr_expect(strstr(error, bad_cases[i].error), "%s", error);
        cr_expect(strstr(error, ": "), "no hint: %s", error);
        release();
    }
}

Test(listeners, the_keys_of_a_section_are_for_the_listener_of_its_name)
{
    static const struct given given[URLS_MAX] = {{"a", "smtp://[::1]:1"}};

    cr_assert_eq(make("[server]\nmax-connections = 7\nidle-timeout = 2s\n"
                      "[listen a]\nstall = yes\nbacklog = 3\n"
                      "receive-buffer = 4K\n[listen b]\nrefuse = yes\n"
                      "max-connections = 1\nidle-timeout = forever\n",
                      given),
                 0, "%s", error);
    cr_expect_eq(listeners.list[0].mode, SF_LISTEN_STALLS);
    cr_expect_eq(listeners.list[0].backlog, 3);
    cr_expect_eq(listeners.list[0].receive_buffer_bytes, 4096);
    cr_expect_eq(listeners.list[0].max_connections, 7);
    cr_expect_eq(listeners.list[0].stall_us, 2000000);
    cr_expect_eq(listeners.list[1].mode, SF_LISTEN_REFUSES);
    cr_expect_eq(listeners.list[1].max_connections, 1);
    cr_expect_eq(listeners.list[1].stall_us, SF_FOREVER_US);
    release();
}

Test(listeners, speed_shortens_how_long_output_may_wait)
{
    static const struct given given[URLS_MAX] = {{NULL, NULL}};

    cr_assert_eq(make("[server]\nidle-timeout = 10s\n", given), 0);
    options.speed = 5;
    sf_listeners_update(&listeners, &options, loaded.scenario);
    cr_expect_eq(listeners.list[0].stall_us, 2000000);
    release();
}

Test(listeners, another_scenario_changes_settings_and_nothing_else)
{
    static const struct given given[URLS_MAX] = {{NULL, NULL}};
    struct sf_listeners open;
    struct loaded first;

    cr_assert_eq(make(TWO, given), 0);
    open = listeners;
    first = loaded;
    cr_assert_eq(
        make("[listen a]\nurl = smtp://127.0.0.1:26\nstall = yes\n[listen b]\n",
             given),
        0);
    cr_expect(sf_listeners_is_same(&open, &listeners), "only a key differs");
    sf_listeners_update(&open, &options, loaded.scenario);
    cr_expect_eq(open.list[0].mode, SF_LISTEN_STALLS);
    release();

    cr_assert_eq(make("[listen a]\nurl = smtp://127.0.0.1:27\n[listen b]\n"
                      "refuse = yes\n",
                      given),
                 0);
    cr_expect_not(sf_listeners_is_same(&open, &listeners), "another address");
    sf_listeners_update(&open, &options, loaded.scenario);
    cr_expect_eq(sf_url_port(&open.list[0].url), 26);
    cr_expect_eq(open.list[0].mode, SF_LISTEN_SERVES);
    cr_expect_eq(open.list[1].mode, SF_LISTEN_REFUSES);
    release();

    cr_assert_eq(make(PLAIN, given), 0);
    cr_expect_not(sf_listeners_is_same(&open, &listeners), "other names");
    sf_listeners_update(&open, &options, loaded.scenario);
    cr_expect_eq(open.list[1].mode, SF_LISTEN_SERVES);
    release();
    sf_listeners_fini(&open);
    loaded_fini(&first);
}
