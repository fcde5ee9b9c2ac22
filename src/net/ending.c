/* ending.c - how a connection ends.
 *
 * CLOSE leads over CLOSING (output leaves) and LINGERING (FIN was sent, what
 * comes is dropped, so that no RST destroys the last reply) to RELEASED; HALF
 * over HALVING and HALF, which is the same until the client leaves or has been
 * silent for too long; RESET over RESETTING (output leaves). */
#include "net/ending.h"

#include <stdlib.h>

#include "net/conn_tls.h"
#include "net/refuse.h"

#define LINGER_US      5000000u
#define RESET_DELAY_US 1000000u

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

void sf_ending_release(struct sf_conn *conn)
{
    if (conn->phase == SF_CONN_RELEASED) {
        return;
    }
    conn->phase = SF_CONN_RELEASED;
    if (conn->session) {
        end_session(conn);
    } else if (conn->is_refused) {
        end_refused(conn);
    }
    sf_conn_tls_end(conn, false);
    sf_buf_fini(&conn->kept);
    conn->host->open_conns--;
    uv_close((uv_handle_t *)&conn->timer, on_closed);
    uv_close(&conn->u.handle, on_closed);
}

void sf_ending_release_with_rst(struct sf_conn *conn)
{
    if (conn->phase != SF_CONN_RELEASED) {
        sf_stream_want_rst(&conn->u);
        sf_ending_release(conn);
    }
}

/* A session that closes has said how it ends, unless we cut its output off. */
static bool wants_to_know(const struct sf_conn *conn, enum sf_step_kind why)
{
    switch ((enum sf_conn_phase)conn->phase) {
    case SF_CONN_SERVING:
        return true;
    case SF_CONN_CLOSING:
    case SF_CONN_HALVING:
        return why != SF_STEP_RESET;
    case SF_CONN_HALF:
        return why == SF_STEP_STALLED;
    case SF_CONN_LINGERING:
    case SF_CONN_RESETTING:
    case SF_CONN_RELEASED:
        break;
    }
    return false;
}

void sf_ending_give_up(struct sf_conn *conn, enum sf_step_kind why)
{
    struct sf_tls_info under_way;
    const struct sf_step step = {.kind = why,
                                 .now_us = sf_conn_now_us(conn->host),
                                 .tls = sf_conn_tls_describe(conn, &under_way)};
    struct sf_effects effects;

    conn->is_broken = true;
    if (conn->session && wants_to_know(conn, why) &&
        sf_session_step(conn->session, &step, &effects) == SF_ESINK) {
        conn->host->on_error(conn->host->ctx, SF_ESINK);
    }
    sf_ending_release_with_rst(conn);
}

/* Phases. */

/* Sends FIN; there may be nobody left to send it to. */
static void close_output(struct sf_conn *conn)
{
    bool is_half = conn->phase == SF_CONN_HALVING;
    uint64_t now_us = sf_conn_now_us(conn->host);

    conn->phase = is_half ? SF_CONN_HALF : SF_CONN_LINGERING;
    if (conn->is_eof || !sf_stream_send_fin(&conn->u)) {
        sf_ending_release(conn);
    } else if (is_half) {
        conn->give_up_us = sf_conn_patience_end(conn);
        sf_conn_arm_timer(conn, conn->give_up_us);
    } else {
        sf_conn_set_timer(conn, now_us + LINGER_US, now_us);
    }
}

void sf_ending_finish_output(struct sf_conn *conn)
{
    if (conn->phase == SF_CONN_RESETTING) {
        sf_ending_release_with_rst(conn);
    } else if (conn->phase == SF_CONN_CLOSING ||
               conn->phase == SF_CONN_HALVING) {
        close_output(conn);
    }
}

void sf_ending_begin(struct sf_conn *conn, enum sf_control control)
{
    static const unsigned char phases[] = {
        [SF_CONTROL_CLOSE] = SF_CONN_CLOSING,
        [SF_CONTROL_HALF] = SF_CONN_HALVING,
        [SF_CONTROL_RESET] = SF_CONN_RESETTING,
        [SF_CONTROL_ABRUPT] = SF_CONN_CLOSING,
    };
    uint64_t now_us = sf_conn_now_us(conn->host);

    sf_conn_tls_end(conn,
                    control == SF_CONTROL_CLOSE || control == SF_CONTROL_HALF);
    conn->phase = phases[control];
    if (conn->writes == 0) {
        sf_ending_finish_output(conn);
    } else if (conn->phase == SF_CONN_RESETTING) {
        sf_conn_set_timer(conn, now_us + RESET_DELAY_US, now_us);
    }
}

void sf_ending_meet_eof(struct sf_conn *conn)
{
    if (conn->phase == SF_CONN_LINGERING || conn->phase == SF_CONN_HALF) {
        sf_ending_release(conn);
    }
}

void sf_ending_meet_input(struct sf_conn *conn)
{
    if (conn->phase == SF_CONN_HALF) {
        conn->give_up_us = sf_conn_patience_end(conn);
    }
}

bool sf_ending_meet_deadline(struct sf_conn *conn)
{
    if (conn->phase == SF_CONN_LINGERING) {
        sf_ending_release(conn);
    } else if (conn->phase == SF_CONN_RESETTING) {
        sf_ending_release_with_rst(conn);
    } else if (conn->phase != SF_CONN_HALF) {
        return false;
    } else if (conn->give_up_us <= sf_conn_now_us(conn->host)) {
        sf_ending_give_up(conn, SF_STEP_STALLED);
    } else {
        sf_conn_arm_timer(conn, conn->give_up_us);
    }
    return true;
}

void sf_ending_meet_shutdown(struct sf_conn *conn)
{
    if (conn->phase == SF_CONN_HALF) {
        sf_ending_release(conn);
    }
}
