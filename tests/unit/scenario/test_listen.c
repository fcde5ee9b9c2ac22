/* test_listen.c - sections [listen NAME]. */
#include <criterion/criterion.h>
#include <string.h>

#include "../../support/scenario.h"
#include "base/slice.h"

static struct loaded
load_files(struct text_file *files, const char *const *paths, size_t count)
{
    struct sf_load load = {.paths = paths,
                           .path_count = count,
                           .read = read_text_file,
                           .read_ctx = files};

    return load_all(&load);
}

static void expect_url(const struct sf_listener *listener, const char *url)
{
    char text[SF_URL_TEXT_SIZE];

    sf_url_format(&listener->url, text);
    cr_expect_str_eq(text, url, "%s", listener->name);
}

Test(listen, listeners_keep_the_order_of_their_sections)
{
    struct loaded loaded = load_text(
        "[listen b]\n[listen a]\n[listen b]\nbacklog = 1\n"
        "[listen c]\nurl = lmtp://[::1]\n");
    const struct sf_scenario *scenario = loaded.scenario;

    cr_assert_str_empty(loaded.findings, "%s", loaded.findings);
    cr_assert_eq(scenario->listener_count, 3);
    cr_expect_str_eq(scenario->listeners[0].name, "b");
    cr_expect_str_eq(scenario->listeners[1].name, "a");
    cr_expect_str_eq(scenario->listeners[2].name, "c");
    expect_url(&scenario->listeners[0], "smtp://127.0.0.1:0");
    expect_url(&scenario->listeners[2], "lmtp://[::1]:2424");
    cr_expect_eq(scenario->listeners[0].backlog, 1);
    cr_expect_eq(scenario->listeners[1].backlog, SF_LISTENER_BACKLOG);
    loaded_fini(&loaded);
}

Test(listen, a_listener_serves_refuses_or_stalls)
{
    struct loaded loaded = load_text(
        "[listen a]\n[listen b]\nrefuse = yes\n[listen c]\n"
        "stall = yes\nrefuse = no\n[listen d]\nstall = no\n");
    static const enum sf_listen_mode modes[] = {
        SF_LISTEN_SERVES, SF_LISTEN_REFUSES, SF_LISTEN_STALLS,
        SF_LISTEN_SERVES};

    cr_assert_str_empty(loaded.findings, "%s", loaded.findings);
    for (size_t i = 0; i < 4; i++) {
        cr_expect_eq(loaded.scenario->listeners[i].mode, modes[i], "%zu", i);
    }
    loaded_fini(&loaded);
}

Test(listen, what_a_section_leaves_out_comes_from_the_server)
{
    /* [server] may stand behind. */
    struct loaded loaded = load_text(
        "[listen a]\nmax-size = 1K\nextensions = -DSN\n[listen b]\n"
        "[server]\nhostname = mx.test\nmax-size = 2K\nmax-recipients = 7\n"
        "banner = hello\nextensions = -SIZE, +X\nline-limit = 512\n");
    const struct sf_server *a = sf_scenario_find_server(loaded.scenario, "a");
    const struct sf_server *b = sf_scenario_find_server(loaded.scenario, "b");
    const struct sf_server *c = sf_scenario_find_server(loaded.scenario, "c");

    cr_assert_str_empty(loaded.findings, "%s", loaded.findings);
    cr_expect_str_eq(a->hostname, "mx.test");
    cr_expect_eq(a->max_size_bytes, 1024);
    cr_expect_eq(a->extensions.remove_count, 1);
    cr_expect_eq(a->extensions.add_count, 0);
    cr_expect_eq(a->max_recipients, 7);
    cr_expect(a->has_max_recipients);
    cr_expect_eq(a->banner.count, 1);
    cr_expect_eq(b->max_size_bytes, 2048);
    cr_expect_eq(b->extensions.add_count, 1);
    cr_expect_eq(c, &loaded.scenario->server, "no such listener");
    loaded_fini(&loaded);
}

Test(listen, a_limit_of_one_listener_is_not_told_by_others)
{
    struct loaded loaded =
        load_text("[listen a]\nmax-recipients = 7\n[listen b]\n");

    cr_assert_str_empty(loaded.findings, "%s", loaded.findings);
    cr_expect(loaded.scenario->listeners[0].server.has_max_recipients);
    cr_expect_not(loaded.scenario->listeners[1].server.has_max_recipients);
    cr_expect_not(loaded.scenario->server.has_max_recipients);
    loaded_fini(&loaded);
}

Test(listen, a_file_overrides_the_listeners_that_it_includes_key_by_key)
{
    struct text_file files[] = {
        {"t.ini",
         "[scenario]\ninclude = part.ini\n[listen a]\nmax-size = 1K\n"
         "refuse = no\n",
         0, 0},
        {"part.ini",
         "[listen b]\n[listen a]\nurl = smtp://127.0.0.2:0\nmax-size = 2K\n"
         "refuse = yes\nbacklog = 3\nline-limit = 512\n",
         0, 0},
        {NULL, NULL, 0, 0}};
    const char *path = "t.ini";
    struct loaded loaded = load_files(files, &path, 1);
    const struct sf_listener *a = NULL;

    cr_assert_str_empty(loaded.findings, "%s", loaded.findings);
    cr_assert_eq(loaded.scenario->listener_count, 2);
    a = &loaded.scenario->listeners[0];
    cr_expect_str_eq(a->name, "a");
    expect_url(a, "smtp://127.0.0.2:0");
    cr_expect_eq(a->mode, SF_LISTEN_SERVES);
    cr_expect_eq(a->backlog, 3);
    cr_expect_eq(a->server.max_size_bytes, 1024);
    cr_expect_eq(a->server.line_limit_bytes, 512);
    loaded_fini(&loaded);
}

Test(listen, an_included_backlog_does_not_stand_in_the_way_of_refusing)
{
    struct text_file files[] = {
        {"t.ini", "[scenario]\ninclude = part.ini\n[listen a]\nrefuse = yes\n",
         0, 0},
        {"part.ini", "[listen a]\nbacklog = 3\n", 0, 0},
        {NULL, NULL, 0, 0}};
    const char *path = "t.ini";
    struct loaded loaded = load_files(files, &path, 1);

    cr_assert_str_empty(loaded.findings, "%s", loaded.findings);
    cr_expect_eq(loaded.scenario->listeners[0].mode, SF_LISTEN_REFUSES);
    loaded_fini(&loaded);
}

Test(listen, files_that_are_named_one_by_one_queue_up_their_listeners)
{
    struct text_file files[] = {{"one.ini", "[listen a]\n", 0, 0},
                                {"two.ini", "[listen b]\n", 0, 0},
                                {NULL, NULL, 0, 0}};
    static const char *const paths[] = {"one.ini", "two.ini"};
    struct loaded loaded = load_files(files, paths, 2);

    cr_assert_str_empty(loaded.findings, "%s", loaded.findings);
    cr_assert_eq(loaded.scenario->listener_count, 2);
    cr_expect_str_eq(loaded.scenario->listeners[1].name, "b");
    loaded_fini(&loaded);
}

Test(listen, files_that_are_named_one_by_one_cannot_share_a_listener)
{
    struct text_file files[] = {
        {"one.ini", "[listen a]\n", 0, 0},
        {"two.ini", "[listen b]\n[listen a]\nbacklog = 0\n", 0, 0},
        {NULL, NULL, 0, 0}};
    static const char *const paths[] = {"one.ini", "two.ini"};
    struct loaded loaded = load_files(files, paths, 2);

    cr_assert_eq(loaded.result, SF_ESCENARIO);
    cr_expect(strstr(loaded.findings,
                     "two.ini:2: error: the listener `a` is there already, in "
                     "one.ini, line 1\n"),
              "%s", loaded.findings);
    cr_expect(strstr(loaded.findings, "two.ini:3: error: `backlog` is"), "%s",
              loaded.findings);
    loaded_fini(&loaded);
}

Test(listen, names_of_let_work_in_names_and_values)
{
    struct loaded loaded = load_text(
        "[let]\nname = mx\nport = 2600\n[listen ${name}1]\n"
        "url = smtp://127.0.0.1:${port}\n");

    cr_assert_str_empty(loaded.findings, "%s", loaded.findings);
    cr_expect_str_eq(loaded.scenario->listeners[0].name, "mx1");
    expect_url(&loaded.scenario->listeners[0], "smtp://127.0.0.1:2600");
    loaded_fini(&loaded);
}

Test(listen, the_receive_buffer_is_the_kernels_unless_set)
{
    struct loaded loaded =
        load_text("[listen a]\n[listen b]\nreceive-buffer = 4K\n");

    cr_assert_str_empty(loaded.findings, "%s", loaded.findings);
    cr_expect_eq(loaded.scenario->listeners[0].server.receive_buffer_bytes, 0);
    cr_expect_eq(loaded.scenario->listeners[1].server.receive_buffer_bytes,
                 4096);
    loaded_fini(&loaded);
}

Test(listen, a_scenario_that_reads_slowly_gets_a_small_receive_buffer)
{
    static const char rule[] = "[RCPT]\nread = stop\n";
    static const struct {
        const char *server;
        uint64_t bytes[2]; /* of `a`, of `b` */
    } cases[] = {
        {"", {4096, 8192}},
        {"[server]\nreceive-buffer = 16K\n", {16384, 8192}},
        {"[server]\nreceive-buffer = 0\n", {0, 8192}},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[256];
        struct loaded loaded;

        snprintf(text, sizeof(text),
                 "%s[listen a]\n[listen b]\nreceive-buffer = 8K\n%s",
                 cases[i].server, rule);
        loaded = load_text(text);
        cr_assert_str_empty(loaded.findings, "%s", loaded.findings);
        for (size_t k = 0; k < 2; k++) {
            cr_expect_eq(
                loaded.scenario->listeners[k].server.receive_buffer_bytes,
                cases[i].bytes[k], "%s %zu", cases[i].server, k);
        }
        loaded_fini(&loaded);
    }
}

Test(listen, names_have_letters_digits_and_a_few_marks)
{
    cr_expect(sf_listener_is_name(sf_slice_str("Mx-1.a_b")));
    cr_expect(sf_listener_is_name(
        sf_slice_str("a234567890123456789012345678901234567890")));
    cr_expect_not(sf_listener_is_name(
        sf_slice_str("a2345678901234567890123456789012345678901")));
    cr_expect_not(sf_listener_is_name(sf_slice_str("")));
    cr_expect_not(sf_listener_is_name(sf_slice_str("a b")));
    cr_expect_not(sf_listener_is_name(sf_slice_str("a=b")));
}
