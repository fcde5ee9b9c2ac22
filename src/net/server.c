/* server.c - listeners and their connections, on a loop of the caller. */
#include "net/server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/conn.h"
#include "net/stream.h"

/* libuv hands over at most one connection a call, so bursts wait here. */
#define BACKLOG 4096

/* What is open when a run ends has this long to go by itself. */
#define DRAIN_MS 1000

struct listener {
    union sf_stream u;
    struct sf_server *server;
    const char *name;
    struct sf_url url;
    char text[SF_URL_TEXT_SIZE];
    bool is_open;
    bool is_waiting; /* libuv holds a connection that we did not take */
};

struct sf_server {
    struct sf_conn_host host;
    struct sf_server_config config;
    struct sf_server_run run;
    uint64_t sessions;
    uint64_t refused;
    uv_timer_t timer;
    bool is_draining;
    bool is_closed;
    size_t listener_count;
    struct listener listeners[];
};

/* Accepting. */

static bool may_accept(const struct sf_server *server)
{
    return server->host.run != NULL &&
           (server->run.max_sessions == 0 ||
            server->sessions < server->run.max_sessions);
}

static void accept_one(struct listener *listener)
{
    struct sf_server *server = listener->server;
    const struct sf_conn_origin origin = {
        .listener = &listener->u.stream,
        .name = listener->name,
        .protocol = listener->url.protocol,
        .is_unix = sf_url_is_unix(&listener->url),
        .is_refused =
            server->host.open_sessions >= server->run.max_connections ||
            server->host.open_conns >= server->run.max_descriptors,
        .may_linger = server->host.open_conns < server->run.max_descriptors};
    int err;

    listener->is_waiting = false;
    if (origin.is_refused) {
        server->refused++;
    } else {
        server->sessions++;
    }
    err = sf_conn_accept(&server->host, &origin);
    if (err == 0) {
        return;
    }
    if (origin.is_refused) {
        server->refused--;
    } else {
        server->sessions--;
    }
    /* Without memory libuv still holds the connection; it is tried again when
     * another one has gone. */
    listener->is_waiting = err == SF_ENOMEM;
}

/* libuv stops polling a listener whose connection was not taken, until it is.
 * When descriptors run out (status < 0) it drops what waits by itself. */
static void on_connection(uv_stream_t *stream, int status)
{
    struct listener *listener = stream->data;

    if (status < 0) {
        return;
    }
    if (may_accept(listener->server)) {
        accept_one(listener);
    } else {
        listener->is_waiting = true;
    }
}

static void accept_waiting(struct sf_server *server)
{
    for (size_t i = 0; i < server->listener_count; i++) {
        struct listener *listener = &server->listeners[i];

        if (listener->is_open && listener->is_waiting && may_accept(server)) {
            accept_one(listener);
        }
    }
}

/* Hooks of the connections. */

static void pass_error(void *ctx, int err)
{
    struct sf_server *server = ctx;

    server->config.on_error(server->config.ctx, err);
}

static void pass_session_end(void *ctx)
{
    struct sf_server *server = ctx;

    server->config.on_session_end(server->config.ctx);
}

static void finish_drain(struct sf_server *server)
{
    server->is_draining = false;
    (void)uv_timer_stop(&server->timer);
    server->config.on_drained(server->config.ctx);
}

static void on_conn_gone(void *ctx)
{
    struct sf_server *server = ctx;

    if (server->is_draining && !server->host.conns) {
        finish_drain(server);
    } else {
        accept_waiting(server);
    }
}

/* Binding. */

/* libuv turns ENOENT of a UNIX socket into EACCES: asks for the directory. */
static int find_reason(const struct listener *listener, int uv_err)
{
    struct sockaddr_un address = listener->url.address.local;
    struct stat status;
    char *slash;

    if (uv_err != UV_EACCES || !sf_url_is_unix(&listener->url)) {
        return uv_err;
    }
    slash = strrchr(address.sun_path, '/');
    if (!slash) {
        return uv_err;
    }
    slash[1] = '\0'; /* The root keeps its slash. */
    return stat(address.sun_path, &status) == 0 ? uv_err
                                                : uv_translate_sys_error(errno);
}

static const char *find_hint(const struct listener *listener, int uv_err)
{
    switch (uv_err) {
    case UV_EADDRINUSE:
        return "stop what listens there, or choose another address";
    case UV_ENOENT:
        return "make the directory, or choose another one";
    case UV_EACCES:
        return sf_url_is_unix(&listener->url)
                   ? "choose a directory that is yours"
                   : "choose a port from 1024 up";
    default:
        return "choose another address";
    }
}

static int fail(const struct listener *listener,
                int uv_err,
                char *error,
                size_t error_size)
{
    const int reason = find_reason(listener, uv_err);
    const char *hint = find_hint(listener, reason);

    (void)snprintf(error, error_size, "cannot listen on %s: %s: %s",
                   listener->text, uv_strerror(reason), hint);
    return reason == UV_EADDRINUSE ? SF_EADDRINUSE : SF_EIO;
}

/* Whether nobody listens at the socket in the file system. */
static bool is_stale(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    bool is_refused;

    if (fd < 0) {
        return false;
    }
    /* A listener whose backlog is full must not hold us up. */
    is_refused =
        fcntl(fd, F_SETFL, O_NONBLOCK) == 0 &&
        connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0 &&
        errno == ECONNREFUSED;
    (void)close(fd);
    return is_refused;
}

/* A server that was killed leaves its socket behind.  Anything that is not a
 * socket stays, and bind reports it. */
static void remove_stale_socket(const struct sockaddr_un *address)
{
    struct stat status;

    if (lstat(address->sun_path, &status) == 0 && S_ISSOCK(status.st_mode) &&
        is_stale(address)) {
        (void)unlink(address->sun_path);
    }
}

static int bind_unix(struct listener *listener)
{
    const struct sockaddr_un *address = &listener->url.address.local;

    remove_stale_socket(address);
    return uv_pipe_bind(&listener->u.pipe, address->sun_path);
}

static int bind_tcp(struct listener *listener)
{
    const union sf_address *address = &listener->url.address;

    return uv_tcp_bind(&listener->u.tcp, &address->any,
                       address->any.sa_family == AF_INET6 ? UV_TCP_IPV6ONLY
                                                          : 0);
}

/* The port that the kernel chose. */
static int read_bound_address(struct listener *listener)
{
    int size = sizeof(listener->url.address);

    return uv_tcp_getsockname(&listener->u.tcp, &listener->url.address.any,
                              &size);
}

static int open_listener(struct listener *listener)
{
    bool is_unix = sf_url_is_unix(&listener->url);
    uv_loop_t *loop = listener->server->config.loop;
    int err = sf_stream_init(&listener->u, loop, is_unix);

    if (err != 0) {
        return err;
    }
    listener->is_open = true;
    listener->u.handle.data = listener;
    err = is_unix ? bind_unix(listener) : bind_tcp(listener);
    if (err == 0) {
        err = uv_listen(&listener->u.stream, BACKLOG, on_connection);
    }
    if (err == 0 && !is_unix) {
        err = read_bound_address(listener);
    }
    return err;
}

int sf_server_open(struct sf_server *server, char *error, size_t error_size)
{
    for (size_t i = 0; i < server->listener_count; i++) {
        struct listener *listener = &server->listeners[i];
        int err;

        sf_url_format(&listener->url, listener->text);
        err = open_listener(listener);
        if (err != 0) {
            return fail(listener, err, error, error_size);
        }
        sf_url_format(&listener->url, listener->text);
    }
    return 0;
}

/* Life. */

struct sf_server *sf_server_new(const struct sf_server_config *config)
{
    size_t count = config->listener_count;
    struct sf_server *server =
        calloc(1, sizeof(*server) + count * sizeof(server->listeners[0]));

    if (!server) {
        return NULL;
    }
    server->host.read_buffer = malloc(SF_CONN_READ_BYTES);
    if (!server->host.read_buffer) {
        free(server);
        return NULL;
    }
    server->config = *config;
    server->host.loop = config->loop;
    server->host.zero_ns = config->zero_ns;
    server->host.ctx = server;
    server->host.on_error = pass_error;
    server->host.on_session_end = pass_session_end;
    server->host.on_gone = on_conn_gone;
    (void)uv_timer_init(config->loop, &server->timer); /* always 0 */
    server->timer.data = server;
    server->listener_count = count;
    for (size_t i = 0; i < count; i++) {
        server->listeners[i].server = server;
        server->listeners[i].name = config->listeners[i].name;
        server->listeners[i].url = config->listeners[i].url;
    }
    return server;
}

void sf_server_free(struct sf_server *server)
{
    if (server) {
        free(server->host.read_buffer);
        free(server);
    }
}

void sf_server_start(struct sf_server *server, const struct sf_server_run *run)
{
    server->run = *run;
    server->sessions = 0;
    server->refused = 0;
    server->host.run = run->run;
    server->host.sink = run->sink;
    server->host.stall_us = run->stall_us;
    server->host.octets_in = 0;
    server->host.octets_out = 0;
    accept_waiting(server);
}

static void on_drain_timer(uv_timer_t *timer)
{
    struct sf_server *server = timer->data;

    if (server->host.conns) {
        sf_server_reset(server);
    } else {
        finish_drain(server);
    }
}

void sf_server_drain(struct sf_server *server)
{
    server->host.run = NULL;
    server->is_draining = true;
    /* The list only gets shorter when libuv calls back. */
    for (struct sf_conn *conn = server->host.conns; conn;
         conn = sf_conn_next(conn)) {
        sf_conn_shutdown(conn);
    }
    (void)uv_timer_start(&server->timer, on_drain_timer,
                         server->host.conns ? DRAIN_MS : 0, 0);
}

void sf_server_reset(struct sf_server *server)
{
    for (struct sf_conn *conn = server->host.conns; conn;
         conn = sf_conn_next(conn)) {
        sf_conn_reset(conn);
    }
}

void sf_server_close_listeners(struct sf_server *server)
{
    for (size_t i = 0; i < server->listener_count; i++) {
        struct listener *listener = &server->listeners[i];

        if (listener->is_open) {
            listener->is_open = false;
            /* libuv unlinks the path that it has bound. */
            uv_close(&listener->u.handle, NULL);
        }
    }
}

void sf_server_close(struct sf_server *server)
{
    if (server->is_closed) {
        return;
    }
    server->is_closed = true;
    server->is_draining = false;
    sf_server_close_listeners(server);
    server->host.run = NULL;
    sf_server_reset(server);
    uv_close((uv_handle_t *)&server->timer, NULL);
}

size_t sf_server_listener_count(const struct sf_server *server)
{
    return server->listener_count;
}

const char *sf_server_listener_name(const struct sf_server *server, size_t i)
{
    return server->listeners[i].name;
}

const char *sf_server_listener_url(const struct sf_server *server, size_t i)
{
    return server->listeners[i].text;
}

struct sf_server_stats sf_server_stats(const struct sf_server *server)
{
    return (struct sf_server_stats){.sessions = server->sessions,
                                    .open = server->host.open_sessions,
                                    .refused = server->refused,
                                    .octets_in = server->host.octets_in,
                                    .octets_out = server->host.octets_out};
}
