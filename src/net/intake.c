/* intake.c - when a connection is read, and what becomes of what comes.
 *
 * What the session does not take is kept, up to SF_CONN_READ_BYTES or its
 * appetite; then reading stops until there is room.  Reading never stops just
 * because a rule waits, so that FIN and RST are heard; where it has to stop,
 * they are looked for. */
#include "net/intake.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/slice.h"
#include "net/conn_tls.h"
#include "net/ending.h"
#include "net/hangup.h"

/* So often at most one looks whether a client has left. */
#define LOOK_US 250000u

/* A client that goes on sending is not followed for longer. */
#define DISCARD_BYTES 4194304u

/* How much more may be read if the session takes none of it. */
static size_t find_room(const struct sf_conn *conn)
{
    size_t limit = SF_CONN_READ_BYTES;

    if (conn->phase == SF_CONN_SERVING &&
        sf_session_appetite(conn->session) < limit) {
        limit = sf_session_appetite(conn->session);
    }
    return limit > conn->kept.len ? limit - conn->kept.len : 0;
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out_buf)
{
    struct sf_conn *conn = handle->data;

    (void)suggested;
    out_buf->base = conn->host->read_buffer;
    out_buf->len = find_room(conn);
}

static void take_octets(struct sf_conn *conn, struct sf_slice octets)
{
    conn->host->octets_in += octets.len;
    if (conn->phase == SF_CONN_SERVING && conn->tls != NULL) {
        sf_conn_tls_take(conn, octets);
        return;
    }
    conn->unread += conn->is_sealed ? 0 : octets.len;
    if (conn->phase == SF_CONN_SERVING) {
        conn->may_offer = true;
        sf_conn_pump(conn, octets);
    } else {
        sf_ending_meet_input(conn);
    }
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
    struct sf_conn *conn = stream->data;

    if (count > 0) {
        take_octets(conn, sf_slice(buf->base, (size_t)count));
    } else if (count == UV_EOF &&
               sf_hangup_find(&conn->u.handle) != SF_HANGUP_RESET) {
        conn->is_eof = true;
        conn->is_abrupt = sf_conn_tls_is_cut_off(conn);
        conn->is_reading = false;
        if (conn->phase == SF_CONN_SERVING) {
            sf_conn_pump(conn, sf_slice(NULL, 0));
        } else {
            sf_ending_meet_eof(conn);
        }
    } else if (count < 0) {
        sf_ending_give_up(conn, SF_STEP_RESET);
    }
}

bool sf_intake_is_deaf(const struct sf_conn *conn)
{
    return !conn->is_reading && !conn->is_eof;
}

void sf_intake_look(struct sf_conn *conn)
{
    uint32_t now = (uint32_t)(sf_conn_now_us(conn->host) / LOOK_US);
    enum sf_hangup hangup;

    /* A rule may want the timer every millisecond. */
    if (conn->looked == now) {
        return;
    }
    conn->looked = now;
    hangup = sf_hangup_find_unread(&conn->u.handle);
    if (hangup == SF_HANGUP_RESET) {
        sf_ending_give_up(conn, SF_STEP_RESET);
    } else if (hangup == SF_HANGUP_FIN) {
        conn->is_eof = true;
    }
}

void sf_intake_update(struct sf_conn *conn)
{
    bool wants_to = !conn->is_eof && find_room(conn) > 0;

    if (wants_to && !conn->is_reading) {
        conn->is_reading =
            uv_read_start(&conn->u.stream, on_alloc, on_read) == 0;
    } else if (!wants_to && conn->is_reading) {
        (void)uv_read_stop(&conn->u.stream);
        conn->is_reading = false;
    }
}

static void drop_octets(struct sf_conn *conn, struct sf_slice octets)
{
    conn->host->octets_in += octets.len;
    if (conn->tls == NULL) {
        conn->unread += octets.len;
    } else {
        sf_conn_tls_drop(conn, octets);
    }
}

void sf_intake_discard(struct sf_conn *conn)
{
    size_t left = DISCARD_BYTES;
    ssize_t count = 1;
    uv_os_fd_t fd;

    /* Before the shared buffer that holds it is read into again. */
    if (conn->tls != NULL) {
        sf_conn_tls_drop_rest(conn);
    }
    if (conn->is_eof || uv_fileno(&conn->u.handle, &fd) != 0) {
        return;
    }
    while (count > 0 && left > 0 && conn->phase == SF_CONN_SERVING) {
        count =
            recv(fd, conn->host->read_buffer, SF_CONN_READ_BYTES, MSG_DONTWAIT);
        if (count > 0) {
            drop_octets(conn, sf_slice(conn->host->read_buffer, (size_t)count));
            left -= (size_t)count < left ? (size_t)count : left;
        }
    }
    /* An end is met again by reading on, an error is not. */
    if (count < 0 && errno != EAGAIN && errno != EINTR) {
        sf_ending_give_up(conn, SF_STEP_RESET);
    }
}
