/* conn_state.h - one connection, as the files that carry it share it:
 * conn.c (steps, output, time), intake.c (input) and ending.c (the end). */
#ifndef SF_NET_CONN_STATE_H
#define SF_NET_CONN_STATE_H

#include "base/buf.h"
#include "net/conn.h"
#include "net/stream.h"
#include "net/tls.h"

enum sf_conn_phase {
    SF_CONN_SERVING,
    SF_CONN_CLOSING,   /* output leaves, then FIN */
    SF_CONN_LINGERING, /* FIN was sent, what comes is dropped for a while */
    SF_CONN_HALVING,   /* output leaves, then FIN */
    SF_CONN_HALF,      /* the same until the client leaves */
    SF_CONN_RESETTING, /* output leaves, then RST */
    SF_CONN_RELEASED,
};

/* Idle connections are many: mind the size. */
struct sf_conn {
    union sf_stream u;
    uv_timer_t timer;
    struct sf_conn_host *host;
    struct sf_conn *prev;
    struct sf_conn *next;
    struct sf_session *session; /* NULL: refused */
    struct sf_conn_origin *origin;
    struct sf_tls *tls; /* NULL: in the clear */
    struct sf_buf kept; /* came and was not taken; no memory when empty */
    uint64_t opened_us;
    uint64_t armed_us;     /* when the timer is meant to fire */
    uint64_t give_up_us;   /* on a client that leaves output untaken, or that
                              is silent on a connection closed by half */
    uint64_t unread;       /* octets that came and were not taken */
    uint32_t looked;       /* whether it has left: when, in LOOK_US */
    unsigned short writes; /* that libuv has not finished */
    unsigned char phase;   /* enum sf_conn_phase */
    unsigned char handles; /* that libuv has not closed */
    bool is_refused : 1;
    bool is_reading : 1;
    bool is_yielding : 1; /* more steps are due, but others come first */
    bool is_eof : 1;      /* the client sends no more */
    bool is_eof_told : 1; /* and the session knows */
    bool is_abrupt : 1;   /* and under TLS did not say so */
    bool is_shaking : 1;  /* what is kept belongs to a handshake */
    bool is_sealed : 1;   /* what comes can no longer be decrypted */
    bool took_secret : 1; /* the input may have held a password */
    bool may_offer : 1;   /* input that the session has left may interest it */
    bool is_broken : 1;   /* a write failed */
};

/* Sets the timer to at_us, whatever it was set to. */
void sf_conn_set_timer(struct sf_conn *conn, uint64_t at_us, uint64_t now_us);

/* Asks for the timer at at_us or earlier. */
void sf_conn_arm_timer(struct sf_conn *conn, uint64_t at_us);

/* How long the patience with a client that does nothing lasts from now. */
uint64_t sf_conn_patience_end(const struct sf_conn *conn);

/* Sends octets as they are.  Sets is_broken if they cannot leave. */
void sf_conn_send_wire(struct sf_conn *conn, struct sf_slice octets);

/* Tells the session how the handshake went, and moves it on. */
void sf_conn_tell_tls(struct sf_conn *conn,
                      enum sf_step_kind kind,
                      const struct sf_tls *tls);

/* Moves the session on as far as it goes.  `fresh` is what just came, in the
 * shared buffer. */
void sf_conn_pump(struct sf_conn *conn, struct sf_slice fresh);

#endif
