/* conn.c - one connection: moves its session on and carries out what the
 * session wants.
 *
 * A connection is SERVING until its session returns a control; ending.c has
 * what follows then, intake.c what is read.  While output waits for the client,
 * the session gets no input, and time only for what cannot wait; a client that
 * leaves it untaken for too long is given up. */
#include "net/conn.h"

#include <stdlib.h>

#include "base/slice.h"
#include "net/conn_tls.h"
#include "net/ending.h"
#include "net/intake.h"
#include "net/refuse.h"
#include "net/write.h"

#define PROBE_US 500000u
#define YIELD_US 1000u

/* Steps that one connection may make before others get their turn. */
#define STEPS_MAX 16

static void on_timer(uv_timer_t *timer);

uint64_t sf_conn_now_us(const struct sf_conn_host *host)
{
    return (uv_hrtime() - host->zero_ns) / 1000;
}

uint64_t sf_conn_patience_end(const struct sf_conn *conn)
{
    uint64_t now_us = sf_conn_now_us(conn->host);
    uint64_t stall_us = conn->origin->stall_us;

    return stall_us < UINT64_MAX - now_us ? now_us + stall_us : UINT64_MAX;
}

/* Timer. */

void sf_conn_set_timer(struct sf_conn *conn, uint64_t at_us, uint64_t now_us)
{
    uint64_t wait_us = at_us > now_us ? at_us - now_us : 0;

    conn->armed_us = at_us;
    /* Cannot fail: the handle is not closing and the callback is not NULL. */
    (void)uv_timer_start(&conn->timer, on_timer, (wait_us + 999) / 1000, 0);
}

/* One that is armed already stays: when it fires early, its callback asks
 * again. */
void sf_conn_arm_timer(struct sf_conn *conn, uint64_t at_us)
{
    if (at_us == UINT64_MAX || (uv_is_active((uv_handle_t *)&conn->timer) &&
                                conn->armed_us <= at_us)) {
        return;
    }
    sf_conn_set_timer(conn, at_us, sf_conn_now_us(conn->host));
}

/* Writing. */

static void on_written(uv_write_t *request, int status)
{
    struct sf_conn *conn = request->handle->data;

    sf_write_free(request);
    conn->writes--;
    if (conn->phase == SF_CONN_RELEASED) {
        return;
    }
    if (status < 0) {
        sf_ending_give_up(conn, SF_STEP_RESET);
    } else if (conn->writes > 0) {
        conn->give_up_us = sf_conn_patience_end(conn);
    } else if (conn->phase == SF_CONN_SERVING) {
        sf_conn_pump(conn, sf_slice(NULL, 0));
    } else {
        sf_ending_finish_output(conn);
    }
}

void sf_conn_send_wire(struct sf_conn *conn, struct sf_slice octets)
{
    conn->host->octets_out += octets.len;
    switch (sf_write_send(&conn->u.stream, octets, on_written)) {
    case SF_WRITE_DONE:
        break;
    case SF_WRITE_FAILED:
        conn->is_broken = true;
        break;
    case SF_WRITE_QUEUED:
        if (conn->writes++ == 0) {
            conn->give_up_us = sf_conn_patience_end(conn);
        }
        sf_conn_arm_timer(conn, conn->give_up_us);
        break;
    }
}

/* Steps. */

/* The control that ends the connection; 0: none does. */
static unsigned find_end(const struct sf_effects *effects)
{
    for (size_t i = 0; i < effects->control_count; i++) {
        if (effects->controls[i] < SF_CONTROL_DISCARD) {
            return effects->controls[i];
        }
    }
    return 0;
}

static bool has_control(const struct sf_effects *effects,
                        enum sf_control control)
{
    for (size_t i = 0; i < effects->control_count; i++) {
        if (effects->controls[i] == control) {
            return true;
        }
    }
    return false;
}

static void carry_out(struct sf_conn *conn, const struct sf_effects *effects)
{
    unsigned end = find_end(effects);

    sf_conn_tls_send(conn, sf_slice(effects->output, effects->output_len));
    if (has_control(effects, SF_CONTROL_START_TLS)) {
        sf_conn_tls_begin(conn, effects->handshake);
    }
    if (!conn->is_broken && end != 0) {
        sf_ending_begin(conn, (enum sf_control)end);
    } else if (conn->is_broken && end != 0) {
        sf_ending_release_with_rst(conn);
    } else if (conn->is_broken) {
        sf_ending_give_up(conn, SF_STEP_RESET);
    }
}

/* Makes one step and carries out what it wants.  What is taken or dropped of
 * the input goes.  The connection may have ended. */
static void make_step(struct sf_conn *conn,
                      enum sf_step_kind kind,
                      struct sf_slice *input,
                      const struct sf_tls_info *tls)
{
    const bool is_input = kind == SF_STEP_INPUT;
    struct sf_tls_info under_way;
    const struct sf_step step = {
        .kind = kind,
        .now_us = sf_conn_now_us(conn->host),
        .data = is_input ? input->ptr : NULL,
        .len = is_input ? input->len : 0,
        .is_blocked = conn->writes > 0,
        .is_abrupt = conn->is_abrupt,
        .tls = tls != NULL ? tls : sf_conn_tls_describe(conn, &under_way)};
    struct sf_effects effects = {0};
    int err = sf_session_step(conn->session, &step, &effects);

    conn->may_offer = !is_input || effects.taken > 0;
    conn->took_secret |= effects.took_secret;
    if (err != 0) {
        if (err == SF_ESINK) {
            conn->host->on_error(conn->host->ctx, err);
        }
        sf_ending_release(conn);
        return;
    }
    conn->unread -= effects.taken;
    *input = sf_slice(input->ptr + effects.taken, input->len - effects.taken);
    /* Before the client can know of it by what is sent, since what it sends
     * then is not meant. */
    if (has_control(&effects, SF_CONTROL_DISCARD)) {
        sf_intake_discard(conn);
        *input = sf_slice(NULL, 0);
    }
    if (conn->phase != SF_CONN_RELEASED) {
        carry_out(conn, &effects);
    }
}

/* What is due now; SF_STEP_CLOSED: nothing.  Input is offered for as long as
 * the session takes some, then it is told that time has passed, then that no
 * more will come. */
static enum sf_step_kind
find_step(struct sf_conn *conn, struct sf_slice input, uint64_t now_us)
{
    if (conn->is_shaking) {
        return SF_STEP_CLOSED; /* what came is none of the session's */
    }
    if (conn->writes > 0) {
        return sf_session_urgent_deadline(conn->session) <= now_us
                   ? SF_STEP_TIME
                   : SF_STEP_CLOSED;
    }
    if (conn->may_offer && input.len > 0) {
        return SF_STEP_INPUT;
    }
    if (sf_session_deadline(conn->session) <= now_us) {
        return SF_STEP_TIME;
    }
    return conn->is_eof && !conn->is_eof_told ? SF_STEP_EOF : SF_STEP_CLOSED;
}

/* Makes the steps that are due.  Returns what was not taken. */
static struct sf_slice make_steps(struct sf_conn *conn, struct sf_slice input)
{
    conn->is_yielding = false;
    for (int i = 0; conn->phase == SF_CONN_SERVING; i++) {
        uint64_t now_us = sf_conn_now_us(conn->host);
        enum sf_step_kind kind = find_step(conn, input, now_us);

        if (kind == SF_STEP_CLOSED) {
            break;
        }
        if (i == STEPS_MAX) {
            conn->is_yielding = true;
            break;
        }
        conn->is_eof_told |= kind == SF_STEP_EOF;
        make_step(conn, kind, &input, NULL);
    }
    return input;
}

/* When the timer is wanted for a session that is served. */
static void arm_for_session(struct sf_conn *conn, uint64_t now_us)
{
    if (conn->is_yielding) {
        /* Others get their turn.  A timer that is due at once would fire again
         * before libuv looks at them. */
        sf_conn_set_timer(conn, now_us + YIELD_US, now_us);
    } else if (conn->writes > 0) {
        sf_conn_arm_timer(conn, sf_session_urgent_deadline(conn->session));
    } else {
        sf_conn_arm_timer(conn, sf_session_deadline(conn->session));
        if (sf_intake_is_deaf(conn)) {
            sf_conn_arm_timer(conn, now_us + PROBE_US);
        }
    }
}

/* After steps: nothing is kept once the session has ended; else reading and
 * the timer follow from how things stand. */
static void settle(struct sf_conn *conn)
{
    if (conn->phase == SF_CONN_SERVING && conn->is_shaking) {
        sf_conn_tls_take_kept(conn);
    }
    if (conn->phase == SF_CONN_RELEASED) {
        return;
    }
    if (conn->phase != SF_CONN_SERVING || conn->kept.len == 0) {
        sf_buf_fini(&conn->kept);
    }
    sf_intake_update(conn);
    if (conn->phase == SF_CONN_SERVING) {
        arm_for_session(conn, sf_conn_now_us(conn->host));
    }
    if (conn->writes > 0) {
        sf_conn_arm_timer(conn, conn->give_up_us);
    }
}

void sf_conn_pump(struct sf_conn *conn, struct sf_slice fresh)
{
    struct sf_slice left;

    conn->took_secret = false;
    if (conn->kept.len == 0) {
        left = make_steps(conn, fresh);
        if (conn->phase == SF_CONN_SERVING) {
            sf_buf_put_slice(&conn->kept, left);
        }
        sf_wipe_slice(conn->took_secret ? fresh : left);
    } else {
        sf_buf_put_slice(&conn->kept, fresh);
        sf_wipe_slice(fresh);
        left = make_steps(conn, sf_buf_slice(&conn->kept));
        if (conn->phase == SF_CONN_SERVING) {
            sf_buf_consume(&conn->kept, conn->kept.len - left.len);
        }
        if (conn->took_secret) {
            sf_buf_wipe_spare(&conn->kept);
        }
    }
    if (conn->kept.failed != 0) {
        sf_ending_release(conn);
    }
    settle(conn);
}

void sf_conn_tell_tls(struct sf_conn *conn,
                      enum sf_step_kind kind,
                      const struct sf_tls *tls)
{
    struct sf_slice none = {NULL, 0};
    struct sf_tls_info info;

    sf_tls_describe(tls, &info);
    make_step(conn, kind, &none, &info);
    sf_conn_pump(conn, none);
}

static void on_timer(uv_timer_t *timer)
{
    struct sf_conn *conn = timer->data;
    uint64_t now_us = sf_conn_now_us(conn->host);

    if (now_us < conn->armed_us) {
        sf_conn_set_timer(conn, conn->armed_us, now_us);
    } else if (sf_ending_meet_deadline(conn)) {
        return;
    } else if (conn->writes > 0 && now_us >= conn->give_up_us) {
        sf_ending_give_up(conn, SF_STEP_STALLED);
    } else {
        /* Not while steps are due or replies leave: a client that has sent all
         * it had may still wait for answers. */
        if (sf_intake_is_deaf(conn) && conn->writes == 0 &&
            !conn->is_yielding) {
            sf_intake_look(conn);
        }
        sf_conn_pump(conn, sf_slice(NULL, 0));
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
    /* Who wants TLS at once would not understand it. */
    if (conn->origin->tls_mode != SF_TLS_AT_ONCE) {
        sf_conn_send_wire(conn, sf_slice_str(SF_REFUSE_REPLY "\r\n"));
    }
    if (may_linger) {
        sf_ending_begin(conn, SF_CONTROL_CLOSE);
        settle(conn);
    } else {
        sf_ending_release(conn);
    }
}

static int begin_session(struct sf_conn *conn,
                         const struct sf_session_config *peer)
{
    struct sf_conn_host *host = conn->host;
    struct sf_slice none = {NULL, 0};

    conn->session = sf_session_new(host->run, peer);
    if (!conn->session) {
        return SF_ENOMEM;
    }
    host->open_sessions++;
    conn->origin->open_sessions++;
    make_step(conn, SF_STEP_OPEN, &none, NULL);
    settle(conn);
    return 0;
}

int sf_conn_accept(struct sf_conn_host *host,
                   struct sf_conn_origin *origin,
                   uv_stream_t *listener,
                   enum sf_conn_welcome welcome)
{
    struct sf_session_config peer = {.protocol = origin->protocol,
                                     .tls = origin->tls_mode,
                                     .listener = origin->name};
    char address[INET6_ADDRSTRLEN];
    struct sf_conn *conn = calloc(1, sizeof(*conn));
    int err;

    if (!conn) {
        return SF_ENOMEM;
    }
    conn->host = host;
    conn->origin = origin;
    sf_buf_init_secret(&conn->kept, SF_CONN_READ_BYTES + SF_TLS_READ_BYTES);
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
        sf_ending_release(conn);
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
        sf_ending_release(conn);
    }
    return err;
}

/* The run ends. */

void sf_conn_shutdown(struct sf_conn *conn)
{
    struct sf_slice none = {NULL, 0};

    if (conn->phase == SF_CONN_SERVING) {
        make_step(conn, SF_STEP_SHUTDOWN, &none, NULL);
        settle(conn);
    } else {
        sf_ending_meet_shutdown(conn);
    }
}

void sf_conn_reset(struct sf_conn *conn)
{
    if (conn->phase != SF_CONN_RELEASED) {
        sf_ending_give_up(conn, SF_STEP_ABORTED);
    }
}

struct sf_conn *sf_conn_next(const struct sf_conn *conn)
{
    return conn->next;
}
