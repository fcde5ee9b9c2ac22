/* conn_tls.h - TLS between a connection and its session. */
#ifndef SF_NET_CONN_TLS_H
#define SF_NET_CONN_TLS_H

#include "net/conn_state.h"

/* The handshake that the session wants; what has come and was kept is its
 * start, unless the profile keeps it for later.  The connection may have ended.
 */
void sf_conn_tls_begin(struct sf_conn *conn);

/* Octets came on a connection that has TLS.  The connection may have ended. */
void sf_conn_tls_take(struct sf_conn *conn, struct sf_slice wire);

/* The same for octets that are to be dropped. */
void sf_conn_tls_drop(struct sf_conn *conn, struct sf_slice wire);

/* Sends what the session says, inside TLS where it is up. */
void sf_conn_tls_send(struct sf_conn *conn, struct sf_slice octets);

/* The wire has ended: whether TLS ended before it. */
bool sf_conn_tls_is_cut_off(const struct sf_conn *conn);

/* Nothing more is said inside TLS, and what still comes is dropped;
 * close_notify is said where `says_so` wants it. */
void sf_conn_tls_end(struct sf_conn *conn, bool says_so);

#endif
