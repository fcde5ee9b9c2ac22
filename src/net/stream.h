/* stream.h - a TCP or UNIX socket of libuv, whichever it is. */
#ifndef SF_NET_STREAM_H
#define SF_NET_STREAM_H

#include <uv.h>

#include "base/url.h"

union sf_stream {
    uv_handle_t handle;
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
};

/* Returns 0 or libuv's error. */
SF_MUST_CHECK int
sf_stream_init(union sf_stream *stream, uv_loop_t *loop, bool is_unix);

/* Who is at the other end, as sf_url_peer().  SF_EIO if it has left. */
SF_MUST_CHECK int sf_stream_peer(const union sf_stream *stream,
                                 char out_host[INET6_ADDRSTRLEN],
                                 unsigned *out_port);

/* Sends FIN; nothing may be queued.  Returns false if that cannot be done. */
bool sf_stream_send_fin(const union sf_stream *stream);

/* Makes the close that follows send RST.  UNIX sockets know none: they are
 * just closed. */
void sf_stream_want_rst(const union sf_stream *stream);

#endif
