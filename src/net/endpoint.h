/* endpoint.h - a listener's address: bound, and listening unless connections
 * are refused.  For net only; app sees net/server.h. */
#ifndef SF_NET_ENDPOINT_H
#define SF_NET_ENDPOINT_H

#include "net/stream.h"
#include "scenario/scenario.h"

/* A plain socket; libuv gets it only if connections are to be accepted. */
struct sf_endpoint {
    struct sf_url url; /* once it is open, with the port that it has got */
    enum sf_listen_mode mode;
    unsigned backlog;
    uint64_t receive_buffer_bytes; /* 0: the kernel's choice */
    int fd;                        /* -1: closed */
    union sf_stream *stream;       /* holds fd; NULL: libuv has it not */
};

/* Each returns 0 or libuv's error. */

/* Binds, and listens.  A UNIX socket that nobody listens at is removed
 * first. */
SF_MUST_CHECK int sf_endpoint_open(struct sf_endpoint *endpoint);

/* Calls back for every connection, with `data` in the stream.  Only once it is
 * open and mode is SF_LISTEN_SERVES. */
SF_MUST_CHECK int sf_endpoint_serve(struct sf_endpoint *endpoint,
                                    uv_loop_t *loop,
                                    uv_connection_cb on_connection,
                                    void *data);

/* Makes the kernel keep to a `backlog` that has changed. */
SF_MUST_CHECK int sf_endpoint_set_backlog(struct sf_endpoint *endpoint);

/* Gives the address free, and removes the path of a UNIX socket.  What libuv
 * has needs the loop once more, the endpoint does not. */
void sf_endpoint_close(struct sf_endpoint *endpoint);

/* Opens `count` of them.  Those with port 0 get free ones: the n-th of each
 * host the same, so that a client can be given several hosts and one port.
 * *out_failed is the one that could not be opened. */
SF_MUST_CHECK int sf_endpoint_open_all(struct sf_endpoint *const *endpoints,
                                       size_t count,
                                       size_t *out_failed);

#endif
