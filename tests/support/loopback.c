/* loopback.c - a server in a thread of its own, and clients that block. */
#include "loopback.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "net/tls_config.h"
#include "scenario/scenario.h"

#define PATIENCE_NS (PATIENCE_S * 1000000000ull)

/* The server's thread. */

static int note_record(void *ctx, const struct sf_record *record)
{
    struct loopback *loopback = ctx;
    struct loopback_note note = {.type = record->type,
                                 .session = record->session};

    if (loopback->failing_record == 1 + (int)record->type) {
        return SF_ESINK;
    }
    if (record->type == SF_RECORD_REPLY) {
        note.code = record->u.reply.code;
    } else if (record->type == SF_RECORD_DISCONNECT) {
        note.by = record->u.disconnect.by;
        note.how = record->u.disconnect.how;
        note.unread = record->u.disconnect.unread;
        note.bytes_in = record->u.disconnect.bytes_in;
    }
    /* Thousands of replies are all the same. */
    if (note.code == 250 || record->type == SF_RECORD_COMMAND ||
        record->type == SF_RECORD_VIOLATION) {
        return 0;
    }
    uv_mutex_lock(&loopback->lock);
    if (loopback->note_count < LOOPBACK_NOTES_MAX) {
        loopback->notes[loopback->note_count++] = note;
    }
    uv_mutex_unlock(&loopback->lock);
    return 0;
}

static void on_error(void *ctx, int err)
{
    struct loopback *loopback = ctx;

    uv_mutex_lock(&loopback->lock);
    loopback->error = err;
    uv_mutex_unlock(&loopback->lock);
}

static void on_session_end(void *ctx)
{
    struct loopback *loopback = ctx;

    uv_mutex_lock(&loopback->lock);
    loopback->ended++;
    uv_cond_broadcast(&loopback->changed);
    uv_mutex_unlock(&loopback->lock);
}

static void begin_run(struct loopback *loopback)
{
    const struct sf_run_config config = {.scenario = loopback->scenario,
                                         .seed = 1,
                                         .speed = 1,
                                         .sink = loopback->run.sink};

    loopback->run.run = sf_run_new(&config);
    cr_assert_not_null(loopback->run.run);
    sf_net_server_start(loopback->server, &loopback->run);
    uv_mutex_lock(&loopback->lock);
    loopback->runs++;
    uv_cond_broadcast(&loopback->changed);
    uv_mutex_unlock(&loopback->lock);
}

static void on_drained(void *ctx)
{
    struct loopback *loopback = ctx;

    sf_run_free(loopback->run.run);
    loopback->run.run = NULL;
    if (loopback->is_ending) {
        sf_net_server_close(loopback->server);
        uv_close((uv_handle_t *)&loopback->wake, NULL);
    } else {
        begin_run(loopback);
    }
}

static void on_wake(uv_async_t *async)
{
    struct loopback *loopback = async->data;
    bool wants_reset;
    bool wants_run;
    bool wants_end;

    uv_mutex_lock(&loopback->lock);
    wants_reset = loopback->wants_reset;
    wants_run = loopback->wants_run;
    wants_end = loopback->wants_end;
    loopback->wants_reset = false;
    loopback->wants_run = false;
    uv_mutex_unlock(&loopback->lock);
    if (wants_reset) {
        sf_net_server_reset(loopback->server);
    }
    if (wants_end && !loopback->is_ending) {
        loopback->is_ending = true;
        sf_net_server_close_listeners(loopback->server);
    }
    if (wants_end || wants_run) {
        sf_net_server_drain(loopback->server);
    }
}

static void run_loop(void *ctx)
{
    struct loopback *loopback = ctx;

    uv_run(&loopback->loop, UV_RUN_DEFAULT);
}

/* From the test's side. */

static int read_text(void *ctx, const char *path, char **out_text, size_t *len)
{
    const char *text = ctx;

    if (strcmp(path, "test.ini") != 0) {
        return SF_ENOTFOUND;
    }
    *len = strlen(text);
    *out_text = malloc(*len + 1);
    cr_assert_not_null(*out_text);
    memcpy(*out_text, text, *len + 1);
    return 0;
}

static void load_scenario(struct loopback *loopback, const char *text)
{
    static const char *const path = "test.ini";
    char *copy = strdup(text ? text : "[scenario]\ntitle = nothing\n");
    const struct sf_load load = {.paths = &path,
                                 .path_count = 1,
                                 .read = read_text,
                                 .read_ctx = copy,
                                 .tls = sf_tls_ability()};
    struct sf_diags *diags = sf_diags_new();
    char why[512] = "";

    cr_assert_not_null(copy);
    cr_assert_not_null(diags);
    if (sf_scenario_load(&load, diags, &loopback->scenario) != 0) {
        sf_diag_format(sf_diags_get(diags, 0), why, sizeof(why));
        cr_assert_fail("%s", why);
    }
    sf_diags_free(diags);
    free(copy);
}

/* As the program does; but a client's patience is the test's. */
static void take_settings(struct sf_listen *listen,
                          const struct loopback_config *config,
                          const struct sf_scenario *scenario)
{
    const struct sf_listener *own =
        sf_scenario_find_listener(scenario, listen->name);
    const struct sf_server *settings =
        sf_scenario_find_server(scenario, listen->name);

    listen->mode = own ? own->mode : SF_LISTEN_SERVES;
    listen->backlog = own ? own->backlog : SF_LISTENER_BACKLOG;
    listen->receive_buffer_bytes = settings->receive_buffer_bytes;
    listen->max_connections = settings->max_connections;
    listen->tls =
        (struct sf_listen_tls){.is_offered = scenario->speaks_tls,
                               .hostname = settings->hostname,
                               .certificate = settings->certificate,
                               .key = settings->key,
                               .min = settings->min_version,
                               .max = settings->max_version,
                               .ciphers = settings->ciphers,
                               .profiles = scenario->profiles,
                               .profile_count = scenario->profile_count};
    listen->stall_us = config->stall_us ? config->stall_us : UINT64_MAX;
}

static size_t parse_urls(const struct loopback_config *config,
                         const struct sf_scenario *scenario,
                         struct sf_listen listeners[4])
{
    static const char *const names[] = {"one", "two", "three", "four"};
    size_t count = 0;

    while (count < 4 && (config->urls[count] || count == 0)) {
        const char *url = config->urls[count];

        listeners[count].name = names[count];
        cr_assert_null(sf_url_parse(url ? url : "smtp://127.0.0.1:0",
                                    &listeners[count].url));
        take_settings(&listeners[count], config, scenario);
        count++;
    }
    return count;
}

static void free_all(struct loopback *loopback)
{
    cr_assert_eq(uv_loop_close(&loopback->loop), 0, "handles are left open");
    sf_net_server_free(loopback->server);
    sf_scenario_free(loopback->scenario);
    uv_mutex_destroy(&loopback->lock);
    uv_cond_destroy(&loopback->changed);
}

int loopback_begin(struct loopback *loopback,
                   const struct loopback_config *config,
                   char *error,
                   size_t error_size)
{
    struct sf_listen listeners[4];
    struct sf_net_server_config server = {.loop = &loopback->loop,
                                          .zero_ns = uv_hrtime(),
                                          .listeners = listeners,
                                          .ctx = loopback,
                                          .on_error = on_error,
                                          .on_session_end = on_session_end,
                                          .on_drained = on_drained};
    int err;

    (void)signal(SIGPIPE, SIG_IGN); /* as main() does */
    *loopback = (struct loopback){.failing_record = config->failing_record};
    cr_assert_eq(uv_mutex_init(&loopback->lock), 0);
    cr_assert_eq(uv_cond_init(&loopback->changed), 0);
    cr_assert_eq(uv_loop_init(&loopback->loop), 0);
    cr_assert_eq(uv_async_init(&loopback->loop, &loopback->wake, on_wake), 0);
    loopback->wake.data = loopback;
    load_scenario(loopback, config->scenario);
    server.listener_count = parse_urls(config, loopback->scenario, listeners);
    loopback->server = sf_net_server_new(&server);
    cr_assert_not_null(loopback->server);
    err = sf_net_server_open(loopback->server, error, error_size);
    if (err != 0) {
        sf_net_server_close(loopback->server);
        uv_close((uv_handle_t *)&loopback->wake, NULL);
        uv_run(&loopback->loop, UV_RUN_DEFAULT);
        free_all(loopback);
        return err;
    }
    loopback->run = (struct sf_net_server_run){
        .sink = {.write = note_record, .ctx = loopback, .mask = UINT32_MAX},
        .max_descriptors = UINT64_MAX,
        .max_sessions = config->max_sessions};
    begin_run(loopback);
    cr_assert_eq(uv_thread_create(&loopback->thread, run_loop, loopback), 0);
    return 0;
}

void loopback_end(struct loopback *loopback)
{
    uv_mutex_lock(&loopback->lock);
    loopback->wants_end = true;
    uv_mutex_unlock(&loopback->lock);
    uv_async_send(&loopback->wake);
    uv_thread_join(&loopback->thread);
    free_all(loopback);
}

void loopback_wait(struct loopback *loopback, unsigned ended)
{
    uv_mutex_lock(&loopback->lock);
    while (loopback->ended < ended) {
        cr_assert_eq(
            uv_cond_timedwait(&loopback->changed, &loopback->lock, PATIENCE_NS),
            0, "no session has ended");
    }
    uv_mutex_unlock(&loopback->lock);
}

void loopback_renew(struct loopback *loopback)
{
    unsigned runs;

    uv_mutex_lock(&loopback->lock);
    runs = loopback->runs;
    loopback->wants_run = true;
    uv_async_send(&loopback->wake);
    while (loopback->runs == runs) {
        cr_assert_eq(
            uv_cond_timedwait(&loopback->changed, &loopback->lock, PATIENCE_NS),
            0, "no run has begun");
    }
    uv_mutex_unlock(&loopback->lock);
}

void loopback_reset(struct loopback *loopback)
{
    uv_mutex_lock(&loopback->lock);
    loopback->wants_reset = true;
    uv_mutex_unlock(&loopback->lock);
    uv_async_send(&loopback->wake);
}

const struct loopback_note *loopback_note(const struct loopback *loopback,
                                          enum sf_record_type type,
                                          size_t n)
{
    for (size_t i = 0; i < loopback->note_count; i++) {
        if (loopback->notes[i].type == type && n-- == 0) {
            return &loopback->notes[i];
        }
    }
    return NULL;
}

/* Clients. */

int client_connect(const struct loopback *loopback,
                   size_t listener,
                   int receive_buffer)
{
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    const char *text = sf_net_server_listener_url(loopback->server, listener);
    struct sf_url url;
    int fd;

    cr_assert_null(sf_url_parse(text, &url));
    fd = socket(url.address.any.sa_family, SOCK_STREAM, 0);
    cr_assert_geq(fd, 0);
    if (receive_buffer > 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer,
                   sizeof(receive_buffer));
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    cr_assert_eq(connect(fd, &url.address.any, sf_url_address_size(&url)), 0,
                 "%s", text);
    return fd;
}

void client_send(int fd, const char *text)
{
    size_t len = strlen(text);

    while (len > 0) {
        ssize_t sent = send(fd, text, len, MSG_NOSIGNAL);

        cr_assert_gt(sent, 0, "send: %s", strerror(errno));
        text += sent;
        len -= (size_t)sent;
    }
}

void client_expect(int fd, const char *start)
{
    char line[1024] = "";
    size_t len = 0;

    while (len < sizeof(line) - 1 && (len == 0 || line[len - 1] != '\n')) {
        ssize_t count = recv(fd, line + len, 1, 0);

        cr_assert_gt(count, 0, "waiting for '%s', got '%s'", start, line);
        len++;
    }
    cr_assert_eq(strncmp(line, start, strlen(start)), 0, "not '%s' but '%s'",
                 start, line);
}

int client_drain(int fd, const char *start, size_t *out_count)
{
    char block[65536];
    char line[16] = "";
    size_t at = 0;
    ssize_t count;

    *out_count = 0;
    while ((count = recv(fd, block, sizeof(block), 0)) > 0) {
        for (ssize_t i = 0; i < count; i++) {
            if (block[i] == '\n') {
                line[at] = '\0';
                *out_count += strncmp(line, start, strlen(start)) == 0;
                at = 0;
            } else if (at < sizeof(line) - 1) {
                line[at++] = block[i];
            }
        }
    }
    return count == 0 ? 0 : errno;
}

void client_reset(int fd)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(fd);
}
