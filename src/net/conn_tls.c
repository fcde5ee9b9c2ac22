/* conn_tls.c - TLS between a connection and its session.
 *
 * Everything that came is decrypted at once: what the session does not take is
 * kept in the clear, where the connection keeps all that it has not taken. */
#include "net/conn_tls.h"

#include "base/slice.h"
#include "net/ending.h"

/* An idle connection keeps no more memory for its records. */
#define OUTPUT_KEPT_BYTES 512

static void flush(struct sf_conn *conn)
{
    struct sf_buf *output = sf_tls_output(conn->tls);

    if (output->failed != 0) {
        conn->is_broken = true;
    } else if (output->len > 0) {
        sf_conn_send_wire(conn, sf_buf_slice(output));
    }
    if (output->size > OUTPUT_KEPT_BYTES) {
        sf_buf_fini(output);
    } else {
        sf_buf_clear(output);
    }
}

/* From here on the connection is in the clear again, however little good that
 * is to the client. */
static void tell_cut(struct sf_conn *conn)
{
    struct sf_tls *tls = conn->tls;

    conn->tls = NULL;
    sf_conn_tell_tls(conn, SF_STEP_TLS_CUT, tls);
    sf_tls_free(tls);
}

static void shake(struct sf_conn *conn)
{
    enum sf_tls_state state = sf_tls_shake(conn->tls);

    flush(conn);
    if (conn->is_broken) {
        sf_ending_give_up(conn, SF_STEP_RESET);
    } else if (state == SF_TLS_UP) {
        sf_conn_tell_tls(conn, SF_STEP_TLS_UP, conn->tls);
        if (conn->tls != NULL) {
            sf_tls_forget(conn->tls);
        }
    } else if (state == SF_TLS_CUT) {
        tell_cut(conn);
    } else if (state == SF_TLS_BROKEN) {
        sf_conn_tell_tls(conn, SF_STEP_TLS_FAILED, conn->tls);
    }
}

static bool is_served(const struct sf_conn *conn)
{
    return conn->phase == SF_CONN_SERVING && conn->tls != NULL;
}

/* What came in the next record, in the shared buffer; empty: no more did. */
static struct sf_slice read_record(struct sf_conn *conn)
{
    char *buffer = conn->host->tls_buffer;
    size_t len = sf_tls_read(conn->tls, buffer, SF_TLS_READ_BYTES);

    flush(conn);
    conn->unread += len;
    return sf_slice(buffer, len);
}

/* TLS can end before the wire does.  Returns whether it just has. */
static bool has_ended(struct sf_conn *conn)
{
    enum sf_tls_state state = sf_tls_state(conn->tls);

    if (conn->is_eof || (state != SF_TLS_ENDED && state != SF_TLS_BROKEN)) {
        return false;
    }
    conn->is_eof = true;
    conn->is_abrupt = state == SF_TLS_BROKEN;
    return true;
}

void sf_conn_tls_take(struct sf_conn *conn, struct sf_slice wire)
{
    sf_tls_offer(conn->tls, wire);
    if (sf_tls_state(conn->tls) == SF_TLS_HANDSHAKE) {
        shake(conn);
    }
    while (is_served(conn) && !conn->is_broken) {
        struct sf_slice octets = read_record(conn);

        if (octets.len == 0) {
            break;
        }
        conn->may_offer = true;
        sf_conn_pump(conn, octets);
    }
    if (is_served(conn) && conn->is_broken) {
        sf_ending_give_up(conn, SF_STEP_RESET);
    } else if (is_served(conn) && has_ended(conn)) {
        sf_conn_pump(conn, sf_slice(NULL, 0));
    }
}

void sf_conn_tls_drop_rest(struct sf_conn *conn)
{
    while (read_record(conn).len > 0) {
    }
    (void)has_ended(conn);
}

void sf_conn_tls_drop(struct sf_conn *conn, struct sf_slice wire)
{
    sf_tls_offer(conn->tls, wire);
    sf_conn_tls_drop_rest(conn);
}

void sf_conn_tls_begin(struct sf_conn *conn,
                       const struct sf_tls_profile *profile)
{
    conn->tls = sf_tls_new(conn->origin->tls, profile);
    if (conn->tls == NULL) {
        sf_ending_release(conn);
    } else {
        conn->is_shaking = !profile->keeps_input;
    }
}

void sf_conn_tls_take_kept(struct sf_conn *conn)
{
    struct sf_buf kept = conn->kept;

    conn->is_shaking = false;
    if (kept.len > 0) {
        sf_buf_init_secret(&conn->kept, kept.limit);
        conn->unread -= kept.len;
        sf_conn_tls_take(conn, sf_buf_slice(&kept));
        sf_buf_fini(&kept);
    }
}

void sf_conn_tls_send(struct sf_conn *conn, struct sf_slice octets)
{
    if (conn->tls == NULL || sf_tls_state(conn->tls) == SF_TLS_HANDSHAKE) {
        sf_conn_send_wire(conn, octets);
        return;
    }
    if (octets.len > 0 && !sf_tls_write(conn->tls, octets)) {
        conn->is_broken = true;
    }
    flush(conn);
}

const struct sf_tls_info *sf_conn_tls_describe(const struct sf_conn *conn,
                                               struct sf_tls_info *info)
{
    if (conn->tls == NULL || sf_tls_state(conn->tls) != SF_TLS_HANDSHAKE) {
        return NULL;
    }
    sf_tls_describe(conn->tls, info);
    return info;
}

bool sf_conn_tls_is_cut_off(const struct sf_conn *conn)
{
    return conn->tls != NULL && sf_tls_state(conn->tls) == SF_TLS_UP;
}

void sf_conn_tls_end(struct sf_conn *conn, bool says_so)
{
    if (conn->tls == NULL) {
        return;
    }
    if (says_so && !conn->is_broken) {
        sf_tls_close(conn->tls);
        flush(conn);
    }
    sf_tls_free(conn->tls);
    conn->tls = NULL;
    conn->is_sealed = true;
}
