/* endpoint.c - a listener's address: bound, and listening unless connections
 * are refused.
 *
 * Sockets are made here, not by libuv, which would make every one of them
 * accept: to be refused, a client needs a port that is bound and does not
 * listen; to wait for ever, one that listens and that nobody polls. */
#include "net/endpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* A free port of one host may be taken on another. */
#define TRIES_MAX 64

/* Sockets. */

static int set_option(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof(value));
}

static int set_options(const struct sf_endpoint *endpoint, int fd)
{
    int family = endpoint->url.address.any.sa_family;
    uint64_t bytes = endpoint->receive_buffer_bytes;

    if (family == AF_INET6 &&
        set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) != 0) {
        return -1;
    }
    /* The window is scaled at the handshake, so that this comes first. */
    if (bytes > 0) {
        return set_option(fd, SOL_SOCKET, SO_RCVBUF,
                          bytes > INT_MAX ? INT_MAX : (int)bytes);
    }
    return 0;
}

static int bind_socket(const struct sf_endpoint *endpoint, bool may_share)
{
    const struct sf_url *url = &endpoint->url;

    if (set_option(endpoint->fd, SOL_SOCKET, SO_REUSEADDR, may_share) != 0) {
        return -1;
    }
    return bind(endpoint->fd, &url->address.any, sf_url_address_size(url));
}

/* SO_REUSEADDR passes over what is left of old connections, but gives the port
 * away again unless somebody listens: where connections are refused it is used
 * only if nothing else helps. */
static int bind_address(const struct sf_endpoint *endpoint)
{
    if (endpoint->mode != SF_LISTEN_REFUSES) {
        return bind_socket(endpoint, true);
    }
    if (bind_socket(endpoint, false) == 0) {
        return 0;
    }
    return errno == EADDRINUSE ? bind_socket(endpoint, true) : -1;
}

/* Linux completes one handshake more than it is told. */
static int start_listening(const struct sf_endpoint *endpoint)
{
    unsigned more = endpoint->backlog - 1;

    return listen(endpoint->fd, more > INT_MAX ? INT_MAX : (int)more);
}

/* The port that the kernel chose. */
static int read_address(struct sf_endpoint *endpoint)
{
    socklen_t size = sizeof(endpoint->url.address);

    if (sf_url_is_unix(&endpoint->url)) {
        return 0;
    }
    return getsockname(endpoint->fd, &endpoint->url.address.any, &size);
}

/* Whether nobody listens at the socket in the file system. */
static bool is_stale(const struct sf_url *url)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool is_refused;

    if (fd < 0) {
        return false;
    }
    /* A listener whose backlog is full does not hold us up. */
    is_refused =
        connect(fd, &url->address.any, sf_url_address_size(url)) != 0 &&
        errno == ECONNREFUSED;
    (void)close(fd);
    return is_refused;
}

/* A server that was killed leaves its socket behind.  Anything that is not a
 * socket stays, and bind reports it. */
static void remove_stale_socket(const struct sf_url *url)
{
    const char *path = url->address.local.sun_path;
    struct stat status;

    if (lstat(path, &status) == 0 && S_ISSOCK(status.st_mode) &&
        is_stale(url)) {
        (void)unlink(path);
    }
}

int sf_endpoint_open(struct sf_endpoint *endpoint)
{
    bool is_unix = sf_url_is_unix(&endpoint->url);
    bool is_bound = false;
    int err;

    endpoint->fd = socket(endpoint->url.address.any.sa_family,
                          SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (endpoint->fd < 0) {
        return uv_translate_sys_error(errno);
    }
    if (is_unix) {
        remove_stale_socket(&endpoint->url);
    }
    if (set_options(endpoint, endpoint->fd) == 0 &&
        bind_address(endpoint) == 0) {
        is_bound = true;
        if ((endpoint->mode == SF_LISTEN_REFUSES ||
             start_listening(endpoint) == 0) &&
            read_address(endpoint) == 0) {
            return 0;
        }
    }
    err = uv_translate_sys_error(errno);
    (void)close(endpoint->fd);
    endpoint->fd = -1;
    if (is_unix && is_bound) {
        (void)unlink(endpoint->url.address.local.sun_path);
    }
    return err;
}

int sf_endpoint_set_backlog(struct sf_endpoint *endpoint)
{
    if (endpoint->mode == SF_LISTEN_REFUSES || start_listening(endpoint) == 0) {
        return 0;
    }
    return uv_translate_sys_error(errno);
}

/* libuv. */

static void on_closed(uv_handle_t *handle)
{
    free(handle);
}

int sf_endpoint_serve(struct sf_endpoint *endpoint,
                      uv_loop_t *loop,
                      uv_connection_cb on_connection,
                      void *data)
{
    bool is_unix = sf_url_is_unix(&endpoint->url);
    union sf_stream *stream = calloc(1, sizeof(*stream));
    int err;

    if (!stream) {
        return UV_ENOMEM;
    }
    err = sf_stream_init(stream, loop, is_unix);
    if (err != 0) {
        free(stream);
        return err;
    }
    stream->handle.data = data;
    err = is_unix ? uv_pipe_open(&stream->pipe, endpoint->fd)
                  : uv_tcp_open(&stream->tcp, endpoint->fd);
    if (err != 0) {
        uv_close(&stream->handle, on_closed);
        return err;
    }
    endpoint->stream = stream;
    return uv_listen(&stream->stream, (int)endpoint->backlog - 1,
                     on_connection);
}

void sf_endpoint_close(struct sf_endpoint *endpoint)
{
    if (endpoint->fd < 0) {
        return;
    }
    if (sf_url_is_unix(&endpoint->url)) {
        (void)unlink(endpoint->url.address.local.sun_path);
    }
    if (endpoint->stream) {
        uv_close(&endpoint->stream->handle, on_closed);
    } else {
        (void)close(endpoint->fd);
    }
    endpoint->stream = NULL;
    endpoint->fd = -1;
}

/* Free ports. */

static bool wants_port(const struct sf_endpoint *endpoint)
{
    return !sf_url_is_unix(&endpoint->url) && sf_url_port(&endpoint->url) == 0;
}

/* Marks, among the endpoints that want a port, as many as can share one: no
 * two of the same host. */
static void
choose_group(struct sf_endpoint *const *endpoints, size_t count, bool *group)
{
    for (size_t i = 0; i < count; i++) {
        group[i] = wants_port(endpoints[i]);
        for (size_t j = 0; j < i && group[i]; j++) {
            group[i] = !group[j] || !sf_url_shares_host(&endpoints[i]->url,
                                                        &endpoints[j]->url);
        }
    }
}

static void close_group(struct sf_endpoint *const *endpoints,
                        const bool *group,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (group[i]) {
            sf_endpoint_close(endpoints[i]);
            sf_url_set_port(&endpoints[i]->url, 0);
        }
    }
}

/* The first of the group gets a port of the kernel's choice, which the others
 * have to take. */
static int try_group(struct sf_endpoint *const *endpoints,
                     const bool *group,
                     size_t count,
                     size_t *out_failed)
{
    unsigned port = 0;

    for (size_t i = 0; i < count; i++) {
        int err = 0;

        if (!group[i]) {
            continue;
        }
        sf_url_set_port(&endpoints[i]->url, port);
        err = sf_endpoint_open(endpoints[i]);
        if (err != 0) {
            *out_failed = i;
            close_group(endpoints, group, count);
            return err;
        }
        port = sf_url_port(&endpoints[i]->url);
    }
    return 0;
}

static int open_group(struct sf_endpoint *const *endpoints,
                      const bool *group,
                      size_t count,
                      size_t *out_failed)
{
    int err = UV_EADDRINUSE;

    for (int i = 0; err == UV_EADDRINUSE && i < TRIES_MAX; i++) {
        err = try_group(endpoints, group, count, out_failed);
    }
    return err;
}

/* Addresses with a port come first, lest the kernel choose one of them. */
static int open_fixed(struct sf_endpoint *const *endpoints,
                      size_t count,
                      size_t *out_failed)
{
    for (size_t i = 0; i < count; i++) {
        int err = wants_port(endpoints[i]) ? 0 : sf_endpoint_open(endpoints[i]);

        if (err != 0) {
            *out_failed = i;
            return err;
        }
    }
    return 0;
}

int sf_endpoint_open_all(struct sf_endpoint *const *endpoints,
                         size_t count,
                         size_t *out_failed)
{
    bool *group = calloc(count + 1, sizeof(*group));
    int err = UV_ENOMEM;
    bool is_done = false;

    *out_failed = 0;
    if (!group) {
        return err;
    }
    err = open_fixed(endpoints, count, out_failed);
    while (err == 0 && !is_done) {
        choose_group(endpoints, count, group);
        is_done = true;
        for (size_t i = 0; i < count; i++) {
            is_done = is_done && !group[i];
        }
        if (!is_done) {
            err = open_group(endpoints, group, count, out_failed);
        }
    }
    free(group);
    return err;
}
