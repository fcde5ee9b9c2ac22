/* intake.c - when a connection is read, and what becomes of what comes.
 *
 * What the session does not take is kept, up to SF_CONN_READ_BYTES; then
 * reading stops until there is room.  Reading never stops for a rule that
 * waits, so that FIN and RST are heard. */
#include "net/intake.h"

#include "base/slice.h"
#include "net/ending.h"
#include "net/hangup.h"

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
        if (conn->phase == SF_CONN_SERVING) {
            conn->may_offer = true;
            sf_conn_pump(conn, sf_slice(buf->base, (size_t)count));
        }
    } else if (count == UV_EOF &&
               sf_hangup_find(&conn->u.handle) != SF_HANGUP_RESET) {
        conn->is_eof = true;
        conn->is_reading = false;
        if (conn->phase == SF_CONN_SERVING) {
            sf_conn_pump(conn, sf_slice(NULL, 0));
        } else if (conn->phase == SF_CONN_LINGERING) {
            sf_ending_release(conn);
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
    enum sf_hangup hangup = sf_hangup_find(&conn->u.handle);

    if (hangup == SF_HANGUP_RESET) {
        sf_ending_give_up(conn, SF_STEP_RESET);
    } else if (hangup == SF_HANGUP_FIN) {
        conn->is_eof = true;
    }
}

void sf_intake_update(struct sf_conn *conn)
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
