/* conn.c - one connection: moves its session on and carries out what the
 * session wants.
 *
 * A connection is SERVING until its session returns a control.  What the
 * session does not take is kept, up to SF_CONN_READ_BYTES; then reading stops
 * until there is room.  Reading never stops for a rule that waits, so that FIN
 * and RST are heard.  While output waits for the client, the session gets
 * neither input nor time; a client that leaves it untaken for too long is
 * given up.
 *
 * CLOSE leads over CLOSING (output leaves) and LINGERING (FIN was sent, what
 * comes is dropped, so that no RST destroys the last reply) to RELEASED; RESET
 * leads over RESETTING (output leaves) to RELEASED.  The memory goes when
 * libuv has closed both handles. */
#include "net/conn.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/slice.h"
#include "net/hangup.h"
#include "net/refuse.h"
#include "net/stream.h"
#include "net/write.h"

#define LINGER_US      5000000u
#define RESET_DELAY_US 1000000u
#define PROBE_US       1000000u

#define YIELD_US 1000u

/* Steps that one connection may make before others get their turn. */
#define STEPS_MAX 16

enum conn_phase {
    PHASE_SERVING,
    PHASE_CLOSING,
    PHASE_LINGERING,
    PHASE_RESETTING,
    PHASE_RELEASED,
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
    struct sf_buf kept; /* came and was not taken; no memory when empty */
    uint64_t opened_us;
    uint64_t armed_us;     /* when the timer is meant to fire */
    uint64_t give_up_us;   /* on a client that leaves output untaken */
    uint64_t unread;       /* octets that came and were not taken */
    unsigned short writes; /* that libuv has not finished */
    unsigned char phase;
    unsigned char handles; /* that libuv has not closed */
    bool is_refused;
    bool is_reading;
    bool is_yielding; /* more steps are due, but others come first */
    bool is_eof;      /* the client sends no more */
    bool is_eof_told; /* and the session knows */
    bool may_offer;   /* input that the session has left may interest it */
    bool is_broken;   /* a write failed */
};

static void on_timer(uv_timer_t *timer);
static void pump(struct sf_conn *conn, struct sf_slice fresh);

uint64_t sf_conn_now_us(const struct sf_conn_host *host)
{
    return (uv_hrtime() - host->zero_ns) / 1000;
}

/* Timer. */

static void set_timer(struct sf_conn *conn, uint64_t at_us, uint64_t now_us)
{
    uint64_t wait_us = at_us > now_us ? at_us - now_us : 0;

    conn->armed_us = at_us;
    /* Cannot fail: the handle is not closing and the callback is not NULL. */
    (void)uv_timer_start(&conn->timer, on_timer, (wait_us + 999) / 1000, 0);
}

/* Asks for the timer at at_us or earlier.  One that is armed already stays:
 * when it fires early, its callback asks again. */
static void arm_timer(struct sf_conn *conn, uint64_t at_us)
{
    if (at_us == UINT64_MAX || (uv_is_active((uv_handle_t *)&conn->timer) &&
                                conn->armed_us <= at_us)) {
        return;
    }
    set_timer(conn, at_us, sf_conn_now_us(conn->host));
}

/* Release. */

static void on_closed(uv_handle_t *handle)
{
    struct sf_conn *conn = handle->data;
    struct sf_conn_host *host = conn->host;

    if (--conn->handles > 0) {
        return;
    }
    if (conn->prev) {
        conn->prev->next = conn->next;
    } else {
        host->conns = conn->next;
    }
    if (conn->next) {
        conn->next->prev = conn->prev;
    }
    free(conn);
    host->on_gone(host->ctx);
}

static void end_session(struct sf_conn *conn)
{
    struct sf_conn_host *host = conn->host;
    const struct sf_step step = {.kind = SF_STEP_CLOSED,
                                 .now_us = sf_conn_now_us(host),
                                 .len = conn->unread};
    struct sf_effects effects;

    if (sf_session_step(conn->session, &step, &effects) == SF_ESINK) {
        host->on_error(host->ctx, SF_ESINK);
    }
    sf_session_free(conn->session);
    conn->session = NULL;
    host->open_sessions--;
    conn->origin->open_sessions--;
    host->on_session_end(host->ctx);
}

static void end_refused(struct sf_conn *conn)
{
    struct sf_conn_host *host = conn->host;
    const struct sf_refuse_end end = {.opened_us = conn->opened_us,
                                      .now_us = sf_conn_now_us(host),
                                      .octets_in = conn->unread,
                                      .is_reset = conn->is_broken};

    if (sf_refuse_end(&host->sink, conn->origin->name, &end) != 0) {
        host->on_error(host->ctx, SF_ESINK);
    }
}

static void release(struct sf_conn *conn)
{
    if (conn->phase == PHASE_RELEASED) {
        return;
    }
    conn->phase = PHASE_RELEASED;
    if (conn->session) {
        end_session(conn);
    } else if (conn->is_refused) {
        end_refused(conn);
    }
    sf_buf_fini(&conn->kept);
    conn->host->open_conns--;
    uv_close((uv_handle_t *)&conn->timer, on_closed);
    uv_close(&conn->u.handle, on_closed);
}

static void release_with_rst(struct sf_conn *conn)
{
    if (conn->phase != PHASE_RELEASED) {
        sf_stream_want_rst(&conn->u);
        release(conn);
    }
}

/* A session that closes has said how it ends, unless we cut its output off. */
static bool wants_to_know(const struct sf_conn *conn, enum sf_step_kind why)
{
    return conn->phase == PHASE_SERVING ||
           (conn->phase == PHASE_CLOSING && why != SF_STEP_RESET);
}

/* Ends the connection with RST; the session learns why, unless it has ended:
 * RESET, STALLED or ABORTED. */
static void give_up(struct sf_conn *conn, enum sf_step_kind why)
{
    const struct sf_step step = {.kind = why,
                                 .now_us = sf_conn_now_us(conn->host)};
    struct sf_effects effects;

    conn->is_broken = true;
    if (conn->session && wants_to_know(conn, why) &&
        sf_session_step(conn->session, &step, &effects) == SF_ESINK) {
        conn->host->on_error(conn->host->ctx, SF_ESINK);
    }
    release_with_rst(conn);
}

/* Reading. */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out_buf)
{
    struct sf_conn *conn = handle->data;

    (void)suggested;
    /* No more than can be kept if the session takes none of it. */
    out_buf->base = conn->host->read_buffer;
    out_buf->len = SF_CONN_READ_BYTES - conn->kept.len;
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
    struct sf_conn *conn = stream->data;

    if (count > 0) {
        conn->host->octets_in += (uint64_t)count;
        conn->unread += (uint64_t)count;
        if (conn->phase == PHASE_SERVING) {
            conn->may_offer = true;
            pump(conn, sf_slice(buf->base, (size_t)count));
        }
    } else if (count == UV_EOF &&
               sf_hangup_find(&conn->u.handle) != SF_HANGUP_RESET) {
        conn->is_eof = true;
        conn->is_reading = false;
        if (conn->phase == PHASE_SERVING) {
            pump(conn, sf_slice(NULL, 0));
        } else if (conn->phase == PHASE_LINGERING) {
            release(conn);
        }
    } else if (count < 0) {
        give_up(conn, SF_STEP_RESET);
    }
}

/* So much is kept that reading had to stop, and FIN and RST are not heard. */
static bool is_deaf(const struct sf_conn *conn)
{
    return !conn->is_reading && !conn->is_eof;
}

/* A client that left may not keep a rule that stalls. */
static void look_for_hangup(struct sf_conn *conn)
{
    enum sf_hangup hangup = sf_hangup_find(&conn->u.handle);

    if (hangup == SF_HANGUP_RESET) {
        give_up(conn, SF_STEP_RESET);
    } else if (hangup == SF_HANGUP_FIN) {
        conn->is_eof = true;
    }
}

/* Reads while there is room and the client may send. */
static void set_reading(struct sf_conn *conn)
{
    bool wants_to = !conn->is_eof && conn->kept.len < SF_CONN_READ_BYTES;

    if (wants_to && !conn->is_reading) {
        conn->is_reading =
            uv_read_start(&conn->u.stream, on_alloc, on_read) == 0;
    } else if (!wants_to && conn->is_reading) {
        (void)uv_read_stop(&conn->u.stream);
        conn->is_reading = false;
    }
}

/* Writing. */

/* All output has left: what the session wanted after it is due. */
static void finish_output(struct sf_conn *conn)
{
    uint64_t now_us = sf_conn_now_us(conn->host);

    if (conn->phase == PHASE_RESETTING) {
        release_with_rst(conn);
    } else if (conn->phase == PHASE_CLOSING) {
        conn->phase = PHASE_LINGERING;
        if (conn->is_eof || !sf_stream_send_fin(&conn->u)) {
            release(conn);
            return;
        }
        set_timer(conn, now_us + LINGER_US, now_us);
    }
}

static void on_written(uv_write_t *request, int status)
{
    struct sf_conn *conn = request->handle->data;

    sf_write_free(request);
    conn->writes--;
    if (conn->phase == PHASE_RELEASED) {
        return;
    }
    if (status < 0) {
        give_up(conn, SF_STEP_RESET);
    } else if (conn->writes > 0) {
        return;
    } else if (conn->phase == PHASE_SERVING) {
        pump(conn, sf_slice(NULL, 0));
    } else {
        finish_output(conn);
    }
}

/* Sets is_broken if the output cannot leave. */
static void send_octets(struct sf_conn *conn, struct sf_slice octets)
{
    uint64_t stall_us = conn->origin->stall_us;
    uint64_t now_us;

    conn->host->octets_out += octets.len;
    switch (sf_write_send(&conn->u.stream, octets, on_written)) {
    case SF_WRITE_DONE:
        break;
    case SF_WRITE_FAILED:
        conn->is_broken = true;
        break;
    case SF_WRITE_QUEUED:
        now_us = sf_conn_now_us(conn->host);
        conn->writes++;
        conn->give_up_us =
            stall_us < UINT64_MAX - now_us ? now_us + stall_us : UINT64_MAX;
        arm_timer(conn, conn->give_up_us);
        break;
    }
}

/* Steps. */

/* From here on the session hears of nothing but the end. */
static void begin_end(struct sf_conn *conn, enum conn_phase phase)
{
    uint64_t now_us = sf_conn_now_us(conn->host);

    conn->phase = (unsigned char)phase;
    if (conn->writes == 0) {
        finish_output(conn);
    } else if (phase == PHASE_RESETTING) {
        set_timer(conn, now_us + RESET_DELAY_US, now_us);
    }
}

static void carry_out(struct sf_conn *conn, const struct sf_effects *effects)
{
    send_octets(conn, sf_slice(effects->output, effects->output_len));
    if (conn->is_broken) {
        if (effects->control_count > 0) {
            release_with_rst(conn);
        } else {
            give_up(conn, SF_STEP_RESET);
        }
        return;
    }
    for (size_t i = 0;
         i < effects->control_count && conn->phase != PHASE_RELEASED; i++) {
        begin_end(conn, effects->controls[i] == SF_CONTROL_RESET
                            ? PHASE_RESETTING
                            : PHASE_CLOSING);
    }
}

/* Makes one step and carries out what it wants.  Returns how many octets of
 * the input were taken.  The connection may have ended. */
static size_t make_step(struct sf_conn *conn,
                        enum sf_step_kind kind,
                        struct sf_slice input,
                        uint64_t now_us)
{
    const struct sf_step step = {
        .kind = kind, .now_us = now_us, .data = input.ptr, .len = input.len};
    struct sf_effects effects = {0};
    int err = sf_session_step(conn->session, &step, &effects);

    conn->may_offer = kind != SF_STEP_INPUT || effects.taken > 0;
    if (err != 0) {
        if (err == SF_ESINK) {
            conn->host->on_error(conn->host->ctx, err);
        }
        release(conn);
        return 0;
    }
    conn->unread -= effects.taken;
    carry_out(conn, &effects);
    return effects.taken;
}

/* Offers input for as long as the session takes some, then tells that time has
 * passed, then that no more will come.  Returns what was not taken. */
static struct sf_slice make_steps(struct sf_conn *conn, struct sf_slice input)
{
    for (int i = 0; i < STEPS_MAX; i++) {
        uint64_t now_us = sf_conn_now_us(conn->host);

        if (conn->phase != PHASE_SERVING || conn->writes > 0) {
            return input;
        }
        if (conn->may_offer && input.len > 0) {
            size_t taken = make_step(conn, SF_STEP_INPUT, input, now_us);

            input = sf_slice(input.ptr + taken, input.len - taken);
        } else if (sf_session_deadline(conn->session) <= now_us) {
            (void)make_step(conn, SF_STEP_TIME, sf_slice(NULL, 0), now_us);
        } else if (conn->is_eof && !conn->is_eof_told) {
            conn->is_eof_told = true;
            (void)make_step(conn, SF_STEP_EOF, sf_slice(NULL, 0), now_us);
        } else {
            return input;
        }
    }
    conn->is_yielding = true;
    return input;
}

/* After steps: nothing is kept once the session has ended; else reading and
 * the timer follow from how things stand. */
static void settle(struct sf_conn *conn)
{
    uint64_t now_us = sf_conn_now_us(conn->host);

    if (conn->phase == PHASE_RELEASED) {
        return;
    }
    if (conn->phase != PHASE_SERVING || conn->kept.len == 0) {
        sf_buf_fini(&conn->kept);
    }
    set_reading(conn);
    if (conn->is_yielding) {
        /* Others get their turn.  A timer that is due at once would fire again
         * before libuv looks at them. */
        conn->is_yielding = false;
        set_timer(conn, now_us + YIELD_US, now_us);
    } else if (conn->phase == PHASE_SERVING && conn->writes == 0) {
        arm_timer(conn, sf_session_deadline(conn->session));
        if (is_deaf(conn)) {
            arm_timer(conn, now_us + PROBE_US);
        }
    }
}

/* Moves the session on as far as it goes.  `fresh` is what just came, in the
 * shared buffer. */
static void pump(struct sf_conn *conn, struct sf_slice fresh)
{
    struct sf_slice left;

    if (conn->kept.len == 0) {
        left = make_steps(conn, fresh);
        if (conn->phase == PHASE_SERVING) {
            sf_buf_put_slice(&conn->kept, left);
        }
    } else {
        sf_buf_put_slice(&conn->kept, fresh);
        left = make_steps(conn, sf_buf_slice(&conn->kept));
        if (conn->phase == PHASE_SERVING) {
            sf_buf_consume(&conn->kept, conn->kept.len - left.len);
        }
    }
    if (conn->kept.failed != 0) {
        release(conn);
    }
    settle(conn);
}

static void on_timer(uv_timer_t *timer)
{
    struct sf_conn *conn = timer->data;
    uint64_t now_us = sf_conn_now_us(conn->host);

    if (now_us < conn->armed_us) {
        set_timer(conn, conn->armed_us, now_us);
    } else if (conn->phase == PHASE_LINGERING) {
        release(conn);
    } else if (conn->phase == PHASE_RESETTING) {
        release_with_rst(conn);
    } else if (conn->writes == 0) {
        if (is_deaf(conn)) {
            look_for_hangup(conn);
        }
        pump(conn, sf_slice(NULL, 0));
    } else if (now_us >= conn->give_up_us) {
        give_up(conn, SF_STEP_STALLED);
    } else {
        arm_timer(conn, conn->give_up_us);
    }
}

/* Begin. */

static int init_handles(struct sf_conn *conn, bool is_unix)
{
    uv_loop_t *loop = conn->host->loop;
    if (sf_stream_init(&conn->u, loop, is_unix) != 0) {
        return SF_EIO;
    }
    (void)uv_timer_init(loop, &conn->timer); /* always 0 */
    conn->u.handle.data = conn;
    conn->timer.data = conn;
    conn->handles = 2;
    return 0;
}

/* One that may not linger gives its descriptor back at once, at the risk that
 * the client's RST overtakes the reply. */
static void begin_refusal(struct sf_conn *conn,
                          const struct sf_session_config *peer,
                          bool may_linger)
{
    struct sf_conn_host *host = conn->host;

    conn->is_refused = true;
    conn->opened_us = sf_conn_now_us(host);
    if (sf_refuse_begin(&host->sink, peer->listener, peer, conn->opened_us) !=
        0) {
        host->on_error(host->ctx, SF_ESINK);
    }
    send_octets(conn, sf_slice_str(SF_REFUSE_REPLY "\r\n"));
    if (may_linger) {
        begin_end(conn, PHASE_CLOSING);
        settle(conn);
    } else {
        release(conn);
    }
}

static int begin_session(struct sf_conn *conn,
                         const struct sf_session_config *peer)
{
    struct sf_conn_host *host = conn->host;

    conn->session = sf_session_new(host->run, peer);
    if (!conn->session) {
        return SF_ENOMEM;
    }
    host->open_sessions++;
    conn->origin->open_sessions++;
    (void)make_step(conn, SF_STEP_OPEN, sf_slice(NULL, 0),
                    sf_conn_now_us(host));
    settle(conn);
    return 0;
}

int sf_conn_accept(struct sf_conn_host *host,
                   struct sf_conn_origin *origin,
                   uv_stream_t *listener,
                   enum sf_conn_welcome welcome)
{
    struct sf_session_config peer = {.protocol = origin->protocol,
                                     .listener = origin->name};
    char address[INET6_ADDRSTRLEN];
    struct sf_conn *conn = calloc(1, sizeof(*conn));
    int err;

    if (!conn) {
        return SF_ENOMEM;
    }
    conn->host = host;
    conn->origin = origin;
    sf_buf_init(&conn->kept, SF_CONN_READ_BYTES);
    err = init_handles(conn, origin->is_unix);
    if (err != 0) {
        free(conn);
        return err;
    }
    conn->next = host->conns;
    if (conn->next) {
        conn->next->prev = conn;
    }
    host->conns = conn;
    host->open_conns++;

    if (uv_accept(listener, &conn->u.stream) != 0 ||
        sf_stream_peer(&conn->u, address, &peer.port) != 0) {
        release(conn);
        return SF_EIO;
    }
    if (conn->u.handle.type == UV_TCP) {
        (void)uv_tcp_nodelay(&conn->u.tcp, 1);
    }
    peer.client = address;
    if (welcome != SF_WELCOME_SERVE) {
        begin_refusal(conn, &peer, welcome == SF_WELCOME_REFUSE);
        return 0;
    }
    err = begin_session(conn, &peer);
    if (err != 0) {
        release(conn);
    }
    return err;
}

/* The run ends. */

void sf_conn_shutdown(struct sf_conn *conn)
{
    if (conn->phase == PHASE_SERVING) {
        (void)make_step(conn, SF_STEP_SHUTDOWN, sf_slice(NULL, 0),
                        sf_conn_now_us(conn->host));
        settle(conn);
    }
}

void sf_conn_reset(struct sf_conn *conn)
{
    if (conn->phase != PHASE_RELEASED) {
        give_up(conn, SF_STEP_ABORTED);
    }
}

struct sf_conn *sf_conn_next(const struct sf_conn *conn)
{
    return conn->next;
}
