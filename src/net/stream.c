/* stream.c - a TCP or UNIX socket of libuv, whichever it is. */
#include "net/stream.h"

#include <sys/socket.h>

int sf_stream_init(union sf_stream *stream, uv_loop_t *loop, bool is_unix)
{
    return is_unix ? uv_pipe_init(loop, &stream->pipe, 0)
                   : uv_tcp_init(loop, &stream->tcp);
}

int sf_stream_peer(const union sf_stream *stream,
                   char out_host[INET6_ADDRSTRLEN],
                   unsigned *out_port)
{
    union sf_address address = {.any.sa_family = AF_UNIX};
    int size = sizeof(address);

    if (stream->handle.type == UV_TCP &&
        uv_tcp_getpeername(&stream->tcp, &address.any, &size) != 0) {
        return SF_EIO;
    }
    sf_url_peer(&address, out_host, out_port);
    return 0;
}

bool sf_stream_send_fin(const union sf_stream *stream)
{
    uv_os_fd_t fd;

    /* uv_shutdown() would wait for what is queued and need a request; else it
     * does no more than this. */
    return uv_fileno(&stream->handle, &fd) == 0 && shutdown(fd, SHUT_WR) == 0;
}

void sf_stream_want_rst(const union sf_stream *stream)
{
    /* uv_tcp_close_reset() would drop what libuv still holds and does not go
     * together with a FIN sent before; the socket option does. */
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    uv_os_fd_t fd;

    if (stream->handle.type == UV_TCP && uv_fileno(&stream->handle, &fd) == 0) {
        /* If it fails the connection ends with FIN, which is all that can
         * still be done. */
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    }
}
