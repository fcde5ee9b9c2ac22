/* conn_tls.h - TLS between a connection and its session. */
#ifndef SF_NET_CONN_TLS_H
#define SF_NET_CONN_TLS_H

#include "net/conn_state.h"

/* The session wants a handshake.  The connection may have ended. */
void sf_conn_tls_begin(struct sf_conn *conn,
                       const struct sf_tls_profile *profile);

/* What came and was kept is the start of the handshake that has begun.  The
 * connection may have ended. */
void sf_conn_tls_take_kept(struct sf_conn *conn);

/* Octets came on a connection that has TLS.  The connection may have ended. */
void sf_conn_tls_take(struct sf_conn *conn, struct sf_slice wire);

/* The same for octets that are to be dropped; and for those that came before
 * and were not decrypted yet. */
void sf_conn_tls_drop(struct sf_conn *conn, struct sf_slice wire);
void sf_conn_tls_drop_rest(struct sf_conn *conn);

/* Sends what the session says, inside TLS where it is up. */
void sf_conn_tls_send(struct sf_conn *conn, struct sf_slice octets);

/* Describes a handshake that is under way; returns `info`, or NULL: none is. */
const struct sf_tls_info *sf_conn_tls_describe(const struct sf_conn *conn,
                                               struct sf_tls_info *info);

/* The wire has ended: whether TLS ended before it. */
bool sf_conn_tls_is_cut_off(const struct sf_conn *conn);

/* Nothing more is said inside TLS, and what still comes is dropped;
 * close_notify is said where `says_so` wants it. */
void sf_conn_tls_end(struct sf_conn *conn, bool says_so);

#endif
