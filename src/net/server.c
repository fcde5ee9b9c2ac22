/* server.c - listeners and their connections, on a loop of the caller. */
#include "net/server.h"

#include <stdlib.h>

#include "net/conn.h"
#include "net/endpoint.h"
#include "net/tls.h"
#include "net/tls_config.h"

/* What is open when a run ends has this long to go by itself. */
#define DRAIN_MS 1000

struct listener {
    struct sf_endpoint endpoint;
    struct sf_conn_origin origin;
    struct sf_net_server *server;
    uint64_t max_connections;
    struct sf_listen_tls tls;
    char text[SF_URL_TEXT_SIZE];
    bool is_waiting; /* libuv holds a connection that we did not take */
};

struct sf_net_server {
    struct sf_conn_host host;
    struct sf_net_server_config config;
    struct sf_net_server_run run;
    uint64_t sessions;
    uint64_t refused;
    struct sf_tls_store *tls; /* NULL: not needed yet */
    uv_timer_t timer;
    bool is_draining;
    bool is_closed;
    size_t listener_count;
    struct listener listeners[];
};

/* Accepting. */

static bool may_accept(const struct sf_net_server *server)
{
    return server->host.run != NULL &&
           (server->run.max_sessions == 0 ||
            server->sessions < server->run.max_sessions);
}

static enum sf_conn_welcome choose_welcome(const struct listener *listener)
{
    const struct sf_net_server *server = listener->server;

    if (server->host.open_conns >= server->run.max_descriptors) {
        return SF_WELCOME_DISMISS;
    }
    return listener->origin.open_sessions >= listener->max_connections
               ? SF_WELCOME_REFUSE
               : SF_WELCOME_SERVE;
}

static void accept_one(struct listener *listener)
{
    struct sf_net_server *server = listener->server;
    enum sf_conn_welcome welcome = choose_welcome(listener);
    uint64_t *count =
        welcome == SF_WELCOME_SERVE ? &server->sessions : &server->refused;
    int err;

    listener->is_waiting = false;
    ++*count;
    err = sf_conn_accept(&server->host, &listener->origin,
                         &listener->endpoint.stream->stream, welcome);
    if (err == 0) {
        return;
    }
    --*count;
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

static void accept_waiting(struct sf_net_server *server)
{
    for (size_t i = 0; i < server->listener_count; i++) {
        struct listener *listener = &server->listeners[i];

        if (listener->endpoint.stream && listener->is_waiting &&
            may_accept(server)) {
            accept_one(listener);
        }
    }
}

/* Hooks of the connections. */

static void pass_error(void *ctx, int err)
{
    struct sf_net_server *server = ctx;

    server->config.on_error(server->config.ctx, err);
}

static void pass_session_end(void *ctx)
{
    struct sf_net_server *server = ctx;

    server->config.on_session_end(server->config.ctx);
}

static void finish_drain(struct sf_net_server *server)
{
    server->is_draining = false;
    (void)uv_timer_stop(&server->timer);
    server->config.on_drained(server->config.ctx);
}

static void on_conn_gone(void *ctx)
{
    struct sf_net_server *server = ctx;

    if (server->is_draining && !server->host.conns) {
        finish_drain(server);
    } else {
        accept_waiting(server);
    }
}

/* TLS. */

static struct sf_tls_store *get_store(struct sf_net_server *server)
{
    if (!server->tls) {
        server->tls = sf_tls_store_new();
    }
    return server->tls;
}

const char *sf_net_server_authority(struct sf_net_server *server)
{
    struct sf_tls_store *store = get_store(server);

    return store ? sf_tls_store_authority(store) : NULL;
}

/* Makes what the listener's connections share anew, since its settings may have
 * changed. */
static int prepare_tls(struct listener *listener, char *error, size_t size)
{
    struct sf_net_server *server = listener->server;
    struct sf_conn_origin *origin = &listener->origin;
    char host[INET6_ADDRSTRLEN];
    const char *names[] = {listener->tls.hostname, host};
    struct sf_tls_settings settings = {.names = names,
                                       .certificate = listener->tls.certificate,
                                       .key = listener->tls.key,
                                       .min = listener->tls.min,
                                       .max = listener->tls.max,
                                       .ciphers = listener->tls.ciphers,
                                       .profiles = listener->tls.profiles,
                                       .profile_count =
                                           listener->tls.profile_count};
    unsigned port;

    sf_tls_config_free(origin->tls);
    origin->tls = NULL;
    if (origin->tls_mode == SF_TLS_IF_ASKED) {
        return 0;
    }
    sf_url_peer(&listener->endpoint.url.address, host, &port);
    settings.name_count = origin->is_unix ? 1 : 2;
    if (!server->host.tls_buffer) {
        server->host.tls_buffer = malloc(SF_TLS_READ_BYTES);
    }
    if (!server->host.tls_buffer || !get_store(server)) {
        (void)snprintf(error, size, "%s", sf_strerror(SF_ENOMEM));
        return SF_ENOMEM;
    }
    return sf_tls_config_new(server->tls, &settings, &origin->tls, error, size);
}

static int prepare_all(struct sf_net_server *server, char *error, size_t size)
{
    int err = 0;

    for (size_t i = 0; err == 0 && i < server->listener_count; i++) {
        err = prepare_tls(&server->listeners[i], error, size);
    }
    return err;
}

/* Binding. */

static const char *find_hint(const struct listener *listener, int uv_err)
{
    switch (uv_err) {
    case UV_EADDRINUSE:
        return "stop what listens there, or choose another address";
    case UV_ENOENT:
        return "make the directory, or choose another one";
    case UV_EACCES:
        return listener->origin.is_unix ? "choose a directory that is yours"
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
    (void)snprintf(error, error_size, "cannot listen on %s: %s: %s",
                   listener->text, uv_strerror(uv_err),
                   find_hint(listener, uv_err));
    return uv_err == UV_EADDRINUSE ? SF_EADDRINUSE : SF_EIO;
}

static int serve_endpoint(struct listener *listener)
{
    return listener->endpoint.mode == SF_LISTEN_SERVES
               ? sf_endpoint_serve(&listener->endpoint,
                                   listener->server->config.loop, on_connection,
                                   listener)
               : 0;
}

static int serve_all(struct sf_net_server *server, char *error, size_t size)
{
    for (size_t i = 0; i < server->listener_count; i++) {
        struct listener *listener = &server->listeners[i];
        int err = 0;

        sf_url_format(&listener->endpoint.url, listener->text);
        err = serve_endpoint(listener);
        if (err != 0) {
            return fail(listener, err, error, size);
        }
    }
    return 0;
}

int sf_net_server_open(struct sf_net_server *server,
                       char *error,
                       size_t error_size)
{
    size_t count = server->listener_count;
    struct sf_endpoint **endpoints =
        calloc(count + 1, sizeof(struct sf_endpoint *));
    size_t failed = 0;
    int err;

    if (!endpoints) {
        (void)snprintf(error, error_size, "%s", sf_strerror(SF_ENOMEM));
        return SF_ENOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        struct listener *listener = &server->listeners[i];

        sf_url_format(&listener->endpoint.url, listener->text);
        endpoints[i] = &listener->endpoint;
    }
    err = sf_endpoint_open_all(endpoints, count, &failed);
    free(endpoints);
    if (err == 0) {
        err = prepare_all(server, error, error_size);
        return err == 0 ? serve_all(server, error, error_size) : err;
    }
    return fail(&server->listeners[failed], err, error, error_size);
}

static void take_settings(struct listener *listener,
                          const struct sf_listen *listen)
{
    listener->endpoint.mode = listen->mode;
    listener->endpoint.backlog = listen->backlog;
    listener->endpoint.receive_buffer_bytes = listen->receive_buffer_bytes;
    listener->max_connections = listen->max_connections;
    listener->tls = listen->tls;
    listener->origin.tls_mode = listen->url.is_tls       ? SF_TLS_AT_ONCE
                                : listen->tls.is_offered ? SF_TLS_STARTTLS
                                                         : SF_TLS_IF_ASKED;
    listener->origin.stall_us = listen->stall_us;
}

/* A socket that listens cannot be made one that does not, and a buffer that
 * was set cannot be given back to the kernel. */
static int update_listener(struct listener *listener,
                           const struct sf_listen *listen)
{
    struct sf_endpoint *endpoint = &listener->endpoint;
    bool is_other =
        listen->mode != endpoint->mode ||
        listen->receive_buffer_bytes != endpoint->receive_buffer_bytes;
    int err;

    take_settings(listener, listen);
    if (!is_other) {
        return sf_endpoint_set_backlog(endpoint);
    }
    listener->is_waiting = false;
    sf_endpoint_close(endpoint);
    err = sf_endpoint_open(endpoint);
    return err == 0 ? serve_endpoint(listener) : err;
}

int sf_net_server_update(struct sf_net_server *server,
                         const struct sf_listen *listeners,
                         char *error,
                         size_t error_size)
{
    for (size_t i = 0; i < server->listener_count; i++) {
        int err = update_listener(&server->listeners[i], &listeners[i]);

        if (err != 0) {
            return fail(&server->listeners[i], err, error, error_size);
        }
    }
    return prepare_all(server, error, error_size);
}

/* Life. */

static void init_listener(struct sf_net_server *server,
                          struct listener *listener,
                          const struct sf_listen *listen)
{
    listener->server = server;
    listener->endpoint.fd = -1;
    listener->endpoint.url = listen->url;
    listener->origin.name = listen->name;
    listener->origin.protocol = listen->url.protocol;
    listener->origin.is_unix = sf_url_is_unix(&listen->url);
    take_settings(listener, listen);
}

struct sf_net_server *
sf_net_server_new(const struct sf_net_server_config *config)
{
    size_t count = config->listener_count;
    struct sf_net_server *server =
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
        init_listener(server, &server->listeners[i], &config->listeners[i]);
    }
    return server;
}

void sf_net_server_free(struct sf_net_server *server)
{
    if (server) {
        for (size_t i = 0; i < server->listener_count; i++) {
            sf_tls_config_free(server->listeners[i].origin.tls);
        }
        sf_tls_store_free(server->tls);
        free(server->host.tls_buffer);
        free(server->host.read_buffer);
        free(server);
    }
}

void sf_net_server_start(struct sf_net_server *server,
                         const struct sf_net_server_run *run)
{
    server->run = *run;
    server->sessions = 0;
    server->refused = 0;
    server->host.run = run->run;
    server->host.sink = run->sink;
    server->host.octets_in = 0;
    server->host.octets_out = 0;
    accept_waiting(server);
}

static void on_drain_timer(uv_timer_t *timer)
{
    struct sf_net_server *server = timer->data;

    if (server->host.conns) {
        sf_net_server_reset(server);
    } else {
        finish_drain(server);
    }
}

void sf_net_server_drain(struct sf_net_server *server)
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

void sf_net_server_reset(struct sf_net_server *server)
{
    for (struct sf_conn *conn = server->host.conns; conn;
         conn = sf_conn_next(conn)) {
        sf_conn_reset(conn);
    }
}

void sf_net_server_close_listeners(struct sf_net_server *server)
{
    for (size_t i = 0; i < server->listener_count; i++) {
        sf_endpoint_close(&server->listeners[i].endpoint);
    }
}

void sf_net_server_close(struct sf_net_server *server)
{
    if (server->is_closed) {
        return;
    }
    server->is_closed = true;
    server->is_draining = false;
    sf_net_server_close_listeners(server);
    server->host.run = NULL;
    sf_net_server_reset(server);
    uv_close((uv_handle_t *)&server->timer, NULL);
}

size_t sf_net_server_listener_count(const struct sf_net_server *server)
{
    return server->listener_count;
}

const char *sf_net_server_listener_name(const struct sf_net_server *server,
                                        size_t i)
{
    return server->listeners[i].origin.name;
}

const char *sf_net_server_listener_url(const struct sf_net_server *server,
                                       size_t i)
{
    return server->listeners[i].text;
}

struct sf_net_server_stats
sf_net_server_stats(const struct sf_net_server *server)
{
    return (struct sf_net_server_stats){.sessions = server->sessions,
                                        .open = server->host.open_sessions,
                                        .refused = server->refused,
                                        .octets_in = server->host.octets_in,
                                        .octets_out = server->host.octets_out};
}
