/* server.h - listeners and their connections, on a loop of the caller.
 *
 *     new, open, start ... drain, (update,) start ... close_listeners, drain,
 *     close, (run the loop until its callbacks are done), free
 *
 * A server serves one run at a time.  sf_net_server_drain() ends the sessions
 * of a run; when on_drained was called nothing uses the run any more, and the
 * next may start.  Connections that come in between wait unaccepted. */
#ifndef SF_NET_SERVER_H
#define SF_NET_SERVER_H

#include <uv.h>

#include "base/url.h"
#include "scenario/scenario.h"

struct sf_net_server;

/* How a listener speaks TLS.  Everything is borrowed until the next update. */
struct sf_listen_tls {
    bool is_offered;             /* by STARTTLS */
    const char *hostname;        /* of its throw-away certificates */
    struct sf_slice certificate; /* PEM, NUL behind it; NULL: throw-away */
    struct sf_slice key;         /* likewise; NULL: in the certificate's file */
    enum sf_tls_version min;     /* ANY_VERSION: 1.2 */
    enum sf_tls_version max;     /* ANY_VERSION: the newest that there is */
    const char *ciphers;         /* IANA's names, with commas; NULL: ours */
    const struct sf_tls_profile *profiles; /* that handshakes may have */
    size_t profile_count;
};

struct sf_listen {
    const char *name; /* borrowed for the server's life */
    struct sf_url url;
    enum sf_listen_mode mode;
    unsigned backlog;              /* connections that wait unaccepted, 1.. */
    uint64_t receive_buffer_bytes; /* 0: the kernel's choice */
    uint64_t max_connections;      /* open at once; more get 421 and no
                                      session */
    struct sf_listen_tls tls;
    uint64_t stall_us; /* after this a client that takes no output
                          is given up; UINT64_MAX: never */
};

struct sf_net_server_config {
    uv_loop_t *loop;                   /* borrowed */
    uint64_t zero_ns;                  /* uv_hrtime() at time 0 of all runs */
    const struct sf_listen *listeners; /* copied */
    size_t listener_count;
    /* Hooks.  They take notes; what they lead to (drain, reset, start) is done
     * later, from the loop, since a connection may be in the middle of a step.
     * on_drained alone may call what it likes but sf_net_server_free(). */
    void *ctx;
    void (*on_error)(void *ctx, int err); /* the run cannot go on: SF_ESINK */
    void (*on_session_end)(void *ctx);
    void (*on_drained)(void *ctx);
};

/* Returns an owned server, or NULL without memory. */
struct sf_net_server *
sf_net_server_new(const struct sf_net_server_config *config);
void sf_net_server_free(struct sf_net_server *server); /* accepts NULL */

/* Binds and listens; nothing is accepted yet.  Of the listeners with port 0 the
 * n-th of each host get the same free port.  A UNIX socket that nobody listens
 * at is removed first.  SF_EADDRINUSE or SF_EIO with "what was wrong:
 * what to do about it" in error; the server has to be closed then too. */
SF_MUST_CHECK int sf_net_server_open(struct sf_net_server *server,
                                     char *error,
                                     size_t error_size);

/* Between two runs: the same listeners with other settings.  Names and
 * addresses stay; what waits at a listener is lost if it has to be opened anew.
 * Errors as above; the server cannot go on then. */
SF_MUST_CHECK int sf_net_server_update(struct sf_net_server *server,
                                       const struct sf_listen *listeners,
                                       char *error,
                                       size_t error_size);

/* The certificate of the throw-away authority, PEM, made at the first call;
 * NULL if it cannot be.  Borrowed. */
const char *sf_net_server_authority(struct sf_net_server *server);

/* Listeners in the order of the configuration, with the port that they have
 * got.  Borrowed. */
size_t sf_net_server_listener_count(const struct sf_net_server *server);
const char *sf_net_server_listener_name(const struct sf_net_server *server,
                                        size_t i);
const char *sf_net_server_listener_url(const struct sf_net_server *server,
                                       size_t i);

struct sf_net_server_run {
    struct sf_run *run;       /* borrowed until on_drained */
    struct sf_sink sink;      /* for connections that are refused */
    uint64_t max_descriptors; /* held by connections, those that linger too */
    uint64_t max_sessions;    /* more are not accepted; 0: no limit */
};

/* Accepts connections for a run.  Counters begin at 0. */
void sf_net_server_start(struct sf_net_server *server,
                         const struct sf_net_server_run *run);

/* Accepts no more and ends every session with 421; what is open a second later
 * is reset.  on_drained is called from the loop, also if nothing was open. */
void sf_net_server_drain(struct sf_net_server *server);

/* Resets everything that is open, now. */
void sf_net_server_reset(struct sf_net_server *server);

/* Gives the addresses free and removes the paths of UNIX sockets. */
void sf_net_server_close_listeners(struct sf_net_server *server);

/* Closes listeners, connections and timer. */
void sf_net_server_close(struct sf_net_server *server);

/* Of the run that was started last. */
struct sf_net_server_stats {
    uint64_t sessions; /* begun */
    uint64_t open;     /* of them */
    uint64_t refused;  /* connections over max_connections */
    uint64_t octets_in;
    uint64_t octets_out;
};

struct sf_net_server_stats
sf_net_server_stats(const struct sf_net_server *server);

#endif
