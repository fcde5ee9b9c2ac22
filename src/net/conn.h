/* conn.h - one connection: moves its session on and carries out what the
 * session wants.  For net only; app sees net/server.h. */
#ifndef SF_NET_CONN_H
#define SF_NET_CONN_H

#include <uv.h>

#include "base/url.h"
#include "smtpfault.h"

/* The shared read buffer, and the most that a connection keeps unread. */
#define SF_CONN_READ_BYTES 65536

struct sf_conn;
struct sf_tls_config;

/* What all connections of a server share.  The hooks are called from within
 * sf_conn_ functions and must not call them back. */
struct sf_conn_host {
    uv_loop_t *loop;
    uint64_t zero_ns;    /* uv_hrtime() at time 0 */
    char *read_buffer;   /* SF_CONN_READ_BYTES */
    char *tls_buffer;    /* SF_TLS_READ_BYTES; NULL: no listener has TLS */
    struct sf_run *run;  /* NULL: no connection is accepted */
    struct sf_sink sink; /* of the run, for connections without a session */
    uint64_t octets_in;
    uint64_t octets_out;
    struct sf_conn *conns; /* all whose memory still lives */
    uint64_t open_sessions;
    uint64_t open_conns; /* that hold a descriptor */

    void *ctx;
    /* The run cannot go on; once or more often. */
    void (*on_error)(void *ctx, int err);
    /* A session has ended. */
    void (*on_session_end)(void *ctx);
    /* The memory of a connection was released. */
    void (*on_gone)(void *ctx);
};

/* Microseconds since time 0. */
uint64_t sf_conn_now_us(const struct sf_conn_host *host);

/* What the connections of a listener share. */
struct sf_conn_origin {
    const char *name;
    enum sf_protocol protocol;
    bool is_unix;
    enum sf_tls_mode tls_mode;
    struct sf_tls_config *tls; /* NULL: there is none */
    uint64_t stall_us;         /* how long a client may leave output untaken */
    uint64_t open_sessions;
};

enum sf_conn_welcome {
    SF_WELCOME_SERVE,
    SF_WELCOME_REFUSE,  /* 421, no session, then wait for its FIN */
    SF_WELCOME_DISMISS, /* the same without waiting: there is no room to */
};

/* Takes the connection that waits at the stream; `origin` is borrowed for its
 * life.  Returns 0 if it is served (or refused as asked), SF_ENOMEM or SF_EIO
 * if it was dropped. */
SF_MUST_CHECK int sf_conn_accept(struct sf_conn_host *host,
                                 struct sf_conn_origin *origin,
                                 uv_stream_t *listener,
                                 enum sf_conn_welcome welcome);

/* The run ends: the session says so and closes. */
void sf_conn_shutdown(struct sf_conn *conn);

/* Ends the connection with RST, now. */
void sf_conn_reset(struct sf_conn *conn);

struct sf_conn *sf_conn_next(const struct sf_conn *conn);

#endif
